package declared

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// further returns where the next page begins, as the definition says, and the total. An empty text ends the
// list as null does. The total is 0 if the vendor does not say it.
func (l *listBlock) further(a answerValue, at cty.Value) (next cty.Value, total int, err error) {
	records, err := l.records.value(variables{varAnswer: a.value})
	if err != nil {
		return next, 0, err
	}
	next, err = l.next.value(variables{varAnswer: a.value, varPage: at, varRecords: records})
	if err == nil && isEmptyText(next) {
		next = cty.NullVal(cty.DynamicPseudoType)
	}
	if err == nil {
		total, err = l.totalIn(a)
	}
	return next, total, err
}

// totalIn returns the total of the list, 0 if the vendor does not say it. That is also one with which next counts,
// which has the rows that records leaves out.
func (l *listBlock) totalIn(a answerValue) (int, error) {
	if l.total == nil {
		largest := 0
		for _, used := range l.totalsInNext() {
			total, _ := countOf(valueAt(a.value, attributesIn(used)))
			largest = max(largest, total)
		}
		return largest, nil
	}
	said, err := l.total.value(variables{varAnswer: a.value})
	if err != nil || said.IsNull() && l.total.writesNull() {
		return 0, err
	}
	total, ok := countOf(said)
	if !ok {
		return 0, l.total.fault(said, "a whole number")
	}
	return total, nil
}

// countOf returns a number of rows, which may be a text.
func countOf(v cty.Value) (int, bool) {
	if v == cty.NilVal {
		return 0, false
	}
	number, err := convert.Convert(v, cty.Number)
	count, ok := intOf(number)
	return count, err == nil && ok && count >= 0
}

// totalsInNext returns the fields at which next looks that have the name of a total.
func (l *listBlock) totalsInNext() []hcl.Traversal {
	if l.records.flattens() { // the total may be that of either list
		return nil
	}
	return slices.DeleteFunc(l.next.traversalsOf(varAnswer), func(used hcl.Traversal) bool {
		return nameIn(used) == "" || !rest.IsTotal(stepName(used[len(used)-1]))
	})
}

// following returns where the next page begins, and the total of the rows. A total with which next counts is none
// if records leaves rows out.
func (l *listBlock) following(a answerValue, from begin) (next begin, total int, err error) {
	all, err := l.came(a)
	if err != nil {
		return next, 0, err
	}
	next.came = from.came + len(all)
	if next.at, total, err = l.further(a, from.at); err == nil {
		next.at, err = l.readOn(a, from.at, next.at, total, from.came)
	}
	if l.total == nil && l.records.leavesOut() {
		total = 0
	}
	return next, total, err
}

// readOn returns where the next page begins, if next says so of a page with rows. That a page is short does
// not end the list, because a server may cap the size of a page. So an end that follows from the number of
// rows alone is none, unless a total is reached. So many came before, also of those that records leaves out.
func (l *listBlock) readOn(a answerValue, at, next cty.Value, total, before int) (cty.Value, error) {
	all, err := l.came(a)
	if err != nil || len(all) == 0 || isNullLiteral(l.next.expr) { // a list without pages
		return next, err
	}
	vars, ok := l.countOnly(a, at, len(all))
	if !ok {
		return next, nil
	}

	from := l.next
	switch end, known := from.valueIf(vars); {
	case !known, end.IsNull() && total > 0 && before+len(all) >= total:
		return next, nil // the vendor says it
	case end.IsNull():
		from = from.otherThanNull()
		next, err = from.value(variables{varAnswer: a.value, varPage: at, varRecords: cty.TupleVal(all)})
		if err != nil {
			return next, err
		}
	}
	if next.IsNull() {
		return next, &EvaluationError{l.next, "it ends the list at a page with rows, behind which there may be more"}
	}
	return from.afterRows(vars, at, next, len(all)), nil
}

// came returns the rows of a page, also those that records leaves out.
func (l *listBlock) came(a answerValue) ([]cty.Value, error) {
	if path := loopsOver(l.records.expr); path != nil && l.records.leavesOut() {
		came, _ := path[1:].TraverseRel(a.value) // nothing, if the answer lacks it
		all, _ := elementsOf(came)
		return all, nil
	}
	return l.records.elements(variables{varAnswer: a.value})
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
	if l == nil || !l.next.uses(varRecords) || !l.records.leavesOut() {
		return
	}
	came := "answer.json.FIELD"
	if path := loopsOver(l.records.expr); path != nil {
		came = strings.Join(append([]string{varAnswer}, attributesIn(path)...), ".")
	}
	p.add(l.next.expr.Range(), "next looks at records, which leaves rows out, so a page without the other rows would "+
		"end the list. Look at all that came, as in length(%s) > 0", came)
}

// valueIf returns the value of the expression, if it has one.
func (e *expression) valueIf(vars variables) (cty.Value, bool) {
	v, err := e.value(vars)
	return v, err == nil
}

// afterRows returns where the next page begins. That is after the rows that came, if the expression adds
// the number of rows that were asked for, and fewer came.
func (e *expression) afterRows(vars variables, at, next cty.Value, came int) cty.Value {
	rows := cty.NumberIntVal(int64(came))
	begin, known := e.valueIf(vars)
	if !known || !isNumber(begin) || !isNumber(at) || !begin.Subtract(at).GreaterThan(rows).True() {
		return next
	}
	return at.Add(rows)
}

func isNumber(v cty.Value) bool { return !v.IsNull() && v.Type() == cty.Number }

// countOnly are the variables of next, if only the number of rows is known of the answer, and a total. It
// reports whether next looks at nothing else in it.
func (l *listBlock) countOnly(a answerValue, at cty.Value, rows int) (variables, bool) {
	records := cty.TupleVal(slices.Repeat([]cty.Value{cty.DynamicVal}, rows))
	answer := cty.ObjectVal(map[string]cty.Value{"status": cty.NumberIntVal(int64(a.Status))})
	path, totals := loopsOver(l.records.expr), l.totalsInNext()
	for _, used := range l.next.traversalsOf(varAnswer) {
		isSame := func(total hcl.Traversal) bool { return len(total) == len(used) && isPartOf(used, total) }
		switch total := valueAt(a.value, attributesIn(used)); {
		case nameIn(used) == "status":
		case total != cty.NilVal && slices.ContainsFunc(totals, isSame):
			answer = withField(answer, attributesIn(used), total)
		case nameIn(used) == "" || len(path) != len(used) || !isPartOf(used, path):
			return nil, false
		default:
			answer = withField(answer, attributesIn(used), records)
		}
	}
	return variables{varPage: at, varRecords: records, varAnswer: answer}, true
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

// otherThanNull returns what an expression is if it is not a null that is written out.
func (e *expression) otherThanNull() *expression {
	switch written := e.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return e.part("", written.Expression).otherThanNull()
	case *hclsyntax.ConditionalExpr:
		if isNullLiteral(written.TrueResult) {
			return e.part("", written.FalseResult).otherThanNull()
		}
		if isNullLiteral(written.FalseResult) {
			return e.part("", written.TrueResult).otherThanNull()
		}
	}
	return e
}

func isNullLiteral(expr hcl.Expression) bool {
	literal, ok := expr.(*hclsyntax.LiteralValueExpr)
	return ok && literal.Val.IsNull()
}
