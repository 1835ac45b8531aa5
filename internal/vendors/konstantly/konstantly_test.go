package konstantly_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// The routes, as the mock names them.
const (
	routeUser   = "GET /users/{id}"
	routeBlock  = "POST /users/blocked"
	routeDelete = "DELETE /users/{id}"
)

// ines is the user that the tests read and close.
var ines = konstantly.User{
	User: offboard.User{ID: "u7k2m9", Email: "ines@acme.test", Name: "Ines Varga", Status: offboard.Active},
	Role: "learner", Language: "pt", Timezone: "Europe/Lisbon", FromAPI: true,
}

func seed() mock.KonstantlyUser {
	return mock.KonstantlyUser{
		ID:       "u7k2m9",
		Name:     "Ines Varga",
		Email:    "ines@acme.test",
		Role:     "learner",
		Language: "pt",
		Timezone: "Europe/Lisbon",
		FromAPI:  true,
	}
}

func client(t *testing.T, address, key string, transport http.RoundTripper) *konstantly.Client {
	t.Helper()
	return vendortest.NewClient(t, konstantly.New, address, key, transport)
}

// oneUser is a site in which ines is open.
var oneUser = vendortest.Vendor[*konstantly.Client]{
	Connect: konstantly.New, BaseURL: "https://vendor.test/konstantly/openapi/v1", Timeout: 10 * time.Minute,
	Seed: func(server *mock.Server) { server.Konstantly.Add(seed()) },
}

// twoUsers is a site in which ines and a colleague are open, so that the list is not empty without
// her.
var twoUsers = vendortest.Vendor[*konstantly.Client]{
	Connect: konstantly.New, BaseURL: oneUser.BaseURL, Timeout: oneUser.Timeout,
	Seed: func(server *mock.Server) {
		server.Konstantly.Add(seed())
		server.Konstantly.Add(mock.KonstantlyUser{ID: "u1a2b3", Name: "Otto Berg", Email: "otto@acme.test"})
	},
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for site, want := range map[string]string{
		"acme": "https://acme.konstant.ly/openapi/v1", "Acme-2": "https://Acme-2.konstant.ly/openapi/v1",
		"x": "https://x.konstant.ly/openapi/v1",
		"":  "", "acme.konstant.ly": "", "https://acme.konstant.ly": "", "-acme": "", "acme-": "", "a_b": "", "a b": "",
		"acme/": "", "acme#": "",
		"acme@evil.test": "", "acme\n": "", strings.Repeat("a", 64): "", "äcme": "",
	} {
		if got, err := konstantly.BaseURL(site); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q and %v, want %q", site, got, err, want)
		}
	}
}

func TestNew_refusesSettings(t *testing.T) {
	t.Parallel()
	for setting, config := range map[string]rest.Config{
		"base_url": {APIKey: "k"}, "api_key": {BaseURL: "https://acme.konstant.ly/openapi/v1"},
	} {
		_, err := konstantly.New(config)
		var refused *rest.SettingError
		if !errors.As(err, &refused) || refused.Setting != setting {
			t.Errorf("got %v, want a SettingError about %s", err, setting)
		}
	}
}

func TestCheckID(t *testing.T) {
	t.Parallel()
	for id, ok := range map[string]bool{
		"u7k2m9": true, "a b": true, "a/b?c": true, "Blocked": true,
		"": false, ".": false, "..": false, "a\nb": false, "blocked": false, "byEmail": false,
	} {
		if err := konstantly.CheckID(id); (err == nil) != ok {
			t.Errorf("%q: got %v, want accepted %t", id, err, ok)
		}
	}
}

func TestClient_overTheNetwork(t *testing.T) {
	t.Parallel()
	server := mock.New("mock-key")
	server.Konstantly.Add(seed())
	server.Konstantly.Add(mock.KonstantlyUser{ID: "u1a2b3", Name: "Otto Berg", Email: "otto@acme.test"})
	listener := httptest.NewServer(server)
	defer listener.Close()
	c := client(t, listener.URL+"/konstantly/openapi/v1", "mock-key", rest.NewTransport())
	if got, want := c.Tenant(), strings.TrimPrefix(listener.URL, "http://")+"/konstantly/openapi/v1"; got != want {
		t.Errorf("got tenant %q, want %q", got, want)
	}
	u, err := c.User(t.Context(), ines.ID)
	if err != nil {
		t.Fatal(err)
	}
	if proof, err := c.Close(t.Context(), u, offboard.NotSent); err != nil || proof != offboard.Absent ||
		server.Konstantly.Has(ines.ID) {
		t.Errorf("got %v and %v, want the user closed", proof, err)
	}
}

// The rate headers delay all requests, before the vendor answers 429 and after.
func TestClient_followsTheRateHeaders(t *testing.T) {
	t.Parallel()
	for _, retryAfter := range []bool{false, true} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
			server.Konstantly.RateLimit, server.Konstantly.RetryAfter = 3, retryAfter
			started := time.Now()
			for range 7 {
				if _, err := c.User(ctx, ines.ID); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(started); took < 2*time.Minute || took > 2*time.Minute+5*time.Second {
				t.Errorf("got seven reads in %s, want two minutes for three a minute", took)
			}
			for _, r := range server.Requests() {
				if r.Status != http.StatusOK {
					t.Errorf("got HTTP %d, want the budget to prevent that", r.Status)
				}
			}
		})
	}
}

func TestClient_waitsForTheResetAfterA429(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Konstantly.RateLimit = 1
		other := client(t, "https://vendor.test/konstantly/openapi/v1", "mock-key", mock.Transport{Handler: server})
		if _, err := other.User(ctx, ines.ID); err != nil { // another client uses the budget up
			t.Fatal(err)
		}
		started := time.Now()
		if _, err := c.User(ctx, ines.ID); err != nil || time.Since(started) < time.Minute ||
			time.Since(started) > 62*time.Second {
			t.Errorf("got %v after %s, want the user after a minute", err, time.Since(started))
		}
	})
}

func TestClient_staysBelowTheDocumentedLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := mock.New("mock-key")
		server.Konstantly.Add(seed())
		c, err := konstantly.New(
			rest.Config{
				APIKey:    "mock-key",
				BaseURL:   "https://vendor.test/konstantly/openapi/v1",
				Transport: mock.Transport{Handler: server},
			},
		)
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		for range 101 {
			if _, err := c.User(t.Context(), ines.ID); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(started); took < time.Minute || took > 65*time.Second {
			t.Errorf("got 101 reads in %s, want a little more than a minute", took)
		}
	})
}
