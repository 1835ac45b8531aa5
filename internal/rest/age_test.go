package rest_test

import (
	"errors"
	"net/http"
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
