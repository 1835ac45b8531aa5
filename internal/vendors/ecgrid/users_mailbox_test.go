package ecgrid_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// A list without a mailbox may be that of the root mailbox alone. If no user in it is in another
// mailbox, all mailboxes are asked for.
func TestUsers_ofAllMailboxes(t *testing.T) {
	t.Parallel()
	refusal := func(status int, code string) mock.Fault {
		return mock.Fault{
			Route:  routeList,
			After:  2,
			Status: status,
			Body:   `{"success":false,"errorCode":"` + code + `","message":"no","data":null}`,
		}
	}
	anyMailbox, root, all, fails := mock.Fault{Route: "none"}, mock.MailboxRoot, mock.MailboxAll, true
	once, twice, again := []string{
		routeMe,
		routeList,
		routeList,
	}, []string{
		routeMe,
		routeList,
		routeList,
		routeList,
		routeList,
	},
		[]string{
			routeMe,
			routeList,
			routeList,
			routeList,
		}
	unknown := func(status int, code string) mock.Fault {
		fault := refusal(status, code)
		fault.Times = 2 // the other list is still there
		return fault
	}
	asked := append(slices.Clone(twice), routeList) // twice for all mailboxes, and once more for the root mailbox
	for name, c := range map[string]struct {
		mailbox mock.ECGridMailbox // what a list without one is
		fault   mock.Fault         // from the third request on
		inRoot  bool               // whether mina is in the root mailbox, as all others are
		want    int
		fails   bool
		sent    []string
	}{
		"all at once":                     {all, anyMailbox, false, 3, !fails, once},
		"the root mailbox alone":          {root, anyMailbox, false, 3, !fails, twice},
		"the root mailbox, and all in it": {root, anyMailbox, true, 3, !fails, twice},
		"-1 is not a mailbox":             {all, anyMailbox, true, 3, !fails, asked},
		"-1 is refused":                   {all, unknown(400, "InvalidParameter"), true, 3, !fails, asked},
		"-1 is not found":                 {all, unknown(404, "ObjectNotFound"), true, 3, !fails, asked},
		"-1 is refused with HTTP 200":     {all, unknown(200, "invalidparameter"), true, 3, !fails, asked},
		"a gateway that is down, with the words of ECGrid": {
			root, refusal(503, "ObjectNotFound"), false, 2, fails, nil,
		},
		"a refused key, with the words of ECGrid": {root, refusal(403, "InvalidParameter"), false, 2, fails, nil},
		"all mailboxes are not permitted": {
			root, refusal(403, "AccessDenied"), false, 2, fails, append(slices.Clone(again), routeMe),
		},
		"a server that knows no list any more": {root, refusal(404, "ObjectNotFound"), false, 2, fails, asked},
		"a gateway in the place of ECGrid": {
			root, mock.Fault{Route: routeList, After: 2, Status: 404, Body: vendortest.HTML}, false, 2, fails, again,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
				crowd(m, 1, func(_ int, u *mock.ECGridUser) { u.MailboxID = 0 })
				if c.inRoot {
					m.ECGrid.Update(mina.ID, func(u *mock.ECGridUser) { u.MailboxID = 0 })
				}
				m.ECGrid.Mailbox = c.mailbox
				m.Fail(c.fault)
				users, bad, end := list(ctx, client, ecgrid.Filter{})
				if len(users) != c.want || len(bad) > 0 || (end != nil) != c.fails {
					t.Errorf("got %v, %q and %v, want %d users and an error %t", users, bad, end, c.want, c.fails)
				}
				if c.sent != nil {
					vendortest.WantRoutes(t, m, c.sent...)
				}
				m.Heal()
				m.Fail(c.fault)
				found, err := client.FindByEmail(ctx, "mina@acme.test")
				if (err != nil) != c.fails || !c.fails && len(found) != 1 {
					t.Errorf("got %+v and %v, want mina, or the error %t", found, err, c.fails)
				}
			})
		})
	}
}

