package vendortest

import (
	"errors"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// How Close can end after an Answer.
const (
	Closed    = ""
	Refused   = "refused"
	StillOpen = "still open"
)

// Several is a number of calls that depends on waits of random length: as many as there is time
// for.
const Several = -1

// Answer is an answer to a closing call.
type Answer struct {
	Fault mock.Fault
	Want  string // how Close ends: Closed, Refused or StillOpen
	Calls int    // how often the call is made; may be Several
}

// Answers returns answers that any vendor may give, whose closing call has an effect that a read
// shows, by their names.
func Answers() map[string]Answer {
	wait := func(seconds string) http.Header { return http.Header{"Retry-After": {seconds}} }
	return map[string]Answer{
		"401":                          {mock.Fault{Status: 401}, Refused, 1},
		"200 and nothing done":         {mock.Fault{Pretend: true}, StillOpen, 1},
		"200 in HTML and nothing done": {mock.Fault{Status: 200, Body: HTML}, Refused, 3},
		"200 in HTML and done":         {mock.Fault{Status: 200, Body: HTML, Effect: true}, Closed, 1},
		"204 and done":                 {mock.Fault{Status: 204, Effect: true}, Closed, 1},
		"429 once":                     {mock.Fault{Status: 429, Times: 1}, Closed, 2},
		"429 with a wait":              {mock.Fault{Status: 429, Times: 1, Header: wait("90")}, Closed, 2},
		"429 for ever":                 {mock.Fault{Status: 429}, Refused, Several},
		"429 for longer than there is": {mock.Fault{Status: 429, Header: wait("3600")}, Refused, 1},
		"500 and done":                 {mock.Fault{Status: 500, Effect: true}, Closed, 1},
		"500 and not done":             {mock.Fault{Status: 500, Times: 1}, Closed, 2},
		"500 for ever":                 {mock.Fault{Status: 500}, Refused, 3},
		"a redirect": {
			mock.Fault{Status: 302, Header: http.Header{"Location": {"https://evil.test/"}}}, Refused, 3,
		},
		"lost and done":                   {mock.Fault{Drop: true, Effect: true}, Closed, 1},
		"lost and not done":               {mock.Fault{Drop: true, Times: 1}, Closed, 2},
		"lost for ever":                   {mock.Fault{Drop: true}, Refused, 3},
		"done, but too slow to answer":    {mock.Fault{Delay: time.Minute}, Closed, 1},
		"not done and too slow to answer": {mock.Fault{Delay: time.Minute, Pretend: true, Times: 1}, Closed, 2},
	}
}

// Check fails the test unless Close ended as the answer says. open tells whether the mock still has
// the user, and calls how many closing calls it got.
func (a Answer) Check(t *testing.T, err error, open bool, calls int) {
	t.Helper()
	if a.Want == Closed && err != nil || open != (a.Want != Closed) {
		t.Errorf("got %v, want closed %t", err, a.Want == Closed)
	}
	if a.Want == Refused {
		WantFault(t, err)
	}
	if errors.Is(err, offboard.ErrStillOpen) != (a.Want == StillOpen) {
		t.Errorf("got %v, want ErrStillOpen %t", err, a.Want == StillOpen)
	}
	if calls != a.Calls && (a.Calls != Several || calls < 5 || calls > 100) {
		t.Errorf("got %d closing calls, want %d", calls, a.Calls)
	}
}

// Words is a text that the answers of WantDeclined may hold.
const Words = "the words"

// WantDeclined fails the test unless err is that of an answer that is not an acceptance. The error
// must be ErrNotVisible if the user is not there, and it must hold Words if body does.
func WantDeclined(t *testing.T, err error, body string, there bool) {
	t.Helper()
	if err == nil {
		t.Fatal("got a closure, want none")
	}
	WantFault(t, err)
	if errors.Is(err, offboard.ErrNotVisible) == there {
		t.Errorf("got %v, want ErrNotVisible %t", err, !there)
	}
	if strings.Contains(body, Words) && !strings.Contains(err.Error(), Words) {
		t.Errorf("got %q, want the vendor's own words", err)
	}
}

// RetryAfter returns the headers of an HTTP 429, and the wait that each asks for.
func RetryAfter() iter.Seq2[http.Header, time.Duration] {
	return func(yield func(http.Header, time.Duration) bool) {
		_ = yield(http.Header{"Retry-After": {"7"}}, 7*time.Second) && yield(nil, time.Second)
	}
}

// Lies returns each of the mock's lies after 0 to most-1 requests, told once, twice and for ever.
func Lies(most int) iter.Seq2[string, mock.Fault] {
	return func(yield func(string, mock.Fault) bool) {
		for _, lie := range mock.Lies() {
			for _, times := range []int{0, 1, 2} {
				for after := range most {
					fault := lie.Fault
					fault.After, fault.Times = after, times
					if !yield(lie.Name, fault) {
						return
					}
				}
			}
		}
	}
}
