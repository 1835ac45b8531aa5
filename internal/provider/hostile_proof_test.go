package provider

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// Closings side by side share the request that proves them, and each record has it.
func TestHostile_aSharedProofIsInEachRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		konstantlyCase.add(s)
		users := konstantlyCase.crowd(s, 6)
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, s, attributes{"evidence_log": path, "max_closures": -1})
		var plans []planned
		for _, id := range users[:5] {
			p := d.mustPlanDestroy(d.mustTake(konstantlyKind, id))
			plans = append(plans, p)
		}
		s.Fail(mock.Fault{Vendor: "konstantly", Route: "GET /users", Delay: 3 * time.Second})
		var all sync.WaitGroup
		for _, p := range plans {
			all.Go(func() { d.apply(t.Context(), p) })
		}
		all.Wait()
		for _, c := range readEvidence(t, path).Closings {
			list := false
			for _, r := range c.Outcome.Requests {
				list = list || r.Method == "GET" && strings.HasSuffix(r.Path, "/users")
			}
			if c.Outcome.Result == evidence.Closed && !list {
				t.Errorf("%s: %q, %q, and the list is not among the requests", c.ID, c.Outcome.Result, c.Outcome.Proof)
			}
		}
	})
}
