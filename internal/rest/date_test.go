package rest_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// date is the Date of an answer: that of a clock that is off by some time, or that of an answer that a
// cache kept when the test began, or a text.
type date struct {
	by   time.Duration
	kept bool
	text *string
}

func off(by time.Duration) date  { return date{by: by} }
func kept(by time.Duration) date { return date{by: -by, kept: true} }
func written(text string) date   { return date{text: &text} }

// header returns the Date of an answer in a test that began at a time.
func (d date) header(began time.Time) string {
	switch {
	case d.text != nil:
		return *d.text
	case d.kept:
		return began.Add(d.by).UTC().Format(http.TimeFormat)
	}
	return time.Now().Add(d.by).UTC().Format(http.TimeFormat)
}

// datedVendor has the dates of its answers, one after the other; the last one is that of all further
// answers.
type datedVendor struct {
	vendor

	dates []date
}

func newDatedVendor(dates ...date) *datedVendor {
	v, began := &datedVendor{dates: dates}, time.Now()
	v.answer = func(*http.Request) (*http.Response, error) {
		answer := response(200, "{}", "Date", v.dates[0].header(began))
		v.dates = v.dates[min(1, len(v.dates)-1):]
		return answer, nil
	}
	return v
}

// inBubble runs a test in virtual time, a fraction after a full second: a Date has no fraction.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(900 * time.Millisecond)
		test(t)
	})
}

// A read that needs a new answer takes none whose Date is behind. The clocks of the vendor and of this
// machine may differ, and that of the vendor may be corrected: if the Date goes on, the answer is new.
func TestRead_takesNoAnswerWithAnOldDate(t *testing.T) {
	t.Parallel()
	const minutes = 10 * time.Minute
	for name, c := range map[string]struct {
		dates    []date        // of the answers to one ordinary read, and to two that need a new one
		old      time.Duration // how old the answer to the first of those is; 0 for one that is taken
		requests int
	}{
		"no date":                      {[]date{written("")}, 0, 3},
		"no real date":                 {[]date{written("today")}, 0, 3},
		"now":                          {[]date{off(0)}, 0, 3},
		"four seconds":                 {[]date{off(0), kept(4 * time.Second), off(0)}, 0, 3},
		"six seconds":                  {[]date{off(0), kept(6 * time.Second)}, 9 * time.Second, 5},
		"ten minutes":                  {[]date{off(0), kept(minutes)}, minutes + 3*time.Second, 5},
		"then a new one":               {[]date{off(0), kept(minutes), off(0)}, 0, 4},
		"old from the start":           {[]date{kept(minutes)}, minutes + 3*time.Second, 5},
		"of two caches":                {[]date{off(0), kept(minutes), kept(minutes / 2)}, minutes/2 + 3*time.Second, 5},
		"then without a date":          {[]date{off(0), kept(minutes), written("")}, 0, 4},
		"servers that differ":          {[]date{off(2 * time.Second), off(-2 * time.Second)}, 0, 3},
		"a clock that is behind":       {[]date{off(-minutes)}, 0, 4},
		"a clock that is ahead":        {[]date{off(minutes)}, 0, 3},
		"a clock that is set on":       {[]date{off(0), off(0), off(minutes)}, 0, 3},
		"a clock that is set back":     {[]date{off(minutes), off(0)}, 0, 4},
		"old at a clock that is ahead": {[]date{off(minutes), kept(0)}, minutes + 3*time.Second, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				v := newDatedVendor(c.dates...)
				api := client(t, v, nil)
				if _, err := api.Read(t.Context(), get); err != nil {
					t.Errorf("got %v for an ordinary read, want the answer", err)
				}
				for range 2 {
					_, err := api.Read(offboard.WithoutCache(t.Context()), get)
					var old *rest.AgeError
					switch {
					case c.old == 0 && err != nil:
						t.Errorf("got %v, want the answer", err)
					case c.old == 0:
					case !errors.As(err, &old) || old.Age < c.old || old.Age > c.old+4*time.Second:
						t.Errorf("got %v, want an error of an answer that is %s old", err, c.old)
					case !offboard.Transient(err):
						t.Errorf("got %v, want it transient", err)
					}
				}
				if v.count() != c.requests {
					t.Errorf("got %d requests, want %d", v.count(), c.requests)
				}
			})
		})
	}
}

