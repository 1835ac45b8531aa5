package provider

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The job applies a saved plan, and loses the state that it wrote. The person is hired again, and
// the vendor opens the account again. The job is run again, with the plan and the state from before.
func TestCLI_aSavedPlanClosesNobodyTwice(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := v.env(t)
	c := w.imported(t, v, "evidence_log = \"log.jsonl\"", "", v.id)
	c.write("users.tf")
	c.run("plan", "-out=leaver.tfplan").want(0)
	before := c.read("terraform.tfstate")
	c.run("apply", "leaver.tfplan").want(0)
	c.write("terraform.tfstate", before)
	v.put(w.mock, v.id, inesName, inesEmail)
	r := c.run("apply", "leaver.tfplan")
	if !v.has(w.mock, v.id) {
		t.Errorf("got the account closed that was opened again after the closure of this plan: %s", r.raw)
	}
}

// The runner dies while the closing call is under way: the CLI writes no state, and the provider
// ends the closure and records its proof. The person is hired again, and the vendor opens the
// account again. The job is run again, with the same plan. No state was restored.
func TestCLI_aKilledJobThatRunsAgainClosesNobodyTwice(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	w := v.env(t)
	c := w.imported(t, v, "evidence_log = \"log.jsonl\"", "", v.id)
	c.write("users.tf")
	c.run("plan", "-out=leaver.tfplan").want(0)
	started := make(chan *running, 1)
	var once atomic.Bool
	w.mock.Fail(mock.Fault{Vendor: v.mockName(), Route: v.closing, Times: 1, Delay: slowly})
	w.mock.OnRequest(func(r mock.Request) {
		if r.Route == v.closing && once.CompareAndSwap(false, true) {
			(<-started).kill()
		}
	})
	r := c.start("apply", "leaver.tfplan")
	started <- r
	_ = r.cmd.Wait()
	<-r.over
	r.output.end()
	w.mock.OnRequest(nil)
	w.mock.Heal()
	t.Logf("the outcome of the killed run: %+v", lastOutcome(t, filepath.Join(c.dir, "log.jsonl")).Result)
	_ = os.Remove(filepath.Join(c.dir, ".terraform.tfstate.lock.info"))
	v.put(w.mock, v.id, inesName, inesEmail)
	if said := c.run("apply", "leaver.tfplan"); !v.has(w.mock, v.id) {
		t.Errorf("got the account closed that was opened again after the closure of this plan: %s", said.raw)
	}
}
