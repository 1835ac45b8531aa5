package declared

import (
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// noLists are what an answer that is not whole may have instead of a list.
var noLists = []cty.Value{cty.NullVal(cty.DynamicPseudoType), cty.EmptyObjectVal, cty.StringVal("")}

// probeNoList refuses an absence by a list that an answer shows, too, in which there is no list. A null may mean
// an empty one if the definition compares it.
func (p *problems) probeNoList(b absence, e readExample) {
	for _, traversal := range b.expr.traversalsOf(varAnswer) {
		path := attributesIn(traversal)
		if _, isList := elementsOf(valueAt(e.answer.value, path)); !isList {
			continue
		}
		for _, with := range noLists {
			other := e.answer
			other.value = replaced(e.answer.value, path, with)
			if !b.holds(other) || with.IsNull() && comparesPart(b.expr.expr, traversal) {
				continue
			}
			field := strings.Join(append([]string{varAnswer}, path...), ".")
			p.add(b.expr.expr.Range(), "%s of the block %s holds for the answer of the example %q if %s is %s, which is no "+
				"list. Write length(%[4]s) >= 0 && as well", b.expr.name, b.block, e.name, field, jsonText(with))
			return
		}
	}
}
