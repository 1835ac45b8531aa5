package provider

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

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
	synctest.Test(t, func(t *testing.T) {
		busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "86400")
			say(w, http.StatusTooManyRequests, "{}")
		})
		settings := attributes{}
		for name := range prefixes {
			settings[name] = attributes{"api_key": mockKey, "base_url": "http://127.0.0.1:1/api"}
		}
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
	for _, path := range []string{"/orders", "/account/transactions"} {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			t.Run(fmt.Sprint(path, " ", status), func(t *testing.T) {
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
