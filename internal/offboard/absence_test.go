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
	t.Parallel()
	for name, c := range map[string]struct {
		looks []reading
		signs []error
		seen  offboard.Observation
		want  error
		asked string
	}{
		"absent again, and an access check": {[]reading{absent}, []error{nil}, offboard.Absent, nil, "read check"},
		"open again":                        {[]reading{open}, []error{nil}, offboard.Open, nil, "read"},
		"closed":                            {[]reading{done}, []error{nil}, offboard.Done, nil, "read"},
		"closed in the list": {
			[]reading{absent}, []error{offboard.ErrClosed}, offboard.Done, nil, "read check",
		},
		"absent again, and the list shows it open": {
			[]reading{absent}, []error{offboard.ErrListed}, offboard.Absent, offboard.ErrListed, "read check",
		},
		"absent again, and the list is empty": {
			[]reading{absent}, []error{offboard.ErrEmptyList}, offboard.Absent, offboard.ErrAccessUnproven, "read check",
		},
		"absent again, and nothing proves access": {
			[]reading{absent}, []error{offboard.ErrAccessUnproven}, offboard.Absent, offboard.ErrAccessUnproven, "read check",
		},
		"absent again, and the list is unavailable": {
			[]reading{absent}, []error{errBusy}, offboard.Absent, errBusy, "read check",
		},
		"the vendor cannot be asked": {[]reading{refusedKey}, []error{nil}, offboard.Open, errBadKey, "read"},
		"an absence with an error":   {[]reading{unsure}, []error{nil}, offboard.Absent, errBadKey, "read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{reads: c.looks, checks: c.signs, started: time.Now()}
				seen, err := v.witness().Confirm(t.Context())
				if seen != c.seen || !errors.Is(err, c.want) || c.want == nil && err != nil {
					t.Errorf("got seen %v and %v, want %v and %v", seen, err, c.seen, c.want)
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

// The proof is reset after each answer that proves nothing, and after no other.
func TestVerifier_resetsTheProofAfterAnswersThatProveNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		look reading
		sign error
		want int
	}{
		"absent, and an access check":       {absent, nil, 0},
		"closed":                            {done, nil, 0},
		"closed in the list":                {absent, offboard.ErrClosed, 0},
		"open":                              {open, nil, 1},
		"the vendor cannot be asked":        {refusedKey, nil, 1},
		"an absence with an error":          {unsure, nil, 1},
		"absent, and nothing proves access": {absent, offboard.ErrAccessUnproven, 1},
		"absent, and listed":                {absent, offboard.ErrListed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				doubts := 0
				v := &vendor{reads: []reading{c.look}, checks: []error{c.sign}}
				_, _ = v.witness().Confirm(offboard.WithProofReset(t.Context(), func() { doubts++ }))
				if doubts != c.want {
					t.Errorf("got %d resets, want %d", doubts, c.want)
				}
			})
		})
	}
}

func TestVerifier_confirmsNothingWhenCanceled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		v := &vendor{reads: []reading{absent}, checks: []error{nil}, started: time.Now()}
		seen, err := v.witness().Confirm(ctx)
		if seen != offboard.Absent || !errors.Is(err, context.DeadlineExceeded) || len(v.asked) > 0 {
			t.Errorf("got seen %v, %v and the requests %q, want an absence that says nothing", seen, err, v.asked)
		}
	})
}

func TestObservationOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		seen offboard.Observation
		want error
	}{
		"a user":           {nil, offboard.Open, nil},
		"closed":           {offboard.ErrClosed, offboard.Done, nil},
		"not found":        {offboard.ErrNotFound, offboard.Absent, nil},
		"any other answer": {errBadKey, offboard.Open, errBadKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if seen, err := offboard.ObservationOf(c.err); seen != c.seen || !errors.Is(err, c.want) ||
				c.want == nil && err != nil {
				t.Errorf("got %v and %v, want %v and %v", seen, err, c.seen, c.want)
			}
		})
	}
}

// An ID that shows another person after a call whose answer was lost must stop everything: the next
// call would close that person.
// A vendor may rename what it closes. After an accepted call that is no other person.
func TestObserveWith_aClosedAccountMayBeRenamed(t *testing.T) {
	t.Parallel()
	ines := offboard.User{ID: "1", Email: "ines@acme.test", Name: "Ines Varga", Status: offboard.Active}
	renamed := offboard.User{ID: "1", Name: "Deleted user", Status: offboard.Closed}
	for name, c := range map[string]struct{ sent, want error }{
		"accepted": {nil, nil}, "lost": {errLost, offboard.ErrAnotherPerson},
	} {
		observe := offboard.ObserveWith(ines, func(context.Context) (offboard.User, error) {
			return renamed, offboard.ErrClosed
		})
		step := offboard.Step{
			Verifier: offboard.Verifier{Observe: observe}, Send: func(context.Context) error { return c.sent },
		}
		seen, err := offboard.Settle(t.Context(), step)
		if !errors.Is(err, c.want) || c.want == nil && (err != nil || seen != offboard.Done) {
			t.Errorf("%s: got %v and %v, want %v", name, seen, err, c.want)
		}
	}
}

func TestObserveWith_endsForAnotherPerson(t *testing.T) {
	t.Parallel()
	ines := offboard.User{ID: "1", Email: "ines@acme.test", Name: "Ines Varga", Status: offboard.Active}
	zoe := offboard.User{ID: "1", Email: "zoe@acme.test", Name: "Zoe New", Status: offboard.Active}
	for name, c := range map[string]struct {
		then, now offboard.User
		err       error
		seen      offboard.Observation
		want      error
	}{
		"the same person":            {ines, ines, nil, offboard.Open, nil},
		"another person":             {ines, zoe, nil, offboard.Open, offboard.ErrAnotherPerson},
		"no person is shown":         {ines, offboard.User{ID: "1"}, nil, offboard.Open, offboard.ErrPersonNotShown},
		"no person was known before": {offboard.User{ID: "1"}, zoe, nil, offboard.Open, nil},
		"an absence":                 {ines, offboard.User{}, offboard.ErrNotFound, offboard.Absent, nil},
		"closed":                     {ines, offboard.User{}, offboard.ErrClosed, offboard.Done, nil},
		"closed, as another person":  {ines, zoe, offboard.ErrClosed, offboard.Open, offboard.ErrAnotherPerson},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			look := offboard.ObserveWith(c.then, func(context.Context) (offboard.User, error) { return c.now, c.err })
			if seen, err := look(t.Context()); seen != c.seen || !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("got %v and %v, want %v and %v", seen, err, c.seen, c.want)
			}
		})
	}
}
