package declared

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// String says what the field is, for messages.
func (g gap) String() string {
	if g.lack == isMissing {
		return g.field() + " is missing"
	}
	return g.field() + " is " + jsonText(g.with)
}

func (g gap) field() string { return strings.Join(append([]string{varRecord}, g.path...), ".") }

// guard is what a definition may write so that the field is there.
func (g gap) guard() string {
	all, isList := elementsOf(g.before)
	switch {
	case g.lack == isInside && !isObject(all[0]) && all[0].Type() != cty.String:
		return g.field() + "[0] != null"
	case g.lack == isInside:
		field := oneOf(g.field(), g.before)
		return field + ` != null && ` + field + ` != ""`
	case isList:
		return "length(" + g.field() + ") > 0"
	case !g.before.IsNull() && g.before.Type() == cty.String:
		return g.field() + ` != null && ` + g.field() + ` != ""`
	}
	return g.field() + " != null"
}

func isObject(v cty.Value) bool { return !v.IsNull() && v.Type().IsObjectType() }

// gapsOf returns a field in every form.
func gapsOf(path []string, v cty.Value) []gap {
	missing := gap{path, isMissing, v, cty.NilVal}
	if v.IsNull() {
		return []gap{missing}
	}
	gaps := []gap{{path, isNull, v, lacking(v, isNull)}, missing}
	all, isList := elementsOf(v)
	if !v.Type().Equals(cty.String) && len(all) == 0 {
		return gaps
	}
	gaps = append(gaps, gap{path, isEmpty, v, lacking(v, isEmpty)})
	if isList {
		for _, other := range listsInside(all) {
			gaps = append(gaps, gap{path, isInside, v, other})
		}
	}
	return gaps
}

// lacking returns what is instead of a value.
func lacking(v cty.Value, form lack) cty.Value {
	_, isList := elementsOf(v)
	switch {
	case form == isMissing:
		return cty.NilVal
	case form == isEmpty && isList:
		return cty.EmptyTupleVal
	case form == isEmpty && !v.IsNull() && v.Type() == cty.String:
		return cty.StringVal("")
	case form == isEmpty:
		return v
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// listsInside returns lists of the same length in whose elements one field is null, missing or empty,
// or all of them are.
func listsInside(all []cty.Value) (others []cty.Value) {
	var paths [][]string
	for _, one := range all {
		paths = append(paths, pathsBelow(one)...)
	}
	slices.SortFunc(paths, slices.Compare)
	paths = slices.CompactFunc(paths, slices.Equal)
	var sets [][][]string
	for i := range paths {
		sets = append(sets, paths[i:i+1])
	}
	for _, set := range append(sets, paths) {
		for _, form := range []lack{isNull, isMissing, isEmpty} {
			elements := []cty.Value{}
			for _, one := range all {
				elements = append(elements, elementLacking(one, set, form))
			}
			others = append(others, cty.TupleVal(elements))
		}
	}
	return others
}

// pathsBelow returns the paths of all fields of an object, and of objects in it.
func pathsBelow(v cty.Value) (paths [][]string) {
	if !isObject(v) {
		return nil
	}
	for name := range v.Type().AttributeTypes() {
		paths = append(paths, []string{name})
		for _, below := range pathsBelow(v.GetAttr(name)) {
			paths = append(paths, append([]string{name}, below...))
		}
	}
	return paths
}

// elementLacking returns an element of a list without fields, or another one instead of one that has
// none.
func elementLacking(one cty.Value, paths [][]string, form lack) cty.Value {
	if !isObject(one) {
		if form == isMissing {
			return one
		}
		return lacking(one, form)
	}
	for _, path := range paths {
		if field := valueAt(one, path); field != cty.NilVal {
			one = replaced(one, path, lacking(field, form))
		}
	}
	return one
}

// combinations returns which fields are tried together: each alone, two of them, all without one, and
// all. That is some hundred at most for up to ten fields, and few more than the fields have forms for
// others.
func combinations(fields [][]gap) (tried [][]gap) {
	var sets [][][]gap
	var pairs [][]gap
	for i, field := range fields {
		for _, g := range field {
			tried = append(tried, []gap{g})
		}
		for _, other := range fields[i+1:] {
			if len(fields) <= maxPairs {
				sets = append(sets, [][]gap{field, other})
			}
			if len(fields) <= maxMixed {
				pairs = append(pairs, mixed(field, other)...)
			}
		}
		if len(fields) <= maxLeftOut {
			sets = append(sets, slices.Delete(slices.Clone(fields), i, i+1))
		}
	}
	for _, set := range append(sets, fields) {
		for _, form := range []lack{isNull, isMissing, isEmpty} {
			tried = append(tried, inForm(set, form))
		}
	}
	return append(tried, pairs...)
}

// inForm returns fields in a form, or in the first one that they have.
func inForm(fields [][]gap, form lack) (gaps []gap) {
	for _, field := range fields {
		i := slices.IndexFunc(field, func(g gap) bool { return g.lack == form })
		gaps = append(gaps, field[max(i, 0)])
	}
	return gaps
}

// mixed returns two fields in different forms.
func mixed(some, others []gap) (pairs [][]gap) {
	for _, one := range some {
		for _, other := range others {
			if one.lack != other.lack && one.lack != isInside && other.lack != isInside {
				pairs = append(pairs, []gap{one, other})
			}
		}
	}
	return pairs
}
