package provider

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// unwritable makes the log unwritable when the first change is asked for. heal gives it back.
func unwritable(t *testing.T, w *testEnv, path string) (heal func()) {
	t.Helper()
	w.mock.OnRequest(func(r mock.Request) {
		if _, err := os.Stat(path + ".aside"); r.Change && err != nil {
			_ = os.Rename(path, path+".aside")
			_ = os.Mkdir(path, 0o700)
		}
	})
	return func() {
		w.mock.OnRequest(nil)
		_ = os.Remove(path)
		if err := os.Rename(path+".aside", path); err != nil {
			t.Fatal(err)
		}
	}
}

// An end that is no closing is none in the state either when its outcome cannot be written.
func TestEvidence_whatIsNotRecordedIsNoMoreThanItWas(t *testing.T) {
	t.Parallel()
	t.Run("a suspension", func(t *testing.T) {
		t.Parallel()
		v, w := konstantlyCase, newTestEnv(t)
		v.add(w.mock)
		d, path := logged(t, w)
		p, _ := d.planBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "on_destroy": "block"})
		m, _ := d.apply(t.Context(), p)
		heal := unwritable(t, w, path)
		// another run: in this one a block keeps the user
		m, diags := newDriver(t, w, attributes{"evidence_log": path}).destroy(m)
		heal()
		if !strings.Contains(diags.errors(), "is suspended. The evidence log cannot be written") {
			t.Errorf("got %q, want that the account is suspended", diags.errors())
		}
		if call := m.remembered().Progress.Call; m.text("status") != "suspended" || call != "" {
			t.Errorf("got the status %q and the call %q, want it suspended and no closing call", m.text("status"), call)
		}
	})
	t.Run("nothing to close", func(t *testing.T) {
		t.Parallel()
		v, w := skillableCase, newTestEnv(t)
		v.add(w.mock)
		d, path := logged(t, w)
		m := d.mustImport(v.kind, "emp-0000")
		heal := unwritable(t, w, path)
		m, diags := d.destroy(m)
		heal()
		if call := m.remembered().Progress.Call; m.gone() || m.text("status") == "closed" || call != "" {
			t.Fatalf("got gone %t, the status %q, the call %q and %q, want no closing",
				m.gone(), m.text("status"), call, diags.errors())
		}
		if after, diags := d.destroy(m); !after.gone() || lastOutcome(t, path).Result != evidence.NotVisible {
			t.Errorf("the next run: got gone %t, %q and %q, want that nothing was visible",
				after.gone(), lastOutcome(t, path).Result, diags.errors())
		}
	})
}

// An account that is only not visible is not closed in the state either when the log cannot be
// written.
func TestEvidence_anAbsenceThatIsNotRecordedIsNoClosing(t *testing.T) {
	t.Parallel()
	v, w := konstantlyCase, newTestEnv(t)
	v.add(w.mock)
	d, path := logged(t, w)
	m := d.mustImport(v.kind, v.id)
	v.drop(w.mock, v.id)
	p := loggedTo(t, w, path).mustPlanDestroy(m)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	m, diags := loggedTo(t, w, path).apply(t.Context(), p)
	if m.gone() || m.text("status") != "active" ||
		!strings.Contains(diags.errors(), "evidence log") {
		t.Errorf("got gone %t, the status %q and %q, want the user kept as active",
			m.gone(), m.text("status"), diags.errors())
	}
}

// A run that was killed before its call has had nothing accepted, whatever became of a call from
// before the account was seen open.
func TestEvidence_anAcceptedCallBelongsToItsOwnClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := skillableCase, mock.New(mockKey)
		v.add(s)
		path := filepath.Join(t.TempDir(), "log.jsonl")
		l := evidence.New(path)
		begin := func() *evidence.Entry {
			e, err := l.Begin(t.Context(), evidence.Intent{
				Account: evidence.Account{Vendor: v.kind.name, Tenant: "127.0.0.1:1" + v.prefix(), ID: v.id},
				Email:   inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
			})
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		if err := begin().End(t.Context(), evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Accepted}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		m := virtualDriver(t, s, attributes{"evidence_log": path}).mustImport(v.kind, v.id) // she is seen
		time.Sleep(time.Minute)
		begin() // and its run is killed
		v.drop(s, v.id)
		d := virtualDriver(t, s, attributes{"evidence_log": path})
		m, _ = d.read(m)
		if after, diags := d.destroy(m); !after.gone() || lastOutcome(t, path).Result != evidence.NotVisible {
			t.Errorf("got gone %t, %q and %q, want that nothing was visible",
				after.gone(), lastOutcome(t, path).Result, diags.errors())
		}
	})
}

