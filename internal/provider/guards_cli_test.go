package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// appliedFirst is a block whose output is not known before it is applied.
func appliedFirst(value string) string {
	return "resource \"terraform_data\" \"guard\" {\n  input = " + value + "\n}\n"
}

func TestCLI_neverCloseHoldsAfterTheBlockIsGone(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		c.write("users.tf")
		for _, entry := range []string{v.id, "INES.varga@ACME.test"} {
			c.write("provider.tf", w.provider(fmt.Sprintf("never_close = [\"somebody@else.test\", %q]", entry)))
			c.run("apply", "-auto-approve").want(1, v.named(), "is never closed", "Put the user's block back", nothingClosed)
		}
		c.write("users.tf", v.block(v.id, ""))
		c.run("destroy", "-auto-approve").want(1, v.named(), "is never closed")
		c.users(v.id)
		v.untouched(t, w)

		c.write("provider.tf", w.provider(`never_close = ["somebody@else.test"]`))
		c.run("destroy", "-auto-approve").want(0)
		c.users()
		v.closedBy(t, w, v.changes...)
	})
}

// The plan does not know these guards, so nothing but the closing itself can hold to them.
func TestCLI_guardsThatAreNotKnownAtPlanHoldAtApply(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, _ *testEnv) {
		for _, guard := range []struct{ setting, value, says string }{
			{"never_close = [terraform_data.guard.output]", fmt.Sprintf("%q", strings.ToUpper(v.id)), "is never closed"},
			{"never_close = [terraform_data.guard.output]", `"INES.VARGA@ACME.TEST"`, "is never closed"},
			{"read_only = terraform_data.guard.output", "true", "The provider is read-only"},
			{"max_closures = terraform_data.guard.output", "0", "max_closures = 0 is reached"},
		} {
			t.Run(guard.says, func(t *testing.T) {
				t.Parallel()
				w := v.env(t)
				c := w.imported(t, v, "", "", v.id)
				c.write("users.tf", appliedFirst(guard.value))
				c.write("provider.tf", w.provider(guard.setting))
				c.run("apply", "-auto-approve").want(1, "1 to destroy", v.named(), guard.says)
				c.users(v.id)
				v.untouched(t, w)
			})
		}
	})
}

func TestCLI_maxClosures(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "max_closures = 1", "", v.id, v.other)
		c.write("users.tf")
		says := []string{
			"This plan closes more users than max_closures = 1 allows",
			"2 users would be closed",
			v.named(),
			ottoName + " <" + ottoEmail + ">",
		}
		c.run("plan").want(1, says...)
		c.run("apply", "-auto-approve", "-refresh=false").want(1, says...)
		c.run("destroy", "-auto-approve").want(1, says...)
		c.users(v.id, v.other)
		v.untouched(t, w)

		c.run("plan", "-target="+v.address(v.id)).want(0, "1 to destroy")
		c.write("provider.tf", w.provider("max_closures = 2"))
		c.run("apply", "-auto-approve").want(0, "2 destroyed")
		c.users()
		if v.has(w.mock, v.id) || v.has(w.mock, v.other) {
			t.Error("an account is open, want both closed")
		}
	})
}

func TestCLI_maxClosuresDoesNotCountWhoIsClosed(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "max_closures = 1", "", v.id, v.other)
		c.write("users.tf")
		v.drop(w.mock, v.other)
		v.put(w.mock, v.numbered(9), "Somebody Who Stays", "stays@acme.test") // the last user of all is never proven closed
		if v.noRead {
			// It cannot say that somebody is closed: to be sure, the call is made.
			c.run("plan").want(1, "max_closures = 1")
			return
		}
		c.run("apply", "-auto-approve").want(0, "2 destroyed")
		c.users()
		v.closedBy(t, w, v.changes...)
	})
}

func TestCLI_maxClosuresAtApplyStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id, v.other)
		c.write("users.tf", appliedFirst("1"))
		c.write("provider.tf", w.provider("max_closures = terraform_data.guard.output"))
		c.run("apply", "-auto-approve").want(1, "2 to destroy", "max_closures = 1 is reached",
			"would be closure number 2 in this run")
		if got := w.changes(); !slices.Equal(got, v.changes) {
			t.Errorf("got mutating requests %q, want those of one closing, %q", got, v.changes)
		}
		if v.has(w.mock, v.id) == v.has(w.mock, v.other) {
			t.Errorf("got both accounts open: %t, want one closed and one open", v.has(w.mock, v.id))
		}
		c.run("apply", "-auto-approve").want(0, "1 destroyed")
		c.users()
	})
}

