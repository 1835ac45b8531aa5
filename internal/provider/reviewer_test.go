package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// summaries are the summaries of the warnings.
func (d diagnostics) summaries() (all []string) {
	for _, one := range d {
		if one.Severity == tfprotov6.DiagnosticSeverityWarning {
			all = append(all, one.Summary)
		}
	}
	return all
}

func TestReviewer_readsASummaryOfEachClosing(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		for id, name := range map[string]string{v.id: inesName, v.other: ottoName} {
			_, diags := d.planDestroy(d.mustImport(v.kind, id))
			want := fmt.Sprintf("%s (%s) will be closed permanently in %s", name, id, v.kind.title)
			if got := diags.summaries(); len(got) != 1 || !strings.HasPrefix(got[0], want) {
				t.Errorf("got the summaries %q, want one, %q", got, want)
			}
			if got := diags.warnings(); strings.Contains(got, "read_only") {
				t.Errorf("got %q, want no word of a read-only provider", got)
			}
		}
	})
}

func TestReviewer_readsThatAClosingIsReversible(t *testing.T) {
	t.Parallel()
	v, w := konstantlyCase, newTestEnv(t)
	v.add(w.mock)
	d := newDriver(t, w, nil)
	p, _ := d.planBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "on_destroy": "block"})
	m, _ := d.apply(t.Context(), p)
	_, diags := newDriver(t, w, nil).planDestroy(m)
	want := fmt.Sprintf("%s (%s) will be blocked in Konstantly, which can be undone", inesName, v.id)
	if got := diags.summaries(); len(got) != 1 || !strings.HasPrefix(got[0], want) ||
		strings.Contains(diags.warnings(), "permanently") {
		t.Errorf("got %q, want %q and nothing of a closing for good", got, want)
	}
}

// What differs from user to user stands in the summary, because a CLI leaves details out under
// -compact-warnings.
func TestReviewer_readsTheNotesInTheSummary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v       vendorCase
		prepare func(*testEnv)
		want    string
	}{
		"a check that is not permitted": {sfoxCase, func(w *testEnv) {
			w.mock.Fail(mock.Fault{Vendor: "sfox", Route: "GET /orders", Status: 403})
		}, "the API key may not read open orders"},
		"a check that was skipped": {sfoxCase, func(w *testEnv) {
			w.mock.Fail(mock.Fault{Vendor: "sfox", Route: "GET /orders", Status: 404})
		}, "the check of open orders was skipped"},
		"an ID that nothing confirms": {skillableCase, func(w *testEnv) {
			w.mock.Skillable.Update(skillableCase.id, func(u *mock.SkillableUser) { u.History = 0 })
		}, "so check it letter by letter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(t)
			c.v.add(w.mock)
			c.prepare(w)
			d := newDriver(t, w, nil)
			_, diags := d.planDestroy(d.mustImport(c.v.kind, c.v.id))
			if got := diags.summaries(); len(got) != 1 || !strings.Contains(got[0], "will be closed permanently in") ||
				!strings.Contains(got[0], c.want) {
				t.Errorf("got %q and %q, want one summary with %q", got, diags.errors(), c.want)
			}
			if !strings.Contains(diags.warnings(), "Findings:") {
				t.Errorf("got %q, want the notes in the detail too", diags.warnings())
			}
		})
	}
}

// What is true of every user of a vendor stands in the detail alone, so that the list of summaries
// tells users apart.
func TestReviewer_readsWhatNobodyCanAskInTheDetail(t *testing.T) {
	t.Parallel()
	const expert = "may refuse to block a user who is the expert of a course"
	v, w := konstantlyCase, newTestEnv(t)
	v.add(w.mock)
	d := newDriver(t, w, nil)
	_, diags := d.planDestroy(d.mustImport(v.kind, v.id))
	if got := diags.summaries(); len(got) != 1 || strings.Contains(got[0], expert) ||
		!strings.Contains(diags.warnings(), expert) {
		t.Errorf("got %q and %q, want %q in the detail alone", got, diags.warnings(), expert)
	}
}

// A plan that is made to look at is no promise that its apply closes anybody.
func TestReviewer_readsThatAnApplyWillRefuse(t *testing.T) {
	inTurn(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, attributes{"read_only": true})
		m := d.mustImport(v.kind, v.id)
		_, diags := d.planDestroy(m)
		want := "An apply refuses it because of read_only = true in the provider block."
		if !strings.Contains(diags.warnings(), want) || diags.errors() != "" {
			t.Errorf("got %q and %q, want %q", diags.errors(), diags.warnings(), want)
		}
		_, diags = newDriver(t, w, nil).planDestroy(m)
		want = "An apply refuses it because of read_only = true in the provider block of the last refresh."
		if !strings.Contains(diags.warnings(), want) {
			t.Errorf("kept: got %q, want %q", diags.warnings(), want)
		}
		t.Setenv(closing.ReadOnlyVariable, "true")
		_, diags = newDriver(t, w, attributes{"max_closures": 10}).planDestroy(m)
		want = "An apply refuses it because of OFFBOARD_READ_ONLY in the environment."
		if !strings.Contains(diags.warnings(), want) {
			t.Errorf("environment: got %q, want %q", diags.warnings(), want)
		}
	})
}

