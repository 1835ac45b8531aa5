package provider

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// reads are the answers since a moment that showed the account open by itself.
func (s *simulation) reads(p *simulated, since int) []*exchange {
	var all []*exchange
	r := p.v.reading
	for _, e := range s.way.told.of(p.v.mockName()) {
		if !e.isList() && e.begun > since && r.shows(e, p.id) == saysOpen {
			all = append(all, e)
		}
	}
	return all
}

// reviewed remembers what a plan showed. One that takes an account for closed must have the answers
// that say so.
func (s *simulation) reviewed(p *simulated, plan planned) {
	shown := managed{private: plan.private}.remembered().Review
	p.reviewed = ""
	if shown != nil {
		p.reviewed = cmp.Or(shown.Facts["role"], shown.Facts["login"], shown.Facts["account_type"])
	}
	if p.reviewed != "" && !s.wasTold(p, p.reviewed) {
		s.fail("%s is planned with %q, and no answer of this run says so", p.key(), p.reviewed)
	}
	p.planned = 0
	if shown != nil && (shown.User.Status == offboard.Active || shown.User.Status == offboard.Suspended) && !p.v.noRead {
		p.planned = s.way.told.now()
	}
	if p.unseen = shown == nil; p.unseen {
		return // the vendor cannot be asked, and another user has the error
	}
	if g := s.way.told.grounds(p.v, p.id, p.since); shown.User.Status == offboard.Closed && !g.absent(p.v) &&
		g.called != accepted {
		s.fail("%s is planned as closed, and the answers do not say so: %+v", p.key(), g)
	}
}

// wasTold reports whether an answer since the plan began shows the account open and holds a text. It
// may be a list. The client prints nothing that is invisible, and one blank for all that is between words.
func (s *simulation) wasTold(p *simulated, text string) bool {
	visible := func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case offboard.Invisible(string(r)):
			return -1
		}
		return r
	}
	printed := func(v any) string {
		return strings.ToLower(strings.Join(strings.Fields(strings.Map(visible, fmt.Sprint(v))), " "))
	}
	return slices.ContainsFunc(s.way.told.of(p.v.mockName()), func(e *exchange) bool {
		return e.begun > s.planning && p.v.reading.shows(e, p.id) == saysOpen &&
			strings.Contains(printed(e.answer), strings.ToLower(text))
	})
}

// sawOpen reports whether an answer since a moment showed the account open. Where nobody can be
// read nothing is known by that.
func (s *simulation) sawOpen(p *simulated, since int) bool {
	for _, e := range s.way.told.of(p.v.mockName()) {
		if e.begun > since && p.v.reading.shows(e, p.id) == saysOpen {
			return !p.v.noRead && p.managed.text("status") != "closed"
		}
	}
	return false
}

// refute notes that an account was seen open, by a state that is kept: the calls before that did
// not close it, as far as anybody can tell.
func (s *simulation) refute(p *simulated, at int) {
	s.way.told.refuted[p.key()] = at
	delete(s.way.told.intents, p.key())
}

// stillManaged is what must be true after a read. One that failed has kept the state, which may be
// old; so has one that found nothing out.
func (s *simulation) stillManaged(p *simulated, before string, diags diagnostics) {
	if p.managed.gone() {
		s.fail("%s is lost from the state after a read", p.key())
	}
	s.shownSuspended(p, before)
	if p.managed.text("status") != "closed" || before == "closed" || diags.errors() != "" {
		return
	}
	if g := s.way.told.grounds(p.v, p.id, p.since); !g.absent(p.v) {
		s.fail("%s is shown as closed, and the answers do not say so: %+v", p.key(), g)
	}
	if p.v.has(s.mock, p.id) {
		s.unseeable(p, "shown as closed")
	}
}

// unseeable is that an open account is taken for closed although all answers were as the rule wants
// them. Without a lie that is a failure.
func (s *simulation) unseeable(p *simulated, how string) {
	p.excused = true
	s.unseen++
	s.say("%s is %s and is open: no client can see it, after %q", p.key(), how, s.lies(p.v.mockName()))
	if len(s.lied[p.v.mockName()]) == 0 {
		s.fail("%s is %s and is open, and nobody lied", p.key(), how)
	}
}

