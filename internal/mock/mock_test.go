package mock_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const key = "test-key"

// The prefix and the good credential of each vendor.
var (
	prefixes = map[string]string{"konstantly": "/konstantly/openapi/v1", "ecgrid": "/ecgrid/v2",
		"sfox": "/sfox/v1", "skillable": "/skillable/api/v3"}
	credentials = map[string][2]string{"konstantly": {"X-API-KEY", key}, "ecgrid": {"X-API-Key", key},
		"sfox": {"Authorization", "Bearer " + key}, "skillable": {"api_key", key}}
)

// got is an answer as a test reads it.
type got struct {
	status int
	header http.Header
	body   string
}

// ask calls the server as a vendor's client would, with the good credential.
// What is "METHOD path", without the prefix.
func ask(t *testing.T, s http.Handler, vendor, what, body string) got {
	t.Helper()
	return askAs(t, s, vendor, what, body, credentials[vendor])
}

// askAs is ask with another credential: a header and its value.
func askAs(t *testing.T, s http.Handler, vendor, what, body string, credential [2]string) got {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, prefixes[vendor]+path, strings.NewReader(body))
	if credential[0] != "" {
		r.Header[credential[0]] = []string{credential[1]} // as the client spells it
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return got{w.Code, w.Header(), w.Body.String()}
}

