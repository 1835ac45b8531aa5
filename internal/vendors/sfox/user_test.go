package sfox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

func TestUser(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		u, err := c.User(ctx, dana.ID)
		if err != nil || u != dana {
			t.Errorf("got %+v and %v, want %+v", u, err, dana)
		}
		vendortest.WantRoutes(t, server, routeUser)
	})
}

func TestUser_readsTolerantly(t *testing.T) {
	t.Parallel()
	bare := sfox.User{User: offboard.User{ID: dana.ID, Status: offboard.Active}}
	advisor := bare
	advisor.AccountRole, advisor.VerificationStatus = "advisor", "PENDING"
	for name, c := range map[string]struct {
		body string
		want sfox.User
	}{
		"the id alone": {`{"data":{"user_id":"cust-7f31"}}`, bare},
		"nulls": {
			`{"data":{"user_id":"cust-7f31","email":null,"first_name":null,"advisor_user_id":null,"status":null}}`, bare,
		},
		"another spelling of a role": {
			`{"data":{"user_id":"cust-7f31","account_role":"ADVISOR","status":"PENDING"}}`, advisor,
		},
		"decorations of any type": {
			`{"data":{"user_id":"cust-7f31","account_type":7,"account_role":["client"],"advisor_user_id":{},"status":1}}`, bare,
		},
		"fields of any type": {
			`{"more":1,"data":{"user_id":"cust-7f31","individual":7,"requirements":[{}],"intermediary_status":false}}`, bare,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.Fail(fault(routeUser, 200, c.body))
				if u, err := client.User(ctx, dana.ID); err != nil || u != c.want {
					t.Errorf("got %+v and %v, want %+v", u, err, c.want)
				}
			})
		})
	}
}

// sFOX shows no closed users: any "not found" is an absence and no proof, and no user else is asked
// at once.
func TestUser_isAbsentWhenSFOXSaysSo(t *testing.T) {
	t.Parallel()
	for _, gone := range []mock.SFOXGone{mock.GoneNotFound, mock.GoneNull, mock.GoneObject, mock.GoneArray} {
		for _, id := range []string{dana.ID, "never-there", "a/../b?c"} {
			t.Run(fmt.Sprint(gone, " ", id), func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					server.SFOX.Gone = gone
					server.SFOX.Drop(dana.ID)
					if _, err := c.User(ctx, id); !errors.Is(err, offboard.ErrNotFound) || errors.Is(err, offboard.ErrClosed) {
						t.Errorf("got %v, want ErrNotFound and not ErrClosed", err)
					}
					vendortest.WantRoutes(t, server, routeUser)
				})
			})
		}
	}
}

func TestUser_isAbsentInOtherForms(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"410":                fault(routeUser, 410, `{"error":"gone"}`),
		"another text":       fault(routeUser, 404, `{"error":"No such endpoint"}`),
		"null with blanks":   fault(routeUser, 200, `{ "data" : null }`),
		"{} with blanks":     fault(routeUser, 200, "{\"data\": { } }"),
		"[] with newlines":   fault(routeUser, 200, "{\"data\":[\n]}"),
		"null, of a success": fault(routeUser, 200, `{"data":null,"success":true,"status":200}`),
		"null beside nothing": fault(
			routeUser, 200, `{"data":null,"error":null,"errors":[ ],"message":"","code":0,"more":{}}`,
		),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(f)
				if _, err := c.User(ctx, dana.ID); !errors.Is(err, offboard.ErrNotFound) {
					t.Errorf("got %v, want ErrNotFound", err)
				}
			})
		})
	}
}

func TestUser_isNotAbsentAfterAnUnclearAnswer(t *testing.T) {
	t.Parallel()
	for name, f := range doubtful {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.SFOX.Drop(dana.ID)
				f.Route = routeUser
				server.Fail(f)
				_, err := c.User(ctx, dana.ID)
				vendortest.WantFault(t, err)
			})
		})
	}
}

