package provider

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ofPeople tells whether a block is a part of the example of people, or speaks of it.
func (b pageBlock) ofPeople() bool {
	for _, part := range []string{"module.people", "\"./accounts\"", "local.accounts", "terraform_data.people"} {
		if strings.Contains(b.text, part) {
			return true
		}
	}
	return false
}

// writePeople writes a block of a page to the place in the example of people that is its own. A
// block that is a file of the example is there already.
func (c *cli) writePeople(b pageBlock) {
	c.t.Helper()
	for _, file := range peopleFiles {
		if example(c.t, file) == b.text {
			return
		}
	}
	if strings.Contains(b.text, "module \"people\"") {
		c.write("main.tf", completed(""), b.text)
		return
	}
	c.write("page.tf", b.text)
}

// What the guide prints for an account that stays, and for an address that changes, is followed in
// the example of people.
func TestPages_adviceOnPeopleCanBeFollowed(t *testing.T) {
	t.Parallel()
	const newEmail = "ines.ostrander@acme.test"
	ines := func(email string) string { return "- {email: \"" + email + "\", accounts: {ecgrid: \"30417\"}}\n" }
	address := func(email string) string { return `module.people.offboard_ecgrid_user.people["` + email + `"]` }
	stays := []string{"module.people.terraform_data.people", address(ottoEmail), konstantlyOfOtto}
	var followed []string
	for _, b := range pageBlocks(t) {
		if !strings.HasPrefix(b.text, "moved {") || !b.ofPeople() {
			continue
		}
		t.Run(filepath.Base(b.page), func(t *testing.T) {
			t.Parallel()
			w := leaversWorld(t)
			c := emptyCLI(t, w)
			c.copyPeople()
			c.write("people.yaml", otto, ines(inesEmail))
			c.run("apply", "-auto-approve").want(0)
			want := slices.Clone(stays)
			if strings.Contains(b.text, "removed {") {
				c.write("people.yaml", otto)
			} else {
				ecgridCase.email(w.mock, ecgridCase.id, newEmail)
				c.write("people.yaml", otto, ines(newEmail))
				c.run("plan").want(1) // without the block
				want = append(want, address(newEmail))
			}
			slices.Sort(want)
			c.write("page.tf", b.text)
			c.settles(w, want)
		})
		followed = append(followed, b.text)
	}
	if len(followed) != 2 {
		t.Errorf("got %d blocks, want 2", len(followed))
	}
}

const konstantlyOfOtto = `module.people.offboard_konstantly_user.people["` + ottoEmail + `"]`

// TestExamples_suspendedIsLockedOut suspends a person in the file, as the guide says. The plan names
// the accounts that stay open.
func TestExamples_suspendedIsLockedOut(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w)
	c.copyPeople()
	c.run("apply", "-auto-approve").want(0).silent("stay open")
	suspended := strings.Replace(example(t, "people/people.yaml"), "    accounts:",
		"    suspended: true\n    close_not_before: \"2999-12-31\"\n    accounts:", 1)
	c.write("people.yaml", suspended)
	c.run("apply", "-auto-approve").want(0, inesEmail+": ecgrid", inesEmail+": sfox")
	if status := c.state()[konstantlyCase.id]["status"]; status != "suspended" {
		t.Errorf("got the status %v at Konstantly, want suspended", status)
	}
	c.run("plan", "-detailed-exitcode").want(0, "stay open")
	c.write("people.yaml", otto, inesLeft)
	c.run("plan").want(1, "2999-12-31")
}

// TestExamples_peopleOfADeclaredVendor imports and closes an account of a vendor that the provider
// block declares.
func TestExamples_peopleOfADeclaredVendor(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), twins()[0]
	v.add(w.mock)
	c := emptyCLI(t, w)
	c.copyPeople()
	main := strings.Replace(example(t, "people/main.tf"), "source = \"./accounts\"",
		"source = \"./accounts\"\n  declared = [\""+v.kind.name+"\"]", 1)
	before, rest, _ := strings.Cut(main, "provider \"offboard\" {")
	_, after, _ := strings.Cut(rest, "\n}\n")
	c.write("main.tf", before, w.provider(""), after)
	both := "people:\n" + inesHas + "{" + v.kind.name + ": \"" + v.id + "\"}}\n"
	stays := "- " + ottoIs + "accounts: {" + v.kind.name + ": \"" + v.other + "\"}}\n"
	c.write("people.yaml", both, stays)
	c.run("apply", "-auto-approve").want(0)
	c.users(v.id, v.other)
	c.run("plan", "-detailed-exitcode").want(0)
	c.write("people.yaml", "people:\n", stays, inesLeft)
	c.run("apply", "-auto-approve").want(0)
	if v.has(w.mock, v.id) || !v.has(w.mock, v.other) {
		t.Error("want the account of Ines closed, and the one of Otto open")
	}
}
