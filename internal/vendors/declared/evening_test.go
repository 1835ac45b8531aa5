package declared_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// evening is a vendor that nothing else knows: tokens, numbers beyond 2^53, cursors, a deletion that
// takes a while, and an error envelope of its own.
type evening struct {
	mu       sync.Mutex
	people   []string          // the IDs that are shown
	ending   int               // reads until an accepted end shows; negative for never
	ended    string            // the ID whose end was accepted
	tokens   int               // how many were given
	expires  int               // how many seconds a token is good for; 0 for an hour
	good     string            // the token that is accepted
	asked    []string          // the requests
	override map[string]string // answers by method and path: a status, a blank, and a body
	// script has one answer after the other, instead of override. The last one stays. An empty one is the
	// truth.
	script map[string][]string

	definition func(source string) string // changes the definition; nil for none
}

// The IDs of Ines and of the user who owns the key.
const (
	inesRef  = "90071992547409931"
	ownerRef = "7"
)

func newEvening() *evening {
	return &evening{people: []string{inesRef, "90071992547409933", "90071992547409937"}, override: map[string]string{}}
}

// ServeHTTP implements http.Handler.
func (e *evening) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	route := r.Method + " " + r.URL.Path
	e.asked = append(e.asked, route)
	if r.URL.Path == "/token" {
		e.giveToken(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+e.good {
		write(w, 401, `{"fault":{"kind":"token","text":"Bad token"}}`)
		return
	}
	if said := e.scripted(route); said != "" {
		number, body, _ := strings.Cut(said, " ")
		status, _ := strconv.Atoi(number)
		write(w, status, body)
		return
	}
	id, isPerson := strings.CutPrefix(r.URL.Path, "/v1/people/")
	switch {
	case r.URL.Path == "/v1/whoami":
		write(w, 200, `{"data":{"ref":`+ownerRef+`}}`)
	case r.URL.Path == "/v1/people":
		e.list(w, r.URL.Query().Get("after"))
	case isPerson && r.Method == http.MethodDelete && e.shows(id):
		e.ended = id
		write(w, 202, `{"data":{"job":"j1"}}`)
	case isPerson && r.Method == http.MethodGet:
		e.read(w, id)
	default:
		write(w, 404, `{"fault":{"kind":"no_person","text":"No such person"}}`)
	}
}

// scripted returns the next answer to a request that is not the truth; empty for none.
func (e *evening) scripted(route string) string {
	all, ok := e.script[route]
	if !ok {
		return e.override[route]
	}
	if len(all) > 1 {
		e.script[route] = all[1:]
	}
	return all[0]
}

func (e *evening) giveToken(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("client_secret") != "mock-key" || r.FormValue("grant_type") != "client_credentials" ||
		r.FormValue("client_id") != "offboard" || r.FormValue("scope") != "users:read users:write" {
		write(w, 401, `{"error":"invalid_client"}`)
		return
	}
	e.tokens++
	e.good = fmt.Sprintf("token-number-%d", e.tokens)
	body := `{"access_token":%q,"expires_in":%d,"token_type":"bearer"}`
	write(w, 200, fmt.Sprintf(body, e.good, cmp.Or(e.expires, 3600)))
}

func (e *evening) shows(id string) bool {
	return slices.Contains(e.people, id)
}

func (e *evening) read(w http.ResponseWriter, id string) {
	if id == e.ended {
		if e.ending == 0 {
			e.people = append([]string{}, e.people[1:]...)
			e.ended = ""
		}
		e.ending--
	}
	if id != ownerRef && !e.shows(id) {
		write(w, 404, `{"fault":{"kind":"no_person","text":"No such person"}}`)
		return
	}
	write(w, 200, `{"data":`+person(id)+`}`)
}

func person(id string) string {
	return `{"ref":` + id + `,"mail":"p` + id + `@acme.test","state":"on"}`
}

// list shows one person a page, and a cursor.
func (e *evening) list(w http.ResponseWriter, after string) {
	at, _ := strconv.Atoi(strings.TrimPrefix(after, "c"))
	cursor := fmt.Sprintf(`"c%d"`, at+1)
	if at == len(e.people)-1 {
		cursor = "null"
	}
	write(w, 200, `{"data":[`+person(e.people[at])+`],"cursor":`+cursor+`}`)
}

func write(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

// run plays a test with a client of the vendor, in virtual time.
func (e *evening) run(t *testing.T, f func(ctx context.Context, t *testing.T, c *declared.Client)) {
	t.Helper()
	e.runBehind(t, e, f)
}

// runBehind is run for a client that reaches the vendor through something else.
func (e *evening) runBehind(
	t *testing.T, vendor http.Handler, f func(ctx context.Context, t *testing.T, c *declared.Client),
) {
	t.Helper()
	if e.definition == nil {
		e.definition = func(source string) string { return source }
	}
	d := parse(t, "evening", e.definition(eveningText(t, nil)))
	synctest.Test(t, func(t *testing.T) {
		c, err := declared.New(d, declared.Config{
			Config:   rest.Config{APIKey: "mock-key", Transport: mock.Transport{Handler: vendor}, RequestsPerSecond: 1e6},
			Settings: map[string]string{"client": "offboard"},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		f(ctx, t, c)
	})
}

func TestEvening_isClosedWithProof(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.ending = 4
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil || u.Email != "p"+inesRef+"@acme.test" {
			t.Fatalf("got %+v and %v, want Ines", u, err)
		}
		proof, err := c.Close(ctx, u, "", offboard.NotSent)
		if err != nil || proof != offboard.Absent || e.shows(inesRef) || e.tokens != 1 {
			t.Errorf("got %v and %v with %d tokens, want the user closed with one", proof, err, e.tokens)
		}
	})
}

func TestEvening_listsByCursor(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		var got []string
		for u, err := range c.Users(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, u.ID)
		}
		if strings.Join(got, " ") != strings.Join(e.people, " ") {
			t.Errorf("got %q, want %q", got, e.people)
		}
		for _, n := range []int{0, 1, 2, 3} {
			page, err := c.Page(ctx, rest.Place{Pages: n})
			if err != nil || (n < 3) != (len(page.Items) == 1) || page.Last != (n >= 2) {
				t.Errorf("page %d: got %+v and %v, want one user on each of three pages", n, page, err)
			}
		}
	})
}

