// Package offboard holds the types that every other package shares: what a user is, and what may be
// found before a closure. It prints and compares text from outside, and it settles a closing call.
// It uses the standard library and golang.org/x/text.
package offboard

import (
	"errors"
	"fmt"
	"strings"
)

// Status is what a vendor says of an account.
type Status string

// The states of an account, the same for every vendor.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Closed    Status = "closed"
	// Unknown is the status if the vendor cannot tell whether the account exists.
	Unknown Status = "unknown"
)

// User is what all vendors know of an account. The package of each vendor embeds it in a User of
// its own.
type User struct {
	ID     string // the vendor's own ID, never empty
	Email  string // empty when the vendor does not show one
	Name   string // empty when the vendor does not show one
	Status Status
	// Whose is whose account it is, as the configuration says; empty if it says nothing. It is a label
	// for people, and never compared with what a vendor shows.
	Whose string `json:"-"`
}

// The errors of a read of an account that is not open. Only ErrClosed proves a closure. An absence
// is settled by Verifier.Confirm.
var (
	// ErrClosed says that the vendor itself shows the account as closed.
	ErrClosed = errors.New("the vendor says that the account is closed")
	// ErrNotFound is an absence: the vendor answers that it has no account with this ID. A replica
	// that lags, a key that lost a right and a gateway in a redeploy give the same answer. So it is
	// neither a permission nor a proof.
	ErrNotFound = errors.New("the vendor answers that it has no account with this ID")
)

// The errors of Verifier.CheckAccess.
var (
	// ErrListed says that a list shows the account as open, and a read of the account does not show
	// it.
	ErrListed = InList(errors.New("the vendor does not show the account when it is read, and its list shows it as open"))
	// ErrInList is the error of any row with the account's ID that does not show it as closed, whoever it shows,
	// and whether or not it can be read. See InList.
	ErrInList = errors.New("a row of the list has the ID of the account")
	// ErrListNotWhole says that a list of users was not read to its end. No row until there shows the account.
	ErrListNotWhole = errors.New("the list of users is not whole")
	// ErrAccessUnproven says that nothing shows that this key at this address still sees what it
	// should.
	ErrAccessUnproven = errors.New("nothing shows that the API key still sees the accounts that it should see")
	// ErrPlaceUnknown is the ErrAccessUnproven of an account that was never read, or that was shown
	// without its place: it may be where the key sees nobody.
	ErrPlaceUnknown = fmt.Errorf("%w: nothing says where the account is", ErrAccessUnproven)
	// ErrClosedUnproven is the ErrAccessUnproven of an account that the vendor shows as closed, while a trace of
	// it cannot be asked for.
	ErrClosedUnproven = fmt.Errorf("%w: the account is shown as closed, and no trace confirms that", ErrAccessUnproven)
	// ErrPerhapsListed is the ErrAccessUnproven of an account that may be one in the list, with another ID.
	ErrPerhapsListed = fmt.Errorf("%w: the list shows an account that may be this one", ErrAccessUnproven)
	// ErrAbsenceNoEnd is the ErrAccessUnproven of a vendor at which no absence is the end of an account.
	ErrAbsenceNoEnd = fmt.Errorf("%w: an absence is not the end of an account", ErrAccessUnproven)
	// ErrEmptyList is the ErrAccessUnproven of a vendor without a call for the key's own user: its
	// list is well-formed, and shows no other person of the same kind.
	ErrEmptyList = fmt.Errorf("%w: the vendor's list shows no other person of the same kind", ErrAccessUnproven)
)

// ErrAnotherPerson says that the ID shows another person than before. No call may follow.
var ErrAnotherPerson = errors.New("the ID shows another person now")

// ErrAnotherClosed is the ErrAnotherPerson of a row that shows no open account.
var ErrAnotherClosed = fmt.Errorf("%w, whose account is closed", ErrAnotherPerson)

// ErrUnclearPerson says that a reading shows several people, and that nothing says which of them has
// the account.
var ErrUnclearPerson = errors.New("nothing says who has this ID")

// ErrPersonNotShown says that the account exists, and that the vendor shows neither the name nor
// the email address that it showed before. No call may follow. A later read may show more.
var ErrPersonNotShown error = nobodyShownError{}

type nobodyShownError struct{}

func (nobodyShownError) Error() string {
	return "the ID shows neither the name nor the email address that it showed before"
}

// Transient returns true: a later read may show more.
func (nobodyShownError) Transient() bool { return true }

