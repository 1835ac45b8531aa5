package provider

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// behindNoProxy starts a vendor at a loopback address of IPv6, and another tenant of it behind the
// proxy of the network. Both have an Ines.
func behindNoProxy(t *testing.T, v vendorCase) (here, behind *mock.Server, url, proxy string) {
	t.Helper()
	listener, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	here, behind = mock.New(mockKey), mock.New(mockKey)
	v.add(here)
	v.add(behind)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: here}}
	server.Start()
	t.Cleanup(server.Close)
	other := httptest.NewServer(behind)
	t.Cleanup(other.Close)
	return here, behind, server.URL, other.URL
}

// The vendor is read at an address that needs no proxy. The closing call takes the same way, and
// does not close the Ines of the tenant behind the proxy.
func TestHostile_theClosingCallTakesTheWayOfTheReads(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			here, behind, url, proxy := behindNoProxy(t, v)
			t.Setenv("HTTP_PROXY", proxy)
			t.Setenv("NO_PROXY", "")
			d := driverOf(t, New("test")(), url, nil)
			m, diags := d.destroy(d.setTimeout(d.mustImport(v.kind, v.id), "5s"))
			if v.has(here, v.id) || !m.gone() {
				t.Errorf("gone %v, errors %q, want the account at the base URL closed", m.gone(), diags.errors())
			}
			for _, r := range behind.Requests() {
				t.Errorf("the proxy got %s %s, want nothing", r.Method, r.Route)
			}
		})
	}
}

// A block was copied, so that two vendors have one base URL. That is a mistake of which the first
// read tells, and no crash. What one of them asks for does not slow the other down.
func TestHostile_twoVendorsAtOneAddressAreNoCrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "86400")
			say(w, http.StatusTooManyRequests, "{}")
		})
		settings := attributes{}
		for name := range prefixes {
			settings[name] = attributes{"api_key": mockKey, "base_url": "http://127.0.0.1:1/api"}
		}
		settings["vendors"] = twinSettings(func(vendorCase) attributes {
			return attributes{"api_key": mockKey, "base_url": "http://127.0.0.1:1/api"}
		})
		p := &offboardProvider{version: "test", transport: mock.Transport{Handler: busy}, budgets: &rest.Budgets{}}
		d := driverOf(t, p, "", settings)
		for _, v := range vendorCases {
			if _, diags := d.importUser(v.kind, v.id); !strings.Contains(diags.errors(), "HTTP 429") {
				t.Errorf("%s: got %q, want the answer of the vendor", v.kind.name, diags.errors())
			}
		}
	})
}

// The trading API is in maintenance for an hour, and says so at a check that is only a nicety. Both
// users can be planned and closed.
func TestHostile_sfoxACheckInMaintenanceStopsNobody(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/orders", "/account/transactions"} {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			t.Run(fmt.Sprint(path, " ", status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, sfoxCase)
					f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
						if at != path {
							return false
						}
						w.Header().Set("Retry-After", "3600")
						return say(w, status, `{"error":"maintenance"}`)
					}
					d := f.process(t)
					var plans []planned
					for _, id := range []string{sfoxCase.id, sfoxCase.other} {
						plans = append(plans, d.mustPlanDestroy(d.mustImport(sfoxKind, id)))
					}
					for _, p := range plans {
						if m, diags := d.apply(t.Context(), p); !m.gone() {
							t.Errorf("got %q, want the account closed", diags.errors())
						}
					}
				})
			})
		}
	}
}

// aged says of each answer to a read that a cache gave it after an hour.
func aged(w http.ResponseWriter, r *http.Request, _ string) bool {
	if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/list") {
		w.Header().Set("Age", "3600")
	}
	return false
}

// An answer that a cache gave after an hour shows who had the ID then, not who has it now.
func TestHostile_aReadFromACacheIsNoLookBeforeACall(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		f.answer = aged
		d := f.process(t) // plans and refreshes go on
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.mock.ForgetRequests()
		m, diags := d.apply(t.Context(), p)
		for _, r := range f.mock.Requests() {
			if r.Change {
				t.Errorf("%s left after answers that were an hour old", r.Route)
			}
		}
		if m.gone() || !strings.Contains(diags.errors(), "1h0m0s old") {
			t.Errorf("gone %v, errors %q, want the age of the answer in them", m.gone(), diags.errors())
		}
	})
}

// The closing call is accepted, or lost on its way. Then each answer comes from a cache, for a minute
// or for ever: it proves nothing, and what comes after it does.
func TestHostile_anAnswerFromACacheIsNoProof(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		for name, c := range map[string]struct {
			lost   bool
			last   time.Duration
			closed bool
		}{
			"accepted, a minute": {false, time.Minute, true},
			"accepted, for ever": {false, time.Hour, false},
			"lost, for ever":     {true, time.Hour, false},
		} {
			t.Run(v.kind.name+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					d := f.process(t)
					p := d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, v.id), "5m"))
					var called time.Time
					f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
						if called.IsZero() {
							if !isAt(v.closing, r, at) {
								return false
							}
							called = time.Now()
							return c.lost && say(w, http.StatusBadGateway, "bad gateway")
						}
						return time.Since(called) < c.last && aged(w, r, at)
					}
					m, diags := d.apply(t.Context(), p)
					if o := f.outcome(t); m.gone() != c.closed || (o.Result == evidence.Closed) != c.closed {
						t.Errorf("gone %v, result %q, errors %q, want it closed %v", m.gone(), o.Result, diags.errors(), c.closed)
					}
				})
			})
		}
	}
}

// The list does not show Ines. A refresh gets "no such user" from a cache, or a list from a cache
// after it. That is no account that was closed elsewhere.
func TestHostile_anAbsenceFromACacheIsNoClosing(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		for name, old := range map[string]func(http.ResponseWriter, *http.Request, string) bool{
			"the absence": func(w http.ResponseWriter, r *http.Request, at string) bool {
				return strings.HasSuffix(at, "/"+v.id) && aged(w, r, at)
			},
			"what vouches for it": func(w http.ResponseWriter, r *http.Request, at string) bool {
				return !strings.HasSuffix(at, "/"+v.id) && aged(w, r, at)
			},
			"none": func(http.ResponseWriter, *http.Request, string) bool { return false },
		} {
			t.Run(v.kind.name+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					m := f.process(t).mustImport(v.kind, v.id)
					v.drop(f.mock, v.id)
					before := mock.New(mockKey) // as the vendor was before Ines had an account
					f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
						old(w, r, at)
						if strings.HasSuffix(at, "/"+v.id) {
							before.ServeHTTP(w, r)
							return true
						}
						return false
					}
					m, diags := f.process(t).read(m)
					if got, want := m.text("status") == "closed", name == "none"; got != want {
						t.Errorf("closed %v, errors %q, warnings %q, want it closed %v", got, diags.errors(), diags.warnings(), want)
					}
				})
			})
		}
	}
}
