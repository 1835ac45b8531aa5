// Package mock is one HTTP server standing in for the vendors, each under its
// own prefix. It is a second reading of the vendors' documentation: it shares
// no type with the clients, so that a field misread by one of the two fails a test
// instead of hiding in both.
//
// Where the documentation is silent the mock gives the answer we take for the
// likeliest, and a switch on the vendor's struct gives the other ones. A route the
// documentation does not have answers 404. Left out on purpose are the documented
// routes that hand out secrets or move money: keys, passwords, log-in links,
// withdrawals, transfers.
//
// A Fault says how a vendor misbehaves and a Lie, as part of one, what it says that is not true. Lies has
// one of each.
//
// A Server is an ordinary http.Handler, starts no goroutine and tells the time
// from package time alone, so it also works when called directly and inside a
// testing/synctest bubble. Start puts one on loopback, with and without TLS.
package mock

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxBody is the number of bytes of a request body that the server reads; no
// documented request comes near it.
const maxBody = 1 << 20

// Server stands in for the vendors. Make one with New.
type Server struct {
	// The vendors: their users and their switches.
	Konstantly *Konstantly
	ECGrid     *ECGrid
	SFOX       *SFOX
	Skillable  *Skillable

	clock     clock
	vendors   []vendor
	faults    []*armed
	log       []Request
	queue     []queued
	onRequest func(Request)
	latency   time.Duration
}

// Request is one line of the log: a request as it came and how it was answered.
type Request struct {
	Vendor string    // "konstantly" or another vendor's name, "" outside all prefixes
	Route  string    // method and pattern without the prefix, "DELETE /users/{id}"; "" for an unknown route
	Method string    // the HTTP method
	Path   string    // the escaped path with the raw query, as it came
	Kind   Kind      // what it is about; Anything for an unknown route
	Change bool      // whether the route changes an account
	Proto  string    // the protocol it came by, "HTTP/1.1" or "HTTP/2.0"
	Status int       // the status answered; 0 when the connection was dropped
	Late   int       // the calls accepted by a Queue that were done right before it
	At     time.Time // when the request had its effect
}

// vendor is what the server asks of each vendor. All of it is called with the
// server's lock held.
type vendor interface {
	// name is the vendor's name in the log, prefix the path it answers under.
	name() string
	prefix() string
	// find returns the route a path leads to and fills in the call's parameters,
	// or nil and the methods that the path does have.
	find(c *call, path []string) (rt *route, allow []string)
	// answer handles a call. The route is nil when none is documented; then
	// allow tells the methods the path does have.
	answer(rt *route, c *call, allow []string) answer
	// kind is what a call of a route is about.
	kind(rt *route, c *call) Kind
	// absence is an error in the vendor's own form, with the words it has for "there is nobody" unless text is given.
	absence(status int, text string) answer
	// view, rewind, blind and reword put something else in the place of the accounts and return what undoes that.
	view() (undo func())
	rewind(before func(moment) bool) (undo func())
	blind() (undo func())
	reword(f func(id string, w words)) (undo func())
	// save returns a function that puts the vendor's state back to what it is now.
	save() func()
	// ids are the ids of the open users, in the order of the vendor's list.
	ids() []string
	// seed reads the vendor's list of a seed file and returns what adds its users.
	seed(text json.RawMessage) (add func(), err error)
	// invent adds the i-th invented person, counted from 0, unless the id is taken.
	invent(i int, name, email string)
}

// New returns a server without users, apart from the ECGrid user that owns the
// key. The one key is the credential of all vendors.
func New(key string) *Server {
	s := &Server{}
	s.Konstantly = newKonstantly(&s.clock, key)
	s.ECGrid = newECGrid(&s.clock, key)
	s.SFOX = newSFOX(&s.clock, key)
	s.Skillable = newSkillable(&s.clock, key)
	s.vendors = []vendor{s.Konstantly, s.ECGrid, s.SFOX, s.Skillable}
	return s
}

// Vendor is a vendor that the server stands in for.
type Vendor struct {
	Name   string   // as the log and the seed file have it
	Prefix string   // the path that it answers under
	IDs    []string // of its open users, in the order of its list
}

