package mock

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Lie is an answer that is well-formed and not true, as the Lie of a Fault. One that has nothing to
// say to a request leaves it as it is, and counts it all the same.
type Lie interface {
	// tell answers a request.
	tell(a *asked) answer
}

// Stale answers a look with the state that the vendor had some requests ago, counted over all
// vendors, or some time ago. Large values go back to before anybody was added. Changes go through.
type Stale struct {
	Requests int
	Age      time.Duration // used if not 0
}

func (l Stale) tell(a *asked) answer {
	if a.kind.is(Change) {
		return a.handle()
	}
	before := a.server.clock.requests(l.Requests)
	if l.Age > 0 {
		before = a.server.clock.age(l.Age)
	}
	defer a.vendor.rewind(before)()
	return a.handle()
}

// NotVisible answers as if the key no longer saw any account: looks at one and changes find nobody, in
// the vendor's own way. Lists and the key's own user stay as they are, unless it says otherwise.
type NotVisible struct {
	Lists   bool   // the lists are empty too
	Level   string // ECGrid: the level that the key's own user has now
	Network int64  // ECGrid: the network that it has now
}

func (l NotVisible) tell(a *asked) answer {
	if e, ok := a.vendor.(*ECGrid); ok && (l.Level != "" || l.Network != 0) {
		defer e.demote(l.Level, l.Network)()
	}
	if a.kind == List && !l.Lists || a.kind == Own {
		return a.handle()
	}
	if a.kind == List {
		a.call.lists.Empty = true
		return a.handle()
	}
	defer a.vendor.blind()()
	return a.handle()
}

// demote is a view in which the key's own user has another level and network.
func (e *ECGrid) demote(level string, network int64) (undo func()) {
	undo = e.view()
	if me, ok := e.peek(e.Me); ok {
		if level != "" {
			me.AuthLevel = level
		}
		if network != 0 {
			me.NetworkID = network
		}
	}
	return undo
}

// OtherPerson shows looks another person behind an ID, or behind all. What is left empty is gone.
type OtherPerson struct {
	ID          string // as the log writes it; "" is everybody
	Name, Email string
}

func (l OtherPerson) tell(a *asked) answer {
	if a.kind.is(Change) {
		return a.handle()
	}
	defer a.vendor.reword(func(id string, w words) {
		if l.ID == "" || l.ID == id {
			*w.name, *w.email = l.Name, l.Email
		}
	})()
	return a.handle()
}

// Absent answers that there is nobody, in the vendor's own form, with any HTTP status and text.
type Absent struct {
	Status int
	Text   string // the vendor's own unless given
}

func (l Absent) tell(a *asked) answer {
	return a.vendor.absence(l.Status, l.Text)
}

// Ignore answers a look as if some parameters of the query or of the body had not been sent: filters,
// or what turns the pages. Changes are read as they came.
type Ignore struct{ Params []string }

// Paging are the parameters that turn the pages. Without them every page is the first.
var Paging = []string{"offset", "pageNo", "pageIndex"}

func (l Ignore) tell(a *asked) answer {
	if !a.kind.is(Change) {
		a.call.forget(l.Params)
	}
	return a.handle()
}

// forget takes parameters out of the query and the JSON body of a call; letter case does not matter.
func (c *call) forget(params []string) {
	c.unread = append(c.unread, params...)
	for name := range c.query {
		if c.ignores(name) {
			delete(c.query, name)
		}
	}
	var fields map[string]json.RawMessage
	if len(params) == 0 || !bytes.HasPrefix(bytes.TrimSpace(c.body), []byte("{")) || json.Unmarshal(c.body, &fields) != nil {
		return
	}
	for name := range fields {
		if c.ignores(name) {
			delete(fields, name)
		}
	}
	c.body = reply(http.StatusOK, fields).body
}

// ignores reports whether the vendor does not read a parameter.
func (c *call) ignores(name string) bool {
	return slices.ContainsFunc(c.unread, func(p string) bool { return strings.EqualFold(p, name) })
}

// Queue accepts every step of a closing with all marks of success, also those that need an accepted
// one before them, and does nothing for now. The work is done before the request that comes so many
// later, or after so much time; with neither, never.
type Queue struct {
	Requests int
	Wait     time.Duration
}

// queued is accepted work.
type queued struct {
	tick   int       // of the request before which it is done
	at     time.Time // when it is done; used if not zero
	never  bool
	vendor vendor
	do     func() answer
}

func (l Queue) tell(a *asked) answer {
	if a.kind != Close {
		return a.handle()
	}
	work := queued{vendor: a.vendor, do: a.handle, never: l.Requests == 0 && l.Wait == 0}
	if l.Wait > 0 {
		work.at = a.call.now.Add(l.Wait)
	} else {
		work.tick = a.server.clock.tick + 2*l.Requests
	}
	defer a.vendor.save()()
	for _, earlier := range a.server.queue {
		if earlier.vendor == a.vendor {
			earlier.do()
		}
	}
	a.server.queue = append(a.server.queue, work)
	return a.handle()
}

// work does the accepted work whose time has come, before a request, and returns how much that was.
func (s *Server) work() (done int) {
	s.queue = slices.DeleteFunc(s.queue, func(q queued) bool {
		due := !q.never && (q.at.IsZero() && s.clock.tick+1 >= q.tick || !q.at.IsZero() && !time.Now().Before(q.at))
		if due {
			q.do()
			done++
		}
		return due
	})
	return done
}
