package declared

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

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
	made := rest.Request{Method: r.method, Slash: r.slash}
	err := r.check(vars)
	if err != nil {
		return rest.Request{}, err
	}
	if made.Path, err = r.segments(vars); err != nil {
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

// segments evaluates the path, without an empty text for a slash at its end.
func (r *requestBlock) segments(vars variables) (path []string, err error) {
	segments, err := r.path.elements(vars)
	if err != nil {
		return nil, err
	}
	if r.slash {
		segments = segments[:len(segments)-1]
	}
	for _, segment := range segments {
		s, ok := textOf(segment)
		if !ok {
			return nil, r.path.fault(segment, "a text")
		}
		path = append(path, s)
	}
	return path, nil
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
	v, err := e.value(vars)
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
