package ecgrid_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// After an absence the key must have the rights that it had, or see another user of the same
// network.
func TestClient_CheckAccess(t *testing.T) {
	t.Parallel()
	const (
		otto     = `{"userId":30418,"networkId":12,"status":"Active"}`
		own      = `{"userId":7,"networkId":12,"authLevel":"General"}`
		minas    = `{"userId":30417,"networkId":12,"email":"mina@acme.test"}`
		stranger = `{"userId":30419,"networkId":13}`
		closed   = `{"userId":30420,"networkId":12,"status":"Terminated"}`
	)
	inMailbox := func(mailbox int) string {
		return fmt.Sprintf(`{"userId":%d,"networkId":12,"mailboxId":%d,"status":"Active"}`, 31000+mailbox, mailbox)
	}
	ownUser := func(level string, mailbox int) mock.Fault {
		own := fmt.Sprintf(`{"userId":7,"networkId":12,"mailboxId":%d,"authLevel":%q}`, mailbox, level)
		return mock.Fault{Status: 200, Body: body(own)}
	}
	demoted, moved := mock.NotVisible{Level: "General"}, mock.NotVisible{Network: 99}
	listing := func(rows ...string) mock.Fault {
		return mock.Fault{Route: routeList, Status: 200, Body: body("[" + strings.Join(rows, ",") + "]")}
	}
	tests := map[string]struct {
		then ecgrid.KeyRights
		me   mock.Fault
		list mock.Fault
		want error // nil for a sign; errFault for an *rest.Error
		sent []string
	}{
		"the same own user":                 {key, mock.Fault{}, listing(), nil, []string{routeMe}},
		"the same own user, IDs as strings": {key, mock.Fault{Lie: mock.IDTypes}, listing(), nil, []string{routeMe}},
		"demoted, alone": {
			key,
			mock.Fault{Lie: demoted},
			listing(own),
			offboard.ErrAccessUnproven,
			[]string{routeMe, routeList},
		},
		"demoted, an empty list": {key, mock.Fault{Lie: demoted}, listing(), offboard.ErrAccessUnproven, nil},
		"demoted, another user": {
			key,
			mock.Fault{Lie: demoted},
			listing(own, otto),
			nil,
			[]string{routeMe, routeList},
		},
		"demoted, another user, ID as a string": {
			key,
			mock.Fault{Lie: demoted},
			listing(`{"userId":"30418","networkId":"12"}`),
			nil,
			nil,
		},
		"demoted, a user of another network": {
			key,
			mock.Fault{Lie: demoted},
			listing(own, stranger),
			offboard.ErrAccessUnproven,
			nil,
		},
		"demoted, a terminated user": {
			key,
			mock.Fault{Lie: demoted},
			listing(closed),
			offboard.ErrAccessUnproven,
			nil,
		},
		"demoted, the account": {key, mock.Fault{Lie: demoted}, listing(minas), offboard.ErrListed, nil},
		"demoted, the account and another": {
			key,
			mock.Fault{Lie: demoted},
			listing(otto, minas),
			offboard.ErrListed,
			nil,
		},
		"demoted, the account of odd status": {
			key,
			mock.Fault{Lie: demoted},
			listing(otto, `{"userId":30417,"email":"mina@acme.test","status":4}`),
			offboard.ErrListed,
			nil,
		},
		"demoted, another person's account": {
			key,
			mock.Fault{Lie: demoted},
			listing(`{"userId":30417,"email":"zoe@acme.test"}`),
			offboard.ErrAnotherPerson,
			nil,
		},
		"demoted, an account of no user": {
			key,
			mock.Fault{Lie: demoted},
			listing(`{"userId":30417}`),
			offboard.ErrPersonNotShown,
			nil,
		},
		"demoted, the account terminated": {
			key,
			mock.Fault{Lie: demoted},
			listing(`{"userId":30417,"status":"terminated"}`),
			offboard.ErrClosed,
			nil,
		},
		"moved to another network, alone":   {key, mock.Fault{Lie: moved}, listing(own), offboard.ErrAccessUnproven, nil},
		"moved to another network, another": {key, mock.Fault{Lie: moved}, listing(otto), nil, nil},
		"the key of another user": {
			ecgrid.KeyRights{ID: "8", AuthLevel: "NetworkAdmin", NetworkID: "12", MailboxID: "0"},
			mock.Fault{},
			listing(own),
			offboard.ErrAccessUnproven,
			nil,
		},
		"rights that were never seen": {
			ecgrid.KeyRights{},
			mock.Fault{},
			listing(own),
			offboard.ErrAccessUnproven,
			nil,
		},
		"a level that is not documented": {ecgrid.KeyRights{
			ID: "7", NetworkID: "12", MailboxID: "0",
		}, mock.Fault{Lie: mock.EnumTypes}, listing(own),
			offboard.ErrAccessUnproven, nil},
		"a user of another mailbox, with a key of no mailbox": {
			ecgrid.KeyRights{
				ID:        "8",
				AuthLevel: "NetworkAdmin",
				NetworkID: "12",
				MailboxID: "0",
			},
			mock.Fault{},
			listing(inMailbox(77)),
			nil,
			nil,
		},
		"a user of another mailbox, with a key of that mailbox": {
			key, ownUser("NetworkAdmin", 77), listing(inMailbox(77)), offboard.ErrAccessUnproven, []string{routeMe, routeList},
		},
		"a user of another mailbox, with a key whose level is that of a mailbox": {
			key, ownUser("mailboxadmin", 0), listing(inMailbox(77)), offboard.ErrAccessUnproven, nil,
		},
		"a user of no mailbox that is named, with a key of a mailbox": {
			key, ownUser("MailboxAdmin", 77), listing(otto), offboard.ErrAccessUnproven, nil,
		},
		"a user of the account's mailbox, with a key of a mailbox": {
			key, ownUser("MailboxAdmin", 880), listing(inMailbox(77), inMailbox(880)), nil, nil,
		},
		"the own user alone in the account's mailbox": {
			key, ownUser("MailboxAdmin", 880), listing(`{"userId":7,"networkId":12,"mailboxId":880}`),
			offboard.ErrAccessUnproven, nil,
		},
		"the account in another mailbox": {
			key, ownUser("MailboxAdmin", 77), listing(`{"userId":30417,"networkId":12,"mailboxId":77,"email":"mina@acme.test"}`),
			offboard.ErrListed, nil,
		},
		"the account terminated, with a key of another mailbox": {
			key, ownUser("MailboxAdmin", 77), listing(`{"userId":30417,"networkId":12,"mailboxId":77,"status":"Terminated"}`),
			offboard.ErrClosed, nil,
		},
		"a key of a mailbox with the rights that it had": {
			ecgrid.KeyRights{ID: "7", AuthLevel: "MailboxAdmin", NetworkID: "12", MailboxID: "77"}, ownUser("MailboxAdmin", 77),
			listing(), nil, []string{routeMe},
		},
		"own user refused":      {key, mock.Fault{Status: 403}, listing(otto), errFault, nil},
		"own user not found":    {key, mock.Fault{Status: 404, Body: notFound}, listing(otto), errFault, nil},
		"own user is nobody":    {key, mock.Fault{Status: 200, Body: body(`{}`)}, listing(otto), errFault, nil},
		"own user is a page":    {key, mock.Fault{Status: 200, Body: vendortest.HTML}, listing(otto), errFault, nil},
		"demoted, list refused": {key, mock.Fault{Lie: demoted}, mock.Fault{Route: routeList, Status: 403}, errFault, nil},
		"demoted, list is null": {
			key,
			mock.Fault{Lie: demoted},
			mock.Fault{Route: routeList, Status: 200, Body: body("null")},
			errFault,
			nil,
		},
		"demoted, no such list": {
			key,
			mock.Fault{Lie: demoted},
			mock.Fault{Route: routeList, Status: 404, Body: notFound},
			errFault,
			nil,
		},
		"demoted, another user and a row of another ID that cannot be read": {
			key, mock.Fault{Lie: demoted}, listing(`{"userId":30421,"email":7}`, otto), nil, nil,
		},
		"demoted, another user and a row of the account that cannot be read": {
			key, mock.Fault{Lie: demoted}, listing(`{"userId":30417,"email":7}`, otto), errFault, nil,
		},
		"demoted, another user and a row whose ID is no ID here": {
			key, mock.Fault{Lie: demoted}, listing(`{"userId":"030417","email":7}`, otto), errFault, nil,
		},
		"demoted, nobody but a row of another ID that cannot be read": {
			key, mock.Fault{Lie: demoted}, listing(own, `{"userId":30421,"email":7}`), errFault, nil,
		},
		"demoted, rows of words": {key, mock.Fault{Lie: demoted}, listing(`"x"`), errFault, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				if _, err := c.Preflight(ctx, read()); err != nil { // an earlier answer is no sign now
					t.Fatalf("got %v, want nil", err)
				}
				m.ForgetRequests()
				tt.me.Route = routeMe
				m.Fail(tt.me)
				m.Fail(tt.list)
				err := c.CheckAccess(ctx, read(), tt.then)
				switch {
				case errors.Is(tt.want, errFault):
					vendortest.WantFault(t, err)
				case !errors.Is(err, tt.want), tt.want == nil && err != nil:
					t.Errorf("got %v, want %v", err, tt.want)
				}
				if tt.sent != nil {
					vendortest.WantRoutes(t, m, tt.sent...)
				}
			})
		})
	}
}

