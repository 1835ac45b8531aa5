package declared

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// mismatch is a comparison of values of different types. HCL makes it false, whatever the values are: the
// number 5 is not the text "5". So what is compared here is not known. A value that is not known goes
// through try, can, && and || as far as the result depends on it, and the mismatch with it, as its mark.
type mismatch struct{ one, other string } // the types

func (m mismatch) String() string {
	if m.one == "" { // try and can keep no mark
		return "in try or can, it compares values of different types. Write tostring(…) for what is no text"
	}
	cure := "Write tostring(…) for what is no text"
	hasParts := func(name string) bool { return name == "a list" || name == "an object" }
	if hasParts(m.one) || hasParts(m.other) {
		cure = "Compare a part of it"
	}
	return fmt.Sprintf("it compares %s with %s, which are never the same. %s", m.one, m.other, cure)
}

// mismatchOf returns whether two values, or two in the same place of both, are of different types. A null
// may be compared with everything, and an empty text with a number and a truth value, which are never empty.
func mismatchOf(one, other cty.Value) (m mismatch, is bool) {
	isAnything := func(v cty.Value) bool { return v.Type() == cty.DynamicPseudoType || v.IsNull() }
	switch m = (mismatch{typeName(one), typeName(other)}); {
	case isAnything(one), isAnything(other):
		return m, false
	case m.one != m.other && (isEmptyText(one) || isEmptyText(other)):
		return m, !one.Type().IsPrimitiveType() || !other.Type().IsPrimitiveType()
	case m.one != m.other:
		return m, true
	}
	parts, others := partsIn(one), partsIn(other)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if part, ok := others[name]; ok {
			if m, is = mismatchOf(parts[name], part); is {
				return m, true
			}
		}
	}
	return m, false
}

// partsIn returns the fields of an object by their names, and the elements of a list by their places.
func partsIn(v cty.Value) map[string]cty.Value {
	all, _ := elementsOf(v)
	if isObject(v) && v.IsKnown() {
		return v.AsValueMap()
	}
	parts := map[string]cty.Value{}
	for i, one := range all {
		parts[strconv.Itoa(i)] = one
	}
	return parts
}

// structural returns a value with its lists as tuples and its maps as objects. A function may make the ones, and
// an answer has the others, which are never the same.
func structural(v cty.Value) cty.Value {
	all, isList := elementsOf(v)
	for i := range all {
		all[i] = structural(all[i])
	}
	switch t := v.Type(); {
	case isList:
		return cty.TupleVal(all)
	case v.IsKnown() && !v.IsNull() && (t.IsObjectType() || t.IsMapType()):
		fields := map[string]cty.Value{}
		for name, field := range v.AsValueMap() {
			fields[name] = structural(field)
		}
		return cty.ObjectVal(fields)
	}
	return v
}

// unknown is the result of the comparison.
func (m mismatch) unknown() cty.Value { return cty.UnknownVal(cty.Bool).Mark(m) }

// mismatchIn returns that with which a value is marked, or the zero one.
func mismatchIn(marks cty.ValueMarks) mismatch {
	for mark := range marks {
		if m, ok := mark.(mismatch); ok {
			return m
		}
	}
	return mismatch{}
}

// The comparisons of the language, instead of those of HCL.
var (
	opEqual    = typed(hclsyntax.OpEqual)
	opNotEqual = typed(hclsyntax.OpNotEqual)
)

// typed is a comparison that is not known for values of different types.
func typed(op *hclsyntax.Operation) *hclsyntax.Operation {
	compare := function.New(&function.Spec{
		Params: op.Impl.Params(),
		Type:   function.StaticReturnType(op.Type),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			one, other := structural(args[0]), structural(args[1])
			if m, is := mismatchOf(one, other); is {
				return m.unknown(), nil
			}
			return op.Impl.Call([]cty.Value{one, other})
		},
	})
	return &hclsyntax.Operation{Impl: compare, Type: op.Type}
}

// compareTyped gives an expression the comparisons of the language.
func compareTyped(expr hclsyntax.Expression) {
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		if node, ok := node.(*hclsyntax.BinaryOpExpr); ok {
			switch node.Op {
			case hclsyntax.OpEqual:
				node.Op = opEqual
			case hclsyntax.OpNotEqual:
				node.Op = opNotEqual
			}
		}
		return none
	})
}

// isComparison reports whether an operator compares two values.
func isComparison(op *hclsyntax.Operation) bool { return op == opEqual || op == opNotEqual }

// containsFunction is contains of Terraform. If the value is not in the list, and something of another type is,
// the result is not known.
var containsFunction = function.New(&function.Spec{
	Params: stdlib.ContainsFunc.Params(),
	Type:   function.StaticReturnType(cty.Bool),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		list, sought := structural(args[0]), structural(args[1])
		found, err := stdlib.ContainsFunc.Call([]cty.Value{list, sought})
		if err != nil || !found.IsKnown() || found.True() {
			return found, err
		}
		all, _ := elementsOf(list)
		for _, one := range all {
			if m, is := mismatchOf(one, sought); is {
				return m.unknown(), nil
			}
		}
		return found, nil
	},
})

// checkTypes refuses a comparison that never holds because of what is always of the same type, such as the
// texts of user.
func (c *expressionCheck) checkTypes(one, other hclsyntax.Expression) {
	vars := variables{}
	for _, name := range slices.Concat([]string{varRecord, varRecords, varWas, varSelf, varPage, varFound}, c.loops) {
		vars[name] = cty.DynamicVal
	}
	text := cty.UnknownVal(cty.String)
	texts := cty.UnknownVal(cty.Map(cty.String))
	vars[varKey], vars[varFresh], vars[varSetting] = text, text, texts
	vars[varUser] = cty.ObjectVal(map[string]cty.Value{
		"id": text, "email": text, "name": text, "login": text, "status": text, "facts": texts,
		"absent": cty.UnknownVal(cty.Bool),
	})
	vars[varAnswer] = cty.ObjectVal(map[string]cty.Value{
		"status": cty.UnknownVal(cty.Number), "json": cty.DynamicVal, "headers": texts,
	})
	context := &hcl.EvalContext{Variables: vars, Functions: evaluated}
	left, failed := one.Value(context)
	right, alsoFailed := other.Value(context)
	if failed.HasErrors() || alsoFailed.HasErrors() {
		return
	}
	if m, is := mismatchOf(left, right); is {
		c.problems.add(one.Range(), "%s", m)
	}
}

// probeTypes refuses a comparison of values of different types that the user of an example shows.
func (p *problems) probeTypes(d *Definition, example string, u User) {
	var all []*expression
	for _, s := range d.steps {
		all = append(all, s.when, s.done)
	}
	for _, o := range d.obstacles {
		if o.request == nil {
			all = append(all, o.found)
		}
	}
	vars := variables{varUser: u.variable(), varRecord: u.record, varWas: u.record, varSetting: d.set}
	for _, e := range all {
		if e == nil {
			continue
		}
		if v, m, failed := e.evaluate(vars); failed == nil && !v.IsWhollyKnown() {
			p.add(e.expr.Range(), "with the user of the example %q, %s", example, m)
		}
	}
}
