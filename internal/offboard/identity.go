package offboard

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// idnaProfile converts the domain of an email address to ASCII. It accepts any domain that a vendor
// may hold.
var idnaProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// maxDomain is the length in bytes above which a text is not treated as a domain name, because its
// conversion would take long.
const maxDomain = 1024

// Normal returns the one form in which IDs, logins and email addresses are compared: NFC, without
// format and control characters, trimmed of all Unicode space, case folded. The domain of an
// address is in ASCII and without a dot at its end.
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

// maxFolds is how often folding is repeated until it changes nothing. One step can produce what
// another step removes, a blank for example. Twice is enough for what people write.
const maxFolds = 8

func fold(s string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(bare(s))))
}

// bare returns a text without what shows nothing, and the domain of an address in ASCII.
func bare(s string) string {
	s = strings.TrimSpace(withoutInvisible(s))
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		s = s[:at+1] + asciiDomain(s[at+1:])
	}
	return s
}

// rootDots are what may stand at the end of a domain, for the root.
const rootDots = ".\u3002\uFF0E\uFF61"

func asciiDomain(s string) string {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	s = strings.TrimRightFunc(
		s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(rootDots, r) },
	)
	if len(s) > maxDomain {
		return s
	}
	if ascii, err := idnaProfile.ToASCII(s); err == nil {
		return ascii
	}
	return s
}

// Same reports whether two IDs, logins, names or email addresses are the same, apart from letter
// case and invisible characters. An empty text is the same as no other text, not even another empty
// one. What protects an account compares with it. It takes "ß" for "ss" too, which sameLetters does not.
func Same(a, b string) bool {
	a, b = Normal(a), Normal(b)
	return a != "" && a == b
}

// sameLetters is Same for who somebody is: letters that only their capitals have in common are not the same.
func sameLetters(a, b string) bool {
	return Same(a, b) && strings.EqualFold(norm.NFC.String(bare(a)), norm.NFC.String(bare(b)))
}

// NameKey returns the words of a name in one order and without accents, so that "Varga, Inés" is "Ines Varga"; empty
// for none. Two people can have one.
func NameKey(name string) string {
	words := strings.FieldsFunc(norm.NFKD.String(Normal(name)), func(r rune) bool {
		return !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number)
	})
	slices.Sort(words)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mark, r) {
			return -1
		}
		return r
	}, strings.Join(words, " "))
}

// LocalKey is NameKey of a sign-in name or an email address without the domain and the tag: "ACME\\ines", "@ines" and
// "ines@corp.local" are "ines".
func LocalKey(name string) string {
	name = strings.TrimPrefix(name, "@")
	local, _, _ := strings.Cut(WithoutTag(name), "@")
	return NameKey(local[strings.LastIndexAny(local, `\/`)+1:])
}

// Person is the person who has an account, as one reading of the vendor shows it.
type Person struct {
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
}

// Person returns the person that the reading shows.
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

// IsAnother reports whether a reading of a closed account shows another person than u. A vendor may
// blank a closed account, so one that shows nobody shows no other person.
func (u User) IsAnother(closed User) bool {
	return closed.Person().Known() && !u.Person().Is(closed.Person())
}

// CheckListed returns what a row of a list about the account means, if a read does not show the
// account: ErrListed, ErrAnotherClosed, or the error of CheckPerson. It is an ErrInList, too.
func (u User) CheckListed(row User) error {
	switch err := u.CheckPerson(row); {
	case row.Status == Closed && errors.Is(err, ErrAnotherPerson):
		return InList(ErrAnotherClosed)
	case err != nil:
		return InList(err)
	}
	return ErrListed
}

// InList returns the error of a row with the account's ID as an ErrInList, too.
func InList(err error) error { return inListError{err} }

type inListError struct{ error }

// Unwrap returns the error without that.
func (e inListError) Unwrap() error { return e.error }

