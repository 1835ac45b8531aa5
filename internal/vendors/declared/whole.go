package declared

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// checkWhole returns an error if something would be left out of a request that the definition does not
// leave out itself: a call without the parameter that names an account may be about every account.
// A vendor that does not show an address shows null or an empty text, and the block user makes it
// empty. The error is an *EvaluationError.
func (r *requestBlock) checkWhole(vars variables) error {
	inBody := leftOut(holdsEmptyText)
	if r.sendsBack && !r.body.isWrittenOut() {
		inBody = func(cty.Value) bool { return false }
	}
	for _, part := range []struct {
		*expression
		leftOut
	}{
		{r.path, holdsEmptyText}, {r.query, holdsNoParameter}, {r.form, holdsNoParameter}, {r.body, inBody},
		{r.headers, holdsEmptyText},
	} {
		if err := part.checkWhole(vars, part.leftOut); err != nil {
			return err
		}
	}
	return nil
}

// leftOut reports whether something in a value is left out of a call, or is sent empty.
type leftOut func(cty.Value) bool

// isWrittenOut reports whether an expression is an object with its fields. Another one, such as
// merge(record, …), has the fields of a record.
func (e *expression) isWrittenOut() bool {
	if e == nil {
		return false
	}
	_, is := e.expr.(*hclsyntax.ObjectConsExpr)
	return is
}

// isEmptyText reports whether a value says nothing: a null, or a text without a character.
func isEmptyText(v cty.Value) bool { return v.IsNull() || v.RawEquals(cty.StringVal("")) }

// isEmptyCollection reports whether a value is a list or an object with nothing in it.
func isEmptyCollection(v cty.Value) bool {
	return !v.IsNull() && v.CanIterateElements() && v.LengthInt() == 0
}

func holdsEmptyText(v cty.Value) bool { return holds(v, isEmptyText) }

// holdsNoParameter reports whether a query or a form is sent without a value.
func holdsNoParameter(v cty.Value) bool { return holdsEmptyText(v) || holds(v, isEmptyCollection) }

// isPartlyEmpty is leftOut for what a text is made of. Of an object only some fields may go into the text.
func isPartlyEmpty(v cty.Value) bool {
	elements, _ := elementsOf(v)
	return isEmptyText(v) || slices.ContainsFunc(elements, isEmptyText)
}

// checkWhole is requestBlock.checkWhole for an expression. Each field of an object that is written out
// answers for itself, so that a null in one allows none in another.
func (e *expression) checkWhole(vars variables, isLeftOut leftOut) error {
	if e == nil || len(e.expr.Variables()) == 0 { // the definition itself writes it
		return nil
	}
	parts, whole, err := e.parts(vars, isLeftOut)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := part.checkWhole(part.vars, part.isLeftOut); err != nil {
			return err
		}
	}
	if whole {
		return nil
	}
	v, err := e.value(vars)
	switch {
	case err != nil:
		return err
	case e.loops() && isEmptyCollection(v):
		return &EvaluationError{e, "its loop finds nothing, so the request would be sent without it; " +
			"if it may be, write null, as in length(record.list) == 0 ? null : record.list[*].id, or [] in a body"}
	case isLeftOut(v) && !e.writesNull():
		return &EvaluationError{e, "it is null or empty, so the request would be sent without it; " +
			"if it may be, write null, as in try(record.field, null)"}
	}
	return nil
}

// callPart is an expression in another one.
type callPart struct {
	*expression

	vars      variables
	isLeftOut leftOut
}

// parts returns the expressions of which an expression is put together. whole reports whether there is
// nothing else in it.
func (e *expression) parts(vars variables, isLeftOut leftOut) (parts []callPart, whole bool, err error) {
	switch written := e.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return []callPart{{e.part("", written.Expression), vars, isLeftOut}}, true, nil
	case *hclsyntax.TemplateWrapExpr:
		return []callPart{{e.part("", written.Wrapped), vars, isLeftOut}}, true, nil
	case *hclsyntax.ConditionalExpr:
		chosen, err := e.chosen(written, vars)
		return []callPart{{chosen, vars, isLeftOut}}, true, err
	case *hclsyntax.TupleConsExpr:
		return e.each(written.Exprs, vars, isLeftOut), true, nil
	case *hclsyntax.ObjectConsExpr:
		for _, item := range written.Items {
			parts = append(parts, callPart{e.part(nameOfKey(item.KeyExpr), item.ValueExpr), vars, isLeftOut})
		}
		return parts, true, nil
	case *hclsyntax.TemplateExpr:
		return e.each(written.Parts, vars, isPartlyEmpty), false, nil
	case *hclsyntax.FunctionCallExpr:
		return e.arguments(written, vars, isLeftOut), false, nil
	case *hclsyntax.ForExpr:
		parts, err := e.rounds(written, vars, isLeftOut)
		return parts, false, err
	}
	return nil, false, nil
}

