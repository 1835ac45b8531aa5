package closing

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// LogNote is what a plan notes of the evidence log. A plan holds for one apply, and only the log
// tells whether a closure has used it. So the apply must read the same log, and find there the same
// record of the account as the last one that tells of a call or a proof. No times are compared,
// because the clocks of two machines differ.
type LogNote struct {
	Log  string        `json:"log,omitempty"` // as evidence.Earlier.Log; empty if the plan found no log
	Used evidence.Mark `json:"used,omitzero"`
}

// NoteOf returns what a plan notes of what the log told.
func NoteOf(logged *evidence.Earlier) *LogNote { return &LogNote{Log: logged.Log, Used: logged.Used} }

// UsedUp returns the refusal to close an account by a review that a closure has used already, or may
// have used; nil if none has. Nobody has reviewed the account as that closure left it, and it may
// have been opened again since then.
func (r *Review) UsedUp(logged *evidence.Earlier) *Refusal {
	if r.Log == nil && r.LastCall != nil {
		return r.usedUpByTime(logged)
	}
	var noted LogNote // a plan that could not read the log knows of no closure
	if r.Log != nil {
		noted = *r.Log
	}
	reason := ChangedSinceReview
	switch {
	case noted.Log == "" && logged.Used.Record == "":
		return nil
	case r.Log == nil:
		reason = LogNotRead
	case noted.Log == "":
		reason = NoLogAtPlan
	case noted.Log != logged.Log:
		reason = AnotherLog
	case noted.Used.Record == logged.Used.Record:
		return nil
	}
	return usedUp(reason, noted.Used.Time, logged.Used.Time)
}

// LogError says that the log could not be read again before a call, so that none followed.
type LogError struct{ Err error }

func (e *LogError) Error() string {
	return "the evidence log could not be read again before the call: " + e.Err.Error()
}

// Unwrap returns why it could not be read.
func (e *LogError) Unwrap() error { return e.Err }

// Overtaken returns a *evidence.UsedError if another closure of the account was recorded since this
// one began. A call may wait for an hour, and nobody has reviewed how that closure left the account.
// was is the last record before this one began. A log that cannot be read is an error, too. But what
// the vendor has taken a step of is completed: nobody is left half closed because of the log.
func (r *Recording) Overtaken(ctx context.Context, was evidence.Mark) error {
	if r.Last() == "" {
		return nil
	}
	now, err := r.recorder.log.Earlier(ctx, r.account)
	switch {
	case err != nil && r.tookStep():
		return nil
	case err != nil:
		return &LogError{err}
	case now.Used.Record != r.Last():
		return &evidence.UsedError{Was: was, Is: now.Used}
	}
	return nil
}

// tookStep reports whether the vendor has answered a change with success.
func (r *Recording) tookStep() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.requests, func(q evidence.Request) bool {
		return q.Change && q.Status >= http.StatusOK && q.Status < http.StatusMultipleChoices
	})
}

// UsedMeanwhile returns the refusal in the error of Recording.Begin or Recording.Overtaken because
// another run has closed the account since this one read the log; nil if there is none.
func UsedMeanwhile(err error) *Refusal {
	used, ok := errors.AsType[*evidence.UsedError](err)
	if !ok {
		return nil
	}
	return usedUp(ChangedSinceReview, used.Was.Time, used.Is.Time)
}

// usedUpByTime is UsedUp for a review of an older version, which has noted when the last closure
// began.
func (r *Review) usedUpByTime(logged *evidence.Earlier) *Refusal {
	switch {
	case logged.NoFile && !r.LastCall.IsZero():
		return usedUp(AnotherLog, *r.LastCall, time.Time{})
	case !r.LastCall.Equal(logged.At):
		return usedUp(ChangedSinceReview, *r.LastCall, logged.At)
	}
	return nil
}

// usedUp returns a refusal that tells of the last closure, at the plan and now.
func usedUp(reason Reason, was, is time.Time) *Refusal {
	change := Change{"last closure", timeText(was), timeText(is)}
	return &Refusal{Reason: reason, Guard: "review", Changes: []Change{change}}
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return "none"
	}
	return t.UTC().Format(time.RFC3339)
}
