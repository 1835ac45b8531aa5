package provider

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// hides has the site show no blocked user, or show all again.
func (f *liar) hides(hidden bool) {
	f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = hidden, hidden })
}

// wantNotClosed fails the test if a user who is only blocked left the state, or counts as closed.
func (f *liar) wantNotClosed(t *testing.T, after managed) {
	t.Helper()
	if o := f.outcome(t); after.gone() || o.Result.Done() {
		t.Errorf("got gone %v and %q, and the account is only blocked: %s", after.gone(), o.Result, o.Proof)
	}
}

// failDeletions answers each deletion with HTTP 502, and does nothing.
func failDeletions(w http.ResponseWriter, r *http.Request, _ string) bool {
	return r.Method == http.MethodDelete && say(w, 502, "bad gateway")
}

// The site shows no blocked users, and is redeployed just after the block. The first deletion ends in
// a 502 of the gateway, and the second one in the 404 of a framework that has no route yet. From then
// on the site hides the blocked user, and its list shows others.
func TestHostile_theFrameworks404SettlesNoLostDeletion(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a framework":           `{"timestamp":"2031-02-03T04:05:06.000+00:00","status":404,"error":"Not Found","path":"/"}`,
		"a framework's message": `{"status":404,"error":"Not Found","message":"Not found","path":"/"}`,
		"RFC 9457":              `{"type":"about:blank","title":"Not Found","status":404}`,
		"no such endpoint":      `{"status":404,"message":"No such endpoint"}`,
		"no text":               `{"status":404}`,
		"a gateway":             `{"message":"no Route matched with those values","request_id":"0f1e"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				f.hides(true)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				deletions := 0
				f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
					if r.Method != http.MethodDelete {
						return false
					}
					if deletions++; deletions == 1 {
						return say(w, 502, "bad gateway")
					}
					return say(w, 404, body)
				}
				after, _ := f.apply(t, d, p)
				f.wantNotClosed(t, after)
				if o := f.outcome(t); o.Result != evidence.Unproven || deletions != 2 {
					t.Errorf("got %q after %d deletions, want it unproven after 2", o.Result, deletions)
				}
				f.answer = nil
				d = f.process(t)
				after, _ = d.read(after)
				p, _ = d.planDestroy(after)
				f.apply(t, d, p)
				if o := f.outcome(t); o.Result.Done() {
					t.Errorf("got %q in the next run, and the account is only blocked: %s", o.Result, o.Proof)
				}
			})
		})
	}
}

// Two replicas take turns. One shows the blocked user, and the other one hides who is blocked. The
// reads after each lost deletion meet the first one, and the last look meets the second one.
func TestHostile_theLastLookAtAHiddenUserProvesNoDeletion(t *testing.T) {
	t.Parallel()
	for shown := range 4 { // reads after each deletion that meet the first replica
		t.Run(fmt.Sprint(shown, " reads"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.HideBlocked = true })
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				deletions, reads := 0, 0
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch {
					case r.Method == http.MethodDelete:
						deletions++
						reads = 0
						return say(w, 502, "bad gateway")
					case at == "/users/"+v.id && deletions > 0:
						reads++
						return reads > shown && say(w, 404, `{"status":404,"message":"Not found"}`)
					}
					return false
				}
				after, _ := f.apply(t, d, p)
				f.wantNotClosed(t, after)
				if o := f.outcome(t); o.Result != evidence.Unproven || deletions != 3 {
					t.Errorf("got %q after %d deletions, want it unproven after 3", o.Result, deletions)
				}
			})
		})
	}
}

// The site hides the blocked user some time after the block, at any moment of a slow closure. Each
// deletion fails with 502 and does nothing. The next run proves no closure either.
func TestHostile_aBlockThatHidesLateProvesNoDeletion(t *testing.T) {
	t.Parallel()
	for seconds := range 30 {
		t.Run(fmt.Sprint(2*seconds, " s"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					time.Sleep(1500 * time.Millisecond)
					if r.Method == http.MethodPost {
						time.AfterFunc(time.Duration(2*seconds)*time.Second, func() { f.hides(true) })
					}
					return failDeletions(w, r, at)
				}
				after, _ := f.apply(t, d, p)
				f.wantNotClosed(t, after)
				f.hides(true)
				time.Sleep(time.Minute)
				d = f.process(t)
				after, _ = d.read(after)
				p, _ = d.planDestroy(after)
				f.apply(t, f.process(t), p)
				if o := f.outcome(t); o.Result.Done() {
					t.Errorf("got %q in the next run, and the account is only blocked: %s", o.Result, o.Proof)
				}
			})
		})
	}
}

// A user was blocked before this run: by a run whose deletions failed, by one whose state is lost, or
// by an administrator. The site still shows the user, and hides the user from the deletion on. That
// deletion fails with 502.
func TestHostile_theBlockOfAnEarlierRunProvesNoDeletion(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(t *testing.T, f *liar, m managed) managed{
		"an earlier run": func(t *testing.T, f *liar, m managed) managed {
			f.answer = failDeletions
			m, _ = f.process(t).destroy(m)
			return m
		},
		"an earlier run whose state is lost": func(t *testing.T, f *liar, m managed) managed {
			f.answer = failDeletions
			f.process(t).destroy(m)
			return m
		},
		"an earlier run that was interrupted after the block": func(t *testing.T, f *liar, m managed) managed {
			d := f.process(t)
			p := d.mustPlanDestroy(m)
			ctx, cancel := context.WithCancel(t.Context())
			f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
				if r.Method == http.MethodPost {
					cancel()
				}
				return false
			}
			m, _ = d.apply(ctx, p)
			return m
		},
		"an administrator": func(_ *testing.T, f *liar, m managed) managed {
			konstantlyCase.suspend(f.mock, konstantlyCase.id)
			return m
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				m := before(t, f, f.process(t).mustImport(v.kind, v.id))
				time.Sleep(30 * time.Second)
				m, _ = f.process(t).read(m)
				p := f.process(t).mustPlanDestroy(m)
				deletions := 0
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					if r.Method == http.MethodDelete {
						deletions++
						f.hides(true)
					}
					return failDeletions(w, r, at)
				}
				after, _ := f.apply(t, f.process(t), p)
				f.wantNotClosed(t, after)
				if o := f.outcome(t); o.Result != evidence.Unproven || deletions != 1 {
					t.Errorf("got %q after %d deletions, want it unproven after 1", o.Result, deletions)
				}
				f.answer = nil
				m, _ = f.process(t).read(after)
				p, _ = f.process(t).planDestroy(m)
				f.apply(t, f.process(t), p)
				if o := f.outcome(t); o.Result.Done() {
					t.Errorf("got %q in the next run, and the account is only blocked: %s", o.Result, o.Proof)
				}
			})
		})
	}
}
