package closing

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// lastWrite is how long writing the outcome of a closure may take, even when the run is out of time
// or was interrupted.
const lastWrite = 30 * time.Second

// Recorder writes the evidence of all closures of one provider configuration. A nil Recorder writes
// nothing.
type Recorder struct {
	log     *evidence.Log // nil if its path is not known
	problem error         // why nothing can be written
	info    RunInfo       // goes into every record

	checked    sync.Once
	unreadable atomic.Pointer[error] // why the log could not be read in this run; nil if it could, or was not tried
	busy       atomic.Bool           // the log was locked for so long that no further refresh of this run waits for it
}

// NewRecorder returns a recorder that writes to a log, with info in every record.
func NewRecorder(log *evidence.Log, info RunInfo) *Recorder { return &Recorder{log: log, info: info} }

// UnusableRecorder returns a recorder that cannot write because of problem. With it nothing is
// closed. It reads the log, which is nil if its path is not known.
func UnusableRecorder(log *evidence.Log, problem error) *Recorder {
	return &Recorder{log: log, problem: problem}
}

// PathUnknown reports whether the path of the log is not known, so that it cannot be read.
func (r *Recorder) PathUnknown() bool { return r != nil && r.log == nil }

// Check returns at plan why nothing will be written at apply. It tells once: the reason is the same
// for every closure. A value that is not known at plan may be known at apply.
func (r *Recorder) Check(ctx context.Context) (problem error) {
	if r == nil || r.log == nil {
		return nil
	}
	r.checked.Do(func() {
		if unreadable := r.unreadable.Load(); unreadable != nil {
			problem = *unreadable // the log is not asked again in this run, even if it answers now
			return
		}
		problem = r.log.Check(ctx)
	})
	return problem
}

// Earlier returns what the log tells of earlier closures of the account. The error says why it
// cannot be read. After an error the log is not asked again in this run: otherwise every user would
// wait for its lock. The end of ctx is no such error: others may have more time.
func (r *Recorder) Earlier(ctx context.Context, account evidence.Account) (evidence.Earlier, error) {
	if r == nil {
		return evidence.Earlier{}, nil
	}
	if r.log == nil {
		return evidence.Earlier{}, r.problem
	}
	if err := r.unreadable.Load(); err != nil {
		return evidence.Earlier{}, *err
	}
	logged, err := r.log.Earlier(ctx, account)
	if err != nil && ctx.Err() == nil {
		r.unreadable.Store(&err)
	}
	return logged, err
}

// Spent returns what the log tells of a budget, and of the closure of the account under it; nothing
// if the log cannot be read, which other checks tell.
func (r *Recorder) Spent(
	ctx context.Context,
	budget *evidence.Budget,
	account evidence.Account,
) (evidence.Spent, bool) {
	if r == nil || r.log == nil || r.unreadable.Load() != nil {
		return evidence.Spent{}, false
	}
	s, err := r.log.Spent(ctx, budget, account)
	return s, err == nil
}

// briefWait is how long a refresh waits for the lock of the log at most. A log in a store has no lock.
// The first refresh waits until all of it is read.
const (
	briefWait = 5 * time.Second
	storeWait = 2 * time.Minute
)

// EarlierBriefly is Earlier for a refresh, which must keep most of its time to read the account: it
// waits for a quarter of the time at most. If the lock is not free then, no later refresh of this run
// waits for it. A plan of a destroy and a closure still do.
func (r *Recorder) EarlierBriefly(ctx context.Context, account evidence.Account) (evidence.Earlier, error) {
	if r == nil || r.log == nil {
		return r.Earlier(ctx, account)
	}
	if r.busy.Load() {
		return evidence.Earlier{}, errBusy
	}
	wait := briefWait
	if r.log.InStore() {
		wait = storeWait
	}
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)/4)
	}
	brief, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	logged, err := r.Earlier(brief, account)
	if err != nil && brief.Err() != nil && ctx.Err() == nil {
		r.busy.Store(true)
	}
	return logged, err
}

// errBusy is why a refresh does not read the log.
var errBusy = errors.New("the evidence log could not be read soon")

// Watch begins a recording of what is asked of the vendor with the returned context.
func (r *Recorder) Watch(ctx context.Context) (context.Context, *Recording) {
	if r == nil {
		return ctx, nil
	}
	recording := &Recording{recorder: r}
	return offboard.WithProofReset(rest.WithTrace(ctx, recording.add), recording.resetProof), recording
}

// Recording is the evidence of one closure. A nil Recording is of nothing.
type Recording struct {
	recorder *Recorder
	entry    *evidence.Entry  // nil until it has begun
	account  evidence.Account // of the intent that has begun

	mu       sync.Mutex
	requests []evidence.Request
	unproven int // how many of the requests prove nothing
}