// A token that ends before its time is replaced.
func TestEvening_getsAnotherTokenAfterARefusal(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		if _, err := c.User(ctx, inesRef); err != nil {
			t.Fatal(err)
		}
		e.good = "another"
		if _, err := c.User(ctx, inesRef); err != nil || e.tokens != 2 {
			t.Errorf("got %v with %d tokens, want a second token", err, e.tokens)
		}
	})
}

// Nothing is believed of a vendor that does not pass the check before the first use.
func TestClient_believesNothingBeforeTheCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		route, answer string
		block         string
	}{
		"a key that is refused":            {"GET /v1/whoami", `403 {"fault":{"kind":"role"}}`, "alive"},
		"a page instead of the key's user": {"GET /v1/whoami", `200 <!doctype html><p>Sign in`, "alive"},
		"works that does not hold":         {"GET /v1/whoami", `200 {"data":{"ref":0}}`, "alive"},

		"a gateway's 404": {
			"GET /v1/people/999999999999999999999", `404 {"message":"no route"}`, "unknown_id",
		},
		"a user under the unknown ID": {
			"GET /v1/people/999999999999999999999", `200 {"data":` + person("999999999999999999999") + `}`, "unknown_id",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.override[c.route] = c.answer
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				var setup *declared.SetupError
				if !errors.As(err, &setup) || setup.Block != c.block || u.ID != "" {
					t.Errorf("got %+v and %v, want the check of %s to fail", u, err, c.block)
				}
				for _, route := range e.asked {
					if strings.Contains(route, inesRef) {
						t.Errorf("got the request %s, want none about the user", route)
					}
				}
			})
		})
	}
}

