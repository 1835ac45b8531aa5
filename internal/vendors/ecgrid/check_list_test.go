package ecgrid_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
)

// minaAs is a row of mina.
func minaAs(status, mailbox string) string {
	return `{"userId":30417,"email":"mina@acme.test","firstName":"Mina","lastName":"Okafor","status":"` + status +
		`","networkId":12,"mailboxId":` + mailbox + `}`
}

// After a lost termination, and after an absence that no call explains, the whole list of the network must not
// show the user as open. In the second case it is read once.
func TestClient_CheckList(t *testing.T) {
	t.Parallel()
	const neighbor = `{"userId":30418,"networkId":12,"mailboxId":880}`
	const root = `{"userId":30419,"networkId":12,"mailboxId":0}`
	hers, listed := minaAs("Active", "880"), offboard.ErrListed
	mailboxKey := ecgrid.KeyRights{ID: "7", AuthLevel: "MailboxAdmin", NetworkID: "12", MailboxID: "77"}
	elsewhere := strings.Replace(hers, `"networkId":12`, `"networkId":13`, 1)
	nowhere := read()
	nowhere.NetworkID = ""
	forever := mock.Fault{Route: routeList, Status: 200, Body: body("[" + root + "]")}
	failure := mock.Fault{Route: routeList, Status: 404, Body: notFound}
	rows := func(rows ...string) mock.Fault {
		return mock.Fault{Route: routeList, Status: 200, Body: body("[" + strings.Join(rows, ",") + "]"), Times: 1}
	}
	for name, c := range map[string]struct {
		u     ecgrid.User
		then  ecgrid.KeyRights
		pages []mock.Fault
		want  error  // in the error
		words string // in the error; empty for none
	}{
		"not listed":           {read(), key, []mock.Fault{rows(neighbor), rows()}, nil, ""},
		"on the second page":   {read(), key, []mock.Fault{rows(neighbor), rows(hers)}, listed, "open"},
		"in another network":   {read(), key, []mock.Fault{rows(neighbor, elsewhere)}, listed, "open"},
		"terminated":           {read(), key, []mock.Fault{rows(neighbor, minaAs("Terminated", "880")), rows()}, nil, ""},
		"in the other mailbox": {read(), key, []mock.Fault{rows(root), rows(), rows(hers)}, listed, "open"},
		"terminated in one list, and open in the other": {
			read(), key, []mock.Fault{rows(root, minaAs("Terminated", "0")), rows(), rows(hers)},
			nil, "does not show the same",
		},
		"a further page fails":   {read(), key, []mock.Fault{rows(neighbor), failure}, nil, "HTTP 404"},
		"the same page for ever": {read(), key, []mock.Fault{forever}, nil, "not whole"},
		"no place":               {nowhere, key, nil, offboard.ErrPlaceUnknown, "where the account is"},
		"a key of another mailbox": {
			read(), mailboxKey, []mock.Fault{rows(root), rows(), rows()}, offboard.ErrAccessUnproven, "nothing shows",
		},
		"a key of a mailbox, and a neighbor": {
			read(), mailboxKey, []mock.Fault{rows(neighbor), rows(), rows()}, nil, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, shown := range []bool{false, true} {
				oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
					for _, page := range c.pages {
						m.Fail(page)
					}
					m.ECGrid.Drop(mina.ID)
					check := client.CheckList
					if shown {
						check = client.CheckShown
					}
					err := check(ctx, c.u, c.then)
					if (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) ||
						c.want != nil && !errors.Is(err, c.want) {
						t.Errorf("shown %t: got %v, want %q and %v", shown, err, c.words, c.want)
					}
					asked := len(m.Requests())
					again := check(ctx, c.u, c.then)
					isKept := err == nil || c.want != nil || strings.Contains(c.words, "whole")
					if shown && isKept && (len(m.Requests()) > asked || (again == nil) != (err == nil)) {
						t.Errorf("got %v after %d further requests, want the list that was read", again, len(m.Requests())-asked)
					}
				})
			}
		})
	}
}

// Nothing says which of two rows of one user is true, if each is in another list.
func TestUsers_aRowThatContradictsTheOtherList(t *testing.T) {
	t.Parallel()
	const root = `{"userId":30419,"networkId":12,"mailboxId":0,"status":"Active"}`
	for name, c := range map[string]struct {
		first, second string
		contradicts   bool
	}{
		"the same":        {root, root, false},
		"terminated":      {minaAs("Terminated", "0"), minaAs("Active", "880"), true},
		"another network": {strings.Replace(minaAs("Active", "0"), "12", "99", 1), minaAs("Active", "880"), true},
		"another person":  {strings.Replace(minaAs("Active", "0"), "mina@", "otto@", 1), minaAs("Active", "0"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
				for _, rows := range []string{c.first, "", root + "," + c.second, ""} {
					m.Fail(mock.Fault{Route: routeList, Status: 200, Body: body("[" + rows + "]"), Times: 1})
				}
				var bad *rest.RowError
				for _, err := range client.Users(ctx, ecgrid.Filter{}) {
					if err != nil && !errors.As(err, &bad) {
						t.Fatal(err)
					}
				}
				if (bad != nil) != c.contradicts || bad != nil && bad.ID != "30417" {
					t.Errorf("got %v, want an error about the user %t", bad, c.contradicts)
				}
			})
		})
	}
}