// arguments returns those of a function. The fields that a loop gives to merge are those of another
// object.
func (e *expression) arguments(
	call *hclsyntax.FunctionCallExpr, vars variables, isLeftOut leftOut,
) (parts []callPart) {
	if slices.Contains([]string{"try", "can", "coalesce"}, call.Name) { // they take what is not there
		return nil
	}
	parts = e.each(call.Args, vars, isPartlyEmpty)
	for i, arg := range call.Args {
		if _, loops := arg.(*hclsyntax.ForExpr); loops && call.Name == "merge" {
			parts[i].isLeftOut = isLeftOut
		}
	}
	return parts
}

func (e *expression) each(all []hclsyntax.Expression, vars variables, isLeftOut leftOut) (parts []callPart) {
	for _, expr := range all {
		parts = append(parts, callPart{e.part("", expr), vars, isLeftOut})
	}
	return parts
}

// chosen returns the branch of a condition that counts.
func (e *expression) chosen(written *hclsyntax.ConditionalExpr, vars variables) (*expression, error) {
	condition := e.part("", written.Condition)
	v, err := condition.value(vars)
	if err != nil {
		return nil, err
	}
	is, err := convert.Convert(v, cty.Bool)
	switch {
	case err != nil || is.IsNull():
		return nil, condition.fault(v, "true or false")
	case is.True():
		return e.part("", written.TrueResult), nil
	}
	return e.part("", written.FalseResult), nil
}

// rounds returns what a loop makes of each element.
func (e *expression) rounds(loop *hclsyntax.ForExpr, vars variables, isLeftOut leftOut) (parts []callPart, err error) {
	over, err := e.part("", loop.CollExpr).value(vars)
	if err != nil || over.IsNull() || !over.CanIterateElements() {
		return nil, err
	}
	for each := over.ElementIterator(); each.Next(); {
		round := maps.Clone(vars)
		key, value := each.Element()
		round[loop.ValVar] = value
		if loop.KeyVar != "" {
			round[loop.KeyVar] = key
		}
		if loop.CondExpr == nil || e.part("", loop.CondExpr).holds(round) {
			parts = append(parts, callPart{e.part("", loop.ValExpr), round, isLeftOut})
		}
	}
	return parts, nil
}

// nameOfKey returns a dot and the key of an object that is written as a name; empty for any other key. One
// that is computed may be a text of the vendor.
func nameOfKey(expr hclsyntax.Expression) string {
	key, ok := expr.(*hclsyntax.ObjectConsKeyExpr)
	if !ok || key.ForceNonLiteral {
		return ""
	}
	if name := hcl.ExprAsKeyword(key.Wrapped); name != "" {
		return "." + name
	}
	return ""
}

// part is an expression in e, whose name is longer by some text.
func (e *expression) part(name string, expr hclsyntax.Expression) *expression {
	return &expression{block: e.block, name: e.name + name, expr: expr}
}

// holds reports whether something is true of a value, or of one in it.
func holds(v cty.Value, isSo func(cty.Value) bool) bool {
	if isSo(v) {
		return true
	}
	inIt := func(v cty.Value) bool { return holds(v, isSo) }
	if all, isList := elementsOf(v); isList {
		return slices.ContainsFunc(all, inIt)
	}
	if t := v.Type(); v.IsNull() || !t.IsObjectType() && !t.IsMapType() {
		return false
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(v.AsValueMap())), inIt)
}

// loops reports whether there is a loop in the expression.
func (e *expression) loops() bool {
	is := false
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		switch node.(type) {
		case *hclsyntax.ForExpr, *hclsyntax.SplatExpr:
			is = true
		}
		return none
	})
	return is
}

// writesNull reports whether the expression is a null that is written out, or chooses among values of
// which one is. A null with which something is compared allows nothing.
func (e *expression) writesNull() bool {
	var choices []hclsyntax.Expression
	switch expr := e.expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return expr.Val.IsNull()
	case *hclsyntax.ParenthesesExpr:
		choices = []hclsyntax.Expression{expr.Expression}
	case *hclsyntax.ConditionalExpr:
		choices = []hclsyntax.Expression{expr.TrueResult, expr.FalseResult}
	case *hclsyntax.FunctionCallExpr:
		if expr.Name == "try" || expr.Name == "coalesce" {
			choices = expr.Args
		}
	}
	return slices.ContainsFunc(choices, func(expr hclsyntax.Expression) bool { return e.part("", expr).writesNull() })
}
