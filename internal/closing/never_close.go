package closing

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// CheckEntry returns why an entry of never_close cannot be an ID, a login or an email address; nil
// if it can.
func CheckEntry(entry string) error {
	switch {
	case strings.TrimSpace(entry) == "":
		return errors.New("it is empty")
	case strings.TrimSpace(entry) != entry:
		return errors.New("it begins or ends with a space")
	case offboard.Invisible(entry):
		return errors.New("it holds a character that is not visible")
	case strings.HasPrefix(strings.ToLower(entry), "mailto:"):
		return errors.New(`write the address without "mailto:"`)
	case strings.Contains(entry, "@"):
		return checkAddress(entry)
	case strings.ContainsRune(quotes, firstRune(entry)):
		return errors.New("write it without quotes")
	case strings.HasPrefix(entry, "*") || strings.HasSuffix(entry, "*"):
		return errors.New("patterns are not supported: write each ID as its own entry")
	}
	return checkPlain(entry)
}

// CheckAddress is CheckEntry for what must be an email address. What offboard.Normal removes does no harm.
func CheckAddress(address string) error {
	err := CheckEntry(offboard.Normal(address))
	if err == nil && !strings.Contains(address, "@") {
		err = errors.New("it has no @")
	}
	return err
}

// checkPlain refuses what an editor, a browser or a page has written in a form of its own.
func checkPlain(entry string) error {
	if offboard.IsPlain(entry) {
		return nil
	}
	return errors.New("type it by hand: it has a sign in a form of its own, such as a curly apostrophe or %40")
}

// checkAddress refuses what cannot be one email address.
func checkAddress(entry string) error {
	local, domain, _ := strings.Cut(entry, "@")
	switch {
	case strings.ContainsAny(entry, "<>\"") || strings.ContainsRune(quotes, firstRune(entry)):
		return errors.New("write the address alone, without a display name, quotes or brackets")
	case strings.ContainsAny(entry, ",;:|") || strings.Contains(domain, "@"):
		return errors.New("write each address as its own entry")
	case strings.ContainsFunc(entry, unicode.IsSpace):
		return errors.New("an address must not contain a space")
	case local == "" || local == "*" || strings.Trim(domain, ".") == "" || strings.Contains(domain, "*"):
		return errors.New("write a whole address: a part of one matches no user, and patterns are not supported")
	case strings.ContainsFunc(domain, notInDomain):
		return errors.New("write the address alone: no domain has such a character")
	}
	return checkPlain(entry)
}

// quotes are what may stand around a value in a shell, a file of variables or JSON, and at the
// beginning of no ID.
const quotes = "\"'`\u201c\u201e\u2018\u00ab([{"

func firstRune(s string) rune {
	first, _ := utf8.DecodeRuneInString(s)
	return first
}

// notInDomain reports whether a character stands in no domain name, as a person may write one.
func notInDomain(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.M, unicode.N) && !strings.ContainsRune(".-_\u3002\uFF0E\uFF61", r)
}