// want fails the test unless the answer has this status and a JSON body that
// contains these fields; a nested object need not be complete either.
func (g got) want(t *testing.T, status int, fields string) {
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

// contains tells whether a decoded JSON value has all that another one has.
func contains(has, wanted any) bool {
	object, ok := wanted.(map[string]any)
	if !ok || len(object) == 0 {
		return reflect.DeepEqual(has, wanted)
	}
	in, ok := has.(map[string]any)
	for k, w := range object {
		v, there := in[k]
		if !ok || !there || !contains(v, w) {
			return false
		}
	}
	return true
}

// field returns one value of a JSON body, reached through these names.
func (g got) field(t *testing.T, path ...string) any {
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

// closing is what closes one user of a vendor, who is ready for it.
type closing struct {
	vendor string
	route  string // as the log names it
	what   string // as ask takes it
	add    func(*mock.Server)
	has    func(*mock.Server) bool
	drop   func(*mock.Server)
	read   string // a call that reads the user
}

var closings = []closing{
	{"konstantly", "DELETE /users/{id}", "DELETE /users/u1",
		func(s *mock.Server) {
			s.Konstantly.Add(mock.KonstantlyUser{ID: "u1", Name: "Ines Varga", Email: "ines@acme.test", Blocked: true})
		},
		func(s *mock.Server) bool { return s.Konstantly.Has("u1") },
		func(s *mock.Server) { s.Konstantly.Drop("u1") }, "GET /users/u1"},
	{"ecgrid", "DELETE /users/{id}", "DELETE /users/30417",
		func(s *mock.Server) {
			s.ECGrid.Add(mock.ECGridUser{ID: 30417, Name: "Mina Okafor", Email: "mina@acme.test"})
		},
		func(s *mock.Server) bool { return s.ECGrid.Has(30417) },
		func(s *mock.Server) { s.ECGrid.Drop(30417) }, "GET /users/30417"},
	{"sfox", "DELETE /enterprise/account/{id}", "DELETE /enterprise/account/c1",
		func(s *mock.Server) {
			s.SFOX.Add(mock.SFOXUser{ID: "c1", Name: "Dana Reyes", Email: "dana@acme.test"})
		},
		func(s *mock.Server) bool { return s.SFOX.Has("c1") },
		func(s *mock.Server) { s.SFOX.Drop("c1") }, "GET /enterprise/users/c1"},
	{"skillable", "GET /CloseUserAccount", "GET /CloseUserAccount?userId=e1",
		func(s *mock.Server) {
			s.Skillable.Add(mock.SkillableUser{ID: "e1", Name: "Ola Berg", Email: "ola@acme.test"})
		},
		func(s *mock.Server) bool { return s.Skillable.Has("e1") },
		func(s *mock.Server) { s.Skillable.Drop("e1") }, "GET /userrunningandsavedlabs?userid=e1"},
}

// forEveryVendor runs a test against each vendor with one user that can be closed.
func forEveryVendor(t *testing.T, test func(t *testing.T, s *mock.Server, c closing)) {
	for _, c := range closings {
		t.Run(c.vendor, func(t *testing.T) {
			s := mock.New(key)
			c.add(s)
			test(t, s, c)
		})
	}
}

func TestClose_takesEffectAndIsLogged(t *testing.T) {
	forEveryVendor(t, func(t *testing.T, s *mock.Server, c closing) {
		equal(t, "open before", c.has(s), true)
		equal(t, "status", ask(t, s, c.vendor, c.what, "").status, 200)
		equal(t, "open after", c.has(s), false)

		log := s.Requests()
		equal(t, "requests", len(log), 1)
		method, path, _ := strings.Cut(c.what, " ")
		log[0].At = time.Time{}
		equal(t, "log", log[0], mock.Request{Vendor: c.vendor, Route: c.route, Method: method,
			Path: prefixes[c.vendor] + path, Change: true, Status: 200})
		s.ForgetRequests()
		equal(t, "requests after forgetting", len(s.Requests()), 0)
	})
}

func TestDrop_closesWithoutARequest(t *testing.T) {
	forEveryVendor(t, func(t *testing.T, s *mock.Server, c closing) {
		c.drop(s)
		equal(t, "open", c.has(s), false)
		equal(t, "requests", len(s.Requests()), 0)
		c.add(s)
		equal(t, "open after adding again", c.has(s), true)
	})
}

func TestRead_isNoChange(t *testing.T) {
	forEveryVendor(t, func(t *testing.T, s *mock.Server, c closing) {
		equal(t, "status", ask(t, s, c.vendor, c.read, "").status, 200)
		equal(t, "change", s.Requests()[0].Change, false)
		equal(t, "open", c.has(s), true)
	})
}

func TestRoute_unknown(t *testing.T) {
	for vendor, fields := range map[string]string{
		"konstantly": `{"status":404,"message":"Not found"}`,
		"ecgrid":     `{"success":false,"errorCode":"ObjectNotFound","data":null}`,
		"sfox":       `{"error":"not found"}`,
		"skillable":  `{"Status":0}`,
	} {
		s := mock.New(key)
		ask(t, s, vendor, "GET /no/such/thing", "").want(t, 404, fields)
		equal(t, vendor+" route", s.Requests()[0].Route, "")
		equal(t, vendor+" vendor", s.Requests()[0].Vendor, vendor)
	}
}

func TestRoute_outsideAllPrefixesIsHTML(t *testing.T) {
	s := mock.New(key)
	for _, path := range []string{"/", "/users/u1", "/konstantly/openapi/v10/users/u1", "/ecgrid", "/sfox/v2/orders"} {
		g := ask(t, s, "", "GET "+path, "")
		equal(t, path+" status", g.status, 404)
		equal(t, path+" type", g.header.Get("Content-Type"), "text/html; charset=utf-8")
	}
	equal(t, "vendor", s.Requests()[0].Vendor, "")
	equal(t, "status", s.Requests()[0].Status, 404)
}

func TestRoute_wrongMethod(t *testing.T) {
	for vendor, path := range map[string]string{"konstantly": "/users/u1", "ecgrid": "/users/30417",
		"sfox": "/enterprise/account/c1", "skillable": "/CloseUserAccount?userId=e1"} {
		for _, method := range []string{"HEAD", "PUT", "OPTIONS", "TRACE"} {
			s := mock.New(key)
			g := ask(t, s, vendor, method+" "+path, "")
			equal(t, vendor+" "+method, g.status, 405)
			if g.header.Get("Allow") == "" || !json.Valid([]byte(g.body)) {
				t.Errorf("%s %s: got Allow %q and body %q, want both in the vendor's form", vendor, method, g.header.Get("Allow"), g.body)
			}
		}
	}
}

func TestKey_wrongOrMissing(t *testing.T) {
	forEveryVendor(t, func(t *testing.T, s *mock.Server, c closing) {
		for _, credential := range [][2]string{{}, {credentials[c.vendor][0], "wrong"}, {credentials[c.vendor][0], "Bearer wrong"}} {
			g := askAs(t, s, c.vendor, c.what, "", credential)
			if c.vendor == "skillable" {
				g.want(t, 200, `{"Status":0,"Error":"Invalid integration key"}`)
			} else {
				equal(t, "status", g.status, 401)
			}
		}
		equal(t, "open", c.has(s), true)
	})
}

func TestKey_headerInAnyCase(t *testing.T) {
	forEveryVendor(t, func(t *testing.T, s *mock.Server, c closing) {
		credential := credentials[c.vendor]
		for _, name := range []string{strings.ToLower(credential[0]), strings.ToUpper(credential[0])} {
			g := askAs(t, s, c.vendor, c.read, "", [2]string{name, credential[1]})
			equal(t, name, g.status, 200)
			if strings.Contains(g.body, "Invalid") {
				t.Errorf("%s: got %s, want it accepted", name, g.body)
			}
		}
	})
}

func TestServeHTTP_serverTakesRequestsMadeForAClient(t *testing.T) {
	s := mock.New(key)
	r, err := http.NewRequestWithContext(t.Context(), "", "http://vendor.test/ecgrid/v2/auth/version", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r) // no body at all, as RoundTrippers get it
	equal(t, "status", w.Code, 200)
}

func TestServeHTTP_bodyTooLarge(t *testing.T) {
	s := mock.New(key)
	g := ask(t, s, "konstantly", "POST /users/blocked", strings.Repeat("x", 2<<20))
	equal(t, "status", g.status, 400)
	equal(t, "requests", len(s.Requests()), 0)
}

func TestServeHTTP_manyAtOnce(t *testing.T) {
	s := mock.New(key)
	s.Invent(40)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			what := fmt.Sprintf("GET /CloseUserAccount?userId=emp-%04d", 3101+i)
			ask(t, s, "skillable", what, "").want(t, 200, `{"Status":1}`)
			ask(t, s, "ecgrid", fmt.Sprintf("DELETE /users/%d", 30401+i), "")
			s.Konstantly.Set(func(k *mock.Konstantly) { k.NoSeats = i%2 == 0 })
			s.SFOX.Update(s.SFOX.Open()[0].ID, func(u *mock.SFOXUser) { u.OpenOrders++ })
		})
	}
	all.Wait()
	equal(t, "open at skillable", len(s.Skillable.Open()), 0)
	equal(t, "open at ecgrid", len(s.ECGrid.Open()), 1)
	equal(t, "orders at sfox", s.SFOX.Open()[0].OpenOrders, 40)
	equal(t, "requests", len(s.Requests()), 80)
}

