package provider

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// TestSimulation plays whole closings of random users at random vendors: preflight, guards, steps, proof, crash and re-run, with faults, delays and
// changes made elsewhere, all drawn from one seed, in virtual time. SIMULATE_CLOSINGS says how many (500 when it is not set), SIMULATE_SEED plays one seed
// alone and prints what happened.
func TestSimulation(t *testing.T) {
	if seed, err := strconv.ParseUint(os.Getenv("SIMULATE_SEED"), 10, 64); err == nil {
		s := simulate(t, seed)
		t.Log("seed " + strconv.FormatUint(seed, 10) + ":\n" + strings.Join(s.story, "\n"))
		return
	}
	wanted := int64(500)
	if n, err := strconv.ParseInt(os.Getenv("SIMULATE_CLOSINGS"), 10, 64); err == nil {
		wanted = n
	}
	var closings, seeds atomic.Int64
	for worker := range 2 {
		t.Run(strconv.Itoa(worker), func(t *testing.T) {
			t.Parallel()
			for closings.Load() < wanted && !t.Failed() {
				closings.Add(int64(simulate(t, uint64(seeds.Add(1))).closings))
			}
		})
	}
	t.Cleanup(func() { t.Logf("%d closings from %d seeds", closings.Load(), seeds.Load()) })
}

// simulation is one world with its people, and a plain model of what may be true of them.
type simulation struct {
	t        *testing.T
	seed     uint64
	rng      *rand.Rand
	mock     *mock.Server
	way      *killableWay
	people   []*simulated
	foreign  bool // a 404 may come from somebody else than the vendor
	closings int
	story    []string
}

// simulated is one person with an account at one vendor, and what the model knows of them.
type simulated struct {
	v        vendorCase
	id       string
	email    string // of the person behind the id now
	taken    string // of the person who was taken over
	reviewed string // of the person whom the last plan showed
	fact     string // a role or login that somebody else gave them
	shown    string // the one that the last plan showed
	asked    bool   // is to be closed
	shielded bool   // stands in never_close
	blocked  string // why the vendor refuses, as long as it does
	open     bool   // before the request at hand
	proven   bool   // the vendor has said of the closed account that it is not there
	managed  managed
}

func (p *simulated) key() string { return p.v.kind.name + " " + p.id }

// killableWay is the way to the mock. After a kill nothing leaves any more.
type killableWay struct {
	mock.Transport
	left   int // requests until the end; -1 is never
	ended  bool
	cancel context.CancelFunc // what ends is the context, not the process
	before func()             // acts before a request leaves
}

// RoundTrip implements http.RoundTripper.
func (w *killableWay) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.ended && w.cancel == nil {
		return nil, errors.New("the process is dead")
	}
	if w.left == 0 {
		w.ended = true
		if w.cancel != nil {
			w.cancel()
		}
	}
	w.left--
	if w.before != nil {
		w.before()
	}
	resp, err := w.Transport.RoundTrip(req)
	if w.ended && w.cancel == nil {
		return nil, errors.New("the process is dead")
	}
	return resp, err
}

func simulate(t *testing.T, seed uint64) *simulation {
	s := &simulation{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 4))}
	synctest.Test(t, func(t *testing.T) {
		s.t = t
		s.settle()
		s.mock.OnRequest(s.watch)
		s.takeOver()
		for range 1 + s.rng.IntN(3) {
			s.disturb()
			s.run(true)
		}
		s.mock.Heal()
		s.say("all faults are over")
		for range 4 { // one run for what is left, and as many as a slow vendor may need
			s.run(false)
		}
		s.judge()
	})
	return s
}

// fail reports a broken invariant with the way to play it again.
func (s *simulation) fail(format string, args ...any) {
	s.t.Errorf("%s\n%s\nplay it again: make simulate SIMULATE_SEED=%d", fmt.Sprintf(format, args...), strings.Join(s.story, "\n"), s.seed)
}

