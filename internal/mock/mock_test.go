package mock_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func TestClose_takesEffectAndIsLogged(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		equal(t, "open before", c.has(s), true)
		equal(t, "status", ask(t, s, c.vendor, c.end(), "").status, c.status)
		equal(t, "open after", c.has(s), false)

		log := s.Requests()
		equal(t, "requests", len(log), 1)
		method, path, _ := strings.Cut(c.end(), " ")
		log[0].At = time.Time{}
		equal(t, "log", log[0], mock.Request{Vendor: c.vendor, Route: c.route, Method: method,
			Path: prefixes[c.vendor] + path, Proto: "HTTP/1.1", Kind: mock.Close, Change: true, Status: c.status})
		s.ForgetRequests()
		equal(t, "requests after forgetting", len(s.Requests()), 0)
	})
}

func TestDrop_closesWithoutARequest(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		c.drop(s)
		equal(t, "open", c.has(s), false)
		equal(t, "requests", len(s.Requests()), 0)
		c.add(s)
		equal(t, "open after adding again", c.has(s), true)
	})
}

func TestRead_changesNothing(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		equal(t, "status", ask(t, s, c.vendor, c.read, "").status, 200)
		equal(t, "change", s.Requests()[0].Change, false)
		equal(t, "open", c.has(s), true)
	})
}

func TestRoute_isNotFoundIfUnknown(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		ask(t, s, c.vendor, "GET /no/such/thing", "").want(t, 404, c.noRoute)
		equal(t, "route", s.Requests()[0].Route, "")
		equal(t, "vendor", s.Requests()[0].Vendor, c.vendor)
	})
}

func TestRoute_isHTMLOutsideAllPrefixes(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	for _, path := range []string{"/", "/users/u1", "/konstantly/openapi/v10/users/u1", "/ecgrid", "/sfox/v2/orders"} {
		g := ask(t, s, "", "GET "+path, "")
		equal(t, path+" status", g.status, 404)
		equal(t, path+" type", g.header.Get("Content-Type"), "text/html; charset=utf-8")
	}
	equal(t, "vendor", s.Requests()[0].Vendor, "")
	equal(t, "status", s.Requests()[0].Status, 404)
}

func TestRoute_foldsLetterCaseOnlyAtSkillable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		vendor, what string
		status       int
	}{
		{"konstantly", "GET /Users", 404},
		{"ecgrid", "GET /auth/Version", 404},
		{"sfox", "GET /enterprise/Users", 404},
		{"skillable", "GET /STATS", 200},
		{"skillable_tms", "GET /getuserroles", 404},
	} {
		equal(t, c.vendor, ask(t, mock.New(key), c.vendor, c.what, "").status, c.status)
	}
}

func TestRoute_namesTheMethodsOfAPath(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		_, path, _ := strings.Cut(c.end(), " ")
		for _, method := range []string{"HEAD", "PUT", "OPTIONS", "TRACE"} {
			g := ask(t, s, c.vendor, method+" "+path, "")
			equal(t, method, g.status, 405)
			if g.header.Get("Allow") == "" || !json.Valid([]byte(g.body)) {
				t.Errorf("%s: got Allow %q and body %q, want both in the vendor's form", method, g.header.Get("Allow"), g.body)
			}
		}
	})
}

func TestKey_isRefusedIfWrongOrMissing(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		header := credentials[c.vendor][0]
		for _, credential := range [][2]string{{}, {header, "wrong"}, {header, "Bearer wrong"}} {
			g := askAs(t, s, c.vendor, c.end(), "", credential)
			if c.unauthorized != "" {
				g.want(t, 200, c.unauthorized)
			} else {
				equal(t, "status", g.status, 401)
			}
		}
		equal(t, "open", c.has(s), true)
	})
}

func TestKey_isReadFromAHeaderInAnyCase(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
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

func TestServeHTTP_answersARequestWithoutABody(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	r, err := http.NewRequestWithContext(t.Context(), "", "http://vendor.test/ecgrid/v2/auth/version", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r) // no body at all, as RoundTrippers get it
	equal(t, "status", w.Code, 200)
}

func TestServeHTTP_refusesALargeBody(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	g := ask(t, s, "konstantly", "POST /users/blocked", strings.Repeat("x", 2<<20))
	equal(t, "status", g.status, 400)
	equal(t, "requests", len(s.Requests()), 0)
}

func TestServeHTTP_answersManyAtOnce(t *testing.T) {
	t.Parallel()
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

func TestOnRequest_isCalledAfterTheEffectWithoutTheLock(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		var seen []mock.Request
		s.OnRequest(func(r mock.Request) {
			seen = append(seen, r)
			equal(t, "open", c.has(s), false)
		})
		ask(t, s, c.vendor, c.end(), "")
		equal(t, "seen", seen, s.Requests())
		s.OnRequest(nil)
		ask(t, s, c.vendor, c.end(), "")
		equal(t, "seen after nil", len(seen), 1)
	})
}