// applied is what must be true after a closing, whatever came of it.
func (s *simulation) applied(p *simulated, diags diagnostics) {
	result, recorded := s.checkEvidence(p)
	if p.managed.gone() != (diags.errors() == "") {
		s.fail("%s: gone %v with the errors %q", p.key(), p.managed.gone(), diags.errors())
	}
	if !p.managed.gone() {
		return
	}
	g := s.way.told.grounds(p.v, p.id, p.since)
	switch {
	case recorded && result.Done() && !g.closed(p.v),
		recorded && result == evidence.NotVisible && !g.absent(p.v),
		recorded && result == evidence.Unproven && !g.unproven(),
		p.planned > 0 && !g.closed(p.v) && !g.unproven(), // whom a plan showed open leaves the state for no other reason
		!g.absent(p.v) && !g.unproven():
		s.fail("%s left the state as %q, and the answers do not say so: %+v\n%s", p.key(), result, g, &s.way.told)
	case s.log != "" && !recorded:
		s.fail("%s left the state without evidence", p.key())
	}
	if p.v.has(s.mock, p.id) {
		s.unseeable(p, "reported as "+string(result))
	}
}

// checkEvidence checks what has come to the log: it claims only what was answered. It returns the
// last result of a person.
func (s *simulation) checkEvidence(p *simulated) (result evidence.Result, recorded bool) {
	if s.log == "" || s.block.lost {
		return "", false
	}
	h, err := evidence.Read(s.t.Context(), s.log)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false
	}
	if err != nil || h.Broken != nil {
		s.fail("%s: the log cannot be read: %v, %v", p.key(), err, h.Broken)
		return "", false
	}
	for _, c := range h.Closures[min(s.read, len(h.Closures)):] {
		if c.Vendor != p.v.kind.name || c.ID != p.id || c.Ended.IsZero() {
			continue
		}
		result, recorded = c.Outcome.Result, true
		g := s.way.told.grounds(p.v, p.id, p.since)
		if result.Done() && result != evidence.Suspended && !g.closed(p.v) {
			s.fail("%s is recorded as %q, and the answers do not say so: %+v\n%s", p.key(), result, g, &s.way.told)
		}
		if wrong := s.way.told.supports(p.v, c, p.since); wrong != "" {
			s.fail("%s: evidence %q: %s", p.key(), result, wrong)
		}
	}
	s.read = len(h.Closures)
	return result, recorded
}

// watch sees every request after its effect. An account that was open before and is not open now
// was closed by that request, or by one that the vendor had only put off.
func (s *simulation) watch(r mock.Request) {
	s.say("    %s %s -> %d", r.Vendor, r.Route, r.Status)
	for _, p := range s.people {
		open := p.v.has(s.mock, p.id)
		if p.open && !open {
			s.say("    %s is closed now", p.key())
			s.wasClosed(p, r)
		}
		if about := r.Vendor == p.v.mockName() && r.Kind == mock.Close && strings.Contains(r.Path, p.id); about {
			s.wasCalled(p, r)
		}
		s.watchSuspension(p, r)
		if p.stranger && !s.mock.Skillable.Other.Has(p.id) {
			s.fail("%s: the account of another consumer is closed", p.key())
		}
		p.open = open
	}
}

// wasCalled is what must be true when a closing call has left.
func (s *simulation) wasCalled(p *simulated, r mock.Request) {
	if p.managed.state.Type() != nil && p.managed.gone() {
		s.fail("%s: %s after it left the state", p.key(), r.Route)
	}
	if r.Route == p.v.closing {
		s.hasBegun(p)
	}
}

// hasBegun is what must be true when the vendor is asked to change an account, so that it counts.
func (s *simulation) hasBegun(p *simulated) {
	s.begun[p] = true
	if s.limit > 0 && int64(len(s.begun)) > s.limit {
		s.fail("%s: got %d closings in one run, want at most %d", p.key(), len(s.begun), s.limit)
	}
}

// wasClosed is what must be true of a person who was open before a request and is not open after
// it.
func (s *simulation) wasClosed(p *simulated, r mock.Request) {
	if !p.asked && (r.Late == 0 || !p.later) {
		s.fail("%s is closed, and nobody asked for it", p.key())
	}
	s.wasChanged(p, r, "closed")
}

