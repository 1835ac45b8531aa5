package rest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// An answer that a cache has kept is none to a change, which did not reach the vendor then, and none
// to a read that needs a new one. Any other read takes it.
func TestCalls_takeNoAnswerOfACache(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for name, c := range map[string]struct {
		ages []string
		want time.Duration // 0 for an answer that is taken
	}{
		"no age":                    {nil, 0},
		"through a cache":           {[]string{"0"}, 0},
		"two seconds":               {[]string{"2"}, 0},
		"three seconds":             {[]string{"3"}, 3 * time.Second},
		"an hour":                   {[]string{" 3600 "}, time.Hour},
		"a fraction":                {[]string{"2.5"}, 2500 * time.Millisecond},
		"through a cache, then old": {[]string{"0, 60"}, time.Minute},
		"old, then through a cache": {[]string{"60", "0"}, time.Minute},
		"longer than a year":        {[]string{"99999999999999999999"}, year},
		"larger than a float":       {[]string{"1e999"}, year},
		"negative":                  {[]string{"-60"}, 0},
		"no number":                 {[]string{"old"}, 0},
		"empty":                     {[]string{""}, 0},
	} {
		v := &vendor{answer: func(*http.Request) (*http.Response, error) {
			answer := response(200, "{}")
			answer.Header["Age"] = c.ages
			return answer, nil
		}}
		api := client(t, v, nil)
		if _, err := api.Read(t.Context(), get); err != nil {
			t.Errorf("%s: got %v for an ordinary read, want the answer", name, err)
		}
		_, read := api.Read(offboard.WithoutCache(t.Context()), get)
		_, changed := api.Change(t.Context(), get)
		for kind, err := range map[string]error{"read": read, "change": changed} {
			var old *rest.AgeError
			switch {
			case c.want == 0 && err != nil:
				t.Errorf("%s: got %v for a %s, want the answer", name, err, kind)
			case c.want == 0:
			case !errors.As(err, &old) || old.Age != c.want:
				t.Errorf("%s: got %v for a %s, want an error of an answer that is %s old", name, err, kind, c.want)
			case !offboard.Transient(err) || !offboard.Ambiguous(err):
				t.Errorf("%s: got %v for a %s, want it transient and ambiguous", name, err, kind)
			}
		}
	}
}

// A cache that says that it had kept an answer, and not how long, may have kept it for long.
func TestClient_anAnswerThatACacheHadKept(t *testing.T) {
	t.Parallel()
	for header, kept := range map[string]bool{
		`Cache-Status: "origin"; fwd=miss, "edge"; hit; ttl=300`: true,
		"Cache-Status: edge;hit":                                 true,
		"Cache-Status: edge; fwd=miss; stored":                   false,
		"X-Cache: HIT":                                           true,
		"X-Cache: Hit from cloudfront":                           true,
		"X-Cache: Miss from cloudfront":                          false,
		"CF-Cache-Status: STALE":                                 true,
		"CF-Cache-Status: DYNAMIC":                               false,
		"X-Proxy-Cache: HIT":                                     true,
		"X-Cache-Status: UPDATING":                               true,
		`Warning: 110 proxy "Response is Stale"`:                 true,
		`Warning: 199 - "odd"`:                                   false,
		"X-Cache-Hits: 0":                                        false,
	} {
		name, value, _ := strings.Cut(header, ": ")
		v := &vendor{answer: func(*http.Request) (*http.Response, error) {
			answer := response(200, "{}")
			answer.Header.Set(name, value)
			return answer, nil
		}}
		_, err := client(t, v, nil).Read(offboard.WithoutCache(t.Context()), get)
		var old *rest.AgeError
		if errors.As(err, &old) != kept || kept && !strings.Contains(err.Error(), "comes from a cache, so") {
			t.Errorf("%s: got %v, want the answer refused: %t", header, err, kept)
		}
		_, now := client(t, &vendor{answer: func(*http.Request) (*http.Response, error) {
			answer := response(200, "{}")
			answer.Header.Set(name, value)
			answer.Header.Set("Age", "1")
			return answer, nil
		}}, nil).Read(offboard.WithoutCache(t.Context()), get)
		if now != nil {
			t.Errorf("%s: got %v for an answer that is one second old, want it", header, now)
		}
	}
}
