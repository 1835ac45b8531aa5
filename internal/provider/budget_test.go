package provider

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const budgetDay = 24 * time.Hour

// budgeted are the settings of a provider with a log and a budget of some closures a day.
func budgeted(path string, count int) attributes {
	return attributes{"evidence_log": path, "closure_budget": attributes{"count": count, "within": "24h"}}
}

// A budget is used up by another run. The plan says so, and by whom. A plan from before does not
// help: the apply counts again.
func TestBudget_isSharedByAllRuns(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		settings := budgeted(filepath.Join(t.TempDir(), "log.jsonl"), 1)
		path := settings["evidence_log"].(string)
		d := newDriver(t, w, settings)
		ines, otto := d.mustImport(v.kind, v.id), d.mustImport(v.kind, v.other)
		if kept := ines.remembered().Guards.ClosureBudget; kept == nil ||
			*kept != (evidence.Budget{Count: 1, Within: budgetDay}) {
			t.Errorf("got the budget %v kept beside the user, want that of the provider block", kept)
		}
		early := newDriver(t, w, settings).mustPlanDestroy(ines)
		if after, diags := newDriver(t, w, settings).destroy(otto); !after.gone() {
			t.Fatal(diags.errors())
		}
		w.mock.ForgetRequests()
		_, plan := newDriver(t, w, settings).planDestroy(ines)
		after, apply := newDriver(t, w, settings).apply(t.Context(), early)
		v.stays(t, w, "the apply of an early plan", after, apply, "closure_budget is used up")
		at := readEvidence(t, path).Closures[0].Begun
		for what, text := range map[string]string{"plan": plan.errors(), "apply": apply.errors()} {
			for _, want := range []string{
				inesName, "closure_budget is used up", "allows 1 within 24h.",
				ottoName + `, ID "` + v.other + `" in ` + v.kind.title,
				"after " + at.Add(budgetDay).Format("2006-01-02 15:04:05 UTC"),
			} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: got %q, want %q in it", what, text, want)
				}
			}
		}
		all := readEvidence(t, path).Closures
		if len(all) != 2 || all[1].Outcome.Result != evidence.RefusedByGuard || all[1].Outcome.Guard != "closure_budget" ||
			len(all[1].Outcome.Requests) > 0 && all[1].Outcome.Requests[0].Change {
			t.Errorf("got %+v, want the refusal recorded", all)
		}
	})
}

// Runs at the same time never close more than the budget allows together.
func TestBudget_isExactAmongRunsAtTheSameTime(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), ecgridCase
	settings := budgeted(filepath.Join(t.TempDir(), "log.jsonl"), 5)
	all := v.crew(newDriver(t, w, settings), w.mock, 16)
	var plans []planned
	for _, m := range all {
		plans = append(plans, newDriver(t, w, settings).mustPlanDestroy(m)) // each in a run of its own
	}
	var wait sync.WaitGroup
	closed := make([]bool, len(plans))
	for i, p := range plans {
		d := newDriver(t, w, settings)
		wait.Go(func() {
			after, _ := d.apply(t.Context(), p)
			closed[i] = after.gone()
		})
	}
	wait.Wait()
	left, open := 0, 0
	for i, m := range all {
		if v.has(w.mock, m.text("id")) {
			open++
		}
		if !closed[i] {
			left++
		}
	}
	if left != 11 || open != 11 {
		t.Errorf("got %d users in the state and %d open accounts, want 11 of 16", left, open)
	}
}

// The budget frees itself after its time.
func TestBudget_freesItself(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	synctest.Test(t, func(t *testing.T) {
		s, v := mock.New(mockKey), ecgridCase
		v.add(s)
		settings := budgeted(path, 1)
		d := virtualDriver(t, s, settings)
		ines, otto := d.mustImport(v.kind, v.id), d.mustImport(v.kind, v.other)
		if after, diags := virtualDriver(t, s, settings).destroy(ines); !after.gone() {
			t.Fatal(diags.errors())
		}
		time.Sleep(budgetDay - time.Minute)
		if after, diags := virtualDriver(t, s, settings).destroy(otto); after.gone() || !strings.Contains(
			diags.errors(), "closure_budget is used up",
		) {
			t.Errorf("before its time: got gone %t and %q, want a refusal", after.gone(), diags.errors())
		}
		time.Sleep(time.Minute)
		if after, diags := virtualDriver(t, s, settings).destroy(otto); !after.gone() {
			t.Errorf("after its time: got %q, want the account closed", diags.errors())
		}
	})
}

