package declared

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// checkNamed refuses the call of a step that is the same for another account than that of each example.
// The owner of the key is known only at the call, which is checked again.
func (p *problems) checkNamed(d *Definition, open []User) {
	for i := range d.steps {
		s := &d.steps[i]
		names := func(u User) bool {
			return s.namesAccount(variables{
				varUser: u.variable(), varRecord: u.record, varSetting: d.set, varSelf: cty.DynamicVal, varFresh: otherText,
			})
		}
		if len(open) > 0 && !slices.ContainsFunc(open, names) {
			p.add(s.path.expr.Range(), namesNone)
		}
	}
}

// namesNone is what is wrong with a call that is not about one account.
const namesNone = "the call would be the same for another ID, email and login, so it names no account: " +
	"use the whole user.id, user.email or user.login"

// namesAccount reports whether a call would be another one for another account. A role and a name may be
// those of others, too. The other account differs in the last character, because a part of an ID names
// none.
func (r *requestBlock) namesAccount(vars variables) bool {
	user, other := vars[varUser], maps.Clone(vars)
	var known []string
	for _, name := range []string{"id", "email", "login"} {
		field, _ := attributeOf(user, name)
		if said, ok := textOf(field); ok && said != "" {
			known = append(known, said)
		}
	}
	other[varUser], other[varRecord] = withOtherEnds(user, known), withOtherEnds(vars[varRecord], known)

	return slices.ContainsFunc(r.sent(), func(e *expression) bool {
		return e != nil && e.differs(vars, other)
	})
}

// differs reports whether the expression has another value with other variables. One that needs a value
// that is not known yet may have.
func (e *expression) differs(vars, other variables) bool {
	one, diags := e.expr.Value(&hcl.EvalContext{Variables: vars, Functions: functions})
	two, _ := e.expr.Value(&hcl.EvalContext{Variables: other, Functions: functions})
	return !one.RawEquals(two) || !one.IsWhollyKnown() && !diags.HasErrors()
}

// withOtherEnds returns a value in which these texts end otherwise, and numbers of the same digits, too.
func withOtherEnds(v cty.Value, texts []string) cty.Value {
	t := v.Type()
	if all, isList := elementsOf(v); isList {
		for i := range all {
			all[i] = withOtherEnds(all[i], texts)
		}
		return cty.TupleVal(all)
	}
	if !v.IsNull() && (t.IsObjectType() || t.IsMapType()) {
		fields := map[string]cty.Value{}
		for name, field := range v.AsValueMap() {
			fields[name] = withOtherEnds(field, texts)
		}
		return cty.ObjectVal(fields)
	}
	said, _ := textOf(v)
	isSaid := func(text string) bool { return said != "" && strings.EqualFold(text, said) } // email may be in lower case
	if slices.ContainsFunc(texts, isSaid) {
		return cty.StringVal(otherEnd(said))
	}
	return v
}

// otherEnd returns a text whose last character is another one of its kind.
func otherEnd(s string) string {
	runes := []rune(s)
	last := &runes[len(runes)-1]
	switch *last {
	case '9':
		*last = '0'
	case 'z', 'Z':
		*last -= 'z' - 'a'
	default:
		*last++
	}
	return string(runes)
}
