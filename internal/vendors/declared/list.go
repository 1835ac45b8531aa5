package declared

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// listShape is what a list is by its definition alone.
type listShape struct {
	over      hcl.Traversal // the list of the answer that records goes over; nil if there is not one alone
	leavesOut bool          // records may leave rows out
	pages     bool          // next is not just null
	counts    [][]string    // the totals at which next looks
	judged    []*expression // what of the answer next judges
	tries     bool          // next looks at some of the answer in try or can
}

// newList makes the block list.
func newList(r requestBlock, records, first, next, total *expression) *listBlock {
	l := &listBlock{requestBlock: r, records: records, first: first, next: next, total: total}
	l.over, l.leavesOut = loopsOver(records.expr), records.leavesOut()
	l.pages = !isNullLiteral(next.expr)
	if !records.flattens() { // else the total may be that of either list
		for _, used := range next.traversalsOf(varAnswer) {
			if l.isTotal(used) {
				l.counts = append(l.counts, attributesIn(used))
			}
		}
	}
	l.judged, l.tries = next.untried()
	return l
}

// isTotal reports whether a part of the answer is a total with which next counts: by its name, or because next
// leads on from a place below it, and ends the list behind it.
func (l *listBlock) isTotal(used hcl.Traversal) bool {
	name := stepName(used[len(used)-1])
	if nameIn(used) == "" || nameIn(used) == "status" || namesPages(name) {
		return false
	}
	if rest.IsTotal(name) {
		return true
	}
	answer := cty.EmptyObjectVal
	for _, other := range l.next.traversalsOf(varAnswer) {
		answer = withField(answer, attributesIn(other), cty.DynamicVal)
	}
	row := cty.TupleVal([]cty.Value{cty.DynamicVal})
	if l.over != nil {
		answer = withField(answer, attributesIn(l.over), row)
	}
	const few, many, more = 1_000_000, 1_000_000_000_000, 1_000_000_000_000_000
	with := func(page, said int64) variables {
		return variables{
			varPage: cty.NumberIntVal(page), varRecords: row,
			varAnswer: withField(answer, attributesIn(used), cty.NumberIntVal(said)),
		}
	}
	next, err := l.next.value(with(few, many))
	begin, counts := numberOf(next)
	return err == nil && counts && begin.LessThan(cty.NumberIntVal(many/2)).True() && // it is not the number itself
		l.next.ends(with(few, 0)) && l.next.ends(with(more, many))
}

// loopsOver returns the traversal of the list that an expression is, or goes over.
func loopsOver(expr hclsyntax.Expression) hcl.Traversal {
	switch expr := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return loopsOver(expr.Expression)
	case *hclsyntax.ForExpr:
		return loopsOver(expr.CollExpr)
	case *hclsyntax.SplatExpr:
		return loopsOver(expr.Source)
	case *hclsyntax.FunctionCallExpr:
		if (expr.Name == "flatten" || expr.Name == thereOnly) && len(expr.Args) == 1 {
			return loopsOver(expr.Args[0])
		}
	}
	return takenAsItIs(expr)
}

// leavesOut reports whether a list that is made of another one may have another number of elements.
func (e *expression) leavesOut() bool {
	is := e.flattens()
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		loop, ok := node.(*hclsyntax.ForExpr)
		is = is || ok && (loop.CondExpr != nil || loop.KeyExpr != nil)
		return none
	})
	return is
}

// flattens reports whether an expression puts the elements of several lists together.
func (e *expression) flattens() bool {
	is := false
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		call, ok := node.(*hclsyntax.FunctionCallExpr)
		is = is || ok && call.Name == "flatten"
		return none
	})
	return is
}

// checkNext refuses a next that looks at rows of which some are left out. A page without one of the others
// would end the list.
func (p *problems) checkNext(l *listBlock) {
	if l == nil || !l.next.uses(varRecords) || !l.leavesOut {
		return
	}
	came := "answer.json.FIELD"
	if path := l.over; path != nil {
		came = strings.Join(append([]string{varAnswer}, attributesIn(path)...), ".")
	}
	p.add(l.next.expr.Range(), "next looks at records, which leaves rows out, so a page without the other rows would "+
		"end the list. Look at all that came, as in length(%s) > 0", came)
}

// untried returns what of the answer an expression looks at outside try and can, and whether it has one of
// them. What is in them may be a link that the expression cannot read, so it has not judged that.
func (e *expression) untried() (judged []*expression, tried bool) {
	var tries []hcl.Range
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		if call, ok := node.(*hclsyntax.FunctionCallExpr); ok && (call.Name == "try" || call.Name == "can") {
			tries = append(tries, call.Range())
		}
		return none
	})
	used := e.traversalsOf(varAnswer)
	isTried := func(t hcl.Traversal) bool {
		return slices.ContainsFunc(tries, func(try hcl.Range) bool { return try.Overlaps(t.SourceRange()) })
	}
	for _, one := range used {
		isSame := func(other hcl.Traversal) bool {
			return isTried(other) && len(other) == len(one) && isPartOf(other, one)
		}
		if !slices.ContainsFunc(used, isSame) {
			judged = append(judged, e.part("", &hclsyntax.ScopeTraversalExpr{Traversal: one, SrcRange: one.SourceRange()}))
		}
	}
	return judged, len(tries) > 0
}

func isNullLiteral(expr hcl.Expression) bool {
	literal, ok := expr.(*hclsyntax.LiteralValueExpr)
	return ok && literal.Val.IsNull()
}
