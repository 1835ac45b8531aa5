package evidence_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// budgetOf is a budget of some closures a day.
func budgetOf(count int) *evidence.Budget {
	return &evidence.Budget{Count: count, Within: 24 * time.Hour}
}

// of is an intent to close an account.
func of(id string) evidence.Intent {
	return evidence.Intent{
		Account: evidence.Account{
			Vendor: "v",
			Tenant: "t/",
			ID:     id,
		},
		Action: evidence.Close,
		Status: "active",
		Name:   "Name " + id,
	}
}

// begin begins a closure under a budget, and returns the refusal; nil if the budget allows it.
func begin(t *testing.T, path string, budget *evidence.Budget, intent evidence.Intent) (refused *evidence.BudgetError) {
	t.Helper()
	_, err := evidence.New(path).BeginIf(t.Context(), intent, evidence.Conditions{Budget: budget})
	refused, _ = errors.AsType[*evidence.BudgetError](err)
	if err != nil && refused == nil {
		t.Fatal(err)
	}
	return refused
}

// mustBegin begins closures that nothing limits.
func mustBegin(t *testing.T, path string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := evidence.New(path).Begin(t.Context(), of(id)); err != nil {
			t.Fatal(err)
		}
	}
}

// What counts is what the vendor was, or may have been, asked to change.
func TestBudget_countsWhatMayHaveChanged(t *testing.T) {
	t.Parallel()
	change := []evidence.Request{{Method: "DELETE", Change: true}}
	for _, c := range []struct {
		name   string
		end    *evidence.Outcome // nil for none
		counts bool
	}{
		{"no outcome", nil, true},
		{"closed", &evidence.Outcome{Result: evidence.Closed, Requests: change}, true},
		{"closed, of an older version", &evidence.Outcome{Result: evidence.Closed}, true},
		{"suspended", &evidence.Outcome{Result: evidence.Suspended}, true},
		{"unproven", &evidence.Outcome{Result: evidence.Unproven}, true},
		{"a lost call", &evidence.Outcome{Result: evidence.Failed, Sent: evidence.Lost}, true},
		{"a call that failed", &evidence.Outcome{Result: evidence.Failed, Requests: change}, true},
		{"already closed after a call", &evidence.Outcome{Result: evidence.AlreadyClosed, Requests: change}, true},
		{"refused by a guard after a step", &evidence.Outcome{Result: evidence.RefusedByGuard, Requests: change}, true},
		{"refused by a guard", &evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "closure_budget"}, false},
		{"refused", &evidence.Outcome{Result: evidence.Refused}, false},
		{"failed before a call", &evidence.Outcome{Result: evidence.Failed}, false},
		{"already closed", &evidence.Outcome{Result: evidence.AlreadyClosed}, false},
		{"not visible", &evidence.Outcome{Result: evidence.NotVisible}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log.jsonl")
			entry, err := evidence.New(path).Begin(t.Context(), of("1"))
			if err != nil {
				t.Fatal(err)
			}
			if c.end != nil {
				if err := entry.End(t.Context(), *c.end); err != nil {
					t.Fatal(err)
				}
			}
			if refused := begin(t, path, budgetOf(1), of("2")); (refused != nil) != c.counts {
				t.Errorf("got %v, want it counted: %t", refused, c.counts)
			}
		})
	}
}

// An account counts once, and its closure goes on when the budget is used up. A suspension counts,
// too.
func TestBudget_countsAnAccountOnce(t *testing.T) {
	t.Parallel()
	path, budget := filepath.Join(t.TempDir(), "log.jsonl"), budgetOf(2)
	suspension := of("1")
	suspension.Action = evidence.Block
	for _, intent := range []evidence.Intent{suspension, of("1"), of("2"), of("2")} {
		if refused := begin(t, path, budget, intent); refused != nil {
			t.Fatalf("%s: got %v, want it allowed", intent.ID, refused)
		}
	}
	refused := begin(t, path, budget, of("3"))
	if refused == nil || refused.Spent.Count != 2 || len(refused.Last) != 2 || refused.Last[0].ID != "2" ||
		refused.Last[0].Who != "Name 2" || refused.Last[1].ID != "1" {
		t.Errorf("got %+v, want a refusal that names both, the last one first", refused)
	}
	if h, err := evidence.Read(t.Context(), path); err != nil || h.Broken != nil || len(h.Closures) != 4 {
		t.Errorf("got %d closures, want the four that were allowed: %v %v", len(h.Closures), err, h.Broken)
	}
}

