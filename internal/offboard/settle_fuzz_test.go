package offboard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// happened is one thing that was asked of a scripted vendor, and what it answered.
type happened struct {
	what string // "accepted", "lost", "declined", "refused", "open", "done", "absent", "busy", "check", "no access"
	at   time.Time
}

// scripted is a vendor whose answers are drawn from bytes. When they are used up it stays as it is.
type scripted struct {
	script []byte
	events []happened
}

func (s *scripted) draw(words ...string) string {
	b := byte(0)
	if len(s.script) > 0 {
		b, s.script = s.script[0], s.script[1:]
	}
	word := words[int(b)%len(words)]
	s.events = append(s.events, happened{word, time.Now()})
	return word
}

func (s *scripted) send(context.Context) error {
	switch s.draw("accepted", "lost", "declined", "refused") {
	case "lost":
		return errLost
	case "declined":
		return &offboard.DeclinedError{Err: errRefused}
	case "refused":
		return errRefused
	}
	return nil
}

func (s *scripted) look(context.Context) (offboard.Observation, error) {
	switch s.draw("absent", "open", "done", "busy") {
	case "absent":
		return offboard.Absent, nil
	case "done":
		return offboard.Done, nil
	case "busy":
		return offboard.Open, errLost
	}
	return offboard.Open, nil
}

func (s *scripted) sign(context.Context) error {
	return map[string]error{
		"check": nil, "listed": offboard.ErrListed, "empty": offboard.ErrEmptyList, "no access": offboard.ErrAccessUnproven,
		"broken": errRefused,
	}[s.draw("check", "listed", "empty", "no access", "broken")]
}

// proves reports whether what happened is a closure of ours by the rule: the vendor shows it
// closed; or an accepted call, then an absence and a access check; or a lost call, then two
// absences at least two seconds apart and a access check after the second.
func (s *scripted) proves() bool {
	last := s.events[len(s.events)-1].what
	if last == "done" {
		return true
	}
	if last != "check" {
		return false
	}
	call, absences := "", []time.Time{}
	for _, e := range s.events {
		switch e.what {
		case "accepted":
			call, absences = "accepted", nil
		case "lost":
			call, absences = "lost", nil
		case "absent":
			absences = append(absences, e.at)
		case "open", "listed":
			absences = nil
		}
	}
	switch call {
	case "accepted":
		return len(absences) > 0
	case "lost":
		return len(absences) > 1 && absences[len(absences)-1].Sub(absences[0]) >= offboard.AbsencePause
	}
	return false
}

// FuzzSettle plays a vendor that answers anything, and asks that nothing but the rule counts as a
// closure.
func FuzzSettle(f *testing.F) {
	f.Add([]byte{0, 0, 0})
	f.Add([]byte{1, 0, 0, 0})
	f.Add([]byte{1, 1, 1, 1, 2, 0, 0, 0})
	f.Add([]byte{0, 3, 3, 0, 1, 0, 2, 0, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			s := &scripted{script: script}
			proof, err := offboard.Settle(ctx, offboard.Step{
				Verifier: offboard.Verifier{Observe: s.look, CheckAccess: s.sign}, Send: s.send,
			})
			if err == nil && (!s.proves() || proof == offboard.Open) {
				t.Errorf("got a closure proven by %d, want an error: %v", proof, s.events)
			}
			if errors.Is(err, offboard.ErrUnverified) && s.events[len(s.events)-1].what != "empty" {
				t.Errorf("got %v, want it for an empty list only: %v", err, s.events)
			}
			sends := 0
			for _, e := range s.events {
				if e.what == "accepted" || e.what == "lost" || e.what == "declined" || e.what == "refused" {
					sends++
				}
			}
			if sends > 3 {
				t.Errorf("got %d calls, want three at most: %v", sends, s.events)
			}
		})
	})
}
