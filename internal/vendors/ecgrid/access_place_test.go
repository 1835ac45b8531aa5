package ecgrid_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// A network or a mailbox that an answer does not show is not number 0, of the key's own user or of
// another one.
func TestClient_CheckAccess_ofAPlaceThatIsNotShown(t *testing.T) {
	t.Parallel()
	const (
		otto     = `{"userId":30418,"networkId":12,"mailboxId":880}`
		neighbor = `{"userId":30418,"networkId":12,"mailboxId":77}`
		stranger = `{"userId":30419,"networkId":0,"mailboxId":0}`
		minas    = `{"userId":30417,"email":"mina@acme.test"}`
		network0 = `"networkId":0,"mailboxId":0`
	)
	rights := func(network, mailbox rest.ID) ecgrid.KeyRights {
		return ecgrid.KeyRights{ID: "7", AuthLevel: "NetworkAdmin", NetworkID: network, MailboxID: mailbox}
	}
	at := func(network, mailbox rest.ID) ecgrid.User {
		u := read()
		u.NetworkID, u.MailboxID = network, mailbox
		return u
	}
	search := ecgrid.User{User: offboard.User{Email: "nobody@acme.test"}}
	for name, c := range map[string]struct {
		u    ecgrid.User
		then ecgrid.KeyRights
		own  string // where the key's own user is now
		list []string
		want error
	}{
		"the key's place, then and now":   {read(), rights("", ""), ``, nil, offboard.ErrAccessUnproven},
		"the key's place now":             {read(), rights("0", "0"), ``, nil, offboard.ErrAccessUnproven},
		"the key's place then":            {read(), rights("", ""), network0, nil, offboard.ErrAccessUnproven},
		"the key's network, then and now": {read(), rights("", "0"), `"mailboxId":0`, nil, offboard.ErrAccessUnproven},
		"the key's mailbox, then and now": {read(), rights("12", ""), `"networkId":12`, nil, offboard.ErrAccessUnproven},
		"the key's network, null": {
			read(), rights("0", "0"), `"networkId":null,"mailboxId":0`, nil, offboard.ErrAccessUnproven,
		},
		"nothing, and null for no mailbox": {read(), rights("12", "0"), `"networkId":12,"mailboxId":null`, nil, nil},
		"the key's place, and another user of the mailbox": {
			read(), rights("", ""), ``, []string{otto}, nil,
		},
		"the key's place, and a user of another mailbox": {
			read(), rights("", ""), ``, []string{neighbor}, offboard.ErrAccessUnproven,
		},
		"the user's place, with a key as before": {at("", ""), rights("12", "0"), `"networkId":12,"mailboxId":0`, nil, nil},
		"the user's place, with a key of another network": {
			at("", ""), rights("12", "0"), network0, []string{stranger}, offboard.ErrPlaceUnknown,
		},
		"the user's network alone": {
			at("", "880"), rights("12", "0"), network0, []string{stranger}, offboard.ErrPlaceUnknown,
		},
		"the user's mailbox, with a key of a network": {
			at("12", ""), rights("0", "0"), `"networkId":12,"mailboxId":0`, []string{neighbor}, nil,
		},
		"the user's mailbox, with a key of a mailbox": {
			at("12", ""), rights("0", "0"), `"networkId":12,"mailboxId":77`, []string{neighbor}, offboard.ErrPlaceUnknown,
		},
		"all places":                   {at("", ""), rights("", ""), ``, []string{stranger}, offboard.ErrPlaceUnknown},
		"all places, and it is listed": {at("", ""), rights("", ""), ``, []string{stranger, minas}, offboard.ErrListed},
		"the place of the key of a search": {
			search, ecgrid.KeyRights{}, ``, []string{stranger}, offboard.ErrPlaceUnknown,
		},
		"the mailbox of the key of a search": {
			search, ecgrid.KeyRights{}, `"networkId":0`, []string{stranger}, offboard.ErrPlaceUnknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
				own := strings.TrimSuffix(`{"userId":7,"authLevel":"NetworkAdmin",`+c.own, ",") + "}"
				m.Fail(mock.Fault{Route: routeMe, Status: 200, Body: body(own)})
				m.Fail(mock.Fault{Route: routeList, Status: 200, Body: body("[" + strings.Join(c.list, ",") + "]")})
				err := client.CheckAccess(ctx, c.u, c.then)
				unknown := offboard.ErrPlaceUnknown
				if !errors.Is(err, c.want) || c.want == nil && err != nil || errors.Is(err, unknown) != errors.Is(c.want, unknown) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// A user whose place is not shown can be closed: the status Terminated proves it.
func TestClose_ofAUserWhosePlaceIsNotShown(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.ECGrid.NoPlace = true
		u, err := c.User(ctx, "30417")
		if err != nil || u.NetworkID != "" || u.MailboxID != "" {
			t.Fatalf("got %+v and %v, want a user without a place", u, err)
		}
		then, err := c.KeyRights(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if proof, err := c.Close(ctx, u, then, offboard.NotSent); err != nil || proof != offboard.Done {
			t.Errorf("got %v and %v, want the status as the proof", proof, err)
		}
	})
}

// If ECGrid does not show the network of the key, the list is that of the default network. Nothing says
// its number, so that no user is left out because of it.
func TestUsers_ofAKeyWhoseNetworkIsNotShown(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		crowd(m, 1, func(_ int, u *mock.ECGridUser) { u.NetworkID = 13 })
		m.Fail(mock.Fault{Route: routeMe, Status: 200, Body: body(`{"userId":7,"authLevel":"NetworkAdmin"}`)})
		if found, err := c.FindByEmail(ctx, "mina@acme.test"); err != nil || len(found) != 1 {
			t.Errorf("got %+v and %v, want mina", found, err)
		}
		if got := ids(ctx, t, c, ecgrid.Filter{}); len(got) != 2 {
			t.Errorf("got %q, want mina and the user who holds the key", got)
		}
		vendortest.WantRoutes(t, m, routeMe, routeList, routeList, routeList, routeList)
	})
}

// A state holds the rights of a key. Older versions wrote numbers, and 0 for what was not shown.
func TestKeyRights_areReadFromAState(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ecgrid.KeyRights{
		`{"id":"7","auth_level":"NetworkAdmin","network_id":12,"mailbox_id":0}`:     key,
		`{"id":"7","auth_level":"NetworkAdmin","network_id":"12","mailbox_id":"0"}`: key,
		`{"id":"7","auth_level":"NetworkAdmin","network_id":"","mailbox_id":null}`:  {ID: "7", AuthLevel: "NetworkAdmin"},
		`{"id":"7","auth_level":"NetworkAdmin"}`:                                    {ID: "7", AuthLevel: "NetworkAdmin"},
	} {
		var got ecgrid.KeyRights
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %+v and %v, want %+v", text, got, err, want)
		}
		var again ecgrid.KeyRights
		if written, err := json.Marshal(got); err != nil || json.Unmarshal(written, &again) != nil || again != got {
			t.Errorf("%s: got %s and %v, want it written as it was read", text, written, err)
		}
	}
}
