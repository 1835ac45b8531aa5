package rest_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"unicode"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestParseBaseURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://vendor.test":          "https://vendor.test",
		"https://vendor.test/":         "https://vendor.test",
		"https://vendor.test:8443/v1/": "https://vendor.test:8443/v1",
		"https://vendor.test/a%2Fb//":  "https://vendor.test/a%2Fb",
		"http://127.0.0.1:8900/sfox":   "http://127.0.0.1:8900/sfox",
		"http://127.8.9.1":             "http://127.8.9.1",
		"http://[::1]:8900":            "http://[::1]:8900",
		"http://LocalHost:1":           "http://localhost:1",
		"https://VENDÖR.test:1/a":      "https://xn--vendr-mua.test:1/a",
		"https://\u0130te.test":        "https://xn--ite-8dc.test",
		"https://vendor\xe2.test":      "",
		"https://ven_dör.test":         "",
		"":                             "",
		"vendor.test":                  "",
		"//vendor.test":                "",
		"ftp://vendor.test":            "",
		"https:vendor.test":            "",
		"https://":                     "",
		"https://:443":                 "",
		"https://vendor test":          "",
		"https://u@vendor.test":        "",
		"https://u:hush@vendor.test":   "",
		"https://vendor.test?":         "",
		"https://vendor.test?a=hush":   "",
		"https://vendor.test#":         "",
		"https://vendor.test/#hush":    "",
		"http://vendor.test":           "",
		"http://0.0.0.0":               "",
		"http://10.0.0.1":              "",
		"http://127.0.0.1.evil.test":   "",
		"http://localhost.evil.test":   "",
		"http://[::1%25eth0]":          "",
	} {
		got, err := rest.ParseBaseURL(raw)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q: got %s, want an error", raw, got)
		case want == "" && strings.Contains(err.Error(), "hush"):
			t.Errorf("%q: got %q, want no credential in it", raw, err)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("%q: got %v and %v, want %s", raw, got, err, want)
		}
	}
}

func TestCheckSegment(t *testing.T) {
	t.Parallel()
	for segment, ok := range map[string]bool{
		"u7k2m9": true, "a b": true, "a/b": true, "...": true, "%2e%2e": true, "ä": true, "a?b#c": true, ".a": true,
		"": false, ".": false, "..": false, "a\tb": false, "\x00": false, "\x7f": false, "\xff": false,
	} {
		if err := rest.CheckSegment(segment); (err == nil) != ok {
			t.Errorf("%q: got %v, want accepted %t", segment, err, ok)
		}
	}
}

// Whatever an id holds, the request stays below the base URL and has exactly the segments that were
// given.
func FuzzAddress(f *testing.F) {
	for _, id := range []string{
		"u1", "a/b", "a//b", "/", "//evil.test/x", "..", "../..", "a/../b", "./a", "%2e%2e", "%2F", "%", "%zz", "?a=b", "a?b",
		"#", "a#b", " ", " a ", "a+b", "a&b=c", "a;b", "a:b", "@host", "http://evil.test", "\\", "\\\\evil.test",
		"ä", "日本", "\u202e", "\u2028", "a\x00", "\xff",
		"blocked", "byEmail", "ines+1@acme.test", strings.Repeat("x", 5000),
	} {
		f.Add(id, "users")
		f.Add("u1", id)
	}
	f.Fuzz(func(t *testing.T, id, collection string) {
		const base = "/api/v1"
		v := always(200)
		c, err := rest.New(
			rest.Config{APIKey: key, BaseURL: "https://vendor.test" + base, Transport: v},
			rest.API{Timeout: 1 << 40},
		)
		if err != nil {
			t.Fatal(err)
		}
		segments := []string{collection, id}
		_, err = c.Read(t.Context(), rest.Request{Method: http.MethodGet, Path: segments})
		if rest.CheckSegment(id) != nil || rest.CheckSegment(collection) != nil {
			if err == nil || v.count() != 0 {
				t.Fatalf("got %v and %d requests, want an error and none", err, v.count())
			}
			if strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("got %q, want no control character in it", err)
			}
			return
		}
		if err != nil || v.count() != 1 {
			t.Fatalf("got %v and %d requests, want one", err, v.count())
		}
		wantSegments(t, v.sent[0].URL, base, segments)
	})
}

// wantSegments wants a plain URL at the host, which has exactly these segments below base.
func wantSegments(t *testing.T, sent *url.URL, base string, segments []string) {
	t.Helper()
	uri := sent.RequestURI()
	if sent.Scheme != "https" || sent.Host != "vendor.test" || strings.ContainsAny(uri, "?#\\ +") ||
		path.Clean(uri) != uri {
		t.Fatalf("got %s, want a plain path at the host", sent)
	}
	below, ok := strings.CutPrefix(uri, base+"/")
	parts := strings.Split(below, "/")
	if !ok || len(parts) != len(segments) {
		t.Fatalf("got %s, want %d segments below %s", uri, len(segments), base)
	}
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err != nil || plain != segments[i] {
			t.Errorf("got segment %q and %v, want %q", plain, err, segments[i])
		}
	}
}
