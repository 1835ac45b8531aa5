package ecgrid_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

const (
	routeGet    = "GET /users/{id}"
	routeMe     = "GET /users/me"
	routeDelete = "DELETE /users/{id}"

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
		Login: "m.okafor", AuthLevel: "MailboxUser", NetworkID: "12", MailboxID: "880",
	}
}

func client(t *testing.T, base string, transport http.RoundTripper) *ecgrid.Client {
	t.Helper()
	return vendortest.NewClient(t, ecgrid.New, base, vendortest.Key, transport)
}

// oneUser is a network with mina.
var oneUser = vendortest.Vendor[*ecgrid.Client]{
	Connect: ecgrid.New, BaseURL: "http://127.0.0.1/ecgrid/v2", Timeout: time.Hour,
	Seed: func(m *mock.Server) { m.ECGrid.Add(mina) },
}

func TestNew_refusesSettings(t *testing.T) {
	t.Parallel()
	_, err := ecgrid.New(rest.Config{APIKey: "with blank"})
	var setting *rest.SettingError
	if !errors.As(err, &setting) || setting.Setting != "api_key" {
		t.Errorf("got %v, want an error about api_key", err)
	}
}

func TestTenant(t *testing.T) {
	t.Parallel()
	if got := client(t, "", nil).Tenant(); got != "rest.ecgrid.io/v2" {
		t.Errorf("got %q, want the host and base path of the documentation", got)
	}
}

func TestCheckID(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	m := mock.New("mock-key")
	m.ECGrid.Add(mina)
	m.Fail(mock.Fault{Route: routeDelete, Drop: true, Effect: true})
	spelt := false
	server := httptest.NewServer(m)
	defer server.Close()
	transport := rest.NewTransport()
	c := client(t, server.URL+"/ecgrid/v2", vendortest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		spelt = len(req.Header["X-API-Key"]) == 1
		return transport.RoundTrip(req)
	}))
	if _, err := c.Close(t.Context(), read(), key, offboard.NotSent); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	vendortest.WantRoutes(t, m, routeMe, routeDelete, routeGet)
	if !spelt {
		t.Error("got another spelling of the credential's header, want exactly X-API-Key")
	}
	if c.Tenant() != strings.TrimPrefix(server.URL, "http://")+"/ecgrid/v2" {
		t.Errorf("got the tenant %q, want the host and base path of %s", c.Tenant(), server.URL)
	}
}
