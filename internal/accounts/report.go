package accounts

import (
	"slices"
	"time"
)

// Report is what came of comparing all accounts with a list of people.
type Report struct {
	Day       time.Time // of the comparison, in UTC
	People    []Person
	Vendors   []string // whose lists were read to the end
	Accounts  []Judged // by vendor and ID
	Missing   []Missing
	Partial   []Partial
	Unmatched []string // entries of never_close that no account has
}

// Partial is a vendor of which not all accounts are known.
type Partial struct {
	Vendor string
	Why    string
	Unseen []Unseen
}

// Unseen is an account on the list of which the vendor shows nothing.
type Unseen struct {
	ID    string
	Email string // of the person
	Why   string
}

// With returns the accounts with one of these verdicts.
func (r *Report) With(verdicts ...Verdict) (all []Judged) {
	for _, a := range r.Accounts {
		if slices.Contains(verdicts, a.Verdict) {
			all = append(all, a)
		}
	}
	return all
}

// DayText returns a day as text such as 2026-11-29; empty for none.
func DayText(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}
