package ecgrid_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

func body(data string) string { return `{"success":true,"data":` + data + `}` }

func TestUser_whatEachAnswerMeans(t *testing.T) {
	suspended := read()
	suspended.Status = offboard.Suspended
	unknown := read()
	unknown.Status = offboard.Unknown
	bare := ecgrid.User{User: offboard.User{ID: "30417", Status: offboard.Active}}
	odd := bare
	odd.Status, odd.NetworkID, odd.MailboxID = offboard.Unknown, 12, 880
	tests := map[string]struct {
		prepare func(*mock.Server)
		want    ecgrid.User
	}{
		"as documented":         {func(*mock.Server) {}, read()},
		"loginName":             {func(m *mock.Server) { m.ECGrid.LoginName = true }, read()},
		"no status":             {func(m *mock.Server) { m.ECGrid.NoStatus = true }, read()},
		"empty code":            {func(m *mock.Server) { m.ECGrid.Extras = mock.ExtrasEmpty }, read()},
		"null code":             {func(m *mock.Server) { m.ECGrid.Extras = mock.ExtrasNull }, read()},
		"suspended":             {status("Suspended"), suspended},
		"suspended, other case": {status("sUSPENDED"), suspended},
		"development":           {status("Development"), read()},
		"preproduction":         {status("Preproduction"), read()},
		"unknown status":        {status("Frozen"), unknown},
		"active, with blanks":   {status(" ACTIVE "), read()},
		"status of a number":    {answers(200, body(`{"userId":30417,"networkId":12,"mailboxId":880,"status":3}`)), odd},
		"status of an object":   {answers(200, body(`{"userId":30417,"networkId":"12","mailboxId":"880","status":{}}`)), odd},
		"status of a truth": {
			answers(200, body(`{"userId":"30417","networkId":12,"mailboxId":880,"status":false}`)),
			odd,
		},
		"IDs as strings":    {func(m *mock.Server) { m.Fail(mock.Fault{Route: routeGet, Lie: mock.IDTypes}) }, read()},
		"empty status":      {answers(200, body(`{"userId":30417,"status":""}`)), bare},
		"level of a number": {answers(200, body(`{"userId":30417,"authLevel":6}`)), bare},
		"id alone":          {answers(200, body(`{"userId":30417}`)), bare},
		"nulls": {
			answers(200, body(`{"userId":30417,"login":null,"email":null,"firstName":null,"networkId":null,"status":null}`)),
			bare,
		},
		"locked out": {answers(200, body(`{"userId":30417,"lockoutStatus":true,"status":"Active"}`)), bare},
		"new fields": {answers(200, body(`{"userId":30417,"halo":{"a":[1]}}`)), bare},
		"5xx once": {
			func(m *mock.Server) { m.Fail(mock.Fault{Route: routeGet, Times: 1, Status: 503}) },
			read(),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				tt.prepare(m)
				got, err := c.User(ctx, "30417")
				if err != nil || got != tt.want {
					t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
				}
			})
		})
	}
}

func status(word string) func(*mock.Server) {
	return func(m *mock.Server) { m.ECGrid.Update(mina.ID, func(u *mock.ECGridUser) { u.Status = word }) }
}

// answers makes every read of a user answer so.
func answers(code int, text string) func(*mock.Server) {
	return func(m *mock.Server) { m.Fail(mock.Fault{Route: routeGet, Status: code, Body: text}) }
}

