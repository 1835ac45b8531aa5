package provider

import (
	"path/filepath"
	"strings"
	"testing"
)

// fromNothing tells whether a block is one of those that lead from an empty directory to a file of
// people.
func (b pageBlock) fromNothing() bool {
	return b.page == "docs/guides/adopt.md" && strings.Contains(b.text, "terraform ") &&
		strings.Contains(b.text, " init\n")
}

// TestPages_tenCommandsLeadToNoChanges types the ten commands of the page about imports. The people
// are messy: capitals, tags, two people with one address, an account of nobody.
func TestPages_tenCommandsLeadToNoChanges(t *testing.T) {
	t.Parallel()
	w := leaversWorld(t)
	c := emptyCLI(t, w).mirrored()
	c.needs(8) // functions
	konstantlyCase.put(w.mock, "u1m1n0", "Mina Okafor", "Mina.Okafor+lab@ACME.test")
	konstantlyCase.put(w.mock, "u5tr4n", "A Stranger", "stranger@elsewhere.test")
	c.write("hr.csv", "name,email,left_on,office\nInes Varga,"+inesEmail+",,4\n\"Ostrander, Otto\","+ottoEmail+
		",,\nMina Okafor,mina.okafor@acme.test,,\nBob,bob@acme.test,2026-11-02,")
	sources, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	c.env = append(c.env, "OFFBOARD="+sources, "HR="+filepath.Join(c.dir, "hr.csv"))
	commands := 0
	for _, b := range pageBlocks(t) {
		if !b.fromNothing() {
			continue
		}
		commands += strings.Count(strings.TrimSpace(b.text), "\n") + 1
		said := c.startProgram("sh", "-c", "yes yes | sh -e -c \"$1\"", "sh", b.text).wait().want(0)
		if strings.HasPrefix(b.text, "mkdir") {
			c.dir = filepath.Join(c.dir, "offboarding")
			c.olderVariant()
			continue
		}
		said.want(0, "No changes.")
	}
	if commands != 10 {
		t.Errorf("got %d commands, want ten", commands)
	}
	for _, id := range []string{konstantlyCase.id, konstantlyCase.other, ecgridCase.id, "u1m1n0"} {
		if c.state()[id] == nil {
			t.Errorf("the account %s is not in the state, want it there", id)
		}
	}
	if c.state()["u5tr4n"] != nil {
		t.Error("got the account of nobody in the state, want it left out")
	}
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v at a vendor, want none", changes)
	}
}