// wasChanged is what must be true of a person whose account was closed or suspended by a request.
func (s *simulation) wasChanged(p *simulated, r mock.Request, how string) {
	switch {
	case p.shielded:
		s.fail("%s is %s, and stands in never_close", p.key(), how)
	case p.unseen:
		s.fail("%s is %s, and the plan did not show it", p.key(), how)
	}
	if r.Late > 0 {
		return // the vendor did what it had accepted long ago
	}
	switch {
	case !s.block.lost && s.block.readOnly, s.block.lost && p.kept.readOnly:
		s.fail("%s is %s under read_only", p.key(), how)
	case s.block.lost && s.log != "":
		s.fail("%s is %s without the evidence log that was kept", p.key(), how)
	}
	all := s.reads(p, s.started)
	if len(all) == 0 {
		return
	}
	name, email, fact := p.v.identity(all[0]) // the first look of the apply; who a person is does not change after it
	switch {
	case p.taken.Known() && strings.TrimSpace(name+email) != "" && !p.is(name, email):
		s.fail("%s is %s as %q <%s>; imported was %q <%s>", p.key(), how, name, email, p.taken.Name, p.taken.Email)
	case p.reviewed != "" && !offboard.Same(offboard.Text(fact), offboard.Text(p.reviewed)):
		s.fail("%s is %s with %q; reviewed was %q", p.key(), how, fact, p.reviewed)
	}
}

// judge is the end: everybody who was asked for is closed, or there is a reason that the model
// knows.
func (s *simulation) judge() {
	stuck := s.stuck()
	for _, p := range s.people {
		open := p.v.has(s.mock, p.id)
		switch {
		case !p.asked && p.managed.gone():
			s.fail("%s was not asked for and is lost from the state", p.key())
		case p.excused:
		case p.asked && open && p.managed.gone():
			s.fail("%s is lost from the state and open", p.key())
		case p.asked && open && !s.refusable(p) && (!stuck || s.limit <= 0):
			s.fail("%s is still open, and nothing stands in the way", p.key())
		case p.asked && !open && !p.managed.gone() && !p.shielded && !s.alone(p) && (!stuck || s.limit <= 0) &&
			(!p.v.noRead || !s.refusable(p)) && (!p.v.tombstone || p.is(p.name, p.email)):
			s.fail("%s is closed and still managed", p.key())
		}
	}
}

// stuck reports whether somebody stays who takes a place under the limit.
func (s *simulation) stuck() bool {
	return slices.ContainsFunc(s.people, func(p *simulated) bool {
		return (p.asked || p.suspends) && !p.managed.gone() && s.refusable(p)
	})
}

// refusable reports whether a closing of this person may be refused for good.
func (s *simulation) refusable(p *simulated) bool {
	return p.blocked != "" || p.shielded || !p.is(p.name, p.email) || p.stranger || s.hidden(p) ||
		p.v.noRead && s.lastSeenIsAnother(p)
}

// hidden reports whether a step of a closing, or somebody else, has hidden an open account. Nothing is
// sent for what is not shown.
func (s *simulation) hidden(p *simulated) bool { return p.v.unseen != nil && p.v.unseen(s.mock, p.id) }

// unlisted reports whether the vendor's list leaves out an open account.
func (s *simulation) unlisted(p *simulated) bool {
	return p.v.unlisted != nil && p.v.unlisted(s.mock, p.id)
}

// lastSeenIsAnother reports whether the state has somebody else as the person last seen: where
// nobody is shown now, that counts.
func (s *simulation) lastSeenIsAnother(p *simulated) bool {
	if p.managed.gone() {
		return false
	}
	name, email := p.managed.text("name"), p.managed.text("email")
	return name+email != "" && !p.is(name, email)
}

// alone reports whether nothing at the vendor can vouch for a closing: the vendor shows no other
// user.
func (s *simulation) alone(p *simulated) bool {
	for _, v := range s.mock.Vendors() {
		if v.Name != p.v.mockName() {
			continue
		}
		shown := len(v.IDs)
		for _, other := range s.people {
			if other.v.mockName() == v.Name && (s.hidden(other) || s.unlisted(other)) {
				shown--
			}
		}
		return shown <= 0 || v.Name == "ecgrid" && shown == 1
	}
	return false
}