func TestCLI_maxClosuresCountsAllVendorsTogether(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	vendors := allAtOnce()
	all := len(vendors)
	c := newCLI(t, w, fmt.Sprintf("max_closures = %d", all-1))
	var blocks, everybody []string
	for _, v := range vendors {
		v.add(w.mock)
		blocks, everybody = append(blocks, v.imports(v.id), v.block(v.id, "")), append(everybody, v.id)
	}
	c.write("users.tf", blocks...)
	c.run("apply", "-auto-approve").want(0, fmt.Sprintf("%d imported", all))
	c.write("users.tf")
	says := []string{fmt.Sprintf("max_closures = %d allows", all-1), fmt.Sprintf("%d users would be closed", all)}
	for _, v := range vendors {
		says = append(says, "- "+v.named())
	}
	c.run("apply", "-auto-approve").want(1, says...)
	c.users(everybody...)
	if got := w.changes(); len(got) > 0 {
		t.Errorf("got mutating requests %q, want none", got)
	}
	c.write("provider.tf", w.provider(fmt.Sprintf("max_closures = %d", all)))
	c.run("apply", "-auto-approve").want(0, fmt.Sprintf("%d destroyed", all))
	c.users()
}

func TestCLI_maxClosuresNamesTheFirstTen(t *testing.T) {
	t.Parallel()
	v, w := sfoxCase, newTestEnv(t)
	var ids []string
	for i := range 13 {
		ids = append(ids, fmt.Sprintf("cust-9%02d", i))
		w.mock.SFOX.Add(
			mock.SFOXUser{ID: ids[i], Name: fmt.Sprintf("Leaver %02d", i), Email: fmt.Sprintf("leaver%02d@acme.test", i)},
		)
	}
	c := w.imported(t, v, "max_closures = 12", "", ids...)
	c.write("users.tf")
	r := c.run("plan").want(1, "13 users would be closed", "allows 12 in one run", "- and 3 more")
	_, first, _ := strings.Cut(r.text, "Planned closures so far:")
	first, _, _ = strings.Cut(first, "- and 3 more")
	if got := strings.Count(first, "- Leaver "); got != 10 {
		t.Errorf("got %d names, want ten:\n%s", got, r.raw)
	}
	c.users(ids...)
}

func TestCLI_readOnlyClosesNobody(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "read_only = true")
		c.write("users.tf", v.imports(v.id), v.block(v.id, ""))
		c.run("apply", "-auto-approve").want(0, "1 imported")
		c.run("plan", "-detailed-exitcode").want(0, "No changes")
		c.run("apply", "-refresh-only", "-auto-approve").want(0)
		c.run("destroy", "-auto-approve").want(1, v.named(), "The provider is read-only: Ines Varga", nothingClosed)
		c.write("users.tf")
		c.run("plan", "-out=saved").want(0, "1 to destroy", "An apply refuses it because of read_only = true", v.named())
		c.run("apply", "saved").want(1, v.named(), "The provider is read-only: Ines Varga", nothingClosed)
		c.run("apply", "-auto-approve", "-refresh=false").want(1, "The provider is read-only: Ines Varga")
		c.users(v.id)
		v.untouched(t, w)

		c.write("provider.tf", w.provider("read_only = false"))
		c.run("apply", "-auto-approve").want(0)
		c.users()
		v.closedBy(t, w, v.changes...)
	})
}

// A guard that depends on what is not applied is not known when a destroy is applied.
func TestCLI_guardThatIsNeverKnownClosesNobody(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		c.write("users.tf", "resource \"terraform_data\" \"guard\" {\n  input = true\n}\n", v.block(v.id, ""))
		c.write("provider.tf", w.provider("read_only = terraform_data.guard.output"))
		c.run("destroy", "-auto-approve").want(1, "read_only is not known")
		v.untouched(t, w)
		c.users(v.id)
	})
}

func TestCLI_neverCloseRefusesBlanksAtTheEnds(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	c := newCLI(t, w, "")
	c.write("users.tf", konstantlyCase.block(konstantlyCase.id, "")) // a provider that nothing uses is not looked at
	for entry, why := range map[string]string{
		``: "it is empty", ` `: "it is empty", `a\r`: "begins or ends with a space", `a\n`: "begins or ends with a space",
		` a`: "begins or ends with a space",
	} {
		c.write("provider.tf", w.provider(fmt.Sprintf("never_close = [\"%s\"]", entry)))
		c.run("validate").want(1, "Cannot use an entry of never_close", why)
	}
	c.write("provider.tf", w.provider(`never_close = ["a", "Ines Varga"]`))
	c.run("validate").want(0)
}
