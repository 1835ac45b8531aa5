package declared

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// checkNamed refuses the call of a step that is the same for another account than that of an
// example. At least one example must show that it is another call, and none that is sent may show
// that it is not. The owner of the key is known only at the call, which is checked again.
func (p *problems) checkNamed(d *Definition, open []User) {
	for i := range d.steps {
		s := &d.steps[i]
		named, unnamed := 0, false
		for _, u := range open {
			vars := variables{
				varUser: u.variable(), varRecord: u.record, varSetting: d.set, varSelf: cty.DynamicVal, varFresh: otherText,
			}
			if d.namesAccount(s, vars) {
				named++
				continue
			}
			unnamed = unnamed || s.isSent(vars)
		}
		if unnamed || len(open) > 0 && named == 0 {
			p.add(s.path.expr.Range(), namesNone)
		}
	}
}

// isSent reports whether the call of a step is needed, and can be made.
func (s *stepBlock) isSent(vars variables) bool {
	if s.when != nil {
		if needed, err := s.when.truth(vars); err == nil && !needed {
			return false
		}
	}
	return s.checkWhole(vars) == nil
}

// namesNone is what is wrong with a call that is not about one account.
const namesNone = "the call would be the same for another ID, email and login, so it names no account: " +
	"use the whole user.id, user.email or user.login, or name it in facts as an id"

// idEndings are the ends of the names of a fact that names the account, and sharedWords are in the
// names of one that other accounts may have, too. The guide to the language lists both.
var (
	idEndings   = []string{"id", "key", "seat", "membership", "alias", "login"} // uuid and sid are an id, too
	sharedWords = []string{
		"role", "status", "team", "domain", "group", "org", "tenant", "workspace", "company", "department", "plan",
		"manager", "owner",
	}
)

// names returns the names of a fact, by which it says what it is: its own, and those in the record.
func (f fact) names() []string {
	names := []string{strings.ToLower(f.name)}
	for _, step := range f.path[1:] {
		names = append(names, strings.ToLower(stepName(step)))
	}
	return names
}

// isShared reports whether a fact is one that other accounts may have, too.
func (f fact) isShared() bool {
	return slices.ContainsFunc(f.names(), func(name string) bool {
		return slices.ContainsFunc(sharedWords, func(word string) bool { return strings.Contains(name, word) })
	})
}

// namesOne reports whether a fact names the account.
func (f fact) namesOne() bool {
	isID := func(name string) bool {
		return slices.ContainsFunc(idEndings, func(end string) bool { return strings.HasSuffix(name, end) })
	}
	names := f.names()
	return (isID(names[0]) || isID(names[len(names)-1])) && !f.isShared()
}

// namesAccount reports whether the call of a step would be another one for another account. One
// that can be undone need not be. A role, a name and a part of an ID may be those of others, too.
// So it must differ for each change of a text: the first character, the last one, and the one
// before the domain. Two other accounts must differ as well, because a table of accounts may have
// one value for all others.
func (d *Definition) namesAccount(s *stepBlock, vars variables) bool {
	if s.reversible {
		return true
	}
	other := d.otherAccount(vars, otherEnd)
	third := d.otherAccount(vars, func(text string) string { return otherEnd(otherEnd(text)) })
	return s.differs(vars, d.otherAccount(vars, otherStart)) && s.differs(vars, d.otherAccount(vars, otherMailbox)) &&
		s.differs(vars, other) && s.differs(other, third)
}

// differs reports whether the call is another one with other variables.
func (r *requestBlock) differs(vars, other variables) bool {
	return slices.ContainsFunc(r.sent(), func(e *expression) bool { return e != nil && e.differs(vars, other) })
}

