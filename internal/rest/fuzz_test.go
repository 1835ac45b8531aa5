package rest_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Whatever a base URL holds, it is refused, or requests go to its host alone, below its path, and
// never unencrypted past this machine.
func FuzzBaseURL(f *testing.F) {
	for _, raw := range []string{
		"https://vendor.test", "https://vendor.test/v1/", "http://127.0.0.1:8900/x", "http://[::1]", "http://localhost",
		"http://vendor.test", "https://u:p@vendor.test",
		"https://vendor.test?a=b", "https://vendor.test#a", "https://vendor.test/..", "https://vendor.test/%2e%2e/a%2Fb",
		"https://vendor.test//a//", "https://vendor.test\\@evil.test",
		"https://vendor.test%00", "https://[::1%25eth0]", "https://:443", "https:///a", "HTTPS://VENDOR.TEST", "http://127.1",
		"http://2130706433", "http://localhost.", "https://ä.test", "ftp://a", "a b", "",
		"https://[::%25\xbc]", "https://\u0130te.test", "https://6\xe2n.\u0130te", "https://[::1%25\u0130]",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		v := always(200)
		c, err := rest.New(rest.Config{APIKey: key, BaseURL: raw, Transport: v}, rest.API{Timeout: 1 << 40})
		if err != nil || raw == "" {
			return
		}
		_, _ = c.Read(
			t.Context(), rest.Request{Method: http.MethodGet, Path: []string{"users", "u1"}, Query: url.Values{"a": {"b"}}},
		)
		if v.count() != 1 {
			t.Fatalf("%q: got %d requests, want one", raw, v.count())
		}
		wantBelow(t, v.sent[0].URL, raw)
	})
}

// private reports whether only the host of u can read a request to it.
func private(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	loopback := strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && loopback
}

// nameInDNS is the name of a host as a browser asks for it.
func nameInDNS(host string) string {
	for _, r := range host {
		if r > unicode.MaxASCII {
			name, err := idna.Lookup.ToASCII(host)
			if err != nil || strings.Contains(host, "\uFFFD") {
				return "no name"
			}
			return name
		}
	}
	return strings.ToLower(host)
}

// wantBelow wants a request to the host of a base URL alone, below its path, and never unencrypted
// past this machine.
func wantBelow(t *testing.T, sent *url.URL, raw string) {
	t.Helper()
	if !private(sent) || sent.User != nil || sent.RawQuery != "a=b" || sent.Fragment != "" {
		t.Errorf("%q: got a request to %s, want one that no other host can read", raw, sent)
	}
	base, err := url.Parse(raw)
	if err != nil || sent.Hostname() != nameInDNS(base.Hostname()) || sent.Port() != base.Port() {
		t.Fatalf("%q: got a request to %s, want one to its host", raw, sent)
	}
	if want := strings.TrimRight(base.EscapedPath(), "/") + "/users/u1"; sent.EscapedPath() != want {
		t.Errorf("%q: got the path %s, want %s", raw, sent.EscapedPath(), want)
	}
}
