package declared

import (
	"net/http"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// maxTogether is how many fields of a record are tried in every combination.
const maxTogether = 10

// probeDone refuses a step that is done because fields of an open user are missing or null, alone or
// together. It compares them with those from before, and an answer that is not whole looks the same.
func (p *problems) probeDone(d *Definition, s *stepBlock, example string, u User) {
	if !s.done.uses(varRecord) || !s.done.uses(varWas) || d.isDone(s, u, u.record) {
		return
	}
	paths := s.done.pathsIn(u.record)
	paths = paths[:min(len(paths), maxTogether)]
	for _, other := range []cty.Value{cty.NullVal(cty.DynamicPseudoType), cty.NilVal} {
		for set := 1; set < 1<<len(paths); set++ {
			record, fields := u.record, []string{}
			for i, path := range paths {
				if set&(1<<i) != 0 && valueAt(record, path) != cty.NilVal {
					record = replaced(record, path, other)
					fields = append(fields, strings.Join(append([]string{varRecord}, path...), "."))
				}
			}
			if d.isDone(s, u, record) {
				p.add(s.done.expr.Range(), "done of the block %s holds for the user of the example %q if %s is null or missing. "+
					"An answer that is not whole says nothing. Write %s != null && as well",
					s.block, example, strings.Join(fields, " and "), strings.Join(fields, " != null && "))
				return
			}
		}
	}
}

// isDone reports whether a step is done if a user is read with another record, and not as closed.
func (d *Definition) isDone(s *stepBlock, before User, record cty.Value) bool {
	now, err := d.userIn(answerValue{Answer: rest.Answer{Status: http.StatusOK}}, record)
	return err == nil && now.ID == before.ID && now.Status != offboard.Closed && s.done.holds(variables{
		varUser: now.variable(), varRecord: record, varWas: before.record, varSetting: d.set,
	})
}
