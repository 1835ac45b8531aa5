package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The key of a user of a mailbox may see that mailbox alone. So its list is not that of all accounts, and
// whom it does not show is not missing.
func TestAccountsData_theKeyOfAMailboxListsAPart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		level, place string
		part         bool
	}{
		"a network":              {"NetworkAdmin", `,"networkId":12,"mailboxId":0`, false},
		"a mailbox":              {"NetworkAdmin", `,"networkId":12,"mailboxId":77`, true},
		"a level of the mailbox": {"MailboxAdmin", `,"networkId":12,"mailboxId":0`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v, f := ecgridCase, newLiar(t, ecgridCase)
				f.mock.ECGrid.Update(number(v.id), func(u *mock.ECGridUser) { u.NetworkID = 13 }) // out of sight
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					return at == "/users/me" && say(w, 200, ecgridShown("7", "svc", "svc@acme.test", c.level, c.place))
				}
				values, diags := virtualDriver(t, f, nil).dataSource("offboard_accounts", attributes{
					"people": peopleOf(row{"email": inesEmail, "accounts": row{"ecgrid": v.id}}),
				})
				if diags.errors() != "" {
					t.Fatal(diags.errors())
				}
				whole := strings.Contains(values["vendors"].String(), `"ecgrid"`)
				why := ""
				for _, p := range elements(t, values["cannot_list"]) {
					if shownAs(t, p["vendor"]) == "ecgrid" {
						why = shownAs(t, p["why"])
					}
				}
				missing := len(elements(t, values["missing"]))
				if whole == c.part || strings.Contains(why, "a part of the accounts") != c.part || (missing > 0) == c.part {
					t.Errorf("got a whole list %t, %q and %d missing, want a part %t", whole, why, missing, c.part)
				}
			})
		})
	}
}
