package declared

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
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
		if name := d.sharedFact(s, open); name != "" {
			p.add(s.path.expr.Range(), "the users of two examples have the same facts.%s, so it names no account: "+
				"use user.id, user.email or user.login", name)
		}
	}
}

// sharedFact returns the name of a fact that names the account in the call of a step, and that two users have;
// empty if there is none.
func (d *Definition) sharedFact(s *stepBlock, open []User) string {
	for _, f := range d.facts() {
		if s.reversible || !f.namesOne() || !s.usesFact(f) {
			continue
		}
		ids := map[string]string{} // by the fact
		for _, u := range open {
			said := u.Facts[f.name]
			if id, ok := ids[said]; ok && id != u.ID && said != "" {
				return f.name
			}
			ids[said] = u.ID
		}
	}
	return ""
}

// usesFact reports whether the request uses a fact, or what it takes of the record.
func (r *requestBlock) usesFact(f fact) bool {
	return slices.ContainsFunc(r.sent(), func(e *expression) bool {
		isTaken := func(t hcl.Traversal) bool { return isPartOf(t, f.path) }
		isFact := func(t hcl.Traversal) bool { return slices.Equal(attributesIn(t), []string{"facts", f.name}) }
		return slices.ContainsFunc(e.traversalsOf(varRecord), isTaken) || slices.ContainsFunc(e.traversalsOf(varUser), isFact)
	})
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
const namesNone = "the call would be the same for another ID, email and login, be it in another spelling, so it " +
	"names no account: use the whole user.id, user.email or user.login, or name it in facts as an id"

// namesAccount reports whether the call of a step would be another one for another account. One
// that can be undone need not be. A role, a name and a part of an ID may be those of others, too.
// So it must differ for each change of a text: the first character, the last one, and the one
// before the domain. Two other accounts must differ as well, because a table of accounts may have
// one value for all others. IDs may also differ only in the letter case, or in how a number is written.
func (d *Definition) namesAccount(s *stepBlock, vars variables) bool {
	if s.reversible {
		return true
	}
	others := []variables{vars}
	for _, change := range []func(string) string{
		otherStart, otherMailbox, func(text string) string { return otherEnd(otherEnd(text)) }, otherEnd,
	} {
		other, ok := d.otherAccount(vars, change)
		if !ok || !s.differs(vars, other) {
			return false
		}
		others = append(others, other)
	}
	for _, change := range []func(string) string{otherCase, otherNotation} {
		if other, ok := d.otherAccount(vars, change); ok && !s.differs(vars, other) {
			return false
		}
	}
	return s.differs(others[len(others)-1], others[len(others)-2])
}

// differs reports whether the call is another one with other variables.
func (r *requestBlock) differs(vars, other variables) bool {
	return slices.ContainsFunc(r.sent(), func(e *expression) bool { return e != nil && e.differs(vars, other) })
}

// otherAccount returns the variables for another account, each of whose texts has a change. It is read from
// its record, so that what is made of a text changes as far as the text does. Its ID is always another one.
// ok is false if no account can have such a record.
func (d *Definition) otherAccount(vars variables, change func(string) string) (other variables, ok bool) {
	user, record := vars[varUser], vars[varRecord]
	var known []string
	for _, name := range []string{"id", "email", "login"} {
		field, _ := attributeOf(user, name)
		if said, ok := textOf(field); ok && said != "" {
			known = append(known, said)
		}
	}
	record = withOther(record, known, change)
	identity := d.identity()
	for _, f := range d.facts() {
		isIdentity := slices.ContainsFunc(identity, func(path hcl.Traversal) bool { return isPartOf(path, f.path) })
		if !isIdentity && (f.namesOne() || f.isShared()) {
			record = f.in(record, vars, change)
		}
	}
	read, err := d.userIn(answerValue{Answer: rest.Answer{Status: http.StatusOK}}, record)
	if err != nil {
		return nil, false
	}
	if field, _ := attributeOf(user, "id"); field.RawEquals(cty.StringVal(read.ID)) {
		read.ID = change(read.ID)
	}
	other = maps.Clone(vars)
	other[varUser], other[varRecord] = read.variable(), record
	return other, true
}

// in returns the record of the other account with the fact: changed if it names the account, and as it is in
// vars if others may have it.
func (f fact) in(record cty.Value, vars variables, change func(string) string) cty.Value {
	now, diags := f.path.TraverseAbs(&hcl.EvalContext{Variables: vars})
	if diags.HasErrors() {
		return record
	}
	if said, _ := textOf(now); f.namesOne() && said != "" && now.Type() != cty.Bool {
		now = changed(now, change)
	}
	return withPart(record, f.path[1:], now)
}

// changed returns a text or a number with a change. It stays a number, if it can.
func changed(v cty.Value, change func(string) string) cty.Value {
	said, _ := textOf(v)
	if v.Type() == cty.Number {
		if n, err := cty.ParseNumberVal(change(said)); err == nil {
			return n
		}
	}
	return cty.StringVal(change(said))
}

// differs reports whether the expression has another value with other variables. One that has none
// with these is no other one. One that needs a value that is not known yet may be.
func (e *expression) differs(vars, other variables) bool {
	one, fault := e.builtSoFar(vars)
	two, failed := e.builtSoFar(other)
	if fault != nil { // it is not sent so; what else there is in it may differ
		return !one.RawEquals(two)
	}
	return failed == nil && (!one.IsWhollyKnown() || two.IsWhollyKnown() && !one.RawEquals(two))
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
		return changed(v, change)
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
	case '9': // and not 0, so that a number has as many digits
		*c = '1'
	case 'z', 'Z':
		*c -= 'z' - 'a'
	case 'f', 'F': // so that a hexadecimal number stays one
		*c -= 'f' - 'a'
	default:
		*c++
	}
	return string(runes)
}

// otherCase returns a text in the other letter case. An address is the same in both, and what has no letters,
// too, so that it gets another character.
func otherCase(s string) string {
	other := strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
	if strings.Contains(s, "@") || other == s {
		return otherMailbox(s)
	}
	return other
}

// otherNotation returns a number as it is usually written, such as 31 for 0031. What is written so, or is no
// number, gets another character.
func otherNotation(s string) string {
	if n, err := cty.ParseNumberVal(s); err == nil {
		if usual, _ := textOf(n); usual != s {
			return usual
		}
	}
	return otherMailbox(s)
}
