package rest_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestClient_Tenant_isOneFormOfEachAddress(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://vendor.test":                   "vendor.test",
		"https://vendor.test/":                  "vendor.test",
		"https://VENDOR.test./v1":               "vendor.test/v1",
		"https://vendor.test:443/v1//":          "vendor.test/v1",
		"https://vendor.test.:0443":             "vendor.test",
		"https://vendor.test:80":                "vendor.test:80",
		"https://vendor.test:8443/V1":           "vendor.test:8443/V1",
		"https://vendor.test/%70rod/a%2fb":      "vendor.test/prod/a%2Fb",
		"https://vendor.test/a%20b/%c3%a4":      "vendor.test/a%20b/%C3%A4",
		"https://vendor.test/ä":                 "vendor.test/%C3%A4",
		"https://vendor.test/a@b":               "vendor.test/a@b",
		"https://vendor.test/a%40b":             "vendor.test/a@b",
		"https://Bücher.test":                   "xn--bcher-kva.test",
		"https://xn--bcher-kva.test":            "xn--bcher-kva.test",
		"http://127.0.0.1:80/x":                 "127.0.0.1/x",
		"http://127.0.0.1:8900/sfox":            "127.0.0.1:8900/sfox",
		"http://[::1]:80":                       "[::1]",
		"http://[0:0:0:0:0:0:0:1]:8900/x":       "[::1]:8900/x",
		"https://vendor.test/staging":           "vendor.test/staging",
		"https://vendor.test/a//b":              "vendor.test/a//b",
		"https://LABONDEMAND.com/api/v3":        "labondemand.com/api/v3",
		"https://labondemand.com:443/api/v3///": "labondemand.com/api/v3",
	} {
		c, err := rest.New(rest.Config{APIKey: key, BaseURL: raw}, rest.API{})
		if err != nil {
			t.Errorf("%s: got %v, want a client", raw, err)
			continue
		}
		if got := c.Tenant(); got != want {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
}

func TestNew_refusesAnAddressThatHoldsASecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cr/t+K%2Ey"
	for name, c := range map[string]struct {
		base string
		ok   bool
	}{
		"in the path":                    {"https://vendor.test/" + secret, false},
		"in the path, escaped":           {"https://vendor.test/" + url.PathEscape(secret) + "/v1", false},
		"every character escaped":        {"https://vendor.test/" + each(secret, "%%%02x"), false},
		"escaped twice":                  {"https://vendor.test/x" + url.PathEscape(url.PathEscape(secret)), false},
		"in another letter case":         {"https://vendor.test/" + url.PathEscape(strings.ToUpper(secret)), false},
		"as a user":                      {"https://" + url.QueryEscape(secret) + "@vendor.test", false},
		"as a password":                  {"https://me:" + url.QueryEscape(secret) + "@vendor.test", false},
		"another user":                   {"https://s3cr@vendor.test", false},
		"as a query":                     {"https://vendor.test?key=" + url.QueryEscape(secret), false},
		"not at all":                     {"https://vendor.test/s3cr", true},
		"a path of a dot":                {"https://vendor.test/./s3cr", false},
		"a path that climbs":             {"https://vendor.test/s3cr/../prod", false},
		"a path that climbs, escaped":    {"https://vendor.test/s3cr/%2e%2E/prod", false},
		"a name of three dots is a name": {"https://vendor.test/...", true},
	} {
		_, err := rest.New(rest.Config{APIKey: secret, BaseURL: c.base}, rest.API{})
		var setting *rest.SettingError
		switch {
		case c.ok != (err == nil):
			t.Errorf("%s: got %v, want it accepted: %t", name, err, c.ok)
		case err != nil && (!errors.As(err, &setting) || setting.Setting != "base_url"):
			t.Errorf("%s: got %v, want an error about base_url", name, err)
		case err != nil && strings.Contains(strings.ToLower(err.Error()), "s3cr"):
			t.Errorf("%s: got %q, want nothing of the address in it", name, err)
		}
	}
}

func TestNew_acceptsAShortKeyThatIsInTheAddressByChance(t *testing.T) {
	t.Parallel()
	if _, err := rest.New(rest.Config{APIKey: "api", BaseURL: "https://vendor.test/api"}, rest.API{}); err != nil {
		t.Errorf("got %v, want a client", err)
	}
}