// A caller that asks for one mailbox is not shown another one, and a list that cannot be read is
// read no further.
func TestUsers_ofOneMailbox(t *testing.T) {
	t.Parallel()
	root := int64(0)
	for name, c := range map[string]struct {
		filter ecgrid.Filter
		fault  mock.Fault
		sent   []string
	}{
		"the root mailbox": {
			ecgrid.Filter{MailboxID: &root}, mock.Fault{Route: "none"}, []string{routeMe, routeList, routeList},
		},
		"a list that is 403": {
			ecgrid.Filter{}, mock.Fault{Route: routeList, Status: 403}, []string{routeMe, routeList, routeMe},
		},
		"a list that is 400": {
			ecgrid.Filter{}, mock.Fault{Route: routeList, Status: 400, Body: `{"success":false,"errorCode":"InvalidParameter"}`},
			[]string{routeMe, routeList},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
				m.ECGrid.Mailbox = mock.MailboxRoot
				m.Fail(c.fault)
				users, _, end := list(ctx, client, c.filter)
				if slices.Contains(users, "30417") || (end == nil) != (c.fault.Status == 0) {
					t.Errorf("got %v and %v, want no user of another mailbox", users, end)
				}
				vendortest.WantRoutes(t, m, c.sent...)
			})
		})
	}
}

// Who wants no more users costs no further request, in the first list and in that of all mailboxes.
func TestUsers_ofAllMailboxesAreReadNoFurtherThanAsked(t *testing.T) {
	t.Parallel()
	for wanted, sent := range map[int][]string{
		1: {routeMe, routeList}, 2: {routeMe, routeList, routeList, routeList},
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
			m.ECGrid.Mailbox = mock.MailboxRoot // of the key's own user alone
			got := 0
			for _, err := range c.Users(ctx, ecgrid.Filter{}) {
				if got++; err != nil || got == wanted {
					break
				}
			}
			if got != wanted {
				t.Errorf("got %d users, want %d", got, wanted)
			}
			vendortest.WantRoutes(t, m, sent...)
		})
	}
}

// What the first list and the list of all mailboxes have in common comes once, the rows that cannot
// be read included.
func TestUsers_ofAllMailboxesComeOnce(t *testing.T) {
	t.Parallel()
	c := serving(t, func(n int) string {
		if n > 1 {
			return "[]"
		}
		return `[{"userId":1},{},{"userId":"3"},{}]`
	})
	users, bad, end := list(t.Context(), c, ecgrid.Filter{})
	if !slices.Equal(users, []string{"1", "3"}) || len(bad) != 2 || end != nil {
		t.Errorf("got %v, %q, %v, want 1 and 3, and each row that cannot be read once", users, bad, end)
	}
}

// The list without a mailbox shows the root mailbox. Of all mailboxes, this ECGrid shows those apart from the root
// mailbox. A replica has no users at all, so that both lists are empty a moment later.
func TestUsers_ofTheRootMailboxAndOfTheOthers(t *testing.T) {
	t.Parallel()
	row := func(id, mailbox int) string {
		return fmt.Sprintf(`{"userId":%d,"networkId":12,"mailboxId":%d,"status":"Active"}`, id, mailbox)
	}
	root := []string{row(7, 0), row(8, 0)}
	for name, c := range map[string]struct {
		every    []string // what -1 shows
		vanishes bool     // the list without a mailbox is empty once -1 was asked for
		want     int
		whole    bool
	}{
		"all but the root mailbox":      {[]string{row(9, 880)}, false, 3, true},
		"one of the root mailbox":       {[]string{row(7, 0), row(9, 880)}, false, 3, false},
		"another one of it":             {[]string{row(10, 0), row(9, 880)}, false, 4, false},
		"no user":                       {nil, false, 2, true},
		"no user, and then none at all": {nil, true, 2, false},
		"a row that cannot be read":     {[]string{`{"userId":"?"}`, row(9, 880)}, false, 3, false},
		"the root mailbox, too":         {append(root, row(9, 880)), false, 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := false
				client := servingMailboxes(t, func(page int, mailbox *int64) string {
					rows := root
					switch every := mailbox != nil; {
					case page > 1, !every && asked && c.vanishes:
						rows = nil
					case every:
						rows, asked = c.every, true
					}
					return "[" + strings.Join(rows, ",") + "]"
				})
				users, _, end := list(t.Context(), client, ecgrid.Filter{})
				if len(users) != c.want || (end == nil) != c.whole {
					t.Errorf("got %d users and %v, want %d and a whole list %t", len(users), end, c.want, c.whole)
				}
			})
		})
	}
}
