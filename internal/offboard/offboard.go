// Package offboard holds the words that every other package shares: what a user is, what may be found before a closing,
// how text from outside is printed and compared, and how a closing call is settled. It uses the standard library and golang.org/x/text.
package offboard

import (
	"errors"
	"fmt"
)

// Status is what a vendor says of an account.
type Status string

// The states of an account, the same for every vendor.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Closed    Status = "closed"
	// Unknown is the answer of a vendor that cannot tell whether the account exists.
	Unknown Status = "unknown"
)

// User is what all vendors know of an account. Vendors embed it in a User of their own.
type User struct {
	ID     string // the vendor's own id, never empty
	Email  string // empty when the vendor does not show one
	Name   string // empty when the vendor does not show one
	Status Status
}

// ErrNotFound says that the vendor itself has no open account with this id: it never existed, or it is closed.
// Whatever else keeps an account from being read is another error.
var ErrNotFound = errors.New("the vendor has no open account with this id")

// ErrNotShown is an ErrNotFound that a vendor also answers for an account that is open, but that the credential may not see.
var ErrNotShown = fmt.Errorf("%w, or none that the credential may see", ErrNotFound)

// Kind names what was found before a closing.
type Kind string

// What can be found. The sentences that go with them stand in the provider's causes.go.
const (
	OwnUser             Kind = "own user"             // the account holds the credential that would close it
	Balance             Kind = "balance"              // money is left; the subject is "AMOUNT CURRENCY"
	OpenOrder           Kind = "open order"           // the subject describes the order
	PendingTransaction  Kind = "pending transaction"  // the subject describes the transaction
	AttachedClient      Kind = "attached client"      // the subject is the id of a client that hangs on this advisor
	RunningLab          Kind = "running lab"          // the subject is the lab's name and id
	CancelledLab        Kind = "cancelled lab"        // a running lab that the closing cancels first
	BusyLab             Kind = "busy lab"             // a lab being saved or graded, which cannot be cancelled
	RefusalNotKnowable  Kind = "refusal not knowable" // the vendor may refuse, and cannot be asked beforehand
	NothingThere        Kind = "nothing there"        // the vendor closed zero records
	CheckNotPermitted   Kind = "check not permitted"  // the subject names the check that the credential may not make
	CheckSkipped        Kind = "check skipped"        // the subject names the check for which the rate limit leaves no time
	ExistenceUnprovable Kind = "existence unprovable" // the vendor shows no trace of the id, which proves nothing
)

// Finding is one fact that a person should know before an account is closed.
type Finding struct {
	Kind    Kind   `json:"kind"`
	Subject string `json:"subject,omitempty"`
}

// RefusedError is a closing refused by this side before any call was made.
type RefusedError struct {
	Findings []Finding // the reasons, at least one
}

func (e *RefusedError) Error() string {
	text := "refused before any closing call:"
	for _, f := range e.Findings {
		text += " " + string(f.Kind) + " " + f.Subject + ";"
	}
	return text[:len(text)-1]
}

// StepError says where a closing of several steps stopped.
type StepError struct {
	Step string   // the step that failed
	Done []string // the steps that the vendor has confirmed, in order
	Err  error
}

func (e *StepError) Error() string { return e.Step + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *StepError) Unwrap() error { return e.Err }

// Stopped wraps the error of a step together with the steps done before it. It returns nil for a nil error.
func Stopped(step string, err error, done ...string) error {
	if err == nil {
		return nil
	}
	return &StepError{Step: step, Done: done, Err: err}
}
