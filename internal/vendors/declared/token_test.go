package declared_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// A vendor may want another grant, and the client in a header.
func TestToken_otherGrants(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.definition = replacing(`scopes        = ["users:read", "users:write"]`,
		`basic = true
    form = { grant_type = "account_credentials", account_id = "acc 1", scope = "users:read users:write" }`)
	var form url.Values
	vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, secret, ok := r.BasicAuth(); r.URL.Path == "/token" && ok {
			_ = r.ParseForm()
			form = r.PostForm
			r.Form = url.Values{
				"client_id": {id}, "client_secret": {secret}, "grant_type": {"client_credentials"}, "scope": form["scope"],
			}
		}
		e.ServeHTTP(w, r)
	})
	e.runBehind(t, vendor, func(ctx context.Context, t *testing.T, c *declared.Client) {
		_, err := c.User(ctx, inesRef)
		want := url.Values{
			"grant_type": {"account_credentials"},
			"account_id": {"acc 1"},
			"scope":      {"users:read users:write"},
		}
		if err != nil || form.Encode() != want.Encode() {
			t.Errorf("got %v with the form %q, want %q", err, form.Encode(), want.Encode())
		}
		if got := c.Tenant(); got != "api.evening.example/v1#client=offboard&tokens=id.evening.example" {
			t.Errorf("got the tenant %q, want it with the client", got)
		}
	})
}

// Some vendors write as a text how long a token is good.
func TestToken_expiresInAText(t *testing.T) {
	t.Parallel()
	e := newEvening()
	vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := httptest.NewRecorder()
		e.ServeHTTP(said, r)
		write(w, said.Code, strings.Replace(said.Body.String(), `"expires_in":3600`, `"expires_in":"3600"`, 1))
	})
	e.runBehind(t, vendor, func(ctx context.Context, t *testing.T, c *declared.Client) {
		for _, tokens := range []int{1, 1, 2} {
			if _, err := c.User(context.WithoutCancel(ctx), inesRef); err != nil || e.tokens != tokens {
				t.Errorf("got %v after %d tokens, want %d", err, e.tokens, tokens)
			}
			time.Sleep(40 * time.Minute)
		}
	})
}

// A refusal is told in the words of the vendor.
func TestToken_refused(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error":"unauthorized_client","error_description":"Not enabled"}`: "unauthorized_client: Not enabled",
		`{"error":"invalid_client"}`:                                        "invalid_client",
		`{"error":{"code":5}}`:                                              "HTTP 400",
		`<html>`:                                                            "HTTP 400",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					write(w, 400, body)
					return
				}
				e.ServeHTTP(w, r)
			})
			e.runBehind(t, vendor, func(ctx context.Context, t *testing.T, c *declared.Client) {
				if _, err := c.User(ctx, inesRef); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			})
		})
	}
}

// The setting that a person has to change is named, and that is not base_url.
func TestNew_namesTheAddressOfTokens(t *testing.T) {
	t.Parallel()
	d := parse(t, "evening", eveningText(t, parts{`/token"`, `/token?grant_type=x"`}))
	_, err := declared.New(d, declared.Config{
		Config:   rest.Config{APIKey: "mock-key", Transport: mock.Transport{}, RequestsPerSecond: 1e6},
		Settings: map[string]string{"client": "offboard"},
	})
	if err == nil || !strings.HasPrefix(err.Error(), "definition: token_url of credentials oauth2: ") {
		t.Errorf("got %v, want that token_url is named", err)
	}
}
