package declared

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// built evaluates an expression part by part, so that of two objects in a condition the one that counts stays as
// it is written. To HCL the value has the type of both, which may make a text of each number in it, and of a false.
func (e *expression) built(vars variables) (cty.Value, error) {
	return e.builtOf(vars, (*expression).value)
}

// aRecord is built for the record of a user. What HCL makes a map of, as in coalesce(answer.json.data, {}), is an
// object all the same, so that the probes find its fields.
func (e *expression) aRecord(vars variables) (cty.Value, error) {
	v, err := e.built(vars)
	if err != nil {
		return v, err
	}
	return structural(v), nil
}

// builtSoFar is built for variables of which some are not known. Where a condition is not, the value is that of HCL.
func (e *expression) builtSoFar(vars variables) (cty.Value, error) {
	evaluate := func(e *expression, vars variables) (cty.Value, error) {
		v, _, failed := e.evaluate(vars)
		return v, failed
	}
	if v, err := e.builtOf(vars, evaluate); err == nil {
		return v, nil
	}
	return evaluate(e, vars)
}

// builtOf is built with a function that evaluates a part.
func (e *expression) builtOf(vars variables, value func(*expression, variables) (cty.Value, error)) (cty.Value, error) {
	switch written := e.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return e.part("", written.Expression).builtOf(vars, value)
	case *hclsyntax.ConditionalExpr:
		chosen, err := e.chosen(written, vars)
		if err != nil {
			return cty.NilVal, err
		}
		return chosen.builtOf(vars, value)
	case *hclsyntax.TupleConsExpr:
		elements := []cty.Value{}
		for _, expr := range written.Exprs {
			element, err := e.part("", expr).builtOf(vars, value)
			if err != nil {
				return cty.NilVal, err
			}
			elements = append(elements, element)
		}
		return cty.TupleVal(elements), nil
	case *hclsyntax.ObjectConsExpr:
		return e.builtObject(written.Items, vars, value)
	}
	return value(e, vars)
}

// builtObject is builtOf for an object.
func (e *expression) builtObject(
	items []hclsyntax.ObjectConsItem, vars variables, value func(*expression, variables) (cty.Value, error),
) (cty.Value, error) {
	fields := map[string]cty.Value{}
	for _, item := range items {
		key, err := e.part("", item.KeyExpr).value(vars)
		if err != nil {
			return cty.NilVal, err
		}
		name, ok := textOf(key)
		if !ok || key.IsNull() {
			return cty.NilVal, e.fault(key, "the name of a field")
		}
		field, err := e.part(nameOfKey(item.KeyExpr), item.ValueExpr).builtOf(vars, value)
		if err != nil {
			return cty.NilVal, err
		}
		fields[name] = field
	}
	return cty.ObjectVal(fields), nil
}
