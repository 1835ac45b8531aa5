package mock

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Lie is an answer that is well-formed and not true, as a part of a Fault. A Lie that does not
// concern a request leaves its answer as it is. The Fault counts that request all the same.
type Lie interface {
	// apply answers a request.
	apply(x *exchange) answer
}

// Stale answers a read with the state that the vendor had some requests ago, counted over all
// vendors, or some time ago. Large values mean the time before any user was added. Changes have
// their effect.
type Stale struct {
	Requests int
	Age      time.Duration // used if not 0
}

func (l Stale) apply(x *exchange) answer {
	if x.kind.is(Change) {
		return x.handle()
	}
	before := x.server.clock.beforeRequest(l.Requests)
	if l.Age > 0 {
		before = x.server.clock.beforeAge(l.Age)
	}
	defer x.vendor.viewPast(before)()
	return x.handle()
}

// NotVisible answers as if no account were visible to the key. Reads and changes of an account get
// the vendor's own answer for an absence. Lists and the key's own user stay as they are, unless a
// field says otherwise.
type NotVisible struct {
	Lists   bool   // the lists are empty too
	Level   string // ECGrid: the level that the key's own user has now
	Network int64  // ECGrid: the network that it has now
}

func (l NotVisible) apply(x *exchange) answer {
	if e, ok := x.vendor.(*ECGrid); ok && (l.Level != "" || l.Network != 0) {
		defer e.viewOwn(l.Level, l.Network)()
	}
	switch x.kind {
	case Own:
		return x.handle()
	case List:
		x.call.lists.Empty = l.Lists
		return x.handle()
	case Anything, Read, Find, Related, Change, Close:
	}
	defer x.vendor.viewNoUsers()()
	return x.handle()
}

// viewOwn is a view in which the key's own user has another level and network.
func (e *ECGrid) viewOwn(level string, network int64) (undo func()) {
	undo = e.view()
	if me, ok := e.openUser(e.Me); ok {
		if level != "" {
			me.AuthLevel = level
		}
		if network != 0 {
			me.NetworkID = network
		}
	}
	return undo
}

// OtherPerson answers reads with another person behind one ID, or behind all. A field that is left
// empty is empty in the answer.
type OtherPerson struct {
	ID          string // as in the log; "" is all
	Name, Email string
}

func (l OtherPerson) apply(x *exchange) answer {
	if x.kind.is(Change) {
		return x.handle()
	}
	defer x.vendor.viewTexts(func(id string, t texts) {
		if l.ID == "" || l.ID == id {
			*t.name, *t.email = l.Name, l.Email
		}
	})()
	return x.handle()
}

// Absent answers that there is no such user, in the vendor's own form, with any HTTP status and
// text.
type Absent struct {
	Status int
	Text   string // the vendor's own if empty
}

func (l Absent) apply(x *exchange) answer {
	return x.vendor.absence(l.Status, l.Text)
}

// Ignore answers a read as if some parameters of the query or of the body had not been sent:
// filters, or those of the pages. Changes are read as they came.
type Ignore struct{ Params []string }

// Paging has the parameters of the pages. Without them every page is the first.
var Paging = []string{"offset", "pageNo", "pageIndex"}

func (l Ignore) apply(x *exchange) answer {
	if !x.kind.is(Change) {
		x.call.dropParams(l.Params)
	}
	return x.handle()
}

// dropParams removes parameters from the query and the JSON body of a call. Letter case does not
// matter.
func (c *call) dropParams(params []string) {
	c.unread = append(c.unread, params...)
	for name := range c.query {
		if c.isUnread(name) {
			delete(c.query, name)
		}
	}
	var fields map[string]json.RawMessage
	isObject := bytes.HasPrefix(bytes.TrimSpace(c.body), []byte("{"))
	if len(params) == 0 || !isObject || json.Unmarshal(c.body, &fields) != nil {
		return
	}
	for name := range fields {
		if c.isUnread(name) {
			delete(fields, name)
		}
	}
	c.body = marshal(fields)
}

// isUnread reports whether the vendor does not read a parameter.
func (c *call) isUnread(name string) bool {
	return slices.ContainsFunc(c.unread, func(p string) bool { return strings.EqualFold(p, name) })
}
