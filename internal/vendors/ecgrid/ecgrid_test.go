package ecgrid_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
)

const (
	routeGet    = "GET /users/{id}"
	routeMe     = "GET /users/me"
	routeDelete = "DELETE /users/{id}"

	html     = "<html><body>Not here</body></html>"
	notFound = `{"success":false,"errorCode":"ObjectNotFound","message":"No such user.","data":null}`
)

// mina is the user of most tests.
var mina = mock.ECGridUser{
	ID:        30417,
	Name:      "Mina Okafor",
	Email:     "mina@acme.test",
	Login:     "m.okafor",
	AuthLevel: "MailboxUser",
	NetworkID: 12,
	MailboxID: 880,
}

func read() ecgrid.User {
	return ecgrid.User{
		User:  offboard.User{ID: "30417", Email: "mina@acme.test", Name: "Mina Okafor", Status: offboard.Active},
		Login: "m.okafor", AuthLevel: "MailboxUser", NetworkID: 12, MailboxID: 880,
	}
}

// bubble runs a test with a mock that knows mina, in a time of its own that ends an hour from now.
func bubble(t *testing.T, test func(context.Context, *testing.T, *mock.Server, *ecgrid.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := mock.New("mock-key")
		m.ECGrid.Add(mina)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		test(ctx, t, m, client(t, "http://127.0.0.1/ecgrid/v2", mock.Transport{Handler: m}))
	})
}

func client(t *testing.T, base string, transport http.RoundTripper) *ecgrid.Client {
	t.Helper()
	c, err := ecgrid.New(
		rest.Config{APIKey: "mock-key", BaseURL: base, RequestsPerSecond: 1e6, UserAgent: "test", Transport: transport},
	)
	if err != nil {
		t.Fatalf("got %v, want a client", err)
	}
	return c
}

func count(m *mock.Server, route string) int {
	n := 0
	for _, r := range m.Routes() {
		if r == route {
			n++
		}
	}
	return n
}

func wantSent(t *testing.T, m *mock.Server, want ...string) {
	t.Helper()
	if got := m.Routes(); !slices.Equal(got, want) {
		t.Errorf("got the requests %q, want %q", got, want)
	}
}

// restError fails the test unless err is an *rest.Error and does not say that the user is gone.
func restError(t *testing.T, err error) {
	t.Helper()
	var e *rest.Error
	if !errors.As(err, &e) || errors.Is(err, offboard.ErrNotFound) {
		t.Errorf("got %v, want an *rest.Error", err)
	}
}

func TestNew_refusesSettings(t *testing.T) {
	_, err := ecgrid.New(rest.Config{APIKey: "with blank"})
	var setting *rest.SettingError
	if !errors.As(err, &setting) || setting.Setting != "api_key" {
		t.Errorf("got %v, want an error about api_key", err)
	}
}

func TestTenant(t *testing.T) {
	if got := client(t, "", nil).Tenant(); got != "rest.ecgrid.io/v2" {
		t.Errorf("got %q, want the host and base path of the documentation", got)
	}
}

func TestCheckID(t *testing.T) {
	for id, good := range map[string]bool{
		"1": true, "30417": true, "9223372036854775807": true,
		"": false, "0": false, "-7": false, "+7": false, "007": false, "7 ": false, "me": false, "list": false,
		"7.0": false, "1e3": false, "0x7": false, "1_000": false, "٣": false, "9223372036854775808": false,
	} {
		if err := ecgrid.CheckID(id); (err == nil) != good {
			t.Errorf("id %q: got %v, want it accepted: %v", id, err, good)
		}
	}
}

// TestClose_overTheNetwork closes a user over a real connection that breaks once after the call
// took effect.
func TestClose_overTheNetwork(t *testing.T) {
	m := mock.New("mock-key")
	m.ECGrid.Add(mina)
	m.Fail(mock.Fault{Route: routeDelete, Drop: true, Effect: true})
	spelt := false
	server := httptest.NewServer(m)
	defer server.Close()
	transport := rest.NewTransport()
	c := client(t, server.URL+"/ecgrid/v2", roundTrip(func(req *http.Request) (*http.Response, error) {
		spelt = len(req.Header["X-API-Key"]) == 1
		return transport.RoundTrip(req)
	}))
	if _, err := c.Close(t.Context(), read(), key, offboard.NotSent); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	wantSent(t, m, routeMe, routeDelete, routeGet)
	if !spelt {
		t.Error("got another spelling of the credential's header, want exactly X-API-Key")
	}
	if c.Tenant() != strings.TrimPrefix(server.URL, "http://")+"/ecgrid/v2" {
		t.Errorf("got the tenant %q, want the host and base path of %s", c.Tenant(), server.URL)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
