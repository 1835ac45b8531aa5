package evidence_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// An intent is written only if no closure of the same account came since the log was read. One of
// another account does not matter, and one that a guard refused changes nothing.
func TestLog_beginsOnlyIfNoOtherClosureCame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		between func(t *testing.T, path string)
		want    bool
	}{
		"nothing":                  {func(*testing.T, string) {}, true},
		"another account":          {func(t *testing.T, path string) { mustBegin(t, path, "2") }, true},
		"a closure of the account": {func(t *testing.T, path string) { mustBegin(t, path, "1") }, false},
		"a refusal by a guard": {func(t *testing.T, path string) {
			must(t, evidence.New(path).Record(t.Context(), of("1"), evidence.Outcome{Result: evidence.RefusedByGuard}))
		}, true},
	} {
		for _, before := range [][]string{nil, {"1"}} { // without a file, and after an earlier closure
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "log.jsonl")
				mustBegin(t, path, before...)
				log := evidence.New(path)
				read, err := log.Earlier(t.Context(), of("1").Account)
				must(t, err)
				c.between(t, path)
				_, err = log.BeginIf(t.Context(), of("1"), evidence.Conditions{Used: &read.Used})
				used, refused := errors.AsType[*evidence.UsedError](err)
				if refused == c.want || err != nil && !refused {
					t.Fatalf("got %v, want it begun: %t", err, c.want)
				}
				if refused && (used.Was.Record != read.Used.Record || used.Is.Record == "" || used.Is.Time.IsZero()) {
					t.Errorf("got %+v, want the last closure, then and now", used)
				}
			})
		}
	}
}
