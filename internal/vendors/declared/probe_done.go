package declared

import (
	"net/http"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Up to so many fields of a record, more of their combinations are tried. Otherwise the time to parse
// would grow too fast.
const (
	maxLeftOut = 10 // all without one of them
	maxPairs   = 6  // every two in the same form
	maxMixed   = 4  // every two in any form
)

// lack is what an answer that is not whole has instead of a field.
type lack int

const (
	isNull lack = iota
	isMissing
	isEmpty  // a text or a list
	isInside // one of these in the elements of a list
)

// gap is a field in one of these forms.
type gap struct {
	path   []string
	lack   lack
	before cty.Value
	with   cty.Value
}

// probeDone refuses a step that is done because fields of an open user are missing, null or empty, alone
// or together. It compares them with those from before, and an answer that is not whole looks the same.
func (p *problems) probeDone(d *Definition, s *stepBlock, example string, u User) {
	if !s.done.uses(varWas) || !s.done.uses(varRecord) && !s.done.uses(varUser) || d.isDone(s, u, u.record) {
		return
	}
	for _, gaps := range combinations(d.gapsIn(s.done, u)) {
		if d.isDone(s, u, withGaps(u.record, gaps)) {
			write := []string{}
			for _, g := range gaps {
				write = append(write, g.guard())
			}
			p.add(s.done.expr.Range(), "done of the block %s holds for the user of the example %q if %s. "+
				"An answer that is not whole says nothing. Write %s && as well",
				s.block, example, strings.Join(namesOf(gaps), " and "), strings.Join(slices.Compact(write), " && "))
			return
		}
	}
}

// isDone reports whether a step is done if a user is read with another record, and not as closed.
func (d *Definition) isDone(s *stepBlock, before User, record cty.Value) bool {
	now, ok := d.stillOpen(before, record)
	return ok && s.done.holds(variables{
		varUser: now.variable(), varRecord: record, varWas: before.record, varSetting: d.set,
	})
}

// stillOpen returns the user in another record, and whether it is the same one, and not closed.
func (d *Definition) stillOpen(before User, record cty.Value) (User, bool) {
	now, err := d.userIn(answerValue{Answer: rest.Answer{Status: http.StatusOK}}, record)
	return now, err == nil && now.ID == before.ID && now.Status != offboard.Closed
}

// gapsIn returns the fields that a step looks at, each in the forms in which the user stays an open one.
func (d *Definition) gapsIn(done *expression, u User) (fields [][]gap) {
	for _, path := range d.pathsOfDone(done, u) {
		gaps := slices.DeleteFunc(gapsOf(path, valueAt(u.record, path)), func(g gap) bool {
			_, ok := d.stillOpen(u, withGaps(u.record, []gap{g}))
			return !ok
		})
		if len(gaps) > 0 {
			fields = append(fields, gaps)
		}
	}
	return fields
}

// pathsOfDone returns the paths of the fields that a step looks at, also through the user.
func (d *Definition) pathsOfDone(done *expression, u User) [][]string {
	paths := done.pathsIn(u.record)
	for _, traversal := range done.traversalsOf(varUser) {
		for _, part := range d.user.partsOf(attributesIn(traversal)) {
			paths = append(paths, part.pathsIn(u.record)...)
		}
	}
	for _, path := range slices.Clone(paths) {
		for _, below := range pathsBelow(valueAt(u.record, path)) {
			paths = append(paths, slices.Concat(path, below))
		}
	}
	slices.SortFunc(paths, slices.Compare)
	return slices.CompactFunc(paths, slices.Equal)
}

// partsOf returns the expressions of which an attribute of a user is made. The user as a whole is made
// of all of them, and a name may be the login.
func (b *userBlock) partsOf(path []string) []*expression {
	parts := []*expression{b.email, b.name, b.login, b.facts}
	switch {
	case len(path) == 0:
	case path[0] == "email":
		parts = parts[:1]
	case path[0] == "name":
		parts = parts[:3]
	case path[0] == "login":
		parts = parts[2:3]
	case path[0] == "facts":
		parts = parts[3:]
	default:
		return nil
	}
	return slices.DeleteFunc(parts, func(e *expression) bool { return e == nil })
}

// withGaps returns a record with other fields.
func withGaps(record cty.Value, gaps []gap) cty.Value {
	for _, g := range gaps {
		if valueAt(record, g.path) != cty.NilVal {
			record = replaced(record, g.path, g.with)
		}
	}
	return record
}
