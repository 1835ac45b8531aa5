// Package evidence keeps a log of closings that an auditor can check: before a closing changes
// anything, a record of what is intended; after it, a record of what came of it and what proves
// that.
//
// The file is JSON Lines, one record a line, and is only ever appended to. Each record holds the
// SHA-256 of the one before it, so that a record which is changed, removed or moved breaks the
// chain. The chain alone is no proof against somebody who writes the whole file anew, or cuts off
// its end: the hash of the last record, the head, must be kept elsewhere for that.
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
	// SHA-256 of the line of the record before it, in hexadecimal; Start for the first
	Prev string `json:"prev"`
	// SHA-256 of what stands between that record and this one: lines cut off by a crash
	Truncated string    `json:"torn,omitempty"`
	Time      time.Time `json:"time"`
	Intent    *Intent   `json:"intent,omitempty"`
	Outcome   *Outcome  `json:"outcome,omitempty"`
}

// Start is what the first record has in the place of the hash of the one before it.
var Start = strings.Repeat("0", 2*sha256.Size)

// Account says which account of which vendor.
type Account struct {
	Vendor string `json:"vendor"`
	Tenant string `json:"tenant"` // where at the vendor: the host, and the path if there is one
	ID     string `json:"id"`
	// a keyed hash that tells the owners of API keys apart, if two of them can have accounts with the
	// same ID; empty if no two can
	KeyHash string `json:"key_hash,omitempty"`
}

// Intent is a closing that is about to begin.
type Intent struct {
	Account
	Email           string             `json:"email,omitempty"`
	Name            string             `json:"name,omitempty"`
	Status          string             `json:"status,omitempty"` // of the account, just before
	Action          string             `json:"action"`           // "close", or "block" for what can be undone
	Facts           map[string]string  `json:"facts,omitempty"`  // what the reviewer of the plan was shown
	Findings        []offboard.Finding `json:"findings,omitempty"`
	Reason          string             `json:"reason,omitempty"` // what the configuration gives as the reason
	ProviderVersion string             `json:"provider_version"`
	// the hash of an intent for the same account that has no outcome
	Resumes string `json:"resumes,omitempty"`
}

// The actions of an intent.
const (
	Close = "close"
	Block = "block"
)

// Outcome is what came of a closing.
type Outcome struct {
	Intent string `json:"intent"` // the hash of the intent's record
	Result Result `json:"result"`
	Guard  string `json:"guard,omitempty"` // the guard that refused it; for RefusedByGuard only
	// what became of the closing call; empty when none was sent, or the vendor refused it
	Sent  Sent   `json:"sent,omitempty"`
	Error string `json:"error,omitempty"`
	// what the vendor's last answers say, in words; empty when nothing is proven
	Proof    string    `json:"proof,omitempty"`
	Requests []Request `json:"requests,omitempty"`
}

// Sent says what became of the call that closes an account.
type Sent string

// What becomes of a closing call that the vendor does not refuse.
const (
	Accepted Sent = "accepted" // the vendor said that it does, or has done, what was asked
	Lost     Sent = "lost"     // the call left, and no answer to it came
)

// Request is one request of a closing, each attempt counted, without query, headers and bodies.
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

// hash is the SHA-256 of a line without its line break, in hexadecimal.
func hash(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// parse reads a line. What is not one whole record is an error.
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
