package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
)

// The accounts of a row of the list of people.

// refsIn reads the accounts of a person.
func refsIn(v tftypes.Value) (map[string]accounts.Ref, error) {
	all := map[string]accounts.Ref{}
	var text *string
	if v.IsNull() || v.As(&text) == nil && *text == "" {
		return all, nil
	}
	values := attributesOf(v)
	if values == nil {
		return nil, errors.New("its accounts are not an object with an ID for each vendor")
	}
	for _, vendor := range slices.Sorted(maps.Keys(values)) {
		ref, err := refIn(values, vendor)
		if err != nil {
			return nil, fmt.Errorf("in its accounts, %w", err)
		}
		if ref != (accounts.Ref{}) {
			all[vendor] = ref
		}
	}
	return all, nil
}

// refIn reads the account at one vendor: an ID, or an object with ID and address.
func refIn(values map[string]tftypes.Value, vendor string) (ref accounts.Ref, err error) {
	inner := attributesOf(values[vendor])
	if inner == nil {
		ref.ID, err = refIDIn(values, vendor)
		return ref, err
	}
	if ref, err = refFields(inner); err != nil {
		return ref, fmt.Errorf("%s: %w", vendor, err)
	}
	return ref, nil
}

// refFields reads the object of an account. One that names neither field would count as no account.
func refFields(inner map[string]tftypes.Value) (ref accounts.Ref, err error) {
	if err := misspelledIn(inner, accountFields); err != nil {
		return ref, err
	}
	isRead := func(name string) bool { _, there := inner[name]; return there }
	if len(inner) > 0 && !slices.ContainsFunc(accountFields, isRead) {
		return ref, fmt.Errorf("it has neither id nor email. Its fields are %s", quotedKeys(inner))
	}
	if ref.ID, err = refIDIn(inner, "id"); err != nil {
		return ref, err
	}
	if ref.Email, err = refTextIn(inner, "email"); err != nil || ref.Email == "" {
		return ref, err
	}
	return ref, checkAddress(ref.Email)
}

// noAccount are the words with which a table says that a person has no account, or no address there.
var noAccount = []string{"-", "n/a", "none"}

// refIDIn is the ID in a field of an account. What a table pads it with is taken away. The vendor would have no
// account with an ID that has something else in it that cannot be seen.
func refIDIn(values map[string]tftypes.Value, name string) (string, error) {
	text, err := refTextIn(values, name)
	unseen := func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) }
	text = strings.TrimFunc(text, unseen)
	if err == nil && strings.ContainsFunc(text, func(r rune) bool { return unseen(r) && r != ' ' }) {
		err = fmt.Errorf("its ID %+q has a sign that cannot be seen", text)
	}
	return text, err
}

// refTextIn is the text of a field of an account; empty for none, and for a word that says so.
func refTextIn(values map[string]tftypes.Value, name string) (string, error) {
	text, err := textIn(values, name)
	if slices.Contains(noAccount, strings.ToLower(strings.TrimSpace(text))) {
		text = ""
	}
	return text, err
}
