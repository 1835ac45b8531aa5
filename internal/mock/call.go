package mock

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is one request, as the handlers see it.
type call struct {
	method string
	params map[string]string // the decoded values of the pattern's {names}
	query  url.Values
	header http.Header
	body   []byte
	now    time.Time
	lists  Listing  // what the lists in the answer say that is not true
	unread []string // parameters that the vendor does not read
}

// decode reads the JSON body into v. The error says what is wrong with it.
func (c *call) decode(v any) error {
	return json.Unmarshal(c.body, v)
}

// numericID returns the {id} of the path as a number.
func (c *call) numericID() (int64, error) {
	return strconv.ParseInt(c.params["id"], 10, 64)
}

// bearer returns the token of the Authorization header, or "".
func (c *call) bearer() string {
	scheme, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// param returns a parameter of the query or of a posted form. The letter case of its name does not
// matter.
func (c *call) param(name string) string {
	form, _ := url.ParseQuery(string(c.body))
	for _, values := range []url.Values{c.query, form} {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if strings.EqualFold(key, name) {
				return values[key][0]
			}
		}
	}
	return ""
}

// queryInt reads a whole number, zero or more, from the query. Without the parameter it returns
// unset.
func (c *call) queryInt(name string, unset int) (n int, ok bool) {
	if !c.query.Has(name) {
		return unset, true
	}
	n, err := strconv.Atoi(c.query.Get(name))
	return n, err == nil && n >= 0
}

// answer is what a handler sends back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// jsonAnswer returns an answer with a JSON body.
func jsonAnswer(status int, v any) answer {
	return answer{status, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, marshal(v)}
}

// marshal returns a value as JSON. It panics if the value has no such form.
func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("mock: an answer that is not JSON: %v", err))
	}
	return text
}

// emptyAnswer returns an answer without a body.
func emptyAnswer(status int) answer {
	return answer{status: status, header: http.Header{}}
}

// htmlPage returns an answer in HTML, as from a web server that does not know the API.
func htmlPage(status int) answer {
	text := http.StatusText(status)
	const form = "<!DOCTYPE html>\n<html><head><title>%[1]s</title></head><body><h1>%[1]s</h1></body></html>\n"
	return answer{status, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, fmt.Appendf(nil, form, text)}
}

// write sends the answer.
func (a *answer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	// A client that is gone before its answer is not a fault of the server.
	_, _ = w.Write(a.body)
}
