package provider

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// transcript is everything that was asked of the vendors and what the client was answered, true or
// not.
type transcript struct {
	mu      sync.Mutex
	clock   int // counts the beginnings and ends of requests
	run     int // counts the plans and applies
	entries []*exchange
	refuted map[string]int    // by person: the account was open after all calls up to this moment
	intents map[string]called // by person: an intent of a killed run is as good as a call whose answer was lost
}

// exchange is one request and its answer.
type exchange struct {
	vendor, method string
	path           string // as the evidence log writes it
	below          []string
	query          url.Values
	asked          map[string]any // the JSON body of the request
	begun, ended   int            // by the clock of the transcript
	run            int            // the plan or apply in which it was made
	left, at       time.Time      // when the request left and the answer came
	status         int            // 0 when none came
	length         int
	answer         any // the decoded body; nil when it is not JSON
}

// maxTranscript is how much of an answer is read. The mock's own answers are shorter.
const maxTranscript = 1 << 20

// begin notes that a request leaves.
func (t *transcript) begin(req *http.Request) *exchange {
	e := &exchange{left: time.Now(), method: req.Method, path: req.URL.EscapedPath(), query: req.URL.Query()}
	for name, prefix := range mockPrefixes {
		if below, ok := strings.CutPrefix(req.URL.EscapedPath(), prefix+"/"); ok {
			e.vendor = name
			for segment := range strings.SplitSeq(below, "/") {
				plain, _ := url.PathUnescape(segment)
				e.below = append(e.below, plain)
			}
		}
	}
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			_ = json.NewDecoder(body).Decode(&e.asked)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock++
	e.begun, e.run = t.clock, t.run
	t.entries = append(t.entries, e)
	return e
}

// end notes how a request ended, and leaves the answer as it was.
func (t *transcript) end(e *exchange, resp *http.Response) {
	var text []byte
	if resp != nil {
		text, _ = io.ReadAll(io.LimitReader(resp.Body, maxTranscript))
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(text), resp.Body), resp.Body}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock++
	e.ended, e.at = t.clock, time.Now()
	if resp == nil {
		return
	}
	e.status, e.length = resp.StatusCode, len(text)
	switch resp.Header.Get("Content-Encoding") {
	case "gzip":
		if unpacked, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, _ = io.ReadAll(unpacked)
		}
	case "":
	default:
		return
	}
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	d.UseNumber()
	_ = d.Decode(&e.answer)
}

// of are the exchanges of one vendor that have ended.
func (t *transcript) of(vendor string) []*exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []*exchange
	for _, e := range t.entries {
		if e.vendor == vendor && e.ended > 0 {
			all = append(all, e)
		}
	}
	return all
}

// nextRun notes that a plan or an apply begins.
func (t *transcript) nextRun() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.run++
}

// now is the moment at hand, by the clock of the transcript.
func (t *transcript) now() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clock
}

// field is a value within a decoded JSON text; nil where there is none.
func field(v any, path ...string) any {
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

// word is a string or a number as text; empty for anything else.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// text is a string within the answer; empty where there is none. A number in the place of a word
// says nothing.
func (e *exchange) text(path ...string) string {
	text, _ := field(e.answer, path...).(string)
	return text
}

func (e *exchange) ok() bool { return e.status/100 == 2 }

// is reports whether the path is this one, letter case aside. A "*" is any one segment.
func (e *exchange) is(method string, below ...string) bool {
	return e.method == method && slices.EqualFunc(e.below, below, func(is, want string) bool {
		return want == "*" || strings.EqualFold(is, want)
	})
}

// isList reports whether it is a list or a search, and no read of one account.
func (e *exchange) isList() bool {
	return e.is("GET", "users") || e.is("POST", "users", "list") || e.is("GET", "enterprise", "users") ||
		e.is("GET", "userrunningandsavedlabs")
}

// String is for the message of a failure.
func (e *exchange) String() string {
	answer, _ := json.Marshal(e.answer)
	if len(answer) > 200 {
		answer = append(answer[:200], "…"...)
	}
	return fmt.Sprintf("%s %s -> %d %s", e.method, e.path, e.status, answer)
}

// String is all of it, for the message of a failure.
func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	for _, e := range t.entries {
		fmt.Fprintf(&b, "    %s %s\n", e.at.Format("05.000"), e)
	}
	return b.String()
}
