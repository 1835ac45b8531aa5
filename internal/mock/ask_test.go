package mock_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const key = "test-key"

// The prefix and the credential of each vendor.
var (
	prefixes = map[string]string{"konstantly": "/konstantly/openapi/v1", "ecgrid": "/ecgrid/v2",
		"sfox": "/sfox/v1", "skillable": "/skillable/api/v3"}
	credentials = map[string][2]string{"konstantly": {"X-API-KEY", key}, "ecgrid": {"X-API-Key", key},
		"sfox": {"Authorization", "Bearer " + key}, "skillable": {"api_key", key}}
)

// reply is an answer as a test reads it.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask calls the server as a vendor's client does, with the right credential. The parameter what is
// "METHOD path", without the prefix.
func ask(t *testing.T, s http.Handler, vendor, what, body string) reply {
	t.Helper()
	return askAs(t, s, vendor, what, body, credentials[vendor])
}

// askAs is ask with another credential: a header and its value.
func askAs(t *testing.T, s http.Handler, vendor, what, body string, credential [2]string) reply {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, prefixes[vendor]+path, strings.NewReader(body))
	if credential[0] != "" {
		r.Header[credential[0]] = []string{credential[1]} // as the client spells it
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

// readReply reads the answer of an HTTP client.
func readReply(t *testing.T, answer *http.Response) reply {
	t.Helper()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(text)}
}

// want fails the test unless the answer has this status, and a JSON body that contains these
// fields. A nested object may have more fields, too.
func (g reply) want(t *testing.T, status int, fields string) {
	t.Helper()
	if g.status != status {
		t.Errorf("status: got %d, want %d (body %s)", g.status, status, g.body)
	}
	var has, wanted any
	if err := json.Unmarshal([]byte(g.body), &has); err != nil {
		t.Fatalf("body: got %q, want JSON: %v", g.body, err)
	}
	if err := json.Unmarshal([]byte(fields), &wanted); err != nil {
		t.Fatal(err)
	}
	if !contains(has, wanted) {
		t.Errorf("body: got %s, want in it %s", g.body, fields)
	}
}

// contains reports whether a decoded JSON value has everything that another one has. Lists must
// have the same length.
func contains(has, wanted any) bool {
	switch w := wanted.(type) {
	case map[string]any:
		in, ok := has.(map[string]any)
		for k, v := range w {
			value, there := in[k]
			ok = ok && there && contains(value, v)
		}
		return ok && (len(w) > 0 || len(in) == 0)
	case []any:
		in, ok := has.([]any)
		return ok && slices.EqualFunc(in, w, contains)
	}
	return has == wanted
}

// field returns one value of a JSON body, reached through these names.
func (g reply) field(t *testing.T, path ...string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(g.body), &v); err != nil {
		t.Fatalf("body: got %q, want JSON: %v", g.body, err)
	}
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("body: got %s, want an object with %q in it", g.body, name)
		}
		v = object[name]
	}
	return v
}

// equal fails the test unless two values are the same.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// closureCase is the closure of one user of a vendor.
type closureCase struct {
	vendor string
	route  string // as the log names it
	what   string // as ask takes it
	status int    // of the answer
	add    func(*mock.Server)
	has    func(*mock.Server) bool
	drop   func(*mock.Server)
	read   string // a call that reads the user
}

var closureCases = []closureCase{
	{"konstantly", "DELETE /users/{id}", "DELETE /users/u1", 200,
		func(s *mock.Server) {
			s.Konstantly.Add(mock.KonstantlyUser{ID: "u1", Name: "Ines Varga", Email: "ines@acme.test", Blocked: true})
		},
		func(s *mock.Server) bool { return s.Konstantly.Has("u1") },
		func(s *mock.Server) { s.Konstantly.Drop("u1") }, "GET /users/u1"},
	{"ecgrid", "DELETE /users/{id}", "DELETE /users/30417", 200,
		func(s *mock.Server) {
			s.ECGrid.Add(mock.ECGridUser{ID: 30417, Name: "Mina Okafor", Email: "mina@acme.test"})
		},
		func(s *mock.Server) bool { return s.ECGrid.Has(30417) },
		func(s *mock.Server) { s.ECGrid.Drop(30417) }, "GET /users/30417"},
	{"sfox", "DELETE /enterprise/account/{id}", "DELETE /enterprise/account/c1", 200,
		func(s *mock.Server) {
			s.SFOX.Add(mock.SFOXUser{ID: "c1", Name: "Dana Reyes", Email: "dana@acme.test"})
		},
		func(s *mock.Server) bool { return s.SFOX.Has("c1") },
		func(s *mock.Server) { s.SFOX.Drop("c1") }, "GET /enterprise/users/c1"},
	{"skillable", "GET /CloseUserAccount", "GET /CloseUserAccount?userId=e1", 200,
		func(s *mock.Server) {
			s.Skillable.Add(mock.SkillableUser{ID: "e1", Name: "Ola Berg", Email: "ola@acme.test"})
		},
		func(s *mock.Server) bool { return s.Skillable.Has("e1") },
		func(s *mock.Server) { s.Skillable.Drop("e1") }, "GET /userrunningandsavedlabs?userid=e1"},
}

// forEveryClosureCase runs a test against each vendor with one user that can be closed.
func forEveryClosureCase(t *testing.T, test func(t *testing.T, s *mock.Server, c closureCase)) {
	t.Helper()
	equal(t, "vendors with a closing", len(closureCases), len(mock.New(key).Vendors()))
	for _, c := range closureCases {
		t.Run(c.vendor, func(t *testing.T) {
			t.Parallel()
			s := mock.New(key)
			c.add(s)
			test(t, s, c)
		})
	}
}

// onLoopbackURL starts the server on loopback and returns its address.
func onLoopbackURL(t *testing.T, s *mock.Server) string {
	t.Helper()
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return web.URL
}

// send makes one request over the network and returns its error.
func send(ctx context.Context, url, vendor, what string) error {
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(ctx, method, url+prefixes[vendor]+path, nil)
	if err != nil {
		return err
	}
	r.Header[credentials[vendor][0]] = []string{credentials[vendor][1]}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return errors.Join(err, answer.Body.Close())
}