// Each closure leaves the budget when its time is over, and the error says when the first one does.
func TestBudget_frees(t *testing.T) {
	t.Parallel()
	path, budget := filepath.Join(t.TempDir(), "log.jsonl"), budgetOf(3)
	synctest.Test(t, func(t *testing.T) {
		first := time.Now()
		for _, id := range []string{"1", "2", "3"} {
			mustBegin(t, path, id)
			time.Sleep(time.Hour)
		}
		mustBegin(t, path, "4")
		refused := begin(t, path, budget, of("5"))
		if refused == nil || refused.Spent.Count != 4 || !refused.Frees.Equal(first.Add(25*time.Hour)) {
			t.Fatalf("got %+v, want 4 closures, and room when two of them are over", refused)
		}
		time.Sleep(time.Until(refused.Frees) - time.Nanosecond)
		if refused := begin(t, path, budget, of("5")); refused == nil {
			t.Error("just before: got it allowed, want a refusal")
		}
		time.Sleep(time.Nanosecond)
		if refused := begin(t, path, budget, of("5")); refused != nil {
			t.Errorf("then: got %v, want it allowed", refused)
		}
		if refused := begin(t, path, budget, of("6")); refused == nil {
			t.Error("one more: got it allowed, want a refusal")
		}
	})
}

// A refusal writes nothing, not even behind a line that a crash has cut off.
func TestBudget_aRefusalWritesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	mustBegin(t, path, "1")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"prev":"`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if refused := begin(t, path, budgetOf(1), of("2")); refused == nil {
		t.Error("got it allowed, want a refusal")
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("got the file %q, want it as it was: %q %v", after, before, err)
	}
	if refused := begin(t, path, budgetOf(2), of("2")); refused != nil {
		t.Errorf("got %v, want the closure begun behind the line", refused)
	}
	if h := read(t, path); h.Broken != nil || h.Cuts != 1 || len(h.Closures) != 2 {
		t.Errorf("got %d closures, %d cuts and %v, want an intact log", len(h.Closures), h.Cuts, h.Broken)
	}
}

// A budget of nothing allows nothing, and never frees itself.
func TestBudget_ofNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	mustBegin(t, path, "1")
	if refused := begin(t, path, budgetOf(0), of("2")); refused == nil || !refused.Frees.IsZero() {
		t.Errorf("got %+v, want a refusal without an end", refused)
	}
}

// A clock that is ahead takes its closures out of the budget later, never earlier.
func TestBudget_countsWhatIsInTheFuture(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * time.Hour)
		mustBegin(t, path, "1")
	})
	synctest.Test(t, func(t *testing.T) {
		if refused := begin(t, path, budgetOf(1), of("2")); refused == nil {
			t.Error("got it allowed, want a refusal")
		}
	})
}

// spendIn is the variable with which a test says to a copy of itself in which log to begin closures
// under a budget of sharedBudget.
const (
	spendIn      = "EVIDENCE_TEST_SPEND_IN"
	sharedBudget = 23
)

// spendBudget begins closures of accounts of its own, as far as the budget allows.
func spendBudget(ctx context.Context, log *evidence.Log, run string, closures int) error {
	for i := range closures {
		_, err := log.BeginIf(ctx, of(run+"-"+strconv.Itoa(i)), evidence.Conditions{Budget: budgetOf(sharedBudget)})
		if _, refused := errors.AsType[*evidence.BudgetError](err); err != nil && !refused {
			return err
		}
	}
	return nil
}

// The budget is exact, however many processes, and runs in one process, begin closures at the same
// time.
func TestBudget_isExactForManyRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	var group sync.WaitGroup
	for run := range 4 {
		group.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), spendIn+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("got %v: %s", err, out)
			}
		})
		group.Go(func() {
			if err := spendBudget(t.Context(), evidence.New(path), strconv.Itoa(run), perProcess); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if h := read(t, path); h.Broken != nil || len(h.Closures) != sharedBudget {
		t.Errorf("got %d closures and %v, want %d in an intact log", len(h.Closures), h.Broken, sharedBudget)
	}
}

// Spent tells the same as a closure would be told, and writes nothing.
func TestBudget_spent(t *testing.T) {
	t.Parallel()
	path, budget := filepath.Join(t.TempDir(), "log.jsonl"), budgetOf(2)
	log := evidence.New(path)
	if s, err := log.Spent(t.Context(), budget, of("1").Account); err != nil || s.Count != 0 || !s.Frees.IsZero() {
		t.Errorf("without a file: got %+v and %v, want nothing spent", s, err)
	}
	for i := range 8 {
		mustBegin(t, path, strconv.Itoa(i))
	}
	s, err := log.Spent(t.Context(), budget, of("9").Account)
	if err != nil || s.Count != 8 || s.Again || s.Allows(budget) || len(s.Last) != 5 || s.Last[0].ID != "7" ||
		s.Frees.IsZero() {
		t.Errorf("got %+v and %v, want 8 accounts, the last 5 by name", s, err)
	}
	if s, err := log.Spent(t.Context(), budget, of("3").Account); err != nil || !s.Again || !s.Allows(budget) {
		t.Errorf("an account that counts already: got %+v and %v, want it allowed", s, err)
	}
}
