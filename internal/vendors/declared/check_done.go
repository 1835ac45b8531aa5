package declared

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// checkDone refuses a step whose effect is not read from the user.
func (p *problems) checkDone(s *stepBlock) {
	if !s.done.uses(varUser) {
		p.add(s.done.expr.Range(), "done must look at user: only a later reading of the user proves a step")
	}
}

// checkEnd checks that the steps can end a closure: the last one must not hold for an open account,
// and must hold for an account that the vendor shows as closed or not at all.
func (p *problems) checkEnd(d *Definition) {
	if len(d.closure()) == 0 {
		p.add(d.steps[0].done.expr.Range(), "no step closes an account: each has only = \"suspend\"")
		return
	}
	last := d.lastStep()
	if last.shows != nil {
		p.add(last.shows.expr.Range(), "the last step must not have shows: only a later reading proves a closure")
	}
	if last.reversible {
		p.add(
			last.done.expr.Range(),
			"the last step cannot be reversible, because a closure is final, even where the vendor "+
				"can undo it. Leave out its reversible, or add a step before it that suspends",
		)
	}
	for i := range d.steps {
		s := &d.steps[i]
		if done, known := s.doneFor("active", false); done && known {
			p.add(s.done.expr.Range(), "done holds for an active user, so the step would count as made before it is sent")
		}
	}
	p.checkLast(last)
	p.checkProof(last)
}

// checkProof refuses a last step that nothing can prove: what it looks at of a user whom the vendor shows as open
// counts only as another record than the one of before.
func (p *problems) checkProof(last *stepBlock) {
	looksAtMore := last.done.uses(varRecord) || last.done.uses(varWas)
	for _, used := range last.done.traversalsOf(varUser) {
		looksAtMore = looksAtMore || !slices.Contains([]string{"absent", "id", "status"}, nameIn(used))
	}
	if looksAtMore && (!last.done.uses(varRecord) || !last.done.uses(varWas)) {
		p.add(
			last.done.expr.Range(),
			"done of the last step never proves a closure by what a user who is shown as open has: "+
				"let status of the block user be \"closed\" for it, or compare record with was",
		)
	}
}

// checkLast checks for which users the last step is done.
func (p *problems) checkLast(last *stepBlock) {
	for _, status := range []string{"suspended", "unknown"} {
		if done, known := last.doneFor(status, false); done && known {
			p.add(last.done.expr.Range(), "done of the last step holds for a user whose status is %s, who is not closed", status)
		}
	}
	absent, known := last.doneFor("", true)
	closed, alsoKnown := last.doneFor("closed", false)
	if known && alsoKnown && !absent && !closed {
		p.add(last.done.expr.Range(), "done of the last step holds neither for an absent user nor for a closed one")
	}
}

// doneFor returns whether done holds for a user with a status, and whether that depends on nothing
// else.
func (s *stepBlock) doneFor(status string, absent bool) (done, known bool) {
	if s.done.uses(varRecord) || s.done.uses(varWas) || s.done.uses(varSetting) {
		return false, false
	}
	done, err := s.done.truth(variables{varUser: plainUser(status, absent)})
	return done, err == nil
}

// plainUser is a user of whom only the status matters.
func plainUser(status string, absent bool) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{
		"id": cty.StringVal("1"), "email": cty.StringVal(""), "name": cty.StringVal(""), "login": cty.StringVal(""),
		"status": cty.StringVal(status), "facts": cty.EmptyObjectVal, "absent": cty.BoolVal(absent),
	})
}
