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
	lists  Listing  // what the lists in the answer lie about
	unread []string // parameters that the vendor does not read
}

// decode reads the JSON body into v; an error says what is wrong with it.
func (c *call) decode(v any) error {
	return json.Unmarshal(c.body, v)
}

// bearer returns the token of the Authorization header, "" when there is none.
func (c *call) bearer() string {
	scheme, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// answer is what a handler sends back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// reply is an answer with a JSON body.
func reply(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("mock: an answer that is not JSON: %v", err))
	}
	return answer{status, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body}
}

// empty is an answer without a body.
func empty(status int) answer {
	return answer{status: status, header: http.Header{}}
}

// page is an answer in HTML, as a web server gives it that knows nothing of the API.
func page(status int) answer {
	text := http.StatusText(status)
	body := fmt.Sprintf("<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", text, text)
	return answer{status, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, []byte(body)}
}

// write sends the answer.
func (a answer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	// A client that is gone before its answer is no fault of the server.
	_, _ = w.Write(a.body)
}

// Kind is what a request is about, for faults that hit only some of them.
type Kind int

// The kinds of requests. A Fault with Anything hits all, one with Change hits Close too.
const (
	Anything Kind = iota
	Read          // one account, by its ID
	Find          // accounts by address or login
	List          // all accounts
	Own           // the key's own user, or the key itself
	Related       // something beside an account: balances, orders, one lab
	Change        // changes an account
	Close         // closes it, or is a step of that
)

// is reports whether a request of this kind is one of those that are wanted.
func (k Kind) is(wanted Kind) bool {
	return wanted == Anything || k == wanted || wanted == Change && k == Close
}

// route is one documented call of a vendor.
type route struct {
	method  string
	pattern string // "/users/{id}": a {name} takes any one segment
	kind    Kind   // what the call is about
	handle  func(*call) answer
}

// table is a vendor's routes; of two that match, the first counts. With fold,
// letter case does not matter in the fixed parts.
type table struct {
	routes []route
	fold   bool
}

// find returns the route of a call with this path and fills in the call's
// parameters. Without one it returns nil and the methods that the path does have.
func (t table) find(c *call, path []string) (rt *route, allow []string) {
	for i := range t.routes {
		r := &t.routes[i]
		params, ok := t.match(r.pattern, path)
		if !ok {
			continue
		}
		if r.method == c.method {
			c.params = params
			return r, nil
		}
		allow = append(allow, r.method)
	}
	slices.Sort(allow)
	return nil, slices.Compact(allow)
}

// kind implements vendor.
func (t table) kind(rt *route, _ *call) Kind { return rt.kind }

// match tells whether a path fits a pattern, and what its {names} stand for.
func (t table) match(pattern string, path []string) (params map[string]string, ok bool) {
	want := strings.Split(strings.Trim(pattern, "/"), "/")
	if len(want) != len(path) {
		return nil, false
	}
	params = map[string]string{}
	for i, w := range want {
		switch {
		case strings.HasPrefix(w, "{"):
			params[strings.Trim(w, "{}")] = path[i]
		case w == path[i], t.fold && strings.EqualFold(w, path[i]):
		default:
			return nil, false
		}
	}
	return params, true
}
