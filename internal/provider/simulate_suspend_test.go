package provider

import (
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// rewrite changes some blocks with suspended = true: one is removed, or the line is. One that was
// removed may come back before the account is closed.
func (s *simulation) rewrite() {
	for _, p := range s.people {
		if p.asked && p.later && !p.managed.gone() && s.chance(25) {
			p.suspends, p.asked = true, false
			s.say("%s: the block with suspended is back", p.key())
		}
		if !p.suspends || !s.chance(20) {
			continue
		}
		p.suspends, p.asked, p.reworded = false, p.later, !p.later
		s.say("%s: the block is removed: %v; else the line suspended is", p.key(), p.asked)
	}
}

// removeBlocks removes the blocks of all who are suspended and are to be closed later, and reports
// whether there are any.
func (s *simulation) removeBlocks() (some bool) {
	for _, p := range s.people {
		if p.suspends && p.later {
			p.suspends, p.asked, some = false, true, true
			s.say("%s: the block is removed", p.key())
		}
	}
	return some
}

// planSuspension plans a block with suspended = true, and reports whether that changes something.
func (s *simulation) planSuspension(d *driver, p *simulated) (plan planned, changes bool) {
	plan, diags := d.planBlock(p.managed, attributes{"id": p.id, "suspended": true, "timeouts": nil})
	s.say("%s: a suspension planned, %s", p.key(), outcomeOf(diags))
	p.reviewed, p.unseen, p.planned = p.managed.role(), false, 0
	return plan, diags.errors() == "" && !plan.state.Equal(p.managed.state)
}

// planAgain plans a suspension once more in the process of the apply, as a CLI does. That must give the
// same plan.
func (s *simulation) planAgain(d *driver, p *simulated, plan planned) planned {
	again, diags := d.plan(plan.prior, plan.config, plan.state)
	if diags.errors() != "" || !again.state.Equal(plan.state) {
		s.fail("%s: planned again before the apply: got %s and %q, want %s",
			p.key(), again.state, diags.errors(), plan.state)
	}
	return again
}

// lookedBeforeEachCall is that a look right before each call of a suspension shows the account active.
func (s *simulation) lookedBeforeEachCall(p *simulated) {
	if g := s.way.told.suspension(p.v, p.id, s.started); g.wrong != "" {
		s.fail("%s: %s\n%s", p.key(), g.wrong, &s.way.told)
	}
}

// isSuspended reports whether the state says that the account is suspended as the block asks for it.
func (m managed) isSuspended() bool {
	return m.yes("suspended") && m.text("status") == "suspended"
}

// appliedSuspension is what must be true after a suspension, whatever came of it.
func (s *simulation) appliedSuspension(p *simulated, before managed, diags diagnostics) {
	result, recorded := s.checkEvidence(p)
	if p.managed.gone() {
		s.fail("%s is lost from the state after a suspension", p.key())
		return
	}
	if p.managed.yes("suspended") != (diags.errors() == "") {
		s.fail("%s: suspended %v with the errors %q", p.key(), p.managed.yes("suspended"), diags.errors())
	}
	s.shownSuspended(p, before.text("status"))
	if s.sawOpen(p, s.started) {
		s.refute(p, s.started)
	}
	if diags.errors() == "" && !s.block.lost {
		p.kept = s.block
	}
	done := p.managed.isSuspended() && !before.isSuspended()
	g := s.way.told.suspension(p.v, p.id, s.started)
	switch {
	case done && !g.shown:
		s.fail("%s is reported as suspended, and no read says so\n%s", p.key(), &s.way.told)
	case done && !s.showsThePerson(p, g.last):
		s.fail("%s is reported as suspended, and the read shows another person: %s", p.key(), g.last)
	case done && s.log != "" && result != evidence.Suspended:
		s.fail("%s is reported as suspended, and recorded as %q (%v)", p.key(), result, recorded)
	case result == evidence.Suspended && !p.managed.isSuspended():
		s.fail("%s is recorded as suspended, and the state does not say so", p.key())
	case done && !p.v.suspended(s.mock, p.id) && p.enabled < g.last.begun && p.v.has(s.mock, p.id):
		s.unseen++
		s.say("%s is reported as suspended and is active: no client can see it", p.key())
		if len(s.lied[p.v.mockName()]) == 0 {
			s.fail("%s is reported as suspended and is active, and nobody lied", p.key())
		}
	}
}

// showsThePerson reports whether an answer shows nobody but the person who was imported.
func (s *simulation) showsThePerson(p *simulated, e *exchange) bool {
	name, email, _ := p.v.identity(e)
	return name+email == "" || !p.taken.Known() || p.is(name, email)
}

// shownSuspended is that a state shows an account as suspended only if an answer of this run does.
func (s *simulation) shownSuspended(p *simulated, before string) {
	if p.v.suspending == "" || p.managed.text("status") != "suspended" || before == "suspended" {
		return
	}
	for _, e := range s.way.told.of(p.v.mockName()) {
		if e.begun > s.planning && e.method == "GET" && p.v.reading.hidden(e, p.id) {
			return
		}
	}
	s.fail("%s is shown as suspended, and no answer of this run says so\n%s", p.key(), &s.way.told)
}

// watchSuspension sees every request after its effect, as watch does.
func (s *simulation) watchSuspension(p *simulated, r mock.Request) {
	if p.v.suspending == "" {
		return
	}
	is := p.v.suspended(s.mock, p.id)
	switch {
	case is && !p.was:
		s.say("    %s is suspended now", p.key())
		if !p.suspends && !p.asked && r.Late == 0 {
			s.fail("%s is suspended, and nobody asked for it", p.key())
		}
		s.wasChanged(p, r, "suspended")
		if r.Late == 0 {
			s.hasBegun(p)
		}
	case p.was && !is && p.v.has(s.mock, p.id):
		s.fail("%s is enabled by %s", p.key(), r.Route)
	}
	p.was = is
}

// enable enables a suspended account, as somebody else may at any time.
func (s *simulation) enable(p *simulated) {
	p.v.enable(s.mock, p.id)
	p.was, p.enabled = false, s.way.told.now()
	s.say("%s: enabled by somebody else", p.key())
}

// judgeSuspensions is that at the end everybody is suspended whose block asks for it, or there is a
// reason that the model knows.
func (s *simulation) judgeSuspensions() {
	stuck := s.stuck()
	for _, p := range s.people {
		if !p.suspends || p.excused || !p.v.has(s.mock, p.id) || s.refusable(p) || stuck && s.limit > 0 {
			continue
		}
		if is := p.v.suspended(s.mock, p.id); !is || !p.managed.isSuspended() {
			s.fail("%s is to be suspended: it is %v, and the state says %v", p.key(), is, p.managed.isSuspended())
		}
	}
}

// role is the fact that a reviewer of a suspension sees; empty for none.
func (m managed) role() (role string) {
	var all, facts map[string]tftypes.Value
	if text := m.text("role"); text != "" || m.state.As(&all) != nil || all["facts"].As(&facts) != nil {
		return text
	}
	_ = facts["role"].As(&role)
	return role
}
