// Package mock is an HTTP server with all vendors, each under a prefix of its own. It implements
// the vendors' documentation a second time, and shares no type with the clients. So a field that
// one of the two misreads fails a test, and cannot hide in both.
//
// Where the documentation leaves something open, the mock gives the answer that we think is
// likeliest. A switch on the vendor's struct gives the other answers. The mock has the documented
// routes that the clients or the vendors' own samples call. All other routes answer 404.
//
// A Fault is a way in which a vendor misbehaves. A Lie is the part of a Fault that says something
// untrue. Lies has one of each.
//
// A Server is an http.Handler. It starts no goroutine, and takes the time from package time. So it
// also works without a network, in a testing/synctest bubble. Start serves one on loopback, with
// and without TLS.
package mock

import (
	"encoding/json"
	"slices"
	"time"
)

// Server has the vendors. Make one with New.
type Server struct {
	// The vendors, with their users and their switches.
	Konstantly *Konstantly
	ECGrid     *ECGrid
	SFOX       *SFOX
	Skillable  *Skillable
	TMS        *TMS

	clock     clock
	vendors   []vendor
	faults    []*activeFault
	log       []Request
	queue     []queued
	onRequest func(Request)
	latency   time.Duration
}

// Request is one line of the log: a request as it came, and the status of its answer.
type Request struct {
	Vendor string    // "konstantly" or another vendor's name, "" outside all prefixes
	Route  string    // method and pattern without the prefix, "DELETE /users/{id}"; "" for an unknown route
	Method string    // the HTTP method
	Path   string    // the escaped path with the raw query, as it came
	Kind   Kind      // what it is about; Anything for an unknown route
	Change bool      // whether the route changes an account
	Proto  string    // the protocol, "HTTP/1.1" or "HTTP/2.0"
	Status int       // the status of the answer; 0 if the connection was dropped
	Late   int       // the calls accepted by a Queue that were done right before it
	At     time.Time // when the request had its effect
}

// vendor is what the server asks of each vendor. The server holds its lock during all calls.
type vendor interface {
	// name returns the vendor's name in the log, and prefix the path that comes before all its routes.
	name() string
	prefix() string
	// find returns the route of a path and sets the call's parameters. If there is no route, it
	// returns nil and the methods that the path does have.
	find(c *call, path []string) (rt *route, allow []string)
	// answer answers a call. The route is nil if none is documented. Then allow has the methods that
	// the path does have.
	answer(rt *route, c *call, allow []string) answer
	// kind returns what a call of a route is about.
	kind(rt *route, c *call) Kind
	// absence returns an error in the vendor's own form. Without a text it says that there is no such
	// user.
	absence(status int, text string) answer
	// view and the three after it replace the accounts for a time, and return what undoes that.
	view() (undo func())
	viewPast(before func(moment) bool) (undo func())
	viewNoUsers() (undo func())
	viewTexts(f func(id string, t texts)) (undo func())
	// save returns a function that restores the vendor's state of now.
	save() func()
	// fields returns the names of a user's fields in a seed file.
	fields() []string
	// ids returns the IDs of the open users, in the order of the vendor's list.
	ids() []string
	// seed reads the vendor's list of a seed file, and returns what adds its users.
	seed(text json.RawMessage) (add func(), err error)
	// invent adds the invented person number i, counted from 0, unless the ID is taken.
	invent(i int, name, email string)
}

// New returns a server without users, except for the ECGrid user that owns the key. The key is the
// credential of all vendors.
func New(key string) *Server {
	s := &Server{}
	s.Konstantly = newKonstantly(&s.clock, key)
	s.ECGrid = newECGrid(&s.clock, key)
	s.SFOX = newSFOX(&s.clock, key)
	s.Skillable = newSkillable(&s.clock, key)
	s.TMS = newTMS(&s.clock, key)
	s.vendors = []vendor{s.Konstantly, s.ECGrid, s.SFOX, s.Skillable, s.TMS}
	return s
}

// Vendor is one vendor of a server.
type Vendor struct {
	Name   string   // as in the log and the seed file
	Prefix string   // the path that comes before all its routes
	IDs    []string // of its open users, in the order of its list
	Fields []string // of a user in a seed file
}

// Vendors returns all vendors as they are now.
func (s *Server) Vendors() []Vendor {
	s.clock.Lock()
	defer s.clock.Unlock()
	var all []Vendor
	for _, v := range s.vendors {
		all = append(all, Vendor{v.name(), v.prefix(), v.ids(), v.fields()})
	}
	return all
}

// Prefix returns the path that comes before all routes of a vendor. It panics if there is no such
// vendor.
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

// Routes returns the routes of the requests in the log.
func (s *Server) Routes() []string {
	var routes []string
	s.clock.Lock()
	defer s.clock.Unlock()
	for i := range s.log {
		routes = append(routes, s.log[i].Route)
	}
	return routes
}

// ForgetRequests empties the log.
func (s *Server) ForgetRequests() {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.log = nil
}

// OnRequest sets a function that is called for every request: after its effect, before any wait and
// the answer, and without the lock. A nil f ends that.
func (s *Server) OnRequest(f func(Request)) {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.onRequest = f
}

// Latency sets the time that every answer waits.
func (s *Server) Latency(d time.Duration) {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.latency = d
}
