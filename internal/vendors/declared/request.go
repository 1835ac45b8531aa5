package declared

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// NoRequestError says that a call did not leave, because there was no request to send: no token came
// for it, or the definition cannot make it of what the vendor shows.
type NoRequestError struct{ Err error }

func (e *NoRequestError) Error() string { return "the call was not sent: " + e.Err.Error() }

// Unwrap returns why there was no request.
func (e *NoRequestError) Unwrap() error { return e.Err }

// Ambiguous returns false: nothing has left, whatever became of the request for a token.
func (e *NoRequestError) Ambiguous() bool { return false }

// Delayed reports whether the call may leave after a wait and another read.
func (e *NoRequestError) Delayed() bool { return offboard.Transient(e.Err) }

// build makes the request of a block. The error is an *EvaluationError.
func (r *requestBlock) build(vars variables) (rest.Request, error) {
	made := rest.Request{Method: r.method}
	err := r.check(vars)
	if err != nil {
		return rest.Request{}, err
	}
	if made.Path, made.Slash, err = r.segments(vars); err != nil {
		return rest.Request{}, err
	}
	if made.Query, err = parametersOf(r.query, vars); err != nil {
		return rest.Request{}, err
	}
	if r.form != nil {
		if made.Form, err = parametersOf(r.form, vars); err != nil {
			return rest.Request{}, err
		}
	}
	if r.body != nil {
		if made.Body, err = jsonBody(r.body, vars); err != nil {
			return rest.Request{}, err
		}
	}
	if r.headers != nil {
		made.Plain, err = headersOf(r.headers, vars)
	}
	return made, err
}

// check returns why the request must not be made of the values at hand. The error is an *EvaluationError.
func (r *requestBlock) check(vars variables) error {
	if r.whole {
		if err := r.checkWhole(vars); err != nil {
			return err
		}
	}
	return r.checkLongerTexts(vars)
}

// checkSegments refuses an empty text that is written in a path, but as the last segment of a whole list. It
// would be refused only when the request is made.
func (p *problems) checkSegments(path *expression) {
	if path == nil {
		return
	}
	for _, list := range listsIn(path.expr) {
		for i, segment := range list.Exprs {
			if isWrittenEmpty(segment) && (list.isPart || i < len(list.Exprs)-1) {
				p.add(segment.Range(), "an empty segment may only be the last one of path, for a slash at its end, "+
					"and in no concat")
			}
		}
	}
}

// isWrittenEmpty reports whether an expression is an empty text that the definition writes.
func isWrittenEmpty(expr hclsyntax.Expression) bool {
	v, diags := expr.Value(nil)
	return len(expr.Variables()) == 0 && !diags.HasErrors() && v.RawEquals(cty.StringVal(""))
}

// segmentList is a list that is written out in a path.
type segmentList struct {
	*hclsyntax.TupleConsExpr

	isPart bool // of a longer list
}

// listsIn returns the lists that are written out in an expression whose value is one of them, or is made of them.
func listsIn(expr hclsyntax.Expression) (all []segmentList) {
	switch expr := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		return []segmentList{{expr, false}}
	case *hclsyntax.ParenthesesExpr:
		return listsIn(expr.Expression)
	case *hclsyntax.ConditionalExpr:
		return append(listsIn(expr.TrueResult), listsIn(expr.FalseResult)...)
	case *hclsyntax.FunctionCallExpr:
		for _, arg := range expr.Args {
			for _, list := range listsIn(arg) {
				all = append(all, segmentList{list.TupleConsExpr, true})
			}
		}
	}
	return all
}

// segments evaluates the path. An empty text that is written as its last segment is a slash at its end.
func (r *requestBlock) segments(vars variables) (path []string, slash bool, err error) {
	segments, err := r.path.elements(vars)
	if err != nil {
		return nil, false, err
	}
	if slash, err = r.path.endsInSlash(vars); err != nil {
		return nil, false, err
	}
	if slash {
		segments = segments[:len(segments)-1]
	}
	for _, segment := range segments {
		s, ok := textOf(segment)
		if !ok {
			return nil, false, r.path.fault(segment, "a text")
		}
		path = append(path, s)
	}
	return path, slash, nil
}

// endsInSlash reports whether the list that counts is written with an empty text as its last element.
func (e *expression) endsInSlash(vars variables) (bool, error) {
	switch expr := e.expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return e.part("", expr.Expression).endsInSlash(vars)
	case *hclsyntax.ConditionalExpr:
		chosen, err := e.chosen(expr, vars)
		if err != nil {
			return false, err
		}
		return chosen.endsInSlash(vars)
	case *hclsyntax.TupleConsExpr:
		return len(expr.Exprs) > 0 && isWrittenEmpty(expr.Exprs[len(expr.Exprs)-1]), nil
	}
	return false, nil
}

// parametersOf evaluates the parameters of a query or a form. A null is left out, and a list repeats
// the parameter.
func parametersOf(e *expression, vars variables) (url.Values, error) {
	fields, err := e.fields(vars)
	if err != nil {
		return nil, err
	}
	values := url.Values{}
	for name, field := range fields {
		all, isList := elementsOf(field)
		if !isList {
			all = []cty.Value{field}
		}
		for _, one := range all {
			if one.IsNull() {
				continue
			}
			s, ok := textOf(one)
			if !ok {
				return nil, e.fault(one, "a text")
			}
			values.Add(name, s)
		}
	}
	return values, nil
}

// jsonBody evaluates a body. Numbers keep every digit.
func jsonBody(e *expression, vars variables) (json.RawMessage, error) {
	v, err := e.built(vars)
	if err != nil {
		return nil, err
	}
	v = without(v)
	encoded, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return nil, e.fault(v, "a value that JSON has")
	}
	return encoded, nil
}

// headersOf evaluates headers, spelled as they are written.
func headersOf(e *expression, vars variables) (http.Header, error) {
	fields, err := e.fields(vars)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	for name, field := range fields {
		s, ok := textOf(field)
		if !ok || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return nil, e.fault(field, "a text that a header can hold")
		}
		if s != "" {
			header[name] = []string{s}
		}
	}
	return header, nil
}

// settingsValue is the variable setting.
func settingsValue(settings map[string]string) cty.Value {
	fields := map[string]cty.Value{}
	for name, value := range settings {
		fields[name] = cty.StringVal(value)
	}
	return cty.ObjectVal(fields)
}
