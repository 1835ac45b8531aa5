package sfox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// The routes, as the mock names them.
const (
	routeUser         = "GET /enterprise/users/{id}"
	routeUsers        = "GET /enterprise/users"
	routeToken        = "POST /enterprise/user-tokens/{id}"
	routeBalance      = "GET /user/balance"
	routeOrders       = "GET /orders"
	routeTransactions = "GET /account/transactions"
	routeDeactivate   = "DELETE /enterprise/account/{id}"
)

// dana is the user that the tests read and close.
var dana = sfox.User{
	User:        offboard.User{ID: "cust-7f31", Email: "dana@acme.test", Name: "Dana Reyes", Status: offboard.Active},
	AccountType: "individual", AccountRole: "client", AdvisorUserID: "adv-1", VerificationStatus: "VERIFIED",
}

func seed() mock.SFOXUser {
	return mock.SFOXUser{
		ID:       "cust-7f31",
		Name:     "Dana Reyes",
		Email:    "dana@acme.test",
		Advisor:  "adv-1",
		Balances: map[string]string{"btc": "0", "usd": "0.00"},
	}
}

func client(t *testing.T, address string, transport http.RoundTripper) *sfox.Client {
	t.Helper()
	return vendortest.NewClient(t, sfox.New, address, vendortest.Key, transport)
}

// oneUser is a partner with dana alone.
var oneUser = vendortest.Vendor[*sfox.Client]{
	Connect: sfox.New, BaseURL: "https://vendor.test/sfox/v1", Timeout: 10 * time.Minute,
	Seed: func(server *mock.Server) { server.SFOX.Add(seed()) },
}

// twoUsers is a partner with dana and another client, so that the list is not empty without her.
var twoUsers = vendortest.Vendor[*sfox.Client]{
	Connect: sfox.New, BaseURL: oneUser.BaseURL, Timeout: oneUser.Timeout,
	Seed: func(server *mock.Server) {
		server.SFOX.Add(seed())
		server.SFOX.Add(mock.SFOXUser{ID: "cust-0002", Name: "Otto Berg", Email: "otto@acme.test"})
	},
}

// fault is a way in which one route fails for good, and why that proves nothing.
func fault(route string, status int, body string) mock.Fault {
	return mock.Fault{Vendor: "sfox", Route: route, Status: status, Body: body}
}

// doubtful are answers to a read that say neither that the user is open nor that the user is gone.
var doubtful = map[string]mock.Fault{
	"401":                 {Status: 401, Body: `{"error":"bad key"}`},
	"403":                 {Status: 403, Body: `{"error":"not yours"}`},
	"404 in HTML":         {Status: 404, Body: vendortest.HTML},
	"404 without a body":  {Status: 404},
	"404 of another form": {Status: 404, Body: `{"message":"no route"}`},
	"404 with no words":   {Status: 404, Body: `{"error":""}`},
	"404 with two values": {Status: 404, Body: `{"error":"user not found"} {}`},
	"404 with two errors": {Status: 404, Body: `{"error":"user not found","Error":"no route"}`},
	"404 with an object":  {Status: 404, Body: `{"error":{"code":7}}`},
	"404 and the user": {
		Status: 404,
		Body:   `{"error":"no wallet","data":{"user_id":"cust-7f31","email":"d@acme.test"}}`,
	},
	"404 and its ID":      {Status: 404, Body: `{"error":"no wallet","user_id":"cust-7f31"}`},
	"410 and a row of it": {Status: 410, Body: `{"error":"gone","data":[{"user_id":"other"},{"user_id":"CUST-7F31"}]}`},
	"422":                 {Status: 422, Body: `{"error":"invalid"}`},
	"429 for ever":        {Status: 429},
	"500":                 {Status: 500, Body: `{"error":"oops"}`},
	"503 in HTML":         {Status: 503, Body: vendortest.HTML},
	"a redirect":          {Status: 302, Header: http.Header{"Location": {"https://evil.test/"}}},
	"200 in HTML":         {Status: 200, Body: vendortest.HTML},
	"200 without a body":  {Status: 200},
	"200 cut short":       {Status: 200, Body: `{"data":{"user_id":"cust-7f31"`},
	"200 with null":       {Status: 200, Body: `null`},
	"200 with {}":         {Status: 200, Body: `{}`},
	"200 with a string":   {Status: 200, Body: `{"data":"cust-7f31"}`},
	"a lost connection":   {Drop: true},
}

func TestNew_knowsTheVendorsAddress(t *testing.T) {
	t.Parallel()
	c, err := sfox.New(rest.Config{APIKey: "k"})
	if err != nil || c.Tenant() != "api.sfox.com/v1" {
		t.Errorf("got %v and tenant %q, want api.sfox.com/v1", err, c.Tenant())
	}
}