func (s *simulation) say(format string, args ...any) {
	s.story = append(s.story, fmt.Sprintf("%6s ", time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

func (s *simulation) chance(percent int) bool { return s.rng.IntN(100) < percent }

// settle makes the world: vendors with random habits, and random people.
func (s *simulation) settle() {
	s.mock = mock.New(mockKey)
	s.way = &killableWay{Transport: mock.Transport{Handler: s.mock}, left: -1}
	slow := func() int { return s.rng.IntN(6) - 2 }
	s.mock.Konstantly.Set(func(k *mock.Konstantly) {
		k.RoleString, k.BlockOnce, k.EmptyDelete, k.SlowDelete = s.chance(50), s.chance(50), s.chance(50), max(0, slow())
	})
	s.mock.ECGrid.Set(func(e *mock.ECGrid) {
		e.TerminatedNotFound, e.LoginName, e.SlowTerminate = s.chance(50), s.chance(50), max(0, slow())
		e.Again = mock.ECGridAgain(s.rng.IntN(4))
	})
	s.mock.SFOX.Set(func(x *mock.SFOX) {
		x.Gone, x.WrongUnauthorized, x.Strings = mock.SFOXGone(s.rng.IntN(4)), s.chance(50), s.chance(50)
		x.HideZero, x.TokensDie, x.SlowDelete = s.chance(50), s.chance(50), max(0, slow())
	})
	s.mock.Skillable.Set(func(k *mock.Skillable) {
		k.SearchClosed, k.BareSearch, k.LeaveRows, k.SlowCancel = s.chance(50), s.chance(50), max(0, slow()), max(0, slow())
	})
	for i := range 1 + s.rng.IntN(4) {
		v := vendorCases[s.rng.IntN(len(vendorCases))]
		p := &simulated{v: v, id: v.numbered(i), email: fmt.Sprintf("person%d@acme.test", i), asked: s.chance(75), shielded: s.chance(8), open: true}
		p.taken = p.email
		v.put(s.mock, p.id, fmt.Sprintf("Person %d", i), p.email)
		if s.chance(12) {
			s.obstruct(p)
		}
		s.people = append(s.people, p)
	}
}

// numbered is an id as the vendor has them.
func (v vendorCase) numbered(i int) string {
	if v.kind.name == "ecgrid" {
		return strconv.Itoa(40000 + i)
	}
	return fmt.Sprintf("person-%d", i)
}

// obstruct puts something in the way of closing a person.
func (s *simulation) obstruct(p *simulated) {
	switch p.v.kind.name {
	case "konstantly":
		s.mock.Konstantly.Update(p.id, func(u *mock.KonstantlyUser) { u.Expert = true })
		p.blocked = "expert of a course"
	case "sfox":
		s.mock.SFOX.Update(p.id, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": "0.00000001"} })
		p.blocked = "balance"
	case "skillable":
		s.mock.Skillable.Update(p.id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{}} })
		p.blocked = "running lab"
	}
	s.say("%s: %s", p.key(), p.blocked)
}

// takeOver imports everybody.
func (s *simulation) takeOver() {
	d := s.driver()
	for _, p := range s.people {
		p.managed = d.mustTake(p.v.kind, p.id)
	}
}

// driver is a fresh provider process.
func (s *simulation) driver() *driver {
	var shielded []string
	for _, p := range s.people {
		if p.shielded {
			shielded = append(shielded, p.id)
		}
	}
	return driverOf(s.t, &offboardProvider{version: "test", transport: s.way}, "http://127.0.0.1:1", attributes{"never_close": shielded})
}

// disturb draws faults, and changes that somebody else makes before the next run.
func (s *simulation) disturb() {
	s.mock.Heal()
	for range s.rng.IntN(4) {
		f := matrixFaults[s.rng.IntN(len(matrixFaults))]
		if f.err != nil {
			continue
		}
		fault := f.fault
		fault.Vendor = s.people[s.rng.IntN(len(s.people))].v.kind.name
		fault.After, fault.Times = s.rng.IntN(12), 1+s.rng.IntN(5)
		s.foreign = s.foreign || fault.Status == http.StatusNotFound
		s.mock.Fail(fault)
		s.say("%s: %s at request %d, %d times", fault.Vendor, f.name, fault.After, fault.Times)
	}
	for _, p := range s.people {
		if s.chance(12) {
			s.meddle(p)
		}
	}
}

// meddle changes an account as somebody else may between a plan and its apply, or between two runs. The id of a closed account may go to a new person.
func (s *simulation) meddle(p *simulated) {
	other := fmt.Sprintf("other%d@acme.test", s.rng.IntN(1000))
	if !p.v.has(s.mock, p.id) {
		if !p.managed.gone() {
			p.email, p.open, p.proven = other, true, false
			p.v.put(s.mock, p.id, "Newcomer", other)
			s.say("%s: the id was given to %s", p.key(), other)
		}
		return
	}
	switch s.rng.IntN(5) {
	case 0, 1:
		s.interfere(p)
	case 2:
		p.email = other
		p.v.email(s.mock, p.id, p.email)
		s.say("%s: now belongs to %s", p.key(), p.email)
	case 3:
		if p.v.fact != nil {
			p.fact = fmt.Sprintf("fact%d", s.rng.IntN(1000))
			p.v.fact(s.mock, p.id, p.fact)
			s.say("%s: now has the role or login %s", p.key(), p.fact)
		}
	}
}

// interfere changes an account as somebody else may even between two requests of a closing. Who a person is does not change there: between the last
// look and the call no client can see it.
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
		if p.v.suspend != nil {
			p.v.suspend(s.mock, p.id)
			s.say("%s: suspended by somebody else", p.key())
		}
	case 2:
		s.obstruct(p)
	}
}