// A terminated user is closed. Any "not found" is an absence, which other code settles.
func TestUser_closedOrAbsent(t *testing.T) {
	tests := map[string]struct {
		prepare func(*mock.Server)
		want    error
	}{
		"closed":                         {func(m *mock.Server) { m.ECGrid.Drop(mina.ID) }, offboard.ErrClosed},
		"closed in the list, other case": {answers(200, body(`{"userId":30417,"status":"TERMINATED"}`)), offboard.ErrClosed},
		"closed in the list, ID a text": {
			answers(200, body(`{"userId":"30417","status":"Terminated"}`)), offboard.ErrClosed,
		},
		"vanished": {func(m *mock.Server) { vanishing(m); m.ECGrid.Drop(mina.ID) }, offboard.ErrNotFound},
		"not visible": {
			func(m *mock.Server) { m.ECGrid.Hidden = map[int64]bool{mina.ID: true} },
			offboard.ErrNotFound,
		},
		"not found with 200":    {answers(200, notFound), offboard.ErrNotFound},
		"not found with 400":    {answers(400, notFound), offboard.ErrNotFound},
		"not found, other case": {answers(404, `{"success":false,"errorCode":"OBJECTNOTFOUND"}`), offboard.ErrNotFound},
		"gone, another code":    {answers(410, `{"success":false,"errorCode":"Gone"}`), offboard.ErrNotFound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				tt.prepare(m)
				_, err := c.User(ctx, "30417")
				for _, other := range []error{offboard.ErrClosed, offboard.ErrNotFound} {
					if errors.Is(err, other) != errors.Is(tt.want, other) {
						t.Errorf("got %v, want %v", err, tt.want)
					}
				}
				vendortest.WantRoutes(t, m, routeGet)
			})
		})
	}
}

func TestUser_otherAnswersNeverMeanGone(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
	}{
		"wrong key":            {401, `{"success":false,"errorCode":"InvalidAPIKey","message":"","data":null}`},
		"not allowed":          {403, `{"success":false,"errorCode":"AccessDenied","message":"","data":null}`},
		"404 page":             {404, vendortest.HTML},
		"404 empty":            {404, ""},
		"404 of another API":   {404, `{"message":"no route"}`},
		"404 with other code":  {404, `{"success":false,"errorCode":"InvalidParameter"}`},
		"404 called a success": {404, `{"success":true,"errorCode":"ObjectNotFound"}`},
		"404 without success":  {404, `{"errorCode":"ObjectNotFound"}`},
		"gone page":            {410, vendortest.HTML},
		"gone without a code":  {410, `{"success":false,"errorCode":""}`},
		"404 and a value":      {404, notFound + `{}`},
		"404 with two codes":   {404, `{"success":false,"errorCode":"ObjectNotFound","ErrorCode":"InvalidParameter"}`},
		"invalid":              {422, `{"success":false,"errorCode":"InvalidParameter"}`},
		"500":                  {500, `{"success":false,"errorCode":"InternalError"}`},
		"501":                  {501, `{"success":false,"errorCode":"NotImplemented"}`},
		"503 page":             {503, vendortest.HTML},
		"redirect":             {302, ""},
		"200 page":             {200, vendortest.HTML},
		"200 empty":            {200, ""},
		"204":                  {204, ""},
		"truncated":            {200, `{"success":true,"data":{"userId":30417,"status":"Term`},
		"two values":           {200, body(`{"userId":30417,"status":"Terminated"}`) + `{}`},
		"ID with a zero":       {200, body(`{"userId":"030417","status":"Terminated"}`)},
		"ID of a fraction":     {200, body(`{"userId":30417.5,"status":"Terminated"}`)},
		"ID of a list":         {200, body(`{"userId":[30417],"status":"Terminated"}`)},
		"an array":             {200, body(`[]`)},
		"no data":              {200, `{"success":true}`},
		"data null":            {200, body(`null`)},
		"no success":           {200, `{"data":{"userId":30417,"status":"Terminated"}}`},
		"success false":        {200, `{"success":false,"data":{"userId":30417,"status":"Terminated"}}`},
		"no id":                {200, body(`{"status":"Terminated"}`)},
		"another user":         {200, body(`{"userId":30418,"status":"Terminated"}`)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				answers(tt.status, tt.body)(m)
				_, err := c.User(ctx, "30417")
				vendortest.WantFault(t, err)
				if errors.Is(err, offboard.ErrClosed) {
					t.Errorf("got %v, want no ErrClosed", err)
				}
			})
		})
	}
}

