package offboard

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// idnaProfile writes the domain of an email address in the one form that the DNS knows. It accepts
// whatever a vendor may hold.
var idnaProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// maxDomain is the length in bytes from which on a text is no domain name, whatever it encodes to;
// encoding it would take long.
const maxDomain = 1024

// Normal is the one form in which IDs, logins and email addresses are compared: NFC, without format
// and control characters, trimmed of all Unicode space, case folded; the domain of an address in
// ASCII and without the dot of the root.
func Normal(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	for range maxFolds {
		next := fold(s)
		if next == s {
			break
		}
		s = next
	}
	return s
}

// maxFolds is how often folding is repeated until it changes nothing any more: what one step brings
// forth, a blank out of a wider one for example, may be work for another. Twice is enough for
// whatever a person writes.
const maxFolds = 8

func fold(s string) string {
	s = strings.TrimSpace(withoutInvisible(s))
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		s = s[:at+1] + asciiDomain(s[at+1:])
	}
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
}

func asciiDomain(s string) string {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	s = strings.TrimRightFunc(
		s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".\u3002\uFF0E\uFF61", r) },
	)
	if len(s) > maxDomain {
		return s
	}
	if ascii, err := idnaProfile.ToASCII(s); err == nil {
		return ascii
	}
	return s
}

// Same reports whether two IDs, logins, names or email addresses are the same, letter case and
// invisible characters aside. An empty text is the same as no other, and not as another empty one:
// what nobody shows proves nothing.
func Same(a, b string) bool {
	a, b = Normal(a), Normal(b)
	return a != "" && a == b
}

// Person is who stands behind an account, as one reading of the vendor shows it.
type Person struct {
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
}

// Person is who the reading shows.
func (u User) Person() Person { return Person{Email: u.Email, Name: u.Name} }

// CheckPerson returns nil if a later reading of the account shows the same person as u. It returns
// ErrAnotherPerson if it shows another one, and ErrPersonNotShown if it shows neither name nor
// address.
func (u User) CheckPerson(now User) error {
	switch then := u.Person(); {
	case then.Is(now.Person()):
		return nil
	case now.Person().Known():
		return ErrAnotherPerson
	}
	return ErrPersonNotShown
}

// CheckListed returns what a row of a list means that is about the account, if a read does not show
// the account: ErrListed, or the error of CheckPerson for a row that shows somebody else.
func (u User) CheckListed(row User) error {
	if err := u.CheckPerson(row); err != nil {
		return err
	}
	return ErrListed
}

// Matches reports whether another reading is about the account that u means: by the ID, or by the
// email address where u has no ID.
func (u User) Matches(other User) bool {
	if u.ID == "" {
		return Same(u.Email, other.Email)
	}
	return u.ID == other.ID
}

// Resembles reports whether a row of a list may be about the account that u means, although its ID
// is not exactly the same: it differs in letter case, or the row has the email address. Such a row
// is no sign of life.
func (u User) Resembles(row User) bool {
	return Same(u.ID, row.ID) || isAddress(u.Email) && Same(u.Email, row.Email)
}

// Known reports whether anything is known of the person.
func (p Person) Known() bool { return p.Email != "" || p.Name != "" }

// Is reports whether now, one later reading, shows the same person. The email address decides where
// both readings have one. Where one has none, or only a mask or a placeholder, the name must be the
// same. What was shown once and is missing now is a change. A person of whom nothing was known is
// anybody. Both sides must be whole readings, never values merged from several.
func (p Person) Is(now Person) bool {
	switch {
	case !p.Known():
		return true
	case isAddress(p.Email) && isAddress(now.Email):
		return Same(p.Email, now.Email)
	case p.Email != "" && now.Email != "" && !isAddress(p.Email) && !isAddress(now.Email) && !Same(p.Email, now.Email):
		return false
	default:
		return Same(p.Name, now.Name)
	}
}

// isAddress reports whether a text can be the email address of one person. What a vendor writes in
// the place of an address, such as "***", "n/a" or "i***@acme.test", is the same for many. The mark
// at the end of what Text has cut off is no mask.
func isAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && strings.ContainsFunc(s[at+1:], unicode.IsLetter) &&
		!strings.ContainsAny(strings.TrimSuffix(s, ellipsis), "*\u2022\u2026")
}