// The errors of a closure that neither succeeded nor failed.
var (
	// ErrNotVisible says that the vendor does not show the account any more, and that it accepted no
	// closing call of this provider.
	ErrNotVisible = errors.New("the account is not visible any more, and the vendor accepted no closing call for it")
	// ErrUnverified says that the vendor accepted the closing call and does not show the account any
	// more. But its list shows no other user, which leaves the access of the key unproven.
	ErrUnverified = errors.New(
		"the vendor accepted the closing call, and its list shows no other person of the same kind, so nothing proves " +
			"the closure",
	)
)

// Kind names what was found before a closure.
type Kind string

// What can be found. Its sentences are in causes.go of the provider.
const (
	OwnUser            Kind = "own user"             // the account holds the credential that would close it
	Balance            Kind = "balance"              // money is left; the subject is "AMOUNT CURRENCY"
	OpenOrder          Kind = "open order"           // the subject describes the order
	PendingTransaction Kind = "pending transaction"  // the subject describes the transaction
	AttachedClient     Kind = "attached client"      // the subject is the ID of a client of this advisor
	RunningLab         Kind = "running lab"          // the subject is the lab's name and ID
	CanceledLab        Kind = "cancelled lab"        // a running lab that the closure cancels first
	ForeignLab         Kind = "foreign lab"          // a running lab that may be another user's: never canceled
	BusyLab            Kind = "busy lab"             // a lab being saved or graded, which cannot be canceled
	RefusalNotKnowable Kind = "refusal not knowable" // the vendor may refuse, and cannot be asked before
	OtherPeople        Kind = "other people"         // the subject names whom other labs of the ID show
	// file transfers may run with the account's sign-in; there is no call for them
	FileTransfers Kind = "file transfers"
	// what the definition of a vendor finds: the subject is its sentence, the reason its remedy
	Obstacle            Kind = "obstacle"
	Warning             Kind = "warning"              // likewise, and it does not block the closure
	NothingThere        Kind = "nothing there"        // the vendor closed no record, and shows nothing of the account
	CheckNotPermitted   Kind = "check not permitted"  // the subject names the check that the credential may not make
	CheckSkipped        Kind = "check skipped"        // the subject names the check; the reason says why it was not made
	ExistenceUnprovable Kind = "existence unprovable" // the vendor shows nothing of the ID, which proves nothing
)

// Finding is one fact that a person should know before an account is closed.
type Finding struct {
	Kind    Kind   `json:"kind"`
	Subject string `json:"subject,omitempty"`
	Reason  string `json:"reason,omitempty"` // why a check was skipped, or how a person clears it
}

// RefusedError is a closure that this side refused before it made any call.
type RefusedError struct {
	Findings []Finding // the reasons, at least one
}

func (e *RefusedError) Error() string {
	return "refused before any closing call: " + inShort(e.Findings)
}

// ObstacleError says that no further closing call was made, because of what a read showed after one
// that may have had an effect. Unlike a RefusedError it says nothing of that call.
type ObstacleError struct {
	Findings []Finding // the reasons, at least one
}

func (e *ObstacleError) Error() string {
	return "no further closing call was made, because of what a read after the call shows: " + inShort(e.Findings)
}

// inShort lists findings in one line.
func inShort(findings []Finding) string {
	reasons := make([]string, len(findings))
	for i, f := range findings {
		reasons[i] = string(f.Kind) + " " + f.Subject
	}
	return strings.Join(reasons, "; ")
}

// StepError says where a closure of several steps stopped.
type StepError struct {
	Step   string   // the step that failed
	Done   []string // the steps that the vendor has confirmed, in order
	Before bool     // the step comes before the closing call, which was not sent
	Hidden bool     // a step before this one may have made the account absent
	Err    error
}

func (e *StepError) Error() string { return e.Step + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *StepError) Unwrap() error { return e.Err }

// WrapStep returns a *StepError with the error of the closing call and the steps done before it. It
// returns nil for a nil error.
func WrapStep(step string, err error, done ...string) error {
	if err == nil {
		return nil
	}
	return &StepError{Step: step, Done: done, Err: err}
}

// WrapStepBefore is WrapStep for a step that comes before the closing call: a check, a block, the
// cancellation of a lab.
func WrapStepBefore(step string, err error, done ...string) error {
	if err == nil {
		return nil
	}
	return &StepError{Step: step, Done: done, Before: true, Err: err}
}
