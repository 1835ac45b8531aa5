package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"unicode"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// JSON decodes the body into v. The error is an *Error for anything other than one JSON value of
// the right types. It is also one if an object that v takes values from has a key twice, in any
// letter case: which of the two Go takes is chance. What stays a json.RawMessage is checked when it is
// decoded.
func (a Answer) JSON(v any) error {
	return a.Decode(a.Body, v)
}

// Decode decodes a part of the body, a json.RawMessage for example, under the rules of JSON.
func (a Answer) Decode(part []byte, v any) error {
	part = bytes.TrimPrefix(part, byteOrderMark)
	if tooDeep(part) {
		return a.Malformed("the answer has values nested more than %d levels deep (%s)", maxDepth, a.kind())
	}
	decoder := json.NewDecoder(bytes.NewReader(part))
	decoder.UseNumber()
	if err := decoder.Decode(v); err != nil {
		return a.Malformed("the answer is not the JSON that was expected (%s): %w", a.kind(), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return a.Malformed("the answer holds more than one JSON value (%s)", a.kind())
	}
	check := duplicates{json.NewDecoder(bytes.NewReader(part)), map[reflect.Type]map[string]reflect.Type{}}
	check.decoder.UseNumber()
	if err := check.value(reflect.TypeOf(v)); err != nil {
		return a.Malformed("the answer cannot be trusted (%s): %w", a.kind(), err)
	}
	return nil
}

// maxDepth is how many objects and lists may be in each other. No vendor needs more, and what looks for a
// field in an answer walks all of them.
const maxDepth = 200

// tooDeep reports whether values of JSON are nested deeper than maxDepth.
func tooDeep(part []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(part); i++ {
		switch c := part[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth > maxDepth {
			return true
		}
	}
	return false
}

// kind describes the body without showing it.
func (a Answer) kind() string {
	kind := a.Text(a.Header.Get("Content-Type"))
	if kind == "" {
		kind = "no content type"
	}
	if a.page() {
		kind += ", a web page"
	}
	return fmt.Sprintf("HTTP %d, %s, %d bytes", a.Status, kind, len(a.Body))
}

// duplicates looks for keys that an object has twice. It reads JSON that is known to be valid.
type duplicates struct {
	decoder *json.Decoder
	fields  map[reflect.Type]map[string]reflect.Type // of structs, by folded name
}

// ignoredValue is the type of a value that nothing is decoded from. Its objects may have a key
// twice.
type ignoredValue struct{}

var (
	ignoredType = reflect.TypeFor[ignoredValue]()
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// value checks the next value, which is decoded into a t.
func (d duplicates) value(t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(unmarshaler) { // also json.RawMessage
		t = ignoredType
	}
	token, err := d.decoder.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		for d.decoder.More() && err == nil {
			err = d.value(element(t))
		}
	case json.Delim('{'):
		err = d.object(t)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	_, err = d.decoder.Token()
	return err
}

func (d duplicates) object(t reflect.Type) error {
	seen := map[string]string{}
	for d.decoder.More() {
		token, err := d.decoder.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		same, next := key, element(t)
		if t.Kind() == reflect.Struct {
			same = foldKey(key)
			next = d.field(t, same)
		}
		if other, ok := seen[same]; ok && t != ignoredType {
			return &duplicateError{key, other}
		}
		seen[same] = key
		if err := d.value(next); err != nil {
			return err
		}
	}
	return nil
}

// duplicateError is an object that has a key twice.
type duplicateError struct{ key, other string }

func (e *duplicateError) Error() string {
	if e.key == e.other {
		return fmt.Sprintf("an object has the key %q twice", e.key)
	}
	return fmt.Sprintf("an object has the keys %q and %q, which differ only in letter case", e.other, e.key)
}

// element returns the type of the elements of t, which is not a struct.
func element(t reflect.Type) reflect.Type {
	kind := t.Kind()
	if kind == reflect.Interface {
		return t
	}
	if kind == reflect.Slice || kind == reflect.Array || kind == reflect.Map {
		return t.Elem()
	}
	return ignoredType
}

// field returns the type of the field of a struct that takes the folded key.
func (d duplicates) field(t reflect.Type, key string) reflect.Type {
	fields := d.fields[t]
	if fields == nil {
		fields = map[string]reflect.Type{}
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				name = f.Name
			}
			if f.IsExported() {
				fields[foldKey(name)] = f.Type
			}
		}
		d.fields[t] = fields
	}
	if next := fields[key]; next != nil {
		return next
	}
	return ignoredType
}

// foldKey returns the form of a key that encoding/json compares.
func foldKey(key string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, key)
}

// ID is an ID at a vendor. It may come as a string or as a number, which keeps all its digits. It
// is empty for null and for a missing field.
type ID string

var wholeNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// UnmarshalJSON implements json.Unmarshaler. A number that is not written as a plain integer is an
// error, because 1e3 and 1000 would be one ID.
func (id *ID) UnmarshalJSON(data []byte) error {
	switch text := string(data); {
	case text == "null":
		*id = ""
	case strings.HasPrefix(text, `"`):
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*id = ID(s)
	case wholeNumber.MatchString(text):
		*id = ID(text)
	default:
		return errors.New("an ID is neither a string nor a whole number")
	}
	return nil
}

// Optional is a value that nothing depends on, so it may have any type in the answer. It is the
// zero value if it is not a T.
type Optional[T any] struct{ Value T }

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (m *Optional[T]) UnmarshalJSON(data []byte) error {
	var value T
	if err := json.Unmarshal(data, &value); err == nil {
		m.Value = value
	}
	return nil
}
