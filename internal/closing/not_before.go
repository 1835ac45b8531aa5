package closing

import (
	"errors"
	"time"
)

// Early is a closure that close_not_before of the user holds back.
type Early struct {
	NotBefore string    // as the state has it
	Now       time.Time // by the clock that has not reached it; zero if NotBefore cannot be read
	ByVendor  bool      // that clock is the vendor's
}

// notBefore returns the time that close_not_before names: the beginning of a day in UTC, or a time of
// RFC 3339.
func notBefore(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}

// CheckNotBefore returns why a text cannot be close_not_before; nil if it can.
func CheckNotBefore(text string) error {
	if _, err := notBefore(text); err != nil {
		return errors.New(`write a day such as "2026-12-31", or a time such as "2026-12-31T18:00:00Z"`)
	}
	return nil
}

// tooEarly returns the refusal by close_not_before; nil if the user has none, or if it is reached by
// both clocks. The clock of this machine may be wrong. A vendor that does not tell the time leaves
// the decision to it. A suspension comes before the closure, so it is not held back.
func (c *Candidate) tooEarly(now time.Time) *Refusal {
	if c.NotBefore == "" || c.Suspends {
		return nil
	}
	early := Early{NotBefore: c.NotBefore}
	at, err := notBefore(c.NotBefore)
	switch {
	case err != nil:
	case now.Before(at):
		early.Now = now
	case !c.VendorTime.IsZero() && c.VendorTime.Before(at):
		early.Now, early.ByVendor = c.VendorTime, true
	default:
		return nil
	}
	return &Refusal{Reason: TooEarly, Guard: "close_not_before", Early: &early}
}
