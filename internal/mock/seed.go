package mock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Seed adds the users of a seed file: a JSON object with a list of users for each vendor, all
// optional. If anything in it is wrong, Seed adds no user. The error names the vendor, the place in
// its list, counted from 0, and the field.
func (s *Server) Seed(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var lists map[string]json.RawMessage
	if err := unmarshalStrictly(text, &lists); err != nil {
		return err
	}
	s.clock.Lock()
	defer s.clock.Unlock()
	known := []string{}
	for _, v := range s.vendors {
		known = append(known, v.name())
	}
	adds := []func(){}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		i := slices.Index(known, name)
		if i < 0 {
			return fmt.Errorf("unknown vendor %q; known are %s", name, strings.Join(known, ", "))
		}
		add, err := s.vendors[i].seed(lists[name])
		if err != nil {
			return err
		}
		adds = append(adds, add)
	}
	for _, add := range adds {
		add()
	}
	return nil
}

// seed implements vendor.
func (r *Roster[I, U]) seed(text json.RawMessage) (add func(), err error) {
	var list []json.RawMessage
	if err := unmarshalStrictly(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", r.rules.vendor, err)
	}
	users, seen := []U{}, map[I]bool{}
	for i, entry := range list {
		var u U
		err := unmarshalStrictly(entry, &u)
		if err == nil {
			err = r.rules.check(&u)
		}
		id := r.rules.id(&u)
		if _, taken := r.records[id]; err == nil && (taken || seen[id]) {
			err = fmt.Errorf("id %v is taken already", id)
		}
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", r.rules.vendor, i, err)
		}
		seen[id] = true
		users = append(users, u)
	}
	return func() {
		for _, u := range users {
			r.add(&u)
		}
	}, nil
}

// fields implements vendor.
func (r *Roster[I, U]) fields() []string {
	var all []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[U]()) {
		if name := field.Tag.Get("json"); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// unmarshalStrictly decodes JSON without unknown fields, and without anything after its end. The
// error says in plain words what is wrong.
func unmarshalStrictly(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil && len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		return errors.New("there is something after the end of the JSON")
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends too early")
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, syntax)
	case errors.As(err, &kind):
		return wrongType(kind)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// wrongType returns an error that names the field, the type that it has, and the one that it needs.
func wrongType(err *json.UnmarshalTypeError) error {
	want := map[reflect.Kind]string{
		reflect.String: "a string", reflect.Bool: "true or false", reflect.Slice: "a list",
		reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Uint16: "a whole number from 0 to 65535",
		reflect.Map: "an object", reflect.Struct: "an object",
	}[err.Type.Kind()]
	if err.Field == "" {
		return fmt.Errorf("got %s, want %s", err.Value, want)
	}
	return fmt.Errorf("field %q: got %s, want %s", err.Field, err.Value, want)
}

// required returns an error if a field is empty.
func required(field, value string) error {
	if value == "" {
		return fmt.Errorf("field %q is missing or empty", field)
	}
	return nil
}

// oneOf returns an error if a field is set to none of these values.
func oneOf(field, value string, values ...string) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("field %q is %q and may be one of %s", field, value, strings.Join(values, ", "))
}

// notNegative returns an error if a number is negative.
func notNegative(field string, n int) error {
	if n < 0 {
		return fmt.Errorf("field %q is negative", field)
	}
	return nil
}