// A row that names no network is no user of network 0.
func TestClient_CheckAccess_ofARowWithoutANetwork(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]error{
		`{"userId":30418,"networkId":0,"status":"Active"}`: nil,
		`{"userId":30418,"status":"Active"}`:               offboard.ErrAccessUnproven,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
			m.Fail(mock.Fault{Route: routeMe, Lie: mock.NotVisible{Level: "General"}})
			m.Fail(mock.Fault{Route: routeList, Status: 200, Body: body("[" + row + "]")})
			u := read()
			u.NetworkID = "0"
			if err := c.CheckAccess(ctx, u, key); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", row, err, want)
			}
		})
	}
}

// Only the address or the ID of a user who was never read is known. A search by address is one in the
// network of the key. An ID may be that of a user of any network, and of any mailbox.
func TestClient_CheckAccess_ofAUserWhoWasNeverSeen(t *testing.T) {
	t.Parallel()
	byEmail, byID := offboard.User{Email: "nobody@acme.test"}, offboard.User{ID: "51"}
	const network, mailbox = "NetworkAdmin", "MailboxAdmin" // the level of the key
	for name, c := range map[string]struct {
		nobody  offboard.User
		level   string
		network int64 // of another user
		want    error
	}{
		"by address, another user in the network of the key": {byEmail, network, 12, nil},
		"by address, another user elsewhere":                 {byEmail, network, 13, offboard.ErrAccessUnproven},
		"by address, with a key of the root mailbox":         {byEmail, mailbox, 12, offboard.ErrPlaceUnknown},
		"by ID, another user in the network of the key":      {byID, network, 12, offboard.ErrPlaceUnknown},
		"by ID, with a key of the root mailbox":              {byID, mailbox, 12, offboard.ErrPlaceUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
				m.ECGrid.Drop(mina.ID)
				crowd(m, 1, nil)
				m.ECGrid.Update(40000, func(u *mock.ECGridUser) { u.NetworkID, u.MailboxID = c.network, 0 })
				m.ECGrid.Update(7, func(u *mock.ECGridUser) { u.AuthLevel, u.MailboxID = c.level, 0 })
				nobody := ecgrid.User{User: c.nobody}
				if err := client.CheckAccess(ctx, nobody, ecgrid.KeyRights{}); !errors.Is(err, c.want) ||
					c.want == nil && err != nil {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

func TestSight_areTheRightsOfTheKey(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		if got, err := c.KeyRights(ctx); err != nil || got != key {
			t.Errorf("got %+v, %v, want %+v", got, err, key)
		}
		vendortest.WantRoutes(t, m, routeMe)
	})
}
