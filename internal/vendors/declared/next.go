package declared

import (
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// turn is what an answer says of where the list goes on.
type turn struct {
	vars  variables // of next
	came  int       // how many rows came, also those that records leaves out
	next  cty.Value // where the next page begins, as the definition says; null if it ends the list
	total int       // 0 if the vendor does not say it
}

// turn returns what an answer says that came to the page at a place. An empty text ends the list as null does.
func (l *listBlock) turn(a answerValue, at cty.Value) (t turn, err error) {
	vars := variables{varAnswer: a.value}
	records, err := l.records.elements(vars)
	if err != nil {
		return t, err
	}
	t = turn{vars: variables{varAnswer: a.value, varPage: at, varRecords: cty.TupleVal(records)}, came: len(records)}
	if l.over != nil && l.leavesOut && !l.records.flattens() {
		t.came = len(partsIn(l.overIn(a)))
	}
	if t.next, err = l.next.value(t.vars); err != nil {
		return t, err
	}
	if isEmptyText(t.next) {
		t.next = cty.NullVal(cty.DynamicPseudoType)
	}
	t.total, err = l.totalIn(a)
	return t, err
}

// overIn returns the list that records goes over; nothing, if the answer lacks it.
func (l *listBlock) overIn(a answerValue) cty.Value {
	over, _ := l.over[1:].TraverseRel(a.value)
	return over
}

// totalIn returns the total of the list, 0 if the vendor does not say it. That is also one with which next counts,
// which has the rows that records leaves out.
func (l *listBlock) totalIn(a answerValue) (int, error) {
	if l.total == nil {
		largest := 0
		for _, path := range l.counts {
			total, _ := countOf(valueAt(a.value, path))
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
	number, ok := numberOf(v)
	if !ok {
		return 0, false
	}
	count, ok := intOf(number)
	return count, ok && count >= 0
}

// numberOf returns a value as a number, which may be a text.
func numberOf(v cty.Value) (cty.Value, bool) {
	if v == cty.NilVal || !v.IsKnown() {
		return v, false
	}
	number, err := convert.Convert(v, cty.Number)
	return number, err == nil && !number.IsNull()
}

// following returns where the next page begins, and the total of the rows. A total with which next counts is none
// if records leaves rows out, and any total has the rows that a condition leaves out.
func (l *listBlock) following(a answerValue, from begin) (next begin, total int, err error) {
	t, err := l.turn(a, from.at)
	if err != nil {
		return next, 0, err
	}
	if next, err = l.begins(t, from.came); err != nil {
		return next, 0, err
	}
	if l.leavesOut && l.total == nil {
		t.total = 0
	}
	return next, t.total, nil
}

// begins returns where the next page begins. Behind a page with rows there may be more of them, unless what the
// vendor says ends the list. If next adds a number to page, the next page begins after the rows that came at most,
// because a server may cap the size of a page. So many came before.
func (l *listBlock) begins(t turn, before int) (begin, error) {
	next := begin{at: t.next, came: before + t.came}
	if !l.pages || t.came == 0 || t.next.IsNull() && l.isEnd(t, before) {
		return next, nil
	}
	from, at, err := l.next.leading(t.vars)
	switch {
	case err != nil:
		return next, err
	case isEmptyText(at):
		return next, &EvaluationError{l.next, "it ends the list at a page with rows, behind which there may be more"}
	}
	next.at = at
	if left, isMore := from.addsMore(t, at); isMore {
		page, _ := numberOf(t.vars[varPage])
		next.at, next.again = page.Add(cty.NumberIntVal(int64(t.came))), left
	}
	return next, nil
}

// isEnd reports whether next ends the list because of what the vendor says. That is a total that is reached, a
// mark in a row, or what else the answer has. It is no number of rows, and none that says that there is more.
func (l *listBlock) isEnd(t turn, before int) bool {
	if t.total > 0 && before+t.came >= t.total {
		return true
	}
	if !l.next.ends(l.without(t.vars, hiddenRows, nil)) { // a row says it
		return true
	}
	unknown := func(cty.Value) cty.Value { return cty.DynamicVal }
	nothing := variables{varPage: t.vars[varPage], varRecords: cty.DynamicVal, varAnswer: cty.DynamicVal}
	return !l.next.ends(nothing) && l.next.ends(l.without(t.vars, unknown, func(name string, n int) bool {
		isOther := l.total != nil && rest.IsTotal(name) // by the definition, it is not the total
		return n == t.came && rowNames.MatchString(name) && !namesPages(name) || n > before+t.came || isOther
	}))
}

// rowNames are the names of numbers of rows.
var rowNames = regexp.MustCompile(
	`(?i)count|size|length|limit|row|result|returned|item|element|record|user|member|people|found|hits|total`)

// namesPages reports whether the name of a number is that of a page, or of a number of pages.
func namesPages(name string) bool { return pageNames.MatchString(name) }

var pageNames = regexp.MustCompile(
	`(?i)^(?:(?:total|last|max|current|this|num|nb|number|no|of)[_-]?)*` +
		`pages?(?:[_-]?(?:count|number|num|no|index|total))?$`,
)

// hiddenRows returns a list, or an object, of which only the number of elements is known.
func hiddenRows(v cty.Value) cty.Value {
	parts := partsIn(v)
	if _, isList := elementsOf(v); isList {
		return cty.TupleVal(slices.Repeat([]cty.Value{cty.DynamicVal}, len(parts)))
	}
	for name := range parts {
		parts[name] = cty.DynamicVal
	}
	return cty.ObjectVal(parts)
}

// without returns the variables of next with something else for its rows and for any other list of the answer, and
// without the numbers in the answer that are to be hidden. An empty list has no rows.
func (l *listBlock) without(vars variables, rows func(cty.Value) cty.Value, hides func(string, int) bool) variables {
	answer := vars[varAnswer]
	if l.over != nil && isObject(valueAt(answer, attributesIn(l.over))) {
		answer = withField(answer, attributesIn(l.over), rows(valueAt(answer, attributesIn(l.over))))
	}
	answer = changedIn(answer, "", func(name string, v cty.Value) (cty.Value, bool) {
		if all, _ := elementsOf(v); len(all) > 0 {
			return rows(v), true
		}
		n, isNumber := saidNumber(v)
		return cty.DynamicVal, isNumber && hides != nil && name != "status" && hides(name, n)
	})
	return variables{varPage: vars[varPage], varRecords: rows(vars[varRecords]), varAnswer: answer}
}

// changedIn returns a value with others in it. change returns another one for one with a name, if there is one.
func changedIn(v cty.Value, name string, change func(name string, v cty.Value) (cty.Value, bool)) cty.Value {
	if other, is := change(name, v); is {
		return other
	}
	if !isObject(v) {
		return v
	}
	fields := v.AsValueMap()
	for name, field := range fields {
		fields[name] = changedIn(field, name, change)
	}
	return cty.ObjectVal(fields)
}

// saidNumber returns the number that a value is, or the total in a text such as that of Content-Range.
func saidNumber(v cty.Value) (int, bool) {
	if n, is := countOf(v); is {
		return n, true
	}
	said, _ := textOf(v)
	return rest.RangeTotal(said)
}

// ends reports whether an expression ends the list with variables of which some are not known, whatever these are.
func (e *expression) ends(vars variables) bool {
	switch written := e.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return e.part("", written.Expression).ends(vars)
	case *hclsyntax.ConditionalExpr:
		if chosen, err := e.chosen(written, vars); err == nil {
			return chosen.ends(vars)
		}
		return e.part("", written.TrueResult).ends(vars) && e.part("", written.FalseResult).ends(vars)
	}
	v, err := e.value(vars)
	return err == nil && isEmptyText(v)
}

// leading returns the branch of an expression that counts, and its value. In the place of one that ends the list it
// is the next one around it that does not, if there is one.
func (e *expression) leading(vars variables) (from *expression, next cty.Value, err error) {
	switch written := e.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return e.part("", written.Expression).leading(vars)
	case *hclsyntax.ConditionalExpr:
		chosen, err := e.chosen(written, vars)
		if err != nil {
			return e, next, err
		}
		other := written.TrueResult
		if chosen.expr == other {
			other = written.FalseResult
		}
		if from, next, err = chosen.leading(vars); err == nil && isEmptyText(next) {
			return e.part("", other).leading(vars)
		}
		return from, next, err
	}
	next, err = e.value(vars)
	return e, next, err
}

// addsMore reports whether an expression adds more to page than the rows that came, and how much more. The answer may
// have page, too.
func (e *expression) addsMore(t turn, next cty.Value) (left int, isMore bool) {
	at, isPlace := numberOf(t.vars[varPage])
	place, counts := numberOf(next)
	if !isPlace || !counts {
		return 0, false
	}
	left, isWhole := intOf(place.Subtract(at).Subtract(cty.NumberIntVal(int64(t.came))))
	if !isWhole || left <= 0 {
		return 0, false
	}
	vars := maps.Clone(t.vars)
	vars[varPage] = cty.UnknownVal(cty.Number)
	vars[varAnswer] = changedIn(vars[varAnswer], "", func(_ string, v cty.Value) (cty.Value, bool) {
		n, isNumber := numberOf(v)
		return vars[varPage], isNumber && n.RawEquals(at)
	})
	_, err := e.value(vars)
	return left, err != nil // its value depends on page
}
