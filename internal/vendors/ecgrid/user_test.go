package ecgrid_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

func body(data string) string { return `{"success":true,"data":` + data + `}` }

func TestUser_whatEachAnswerMeans(t *testing.T) {
	t.Parallel()
	suspended := read()
	suspended.Status = offboard.Suspended
	unknown := read()
	unknown.Status = offboard.Unknown
	bare := ecgrid.User{User: offboard.User{ID: "30417", Status: offboard.Active}}
	zero, placeless := bare, read()
	zero.NetworkID, zero.MailboxID = "0", "0"
	placeless.NetworkID, placeless.MailboxID = "", ""
	odd := bare
	odd.Status, odd.NetworkID, odd.MailboxID = offboard.Unknown, "12", "880"
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
		"a place of zeros":  {answers(200, body(`{"userId":30417,"networkId":0,"mailboxId":0}`)), zero},
		"null for no mailbox": {
			answers(200, body(`{"userId":30417,"networkId":"00","mailboxId":null}`)), zero,
		},
		"a place of words": {answers(200, body(`{"userId":30417,"networkId":"default","mailboxId":""}`)), bare},
		"no place":         {func(m *mock.Server) { m.ECGrid.NoPlace = true }, placeless},
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
			t.Parallel()
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
	t.Parallel()
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
		"not found, other case": {answers(404, `{"success":false,"errorCode":"OBJECTNOTFOUND"}`), offboard.ErrNotFound},
		"gone":                  {answers(410, notFound), offboard.ErrNotFound},
		"not found, in words": {
			answers(
				404,
				`{"success":false,"errorCode":"ObjectNotFound","message":"No user 30417","path":"/users/30417","status":404}`,
			),
			offboard.ErrNotFound,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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
	t.Parallel()
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
		"gone, a fault":        {410, `{"success":false,"errorCode":"InternalError"}`},
		"gone, a wrong key":    {410, `{"success":false,"errorCode":"InvalidAPIKey"}`},
		"gone, not allowed":    {410, `{"success":false,"errorCode":"AccessDenied"}`},
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
		"success and a code": {
			200,
			`{"success":true,"errorCode":"InternalError","data":{"userId":30417,"status":"Terminated"}}`,
		},
		"404 and the user": {
			404, `{"success":false,"errorCode":"ObjectNotFound","data":{"userId":30417,"login":"m.okafor","status":"Active"}}`,
		},
		"410 and the user": {410, `{"success":false,"errorCode":"ObjectNotFound","data":[{"UserID":"30417"}]}`},
		"200 and the user": {200, `{"success":false,"errorCode":"ObjectNotFound","data":null,"user":{"userId":30417}}`},
		"no id":            {200, body(`{"status":"Terminated"}`)},
		"another user":     {200, body(`{"userId":30418,"status":"Terminated"}`)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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

// A "not found" with a status of another kind is that of a vendor that refuses the request or is down.
func TestUser_isNotAbsentWithAnotherStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 400, 401, 403, 405, 408, 409, 422, 429, 500, 501, 502, 503} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				answers(status, notFound)(m)
				_, err := c.User(ctx, "30417")
				vendortest.WantFault(t, err)
			})
		})
	}
}

// errFault means any *rest.Error.
var errFault = errors.New("an *rest.Error")

func TestUser_refusesIDs(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