// A change elsewhere is told as long as it lasts, not once.
func TestReviewer_readsOfChangesAsLongAsTheyLast(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		told := func(what, says string, want bool) {
			t.Helper()
			var diags diagnostics
			if m, diags = newDriver(t, w, nil).read(m); strings.Contains(diags.warnings(), says) != want ||
				diags.errors() != "" {
				t.Errorf("%s: got %q, want %q told: %v", what, diags.warnings(), says, want)
			}
		}
		if v.suspend != nil {
			v.suspend(w.mock, v.id)
			for range 3 {
				told("suspended", "is suspended in "+v.kind.title, true)
			}
			v.drop(w.mock, v.id)
			v.put(w.mock, v.id, inesName, inesEmail)
			told("active again", "is active again in "+v.kind.title, true)
			told("long active again", "is suspended in", false)
		}
		if v.fact != nil {
			v.fact(w.mock, v.id, "administrator")
			for range 3 {
				told("another fact", "was changed elsewhere. The ", true)
			}
		}
		v.email(w.mock, v.id, "ines@other.test")
		for range 3 {
			told("another address", "may be another person in "+v.kind.title, true)
		}
		v.email(w.mock, v.id, inesEmail)
		told("the address again", "may be another person", false)
	})
}

// Who was suspended when they were imported is no news, and is when somebody re-enables them.
func TestReviewer_readsOfWhoIsActiveAgain(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, func(v vendorCase) bool { return v.suspend != nil }) {
		w := newTestEnv(t)
		v.add(w.mock)
		v.suspend(w.mock, v.id)
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		m, diags := newDriver(t, w, nil).read(m)
		if strings.Contains(diags.warnings(), "is suspended in") {
			t.Errorf("%s: got %q, want no news", v.kind.name, diags.warnings())
		}
		v.drop(w.mock, v.id)
		v.put(w.mock, v.id, inesName, inesEmail)
		for range 3 {
			if m, diags = newDriver(t, w, nil).read(m); !strings.Contains(diags.warnings(), "is active again in "+v.kind.title) {
				t.Errorf("%s: got %q, want that the account is active again, as long as it is", v.kind.name, diags.warnings())
			}
		}
	}
}

// An account was closed elsewhere, or by a run whose log proves it, and is open again. Each refresh
// and each plan tells that, with and without a refresh, and whether their states are kept or not. An
// import ends it.
func TestReviewer_readsOfWhoIsOpenAgain(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		if v.noRead {
			continue // there nothing shows that somebody else closed an account
		}
		for _, by := range []string{"the state", "the log"} {
			t.Run(v.kind.name+", known from "+by, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { v.openAgain(t, by) })
			})
		}
	}
}

// openAgain is the test for one vendor, and for one place that knows of the closure.
func (v vendorCase) openAgain(t *testing.T, by string) {
	t.Helper()
	f := newLiar(t, v)
	d := f.process(t)
	m := d.mustImport(v.kind, v.id)
	time.Sleep(time.Hour)
	if by == "the log" {
		if after, diags := d.destroy(m); !after.gone() {
			t.Fatal(diags.errors())
		}
	} else {
		v.drop(f.mock, v.id)
		m, _ = f.process(t).read(m)
	}
	time.Sleep(time.Hour)
	v.put(f.mock, v.id, inesName, inesEmail)
	told := func(what string, m managed, want bool) managed {
		d := f.process(t)
		_, plan := d.planDestroy(m)
		m, refresh := d.read(m)
		_, refreshed := d.planDestroy(m)
		for words, said := range map[string]diagnostics{
			"is open again in": refresh, "it was closed before": plan, "and is open again": refreshed,
		} {
			if strings.Contains(said.warnings(), words) != want || said.errors() != "" {
				t.Errorf("%s: got %q %q, want %q told: %v", what, said.errors(), said.warnings(), words, want)
			}
		}
		return m
	}
	for range 2 {
		told("a state that is not kept", m, true)
	}
	for range 3 {
		m = told("a state that is kept", m, true)
	}
	told("an import", f.process(t).mustImport(v.kind, v.id), false)
}

// Each user of an interrupted run is told what was done to them.
func TestReviewer_readsWhatAnInterruptLeft(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, attributes{"max_closures": 10})
		m, other := d.mustImport(v.kind, v.id), d.mustImport(v.kind, v.other)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w.mock.OnRequest(func(r mock.Request) {
			if r.Change {
				cancel()
			}
		})
		after, diags := d.apply(ctx, reviewed(m))
		if said := diags.errors(); after.gone() && v.has(w.mock, v.id) || !after.gone() && !strings.Contains(said, inesName) {
			t.Errorf(
				"interrupted at the first change: got gone %v, open %v and %q, want no open account out of the state, "+
					"and who it is",
				after.gone(),
				v.has(w.mock, v.id),
				said,
			)
		}
		if said := diags.errors(); v.mockName() == "konstantly" &&
			(!strings.Contains(said, "Interrupted: ") || !strings.Contains(said, "Done and confirmed: block.")) {
			t.Errorf("interrupted between two steps: got %q, want the step that is done", said)
		}
		w.mock.ForgetRequests()
		untouched, diags := d.apply(ctx, reviewed(other))
		for _, want := range []string{ottoName, nothingClosed, "interrupted"} {
			if said := diags.errors(); untouched.gone() || !strings.Contains(said, want) {
				t.Errorf("not begun: got gone %v and %q, want the user kept and %q", untouched.gone(), said, want)
			}
		}
		if got := w.changes(); len(got) > 0 {
			t.Errorf("not begun: got mutating requests %q, want none", got)
		}
	})
}
