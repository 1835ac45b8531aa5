package declared

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// checkCall checks what names the account in the call of a step. If the call cannot be undone, nothing in
// it may change after the plan unseen. One that can be undone may send the whole record back.
func (p *problems) checkCall(d *Definition, s *stepBlock) {
	if !s.uses(varUser) && !s.uses(varRecord) {
		p.add(s.path.expr.Range(), "the call of a step must use user or record: nothing else says whose account it is about")
	}
	if s.reversible {
		return
	}
	var compared []hcl.Traversal
	for _, e := range []*expression{d.user.id, d.user.email, d.user.login, d.user.facts} {
		compared = append(compared, e.traversalsOf(varRecord)...)
	}
	for _, e := range s.sent() {
		for _, sent := range e.traversalsOf(varRecord) {
			if !slices.ContainsFunc(compared, func(seen hcl.Traversal) bool { return isPartOf(sent, seen) }) {
				p.add(sent.SourceRange(), "the record may change after the plan, and the step cannot be undone: "+
					"name what the call uses in facts of the block user, or use user.id")
			}
		}
	}
}

// isPartOf reports whether a traversal leads to a value, or to a part of it.
func isPartOf(part, whole hcl.Traversal) bool {
	if len(part) < len(whole) {
		return false
	}
	for i := range whole[1:] {
		if stepName(part[i+1]) != stepName(whole[i+1]) {
			return false
		}
	}
	return true
}

// stepName names a step of a traversal, which is an attribute, a key or a number.
func stepName(step hcl.Traverser) string {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return step.Name
	case hcl.TraverseIndex:
		name, _ := textOf(step.Key)
		return name
	}
	return ""
}
