package declared

import (
	"regexp"
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
		lists := inEach(all, func(below []string, v cty.Value) []cty.Value {
			return otherForms(slices.Concat(path, below), v)
		})
		slices.Reverse(all)
		return append([]cty.Value{cty.TupleVal(all)}, lists...)
	case v.Type() != cty.String:
		return nil
	}
	return []cty.Value{cty.StringVal(strings.ToUpper(v.AsString())), cty.StringVal(strings.ToLower(v.AsString()))}
}

// changeTime is what the name of a field has that says when something changed, in small letters. The word last
// alone may be that of a last_name.
var changeTime = regexp.MustCompile(`updated|modified|changed|etag|` +
	`last.*(log|sign|seen|activ|access|us(e|ed|age)\b|visit|sync|edit|chang|date|time|[_-](at|on)$)`)

// isChangeTime reports whether the name of a field says that it is when something changed, and not when an
// account ended.
func isChangeTime(name string) bool { return changeTime.MatchString(strings.ToLower(name)) }