// After an absence the key must have the rights that it had, or see another user of the same
// network.
func TestClient_CheckAccess(t *testing.T) {
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
			ecgrid.KeyRights{ID: "8", AuthLevel: "NetworkAdmin", NetworkID: 12},
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
			ID: "7", NetworkID: 12,
		}, mock.Fault{Lie: mock.EnumTypes}, listing(own),
			offboard.ErrAccessUnproven, nil},
		"a user of another mailbox, with a key of no mailbox": {
			ecgrid.KeyRights{ID: "8", AuthLevel: "NetworkAdmin", NetworkID: 12}, mock.Fault{}, listing(inMailbox(77)), nil, nil,
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
			ecgrid.KeyRights{ID: "7", AuthLevel: "MailboxAdmin", NetworkID: 12, MailboxID: 77}, ownUser("MailboxAdmin", 77),
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
	for row, want := range map[string]error{
		`{"userId":30418,"networkId":0,"status":"Active"}`: nil,
		`{"userId":30418,"status":"Active"}`:               offboard.ErrAccessUnproven,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
			m.Fail(mock.Fault{Route: routeMe, Lie: mock.NotVisible{Level: "General"}})
			m.Fail(mock.Fault{Route: routeList, Status: 200, Body: body("[" + row + "]")})
			u := read()
			u.NetworkID = 0
			if err := c.CheckAccess(ctx, u, key); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", row, err, want)
			}
		})
	}
}

// Only the address of a user who was never read is known. The network where users are searched for
// is that of the key.
func TestClient_CheckAccess_ofAUserWhoWasNeverSeen(t *testing.T) {
	for name, c := range map[string]struct {
		network int64
		want    error
	}{
		"another user in the network of the key": {12, nil}, "another user elsewhere": {13, offboard.ErrAccessUnproven},
	} {
		t.Run(name, func(t *testing.T) {
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
				m.ECGrid.Drop(mina.ID)
				crowd(m, 1, nil)
				m.ECGrid.Update(40000, func(u *mock.ECGridUser) { u.NetworkID = c.network })
				nobody := ecgrid.User{User: offboard.User{Email: "nobody@acme.test"}}
				if err := client.CheckAccess(ctx, nobody, ecgrid.KeyRights{}); !errors.Is(err, c.want) ||
					c.want == nil && err != nil {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// errFault means any *rest.Error.
var errFault = errors.New("an *rest.Error")

func TestSight_areTheRightsOfTheKey(t *testing.T) {
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		if got, err := c.KeyRights(ctx); err != nil || got != key {
			t.Errorf("got %+v, %v, want %+v", got, err, key)
		}
		vendortest.WantRoutes(t, m, routeMe)
	})
}

func TestUser_refusesIDs(t *testing.T) {
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		for _, id := range []string{"", "me", "007", ".."} {
			if _, err := c.User(ctx, id); err == nil || errors.Is(err, offboard.ErrNotFound) {
				t.Errorf("ID %q: got %v, want a refusal", id, err)
			}
		}
		vendortest.WantRoutes(t, m)
	})
}

func TestUser_waitsAfterA429(t *testing.T) {
	for header, want := range vendortest.RetryAfter() {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
			m.Fail(mock.Fault{Route: routeGet, Times: 1, Status: 429, Header: header})
			vendortest.WantWait(t, want, func() error {
				_, err := c.User(ctx, "30417")
				return err
			})
		})
	}
}

func TestPreflight_asksOnceForTheKeysOwnUser(t *testing.T) {
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Fail(mock.Fault{Route: routeMe, Times: 1, Status: 403})
		_, err := c.Preflight(ctx, read())
		vendortest.WantFault(t, err)
		m.ForgetRequests()
		m.Latency(time.Second)
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				got, err := c.Preflight(ctx, read())
				if err != nil || len(got) != 1 || got[0].Kind != offboard.FileTransfers {
					t.Errorf("got %v, %v, want nothing but that file transfers cannot be asked for", got, err)
				}
			})
		}
		callers.Wait()
		vendortest.WantRoutes(t, m, routeMe)
	})
}

func TestPreflight_waitsNoLongerThanAsked(t *testing.T) {
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
		m.Latency(20 * time.Second)
		var first sync.WaitGroup
		first.Go(func() {
			if _, err := c.Preflight(ctx, read()); err != nil {
				t.Errorf("got %v, want nil", err)
			}
		})
		synctest.Wait() // until the first call is on its way
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := c.Preflight(short, read()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		first.Wait()
	})
}