func (r *Recording) add(x rest.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, evidence.Request{
		Time: x.At.UTC(), Method: x.Method, Path: x.Path, Change: x.Change, Status: x.Status, RequestID: x.RequestID,
		DurationMS: x.Took.Milliseconds(), Error: x.Err,
	})
}

// resetProof notes that the requests so far prove nothing.
func (r *Recording) resetProof() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unproven = len(r.requests)
}

// ProveByLast notes that of the requests so far the last one alone is part of the proof.
func (r *Recording) ProveByLast() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unproven = max(0, len(r.requests)-1)
}

// Begin writes that the account is about to be closed, if the conditions hold. After an error nothing
// may be changed.
func (r *Recording) Begin(ctx context.Context, intent evidence.Intent, must evidence.Conditions) error {
	switch {
	case r == nil && must.Budget != nil:
		return errNoLog
	case r == nil:
		return nil
	}
	if r.recorder.problem != nil {
		return r.recorder.problem
	}
	var err error
	r.entry, err = r.recorder.log.BeginIf(ctx, r.recorder.info.addTo(intent), must)
	r.account = intent.Account
	return err
}

// errNoLog is why a budget allows nothing without a log.
var errNoLog = errors.New("closure_budget is counted in the evidence log, and evidence_log is not set")

// Last returns the hash of the last record of a closure that has begun; empty if there is none.
func (r *Recording) Last() string {
	if r == nil || r.entry == nil {
		return ""
	}
	return r.entry.Last()
}

// End writes the outcome together with the requests so far, those that prove it marked.
func (r *Recording) End(ctx context.Context, o evidence.Outcome) error {
	if r == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entry.End(ctx, r.withRequests(o))
}

// NoCall reports whether the vendor was not asked to change anything. A nil Recording does not know, so
// it reports false.
func (r *Recording) NoCall() bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return !slices.ContainsFunc(r.requests, func(q evidence.Request) bool { return q.Change })
}

// canWrite reports whether there is a log, and it can be written.
func (r *Recording) canWrite() bool { return r != nil && r.recorder.problem == nil }

// Refused records that a guard refused a closure. A log that cannot be written lacks it.
func (r *Recording) Refused(ctx context.Context, intent evidence.Intent, guard string) error {
	if !r.canWrite() {
		return nil
	}
	return r.BeginAndEnd(ctx, intent, evidence.Outcome{Result: evidence.RefusedByGuard, Guard: guard})
}

// Unseen records that an account is not visible that stays in the state. A log that cannot be written
// lacks it.
func (r *Recording) Unseen(ctx context.Context, intent evidence.Intent) error {
	if !r.canWrite() {
		return nil
	}
	o := evidence.Outcome{Result: evidence.NotVisible, Error: offboard.ErrNotVisible.Error()}
	return r.BeginAndEnd(ctx, intent, o)
}

// BeginAndEnd records a closure that asks nothing of the vendor any more: intent and outcome in one
// piece, so that no crash between them leaves an intent behind which a call could stand.
func (r *Recording) BeginAndEnd(ctx context.Context, intent evidence.Intent, o evidence.Outcome) error {
	return r.BeginAndEndIf(ctx, intent, o, evidence.Conditions{})
}

// BeginAndEndIf is BeginAndEnd, if the conditions hold.
func (r *Recording) BeginAndEndIf(
	ctx context.Context, intent evidence.Intent, o evidence.Outcome, must evidence.Conditions,
) error {
	if r == nil {
		return nil
	}
	if r.recorder.problem != nil {
		return r.recorder.problem
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recorder.log.RecordIf(ctx, r.recorder.info.addTo(intent), r.withRequests(o), must)
}

// withRequests adds the requests so far to an outcome, those that prove it marked.
func (r *Recording) withRequests(o evidence.Outcome) evidence.Outcome {
	o.Requests = r.requests
	if o.Proof != "" {
		markProof(o.Requests, r.unproven)
	}
	return o
}

// markProof marks what was asked after the last change, leaving out the first ones, which prove
// nothing, and attempts that failed and were made again. If nothing was asked after the change, the
// change itself is the proof.
func markProof(requests []evidence.Request, unproven int) {
	last := len(requests) - 1
	for i := last; i >= unproven && (i == last || !requests[i].Change && !requests[last].Change); i-- {
		requests[i].Proof = !repeated(requests[i].Status)
	}
}

// repeated reports whether an attempt with this status is made again.
func repeated(status int) bool {
	return status == 0 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests ||
		status >= http.StatusInternalServerError
}