// An account that is open after a lost call refutes that call, even when the log that tells of the
// call cannot be read at that time.
func TestEvidence_anUnreadableLogDoesNotHideWhatIsRefuted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := sfoxCase
		f := newLiar(t, v)
		f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodDelete {
				panic(http.ErrAbortHandler)
			}
			return false
		}
		d := f.process(t)
		m, _ := d.apply(t.Context(), d.mustPlanDestroy(d.mustImport(v.kind, v.id)))
		if f.outcome(t).Sent != evidence.Lost {
			t.Fatalf("got %+v, want a lost call", f.outcome(t))
		}
		f.answer = nil
		must(t, os.Rename(f.log, f.log+".aside"))
		must(t, os.Mkdir(f.log, 0o700))
		m, _ = f.process(t).read(m)
		must(t, os.Remove(f.log))
		must(t, os.Rename(f.log+".aside", f.log))
		f.answer = sfoxOfAnotherPartner
		d = f.process(t)
		d.apply(t.Context(), d.mustPlanDestroy(m))
		if got := f.outcome(t).Result; got != evidence.NotVisible {
			t.Errorf("got %q for an account that was seen open after the call, want that it is not visible", got)
		}
	})
}

// A log that cannot be read, because its lock is held for example, is not waited for again by
// everybody.
func TestEvidence_anUnreadableLogIsAskedOnce(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	r := closing.NewRecorder(evidence.New(path), closing.RunInfo{})
	_, first := r.Earlier(t.Context(), evidence.Account{})
	must(t, os.Remove(path))
	if _, err := r.Earlier(t.Context(), evidence.Account{}); first == nil || !errors.Is(err, first) {
		t.Errorf("got %v at first and then %v, want the same error", first, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Nothing vouches for the closing of the last user of all. It leaves the state only when that is in
// the log.
func TestEvidence_theLastUserStaysUntilItIsRecorded(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.provenByAbsence) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				v.put(s, v.id, inesName, inesEmail)
				path := filepath.Join(t.TempDir(), "log.jsonl")
				process := func() *driver { return virtualDriver(t, s, attributes{"evidence_log": path}) }
				m := process().mustImport(v.kind, v.id)
				s.OnRequest(func(r mock.Request) {
					if r.Route == v.closing {
						_ = os.Rename(path, path+".aside")
						_ = os.Mkdir(path, 0o700)
					}
				})
				m, diags := process().destroy(m)
				if m.gone() || !strings.Contains(diags.errors(), "is not recorded") {
					t.Fatalf("got gone %t and %q, want the user kept and an error", m.gone(), diags.errors())
				}
				s.OnRequest(nil)
				_ = os.Remove(path)
				if err := os.Rename(path+".aside", path); err != nil {
					t.Fatal(err)
				}
				after, diags := process().destroy(m)
				if got := lastOutcome(t, path).Result; !after.gone() || got != evidence.Unproven {
					t.Errorf("the next run: got gone %t, %q and %q, want it unproven", after.gone(), got, diags.errors())
				}
			})
		})
	}
}

// The account is closed already, and the evidence log cannot be written. The apply fails because of
// that, every time. The plan must say so.
func TestEvidence_aPlanForWhoIsClosedTellsThatTheLogCannotBeWritten(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		m := f.process(t).mustImport(v.kind, v.id)
		v.drop(f.mock, v.id)
		if err := os.WriteFile(f.log, []byte("no evidence log\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		d := f.process(t)
		m, _ = d.read(m)
		p, plan := d.planDestroy(m)
		if text := plan.errors(); !strings.Contains(text, "cannot write the evidence log") {
			t.Errorf("plan: got %q, want that the log cannot be written", text)
		}
		if after, diags := f.process(t).apply(t.Context(), p); after.gone() {
			t.Errorf("apply: got no user any more and %q, want the user kept", diags.errors())
		}
		if err := os.Remove(f.log); err != nil {
			t.Fatal(err)
		}
		if after, diags := f.process(t).destroy(m); !after.gone() {
			t.Errorf("with a log: got %q, want that the user leaves the state", diags.errors())
		}
	})
}
