package declared

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// isCalled reports whether a text is the user's ID, email address or login. An empty text is none.
func (u User) isCalled(name string) bool {
	return offboard.Same(name, u.ID) || offboard.Same(name, u.Email) || offboard.Same(name, u.Login)
}

// A self that is compared with nothing would keep the owner of the key from nothing.
var (
	errNotInRecord = errors.New("self of the block alive is neither the ID, nor the email address or sign-in name, " +
		"in its record, so nothing says who owns the key")
	errNoOwner = errors.New("self of the block alive reads as no user, so nothing says who owns the key. " +
		"Write the ID of the user, and an unknown_id that looks like an ID")
)

// checkRecord returns an *rest.Error if the record of the block alive reads as a user, and self is another
// one.
func (d *Definition) checkRecord(a answerValue, found aliveAnswer) error {
	if found.self == "" || found.record.IsNull() {
		return nil
	}
	if u, err := d.userIn(a, found.record); err == nil && !u.isCalled(found.self) {
		return a.Malformed("%w", errNotInRecord)
	}
	return nil
}

// checkOwner returns an error if self cannot be the ID of a user, an email address or a login. One that
// does not look like unknown_id must read as a user, so that the usual ID costs no request.
func (c *Client) checkOwner(ctx context.Context, found aliveAnswer) error {
	if found.self == "" || c.def.looksKnown(found.self) {
		return nil
	}
	_, err := c.readUser(ctx, found.self, found.record)
	if errors.Is(err, offboard.ErrNotFound) {
		return errNoOwner
	}
	return err
}

// looksKnown reports whether a text looks like an email address or a login, if users have one, or like the
// ID in unknown_id: it is a number like that one, or has no other character than letters, digits and
// those of that one.
func (d *Definition) looksKnown(self string) bool {
	isAddress, isPath := strings.Contains(self, "@"), strings.ContainsAny(self, "/:")
	switch {
	case isAddress && !isPath && (d.user.email != nil || d.user.login != nil):
		return true
	case !isAddress && !isPath && d.user.login != nil:
		return true
	}
	hasMark := func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(d.unknownID, r) }
	isDigits := !strings.ContainsFunc(d.unknownID, func(r rune) bool { return !unicode.IsDigit(r) })
	isOther := func(r rune) bool { return !unicode.IsDigit(r) && (isDigits || hasMark(r)) }
	return !strings.ContainsFunc(self, isOther)
}