// Is reports whether target is ErrInList.
func (e inListError) Is(target error) bool { return target == ErrInList }

// Matches reports whether another reading is about the account that u means. It compares the ID, or
// the email address if u has no ID.
func (u User) Matches(other User) bool {
	if u.ID == "" {
		return Same(u.Email, other.Email)
	}
	return u.ID == other.ID
}

// Resembles reports whether a row of a list may be about the account that u means, although its ID
// is not exactly the same: the ID differs in letter case, or the row has the email address. Such a
// row does not prove access.
func (u User) Resembles(row User) bool {
	return Same(u.ID, row.ID) || isAddress(u.Email) && HasAddress(row.Email, u.Email)
}

// MayHaveNewID reports whether a row with another ID may be of u after an absence that no call explains, as the
// context says: the account is open, and may be meant by the address or the sign-in name of u, or has the name, and
// hides its address or has none of somebody else. A vendor may give its accounts new IDs, and write the names in
// another form.
func (u User) MayHaveNewID(ctx context.Context, reading Reading) bool {
	row := reading.Common()
	signIn, isUnexplained := ctx.Value(unexplainedKey{}).(string)
	if !isUnexplained || row.Status == Closed {
		return false
	}
	if u.Resembles(row) || IsMeant(reading, u.Email) || IsMeant(reading, signIn) {
		return true
	}
	name := NameKey(u.Name)
	return name != "" && name == NameKey(row.Name) && (row.HidesAddress() || u.Email != "" &&
		(!OfOthers(u.Email, row.Email) || LocalKey(u.Email) == LocalKey(row.Email)))
}

// IsMeant reports whether an email address or a sign-in name may mean an account, although it may show another one in
// its place: it is in its ID, its name, or its sign-in names, or stands there with a tag. An account that hides its
// address may have what it says of a person there instead. See LocalKey.
func IsMeant(reading Reading, name string) bool {
	row, key := reading.Common(), LocalKey(name)
	if key == "" {
		return false
	}
	hides := row.HidesAddress()
	return slices.ContainsFunc(append([]string{row.ID, row.Name, row.Email}, LoginsOf(reading)...), func(one string) bool {
		isTagged := func(address string) bool { return Same(WithoutTag(address), name) }
		return HasAddress(one, name) || slices.ContainsFunc(AddressesIn(one), isTagged) || hides && LocalKey(one) == key
	})
}

// LoginsOf returns the sign-in names that a reading shows; nothing at a vendor without them.
func LoginsOf(reading Reading) []string {
	if named, ok := reading.(interface{ Logins() []string }); ok {
		return named.Logins()
	}
	return nil
}

// Known reports whether anything is known of the person.
func (p Person) Known() bool { return p.Email != "" || p.Name != "" }

// Is reports whether now, one later reading, shows the same person. The email address decides if
// both readings have one. What stands in its place must not be of somebody else in any case: a mask, and
// an address beside a name, are compared as far as they go. If one reading has no address, or only a mask or
// a placeholder, the name must be the same. If neither has a name, what stands in the place of the address
// must be the same, as at a service account. A value that was shown once and is missing now is a change. If
// nothing was known of p, any person is the same. Both sides must be whole readings, never values merged from
// several.
func (p Person) Is(now Person) bool {
	switch {
	case !p.Known():
		return true
	case isAddress(p.Email) && isAddress(now.Email):
		return sameLetters(p.Email, now.Email)
	case OfOthers(p.Email, now.Email):
		return false
	case placeholders(p.Email, now.Email) && !Same(p.Email, now.Email):
		return false
	case p.Name == "" && now.Name == "":
		return sameLetters(p.Email, now.Email)
	default:
		return sameLetters(p.Name, now.Name)
	}
}

// placeholders reports whether neither of what two readings show in the place of the address is one.
func placeholders(then, now string) bool {
	return then != "" && now != "" && !isAddress(then) && !isAddress(now)
}
