package declared

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// built evaluates an expression part by part, so that of two objects in a condition the one that counts stays as
// it is written. To HCL the value has the type of both, which may make a text of each number in it, and of a false.
func (e *expression) built(vars variables) (cty.Value, error) {
	switch written := e.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return e.part("", written.Expression).built(vars)
	case *hclsyntax.ConditionalExpr:
		chosen, err := e.chosen(written, vars)
		if err != nil {
			return cty.NilVal, err
		}
		return chosen.built(vars)
	case *hclsyntax.TupleConsExpr:
		elements := []cty.Value{}
		for _, expr := range written.Exprs {
			element, err := e.part("", expr).built(vars)
			if err != nil {
				return cty.NilVal, err
			}
			elements = append(elements, element)
		}
		return cty.TupleVal(elements), nil
	case *hclsyntax.ObjectConsExpr:
		return e.builtObject(written.Items, vars)
	}
	return e.value(vars)
}

// builtObject is built for an object.
func (e *expression) builtObject(items []hclsyntax.ObjectConsItem, vars variables) (cty.Value, error) {
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
		field, err := e.part(nameOfKey(item.KeyExpr), item.ValueExpr).built(vars)
		if err != nil {
			return cty.NilVal, err
		}
		fields[name] = field
	}
	return cty.ObjectVal(fields), nil
}
