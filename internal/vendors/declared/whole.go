package declared

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// checkWhole returns an error if something would be left out of a call that the definition does not leave
// out itself: a call without the parameter that names an account may be about every account. The error is
// an *EvaluationError.
func (r *requestBlock) checkWhole(vars variables) error {
	inBody := cty.Value.IsNull
	if r.sendsBack && !r.body.isWrittenOut() {
		inBody = func(cty.Value) bool { return false }
	}
	for _, part := range []struct {
		*expression
		isLeftOut func(cty.Value) bool
	}{{r.query, isNoParameter}, {r.form, isNoParameter}, {r.body, inBody}, {r.headers, isNoHeader}} {
		if err := part.checkWhole(vars, part.isLeftOut); err != nil {
			return err
		}
	}
	return nil
}

// isWrittenOut reports whether an expression is an object with its fields. Another one, such as
// merge(record, …), has the fields of a record.
func (e *expression) isWrittenOut() bool {
	if e == nil {
		return false
	}
	_, is := e.expr.(*hclsyntax.ObjectConsExpr)
	return is
}

// isNoParameter reports whether a query or a form is sent without a value.
func isNoParameter(v cty.Value) bool {
	return v.IsNull() || v.CanIterateElements() && v.LengthInt() == 0
}

// isNoHeader reports whether a request is sent without a header that has a value.
func isNoHeader(v cty.Value) bool {
	said, isText := textOf(v)
	return isText && said == ""
}

// checkWhole is requestBlock.checkWhole for an expression. Each field of an object that is written out
// answers for itself, so that a null in one allows none in another.
func (e *expression) checkWhole(vars variables, isLeftOut func(cty.Value) bool) error {
	if e == nil {
		return nil
	}
	parts, whole, err := e.parts(vars)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := part.checkWhole(vars, isLeftOut); err != nil {
			return err
		}
	}
	if whole {
		return nil
	}
	v, err := e.value(vars)
	if err != nil || !holds(v, isLeftOut) || e.writesNull() {
		return err
	}
	return &EvaluationError{e, "it is null or empty, so the call would be sent without it; " +
		"if it may be, write null, as in try(record.field, null)"}
}

// parts returns the expressions of which an expression is put together. whole reports whether there is
// nothing else in it.
func (e *expression) parts(vars variables) (parts []*expression, whole bool, err error) {
	switch written := e.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return []*expression{e.part("", written.Expression)}, true, nil
	case *hclsyntax.ConditionalExpr:
		condition, err := e.part("", written.Condition).value(vars)
		if err != nil {
			return nil, false, err
		}
		if chosen, err := convert.Convert(condition, cty.Bool); err == nil && truthOf(chosen) {
			return []*expression{e.part("", written.TrueResult)}, true, nil
		}
		return []*expression{e.part("", written.FalseResult)}, true, nil
	case *hclsyntax.TupleConsExpr:
		for _, element := range written.Exprs {
			parts = append(parts, e.part("", element))
		}
		return parts, true, nil
	case *hclsyntax.ObjectConsExpr:
		for _, item := range written.Items {
			parts = append(parts, e.part(nameOfKey(item.KeyExpr), item.ValueExpr))
		}
		return parts, true, nil
	}
	return nil, false, nil
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

// writesNull reports whether the expression has a null that is written out.
func (e *expression) writesNull() bool {
	writes := false
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		literal, ok := node.(*hclsyntax.LiteralValueExpr)
		writes = writes || ok && literal.Val.IsNull()
		return none
	})
	return writes
}
