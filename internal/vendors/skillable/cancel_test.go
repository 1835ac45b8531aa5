package skillable_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

const (
	firstStep  = "cancel lab 880123"
	secondStep = "cancel lab 880124"
)

// reviewed are the findings of a reviewer who saw both labs canceled.
var reviewed = []offboard.Finding{
	{
		Kind:    offboard.CanceledLab,
		Subject: `"Mesh basics" (880123)`,
	},
	{Kind: offboard.CanceledLab, Subject: `"Backup drill" (880124)`},
}

// withCancel closes a person that the key has shown, and cancels the labs that the reviewer saw.
var withCancel = skillable.CloseOptions{CancelRunning: true, Reviewed: reviewed, Shown: true}

// running adds ola with two running labs that the search shows as hers, and reads her.
func running(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) skillable.User {
	t.Helper()
	m.Skillable.Add(ola(basics, drill))
	m.Fail(searchedOnce(labRow("880123", "Running", "acme"), labRow("880124", "Running", "acme")))
	u, err := c.User(ctx, "emp-3107")
	if err != nil || len(u.Running) != 2 || !u.Running[0].Owned || !u.Running[1].Owned {
		t.Fatalf("got %+v, %v, want a user with two running labs of her own", u, err)
	}
	m.ForgetRequests()
	return u
}

// stopped fails the test unless err stopped the step after exactly those done.
func stopped(t *testing.T, err error, step string, done ...string) {
	t.Helper()
	var e *offboard.StepError
	if !errors.As(err, &e) || e.Step != step || !slices.Equal(e.Done, done) || e.Before != (step != skillable.StepClose) {
		t.Errorf("got %#v, want it stopped at %q after %q", err, step, done)
	}
	if call := offboard.CallOf(err); step != skillable.StepClose && call != offboard.NotSent {
		t.Errorf("got the call %q of %v, want that no closing call was sent", call, err)
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	finding := func(kind offboard.Kind, subject string) offboard.Finding {
		return offboard.Finding{Kind: kind, Subject: subject}
	}
	labs := read(
		skillable.Lab{ID: 880123, Name: "Mesh basics", Owned: true},
		skillable.Lab{ID: 880124, Name: "Backup drill", Busy: true, Owned: true},
	)
	labs.Saved = []skillable.Lab{{ID: 880077, Name: "Mesh exam"}, {ID: 880078, Name: "Grading", Busy: true}}
	foreign := read(skillable.Lab{ID: 880123, Name: "Mesh basics"})
	tests := map[string]struct {
		user   skillable.User
		cancel bool
		want   []offboard.Finding
	}{
		"nothing": {read(), false, nil},
		"a lab of an unknown user": {
			foreign,
			true,
			[]offboard.Finding{finding(offboard.ForeignLab, `"Mesh basics" (880123)`)},
		},
		"a lab of an unknown user, kept": {
			foreign,
			false,
			[]offboard.Finding{finding(offboard.RunningLab, `"Mesh basics" (880123)`)},
		},
		"unseen": {skillable.User{User: offboard.User{ID: "x", Status: offboard.Unknown}}, true,
			[]offboard.Finding{finding(offboard.ExistenceUnprovable, "")}},
		"labs": {
			labs,
			false,
			[]offboard.Finding{
				finding(offboard.RunningLab, `"Mesh basics" (880123)`),
				finding(offboard.RunningLab, `"Backup drill" (880124)`),
				finding(offboard.BusyLab, `"Backup drill" (880124)`),
				finding(offboard.BusyLab, `"Grading" (880078)`),
			},
		},
		"labs to be canceled": {labs, true, []offboard.Finding{finding(offboard.CanceledLab, `"Mesh basics" (880123)`),
			finding(offboard.BusyLab, `"Backup drill" (880124)`), finding(offboard.BusyLab, `"Grading" (880078)`)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := skillable.Preflight(tt.user, tt.cancel); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestClose_refusesLabsInTheWay(t *testing.T) {
	t.Parallel()
	saving := read()
	saving.Saved = []skillable.Lab{{ID: 880077, Name: "Mesh exam", Busy: true, Owned: true}}
	lab := func(owned, busy bool) skillable.User {
		return read(skillable.Lab{ID: 880123, Name: "Mesh basics", Owned: owned, Busy: busy})
	}
	basics, exam := `"Mesh basics" (880123)`, `"Mesh exam" (880077)`
	unseen, other := withCancel, withCancel
	unseen.Reviewed, other.Reviewed = nil, reviewed[1:]
	tests := map[string]struct {
		user skillable.User
		how  skillable.CloseOptions
		want offboard.Finding
	}{
		"running": {
			lab(true, false),
			shown,
			offboard.Finding{Kind: offboard.RunningLab, Subject: basics},
		},
		"running and busy": {
			lab(true, true),
			withCancel,
			offboard.Finding{Kind: offboard.BusyLab, Subject: basics},
		},
		"running, and not shown as theirs": {
			lab(false, false),
			withCancel,
			offboard.Finding{Kind: offboard.ForeignLab, Subject: basics},
		},
		"running, and nothing reviewed": {
			lab(true, false),
			unseen,
			offboard.Finding{Kind: offboard.RunningLab, Subject: basics},
		},
		"running, and another reviewed": {
			lab(true, false),
			other,
			offboard.Finding{Kind: offboard.RunningLab, Subject: basics},
		},
		"busy":              {saving, shown, offboard.Finding{Kind: offboard.BusyLab, Subject: exam}},
		"busy, with cancel": {saving, withCancel, offboard.Finding{Kind: offboard.BusyLab, Subject: exam}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				_, err := c.Close(ctx, tt.user, tt.how)
				var refused *offboard.RefusedError
				var step *offboard.StepError
				if !errors.As(err, &refused) || errors.As(err, &step) ||
					!slices.Equal(refused.Findings, []offboard.Finding{tt.want}) {
					t.Errorf("got %v, want it refused for %v", err, tt.want)
				}
				vendortest.WantRoutes(t, m)
			})
		})
	}
}

// A server that ignores the ID, or shows the labs of another consumer, cancels no exam.
func TestClose_cancelsNoLabOfAnotherUser(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"the user is ignored": {Route: routeLabs, Lie: mock.Ignore{Params: []string{"userid"}}},
		"two consumers":       searched(labRow("880123", "Running", "acme"), labRow("1", "Off", "other")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				m.Skillable.Add(
					mock.SkillableUser{ID: "emp-1", Name: "Noor Marin", Email: "noor@acme.test", Running: mock.Labs{basics}},
				)
				if f.Lie == nil {
					m.Skillable.Add(ola(basics))
				}
				m.Fail(f)
				u, err := c.User(ctx, "emp-3107")
				if err != nil {
					return // an answer that cannot be used closes and cancels nothing
				}
				_, err = c.Close(ctx, u, withCancel)
				wantCount(t, m, routeCancel, 0)
				if len(u.Running) > 0 && err == nil {
					t.Error("got a closure, want it refused for a lab of another user")
				}
			})
		})
	}
}

