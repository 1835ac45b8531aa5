package declared

import (
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// maxDigits is how long a number in an answer may be, written out. A longer one could use up all memory.
const maxDigits = 400

var (
	errLongText   = errors.New("it holds a text that is longer than 64 KiB")
	errLongNumber = errors.New("it holds a number that is too long")
)

// answerValue is an answer as the variable of expressions. problem says why its body is no JSON that
// can be trusted; json is null then.
type answerValue struct {
	rest.Answer
	value   cty.Value
	problem error
	altered []string     // the texts in its body that value has in another form
	ok      *expression  // of the block that asked; nil for HTTP 2xx
	asked   rest.Request // what was asked for, without credentials
}

// newAnswer makes the variable of an answer.
func newAnswer(a rest.Answer) answerValue {
	v := answerValue{Answer: a}
	body := cty.NullVal(cty.DynamicPseudoType)
	if len(a.Body) > 0 {
		var decoded any
		v.problem = a.JSON(&decoded)
		if v.problem == nil {
			converted, err := toValue(decoded)
			if err == nil {
				body, v.altered = converted, alteredIn(decoded)
			} else {
				v.problem = a.Malformed("the answer cannot be used: %w", err)
			}
		}
	}
	headers := map[string]cty.Value{}
	for name, values := range a.Header {
		headers[strings.ToLower(name)] = cty.StringVal(strings.Join(values, ", "))
	}
	v.value = cty.ObjectVal(map[string]cty.Value{
		"status": cty.NumberIntVal(int64(a.Status)), "json": body, "headers": cty.ObjectVal(headers),
	})
	return v
}

// foreign reports whether the answer is a web page, or not from the vendor at all. No expression can
// make it anything else.
func (v answerValue) foreign() bool { return v.Origin() != rest.Vendor }

// usable reports whether an expression may look at the answer: it is the vendor's, and its body can be
// read. An expression must not find nothing in what cannot be read.
func (v answerValue) usable() bool { return !v.foreign() && v.problem == nil }

// alteredIn returns the texts in JSON that are not in the Unicode normal form NFC. An expression sees them
// in that form.
func alteredIn(decoded any) (texts []string) {
	switch decoded := decoded.(type) {
	case string:
		if cty.NormalizeString(decoded) != decoded {
			texts = append(texts, decoded)
		}
	case []any:
		for _, element := range decoded {
			texts = append(texts, alteredIn(element)...)
		}
	case map[string]any:
		for name, field := range decoded {
			texts = append(append(texts, alteredIn(name)...), alteredIn(field)...)
		}
	}
	return texts
}

// alters reports whether a text may have come in another form, as which it may be the ID of another account.
func (v answerValue) alters(id string) bool { return isAltered(id, v.altered) }

// isAltered reports whether a text holds one of these, which came in another form.
func isAltered(text string, altered []string) bool {
	return slices.ContainsFunc(
		altered,
		func(came string) bool { return strings.Contains(text, cty.NormalizeString(came)) },
	)
}

// hasManyDigits reports whether a number has too many digits if it is written without an exponent.
func hasManyDigits(number string) bool {
	digits, exponent, found := strings.Cut(strings.ToLower(number), "e")
	zeros, err := strconv.Atoi(exponent)
	return len(digits)+max(zeros, -zeros) > maxDigits || found && err != nil
}

// toValue converts JSON that was decoded with its numbers as they are written. Numbers keep every
// digit.
func toValue(decoded any) (cty.Value, error) {
	switch decoded := decoded.(type) {
	case nil:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case bool:
		return cty.BoolVal(decoded), nil
	case string:
		if len(decoded) > maxText {
			return cty.NilVal, errLongText
		}
		return cty.StringVal(decoded), nil
	case json.Number:
		if hasManyDigits(decoded.String()) {
			return cty.NilVal, errLongNumber
		}
		return cty.ParseNumberVal(decoded.String())
	case []any:
		return toTuple(decoded)
	case map[string]any:
		fields := make(map[string]cty.Value, len(decoded))
		for name, field := range decoded {
			value, err := toValue(field)
			if err != nil {
				return cty.NilVal, err
			}
			fields[name] = value
		}
		return cty.ObjectVal(fields), nil
	}
	return cty.NilVal, errors.New("it is no JSON")
}

func toTuple(decoded []any) (cty.Value, error) {
	elements := make([]cty.Value, len(decoded))
	for i, element := range decoded {
		value, err := toValue(element)
		if err != nil {
			return cty.NilVal, err
		}
		elements[i] = value
	}
	return cty.TupleVal(elements), nil
}

// textOf returns a value as text: a text, a number or a truth value. A null is empty.
func textOf(v cty.Value) (string, bool) {
	// The general way formats 512 bits, and a definition has many numbers to try.
	if v.Type() == cty.Number && v.IsKnown() && !v.IsNull() {
		if n, accuracy := v.AsBigFloat().Int64(); accuracy == big.Exact {
			return strconv.FormatInt(n, 10), true
		}
	}
	converted, err := convert.Convert(v, cty.String)
	if err != nil || !converted.IsKnown() {
		return "", false
	}
	if converted.IsNull() {
		return "", true
	}
	return converted.AsString(), true
}

// factOf returns a value as the text of a fact: a list or an object as JSON.
func factOf(v cty.Value) (string, bool) {
	if s, ok := textOf(v); ok {
		return s, true
	}
	encoded, err := ctyjson.Marshal(v, v.Type())
	return string(encoded), err == nil
}

// truthOf returns whether a value is true. Anything else is false.
func truthOf(v cty.Value) bool {
	return v.IsKnown() && !v.IsNull() && v.Type() == cty.Bool && v.True()
}

// elementsOf returns the elements of a list, and whether the value is one.
func elementsOf(v cty.Value) ([]cty.Value, bool) {
	if v.IsNull() || !v.IsKnown() || !v.Type().IsTupleType() && !v.Type().IsListType() {
		return nil, false
	}
	return v.AsValueSlice(), true
}

// without returns a value without the fields that are null, for a body.
func without(v cty.Value) cty.Value {
	switch t := v.Type(); {
	case v.IsNull() || !v.IsKnown():
		return v
	case t.IsObjectType() || t.IsMapType():
		fields := map[string]cty.Value{}
		for name, field := range v.AsValueMap() {
			if !field.IsNull() {
				fields[name] = without(field)
			}
		}
		return cty.ObjectVal(fields)
	case t.IsTupleType() || t.IsListType():
		var elements []cty.Value
		for _, element := range v.AsValueSlice() {
			elements = append(elements, without(element))
		}
		return cty.TupleVal(elements)
	}
	return v
}
