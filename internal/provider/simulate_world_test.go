package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// killableWay is the way to the mock. After a kill nothing leaves any more.
type killableWay struct {
	mock.Transport
	told     transcript
	left     int // requests until the end; -1 is never
	ended    bool
	cancel   context.CancelFunc // what ends is the context, not the process
	before   func()             // acts before a request leaves
	log      string             // the evidence log of the process; empty for none
	snapshot []byte             // what it held when the process was killed
}

// RoundTrip implements http.RoundTripper.
func (w *killableWay) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.ended && w.cancel == nil {
		return nil, errors.New("the process is dead")
	}
	if w.left == 0 {
		w.ended = true
		w.snapshot, _ = os.ReadFile(w.log)
		if w.cancel != nil {
			w.cancel()
		}
	}
	w.left--
	if w.before != nil {
		w.before()
	}
	noted := w.told.begin(req)
	resp, err := w.Transport.RoundTrip(req)
	if w.ended && w.cancel == nil {
		w.told.end(noted, nil) // nobody was there to hear it
		return nil, errors.New("the process is dead")
	}
	w.told.end(noted, resp)
	return resp, err
}

// settle makes the env: vendors with random habits, and random people.
func (s *simulation) settle() {
	s.mock = mock.New(mockKey)
	s.way = &killableWay{Transport: mock.Transport{Handler: s.mock}, left: -1, told: transcript{
		intents: map[string]called{}, refuted: map[string]int{},
	}}
	s.mock.Latency(time.Millisecond) // so that what comes later has a later time
	s.limit = []int64{0, 0, 0, -1, 1, 2}[s.rng.IntN(6)]
	for _, v := range vendorCases {
		v.habits(s)
	}
	for _, v := range vendorCases {
		if s.chance(85) { // somebody else beside those who are closed
			v.put(s.mock, v.numbered(90), "Bystander", "bystander@acme.test")
		}
	}
	for i := range 1 + s.rng.IntN(4) {
		s.people = append(s.people, s.person(i))
	}
}

// slow draws for how many looks something is not done yet.
func (s *simulation) slow() int { return max(0, s.rng.IntN(6)-2) }

// person makes one person with an account. Some names hold what a terminal or a comparison stumbles
// over.
func (s *simulation) person(i int) *simulated {
	v := vendorCases[s.rng.IntN(len(vendorCases))]
	p := &simulated{
		v: v, id: v.numbered(i), name: fmt.Sprintf("Person %d", i), email: fmt.Sprintf("person%d@acme.test", i),
		asked: s.chance(75), shielded: s.chance(8), open: true,
	}
	if s.chance(10) {
		p.name = mock.AllMalformed[s.rng.IntN(len(mock.AllMalformed))].Of(p.name)
	}
	v.put(s.mock, p.id, p.name, p.email)
	if v.addStranger != nil && s.chance(15) {
		p.stranger = true
		v.addStranger(s.mock, p.id)
	}
	if s.chance(12) {
		s.obstruct(p)
	}
	if v.suspending != "" && s.chance(40) {
		p.suspends, p.later, p.asked = true, p.asked, false
	}
	return p
}

// obstruct puts something in the way of closing a person.
func (s *simulation) obstruct(p *simulated) {
	if p.v.obstruct == nil {
		return
	}
	p.blocked = p.v.obstruct(s.mock, p.id)
	s.say("%s: %s", p.key(), p.blocked)
}

// disturb draws faults and lies, and changes that somebody else makes before the next run.
func (s *simulation) disturb() {
	s.mock.Heal()
	for range s.rng.IntN(5) {
		f := matrixFaults[s.rng.IntN(len(matrixFaults))]
		lies := matrixLies()
		if s.chance(60) {
			f = lies[s.rng.IntN(len(lies))]
		}
		if f.err != nil {
			continue
		}
		fault := f.fault
		v := s.people[s.rng.IntN(len(s.people))].v
		fault.Vendor = v.mockName()
		fault.After, fault.Times = s.rng.IntN(12), []int{0, 1, 1 + s.rng.IntN(5)}[s.rng.IntN(3)]
		if s.chance(40) {
			fault.Only = []mock.Kind{mock.Read, mock.List, mock.Own, mock.Close}[s.rng.IntN(4)]
		}
		if s.chance(20) { // the call that cannot be undone, and nothing else
			fault.Only, fault.Route, fault.After = mock.Anything, v.closing, 0
			if v.suspending != "" && s.chance(50) {
				fault.Route = v.suspending
			}
		}
		s.mock.Fail(fault)
		if fault.Lie != nil || fault.Pretend || fault.Status == http.StatusNotFound || fault.Status == http.StatusGone {
			if s.lied[fault.Vendor] == nil {
				s.lied[fault.Vendor] = map[string]bool{}
			}
			s.lied[fault.Vendor][f.name] = true
		}
		s.say("%s: %s after %d requests of kind %d%s, %d times",
			fault.Vendor, f.name, fault.After, fault.Only, fault.Route, fault.Times)
	}
	for _, p := range s.people {
		if s.chance(12) {
			s.changeElsewhere(p)
		}
		if p.was && s.chance(20) {
			s.enable(p)
		}
	}
}

// lies are what a vendor has been made to say that is not true.
func (s *simulation) lies(vendor string) []string { return slices.Sorted(maps.Keys(s.lied[vendor])) }

// changeElsewhere changes an account as somebody else may between a plan and its apply, or between
// two runs. The id of a closed account may go to a new person.
func (s *simulation) changeElsewhere(p *simulated) {
	other := fmt.Sprintf("other%d@acme.test", s.rng.IntN(1000))
	if !p.v.has(s.mock, p.id) {
		if !p.managed.gone() {
			p.name, p.email, p.open, p.was, p.since = "Newcomer", other, true, false, s.way.told.now()
			p.v.put(s.mock, p.id, p.name, other)
			s.say("%s: the id was given to %s", p.key(), other)
		}
		return
	}
	switch s.rng.IntN(7) {
	case 0, 1:
		s.interfere(p)
	case 2:
		s.rename(p, p.name, other)
	case 3:
		s.rename(p, p.name, "")
	case 4:
		s.rename(p, "Otto Berg", "")
	case 5:
		if p.v.fact != nil {
			p.fact = fmt.Sprintf("fact%d", s.rng.IntN(1000))
			p.v.fact(s.mock, p.id, p.fact)
			s.say("%s: now has the role or login %s", p.key(), p.fact)
		}
	case 6:
		if p.was {
			s.enable(p)
		}
	}
}

// rename gives an account another name or address; what is empty is gone.
func (s *simulation) rename(p *simulated, name, email string) {
	p.name, p.email = name, email
	p.v.rename(s.mock, p.id, name, email)
	s.say("%s: now belongs to %q <%s>", p.key(), name, email)
}

// interfere changes an account as somebody else may even between two requests of a closing. Who a
// person is does not change there: between the last look and the call no client can see it.
func (s *simulation) interfere(p *simulated) {
	if !p.v.has(s.mock, p.id) {
		return
	}
	switch s.rng.IntN(3) {
	case 0:
		p.v.drop(s.mock, p.id)
		p.open = false
		s.say("%s: closed by somebody else", p.key())
	case 1:
		if p.was {
			s.enable(p)
		} else if p.v.suspend != nil {
			p.v.suspend(s.mock, p.id)
			p.was = p.v.suspending != ""
			s.say("%s: suspended by somebody else", p.key())
		}
	case 2:
		s.obstruct(p)
	}
}