func TestClose_cancelsRunningLabsFirst(t *testing.T) {
	t.Parallel()
	// Once more a read before the closing calls, which serves both.
	then := slices.Concat([]string{routeLabs, routeSearch, routeClose}, further)
	inTurn := slices.Concat([]string{routeCancel, routeLabs, routeCancel, routeLabs}, then)
	tests := map[string]struct {
		prepare func(*mock.Server)
		sent    []string
	}{
		"at once": {func(*mock.Server) {}, inTurn},
		"slow": {
			func(m *mock.Server) { m.Skillable.SlowCancel = 2 },
			slices.Concat(
				[]string{routeCancel, routeLabs, routeLabs, routeLabs, routeCancel, routeLabs, routeLabs, routeLabs}, then,
			),
		},
		"ended already": {user(func(u *mock.SkillableUser) { u.Running = nil }), inTurn},
		"answer lost, done": {
			func(m *mock.Server) { m.Fail(mock.Fault{Route: routeCancel, Times: 1, Drop: true, Effect: true}) },
			inTurn,
		},
		"refused, ended after two reads": {func(m *mock.Server) {
			m.Skillable.SlowCancel = 1
			m.Fail(
				mock.Fault{Route: routeCancel, Times: 1, Status: 200, Body: `{"Result":2,"Status":1,"Error":null}`, Effect: true},
			)
		}, slices.Concat([]string{routeCancel, routeLabs, routeLabs, routeCancel, routeLabs, routeLabs}, then)},
		"answer lost, not done": {func(m *mock.Server) { m.Fail(mock.Fault{Route: routeCancel, Times: 1, Drop: true}) },
			slices.Concat([]string{routeCancel, routeLabs, routeLabs, routeLabs}, inTurn)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				u := running(ctx, t, m, c)
				tt.prepare(m)
				if findings, err := c.Close(ctx, u, withCancel); err != nil || len(findings) > 0 {
					t.Errorf("got %v, %v, want no finding and no error", findings, err)
				}
				vendortest.WantRoutes(t, m, tt.sent...)
				if m.Skillable.Has("emp-3107") {
					t.Error("got an open user, want a closed one")
				}
			})
		})
	}
}

