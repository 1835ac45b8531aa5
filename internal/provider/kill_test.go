package provider

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// cut is an apply that a test can cut off at each of its requests.
type cut interface {
	heading() string
	// requests returns the routes of all requests of the one apply, from the refresh to the proof.
	requests(t *testing.T) []string
	// leaver is a test environment of its own, and a CLI whose next apply is that apply.
	leaver(t *testing.T) (*testEnv, *cli)
	// again applies once more, and says what that did.
	again(t *testing.T, w *testEnv, c *cli) string
	// interrupted checks what an apply did and said that was interrupted once. It says how that apply
	// has done everything; empty if something is left to do.
	interrupted(t *testing.T, w *testEnv, c *cli, said result) string
}

// cutCase is one closing, to be cut off at each of its requests in turn.
type cutCase struct {
	vendorCase
	title      string
	settings   string               // in the provider block
	attributes string               // in the block of the user, before the apply
	blocks     string               // what the apply finds in the configuration: for a closing, nothing
	prepare    func(s *mock.Server) // nil for none

	state, host string // of the user imported once, for all test environments of the case
}

// closings are those of all vendors, and the longest that one of them can have.
func closings(t *testing.T) []cut {
	t.Helper()
	var all []cut
	for _, v := range casesWhere(t, vendorCase.exceptOneTwin) {
		all = append(all, &cutCase{vendorCase: v, title: v.kind.name})
	}
	labs := &cutCase{
		vendorCase: skillableCase,
		title:      "skillable, two labs running",
		attributes: "cancel_running_labs = true",
	}
	labs.prepare = func(s *mock.Server) {
		s.Skillable.Update(labs.id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 880101}, {ID: 880102}} })
	}
	labs.changes = append([]string{"GET /cancel", "GET /cancel"}, labs.changes...)
	return append(all, labs)
}

// env has the user of the case.
func (v *cutCase) env(t *testing.T) *testEnv {
	w := v.vendorCase.env(t)
	if v.prepare != nil {
		v.prepare(w.mock)
	}
	return w
}

func (v *cutCase) heading() string { return v.title }

// whole imports the user and lets the apply come to its end. It keeps the state of before for leaver.
func (v *cutCase) whole(t *testing.T) (*testEnv, *cli) {
	t.Helper()
	w := v.env(t)
	c := w.imported(t, v.vendorCase, v.settings, v.attributes, v.id)
	v.state, v.host = c.read("terraform.tfstate"), strings.TrimPrefix(w.url, "http://")
	c.write("users.tf", v.blocks)
	c.run("apply", "-auto-approve").want(0)
	return w, c
}

func (v *cutCase) requests(t *testing.T) []string {
	w, _ := v.whole(t)
	v.closedBy(t, w, v.changes...)
	return w.mock.Routes()
}

func (v *cutCase) leaver(t *testing.T) (*testEnv, *cli) {
	w := v.env(t)
	c := newCLI(t, w, v.settings)
	c.write("terraform.tfstate", strings.ReplaceAll(v.state, v.host, strings.TrimPrefix(w.url, "http://")))
	c.write("users.tf", v.blocks)
	return w, c
}

// answerAfter is how long an answer is kept back after something was done to the processes, so that
// they notice.
const answerAfter = 300 * time.Millisecond

// applyAnd applies, and does something to the processes after the effect of the k-th request,
// counted from 1, and before its answer.
func (c *cli) applyAnd(w *testEnv, k int, do func(*running)) result {
	c.t.Helper()
	started := make(chan *running, 1)
	var mu sync.Mutex
	n := 0
	w.mock.Fail(mock.Fault{After: k - 1, Times: 1, Delay: answerAfter})
	w.mock.OnRequest(func(mock.Request) {
		mu.Lock()
		n++
		hit := n == k
		mu.Unlock()
		if hit {
			do(<-started)
		}
	})
	defer w.mock.OnRequest(nil)
	r := c.start("apply", "-auto-approve")
	started <- r
	return r.wait()
}

// again wants the user in the state before and out of it after, and the account closed by no more than
// the one set of calls that a closing makes: by exactly those where the vendor can be asked for the
// proof.
func (v *cutCase) again(t *testing.T, w *testEnv, c *cli) string {
	t.Helper()
	c.users(v.id)
	before := len(w.changes())
	c.run("apply", "-auto-approve").want(0)
	c.users()
	changes := w.changes()
	switch {
	case !v.noRead:
		v.closedBy(t, w, v.changes...)
	case len(changes) > len(v.changes)+1:
		t.Errorf("got mutating requests %q, want %q and one proof more at the most", changes, v.changes)
	case v.has(w.mock, v.id):
		t.Errorf("the account %s is open, want it closed", v.id)
	}
	if len(changes) == before {
		return "found the account closed, no closing call"
	}
	return strings.Join(changes[before:], ", ")
}