func TestNew_refusesAnEmptyKey(t *testing.T) {
	t.Parallel()
	_, err := sfox.New(rest.Config{})
	var setting *rest.SettingError
	if !errors.As(err, &setting) || setting.Setting != "api_key" {
		t.Errorf("got %v, want a SettingError about api_key", err)
	}
}

func TestCheckID(t *testing.T) {
	t.Parallel()
	for id, ok := range map[string]bool{
		"cust-7f31": true, "a b": true, "a/b?c#d%e": true, "日本": true,
		"": false, " ": false, " a": false, "a ": false, "a\u00a0": false, ".": false, "..": false, "a\nb": false,
	} {
		if err := sfox.CheckID(id); (err == nil) != ok {
			t.Errorf("%q: got %v, want accepted %t", id, err, ok)
		}
	}
}

// A 429 without Retry-After means ten seconds the first time and a minute when that was not enough.
func TestClient_waitsAfterA429(t *testing.T) {
	t.Parallel()
	for times, want := range map[int]time.Duration{1: 10 * time.Second, 2: 70 * time.Second, 3: 130 * time.Second} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.Fail(mock.Fault{Route: routeUser, Status: 429, Times: times})
			started := time.Now()
			if _, err := c.User(ctx, dana.ID); err != nil {
				t.Errorf("got %v, want the user", err)
			}
			if got := time.Since(started); got != want {
				t.Errorf("got the user after %d times 429 in %s, want %s", times, got, want)
			}
		})
	}
}

// Requests that are under way together break a limit once.
func TestClient_countsTwo429sAtOnceAsOne(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.Fail(mock.Fault{Route: routeUser, Status: 429, Times: 2, Delay: time.Second})
		started := time.Now()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if _, err := c.User(ctx, dana.ID); err != nil {
					t.Errorf("got %v, want the user", err)
				}
			})
		}
		both.Wait()
		if got, want := time.Since(started), 11*time.Second; got.Round(time.Second) != want {
			t.Errorf("got both users in %s, want %s", got, want)
		}
	})
}

func TestClient_forgetsA429AfterAMinute(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.Fail(mock.Fault{Route: routeUser, Status: 429, Times: 1})
		server.Fail(mock.Fault{Route: routeUser, Status: 429, Times: 1, After: 1})
		for range 2 {
			started := time.Now()
			if _, err := c.User(ctx, dana.ID); err != nil || time.Since(started) != 10*time.Second {
				t.Errorf("got %v after %s, want the user after 10s", err, time.Since(started))
			}
			time.Sleep(61 * time.Second)
		}
	})
}

func TestClient_worksWithinTheVendorsLimits(t *testing.T) {
	t.Parallel()
	for _, retryAfter := range []bool{false, true} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			ctx = context.WithoutCancel(ctx) // eight reads take longer than the ten minutes of the bubble
			server.SFOX.RateLimits, server.SFOX.RetryAfter = true, retryAfter
			for range 8 { // the limits on balances and transactions are below that
				if found, err := c.Preflight(ctx, dana); err != nil || len(found) != 0 {
					t.Fatalf("got %v and %v, want nothing found", found, err)
				}
			}
		})
	}
}

// At the documented rates the vendor never has to say no.
func TestClient_staysBelowTheVendorsLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := mock.New("mock-key")
		server.SFOX.Add(seed())
		server.SFOX.RateLimits = true
		c, err := sfox.New(
			rest.Config{APIKey: "mock-key", BaseURL: "https://vendor.test/sfox/v1", Transport: mock.Transport{Handler: server}},
		)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			if _, err := c.Preflight(t.Context(), dana); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range server.Requests() {
			if r.Status == http.StatusTooManyRequests {
				t.Fatalf("got 429 for %s, want none", r.Route)
			}
		}
	})
}

func TestClient_overTheNetwork(t *testing.T) {
	t.Parallel()
	server := mock.New("mock-key")
	server.SFOX.Add(seed())
	server.SFOX.Add(mock.SFOXUser{ID: "cust-0002", Name: "Otto Berg", Email: "otto@acme.test"})
	listener := httptest.NewServer(server)
	defer listener.Close()
	c := client(t, listener.URL+"/sfox/v1", rest.NewTransport())
	if got, want := c.Tenant(), strings.TrimPrefix(listener.URL, "http://")+"/sfox/v1"; got != want {
		t.Errorf("got tenant %q, want %q", got, want)
	}
	u, err := c.User(t.Context(), dana.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Close(t.Context(), u, offboard.NotSent, nil); err != nil || server.SFOX.Has(dana.ID) {
		t.Errorf("got %v, want the user closed", err)
	}
}
