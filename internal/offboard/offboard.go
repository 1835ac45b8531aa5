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

// The ends of a look at an account that is not open. Only the vendor's own tombstone is a closing; an absence is judged by Confirm.
var (
	// ErrClosed is the vendor's own word that the account is closed.
	ErrClosed = errors.New("the vendor says that the account is closed")
	// ErrNotFound is a raw absence: the vendor answers that it has no account with this ID. A replica that lags, a key that lost a
	// right and a gateway in a redeploy answer the same, so it is neither permission nor proof.
	ErrNotFound = errors.New("the vendor answers that it has no account with this ID")
)

// The ends of asking for a sign of life.
var (
	// ErrListed says that a list shows the account as open that a read of it does not show.
	ErrListed = errors.New("the vendor does not show the account when it is read, and its list shows it as open")
	// ErrNoSign says that nothing shows that this key at this address still sees what it should.
	ErrNoSign = errors.New("nothing shows that the API key still sees the accounts that it should see")
	// ErrEmptyList is an ErrNoSign of a vendor without a call for the key's own user: its list is well-formed and empty.
	ErrEmptyList = fmt.Errorf("%w: the vendor's list of users is empty", ErrNoSign)
)

// ErrAnotherPerson says that the account behind the ID shows somebody else than before: no call may follow.
var ErrAnotherPerson = errors.New("the ID shows another person now")

// ErrNobodyShown says that the account is there, and that the vendor shows neither the name nor the email address that it showed before:
// no call may follow. A later look may show more.
var ErrNobodyShown error = nobodyShownError{}

type nobodyShownError struct{}

func (nobodyShownError) Error() string {
	return "the ID shows neither the name nor the email address that it showed before"
}

// Transient reports that a later look may show more.
func (nobodyShownError) Transient() bool { return true }

// The ends of a closing that neither succeeded nor failed.
var (
	// ErrNotVisible says that the vendor does not show the account any more, and that no closing call of ours was accepted.
	ErrNotVisible = errors.New("the account is not visible any more, and the vendor accepted no closing call for it")
	// ErrUnvouched says that the closing call was accepted and the account is gone, and that nothing vouches for it.
	ErrUnvouched = errors.New("the vendor accepted the closing call, and its list of users is empty, so nothing proves the closure")
)

// Kind names what was found before a closing.
type Kind string

// What can be found. The sentences that go with them are in the provider's findings.go.
const (
	OwnUser             Kind = "own user"             // the account holds the credential that would close it
	Balance             Kind = "balance"              // money is left; the subject is "AMOUNT CURRENCY"
	OpenOrder           Kind = "open order"           // the subject describes the order
	PendingTransaction  Kind = "pending transaction"  // the subject describes the transaction
	AttachedClient      Kind = "attached client"      // the subject is the id of a client that hangs on this advisor
	RunningLab          Kind = "running lab"          // the subject is the lab's name and id
	CancelledLab        Kind = "cancelled lab"        // a running lab that the closing cancels first
	ForeignLab          Kind = "foreign lab"          // a running lab that nothing shows to be this user's: never canceled
	BusyLab             Kind = "busy lab"             // a lab being saved or graded, which cannot be cancelled
	RefusalNotKnowable  Kind = "refusal not knowable" // the vendor may refuse, and cannot be asked beforehand
	FileTransfers       Kind = "file transfers"       // file transfers may run with the account's sign-in, and cannot be asked for
	NothingThere        Kind = "nothing there"        // the vendor closed zero records, and shows nothing of the account
	CheckNotPermitted   Kind = "check not permitted"  // the subject names the check that the credential may not make
	CheckSkipped        Kind = "check skipped"        // the subject names a check that could not be made; the reason says why
	ExistenceUnprovable Kind = "existence unprovable" // the vendor shows no trace of the id, which proves nothing
)

// Finding is one fact that a person should know before an account is closed.
type Finding struct {
	Kind    Kind   `json:"kind"`
	Subject string `json:"subject,omitempty"`
	Reason  string `json:"reason,omitempty"` // why a check was skipped
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
	Step   string   // the step that failed
	Done   []string // the steps that the vendor has confirmed, in order
	Before bool     // the step comes before the closing call, which has not left
	Err    error
}

func (e *StepError) Error() string { return e.Step + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *StepError) Unwrap() error { return e.Err }

// Stopped wraps the error of the closing call together with the steps done before it. It returns nil for a nil error.
func Stopped(step string, err error, done ...string) error {
	if err == nil {
		return nil
	}
	return &StepError{Step: step, Done: done, Err: err}
}

// StoppedBefore is Stopped for a step that comes before the closing call: a check, a block, the cancellation of a lab.
func StoppedBefore(step string, err error, done ...string) error {
	if err == nil {
		return nil
	}
	return &StepError{Step: step, Done: done, Before: true, Err: err}
}
