package declared

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// probeForms refuses a step that is done because one field of an open user comes in another form of the same
// value, or with another time of a change. Any later answer may have that.
func (p *problems) probeForms(d *Definition, s *stepBlock, example string, u User) {
	if !s.done.uses(varWas) || d.isDone(s, u, u.record) {
		return
	}
	for _, path := range d.pathsOfDone(s.done, u) {
		for _, other := range otherForms(path, valueAt(u.record, path)) {
			if d.isDone(s, u, replaced(u.record, path, other)) {
				p.add(s.done.expr.Range(), "done of the block %s holds for the user of the example %q if %s is %s. "+
					"That is the same in another form, or another time. Compare lower(…) or a length instead",
					s.block, example, gap{path: path}.field(), jsonText(other))
				return
			}
		}
	}
}

// otherForms returns the same value in other forms, and instead of a time of a change any other text.
func otherForms(path []string, v cty.Value) []cty.Value {
	all, isList := elementsOf(v)
	switch {
	case v == cty.NilVal || v.IsNull():
		return nil
	case isChangeTime(path[len(path)-1]):
		return []cty.Value{otherText, otherNumber}
	case isList:
		slices.Reverse(all)
		return []cty.Value{cty.TupleVal(all)}
	case v.Type() != cty.String:
		return nil
	}
	return []cty.Value{cty.StringVal(strings.ToUpper(v.AsString())), cty.StringVal(strings.ToLower(v.AsString()))}
}

// isChangeTime reports whether the name of a field says that it is when something changed, and not when an
// account ended.
func isChangeTime(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"updated", "modified", "changed", "last_", "lastlogin", "lastseen", "etag"},
		func(part string) bool { return strings.Contains(name, part) })
}
