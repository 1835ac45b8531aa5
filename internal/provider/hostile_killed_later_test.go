package provider

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// unprovenCall applies the destroy of Ines. The call is accepted, and does nothing. Then the vendor is down
// for the rest of the run.
func (f *liar) unprovenCall(t *testing.T, m managed) managed {
	t.Helper()
	d, down := f.process(t), false
	f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method == http.MethodDelete {
			down = true
			return say(w, http.StatusOK, `{}`)
		}
		return down && say(w, http.StatusServiceUnavailable, "down")
	}
	after, _ := f.apply(t, d, d.mustPlanDestroy(d.setTimeout(m, "3m")))
	f.answer = nil
	if o := f.outcome(t); after.gone() || o.Sent != evidence.Accepted {
		t.Fatalf("got gone %v and %q after an accepted call that nothing proves", after.gone(), o.Sent)
	}
	time.Sleep(2 * time.Hour)
	return after
}

// killedAfter applies a plan as a run that is killed after its first changing call: the log has the intent alone.
func (f *liar) killedAfter(t *testing.T, p planned) {
	t.Helper()
	var then []byte
	f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method != http.MethodGet && then == nil {
			then, _ = os.ReadFile(f.log)
		}
		return false
	}
	f.process(t).apply(t.Context(), p)
	f.answer = nil
	if err := os.WriteFile(f.log, then, 0o600); err != nil || then == nil {
		t.Fatalf("got %v and a log of %d bytes, want the one of a killed run", err, len(then))
	}
	time.Sleep(2 * time.Hour)
}

// A deletion is accepted, and does nothing. A later run reads the account as open, and is killed at its
// call. So Terraform keeps the state from before. Then reads do not show the account, and neither does the
// first page of the list. Its second page does.
func TestHostile_aKilledRunThatSawTheAccountOpenRefutesTheCallOfTheState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		first := f.unprovenCall(t, f.process(t).mustImport(v.kind, v.id))
		again, _ := f.process(t).read(first)
		f.killedAtCall(t, v, f.process(t), f.log, f.process(t).mustPlanDestroy(again))
		time.Sleep(2 * time.Hour)
		movingRow(f, v, konstantlyRow(v.id, inesName, inesEmail, "true"), func() bool { return true })
		f.answer(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/", nil), "/") // as if it had been deleted
		last, _ := f.process(t).read(first)
		p, diags := f.process(t).planDestroy(last)
		if diags.errors() != "" {
			return
		}
		after, _ := f.apply(t, f.process(t), p)
		f.wantOpen(t, v, after)
	})
}

// A deletion is accepted, and does nothing. Somebody takes the block back. A later run suspends the account,
// and is killed. The site hides who is blocked, so an absence says nothing of that deletion.
func TestHostile_aKilledSuspensionRefutesAnEarlierCall(t *testing.T) {
	t.Parallel()
	for name, imported := range map[string]bool{"the state after the call": false, "the state of the import": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				state := f.process(t).mustImport(v.kind, v.id)
				first := f.unprovenCall(t, state)
				f.mock.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Blocked = false })
				f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = true, true })
				again, _ := f.process(t).read(first)
				p, diags := f.process(t).planBlock(again, attributes{"id": v.id, "suspended": true})
				if diags.errors() != "" {
					t.Fatal(diags.errors())
				}
				f.killedAfter(t, p)
				if !imported {
					state = first
				}
				last, diags := f.process(t).read(state)
				if text := diags.warnings(); strings.Contains(text, "sent the closing call") {
					t.Errorf("got a refresh that counts on a call from before the account was seen open: %s", text)
				}
				f.apply(t, f.process(t), f.process(t).mustPlanDestroy(last))
				if o := f.outcome(t); o.Result != evidence.NotVisible || !v.has(f.mock, v.id) {
					t.Errorf(
						"got %q with the proof %q, want %q: nothing has closed the account",
						o.Result,
						o.Proof,
						evidence.NotVisible,
					)
				}
			})
		})
	}
}

// A deletion is accepted, and does nothing. A later run has another log. It reads the account as open, a guard
// refuses, and its state is lost. Then nothing shows the account. The only record of that log shows it open.
func TestHostile_aRefusalInAnotherLogRefutesTheCallOfTheState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		first := f.unprovenCall(t, f.process(t).mustImport(v.kind, v.id))
		f.log += ".later"
		again, _ := f.process(t).read(first)
		p := f.process(t).mustPlanDestroy(again)
		virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{inesEmail}}).apply(t.Context(), p)
		if o := f.outcome(t); o.Result != evidence.RefusedByGuard {
			t.Fatalf("got %q from the run that a guard ends, want %q", o.Result, evidence.RefusedByGuard)
		}
		time.Sleep(time.Hour)
		f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = true, true })
		last, _ := f.process(t).read(first)
		p, diags := f.process(t).planDestroy(last)
		if diags.errors() != "" {
			return
		}
		f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); o.Result.Done() {
			t.Errorf("got %q with the proof %q, and the log shows that the account was open", o.Result, o.Proof)
		}
	})
}
