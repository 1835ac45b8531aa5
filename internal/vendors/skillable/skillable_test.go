package skillable_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

const (
	routeLabs   = "GET /userrunningandsavedlabs"
	routeSearch = "GET /labinstance/search"
	routeCancel = "GET /cancel"
	routeClose  = "GET /CloseUserAccount"
	routeStats  = "GET /stats"
)

var (
	basics = mock.Lab{ID: 880123, Name: "Mesh basics"}
	drill  = mock.Lab{ID: 880124, Name: "Backup drill"}
	exam   = mock.Lab{ID: 880077, Name: "Mesh exam"}
)

// ola is the user of most tests; she has one lab behind her.
func ola(running ...mock.Lab) mock.SkillableUser {
	return mock.SkillableUser{ID: "emp-3107", Name: "Ola Berg", Email: "ola@acme.test", Running: running, History: 1}
}

// read is what User says of ola.
func read(running ...skillable.Lab) skillable.User {
	return skillable.User{
		User:    offboard.User{ID: "emp-3107", Email: "ola@acme.test", Name: "Ola Berg", Status: offboard.Active},
		Running: running,
	}
}

func client(t *testing.T, key, base string, transport http.RoundTripper) *skillable.Client {
	t.Helper()
	return vendortest.NewClient(t, skillable.New, base, key, transport)
}

// oneUser is an API consumer with ola.
var oneUser = vendortest.Vendor[*skillable.Client]{
	Connect: skillable.New, BaseURL: "http://127.0.0.1/skillable/api/v3", Timeout: time.Hour,
	Seed: func(m *mock.Server) { m.Skillable.Add(ola()) },
}

func wantCount(t *testing.T, m *mock.Server, route string, want int) {
	t.Helper()
	if got := vendortest.Count(m, route); got != want {
		t.Errorf("got %d times %q, want %d", got, route, want)
	}
}

func TestNew_refusesSettings(t *testing.T) {
	t.Parallel()
	_, err := skillable.New(rest.Config{APIKey: "with blank"})
	var setting *rest.SettingError
	if !errors.As(err, &setting) || setting.Setting != "api_key" {
		t.Errorf("got %v, want an error about api_key", err)
	}
}

func TestTenant(t *testing.T) {
	t.Parallel()
	if got := client(t, "mock-key", "", nil).Tenant(); got != "labondemand.com/api/v3" {
		t.Errorf("got %q, want the host and base path of the documentation", got)
	}
}

func TestCheckID(t *testing.T) {
	t.Parallel()
	for id, good := range map[string]bool{
		"emp-3107": true, "ola@acme.test": true, "a b+c&d=e/f?g#h%": true, "Ünïcode": true, strings.Repeat("ü", 200): true,
		"": false, " ": false, " emp": false, "emp ": false, "emp\t": false, "\u00a0emp": false, "e\nmp": false,
		"e\x00mp": false,
		".":       false, "..": false, "\xff": false, strings.Repeat("u", 201): false,
	} {
		if err := skillable.CheckID(id); (err == nil) != good {
			t.Errorf("id %q: got %v, want it accepted: %v", id, err, good)
		}
	}
}

// TestClose_overTheNetwork closes over a real connection a user whose id needs escaping; the answer
// of the first call is lost, and net/http must not send the GET again by itself.
func TestClose_overTheNetwork(t *testing.T) {
	t.Parallel()
	m := mock.New("mock-key")
	u := ola()
	u.ID = "ola+labs & co@acme.test/é?#%"
	m.Skillable.Add(u)
	server := httptest.NewServer(m)
	defer server.Close()
	spelt := false
	transport := rest.NewTransport()
	c := client(
		t,
		"mock-key",
		server.URL+"/skillable/api/v3",
		vendortest.RoundTrip(func(req *http.Request) (*http.Response, error) {
			spelt = len(req.Header["api_key"]) == 1
			return transport.RoundTrip(req)
		}),
	)
	seen, err := c.User(t.Context(), u.ID) // opens the connection that breaks
	if err != nil || seen.Status != offboard.Active {
		t.Fatalf("got %+v, %v, want an active user", seen, err)
	}
	m.Fail(mock.Fault{Route: routeClose, Times: 1, Drop: true})
	if findings, err := c.Close(t.Context(), seen, shown); err != nil || len(findings) > 0 {
		t.Errorf("got %v, %v, want no finding and no error", findings, err)
	}
	vendortest.WantRoutes(t, m, slices.Concat([]string{routeLabs, routeSearch}, further, closeRoutes)...)
	if m.Skillable.Has(u.ID) || !spelt {
		t.Errorf(
			"got the user open: %v, the header spelt api_key: %v; want it closed and spelt so", m.Skillable.Has(u.ID), spelt,
		)
	}
}

func TestConsumer_differsBetweenKeys(t *testing.T) {
	t.Parallel()
	one := client(t, "one-key", "https://vendor.test/a", nil).Consumer("emp-3107")
	if again := client(
		t,
		"one-key",
		"https://vendor.test/a",
		nil,
	).Consumer("emp-3107"); again != one ||
		strings.Contains(one, "key") {
		t.Errorf("got %q and then %q, want the same hash", one, again)
	}
	for name, other := range map[string]string{
		"another key":  client(t, "two-key", "https://vendor.test/a", nil).Consumer("emp-3107"),
		"another user": client(t, "one-key", "https://vendor.test/a", nil).Consumer("emp-3108"),
	} {
		if other == one {
			t.Errorf("%s: got the same hash, want another", name)
		}
	}
}