// A change is made once, whatever the Date of its answer. The Date says nothing before a read has shown
// whose clock is wrong.
func TestChange_takesNoAnswerWithAnOldDate(t *testing.T) {
	t.Parallel()
	const minutes = 10 * time.Minute
	for name, c := range map[string]struct {
		read, change date
		old          bool
	}{
		"new":                           {off(0), off(0), false},
		"old":                           {off(0), off(-minutes), true},
		"without a date":                {off(0), written(""), false},
		"by a clock that is behind":     {off(-minutes), off(-minutes), false},
		"no read before":                {date{}, off(-minutes), false},
		"a read without a date before":  {written(""), off(-minutes), false},
		"old by a clock that is behind": {off(-minutes), off(-2 * minutes), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				v := newDatedVendor(c.read)
				api, ctx := client(t, v, nil), offboard.WithoutCache(t.Context())
				if name != "no read before" {
					if _, err := api.Read(ctx, get); err != nil {
						t.Fatal(err)
					}
				}
				v.dates = []date{c.change}
				before := v.count()
				_, err := api.Change(ctx, get)
				var old *rest.AgeError
				if errors.As(err, &old) != c.old || (err != nil) != c.old || c.old && !offboard.Ambiguous(err) {
					t.Errorf("got %v, want an old answer, which leaves open what happened: %t", err, c.old)
				}
				if sent := v.count() - before; sent != 1 {
					t.Errorf("got %d requests, want one", sent)
				}
			})
		})
	}
}

// The time that the vendor takes makes no answer old, whether its Date is that of the beginning or of
// the end. Nor does a wait before the request make an old one new.
func TestRead_measuresADateFromWhenTheRequestLeft(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"dated at the beginning": true, "dated at the end": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				v := &vendor{answer: func(*http.Request) (*http.Response, error) {
					answer, began := response(200, "{}"), off(0).header(time.Now())
					time.Sleep(20 * time.Second)
					answer.Header.Set("Date", map[bool]string{true: began, false: off(0).header(time.Now())}[early])
					return answer, nil
				}}
				if _, err := client(t, v, nil).Read(offboard.WithoutCache(t.Context()), get); err != nil || v.count() != 1 {
					t.Errorf("got %v after %d requests, want the answer to the first", err, v.count())
				}
			})
		})
	}
	inBubble(t, func(t *testing.T) {
		v := newDatedVendor()
		before := off(0).header(time.Now())
		v.answer = func(*http.Request) (*http.Response, error) {
			if v.count() == 1 {
				return response(429, "", "Retry-After", "60", "Date", off(0).header(time.Now())), nil
			}
			return response(200, "{}", "Date", before), nil // kept while the read waited
		}
		var old *rest.AgeError
		_, err := client(t, v, nil).Read(offboard.WithoutCache(t.Context()), get)
		if !errors.As(err, &old) || old.Age < time.Minute {
			t.Errorf("got %v, want an error of an answer that is a minute old", err)
		}
	})
}

// Without time for another read, an answer that seems old is one.
func TestRead_waitsForNoDateWithoutTime(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"a deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 2*time.Second)
		},
		"canceled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
	} {
		inBubble(t, func(t *testing.T) {
			ctx, cancel := limit(offboard.WithoutCache(t.Context()))
			defer cancel()
			v := newDatedVendor(off(-time.Hour))
			var old *rest.AgeError
			_, err := client(t, v, nil).Read(ctx, get)
			if !errors.As(err, &old) || v.count() != 1 {
				t.Errorf("%s: got %v after %d requests, want an error of an old answer after one", name, err, v.count())
			}
		})
	}
}

// The Date of an answer that a cache says that it kept proves nothing, also of the second answer.
func TestRead_takesNoSecondAnswerOfACache(t *testing.T) {
	t.Parallel()
	for header, value := range map[string]string{"Age": "3600", "X-Cache": "HIT"} {
		inBubble(t, func(t *testing.T) {
			v := &vendor{}
			v.answer = func(*http.Request) (*http.Response, error) {
				if v.count() == 1 {
					return response(200, "{}", "Date", off(-time.Hour).header(time.Now())), nil
				}
				return response(200, "{}", "Date", off(0).header(time.Now()), header, value), nil
			}
			var old *rest.AgeError
			_, err := client(t, v, nil).Read(offboard.WithoutCache(t.Context()), get)
			if !errors.As(err, &old) || v.count() != 2 {
				t.Errorf("%s: got %v after %d requests, want an error of an old answer after two", header, err, v.count())
			}
		})
	}
}
