package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// crowdOf is a CLI that manages this many people at one vendor, and Ines Varga at another one.
func (w *testEnv) crowdOf(t *testing.T, v, elsewhere vendorCase, users int) *cli {
	t.Helper()
	elsewhere.add(w.mock)
	blocks := []string{elsewhere.imports(elsewhere.id), elsewhere.block(elsewhere.id, "")}
	for i := range users {
		id := v.numbered(i)
		v.put(w.mock, id, fmt.Sprintf("Person %02d", i), fmt.Sprintf("person%02d@acme.test", i))
		blocks = append(blocks, v.imports(id), v.block(id, ""))
	}
	c := newCLI(t, w, "")
	c.write("users.tf", blocks...)
	c.run("apply", "-auto-approve").want(0, fmt.Sprintf("%d imported", users+1))
	return c
}

// A key that is refused is one error with the cause and one folded warning, however many users
// there are. A leaver of another vendor is closed meanwhile by an apply without a refresh.
func TestCLI_wrongKeyIsToldOnce(t *testing.T) {
	t.Parallel()
	const users = 25 // more than twice what a CLI reads at once
	for _, v := range casesWhere(t, vendorCase.exceptOneTwin) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			w, elsewhere := newTestEnv(t), v.elsewhere()
			c := w.crowdOf(t, v, elsewhere, users)
			good := c.read("provider.tf")
			w.mock.Fail(mock.Fault{Vendor: v.mockName(), Status: 401, Body: `{"message":"bad key"}`})
			r := c.run("plan").want(
				1,
				"Cannot read a user in "+v.kind.title,
				"HTTP 401",
				v.kind.name+".api_key",
				"More users in "+v.kind.title+" could not be read",
				fmt.Sprintf("(and %d more similar warnings elsewhere)", users-2),
			)
			failed, warned := strings.Count(r.raw, "Error: "), strings.Count(r.raw, "Warning: More users")
			if failed != 1 || warned != 1 {
				t.Errorf("got %d errors and %d warnings, want one of each:\n%s", failed, warned, r.raw)
			}

			blocks := c.read("users.tf")
			_, rest, _ := strings.Cut(blocks, elsewhere.block(elsewhere.id, "")) // the leaver's block is the first one
			c.write("users.tf", rest)
			c.run("apply", "-auto-approve").want(1)
			c.run("apply", "-auto-approve", "-refresh=false").want(0, "1 destroyed")
			if elsewhere.has(w.mock, elsewhere.id) {
				t.Errorf("the leaver at %s is open, want them closed", elsewhere.kind.title)
			}
			c.write("provider.tf", good)
			w.mock.Heal()
			c.run("plan", "-detailed-exitcode").want(0, "No changes")
		})
	}
}