// run is one plan and apply of everything that is asked for, in a process of its own that may be killed or interrupted.
func (s *simulation) run(eventful bool) {
	d := s.driver()
	s.way.left, s.way.ended, s.way.cancel = -1, false, nil
	var plans []planned
	var who []*simulated
	for _, p := range s.people {
		if p.managed.gone() {
			continue
		}
		if s.chance(50) {
			var diags diagnostics
			p.managed, diags = d.read(p.managed)
			s.stillManaged(p, diags)
		}
		if eventful && s.chance(10) {
			s.edit(d, p)
		}
		if !p.asked {
			continue
		}
		plan, diags := d.planDestroy(p.managed)
		s.say("%s: planned, %s", p.key(), outcomeOf(diags))
		if diags.errors() == "" {
			p.reviewed, p.shown = p.email, p.fact
			plans, who = append(plans, plan), append(who, p)
		}
	}
	if eventful && s.chance(30) {
		for _, p := range s.people {
			if s.chance(20) {
				s.meddle(p)
			}
		}
	}
	s.apply(plans, who, eventful)
}

// edit applies a block in which something was changed that says nothing of the person, or one that a CLI was told to replace.
func (s *simulation) edit(d *driver, p *simulated) {
	if !p.asked && s.chance(30) {
		after, diags := d.apply(s.t.Context(), planned{p.managed, nullOf(p.managed), nullOf(p.managed), p.managed.private})
		s.say("%s: to be replaced, %s", p.key(), outcomeOf(diags))
		p.managed = after
		s.stillManaged(p, diags)
		return
	}
	plan, diags := d.planBlock(p.managed, attributes{"id": p.id, "timeouts": timeoutsOf(fmt.Sprintf("%dm", 10+s.rng.IntN(10)))})
	if diags.errors() == "" {
		p.managed, diags = d.apply(s.t.Context(), plan)
	}
	s.say("%s: edited, %s", p.key(), outcomeOf(diags))
}

