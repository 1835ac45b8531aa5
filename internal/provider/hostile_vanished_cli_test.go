package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// The same on a real CLI: the plan is stale, with an evidence log and without one.
func TestCLI_aPlanWhoseApplyDidNotSeeTheAccountIsStale(t *testing.T) {
	t.Parallel()
	for _, log := range []bool{true, false} {
		t.Run(fmt.Sprint("log ", log), func(t *testing.T) {
			t.Parallel()
			forEachWhere(t, vendorCase.shownByARead, func(t *testing.T, v vendorCase, w *testEnv) {
				settings := ""
				if log {
					settings = fmt.Sprintf("evidence_log = %q", filepath.Join(t.TempDir(), "log.jsonl"))
				}
				c := newCLI(t, w, settings)
				v.put(w.mock, v.numbered(50), "Third", "third@acme.test")
				c.write("users.tf", v.block(v.id, ""), v.imports(v.id), v.block(v.numbered(50), ""), v.imports(v.numbered(50)))
				c.run("apply", "-auto-approve").want(0, "2 imported")
				c.write("users.tf", v.block(v.id, "")) // the log has a record of somebody else
				c.run("apply", "-auto-approve").want(0, "1 destroyed")
				c.run("apply", "-refresh-only", "-auto-approve").want(0) // as every night: the state knows the log
				c.write("users.tf", "")
				c.run("plan", "-out=p").want(0)
				v.drop(w.mock, v.id)
				if r := c.run("apply", "p"); r.code == 0 {
					return // the vendor's own word for a closed account
				}
				v.put(w.mock, v.id, inesName, inesEmail)
				r := c.run("apply", "p")
				if !v.has(w.mock, v.id) || !strings.Contains(r.text, "stale") {
					t.Errorf("got an open account %v, want it open, and a stale plan: %s", v.has(w.mock, v.id), r.text)
				}
			})
		})
	}
}
