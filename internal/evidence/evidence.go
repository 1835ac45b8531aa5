// Package evidence keeps a log of closures that an auditor can check. Before a closure changes
// anything, a record says what is intended. After it, a record says how it ended and what proves
// that.
//
// The file is JSON Lines, one record a line, and it is only ever appended to. Each record holds the
// SHA-256 of the one before it, so a record that is changed, removed or moved breaks the chain. The
// chain alone does not show that a person has rewritten the whole file, or cut off its end. For
// that, the hash of the last record, the head, must be kept elsewhere.
package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Record is one line of the file: either an intent or an outcome.
type Record struct {
	// Prev is the SHA-256 of the line of the record before it, in hexadecimal; Start for the first.
	Prev string `json:"prev"`
	// Truncated is the SHA-256 of a line between that record and this one, which a crash cut off.
	Truncated string    `json:"torn,omitempty"`
	Time      time.Time `json:"time"`
	Intent    *Intent   `json:"intent,omitempty"`
	Outcome   *Outcome  `json:"outcome,omitempty"`
}

// Start is the Prev of the first record.
var Start = strings.Repeat("0", 2*sha256.Size)

// Account is an account at a vendor.
type Account struct {
	Vendor string `json:"vendor"`
	Tenant string `json:"tenant"` // the host at the vendor, and the path if there is one
	ID     string `json:"id"`
	// a keyed hash that tells the owners of API keys apart, if two of them can have accounts with the
	// same ID; empty if no two can
	KeyHash string `json:"key_hash,omitempty"`
}

// Intent is a closure that is about to begin.
type Intent struct {
	Account
	Email           string             `json:"email,omitempty"`
	Name            string             `json:"name,omitempty"`
	Status          string             `json:"status,omitempty"` // of the account, just before
	Action          string             `json:"action"`           // "close", or "block" for what can be undone
	Facts           map[string]string  `json:"facts,omitempty"`  // what the reviewer of the plan was shown
	Findings        []offboard.Finding `json:"findings,omitempty"`
	Reason          string             `json:"reason,omitempty"`  // what the configuration gives as the reason
	Person          string             `json:"person,omitempty"`  // whose account it is, as the configuration says
	LeftOn          string             `json:"left_on,omitempty"` // the day on which the person left, as in 2026-11-29
	Run             *Run               `json:"run,omitempty"`     // who and where; nil if nothing is known
	ProviderVersion string             `json:"provider_version"`
	// Seen tells from which state and plan the closure came.
	Seen Seen `json:"seen,omitzero"`
	// Resumes is the hash of an intent for the same account that has no outcome.
	Resumes string `json:"resumes,omitempty"`
}

// Seen holds the times at which the state and the plan of a closure saw the account open. A state
// that saw it open after the closure, and without this log, has another time. They are only compared
// with each other, because the clocks of two machines differ.
type Seen struct {
	Now    time.Time `json:"now,omitzero"`    // closing.Record.Look, when the intent was written
	Look   time.Time `json:"look,omitzero"`   // that of the plan, which the state has if the run is killed
	Before time.Time `json:"before,omitzero"` // that before it, which the state has if it lacks the last one
	Plan   time.Time `json:"plan,omitzero"`   // when the plan read the account
}

// Has reports whether one of the times is this one.
func (s *Seen) Has(at time.Time) bool {
	return !at.IsZero() && (at.Equal(s.Now) || at.Equal(s.Look) || at.Equal(s.Before) || at.Equal(s.Plan))
}

// Run is who runs the closure, where, and by whose approval. A part that is not known is empty.
type Run struct {
	Actor      string `json:"actor,omitempty"`       // who started it
	URL        string `json:"url,omitempty"`         // its page, for example at GitHub Actions
	Commit     string `json:"commit,omitempty"`      // of the configuration
	Request    string `json:"request,omitempty"`     // the pull request or merge request
	ApprovedBy string `json:"approved_by,omitempty"` // who approved it
}

// The actions of an intent.
const (
	Close = "close"
	Block = "block"
)

// Outcome is how a closure ended.
type Outcome struct {
	Intent string `json:"intent"` // the hash of the intent's record
	Result Result `json:"result"`
	Guard  string `json:"guard,omitempty"` // the guard that refused it; for RefusedByGuard only
	// Open says that the vendor showed the account open after the intent, before which it showed nothing.
	Open bool `json:"open,omitempty"`
	// Sent is how the closing call ended; empty if none was sent, or the vendor refused it.
	Sent Sent `json:"sent,omitempty"`
	// Listed says that a row of a list had the account's ID after the call was accepted.
	Listed bool   `json:"listed,omitempty"`
	Error  string `json:"error,omitempty"`
	// Proof is what the vendor's last answers say, in words; empty if nothing is proven.
	Proof    string    `json:"proof,omitempty"`
	Requests []Request `json:"requests,omitempty"`
}

// Sent is how the call that closes an account ended.
type Sent string

// How a closing call can end that the vendor does not refuse.
const (
	Accepted Sent = "accepted" // the vendor said that it does, or has done, what was asked
	Lost     Sent = "lost"     // the call was sent, and no answer to it came
	Listed   Sent = "listed"   // Accepted with Outcome.Listed; in Earlier only
)

// Request is one attempt of a request of a closure, without query, headers and bodies.
type Request struct {
	Time       time.Time `json:"time"`
	Method     string    `json:"method"`
	Path       string    `json:"path"`
	Change     bool      `json:"change,omitempty"` // whether it asked the vendor to change something
	Status     int       `json:"status,omitempty"` // 0 when no answer came
	RequestID  string    `json:"request_id,omitempty"`
	DurationMS int64     `json:"duration_ms"`
	Error      string    `json:"error,omitempty"` // why no answer came
	Proof      bool      `json:"proof,omitempty"` // whether its answer is part of the proof
}

// hash returns the SHA-256 of a line without its line break, in hexadecimal.
func hash(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// parse parses a line. A line that is not one whole record is an error.
func parse(line []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(line, &r); err != nil {
		return Record{}, err
	}
	if len(r.Prev) != len(Start) || (r.Intent == nil) == (r.Outcome == nil) {
		return Record{}, errors.New("it is neither an intent nor an outcome")
	}
	return r, nil
}
