package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// TestSimulation plays whole closings of random users at random vendors: preflight, guards, steps,
// proof, crash and re-run, with faults, lies, delays and changes made elsewhere, all drawn from one
// seed, in virtual time. SIMULATE_CLOSINGS says how many (500 when it is not set), SIMULATE_SEED
// plays one seed alone and prints what happened.
func TestSimulation(t *testing.T) {
	t.Parallel()
	if seed, err := strconv.ParseUint(os.Getenv("SIMULATE_SEED"), 10, 64); err == nil {
		s := simulate(t, seed)
		t.Log("seed " + strconv.FormatUint(seed, 10) + ":\n" + strings.Join(s.story, "\n"))
		return
	}
	wanted := int64(500)
	if n, err := strconv.ParseInt(os.Getenv("SIMULATE_CLOSINGS"), 10, 64); err == nil {
		wanted = n
	}
	var closings, suspensions, seeds, unseen atomic.Int64
	for worker := range 2 * runtime.GOMAXPROCS(0) { // some of them wait for the disk
		t.Run(strconv.Itoa(worker), func(t *testing.T) {
			t.Parallel()
			for closings.Load() < wanted && !t.Failed() {
				s := simulate(t, uint64(seeds.Add(1)))
				closings.Add(int64(s.closings))
				suspensions.Add(int64(s.suspensions))
				unseen.Add(int64(s.unseen))
			}
		})
	}
	t.Cleanup(func() {
		t.Logf("%d closings and %d suspensions from %d seeds; %d ended in a lie that no client can see",
			closings.Load(), suspensions.Load(), seeds.Load(), unseen.Load())
	})
}

// simulation is a set of vendors with their people, and a plain model of what may be true of them.
type simulation struct {
	t           *testing.T
	seed        uint64
	rng         *rand.Rand
	mock        *mock.Server
	way         *killableWay
	people      []*simulated
	limit       int64                      // max_closures; 0 for the default
	log         string                     // the evidence log; empty for none
	read        int                        // how many closings of it were checked
	block       blockOfRun                 // the provider block of the run at hand
	lied        map[string]map[string]bool // what each vendor has been made to say that is not true
	planning    int                        // the moment at which the plan at hand began
	started     int                        // the moment at which the closing at hand began
	begun       map[*simulated]bool        // whose closing has begun in the apply at hand
	closings    int
	suspensions int
	unseen      int // those that ended in a lie that no client can see
	story       []string
}

// blockOfRun is what the provider block of a run says of guards.
type blockOfRun struct {
	lost     bool // nothing at all: the block is gone
	readOnly bool
}

// simulated is one person with an account at one vendor, and what the model knows of them.
type simulated struct {
	v        vendorCase
	id       string
	email    string          // of the person behind the ID now
	name     string          // likewise
	fact     string          // a role or login that somebody else gave them
	taken    offboard.Person // the person who was imported
	reviewed string          // the role or login that the last plan showed
	planned  int             // the moment at which the last plan showed the account open; 0 if it did not
	unseen   bool            // the last plan showed nothing
	asked    bool            // is to be closed
	suspends bool            // the block says suspended = true
	later    bool            // is to be closed once that block is removed
	reworded bool            // the block does not say that any more, and no apply has seen it
	was      bool            // suspended before the request at hand
	enabled  int             // the moment at which somebody else enabled the account last
	shielded bool            // stands in never_close
	stranger bool            // another consumer has an account with the same ID
	blocked  string          // why the vendor refuses, as long as it does
	kept     blockOfRun      // the provider block of the last refresh or apply that had one
	open     bool            // before the request at hand
	since    int             // the moment from which on the account is this person's
	excused  bool            // a lie that no client can see had them reported as closed
	managed  managed
}

func (p *simulated) key() string { return p.v.kind.name + " " + p.id }

// is reports whether a name and an address are those of the person who was imported. What has a blank
// in it is no address, so the name decides.
func (p *simulated) is(name, email string) bool {
	email = offboard.Text(email)
	if email != "" && p.taken.Email != "" && !strings.Contains(email, " ") {
		return offboard.Same(email, p.taken.Email)
	}
	return offboard.Same(offboard.Text(name), p.taken.Name)
}

func simulate(t *testing.T, seed uint64) *simulation {
	s := &simulation{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 4)), lied: map[string]map[string]bool{}}
	if s.chance(50) {
		s.log = filepath.Join(t.TempDir(), "evidence")
	}
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
		s.say("all faults and lies are over")
		s.settleAll()
		s.judgeSuspensions()
		if s.removeBlocks() {
			s.settleAll()
		}
		s.judge()
	})
	return s
}

