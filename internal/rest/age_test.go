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

// A cache that says that it had kept an answer, and not how long, may have kept it for long. Its words differ,
// and an Age that cannot be read says nothing.
func TestClient_anAnswerThatACacheHadKept(t *testing.T) {
	t.Parallel()
	for header, kept := range map[string]bool{
		`Cache-Status: "origin"; fwd=miss, "edge"; hit; ttl=300`:    true,
		`Cache-Status: "edge"; fwd=stale; fwd-status=304, "x"; hit`: true,
		"Cache-Status: edge;hit":                                    true,
		"Cache-Status: HIT":                                         true,
		"Cache-Status: edge; fwd=miss; stored":                      false,
		`Cache-Status: edge; fwd=stale; key="a hit"; detail=no-hit`: false,
		`Server-Timing: cdn-cache; desc=HIT, edge; dur=1`:           true,
		`Server-Timing: cdn-cache; desc=MISS, origin; dur=9`:        false,
		"X-Cache: HIT":                                               true,
		"X-Cache: Hit from cloudfront":                               true,
		"X-Cache: RefreshHit from cloudfront":                        false, // the vendor has confirmed it
		"X-Cache: TCP_REFRESH_UNMODIFIED":                            false,
		"X-Cache: not cached":                                        false,
		"X-Cached: not-cached":                                       false,
		"X-Cache-Debug: bypass, not a hit":                           false,
		"X-Auth-Cache: HIT":                                          false,
		"X-Varnish-Host: old-1":                                      false,
		`Cache-Status: "cdn hit"; fwd=miss`:                          false,
		`Cache-Status: fresh-edge; fwd=miss, other; hit`:             true,
		`Warning: 299 - "Deprecated, 110 days left"`:                 false,
		"X-Cache: Miss from cloudfront":                              false,
		"X-Cache: Error from cloudfront":                             false,
		"X-Cache: MISS from hit.acme.test":                           false,
		"X-Cache: MISS, HIT":                                         true,
		"X-Cache: HIT, MISS":                                         true,
		"X-Cache: HIT-STALE":                                         true,
		"X-Cache: HIT-FOR-PASS":                                      false,
		"X-Cache: hit=0":                                             false,
		"X-Cache: TCP_MISS from a2.deploy.test (Akamai/1) (-)":       false,
		"X-Cache: TCP_MEM_HIT from a2.deploy.test (Akamai/1) (-)":    true,
		"X-Cache: TCP_REFRESH_FAIL_OLD":                              true,
		"X-Cache: TCP_EXPIRED_MISS":                                  false,
		"X-Cache-Lookup: MISS from proxy:3128":                       false,
		"Akamai-Cache-Status: Hit from child, Miss from parent":      true,
		"CF-Cache-Status: STALE":                                     true,
		"CF-Cache-Status: REVALIDATED":                               false,
		"CF-Cache-Status: DYNAMIC":                                   false,
		"CF-Cache-Status: BYPASS":                                    false,
		"CF-Cache-Status: EXPIRED":                                   false,
		"CF-Cache-Status: NONE/UNKNOWN":                              false,
		"X-Vercel-Cache: STALE":                                      true,
		"X-Vercel-Cache: PRERENDER":                                  false,
		"X-Proxy-Cache: HIT":                                         true,
		"X-Nginx-Cache: HIT":                                         true,
		"CDN-Cache: HIT":                                             true,
		"X-Cache-Status: UPDATING":                                   true,
		"X-Rack-Cache: fresh":                                        true,
		"X-Rack-Cache: miss, store":                                  false,
		"X-From-Cache: 1":                                            true,
		"X-From-Cache: false":                                        false,
		"X-Cache-Hits: 3":                                            true,
		"X-Cache-Hits: 0, 2":                                         true,
		"X-Cache-Hits: 0, 0":                                         false,
		"X-Varnish: 32770 5":                                         true,
		"X-Varnish: 32770":                                           false,
		`Warning: 110 proxy "Response is Stale"`:                     true,
		`Warning: 199 - "odd", 112 - "Disconnected Operation"`:       true,
		`Warning: 199 - "odd"`:                                       false,
		"Cache-Control: max-age=0, stale-while-revalidate=30, stale": false,
		"X-Cache-Key: /users/hit":                                    false,
		"Cache-Tag: hit":                                             false,
		"X-Total-Hits: 45":                                           false,
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
		for age, want := range map[string]bool{"old": kept, "3600s": kept, "-1": kept, "": kept, "0": false, "1": false} {
			_, err := client(t, &vendor{answer: func(*http.Request) (*http.Response, error) {
				return response(200, "{}", name, value, "Age", age), nil
			}}, nil).Read(offboard.WithoutCache(t.Context()), get)
			if errors.As(err, &old) != want {
				t.Errorf("%s, Age %q: got %v, want the answer refused: %t", header, age, err, want)
			}
		}
	}
}