// An acceptance that has no effect is never a closure, and neither is an answer of somebody else.
func TestClose_isNotProvenByAnAnswerThatIsNotTrue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		route, answer string
		call          offboard.Call
	}{
		"a queue that does nothing":  {"DELETE /v1/people/" + inesRef, `202 {"data":{"job":"j1"}}`, offboard.Accepted},
		"a success without the mark": {"DELETE /v1/people/" + inesRef, `200 {}`, offboard.Lost},
		"a page of a gateway":        {"DELETE /v1/people/" + inesRef, `200 <!doctype html>`, offboard.Lost},
		"a 404 of somebody":          {"DELETE /v1/people/" + inesRef, `404 {"message":"no route"}`, offboard.NotSent},
		"a refusal":                  {"DELETE /v1/people/" + inesRef, `422 {"fault":{"kind":"owner"}}`, offboard.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.override[c.route] = c.answer
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				proof, err := client.Close(ctx, u, "", offboard.NotSent)
				if err == nil || proof != offboard.Open || offboard.CallOf(err) != c.call {
					t.Errorf("got %v, %v and the call %q, want no closure and %q", proof, err, offboard.CallOf(err), c.call)
				}
			})
		})
	}
}

// A key that still works and sees no person any more proves nothing: neither the list nor the user who
// owns the key is shown.
func TestClose_isNotProvenByAKeyThatOnlyWorks(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		e.override["DELETE /v1/people/"+inesRef] = `202 {"data":{"job":"j1"}}` // and does nothing
		e.override["GET /v1/people/"+inesRef] = `404 {"fault":{"kind":"no_person"}}`
		e.override["GET /v1/people"] = `200 {"data":[],"cursor":null}`
		proof, err := c.Close(ctx, u, "", offboard.NotSent)
		if err == nil || proof != offboard.Open {
			t.Errorf("got %v and %v, want no proof", proof, err)
		}
	})
}

// A step that is not needed explains no absence.
func TestClose_aSkippedStepProvesNoAbsence(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.definition = func(source string) string {
		return strings.Replace(source, `method   = "DELETE"`, `method = "DELETE"
  when   = user.status == "suspended"`, 1)
	}
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Close(ctx, u, "", offboard.NotSent)
		if errors.Is(err, offboard.ErrStillOpen) || err == nil || !strings.Contains(err.Error(), "sent no closing call") {
			t.Errorf("got %v, want that no call was sent, and none that was accepted", err)
		}
		e.people = e.people[1:]
		if proof, err := c.Close(ctx, u, "", offboard.NotSent); !errors.Is(err, offboard.ErrNotVisible) || e.ended != "" {
			t.Errorf("got %v and %v, want no closure", proof, err)
		}
	})
}

// A trace counts at every look of the process, and where the record from before is not known, nothing
// is proven.
func TestClose_aTraceHoldsBackEveryProof(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.definition = func(source string) string {
		return source + `
trace "by mail" {
  path  = ["by-mail"]
  query = { mail = was.mail }
  found = answer.json.data
}
`
	}
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		e.override["GET /v1/by-mail"] = `200 {"data":[{"ref":1}]}`
		if proof, err := c.Close(ctx, u, "", offboard.NotSent); err == nil || proof != offboard.Open {
			t.Errorf("got %v and %v, want no proof while a trace is found", proof, err)
		}
		ctx = context.WithoutCancel(ctx) // its time is up
		if _, err := c.User(ctx, inesRef); !errors.Is(err, offboard.ErrListed) {
			t.Errorf("the last look: got %v, want ErrListed", err)
		}
		e.override["GET /v1/by-mail"] = `200 {"data":[]}`
		if _, err := c.User(ctx, inesRef); !errors.Is(err, offboard.ErrNotFound) {
			t.Errorf("without a trace: got %v, want ErrNotFound", err)
		}
		other := offboard.User{ID: "90071992547409999", Email: "x@acme.test", Status: offboard.Active}
		if err := c.CheckAccess(ctx, other, ""); !errors.Is(err, offboard.ErrAccessUnproven) {
			t.Errorf("a user of an earlier run: got %v, want ErrAccessUnproven", err)
		}
	})
}

