package provider

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// slowly is how long the closing call of these tests takes: longer than anybody who notices a
// signal would take to end.
const slowly = 1500 * time.Millisecond

// during applies the closing of one user, and does something to the processes while the closing
// call is under way.
func (v vendorCase) during(t *testing.T, do func(*running)) (*testEnv, *cli, result, bool) {
	t.Helper()
	return v.duringCall(t, "", "", v.closing, do)
}

// duringCall applies these blocks, with settings in the provider block, and does something to the
// processes while a call of one route is under way.
func (v vendorCase) duringCall(t *testing.T, settings, blocks, route string, do func(*running)) (
	*testEnv, *cli, result, bool,
) {
	t.Helper()
	w := v.env(t)
	c := w.imported(t, v, settings, "", v.id)
	c.write("users.tf", blocks)
	started := make(chan *running, 1)
	var once atomic.Bool
	w.mock.Fail(mock.Fault{Vendor: v.mockName(), Route: route, Times: 1, Delay: slowly})
	w.mock.OnRequest(func(r mock.Request) {
		if r.Route == route && once.CompareAndSwap(false, true) {
			do(<-started)
		}
	})
	r := c.start("apply", "-auto-approve")
	started <- r
	began := time.Now()
	_ = r.cmd.Wait()
	ended := false
	select {
	case <-r.over:
		ended = true
	case <-time.After(slowly + 2*time.Second + proofTime):
		r.killAll()
		<-r.over
	}
	t.Logf("%s: over after %s", v.kind.name, time.Since(began).Round(100*time.Millisecond))
	w.mock.OnRequest(nil)
	return w, c, r.result(), ended
}

// proofTime is how long a proof may take after the call.
const proofTime = 5 * time.Second

// A runner that ends a job sends SIGTERM to the whole process group. The provider lets the CLI
// decide what that means, so that the call under way comes to its end and what became of it is
// known.
func TestCLI_sigtermToTheProcessGroupCutsNoCall(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			w, c, said, ended := v.during(t, func(r *running) { signalGroup(r.cmd, syscall.SIGTERM) })
			if !ended {
				t.Error("got the provider alive, want it to end with its CLI")
			}
			said.silent("Plugin did not respond", "panic")
			if v.has(w.mock, v.id) && !v.noRead {
				t.Errorf("got the account open, want the call that was under way to be answered: %s", said.raw)
			}
			if _, left := c.state()[v.id]; !left && v.has(w.mock, v.id) {
				t.Error("got the user out of the state and the account open")
			}
			c.run("apply", "-auto-approve").want(0)
			c.users()
		})
	}
}

// Two interrupts end the CLI in the middle of a closing. The provider drains first, so that the
// local state is never left empty.
func TestCLI_twoInterruptsLeaveTheState(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w, c, said, ended := v.during(t, func(r *running) {
		_ = r.cmd.Process.Signal(os.Interrupt)
		r.output.await("Interrupt received")
		_ = r.cmd.Process.Signal(os.Interrupt)
	})
	if !ended {
		t.Error("got the provider alive, want it to end with its CLI")
	}
	if info, err := os.Stat(filepath.Join(c.dir, "terraform.tfstate")); err != nil || info.Size() == 0 {
		t.Errorf("got the state %v, %v, want one with something in it: %s", info, err, said.raw)
	}
	if v.has(w.mock, v.id) {
		t.Error("got the account open, want the call that was under way to be answered")
	}
}

// A provider whose CLI was killed lets the call under way end, begins nothing further, and ends
// itself.
func TestCLI_providerEndsAfterItsCLIWasKilled(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	_, _, _, ended := v.during(t, (*running).kill)
	if !ended {
		t.Error("got the provider alive long after its CLI was killed, want it to end by itself")
	}
}