func TestLatency_delaysEveryAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(key)
		s.Latency(3 * time.Second)
		start := time.Now()
		ask(t, s, "ecgrid", "GET /auth/version", "")
		equal(t, "waited", time.Since(start), 3*time.Second)
	})
}

func TestUpdate_panicsForAnUnknownUser(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := fmt.Sprint(recover()); got != "mock: konstantly has no user unknown" {
			t.Errorf("panic: got %q, want one that names vendor and user", got)
		}
	}()
	mock.New(key).Konstantly.Update("unknown", func(*mock.KonstantlyUser) {})
}

func TestUpdate_canChangeTheID(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.SFOX.Add(mock.SFOXUser{ID: "c1", Name: "Dana Reyes", Email: "dana@acme.test"})
	s.SFOX.Update("c1", func(u *mock.SFOXUser) { u.ID = "c2" })
	equal(t, "old id", s.SFOX.Has("c1"), false)
	equal(t, "new id", s.SFOX.Has("c2"), true)
}

func TestGet_returnsACopy(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.SFOX.Add(mock.SFOXUser{ID: "c1", Balances: map[string]string{"usd": "1"}})
	s.Skillable.Add(mock.SkillableUser{ID: "e1", Running: mock.Labs{{ID: 5, Name: "Drill"}}})
	s.TMS.Add(mock.TMSUser{ID: 1, Optional: map[string]string{"Title": "Lead"}, Managed: []int64{3},
		Enrollments: []mock.TMSEnrollment{{Class: "Mesh"}}, Subscriptions: []string{""}})
	m, _ := s.TMS.Get(1)
	m.Roles[0], m.Managed[0], m.Optional["Title"] = 9, 9, "Other"
	m.Enrollments[0].Class, m.Subscriptions[0] = "Other", "2027"
	m, _ = s.TMS.Get(1)
	equal(t, "roles", []any{m.Roles[0], m.Managed[0], m.Optional["Title"]}, []any{int64(0), int64(3), "Lead"})
	equal(t, "class", m.Enrollments[0].Class+m.Subscriptions[0], "Mesh")
	u, _ := s.SFOX.Get("c1")
	u.Balances["usd"] = "0"
	e, _ := s.Skillable.Get("e1")
	e.Running[0].Name = "Other"
	u, _ = s.SFOX.Get("c1")
	e, _ = s.Skillable.Get("e1")
	equal(t, "balance", u.Balances["usd"], "1")
	equal(t, "lab", e.Running[0].Name, "Drill")
}

func TestGet_returnsTombstones(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	for i := range vendorCases {
		vendorCases[i].add(s)
		vendorCases[i].drop(s)
	}
	_, konstantly := s.Konstantly.Get("u1")
	grid, ecgrid := s.ECGrid.Get(41)
	_, sfox := s.SFOX.Get("c1")
	_, skillable := s.Skillable.Get("e1")
	_, tms := s.TMS.Get(90417)
	equal(t, "found", []bool{konstantly, ecgrid, sfox, skillable, tms}, []bool{false, true, false, true, true})
	equal(t, "status", grid.Status, "Terminated")
}

func TestVendors_haveTheirOpenUsers(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		open := func(what string, ids ...string) {
			t.Helper()
			ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
			at := slices.IndexFunc(s.Vendors(), func(v mock.Vendor) bool { return v.Name == c.vendor })
			v := s.Vendors()[at]
			equal(t, what, []any{v.Prefix, fmt.Sprint(v.IDs)}, []any{c.prefix, fmt.Sprint(ids)})
		}
		open("with Ines", c.holder, c.id)
		c.drop(s)
		open("without Ines", c.holder)
	})
}

func TestOpen_hasTheOrderOfTheList(t *testing.T) {
	t.Parallel()
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

func TestTransport_needsNoNetwork(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	client := &http.Client{Transport: mock.Transport{Handler: s}}
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
	reply{answer.StatusCode, answer.Header, string(body)}.want(t, 200, `{"data":{"userId":7,"login":"svc-offboard"}}`)
}
