package declared

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// expression is the value of an attribute of a definition.
type expression struct {
	block string // where it stands, such as "step delete"
	name  string // of the attribute
	expr  hclsyntax.Expression
}

// variables are the values of the variables of an expression, by name.
type variables map[string]cty.Value

// EvaluationError is an expression of a definition that has no value with the answer at hand. It names
// types, and no value: an answer may hold anything.
type EvaluationError struct {
	expression *expression
	met        string // what it met
}

func (e *EvaluationError) Error() string {
	return fmt.Sprintf(
		"%s.%s in line %d of the definition cannot be evaluated: %s",
		e.expression.block, e.expression.name, e.expression.expr.Range().Start.Line, e.met,
	)
}

// value evaluates the expression. The error is an *EvaluationError.
func (e *expression) value(vars variables) (cty.Value, error) {
	value, m, failed := e.evaluate(vars)
	switch {
	case errors.Is(failed, errTooLong):
		return cty.NilVal, &EvaluationError{e, "a text in it would be longer than 64 KiB"}
	case failed != nil:
		return cty.NilVal, &EvaluationError{e, e.met(vars)}
	case !value.IsWhollyKnown():
		return cty.NilVal, &EvaluationError{e, m.String()}
	}
	return value, nil
}

// evaluate returns the value of the expression. Where that is not known, it compares values of different
// types. The error may hold values, so it is in no message.
func (e *expression) evaluate(vars variables) (value cty.Value, m mismatch, failed error) {
	value, diags := e.expr.Value(&hcl.EvalContext{Variables: vars, Functions: evaluated})
	value, marks := value.UnmarkDeep()
	if diags.HasErrors() {
		failed = diags
	}
	for _, diagnostic := range diags {
		if call, isCall := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](diagnostic); isCall {
			failed = cmp.Or(call.FunctionCallError(), failed)
		}
	}
	return value, mismatchIn(marks), failed
}

// fault returns the error of a value of the wrong type.
func (e *expression) fault(v cty.Value, want string) error {
	return &EvaluationError{e, fmt.Sprintf("it is %s, and must be %s", typeName(v), want)}
}

// text evaluates the expression as a text. A null is empty, and so is an expression that is not
// there.
func (e *expression) text(vars variables) (string, error) {
	if e == nil {
		return "", nil
	}
	v, err := e.value(vars)
	if err != nil {
		return "", err
	}
	s, ok := textOf(v)
	if !ok {
		return "", e.fault(v, "a text")
	}
	return s, nil
}

// holds reports whether the expression is true. One that cannot be evaluated is false.
func (e *expression) holds(vars variables) bool {
	v, err := e.value(vars)
	return err == nil && truthOf(v)
}

// truth is holds for what must not be guessed: the error is an *EvaluationError.
func (e *expression) truth(vars variables) (bool, error) {
	v, err := e.value(vars)
	switch {
	case err != nil:
		return false, err
	case v.IsNull() || v.Type() != cty.Bool:
		return false, e.fault(v, "true or false")
	}
	return v.True(), nil
}

// elements evaluates the expression as a list.
func (e *expression) elements(vars variables) ([]cty.Value, error) {
	v, err := e.built(vars)
	if err != nil {
		return nil, err
	}
	all, ok := elementsOf(v)
	if !ok {
		return nil, e.fault(v, "a list")
	}
	return all, nil
}

// fields evaluates the expression as an object. Without an expression there are no fields.
func (e *expression) fields(vars variables) (map[string]cty.Value, error) {
	if e == nil {
		return map[string]cty.Value{}, nil
	}
	v, err := e.built(vars)
	if err != nil {
		return nil, err
	}
	if v.IsNull() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return nil, e.fault(v, "an object")
	}
	return v.AsValueMap(), nil
}

// uses reports whether the expression uses a variable.
func (e *expression) uses(name string) bool {
	return len(e.traversalsOf(name)) > 0
}

// traversalsOf returns what the expression uses of a variable.
func (e *expression) traversalsOf(variable string) (all []hcl.Traversal) {
	if e == nil {
		return nil
	}
	for _, traversal := range e.expr.Variables() {
		if traversal.RootName() == variable {
			all = append(all, traversal)
		}
	}
	return all
}

// met tells why the expression has no value: the first part of a variable that is not what the
// expression takes it for.
func (e *expression) met(vars variables) string {
	for _, traversal := range e.expr.Variables() {
		path := traversal.RootName()
		value, ok := vars[path]
		for _, step := range traversal[1:] {
			if !ok {
				break
			}
			attr, named := step.(hcl.TraverseAttr)
			if !named {
				break
			}
			if value, ok = attributeOf(value, attr.Name); !ok {
				return fmt.Sprintf("%s is %s without %q", path, typeName(vars.at(traversal, path)), attr.Name)
			}
			path += "." + attr.Name
		}
		if ok && value.IsNull() {
			return path + " is null"
		}
	}
	return "a value is of another type than the expression needs"
}

// at returns the value of the first parts of a traversal, as far as path goes.
func (v variables) at(traversal hcl.Traversal, path string) cty.Value {
	value, at := v[traversal.RootName()], traversal.RootName()
	for _, step := range traversal[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok || at == path {
			break
		}
		next, ok := attributeOf(value, attr.Name)
		if !ok {
			break
		}
		value, at = next, at+"."+attr.Name
	}
	return value
}

// typeName names the type of a value, and nothing of the value.
func typeName(v cty.Value) string {
	switch {
	case v == cty.NilVal:
		return "nothing"
	case v.IsNull():
		return "null"
	case v.Type() == cty.String:
		return "a text"
	case v.Type() == cty.Number:
		return "a number"
	case v.Type() == cty.Bool:
		return "true or false"
	case v.Type().IsObjectType() || v.Type().IsMapType():
		return "an object"
	}
	return "a list"
}
