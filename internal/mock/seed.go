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

// Seed adds the users of a seed file: a JSON object with a list of users for each
// vendor, all optional. When anything in it is wrong it adds nobody, and the error
// names the vendor, the place in its list, counted from 0, and the field.
func (s *Server) Seed(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var lists map[string]json.RawMessage
	if err := strictly(text, &lists); err != nil {
		return err
	}
	s.clock.Lock()
	defer s.clock.Unlock()
	adds := []func(){}
	known := []string{}
	for _, v := range s.vendors {
		known = append(known, v.name())
	}
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
	if err := strictly(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", r.rules.vendor, err)
	}
	users, seen := []U{}, map[I]bool{}
	for i, entry := range list {
		var u U
		err := strictly(entry, &u)
		if err == nil {
			err = r.rules.check(u)
		}
		id := r.rules.id(u)
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
			r.add(u)
		}
	}, nil
}

// strictly decodes JSON that may have no unknown fields and nothing after its
// end, and says in plain words what is wrong with it.
func strictly(text []byte, v any) error {
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

// wrongType says which field has which type instead of which.
func wrongType(err *json.UnmarshalTypeError) error {
	want := map[reflect.Kind]string{reflect.String: "a string", reflect.Bool: "true or false", reflect.Slice: "a list",
		reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Uint16: "a whole number from 0 to 65535",
		reflect.Map: "an object", reflect.Struct: "an object"}[err.Type.Kind()]
	if err.Field == "" {
		return fmt.Errorf("got %s, want %s", err.Value, want)
	}
	return fmt.Errorf("field %q: got %s, want %s", err.Field, err.Value, want)
}

// given says that a required field is empty.
func given(field, value string) error {
	if value == "" {
		return fmt.Errorf("field %q is missing or empty", field)
	}
	return nil
}

// first returns the first error there is.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// oneOf says that a field has none of the values it may have; unset is fine.
func oneOf(field, value string, values ...string) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("field %q is %q and may be one of %s", field, value, strings.Join(values, ", "))
}

// counted says that a number of things is negative.
func counted(field string, n int) error {
	if n < 0 {
		return fmt.Errorf("field %q is negative", field)
	}
	return nil
}

// decimals says which of some amounts is no decimal number.
func decimals(field string, amounts map[string]string) error {
	for _, currency := range slices.Sorted(maps.Keys(amounts)) {
		if amount := amounts[currency]; !json.Valid([]byte(amount)) || strings.Trim(amount, "-0123456789.") != "" {
			return fmt.Errorf("field %q: %q is not a decimal number", field+"."+currency, amount)
		}
	}
	return nil
}

func (k *Konstantly) check(u KonstantlyUser) error {
	return first(given("id", u.ID), given("name", u.Name))
}

func (e *ECGrid) check(u ECGridUser) error {
	if u.ID <= 0 {
		return errors.New(`field "id" must be a positive whole number`)
	}
	return first(given("name", u.Name),
		oneOf("auth_level", u.AuthLevel, ecgridLevels...), oneOf("status", u.Status, ecgridStatuses...))
}

func (s *SFOX) check(u SFOXUser) error {
	return first(decimals("balances", u.Balances), decimals("held", u.Held), given("id", u.ID), given("name", u.Name),
		oneOf("account_type", u.AccountType, "individual", "corporation"),
		oneOf("account_role", u.AccountRole, "Client", "Advisor"),
		oneOf("status", u.Status, "PENDING", "VERIFIED", "UNSUPPORTED"),
		counted("open_orders", u.OpenOrders), counted("pending_transactions", u.PendingTransactions))
}

func (s *Skillable) check(u SkillableUser) error {
	return first(given("id", u.ID), given("name", u.Name), counted("history", u.History))
}