func TestOnRequest_afterTheEffectAndOutsideTheLock(t *testing.T) {
	forEveryVendor(t, func(t *testing.T, s *mock.Server, c closing) {
		var seen []mock.Request
		s.OnRequest(func(r mock.Request) {
			seen = append(seen, r)
			equal(t, "open", c.has(s), false)
		})
		ask(t, s, c.vendor, c.what, "")
		equal(t, "seen", seen, s.Requests())
		s.OnRequest(nil)
		ask(t, s, c.vendor, c.what, "")
		equal(t, "seen after nil", len(seen), 1)
	})
}

func TestLatency_beforeEveryAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(key)
		s.Latency(3 * time.Second)
		start := time.Now()
		ask(t, s, "ecgrid", "GET /auth/version", "")
		equal(t, "waited", time.Since(start), 3*time.Second)
	})
}

func TestUpdate_unknownUserPanics(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); got != "mock: konstantly has no user nobody" {
			t.Errorf("panic: got %q, want one that names vendor and user", got)
		}
	}()
	mock.New(key).Konstantly.Update("nobody", func(*mock.KonstantlyUser) {})
}

func TestUpdate_anotherID(t *testing.T) {
	s := mock.New(key)
	s.SFOX.Add(mock.SFOXUser{ID: "c1", Name: "Dana Reyes", Email: "dana@acme.test"})
	s.SFOX.Update("c1", func(u *mock.SFOXUser) { u.ID = "c2" })
	equal(t, "old id", s.SFOX.Has("c1"), false)
	equal(t, "new id", s.SFOX.Has("c2"), true)
}

func TestGet_isACopy(t *testing.T) {
	s := mock.New(key)
	s.SFOX.Add(mock.SFOXUser{ID: "c1", Balances: map[string]string{"usd": "1"}})
	s.Skillable.Add(mock.SkillableUser{ID: "e1", Running: mock.Labs{{ID: 5, Name: "Drill"}}})
	u, _ := s.SFOX.Get("c1")
	u.Balances["usd"] = "0"
	e, _ := s.Skillable.Get("e1")
	e.Running[0].Name = "Other"
	u, _ = s.SFOX.Get("c1")
	e, _ = s.Skillable.Get("e1")
	equal(t, "balance", u.Balances["usd"], "1")
	equal(t, "lab", e.Running[0].Name, "Drill")
}

func TestGet_tombstones(t *testing.T) {
	s := mock.New(key)
	for _, c := range closings {
		c.add(s)
		c.drop(s)
	}
	_, konstantly := s.Konstantly.Get("u1")
	grid, ecgrid := s.ECGrid.Get(30417)
	_, sfox := s.SFOX.Get("c1")
	_, skillable := s.Skillable.Get("e1")
	equal(t, "found", []bool{konstantly, ecgrid, sfox, skillable}, []bool{false, true, false, true})
	equal(t, "status", grid.Status, "Terminated")
}

func TestOpen_inTheOrderOfTheList(t *testing.T) {
	s := mock.New(key)
	for _, name := range []string{"Zoe", "Abel", "Mia"} {
		s.Konstantly.Add(mock.KonstantlyUser{ID: "id-" + name, Name: name})
	}
	names := []string{}
	for _, u := range s.Konstantly.Open() {
		names = append(names, u.Name)
	}
	equal(t, "names", names, []string{"Abel", "Mia", "Zoe"})
}

// roundTripper calls the server without a network, as a test in a bubble does.
type roundTripper struct{ http.Handler }

func (rt roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	rt.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestServeHTTP_asARoundTripper(t *testing.T) {
	s := mock.New(key)
	client := &http.Client{Transport: roundTripper{s}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://vendor.test/ecgrid/v2/users/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["X-API-Key"] = []string{key}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	equal(t, "error", err, nil)
	got{answer.StatusCode, answer.Header, string(body)}.want(t, 200, `{"data":{"userId":7,"login":"svc-offboard"}}`)
}

// over starts the server on loopback and returns its address.
func over(t *testing.T, s *mock.Server) string {
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

// routes returns the routes of the log.
func routes(s *mock.Server) []string {
	all := []string{}
	for _, r := range s.Requests() {
		all = append(all, r.Route)
	}
	return slices.Clip(all)
}