// After an absence the list must show another user of the same role, and not the absent user.
func TestClient_CheckAccess(t *testing.T) {
	t.Parallel()
	const (
		danas  = `{"user_id":"cust-7f31","email":"dana@acme.test","account_role":"client"}`
		client = `{"user_id":"cust-0002","account_role":"Client"}`
		adv    = `{"user_id":"adv-1","account_role":"advisor"}`
		noRole = `{"user_id":"cust-0003"}`
		unread = `{"user_id":"cust-0004","email":7,"account_role":"client"}`
	)
	list := func(rows ...string) mock.Fault {
		return fault(routeUsers, 200, `{"data":[`+strings.Join(rows, ",")+`]}`)
	}
	for name, c := range map[string]struct {
		role  string
		fault mock.Fault
		want  error // nil for a sign; errFault for an *rest.Error
	}{
		"another client":                                 {"client", list(client), nil},
		"another client, role in capitals":               {"CLIENT", list(client), nil},
		"another client and an unreadable":               {"client", list(`{}`, client), errFault},
		"another client and an unreadable of another ID": {"client", list(unread, client), nil},
		"another client and an unreadable of the user": {
			"client", list(`{"user_id":"Cust-7F31","email":7}`, client), errFault,
		},
		"nobody but an unreadable of another ID":     {"client", list(unread), errFault},
		"an advisor and an unreadable of another ID": {"client", list(adv, unread), errFault},
		"another client, and one of no role":         {"client", list(client, noRole), nil},
		"another advisor":                            {"advisor", list(adv), nil},
		"nobody":                                     {"client", list(), offboard.ErrEmptyList},
		"nobody but an advisor":                      {"client", list(adv), offboard.ErrEmptyList},
		"nobody but another account of the person": {
			"client", list(`{"user_id":"cust-new","email":"Dana@acme.test","account_role":"client"}`), offboard.ErrEmptyList,
		},
		"another client, and another account of the person": {
			"client", list(client, `{"user_id":"cust-new","email":"Dana@acme.test","account_role":"client"}`), nil,
		},
		"nobody but the ID in another letter case": {
			"client", list(`{"user_id":"CUST-7F31","account_role":"client"}`), offboard.ErrAccessUnproven,
		},
		"another client beside the ID in another letter case": {
			"client", list(client, `{"user_id":"CUST-7F31","account_role":"client"}`), offboard.ErrAccessUnproven,
		},
		"nobody on a page that is not the last": {
			"client", fault(routeUsers, 200, `{"data":[],"has_more":true}`), offboard.ErrAccessUnproven,
		},
		"nobody of three": {
			"client", fault(routeUsers, 200, `{"data":[],"total":3}`), offboard.ErrAccessUnproven,
		},
		"nobody, and no success":   {"client", fault(routeUsers, 200, `{"data":[],"success":false}`), errFault},
		"nobody, and errors":       {"client", fault(routeUsers, 200, `{"data":[],"errors":["timeout"]}`), errFault},
		"nobody, and a status":     {"client", fault(routeUsers, 200, `{"data":[],"status":503}`), errFault},
		"nobody, and words":        {"client", fault(routeUsers, 200, `{"data":[],"message":"maintenance"}`), errFault},
		"a client, and no success": {"client", fault(routeUsers, 200, `{"data":[`+client+`],"success":false}`), errFault},
		"a client, and errors":     {"client", fault(routeUsers, 200, `{"data":[`+client+`],"errors":["no"]}`), errFault},
		"a client, and words":      {"client", fault(routeUsers, 200, `{"data":[`+client+`],"message":"One user."}`), nil},
		"nobody, and further keys": {
			"client", fault(routeUsers, 200, `{"data":[],"total":0,"next":null,"has_more":false,"success":true,"errors":[ ]}`),
			offboard.ErrEmptyList,
		},
		"nobody but clients of an advisor": {"advisor", list(client, danas), offboard.ErrListed},
		"nobody whose role is known":       {"client", list(noRole), offboard.ErrAccessUnproven},
		"rows that cannot be read":         {"client", list(`{}`, `7`), errFault},
		"an advisor and a row of no use":   {"client", list(adv, `{}`), errFault},
		"the user":                         {"client", list(danas), offboard.ErrListed},
		"the user and another":             {"client", list(danas, client), offboard.ErrListed},
		"the user under another role":      {"advisor", list(danas, adv), offboard.ErrListed},
		"the user without a role": {
			"client", list(client, `{"user_id":"cust-7f31","email":"dana@acme.test"}`), offboard.ErrListed,
		},
		"another person's account": {
			"client", list(`{"user_id":"cust-7f31","email":"zoe@acme.test","account_role":"client"}`), offboard.ErrAnotherPerson,
		},
		"a role that is not known":          {"", list(adv), nil},
		"a role that is not known, no user": {"", list(), offboard.ErrEmptyList},
		"a role that is not known, listed":  {"", list(adv, danas), offboard.ErrListed},
		"a role that is not documented":     {"trustee", list(adv), nil},
		"the user in a form of its own": {
			"client", list(`{"user_id":["cust-7f31"],"account_role":"client"}`, client), errFault,
		},
		"null":        {"client", fault(routeUsers, 200, `{"data":null}`), errFault},
		"an object":   {"client", fault(routeUsers, 200, `{"data":{}}`), errFault},
		"no envelope": {"client", fault(routeUsers, 200, `[]`), errFault},
		"HTML":        {"client", fault(routeUsers, 200, vendortest.HTML), errFault},
		"404":         {"client", fault(routeUsers, 404, `{"error":"no route"}`), errFault},
		"403":         {"client", fault(routeUsers, 403, `{"error":"no"}`), errFault},
		"401":         {"client", fault(routeUsers, 401, ``), errFault},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.Fail(c.fault)
				u := dana
				u.AccountRole = c.role
				err := client.CheckAccess(ctx, u)
				if errors.Is(c.want, errFault) {
					vendortest.WantFault(t, err)
				} else if empty := offboard.ErrEmptyList; !errors.Is(err, c.want) || c.want == nil && err != nil ||
					errors.Is(err, empty) != errors.Is(c.want, empty) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				query := map[string]string{
					"": "", "trustee": "", "client": "?accountRole=client", "CLIENT": "?accountRole=client",
					"advisor": "?accountRole=advisor",
				}[c.role]
				if got, want := server.Requests()[0].Path, "/sfox/v1/enterprise/users"+query; got != want {
					t.Errorf("got the request %s, want %s", got, want)
				}
			})
		})
	}
}