// Vendors returns all vendors as they are now.
func (s *Server) Vendors() []Vendor {
	s.clock.Lock()
	defer s.clock.Unlock()
	var all []Vendor
	for _, v := range s.vendors {
		all = append(all, Vendor{v.name(), v.prefix(), v.ids()})
	}
	return all
}

// Prefix is the path that a vendor answers under. It panics when there is no such vendor.
func (s *Server) Prefix(vendor string) string {
	for _, v := range s.vendors {
		if v.name() == vendor {
			return v.prefix()
		}
	}
	panic("mock: no vendor " + vendor)
}

// Requests returns a copy of the log, in the order in which the requests had their effect.
func (s *Server) Requests() []Request {
	s.clock.Lock()
	defer s.clock.Unlock()
	return slices.Clone(s.log)
}

// Routes are the routes of those requests.
func (s *Server) Routes() []string {
	var routes []string
	for _, r := range s.Requests() {
		routes = append(routes, r.Route)
	}
	return routes
}

// ForgetRequests empties the log.
func (s *Server) ForgetRequests() {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.log = nil
}

// OnRequest has f called for every request, after its effect and before any
// wait and the answer, outside the lock. A nil f ends that.
func (s *Server) OnRequest(f func(Request)) {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.onRequest = f
}

// Latency makes every answer wait for d.
func (s *Server) Latency(d time.Duration) {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.latency = d
}

// ServeHTTP answers one request. It panics with http.ErrAbortHandler when a
// fault says that the connection breaks.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
			http.Error(w, "the request body did not arrive", http.StatusBadRequest)
			return
		}
	}
	o := s.take(r, body)
	if o.notify != nil {
		o.notify(o.entry)
	}
	wait(r.Context(), o.delay)
	if o.drop {
		panic(http.ErrAbortHandler)
	}
	o.answer.write(w)
}

// outcome is all that is left to do once a request had its effect.
type outcome struct {
	answer answer
	entry  Request
	notify func(Request)
	delay  time.Duration
	drop   bool
}

// take gives a request its effect and its line in the log, under the lock.
func (s *Server) take(r *http.Request, body []byte) outcome {
	s.clock.Lock()
	defer s.clock.Unlock()
	late := s.work()
	s.clock.tick++
	defer func() { s.clock.tick++ }()

	c := &call{method: r.Method, query: r.URL.Query(), header: http.Header{}, body: body, now: time.Now()}
	for name, values := range r.Header { // a call without a network has not had its header names put in order
		for _, v := range values {
			c.header.Add(name, v)
		}
	}
	path := r.URL.EscapedPath()
	v, rt, allow := s.find(c, path)

	entry := Request{Method: r.Method, Path: path, Proto: r.Proto, Late: late, At: c.now}
	if r.URL.RawQuery != "" {
		entry.Path += "?" + r.URL.RawQuery
	}
	if v != nil {
		entry.Vendor = v.name()
	}
	if rt != nil {
		entry.Route, entry.Kind = rt.method+" "+rt.pattern, v.kind(rt, c)
		entry.Change = entry.Kind.is(Change)
	}

	o := outcome{notify: s.onRequest, delay: s.latency}
	f := s.pick(entry)
	o.answer = f.run(&asked{server: s, vendor: v, call: c, kind: entry.Kind, handle: func() answer {
		if v == nil {
			return page(http.StatusNotFound)
		}
		return v.answer(rt, c, allow)
	}})
	o.delay += f.Delay
	o.drop = f.Drop
	if !o.drop {
		entry.Status = o.answer.status
	}
	o.entry = entry
	s.log = append(s.log, entry)
	return o
}

// find returns the vendor and the route an escaped path leads to, either nil
// when there is none, and fills in the call's parameters.
func (s *Server) find(c *call, path string) (v vendor, rt *route, allow []string) {
	for _, v := range s.vendors {
		rest, ok := strings.CutPrefix(path, v.prefix())
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		rt, allow := v.find(c, segments(rest))
		return v, rt, allow
	}
	return nil, nil, nil
}

// segments splits an escaped path and decodes each part. A slash at either end
// counts for nothing, as the vendors' samples have it both ways.
func segments(path string) []string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, p := range parts {
		if decoded, err := url.PathUnescape(p); err == nil {
			parts[i] = decoded
		}
	}
	return parts
}

// wait waits for d, or until ctx is done.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
