package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const emergencyPage = "docs/guides/emergency.md"

// emergencySteps are what is true after each block of commands of the page about somebody who leaves
// now.
var emergencySteps = []pageStep{
	accountsAreFound, onlySuspended, leaverIsClosedAtOnce, aLabRuns, labsMayBeCanceled, nothingIsLeft,
	accountsAreImported, foundAccountsAreClosed,
}

// preparePeople imports everybody in the example's file of people.
func preparePeople(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	c.copyPeople()
	c.run("apply", "-auto-approve").want(0)
}

// accountsAreFound compares what the page looks for with the addresses that it then uses.
func accountsAreFound(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	found := strings.Fields(c.read(saidFile))
	var used []string
	for _, b := range pageBlocks(t) {
		if b.page == emergencyPage && strings.HasPrefix(b.text, "terraform apply -destroy") {
			for word := range strings.FieldsSeq(b.text) {
				address, ok := strings.CutPrefix(word, "-target='")
				if address = strings.TrimSuffix(address, "'"); ok && !slices.Contains(used, address) {
					used = append(used, address)
				}
			}
		}
	}
	for _, address := range used {
		if !strings.Contains(strings.Join(found, "\n"), address) {
			t.Errorf("got the addresses %v, want %s", found, address)
		}
	}
	if len(used) != len(leaversVendors(t)) || len(found) != len(used) {
		t.Errorf("got %d addresses, and %d on the page, want all vendors", len(found), len(used))
	}
	c.write("people.yaml", strings.Replace(example(t, "people/people.yaml"), "    accounts:",
		"    suspended: true\n    accounts:", 1))
}

// onlySuspended also checks what the page says of a suspension that is not committed.
func onlySuspended(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	if status := c.state()[konstantlyCase.id]["status"]; status != "suspended" {
		t.Errorf("got the status %v, want suspended", status)
	}
	c.run("plan", "-detailed-exitcode").want(0)
	c.copyExamples("people/people.yaml")
	c.run("plan", "-detailed-exitcode").want(2, "0 to add, 1 to change, 0 to destroy", "stays suspended")
	for _, v := range leaversVendors(t) {
		if v.kind.name != konstantlyKind.name && !v.has(w.mock, v.id) {
			t.Errorf("%s: the account is closed, want it open", v.kind.title)
		}
	}
}

// leaverIsClosedAtOnce also checks what the page says of a person who stays in the file.
func leaverIsClosedAtOnce(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	leaverIsClosed(t, c, w)
	c.run("plan").want(1, "No open account")
	c.write("people.yaml", otto, inesLeft)
}

// aLabRuns gives Ines an account at Skillable again, with a lab that runs, and puts her back into the
// file as the page says.
func aLabRuns(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	v := skillableCase
	v.put(w.mock, v.id, inesName, inesEmail)
	w.mock.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 41, Name: "Mesh basics"}} })
	c.write("people.yaml", otto, inesHas+"{skillable: "+v.id+"}, cancel_running_labs: true}\n")
}

// labsMayBeCanceled takes Ines out of the file again.
func labsMayBeCanceled(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	if v := skillableCase; !v.has(w.mock, v.id) {
		t.Error("got the account closed, want it open")
	}
	c.write("people.yaml", otto, inesLeft)
}

// nothingIsLeft goes on in an empty directory, with accounts of Ines that no block manages.
func nothingIsLeft(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	if v := skillableCase; v.has(w.mock, v.id) {
		t.Error("got the account open, want it closed")
	}
	c.dir = t.TempDir()
	for _, v := range searchedVendors(t) {
		v.put(w.mock, v.numbered(7), inesName, inesEmail)
	}
	w.mock.ForgetRequests()
	for _, b := range pageBlocks(t) {
		switch {
		case b.page != emergencyPage || !b.isHCL():
		case strings.HasPrefix(b.text, "import"):
			c.write("leaver.tf", b.text)
		default:
			c.write("main.tf", b.text)
		}
	}
}

// searchedVendors are those that the page searches by email.
func searchedVendors(t *testing.T) []vendorCase {
	t.Helper()
	return casesWhere(t, func(v vendorCase) bool { return v.twin == "" && v.kind.partial == "" })
}

func accountsAreImported(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	var want []string
	for _, v := range searchedVendors(t) {
		want = append(want, v.kind.typeName()+".leaver")
	}
	slices.Sort(want)
	if got := strings.Fields(c.run("state", "list").want(0).raw); !slices.Equal(got, want) {
		t.Errorf("got %v in the state, want %v", got, want)
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}

func foundAccountsAreClosed(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	c.users()
	for _, v := range searchedVendors(t) {
		if v.has(w.mock, v.numbered(7)) || !v.has(w.mock, v.other) {
			t.Errorf("%s: want the account of Ines closed, and the one of Otto open", v.kind.title)
		}
	}
	if log := c.read("offboarding.jsonl"); !strings.Contains(log, "HR-1234") {
		t.Errorf("got the evidence\n%s\nwant the ticket in it", log)
	}
	c.run("plan", "-detailed-exitcode").want(0)
}