// table collects what re-runs did, in the order of the requests.
type table struct {
	mu   sync.Mutex
	rows map[string]string
}

func (b *table) add(title string, k int, request, victim, did string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rows == nil {
		b.rows = map[string]string{}
	}
	b.rows[fmt.Sprintf("%s %02d %s", title, k, victim)] = fmt.Sprintf("%-27s %2d %-35s %-8s  %s",
		title, k, request, victim, did)
}

func (b *table) String() string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(b.rows)) {
		lines = append(lines, b.rows[key])
	}
	return strings.Join(lines, "\n")
}

func (v *cutCase) interrupted(t *testing.T, w *testEnv, c *cli, said result) string {
	t.Helper()
	switch {
	case len(c.state()) == 0:
		v.closedBy(t, w, v.changes...) // the call was on its way, and is never cut
		return "closed and proven in the same run"
	case v.noRead && strings.Contains(strings.Join(w.changes(), " "), v.closing):
		said.want(1, v.named(), "Interrupted: ") // the call was made, and no further one that would prove it
	case len(w.changes()) > 0:
		said.want(
			1,
			v.named()+" is not closed. The run was interrupted between two steps",
			"Done and confirmed: ",
			"It stopped at the step",
		)
	case strings.Contains(said.text, "Destroying...") && !strings.Contains(said.text, "The run was interrupted"):
		said.want(1, v.named()+" is not closed. The run was interrupted between two steps")
	}
	return ""
}

// victims are the processes that a test can kill, with the exit code of the CLI.
var victims = []struct {
	name string
	kill func(*running)
	code int
}{
	{"CLI", (*running).kill, -1},
	{"provider", (*running).killProvider, 1},
	{"both", (*running).killAll, -1},
}

// cutEach does something at every single request of some applies. It prints what their next applies
// did.
func cutEach(
	t *testing.T, all []cut, how string, do func(t *testing.T, v cut, k int, request string, rows *table),
) {
	t.Helper()
	var rows table
	t.Cleanup(func() { t.Logf("what the next apply did after %s at this request:\n%s", how, &rows) })
	for _, v := range all {
		t.Run(v.heading(), func(t *testing.T) {
			t.Parallel()
			for i, request := range v.requests(t) {
				do(t, v, i+1, request, &rows)
			}
		})
	}
}

// killAt kills the CLI, its provider, or both, after the effect of the k-th request and before the
// answer, and applies again.
func killAt(t *testing.T, v cut, k int, request string, rows *table) {
	t.Helper()
	for _, victim := range victims {
		t.Run(fmt.Sprintf("%s at request %d", victim.name, k), func(t *testing.T) {
			t.Parallel()
			w, c := v.leaver(t)
			c.applyAnd(w, k, victim.kill).want(victim.code)
			_, err := os.Stat(filepath.Join(c.dir, ".terraform.tfstate.lock.info"))
			if left := err == nil; left != (victim.code == -1) {
				t.Errorf("got the lock file left behind: %t, want it from a CLI that was killed", left)
			}
			rows.add(v.heading(), k, request, victim.name, v.again(t, w, c))
		})
	}
}

// interruptAt presses Ctrl-C once during the k-th request, and applies again if something is left to
// do. A call that is on its way is never cut.
func interruptAt(t *testing.T, v cut, k int, request string, rows *table) {
	t.Helper()
	t.Run(fmt.Sprintf("request %d", k), func(t *testing.T) {
		t.Parallel()
		w, c := v.leaver(t)
		did := v.interrupted(t, w, c, c.applyAnd(w, k, (*running).interrupt).want(1))
		if did == "" {
			did = v.again(t, w, c)
		}
		rows.add(v.heading(), k, request, "Ctrl-C", did)
	})
}

func TestCLI_kill(t *testing.T) {
	t.Parallel()
	cutEach(t, closings(t), "a kill", killAt)
}

func TestCLI_interrupt(t *testing.T) {
	t.Parallel()
	cutEach(t, closings(t), "Ctrl-C", interruptAt)
}
