package mock

import (
	"slices"
	"strings"
)

// Kind is what a request is about. A Fault can hit only one kind.
type Kind int

// The kinds of requests. A Fault with Anything hits all, one with Change hits Close too.
const (
	Anything Kind = iota
	Read          // one account, by its ID
	Find          // accounts by address or login
	List          // all accounts
	Own           // the key's own user, or the key itself
	Related       // something that belongs to an account: balances, orders, one lab
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
	pattern string // "/users/{id}": a {name} matches any one segment
	kind    Kind   // what the call is about
	handle  func(*call) answer
}

// table has a vendor's routes. If two match, the first counts. With fold, letter case does not
// matter in the fixed parts.
type table struct {
	routes []route
	fold   bool
}

// find returns the route of a call with this path, and sets the call's parameters. If there is no
// route, it returns nil and the methods that the path does have.
func (t *table) find(c *call, path []string) (rt *route, allow []string) {
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
func (t *table) kind(rt *route, _ *call) Kind { return rt.kind }

// match reports whether a path matches a pattern, and returns the values of its {names}.
func (t *table) match(pattern string, path []string) (params map[string]string, ok bool) {
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