// errFault means any *rest.Error.
var errFault = errors.New("an *rest.Error")

func TestUser_mustBeTheOneAskedFor(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"another user":        `{"data":{"user_id":"cust-0000","email":"other@acme.test"}}`,
		"another letter case": `{"data":{"user_id":"CUST-7F31"}}`,
		"no user":             `{"data":{"email":"dana@acme.test"}}`,
		"a number":            `{"data":{"user_id":731}}`,
		"a truth value":       `{"data":{"user_id":true}}`,
		"a list":              `{"data":[{"user_id":"cust-7f31"}]}`,
		"an ID and another":   `{"data":{"user_id":"cust-7f31","User_ID":"cust-7f31"}}`,
		"an ID and no person": `{"data":{"user_id":"cust-7f31","email":7}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(fault(routeUser, 200, body))
				_, err := c.User(ctx, dana.ID)
				vendortest.WantFault(t, err)
			})
		})
	}
}

// A wrong address may answer in sFOX's own form that there is no user. Nothing proves that.
func TestVerifier_confirmsNothingAtAWrongAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"https://vendor.test", "https://vendor.test/sfox/v2", "https://vendor.test/sfox/v1/extra",
	} {
		twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, _ *sfox.Client) {
			w := client(t, address, mock.Transport{Handler: server}).Verifier(dana)
			sight, err := w.Confirm(ctx)
			vendortest.WantFault(t, err)
			if sight == offboard.Done {
				t.Errorf("%s: got %v and %v, want that nothing can be concluded", address, sight, err)
			}
		})
	}
}

func TestUser_mayHaveANumberAsTheID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`731`, `"731"`} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.Fail(fault(routeUser, 200, `{"data":{"user_id":`+id+`,"advisor_user_id":42}}`))
			if u, err := c.User(ctx, "731"); err != nil || u.ID != "731" || u.AdvisorUserID != "42" {
				t.Errorf("%s: got %+v and %v, want the user 731 of the advisor 42", id, u, err)
			}
		})
	}
}

// A 2xx that reports an error says nothing of the user, with any other content. A blank means that there
// is no such user only by itself.
func TestUser_isNotAbsentBesideAnError(t *testing.T) {
	t.Parallel()
	for _, beside := range []string{
		`"error":"timeout"`, `"error":{"code":5}`, `"error":["timeout"]`, `"error":5`, `"error":true`,
		`"errors":["upstream timeout"]`, `"errorCode":"TIMEOUT"`, `"Error_Message":"maintenance"`,
		`"success":false`, `"success":false,"message":"maintenance"`, `"success":null`, `"success":"no"`,
		`"status":503,"message":"Service Unavailable"`, `"status":"error"`, `"status":false`, `"code":"UPSTREAM_TIMEOUT"`,
		`"message":"Service Unavailable"`, `"detail":"down"`, `"success":true,"message":"maintenance"`,
		`"reason":"maintenance"`, `"maintenance":true`, `"found":false`, `"retry_after":30`, `"user":{"user_id":"cust-7f31"}`,
	} {
		for _, blank := range []string{`null`, `{}`, `[]`} {
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(fault(routeUser, 200, `{"data":`+blank+`,`+beside+`}`))
				if _, err := c.User(ctx, dana.ID); err == nil || errors.Is(err, offboard.ErrNotFound) {
					t.Errorf("%s beside %s: got %v, want an error that is no absence", beside, blank, err)
				}
			})
		}
	}
}