func TestClose_stopsAtALabThatCannotBeCanceled(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault   mock.Fault
		cancels int
		want    error // nil for an *rest.Error
	}{
		"403":      {mock.Fault{Status: 403}, 1, nil},
		"404 page": {mock.Fault{Status: 404, Body: vendortest.HTML}, 1, nil},
		"of another consumer": {
			mock.Fault{Status: 200, Body: `{"Result":0,"Status":1,"Error":"Invalid integration key"}`},
			3,
			nil,
		},
		"status 0":  {mock.Fault{Status: 200, Body: `{"Status":0,"Error":"No"}`}, 3, nil},
		"result 0":  {mock.Fault{Status: 200, Body: `{"Result":0,"Status":1,"Error":null}`}, 3, nil},
		"no result": {mock.Fault{Status: 200, Body: `{"Status":1,"Error":null}`}, 3, nil},
		"no status": {mock.Fault{Status: 200, Body: `{"Result":1}`}, 3, nil},
		"500":       {mock.Fault{Status: 500}, 3, nil},
		"200 page":  {mock.Fault{Status: 200, Body: vendortest.HTML}, 3, nil},
		"said yes":  {mock.Fault{Pretend: true}, 1, offboard.ErrStillOpen},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				u := running(ctx, t, m, c)
				tt.fault.Route, tt.fault.After = routeCancel, 1 // the first lab ends, the second does not
				m.Fail(tt.fault)
				_, err := c.Close(ctx, u, withCancel)
				stopped(t, err, secondStep, firstStep)
				if tt.want == nil {
					vendortest.WantFault(t, err)
				} else if !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
				wantCount(t, m, routeCancel, 1+tt.cancels)
				wantCount(t, m, routeClose, 0)
			})
		})
	}
}

func TestClose_doesNotKnowWhetherALabEnded(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		u := running(ctx, t, m, c)
		m.Fail(mock.Fault{Route: routeLabs, Status: 200, Body: `{"Status":0,"Error":"Busy"}`})
		started := time.Now()
		_, err := c.Close(ctx, u, withCancel)
		stopped(t, err, firstStep)
		var unproven *offboard.UnprovenError
		if !errors.As(err, &unproven) || unproven.Sent != nil {
			t.Errorf("got %v, want an *offboard.UnprovenError after an accepted call", err)
		}
		if took := time.Since(started); took < time.Minute || took > 2*time.Minute {
			t.Errorf("got it after %s, want it waited for a minute", took)
		}
		wantCount(t, m, routeCancel, 1)
		wantCount(t, m, routeClose, 0)
	})
}

func TestClose_interruptedBetweenStepsAndResumed(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		u := running(ctx, t, m, c)
		interrupted, cancel := context.WithCancel(ctx)
		m.OnRequest(func(r mock.Request) {
			if r.Change {
				cancel()
			}
		})
		_, err := c.Close(interrupted, u, withCancel)
		stopped(t, err, secondStep, firstStep)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		vendortest.WantRoutes(t, m, routeCancel, routeLabs)

		m.OnRequest(nil)
		m.Fail(searchedOnce(labRow("880124", "Running", "acme")))
		again, err := c.User(ctx, "emp-3107")
		if err != nil || len(again.Running) != 1 {
			t.Fatalf("got %+v, %v, want one running lab left", again, err)
		}
		m.ForgetRequests()
		if findings, err := c.Close(ctx, again, withCancel); err != nil || len(findings) > 0 {
			t.Errorf("got %v, %v, want no finding and no error", findings, err)
		}
		want := slices.Concat([]string{routeCancel, routeLabs, routeLabs, routeSearch, routeClose}, further)
		vendortest.WantRoutes(t, m, want...)
	})
}

// A lab that starts while a call is delayed is one that no reviewer saw: nothing more is canceled
// or closed.
func TestClose_refusesALabThatStartsDuringAWait(t *testing.T) {
	t.Parallel()
	for route, step := range map[string]string{routeCancel: firstStep, routeClose: skillable.StepClose} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				u := read()
				if route == routeCancel {
					u = running(ctx, t, m, c)
				}
				m.Fail(mock.Fault{Route: route, Times: 1, Status: 429})
				m.OnRequest(func(r mock.Request) {
					if r.Route == route {
						m.Skillable.Update("emp-3107", func(u *mock.SkillableUser) {
							u.Running = append(u.Running, mock.Lab{ID: 880999, Name: "Exam"})
						})
					}
				})
				_, err := c.Close(ctx, u, withCancel)
				stopped(t, err, step)
				if _, ok := errors.AsType[*offboard.RefusedError](err); !ok {
					t.Errorf("got %v, want an *offboard.RefusedError", err)
				}
				vendortest.WantRoutes(t, m, route, routeLabs, routeSearch)
			})
		})
	}
}

// A vendor that takes one request a second delays each call that follows a read at once.
func TestClose_leavesTimeBetweenTheReadAndTheCall(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(mock.Fault{Route: routeClose, Times: 2, Status: 429})
		var searched time.Time
		var gaps []time.Duration
		m.OnRequest(func(r mock.Request) {
			if r.Route == routeSearch {
				searched = time.Now()
			} else if r.Route == routeClose && !searched.IsZero() {
				gaps = append(gaps, time.Since(searched))
			}
		})
		if _, err := c.Close(ctx, read(), shown); err != nil {
			t.Error(err)
		}
		if len(gaps) < 2 || gaps[0] != 0 || gaps[1] != offboard.TurnGap {
			t.Errorf("got the calls %s after the reads, want 0 and %s at first", gaps, offboard.TurnGap)
		}
	})
}
