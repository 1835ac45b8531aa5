package provider

import (
	"strings"
	"testing"
)

// checkBlocks are the configurations of the action on the page that describes it, in order.
func checkBlocks(t *testing.T) (blocks []string) {
	t.Helper()
	for _, b := range pageBlocks(t) {
		if b.page == "docs/guides/check-vendor.md" && b.isHCL() {
			blocks = append(blocks, b.text)
		}
	}
	if len(blocks) != 2 {
		t.Fatalf("got %d configurations of the action, want 2", len(blocks))
	}
	return blocks
}

func prepareCheck(t *testing.T, c *cli, _ *testEnv) {
	t.Helper()
	c.write("main.tf", completed(""), checkBlocks(t)[0])
}

// checkHasRead is what a check without sacrificial users leaves, and prepares the one with them.
func checkHasRead(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v, want none", changes)
	}
	for file, want := range map[string]string{
		"ecgrid.json": `"verdict": "documented"`, "ecgrid.md": "# What ecgrid answers", saidFile: "facts as documented",
	} {
		if text := c.read(file); !strings.Contains(text, want) {
			t.Errorf("got %s in %s, want %q in it", text, file, want)
		}
	}
	c.write("main.tf", completed(""), checkBlocks(t)[1])
}

func sacrificialUserIsClosed(t *testing.T, c *cli, w *testEnv) {
	t.Helper()
	if w.mock.ECGrid.Has(30417) || !w.mock.ECGrid.Has(30418) {
		t.Error("got Ines open or Otto closed, want only the sacrificial user closed")
	}
	if text := c.read("ecgrid.md"); !strings.Contains(text, "terminate-again") {
		t.Errorf("got %s, want the fact about a second termination in it", text)
	}
	if said := c.read(saidFile); !strings.Contains(said, "Closing sacrificial user 1 of 1") {
		t.Errorf("got %s, want progress in it", said)
	}
}

// A guard stops the check on a CLI, too, and the user stays open.
func TestContract_onACLI(t *testing.T) {
	t.Parallel()
	if cliUnderTest(t).isTofu() {
		return // OpenTofu has no actions
	}
	w := newTestEnv(t)
	ecgridCase.add(w.mock)
	c := newCLI(t, w, "  read_only = true")
	c.needs(listMinor)
	c.write("action.tf", checkBlocks(t)[1])
	c.run("apply", "-auto-approve", "-invoke=action.offboard_contract.ecgrid").want(1, "read_only")
	if changes := w.changes(); len(changes) > 0 {
		t.Errorf("got the changes %v, want none", changes)
	}
}
