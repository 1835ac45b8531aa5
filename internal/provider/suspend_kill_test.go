package provider

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// suspensionCut is the suspension of one user, to be cut off at each of its requests in turn.
type suspensionCut struct{ cutCase }

// suspensionCuts are the suspensions of all vendors.
func suspensionCuts(t *testing.T) (all []cut) {
	t.Helper()
	for _, v := range casesWhere(t, vendorCase.suspends) {
		all = append(all, &suspensionCut{cutCase{
			vendorCase: v, title: v.kind.name, settings: withTheLog, blocks: v.block(v.id, suspendedBlock),
		}})
	}
	return all
}

// suspends reports whether suspended = true suspends an account at the vendor.
func (v vendorCase) suspends() bool { return v.suspending != "" }

const (
	suspensionLog  = "log.jsonl"
	withTheLog     = `evidence_log = "` + suspensionLog + `"`
	suspendedBlock = "suspended = true"
)

func (v *suspensionCut) requests(t *testing.T) []string {
	w, c := v.whole(t)
	v.wantSuspended(t, w, c)
	routes := w.mock.Routes()
	c.run("plan", "-detailed-exitcode").want(0, "No changes")
	return routes
}

func (v *suspensionCut) again(t *testing.T, w *testEnv, c *cli) string {
	t.Helper()
	c.users(v.id)
	before := len(w.changes())
	c.run("apply", "-auto-approve").want(0)
	v.wantSuspended(t, w, c)
	if len(w.changes()) == before {
		return "found the account suspended, no call"
	}
	return "suspended the account"
}

func (v *suspensionCut) interrupted(t *testing.T, w *testEnv, c *cli, said result) string {
	t.Helper()
	if c.state()[v.id]["suspended"] == true {
		v.wantSuspended(t, w, c)
		return "suspended and proven in the same run"
	}
	if strings.Contains(said.text, "Modifying...") {
		said.want(1, "This is about a suspension", "The run was interrupted")
	}
	return ""
}

// wantSuspended checks what the state, the vendor and the log say after a suspension that one call has
// made.
func (v vendorCase) wantSuspended(t *testing.T, w *testEnv, c *cli) {
	t.Helper()
	c.users(v.id)
	if got := c.state()[v.id]; got["status"] != "suspended" || got["suspended"] != true {
		t.Errorf("got status %v, suspended %v in the state, want it suspended", got["status"], got["suspended"])
	}
	if got := w.changes(); !slices.Equal(got, []string{v.suspending}) || !v.suspended(w.mock, v.id) ||
		!v.has(w.mock, v.other) || v.suspended(w.mock, v.other) {
		t.Errorf("got the mutating requests %q and suspended %t, want this user suspended by one call",
			got, v.suspended(w.mock, v.id))
	}
	h, err := evidence.Read(t.Context(), filepath.Join(c.dir, suspensionLog))
	if err != nil || h.Broken != nil || len(h.Closures) == 0 {
		t.Fatalf("got the log %+v, %v, want an intact one", h, err)
	}
	for i, one := range h.Closures {
		proven := one.Outcome.Result == evidence.Suspended && one.Outcome.Proof != ""
		if one.Action != evidence.Block || !proven && i == len(h.Closures)-1 {
			t.Errorf("got %s as %q at %d of %d, want suspensions of which the last one is proven",
				one.Action, one.Outcome.Result, i+1, len(h.Closures))
		}
	}
}

func TestCLI_killDuringASuspension(t *testing.T) {
	t.Parallel()
	cutEach(t, suspensionCuts(t), "a kill", killAt)
}

func TestCLI_interruptDuringASuspension(t *testing.T) {
	t.Parallel()
	cutEach(t, suspensionCuts(t), "Ctrl-C", interruptAt)
}

// SIGTERM to the process group cuts no call that suspends.
func TestCLI_sigtermToTheProcessGroupCutsNoSuspension(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.suspends) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			w, c, said, ended := v.duringCall(
				t, withTheLog, v.block(v.id, suspendedBlock), v.suspending,
				func(r *running) { signalGroup(r.cmd, syscall.SIGTERM) },
			)
			if !ended || !v.suspended(w.mock, v.id) {
				t.Errorf("got ended %t, suspended %t, want the call answered and the end of the provider: %s",
					ended, v.suspended(w.mock, v.id), said.raw)
			}
			(&suspensionCut{cutCase{vendorCase: v}}).again(t, w, c)
		})
	}
}
