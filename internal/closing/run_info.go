package closing

import (
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// RunInfo is what is recorded of every closure of a run beside the account.
type RunInfo struct {
	Reason  string   // of closures for which Reasons has none
	Reasons ByPerson // why each person's accounts are closed
	LeftOn  ByPerson // the day on which they left, as in 2026-11-29
	Run     *evidence.Run
	Version string // of the provider
}

// addTo adds it to an intent.
func (r *RunInfo) addTo(intent evidence.Intent) evidence.Intent {
	intent.Reason, intent.Run, intent.ProviderVersion = r.Reason, r.Run, r.Version
	names := []string{intent.Person, intent.Email, intent.ID}
	if reason, ok := r.Reasons.Of(names...); ok {
		intent.Reason = reason
	}
	intent.LeftOn, _ = r.LeftOn.Of(names...)
	return intent
}

// ReasonFor returns the reason that the record of the closure of a user will give; empty for none.
func (r *Recorder) ReasonFor(u offboard.User) string {
	if r == nil {
		return ""
	}
	return r.info.addTo(evidence.Intent{Account: evidence.Account{ID: u.ID}, Email: u.Email, Person: u.Whose}).Reason
}

// ByPerson has texts by the normal form of labels, email addresses and IDs.
type ByPerson map[string]string

// NewByPerson returns the texts by these keys, which have passed CheckEntry.
func NewByPerson(texts map[string]string) ByPerson {
	all := ByPerson{}
	for key, text := range texts {
		all[offboard.Normal(offboard.Text(key))] = text
	}
	return all
}

// Of returns the text for the first of the names that has one. Names and keys are compared as
// never_close compares them.
func (b ByPerson) Of(names ...string) (text string, ok bool) {
	for _, name := range names {
		for _, form := range append([]string{name}, offboard.NamesIn(name)...) {
			if text, ok = b[offboard.Normal(offboard.Text(form))]; ok {
				return text, true
			}
		}
	}
	return "", false
}