// A plan that has more closures than the budget leaves is a warning: others may finish before the
// apply, or the time may pass.
func TestBudget_thatIsTooSmallIsAWarning(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), ecgridCase
	settings := budgeted(filepath.Join(t.TempDir(), "log.jsonl"), 2)
	all := v.crew(newDriver(t, w, settings), w.mock, 3)
	d, gone := newDriver(t, w, settings), 0
	var plans []planned
	for i, m := range all {
		p, diags := d.planDestroy(m)
		const warning = "More closures than closure_budget leaves now"
		if diags.errors() != "" || strings.Contains(diags.warnings(), warning) != (i == 2) {
			t.Fatalf("user %d: got %q and %q, want a warning for the third alone", i, diags.errors(), diags.warnings())
		}
		plans = append(plans, p)
	}
	for _, p := range plans {
		if after, _ := newDriver(t, w, settings).apply(t.Context(), p); after.gone() {
			gone++
		}
	}
	if gone != 2 {
		t.Errorf("got %d users closed, want 2", gone)
	}
}

// A closure that was killed has its place in the budget already. It is completed although the budget
// is used up.
func TestBudget_letsAKilledClosureBeCompleted(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), ecgridCase
	v.add(w.mock)
	settings := budgeted(filepath.Join(t.TempDir(), "log.jsonl"), 1)
	path := settings["evidence_log"].(string)
	m := newDriver(t, w, settings).mustImport(v.kind, v.id)
	_, err := evidence.New(path).Begin(t.Context(), evidence.Intent{
		Account: evidence.Account{Vendor: v.kind.name, Tenant: v.tenant(w), ID: v.id}, Action: evidence.Close,
		Email: inesEmail, Name: inesName, Status: "active",
	})
	if err != nil {
		t.Fatal(err)
	}
	if after, diags := newDriver(t, w, settings).destroy(m); !after.gone() || v.has(w.mock, v.id) {
		t.Errorf("got %q, want the account closed", diags.errors())
	}
}

func TestBudget_isChecked(t *testing.T) {
	t.Parallel()
	of := func(count, within any) attributes {
		return attributes{"evidence_log": "x", "closure_budget": attributes{"count": count, "within": within}}
	}
	unknownLog, noLog := of(1, "1h"), of(1, "1h")
	unknownLog["evidence_log"], noLog["evidence_log"] = tftypes.UnknownValue, nil
	for name, c := range map[string]struct {
		settings attributes
		want     string // empty if it can be used
	}{
		"usable":             {of(20, "24h"), ""},
		"of an unknown log":  {unknownLog, ""},
		"without a log":      {noLog, "closure_budget needs evidence_log"},
		"no closures":        {of(0, "24h"), "must be between 1"},
		"no time":            {of(1, "a day"), "is not a time"},
		"a time without end": {of(1, "1s"), "shorter than one minute"},
		"without a count":    {of(nil, "24h"), "Missing"},
	} {
		if got := checkBlock(t, c.settings); got != "" && c.want == "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestBudget_unknownRefuses(t *testing.T) {
	t.Parallel()
	for name, budget := range map[string]any{
		"whole": tftypes.UnknownValue, "count": attributes{"count": tftypes.UnknownValue, "within": "24h"},
		"within": attributes{"count": 5, "within": tftypes.UnknownValue},
	} {
		w, v := newTestEnv(t), ecgridCase
		v.add(w.mock)
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := newDriver(t, w, attributes{"evidence_log": path, "closure_budget": budget})
		after, diags := d.apply(t.Context(), reviewed(d.mustImport(v.kind, v.id)))
		v.stays(t, w, name, after, diags, "closure_budget is not known")
		wantRefused(t, path, "closure_budget")
	}
}
