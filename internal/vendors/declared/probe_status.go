package declared

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// probeStatus refuses a status that is "closed" or "suspended" because a field of an open user is
// missing, or has a value that the definition does not name, or because several say nothing.
func (p *problems) probeStatus(d *Definition, example string, u User) {
	p.probeStatusGaps(d, example, u)
	for _, path := range d.user.status.pathsIn(u.record) {
		field := strings.Join(append([]string{varRecord}, path...), ".")
		before := valueAt(u.record, path)
		for _, other := range otherFields(before) {
			status, changed := d.endedStatus(u, replaced(u.record, path, other))
			if !changed {
				continue
			}
			is := "missing"
			if other != cty.NilVal {
				is = jsonText(other)
			}
			p.add(d.user.status.expr.Range(), "status of the block user is %q for the user of the example %q if %s is %s. "+
				"Name the value that means %[1]s, as in %[5]s == %[6]s ? %[1]q : \"unknown\"%[7]s",
				status, example, field, is, oneOf(field, before), literalLike(before), timeLike(field, before))
			break
		}
	}
}

// endedStatus returns the status of a user with another record, and whether it is "closed" or "suspended"
// and was not.
func (d *Definition) endedStatus(u User, record cty.Value) (string, bool) {
	status, err := d.user.status.text(variables{varRecord: record, varSetting: d.set})
	return status, err == nil && status != string(u.Status) &&
		slices.Contains([]string{string(offboard.Closed), string(offboard.Suspended)}, status)
}

// probeStatusGaps refuses a status that is "closed" or "suspended" because two fields or more are missing,
// null or empty. An answer that is not whole looks the same.
func (p *problems) probeStatusGaps(d *Definition, example string, u User) {
	var fields [][]gap
	for _, path := range d.user.status.pathsIn(u.record) {
		fields = append(fields, gapsOf(path, valueAt(u.record, path)))
	}
	for _, gaps := range combinations(fields) {
		status, changed := d.endedStatus(u, withGaps(u.record, gaps))
		if len(gaps) < 2 || !changed {
			continue
		}
		p.add(d.user.status.expr.Range(), "status of the block user is %q for the user of the example %q if %s. "+
			"An answer that is not whole says nothing. Name the value that means %[1]s",
			status, example, strings.Join(namesOf(gaps), " and "))
		return
	}
}

// namesOf says of each gap what it is, for messages.
func namesOf(gaps []gap) (are []string) {
	for _, g := range gaps {
		are = append(are, g.String())
	}
	return are
}

// otherFields returns what a field is replaced by. Nothing is for a field that is missing. Instead of
// null any value may mean something, and of true and false the other one.
func otherFields(v cty.Value) []cty.Value {
	switch {
	case v.IsNull():
		return []cty.Value{cty.NilVal}
	case v.Type() == cty.Number:
		return []cty.Value{cty.NilVal, cty.NullVal(v.Type()), otherText, v.Add(otherNumber)}
	}
	others := []cty.Value{cty.NilVal, cty.NullVal(cty.DynamicPseudoType), otherText, otherNumber}
	if all, _ := elementsOf(v); len(all) > 0 {
		others = append(append(others, cty.EmptyTupleVal), otherLists(all)...)
	}
	return others
}

// otherLists returns lists of the same length, in which every element is another one, or has another field.
func otherLists(all []cty.Value) []cty.Value {
	return inEach(all, func(path []string, v cty.Value) []cty.Value {
		if len(path) == 0 {
			return otherFields(v)[1:] // an element cannot be missing
		}
		return otherFields(v)
	})
}

// inEach returns lists of the same length, in which every element, or a field in each, is what a function makes of
// it, which may be several values. Nothing is for a field that is missing.
func inEach(all []cty.Value, of func(path []string, v cty.Value) []cty.Value) (lists []cty.Value) {
	if len(all) == 0 {
		return nil
	}
	paths := [][]string{nil}
	if isObject(all[0]) {
		paths = pathsBelow(all[0])
		slices.SortFunc(paths, slices.Compare)
	}
	for _, path := range paths {
		for i := range of(path, valueAt(all[0], path)) {
			elements := slices.Clone(all)
			for n, one := range all {
				others := []cty.Value{}
				if v := valueAt(one, path); v != cty.NilVal {
					others = of(path, v)
				}
				switch {
				case i >= len(others):
				case len(path) == 0:
					elements[n] = others[i]
				default:
					elements[n] = replaced(one, path, others[i])
				}
			}
			lists = append(lists, cty.TupleVal(elements))
		}
	}
	return lists
}

// oneOf names a field, or what is in the first element of a list.
func oneOf(field string, v cty.Value) string {
	all, isList := elementsOf(v)
	if !isList {
		return field
	}
	if len(all) > 0 && !all[0].IsNull() && all[0].Type().IsObjectType() {
		return field + "[0].FIELD"
	}
	return field + "[0]"
}

// literalLike returns another value of the type of a field, as a definition may write it.
func literalLike(v cty.Value) string {
	switch {
	case v.IsNull() || v.Type() != cty.Bool && v.Type() != cty.Number:
		return `"WORD"`
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.False())
	}
	return "NUMBER"
}

// timeLike returns how a definition may write a time, which is zero for an open user; empty for another
// value.
func timeLike(field string, v cty.Value) string {
	if n, ok := intOf(v); !ok || n != 0 {
		return ""
	}
	return fmt.Sprintf(", or for a time %s > %d", field, firstUnixTime)
}

// pathsIn returns which fields of a record an expression uses. One that uses the record as a whole uses
// each.
func (e *expression) pathsIn(record cty.Value) (all [][]string) {
	for _, traversal := range e.expr.Variables() {
		path := attributesIn(traversal)
		for len(path) > 0 && valueAt(record, path) == cty.NilVal {
			path = path[:len(path)-1]
		}
		switch {
		case traversal.RootName() != varRecord:
		case len(path) > 0:
			all = append(all, path)
		case len(traversal) == 1 && !record.IsNull() && record.Type().IsObjectType():
			for name := range record.Type().AttributeTypes() {
				all = append(all, []string{name})
			}
		}
	}
	slices.SortFunc(all, slices.Compare)
	return slices.CompactFunc(all, slices.Equal)
}

// valueAt returns the value at a path; nothing if there is none.
func valueAt(v cty.Value, path []string) cty.Value {
	for _, name := range path {
		v, _ = attributeOf(v, name)
		if v == cty.NilVal {
			break
		}
	}
	return v
}

// replaced returns an object with another value at a path, or without it.
func replaced(v cty.Value, path []string, with cty.Value) cty.Value {
	fields, name := v.AsValueMap(), path[0]
	switch {
	case len(path) > 1:
		fields[name] = replaced(fields[name], path[1:], with)
	case with == cty.NilVal:
		delete(fields, name)
	default:
		fields[name] = with
	}
	return cty.ObjectVal(fields)
}

// attributesIn returns the names that a traversal takes of a variable, up to an element of a list.
func attributesIn(traversal hcl.Traversal) (path []string) {
	for _, step := range traversal[1:] {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			path = append(path, step.Name)
		case hcl.TraverseIndex:
			if step.Key.Type() != cty.String {
				return path
			}
			path = append(path, step.Key.AsString())
		default:
			return path
		}
	}
	return path
}