// settleAll is one run for what is left, and as many as a slow vendor or a limit may need, until one
// has nothing to do.
func (s *simulation) settleAll() {
	for range 4 + 4*max(0, s.limit) {
		if !s.run(false) {
			return
		}
	}
}

// fail reports a broken invariant with the way to play it again.
func (s *simulation) fail(format string, args ...any) {
	s.t.Errorf(
		"%s\n%s\nplay it again: make simulate SIMULATE_SEED=%d",
		fmt.Sprintf(format, args...),
		strings.Join(s.story, "\n"),
		s.seed,
	)
}

func (s *simulation) say(format string, args ...any) {
	since := time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).Round(time.Millisecond)
	s.story = append(s.story, fmt.Sprintf("%6s ", since)+fmt.Sprintf(format, args...))
}

func (s *simulation) chance(percent int) bool { return s.rng.IntN(100) < percent }

// takeOver imports everybody.
func (s *simulation) takeOver() {
	d := s.driver()
	for _, p := range s.people {
		p.managed = d.mustImport(p.v.kind, p.id)
		p.taken = offboard.Person{Name: p.managed.text("name"), Email: p.managed.text("email")}
	}
}

// driver is a fresh provider process. The block is there or lost.
func (s *simulation) driver() *driver {
	const url = "http://127.0.0.1:1"
	var shielded []string
	var vendors []vendorCase
	for _, p := range s.people {
		vendors = append(vendors, p.v)
		if p.shielded {
			shielded = append(shielded, p.id)
		}
	}
	settings := onlyVendors(url, vendors...)
	if !s.block.lost {
		settings["never_close"], settings["read_only"] = shielded, s.block.readOnly
		if s.limit != 0 {
			settings["max_closures"] = s.limit
		}
		if s.log != "" {
			settings["evidence_log"] = s.log
		}
	}
	return driverOf(s.t, &offboardProvider{version: "test", transport: s.way}, url, settings)
}

// run is one plan and apply of everything that is asked for, in a process of its own that may be
// killed or interrupted. It reports whether there was something to apply.
func (s *simulation) run(eventful bool) bool {
	s.block = blockOfRun{}
	if eventful {
		s.block = blockOfRun{lost: s.chance(20), readOnly: s.chance(8)}
		s.say("a run, the provider block is lost: %v, read_only: %v", s.block.lost, s.block.readOnly)
	}
	s.way.left, s.way.ended, s.way.cancel = -1, false, nil
	plans, who := s.plan(eventful)
	if eventful && s.chance(30) {
		for _, p := range s.people {
			if s.chance(20) {
				s.changeElsewhere(p)
			}
		}
	}
	if len(plans) == 0 {
		return false
	}
	s.apply(plans, who, eventful)
	return true
}

// plan reads some people, edits the blocks of a few, and plans to close those who are to be closed.
func (s *simulation) plan(eventful bool) (plans []planned, who []*simulated) {
	d := s.driver()
	s.planning = s.way.told.now()
	s.way.told.nextRun()
	if eventful {
		s.rewrite()
	}
	for _, p := range s.people {
		if p.managed.gone() {
			continue
		}
		if s.chance(50) || p.suspends && !eventful {
			s.refresh(d, p)
		}
		if eventful && (s.chance(10) || p.reworded) {
			s.edit(d, p)
		}
		if p.suspends {
			if plan, changes := s.planSuspension(d, p); changes {
				plans, who = append(plans, plan), append(who, p)
			}
		}
		if !p.asked {
			continue
		}
		plan, diags := d.planDestroy(p.managed)
		s.say("%s: planned, %s", p.key(), outcomeOf(diags))
		if diags.errors() == "" {
			s.reviewed(p, plan)
			plans, who = append(plans, plan), append(who, p)
		}
	}
	return plans, who
}

// refresh reads one person. What is kept of the guards is what the block says, if there is one.
func (s *simulation) refresh(d *driver, p *simulated) {
	before, since := p.managed.text("status"), s.way.told.now()
	var diags diagnostics
	p.managed, diags = d.read(p.managed)
	s.say("%s: refreshed, status %s, %s", p.key(), p.managed.text("status"), outcomeOf(diags))
	s.stillManaged(p, before, diags)
	if diags.errors() != "" {
		return
	}
	if !s.block.lost {
		p.kept = s.block
	}
	if s.sawOpen(p, since) && (!s.block.lost || s.log == "") { // without its block a run does not know what the log holds
		s.refute(p, since)
	}
}

