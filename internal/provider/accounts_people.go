package provider

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// rowError is why a row of people cannot be used.
type rowError struct {
	row int // counts from 1; 0 for the list itself
	err error
}

func (e *rowError) Error() string {
	if e.row == 0 {
		return "people: " + e.err.Error()
	}
	return fmt.Sprintf("row %d: %v", e.row, e.err)
}

var errNotText = errors.New("is not text: write quotes around it")

// listedPeople reads the list of people in whatever form csvdecode, yamldecode or a configuration gives
// it, and returns what is wrong with each row.
func listedPeople(v tftypes.Value) (people []accounts.Person, problems []*rowError) {
	rows, ok := elementsOf(v)
	if !ok {
		return nil, []*rowError{{0, errors.New("it is not a list of objects")}}
	}
	for i, row := range rows {
		person, err := personIn(row)
		if err != nil {
			problems = append(problems, &rowError{i + 1, err})
			continue
		}
		people = append(people, person)
	}
	return people, problems
}

// personIn reads one row.
func personIn(row tftypes.Value) (p accounts.Person, err error) {
	values := fieldsIn(row)
	if values == nil {
		return p, errors.New("it is not an object")
	}
	if p.Email, err = textIn(values, "email"); err != nil {
		return p, err
	}
	if offboard.Normal(p.Email) == "" {
		return p, fmt.Errorf("it has no email. Its fields are %s", quotedKeys(values))
	}
	if err := checkAddress(p.Email); err != nil {
		return p, err
	}
	if err := misspelledIn(values, personFields); err != nil {
		return p, err
	}
	if p.Name, err = textIn(values, "name"); err != nil {
		return p, err
	}
	if p.OtherEmails, err = otherEmailsIn(values); err != nil {
		return p, err
	}
	if p.LeftOn, err = leftOnIn(values); err != nil {
		return p, err
	}
	p.Accounts, err = refsIn(values["accounts"])
	return p, err
}

// fieldsIn are the fields of a row, as a copy, because the row goes into the state as it is; nil for what
// is no row.
func fieldsIn(row tftypes.Value) fields {
	given := attributesOf(row)
	if given == nil {
		return nil
	}
	values := make(fields, len(given))
	for name, value := range given {
		values[strings.TrimPrefix(name, "\ufeff")] = value // a spreadsheet begins its file with this mark
	}
	return values
}

// The fields that are read, of a row and of an account in it.
var (
	personFields  = []string{"email", "name", "other_emails", "left_on", "accounts"}
	accountFields = []string{"id", "email"}
)

// misspelledIn refuses a field that is all but one that is read. It would be ignored, and a person whose
// "Left on" is not read counts as present.
func misspelledIn(values map[string]tftypes.Value, fields []string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(fields, func(known string) bool { return lettersOf(name) == lettersOf(known) })
		if i >= 0 && name != fields[i] {
			return fmt.Errorf("its field %+q is not read. Write %s", name, fields[i])
		}
	}
	return nil
}

// lettersOf is the name of a field without letter case, and without what is no letter and no digit.
func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, offboard.Normal(name))
}

// withoutLeftOn returns the columns of a list of people, if left_on is none of them. The rows that yamldecode gives
// need no left_on while all are present. But a field that is not read may have the day of leaving.
func withoutLeftOn(people tftypes.Value) fields {
	rows, _ := elementsOf(people)
	all, mayHaveDay := fields{}, !people.Type().Is(tftypes.Tuple{})
	for _, row := range rows {
		columns := fieldsIn(row)
		maps.Copy(all, columns)
		for name, value := range columns {
			isRead := name == "close_not_before" || slices.Contains(personFields, name)
			mayHaveDay = mayHaveDay || !isRead && hasDigit(value)
		}
	}
	if _, there := all["left_on"]; there || len(rows) == 0 || !mayHaveDay {
		return nil
	}
	return all
}

// hasDigit reports whether a value is a number, or a text with a digit, as each day has one.
func hasDigit(value tftypes.Value) bool {
	var text string
	return value.Type().Is(tftypes.Number) && !value.IsNull() ||
		value.As(&text) == nil && strings.ContainsFunc(text, unicode.IsDigit)
}

// checkAddress refuses what cannot be one email address.
func checkAddress(address string) error {
	if err := closing.CheckAddress(address); err != nil {
		return fmt.Errorf("its email address %+q is refused: %w", address, err)
	}
	return nil
}

// otherEmailsIn reads further addresses: a list, or a text as a table has it.
func otherEmailsIn(values map[string]tftypes.Value) (all []string, err error) {
	given := values["other_emails"]
	elements, isList := elementsOf(given)
	if !isList {
		text, err := textIn(values, "other_emails")
		if err != nil {
			return nil, err
		}
		all = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) })
	}
	for _, element := range elements {
		address, err := textIn(map[string]tftypes.Value{"other_emails": element}, "other_emails")
		if err != nil {
			return nil, err
		}
		if address != "" {
			all = append(all, address)
		}
	}
	for _, address := range all {
		if err := checkAddress(address); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// leftOnIn reads the day on which a person left. YAML turns a day without quotes into a time.
func leftOnIn(values map[string]tftypes.Value) (day time.Time, err error) {
	text, err := textIn(values, "left_on")
	text = strings.TrimSpace(text)
	if err != nil || text == "" {
		return day, err
	}
	if day, err = time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	if day, err = time.Parse(time.RFC3339, text); err != nil {
		return day, fmt.Errorf("its left_on %+q is not a day such as 2026-11-29", text)
	}
	return day.UTC().Truncate(24 * time.Hour), nil
}

// textIn is the text of a field; empty for none.
func textIn(values map[string]tftypes.Value, name string) (string, error) {
	v, ok := values[name]
	if !ok || v.IsNull() {
		return "", nil
	}
	var text string
	if v.As(&text) != nil {
		return "", fmt.Errorf("%s %w", name, errNotText)
	}
	return text, nil
}

// attributesOf are the values of an object or a map; nil for anything else.
func attributesOf(v tftypes.Value) (all map[string]tftypes.Value) {
	if v.IsNull() || v.As(&all) != nil {
		return nil
	}
	return all
}

// elementsOf are the values of a list, a set or a tuple.
func elementsOf(v tftypes.Value) (all []tftypes.Value, ok bool) {
	return all, !v.IsNull() && v.As(&all) == nil
}

// quotedKeys are the names of fields with what cannot be seen in them written out.
func quotedKeys(values map[string]tftypes.Value) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, fmt.Sprintf("%+q", name))
	}
	return cmp.Or(strings.Join(all, ", "), "none")
}
