package provider

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// dated is a vendor that sends this Date with each answer; none if it is empty.
type dated struct {
	*mock.Server

	date func() string
}

// ServeHTTP implements http.Handler.
func (d dated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if date := d.date(); date != "" {
		w.Header().Set("Date", date)
	}
	d.Server.ServeHTTP(w, r)
}

// applyBlock plans and applies a block with an id and other attributes.
func (d *driver) applyBlock(m managed, config attributes) managed {
	d.t.Helper()
	p, diags := d.planBlock(m, config)
	if text := diags.errors(); text != "" {
		d.t.Fatal(text)
	}
	after, diags := d.apply(d.t.Context(), p)
	if text := diags.errors(); text != "" {
		d.t.Fatal(text)
	}
	return after
}

// wantEarly checks that neither a plan nor an apply closes the account yet, and that the log then
// has the refusal.
func (v vendorCase) wantEarly(t *testing.T, s *mock.Server, d *driver, m managed, path, clock string) {
	t.Helper()
	const says = "is not closed in"
	_, diags := d.planDestroy(m)
	if got := diags.errors(); !strings.Contains(got, says) || !strings.Contains(got, clock) {
		t.Errorf("plan: got %q, want a refusal %s", got, clock)
	}
	after, diags := d.apply(t.Context(), reviewed(m))
	if got := diags.errors(); after.gone() || !strings.Contains(got, says) || !strings.Contains(got, clock) {
		t.Errorf("apply: got gone %t and %q, want a refusal %s", after.gone(), got, clock)
	}
	all := readEvidence(t, path).Closures
	if n := len(all); n == 0 || all[n-1].Outcome.Result != evidence.RefusedByGuard ||
		all[n-1].Outcome.Guard != "close_not_before" {
		t.Errorf("got the records %+v, want a refusal by close_not_before", all)
	}
	for _, r := range s.Requests() {
		if r.Change {
			t.Errorf("got the request %s, want none that changes something", r.Route)
		}
	}
}

// close_not_before holds from the state: the block is gone when an account is closed.
func TestNotBefore_holdsUntilItsTime(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log.jsonl")
			synctest.Test(t, func(t *testing.T) { // it begins at midnight UTC of 2000-01-01
				s := mock.New(mockKey)
				v.add(s)
				process := func() *driver { return virtualDriver(t, s, attributes{"evidence_log": path}) }
				m := process().mustImport(v.kind, v.id)
				m = process().applyBlock(m, attributes{"id": v.id, "close_not_before": "2000-01-03"})
				time.Sleep(48*time.Hour - time.Minute)
				v.wantEarly(t, s, process(), m, path, "By the clock of this machine it is 2000-01-02T23:5")
				if m, _ = process().read(m); m.text("close_not_before") != "2000-01-03" {
					t.Errorf("got close_not_before %q after a refresh, want it kept", m.text("close_not_before"))
				}
				time.Sleep(time.Minute)
				m = process().applyBlock(m, attributes{"id": v.id, "close_not_before": "2000-01-03T12:00:00Z"})
				v.wantEarly(t, s, process(), m, path, "By the clock of this machine it is 2000-01-03T00:0")
				m = process().applyBlock(m, attributes{"id": v.id, "close_not_before": "2000-01-03"})
				if after, diags := process().destroy(m); !after.gone() {
					t.Errorf("got %q, want the account closed when the day has begun", diags.errors())
				}
			})
		})
	}
}

// The clock of this machine may be wrong: that of the vendor must have reached the time, too.
func TestNotBefore_holdsByTheDateOfTheVendor(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log.jsonl")
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				v.add(s)
				behind := 24 * time.Hour
				handler := dated{s, func() string { return time.Now().Add(-behind).UTC().Format(http.TimeFormat) }}
				process := func() *driver { return virtualDriver(t, handler, attributes{"evidence_log": path}) }
				m := process().mustImport(v.kind, v.id)
				m = process().applyBlock(m, attributes{"id": v.id, "close_not_before": "2000-01-01"})
				v.wantEarly(t, s, process(), m, path, "By the Date header of "+v.kind.title+" it is 1999-12-31T00:0")

				behind = 0
				p := process().mustPlanDestroy(m)
				behind = 48 * time.Hour // the plan is saved, and applied with the time of its day
				after, diags := process().apply(t.Context(), p)
				if after.gone() || !strings.Contains(diags.errors(), "By the Date header of") {
					t.Errorf("a saved plan: got gone %t and %q, want a refusal", after.gone(), diags.errors())
				}
				behind = 0
				if after, diags := process().destroy(after); !after.gone() {
					t.Errorf("got %q, want the account closed by both clocks", diags.errors())
				}
			})
		})
	}
}

