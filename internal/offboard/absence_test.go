package offboard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestVerifier_confirmsAnAbsence(t *testing.T) {
	for name, c := range map[string]struct {
		looks []look
		signs []error
		sight offboard.Observation
		want  error
		asked string
	}{
		"absent again, and an access check": {[]look{absent}, []error{nil}, offboard.Absent, nil, "look sign"},
		"open again":                        {[]look{open}, []error{nil}, offboard.Open, nil, "look"},
		"closed":                            {[]look{done}, []error{nil}, offboard.Done, nil, "look"},
		"closed in the list": {
			[]look{absent}, []error{offboard.ErrClosed}, offboard.Done, nil, "look sign",
		},
		"absent again, and the list shows it open": {
			[]look{absent}, []error{offboard.ErrListed}, offboard.Absent, offboard.ErrListed, "look sign",
		},
		"absent again, and the list is empty": {
			[]look{absent}, []error{offboard.ErrEmptyList}, offboard.Absent, offboard.ErrAccessUnproven, "look sign",
		},
		"absent again, and nothing proves access": {
			[]look{absent}, []error{offboard.ErrAccessUnproven}, offboard.Absent, offboard.ErrAccessUnproven, "look sign",
		},
		"absent again, and the list is unavailable": {
			[]look{absent}, []error{errBusy}, offboard.Absent, errBusy, "look sign",
		},
		"the vendor cannot be asked": {[]look{barred}, []error{nil}, offboard.Open, errBadKey, "look"},
		"an absence with an error":   {[]look{unsure}, []error{nil}, offboard.Absent, errBadKey, "look"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{looks: c.looks, signs: c.signs, started: time.Now()}
				sight, err := v.witness().Confirm(t.Context())
				if sight != c.sight || !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("got sight %v and %v, want %v and %v", sight, err, c.sight, c.want)
				}
				if got := strings.Join(v.asked, " "); got != c.asked {
					t.Errorf("got the requests %q, want %q", got, c.asked)
				}
				if v.at[0] != offboard.AbsencePause {
					t.Errorf("got the second look after %s, want it after %s", v.at[0], offboard.AbsencePause)
				}
			})
		})
	}
}

// Whoever keeps the proof is told of each answer that proves nothing, and of no other.
func TestVerifier_resetsTheProofAfterAnswersThatProveNothing(t *testing.T) {
	for name, c := range map[string]struct {
		look look
		sign error
		want int
	}{
		"absent, and an access check":       {absent, nil, 0},
		"closed":                            {done, nil, 0},
		"closed in the list":                {absent, offboard.ErrClosed, 0},
		"open":                              {open, nil, 1},
		"the vendor cannot be asked":        {barred, nil, 1},
		"an absence with an error":          {unsure, nil, 1},
		"absent, and nothing proves access": {absent, offboard.ErrAccessUnproven, 1},
		"absent, and listed":                {absent, offboard.ErrListed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				doubts := 0
				v := &vendor{looks: []look{c.look}, signs: []error{c.sign}}
				_, _ = v.witness().Confirm(offboard.WithProofReset(t.Context(), func() { doubts++ }))
				if doubts != c.want {
					t.Errorf("got %d doubts, want %d", doubts, c.want)
				}
			})
		})
	}
}

func TestVerifier_confirmsNothingWhenCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		v := &vendor{looks: []look{absent}, signs: []error{nil}, started: time.Now()}
		if sight, err := v.witness().
			Confirm(ctx); sight != offboard.Absent || !errors.Is(err, context.DeadlineExceeded) ||
			len(v.asked) > 0 {
			t.Errorf("got sight %v, %v and the requests %q, want an absence that says nothing", sight, err, v.asked)
		}
	})
}

func TestObservationOf(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		sight offboard.Observation
		want  error
	}{
		"a user":           {nil, offboard.Open, nil},
		"closed":           {offboard.ErrClosed, offboard.Done, nil},
		"not found":        {offboard.ErrNotFound, offboard.Absent, nil},
		"any other answer": {errBadKey, offboard.Open, errBadKey},
	} {
		t.Run(name, func(t *testing.T) {
			if sight, err := offboard.ObservationOf(c.err); sight != c.sight || !errors.Is(err, c.want) ||
				c.want == nil && err != nil {
				t.Errorf("got %v and %v, want %v and %v", sight, err, c.sight, c.want)
			}
		})
	}
}

// An ID that shows somebody else after a call whose answer was lost must stop everything: the next
// call would close that person.
func TestObserveWith_endsForAnotherPerson(t *testing.T) {
	ines := offboard.User{ID: "1", Email: "ines@acme.test", Name: "Ines Varga", Status: offboard.Active}
	zoe := offboard.User{ID: "1", Email: "zoe@acme.test", Name: "Zoe New", Status: offboard.Active}
	for name, c := range map[string]struct {
		then, now offboard.User
		err       error
		sight     offboard.Observation
		want      error
	}{
		"the same person":            {ines, ines, nil, offboard.Open, nil},
		"another person":             {ines, zoe, nil, offboard.Open, offboard.ErrAnotherPerson},
		"no person is shown":         {ines, offboard.User{ID: "1"}, nil, offboard.Open, offboard.ErrPersonNotShown},
		"no person was known before": {offboard.User{ID: "1"}, zoe, nil, offboard.Open, nil},
		"an absence":                 {ines, offboard.User{}, offboard.ErrNotFound, offboard.Absent, nil},
		"closed":                     {ines, offboard.User{}, offboard.ErrClosed, offboard.Done, nil},
	} {
		t.Run(name, func(t *testing.T) {
			look := offboard.ObserveWith(c.then, func(context.Context) (offboard.User, error) { return c.now, c.err })
			if sight, err := look(t.Context()); sight != c.sight || !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("got %v and %v, want %v and %v", sight, err, c.sight, c.want)
			}
		})
	}
}