// apply applies plans one after the other. A kill loses what was not written to the state: the closing at hand, or all of the run.
func (s *simulation) apply(plans []planned, who []*simulated, eventful bool) {
	d := s.driver()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	if eventful && s.chance(40) {
		s.way.left = s.rng.IntN(10)
		if s.chance(40) {
			s.way.cancel = cancel
		}
	}
	if eventful && s.chance(30) {
		s.way.before = func() {
			if s.chance(5) {
				s.interfere(s.people[s.rng.IntN(len(s.people))])
			}
		}
		defer func() { s.way.before = nil }()
	}
	lost, before := s.chance(30), map[*simulated]managed{}
	for i, p := range who {
		before[p] = p.managed
		s.closings++
		after, diags := d.apply(ctx, plans[i])
		if s.way.ended && s.way.cancel == nil {
			s.say("%s: killed", p.key())
			if lost {
				for q, m := range before {
					q.managed = m
				}
			}
			return
		}
		p.managed = after
		s.say("%s: applied, gone %v, %s", p.key(), after.gone(), outcomeOf(diags))
		if after.gone() && p.v.has(s.mock, p.id) {
			s.fail("%s is reported closed and is open", p.key())
		}
		if s.way.ended {
			return // the CLI starts nothing more after an interrupt
		}
	}
}

func outcomeOf(diags diagnostics) string {
	first, _, _ := strings.Cut(diags.errors(), "\n")
	if first == "" {
		return "no error"
	}
	return first
}

// stillManaged is what must be true after a read. One that failed has kept the state, which may be old.
func (s *simulation) stillManaged(p *simulated, diags diagnostics) {
	if p.managed.gone() {
		s.fail("%s is lost from the state after a read", p.key())
	}
	if p.managed.text("status") == "closed" && diags.errors() == "" && p.v.has(s.mock, p.id) {
		s.fail("%s is shown as closed and is open", p.key())
	}
}

// watch sees every request after its effect. Whoever was open before and is not open now was closed by that request.
func (s *simulation) watch(r mock.Request) {
	s.say("    %s %s -> %d", r.Vendor, r.Route, r.Status)
	for _, p := range s.people {
		open := p.v.has(s.mock, p.id)
		if p.open && !open {
			s.say("    %s is closed now", p.key())
			switch {
			case !p.asked:
				s.fail("%s is closed, and nobody asked for it", p.key())
			case p.shielded:
				s.fail("%s is closed, and stands in never_close", p.key())
			case p.email != p.reviewed || p.email != p.taken:
				s.fail("%s is closed as %s; taken over was %s, reviewed %s", p.key(), p.email, p.taken, p.reviewed)
			case p.fact != p.shown:
				s.fail("%s is closed with %q; reviewed was %q", p.key(), p.fact, p.shown)
			}
		}
		aboutThem := r.Vendor == p.v.kind.name && strings.Contains(r.Path, p.id)
		if aboutThem && r.Change && (p.proven || p.managed.state.Type() != nil && p.managed.gone()) {
			s.fail("%s: %s after the closing was proven", p.key(), r.Route)
		}
		p.proven = p.proven || !s.foreign && aboutThem && !open && r.Method == http.MethodGet && r.Status == http.StatusNotFound
		p.open = open
	}
}

// judge is the end: everybody who was asked for is closed, or there is a reason that the model knows.
func (s *simulation) judge() {
	for _, p := range s.people {
		open := p.v.has(s.mock, p.id)
		reason := p.blocked != "" || p.shielded || p.email != p.taken
		switch {
		case !p.asked && p.managed.gone():
			s.fail("%s was not asked for and is lost from the state", p.key())
		case p.asked && open && p.managed.gone():
			s.fail("%s is lost from the state and open", p.key())
		case p.asked && open && !reason:
			s.fail("%s is still open, and nothing stands in the way", p.key())
		case p.asked && !open && !p.managed.gone() && (p.v.kind.name != "skillable" || !reason):
			s.fail("%s is closed and still managed", p.key())
		}
	}
}
