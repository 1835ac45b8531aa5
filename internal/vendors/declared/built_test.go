package declared_test

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// A condition may choose between two forms of a call, which have no type in common. Each of them must name the
// account.
func TestParse_aCallOfTwoFormsNamesTheAccount(t *testing.T) {
	t.Parallel()
	const on = `user.status == "active" ? `
	for call, want := range map[string]bool{
		`body = ` + on + `{ id = user.id, transfer = { to = "x" } } : { id = user.id }`:           true,
		`body = ` + on + `{ ids = [user.id], force = true } : { user = { id = user.id } }`:        true,
		`body = { all = ` + on + `[user.id, { force = true }] : { id = user.id } }`:               true,
		`query = ` + on + `{ ids = [user.id, 5], force = true } : { id = user.id }`:               true,
		`form = ` + on + `{ ids = [user.id, 5], force = true } : { id = user.id }`:                true,
		`body = ` + on + `{ id = user.id, by = self, n = { a = 1 } } : { id = user.id, n = [5] }`: true,
		`body = ` + on + `{ ids = [5], force = true } : { user = { id = user.id } }`:              false,
	} {
		_, problems := declared.Parse("evening", replacing(`method   = "DELETE"`, `method   = "POST"`,
			`path     = ["people", user.id]`, "path = [\"people\", \"remove\"]\n  "+call)(eveningText(t, nil)))
		if (len(problems) == 0) != want {
			t.Errorf("%s: got %q, want it accepted: %t", call, shown(problems), want)
		}
	}
}