// edit applies a block in which something was changed that says nothing of the person, or one that
// a CLI was told to replace.
func (s *simulation) edit(d *driver, p *simulated) {
	if !p.asked && s.chance(30) {
		after, diags := d.apply(s.t.Context(), planned{p.managed, nullOf(p.managed), nullOf(p.managed), p.managed.private})
		s.say("%s: to be replaced, %s", p.key(), outcomeOf(diags))
		p.managed = after
		s.stillManaged(p, after.text("status"), diags)
		return
	}
	block := attributes{"id": p.id, "timeouts": timeoutsOf(fmt.Sprintf("%dm", 10+s.rng.IntN(10)))}
	switch {
	case p.suspends: // that edit is a suspension, which is planned anyway
		return
	case p.v.suspending != "":
		block["suspended"] = []any{nil, false}[s.rng.IntN(2)]
	}
	plan, diags := d.planBlock(p.managed, block)
	if diags.errors() == "" {
		p.managed, diags = d.apply(s.t.Context(), plan)
		if diags.errors() == "" && !s.block.lost {
			p.kept = s.block
		}
		p.reworded = p.reworded && diags.errors() != ""
	}
	s.say("%s: edited, %s", p.key(), outcomeOf(diags))
}

// apply applies plans one after the other. A kill loses what was not written to the state: the
// closing at hand, or all of the run.
func (s *simulation) apply(plans []planned, who []*simulated, eventful bool) {
	d := s.driver()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	s.begun = map[*simulated]bool{}
	s.way.told.nextRun()
	s.way.log, s.way.snapshot = s.log, nil
	if eventful {
		s.trouble(cancel)
	}
	defer func() { s.way.before = nil }()
	stateLost, before := s.chance(30), map[*simulated]managed{}
	refuted, intents := maps.Clone(s.way.told.refuted), maps.Clone(s.way.told.intents)
	for i, p := range who {
		before[p] = p.managed
		s.started = s.way.told.now()
		plan := plans[i]
		if p.suspends {
			plan = s.planAgain(d, p, plan)
		}
		after, diags := s.applyOne(ctx, d, p, plan)
		if s.way.ended && s.way.cancel == nil {
			s.say("%s: killed", p.key())
			if stateLost { // and with it what the run found out
				s.way.told.refuted, s.way.told.intents = refuted, intents
			}
			s.killed(stateLost, before)
			return
		}
		p.managed = after
		if p.planned > 0 {
			s.refute(p, p.planned)
		}
		s.say("%s: applied, gone %v, %s", p.key(), after.gone(), outcomeOf(diags))
		if p.suspends {
			s.appliedSuspension(p, before[p], diags)
		} else {
			s.applied(p, diags)
		}
		if s.way.ended {
			return // the CLI starts nothing more after an interrupt
		}
	}
}

// applyOne applies one plan.
func (s *simulation) applyOne(ctx context.Context, d *driver, p *simulated, plan planned) (managed, diagnostics) {
	if p.suspends {
		s.suspensions++
		defer s.lookedBeforeEachCall(p)
	} else {
		s.closings++
	}
	return d.apply(ctx, plan)
}

// trouble draws a kill or an interrupt for the apply at hand, and somebody else who is at work
// meanwhile.
func (s *simulation) trouble(cancel context.CancelFunc) {
	if s.chance(40) {
		s.way.left = s.rng.IntN(10)
		if s.chance(40) {
			s.way.cancel = cancel
		}
	}
	if s.chance(30) {
		s.way.before = func() {
			if s.chance(5) {
				s.interfere(s.people[s.rng.IntN(len(s.people))])
			}
		}
	}
}

// killed puts back what a process that is killed cannot have written: the end of its evidence, and
// the state of this run if it is lost.
func (s *simulation) killed(stateLost bool, before map[*simulated]managed) {
	switch {
	case s.log == "":
	case s.way.snapshot == nil: // there was no file yet
		if err := os.Remove(s.log); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.t.Fatal(err)
		}
	default:
		if err := os.WriteFile(s.log, s.way.snapshot, 0o600); err != nil {
			s.t.Fatal(err)
		}
		s.noteIntents()
	}
	for p, m := range before {
		if stateLost {
			p.managed = m
		}
	}
}

// noteIntents remembers whose closing has begun in the log and has no outcome there.
func (s *simulation) noteIntents() {
	h, err := evidence.Read(s.t.Context(), s.log)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range h.Closures {
		if c.Ended.IsZero() && c.Action != evidence.Block { // a suspension explains no absence
			s.way.told.intents[c.Vendor+" "+c.ID] = lost
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
