package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// TestLoad_onCLI does the same on the CLI itself, with an evidence log that all closings share.
func TestLoad_onCLI(t *testing.T) {
	t.Parallel()
	w, _ := newFlakyEnv(t, busyFaults...)
	c, all := newCLI(t, w, "evidence_log = \"offboarding.jsonl\"\nmax_closures = -1"), employees(w.mock, loadUsersCLI)
	c.env = append(c.env, "TF_DISABLE_PLUGIN_TLS=", "GOGC=") // as people run it
	apply := func(who func(e *employee) bool) {
		var blocks []string
		for _, e := range all {
			if who(e) {
				blocks = append(blocks, e.v.imports(e.id), e.v.block(e.id, "timeouts = { delete = \""+loadTimeout+"\" }"))
			}
		}
		c.write("users.tf", blocks...)
		for run := 1; ; run++ {
			r := c.run("apply", "-auto-approve", fmt.Sprint("-parallelism=", loadAtOnce))
			if r.code == 0 {
				lines := strings.Split(strings.TrimSpace(r.raw), "\n")
				t.Logf("done after %d runs: %s", run, lines[len(lines)-1])
				return
			}
			if run == loadRuns {
				t.Fatalf("run %d: %d\n%s", run, r.code, r.raw)
			}
		}
	}
	apply(func(*employee) bool { return true })
	apply(func(e *employee) bool { return e.stays })
	checkLoadEvidence(t, filepath.Join(c.dir, "offboarding.jsonl"), w, all)
}

// checkLoadEvidence finds every closing in the log, proven once, and nobody else's.
func checkLoadEvidence(t *testing.T, file string, w *testEnv, all []*employee) {
	t.Helper()
	h, err := evidence.Read(t.Context(), file)
	if err != nil || h.Broken != nil {
		t.Fatalf("reading the log: %v, %v", err, h.Broken)
	}
	done := map[string]int{}
	for _, c := range h.Closures {
		result := c.Outcome.Result
		if result.Done() || result == evidence.NotVisible { // Skillable's word for closed by an earlier run
			done[c.Vendor+" "+c.ID]++
		}
	}
	for _, e := range all {
		if got := e.v.has(w.mock, e.id); got != e.stays {
			t.Errorf("%s %s: got open %v, want %v", e.v.kind.title, e.id, got, e.stays)
		}
		want := 1
		if e.stays {
			want = 0
		}
		if got := done[e.v.kind.name+" "+e.id]; got != want {
			t.Errorf("%s %s: got %d closings on record, want %d", e.v.kind.title, e.id, got, want)
		}
	}
}