// A vendor whose clock is ahead loosens nothing.
func TestNotBefore_holdsByTheClockOfThisMachine(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	path := filepath.Join(t.TempDir(), "log.jsonl")
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		v.add(s)
		handler := dated{s, func() string { return time.Now().AddDate(9, 0, 0).UTC().Format(http.TimeFormat) }}
		d := virtualDriver(t, handler, attributes{"evidence_log": path})
		m := d.applyBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "close_not_before": "2000-01-02"})
		v.wantEarly(t, s, d, m, path, "By the clock of this machine")
	})
}

// Who is not visible stays in the state until then, as under the other guards.
func TestNotBefore_keepsWhoIsNotVisible(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := newTestEnv(t)
	v.add(w.mock)
	path := filepath.Join(t.TempDir(), "log.jsonl")
	d := loggedTo(t, w, path)
	m := d.applyBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "close_not_before": "9999-12-31"})
	v.vanish(w.mock)
	for _, call := range []offboard.Call{offboard.NotSent, offboard.Accepted} { // of an earlier run
		private, remembered := piecesOf(m.private), m.remembered()
		remembered.Progress.Call = call
		private[recordKey] = encode(remembered)
		m.private = encode(private)
		_, diags := loggedTo(t, w, path).planDestroy(m)
		if !strings.Contains(diags.errors(), `because of close_not_before = "9999-12-31"`) {
			t.Errorf("plan, call %q: got %q, want that close_not_before keeps the user", call, diags.errors())
		}
		p := reviewed(m.with(t, "status", "closed")) // a plan that would let the user leave the state
		after, diags := loggedTo(t, w, path).apply(t.Context(), p)
		if after.gone() || !strings.Contains(diags.errors(), "because of close_not_before") {
			t.Errorf("apply, call %q: got gone %t and %q, want the user kept", call, after.gone(), diags.errors())
		}
	}
}

// A state that a person has damaged closes nothing.
func TestNotBefore_thatCannotBeReadHolds(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := newTestEnv(t)
	v.add(w.mock)
	d := newDriver(t, w, nil)
	m := d.mustImport(v.kind, v.id)
	m = m.with(t, "close_not_before", "soon")
	after, diags := d.apply(t.Context(), reviewed(m))
	v.stays(t, w, "apply", after, diags, "The provider cannot read this value")
	if _, diags := d.planBlock(d.mustImport(v.kind, v.id), attributes{
		"id": v.id, "close_not_before": "soon",
	}); !strings.Contains(diags.errors(), `write a day such as "2026-12-31"`) {
		t.Errorf("got %q, want a value refused that is no time", diags.errors())
	}
}

func TestCLI_closeNotBefore(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := newTestEnv(t)
	v.add(w.mock)
	c := w.imported(t, v, "", `close_not_before = "9999-12-31"`, v.id)
	c.run("plan", "-detailed-exitcode").want(0, "No changes")
	c.write("users.tf")
	says := []string{v.named(), "is not closed in ECGrid yet: close_not_before", nothingClosed}
	c.run("plan").want(1, says...)
	c.run("apply", "-auto-approve", "-refresh=false").want(1, says...)
	c.users(v.id)
	v.untouched(t, w)

	c.write("users.tf", v.block(v.id, `close_not_before = "2026-01-01"`))
	c.run("plan").want(0, `"9999-12-31" -> "2026-01-01"`, "1 to change, 0 to destroy")
	c.run("apply", "-auto-approve").want(0)
	v.untouched(t, w)
	c.write("users.tf")
	c.run("apply", "-auto-approve").want(0, "1 destroyed")
	c.users()
	v.closedBy(t, w, v.changes...)
}