// A vendor that is down, busy or refuses the key, and an answer that breaks off, say nothing of a user,
// whatever an expression makes of them.
func TestClient_noExpressionFindsAnAbsenceInAFailure(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.definition = func(source string) string {
		return strings.Replace(
			source,
			`  done     = user.absent`,
			`  gone     = answer.status == 410 && can(answer.json.fault.kind)
  done     = user.absent`,
			1,
		) + `
find_by_email {
  path   = ["by-mail"]
  query  = { mail = user.email }
  record = answer.json.data
  absent = answer.json.data == null
}
`
	}
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		for said, fails := range map[string]bool{
			`200 {"data":null}`: false, `404 {"data":null}`: false, `403 {"data":null}`: true, `500 {"data":null}`: true,
			`401 {"data":null}`: true, `404 {"data":`: true,
		} {
			e.override["GET /v1/by-mail"] = said
			if found, err := c.FindByEmail(ctx, "ines@acme.test"); len(found) > 0 || (err != nil) != fails {
				t.Errorf("%s: got %v and %v, want an error: %v", said, found, err, fails)
			}
		}
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		for said, gone := range map[string]bool{`410 {"fault":{"kind":"x"}}`: true, `410 {"fault":`: false} {
			e.override["DELETE /v1/people/"+inesRef] = said
			_, err := c.Close(ctx, u, "", offboard.NotSent)
			if declined, ok := errors.AsType[*offboard.DeclinedError](err); !ok || declined.NoAccount != gone {
				t.Errorf("%s: got %v, want it declined, and no such user: %v", said, err, gone)
			}
		}
	})
}

// The same ID at another organization, which only a setting tells apart, is another tenant. So is what a
// setting makes of a record.
func TestTenant_hasTheSettings(t *testing.T) {
	t.Parallel()
	const tokens = "api.evening.example/v1#client=offboard&tokens=id.evening.example"
	for name, c := range map[string]struct{ old, replaced, want string }{
		"of requests": {"  record = answer", "  query  = { org = setting.org }\n  record = answer", "&org=o1"},
		"of a status": {`record.state == "ended"`, `record.state == "ended ${setting.org}"`, "&org=o1"},
		"of an end": {
			`user.absent || user.status == "closed"`, `user.absent || user.status == "closed" && setting.org != ""`, "&org=o1",
		},
		"of whether a step is needed": {"  done  ", "  when     = setting.org != \"o2\"\n  done  ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = func(source string) string {
				return replacing(c.old, c.replaced)(source) + "setting \"org\" {\n  description = \"x\"\n  default = \"o1\"\n}\n"
			}
			e.run(t, func(_ context.Context, t *testing.T, client *declared.Client) {
				want := strings.Replace(tokens, "&tokens", c.want+"&tokens", 1)
				if got := client.Tenant(); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		})
	}
}

// The user who owns the key is never closed.
func TestClose_refusesTheOwnerOfTheKey(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.override["GET /v1/whoami"] = `200 {"data":{"ref":` + inesRef + `}}`
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		findings, err := c.Preflight(ctx, u)
		if err != nil || len(findings) != 1 || findings[0].Kind != offboard.OwnUser {
			t.Errorf("got %+v and %v, want the key's own user", findings, err)
		}
		var refused *offboard.RefusedError
		if _, err := c.Close(ctx, u, "", offboard.NotSent); !errors.As(err, &refused) || e.ended != "" {
			t.Errorf("got %v, want the closure refused before any call", err)
		}
	})
}

// eveningText is the definition of the vendor evening with other parts.
func eveningText(t *testing.T, others parts) string {
	t.Helper()
	source, err := os.ReadFile("testdata/evening.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	text := string(source)
	for i := 0; i < len(others); i += 2 {
		if !strings.Contains(text, others[i]) {
			t.Fatalf("%q is not in the definition", others[i])
		}
		text = strings.Replace(text, others[i], others[i+1], 1)
	}
	return text
}