// otherAccount returns the variables for another account, each of whose texts has a change.
func (d *Definition) otherAccount(vars variables, change func(string) string) variables {
	user, record := vars[varUser], vars[varRecord]
	var known []string
	for _, name := range []string{"id", "email", "login"} {
		field, _ := attributeOf(user, name)
		if said, ok := textOf(field); ok && said != "" {
			known = append(known, said)
		}
	}
	user, record = withOther(user, known, change), withOther(record, known, change)
	identity := d.identity()
	for _, f := range d.facts() {
		isIdentity := slices.ContainsFunc(identity, func(path hcl.Traversal) bool { return isPartOf(path, f.path) })
		if isIdentity || !f.namesOne() && !f.isShared() {
			continue
		}
		inUser := hcl.Traversal{
			hcl.TraverseRoot{Name: varUser},
			hcl.TraverseAttr{Name: "facts"},
			hcl.TraverseAttr{Name: f.name},
		}
		record, user = f.in(record, f.path, vars, change), f.in(user, inUser, vars, change)
	}
	other := maps.Clone(vars)
	other[varUser], other[varRecord] = user, record
	return other
}

// in returns a value of the other account with the fact at a path: changed if it names the account,
// and as it is in vars if others may have it.
func (f fact) in(v cty.Value, path hcl.Traversal, vars variables, change func(string) string) cty.Value {
	now, diags := path.TraverseAbs(&hcl.EvalContext{Variables: vars})
	if diags.HasErrors() {
		return v
	}
	if said, _ := textOf(now); f.namesOne() && said != "" && now.Type() != cty.Bool {
		now = cty.StringVal(change(said))
	}
	return withPart(v, path[1:], now)
}

// differs reports whether the expression has another value with other variables. One that has none
// with these is no other one. One that needs a value that is not known yet may be.
func (e *expression) differs(vars, other variables) bool {
	one, _, isFault := e.evaluate(vars)
	two, _, failed := e.evaluate(other)
	if isFault { // it is not sent so; what else there is in it may differ
		return !one.RawEquals(two)
	}
	return !failed && (!one.IsWhollyKnown() || two.IsWhollyKnown() && !one.RawEquals(two))
}

// withOther returns a value in which these texts have a change, and numbers of the same digits,
// too.
func withOther(v cty.Value, texts []string, change func(string) string) cty.Value {
	t := v.Type()
	if all, isList := elementsOf(v); isList {
		for i := range all {
			all[i] = withOther(all[i], texts, change)
		}
		return cty.TupleVal(all)
	}
	if !v.IsNull() && (t.IsObjectType() || t.IsMapType()) {
		fields := map[string]cty.Value{}
		for name, field := range v.AsValueMap() {
			fields[name] = withOther(field, texts, change)
		}
		return cty.ObjectVal(fields)
	}
	said, _ := textOf(v)
	isSaid := func(text string) bool { return said != "" && strings.EqualFold(text, said) } // email may be in lower case
	if slices.ContainsFunc(texts, isSaid) {
		return cty.StringVal(change(said))
	}
	return v
}

// withPart returns a value with another part at a path.
func withPart(v cty.Value, path hcl.Traversal, part cty.Value) cty.Value {
	if len(path) == 0 {
		return part
	}
	name := stepName(path[0])
	if all, isList := elementsOf(v); isList {
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(all) {
			all[i] = withPart(all[i], path[1:], part)
		}
		return cty.TupleVal(all)
	}
	field, ok := attributeOf(v, name)
	if !ok {
		return v
	}
	fields := v.AsValueMap()
	fields[name] = withPart(field, path[1:], part)
	return cty.ObjectVal(fields)
}

// otherStart, otherEnd and otherMailbox return a text with another first character, last one, and
// last one before the "@" of an address.
func otherStart(s string) string { return otherAt(s, 0) }
func otherEnd(s string) string   { return otherAt(s, len([]rune(s))-1) }
func otherMailbox(s string) string {
	if at := strings.LastIndexByte(s, '@'); at > 0 {
		return otherEnd(s[:at]) + s[at:]
	}
	return otherEnd(s)
}

// otherAt returns a text with another character of the same kind at a place.
func otherAt(s string, at int) string {
	runes := []rune(s)
	switch c := &runes[at]; *c {
	case '9':
		*c = '0'
	case 'z', 'Z':
		*c -= 'z' - 'a'
	case 'f', 'F': // so that a hexadecimal number stays one
		*c -= 'f' - 'a'
	default:
		*c++
	}
	return string(runes)
}
