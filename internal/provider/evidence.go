package provider

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// lastWrite is how long writing the outcome of a closing may take, even when the run is out of time or was interrupted.
const lastWrite = 30 * time.Second

// evidenceSettings are the attributes of the provider block that are about evidence.
func evidenceSettings() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"evidence_log": schema.StringAttribute{
			MarkdownDescription: "Path of a file in JSON Lines that records every closure. " +
				"The first record, written before anything is changed, says who, where and why. " +
				"The second one has each request and the proof. Each record holds the SHA-256 of the record before it. " +
				"If the first record cannot be written, nothing is closed. " +
				"If the second one cannot be written, the user stays in the state until it is. " +
				"The file holds names and email addresses, and no API key. " +
				"A relative path begins at the directory in which Terraform runs. By default nothing is recorded.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"reason": schema.StringAttribute{
			MarkdownDescription: "Why accounts are closed, for example the number of a ticket. It is written to each " +
				"record of `evidence_log`.",
			Optional: true,
		},
	}
}

// recorder writes the evidence of all closings of one provider configuration. A nil recorder writes nothing.
type recorder struct {
	log             *evidence.Log
	problem         error // why nothing can be written
	reason, version string

	checked    sync.Once
	unreadable atomic.Pointer[error] // why the log could not be read in this run; nil when it could, or was not tried
}

// check tells at plan that nothing will be written at apply. It tells once: the reason is the same for every closing.
func (r *recorder) check(ctx context.Context) (problem error) {
	if r == nil || r.problem != nil {
		return nil // a value that is not known at plan may be known at apply
	}
	r.checked.Do(func() { problem = r.log.Check(ctx) })
	return problem
}

func newRecorder(m providerModel, version string) *recorder {
	switch {
	case m.EvidenceLog.IsNull():
		return nil
	case m.EvidenceLog.IsUnknown() || m.Reason.IsUnknown():
		return &recorder{problem: errUnknown}
	}
	return &recorder{log: evidence.New(m.EvidenceLog.ValueString()), reason: m.Reason.ValueString(), version: version}
}

// watch begins a recording of what is asked of the vendor with the returned context.
func (r *recorder) watch(ctx context.Context) (context.Context, *recording) {
	if r == nil {
		return ctx, nil
	}
	recorded := &recording{recorder: r}
	return offboard.WithDoubt(rest.WithTrace(ctx, recorded.add), recorded.doubt), recorded
}

// recording is the evidence of one closing. A nil recording is of nothing.
type recording struct {
	recorder *recorder
	entry    *evidence.Entry

	mu       sync.Mutex
	requests []evidence.Request
	doubted  int // how many of the requests prove nothing
}

func (r *recording) add(x rest.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, evidence.Request{
		Time: x.At.UTC(), Method: x.Method, Path: x.Path, Change: x.Change, Status: x.Status, RequestID: x.RequestID, DurationMS: x.Took.Milliseconds(), Error: x.Err,
	})
}

// doubt notes that the requests so far prove nothing.
func (r *recording) doubt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubted = len(r.requests)
}

// begin writes that the account is about to be closed. After an error nothing may be changed.
func (r *recording) begin(ctx context.Context, intent evidence.Intent) error {
	if r == nil {
		return nil
	}
	if r.recorder.problem != nil {
		return r.recorder.problem
	}
	intent.Reason, intent.ProviderVersion = r.recorder.reason, r.recorder.version
	var err error
	r.entry, err = r.recorder.log.Begin(ctx, intent)
	return err
}

// end writes the outcome together with the requests so far, those that prove it marked.
func (r *recording) end(ctx context.Context, o evidence.Outcome) error {
	if r == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entry.End(ctx, r.withRequests(o))
}

// markProof marks what was asked after the last change, leaving out the first ones, which prove nothing, and attempts that failed and were
// made again. Where nothing was asked after the change, the change itself is the proof.
func markProof(requests []evidence.Request, doubted int) {
	last := len(requests) - 1
	for i := last; i >= doubted && (i == last || !requests[i].Change && !requests[last].Change); i-- {
		requests[i].Proof = !repeated(requests[i].Status)
	}
}

// repeated reports whether an attempt with this status is made again.
func repeated(status int) bool {
	return status == 0 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// earlier is what the log tells of earlier closings of the account. The error says why it cannot be read; after one the log is not asked
// again in this run, so that not everybody waits for a lock.
func (r *recorder) earlier(ctx context.Context, account evidence.Account) (evidence.Earlier, error) {
	if r == nil {
		return evidence.Earlier{}, nil
	}
	if r.problem != nil {
		return evidence.Earlier{}, r.problem
	}
	if err := r.unreadable.Load(); err != nil {
		return evidence.Earlier{}, *err
	}
	told, err := r.log.Earlier(ctx, account)
	if err != nil {
		r.unreadable.Store(&err)
	}
	return told, err
}

// explains is how far a closing call came of which the log tells, as far as it can explain an absence now. A run that was killed has left
// an intent without an outcome: its call may have left. A call from before the account was last seen open, and one for another person, says
// nothing of this account.
func explains(told evidence.Earlier, remembered record) offboard.Call {
	switch {
	case told.At.Before(remembered.Opened) || !told.Person.Is(remembered.Person):
		return offboard.NotSent
	case told.Sent == evidence.Accepted:
		return offboard.Accepted
	case told.Open || told.Sent == evidence.Lost:
		return offboard.Lost
	}
	return offboard.NotSent
}

// refused records that a guard refused a closing. It comes to the log in one piece, for nothing is done between intent and outcome.
func (r *recording) refused(ctx context.Context, intent evidence.Intent, guard string) error {
	if r == nil || r.recorder.problem != nil {
		return nil
	}
	return r.whole(ctx, intent, evidence.Outcome{Result: evidence.RefusedByGuard, Guard: guard})
}

// whole records a closing that asks nothing of the vendor any more: intent and outcome in one piece, so that no crash between them leaves
// an intent behind which a call could stand.
func (r *recording) whole(ctx context.Context, intent evidence.Intent, o evidence.Outcome) error {
	if r == nil {
		return nil
	}
	if r.recorder.problem != nil {
		return r.recorder.problem
	}
	intent.Reason, intent.ProviderVersion = r.recorder.reason, r.recorder.version
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recorder.log.Record(ctx, intent, r.withRequests(o))
}

// withRequests adds the requests so far to an outcome, those that prove it marked.
func (r *recording) withRequests(o evidence.Outcome) evidence.Outcome {
	o.Requests = r.requests
	if o.Proof != "" {
		markProof(o.Requests, r.doubted)
	}
	return o
}

// account is what the log calls an account.
func (r *userResource) account(id string) evidence.Account {
	return evidence.Account{Vendor: r.kind.name, Tenant: r.tenant(), ID: id}
}

// intent is the closing that is about to begin, with what the reviewer of the plan was shown.
func (d *destruction) intent() evidence.Intent {
	user := d.state.common().user()
	intent := evidence.Intent{
		Account: d.account(user.ID), Email: user.Email, Name: user.Name, Status: string(user.Status), Action: evidence.Close,
		Facts: d.shown.Facts, Findings: d.shown.Findings,
	}
	if user.Status == offboard.Unknown && d.kind.indirect {
		intent.Status = "" // nothing was shown, while an unknown status is one of an account that was
	}
	if d.state.reversible() {
		intent.Action = evidence.Block
	}
	return intent
}

// outcome is what came of a closing.
func (d *destruction) outcome(proof offboard.Sight, findings []offboard.Finding, err error) evidence.Outcome {
	var refused *offboard.RefusedError
	var unproven *offboard.UnprovenError
	var step *offboard.StepError
	sent := evidence.Sent(offboard.CallOf(err))
	switch {
	case errors.As(err, &refused):
		return evidence.Outcome{Result: evidence.Refused, Error: err.Error()}
	case errors.Is(err, offboard.ErrNotVisible):
		return evidence.Outcome{Result: evidence.NotVisible, Error: err.Error(), Sent: sent}
	case errors.As(err, &step) && step.Before && !d.state.reversible(): // no closing call was made, whatever became of the step
		return evidence.Outcome{Result: evidence.Failed, Error: err.Error()}
	case errors.As(err, &unproven), errors.Is(err, offboard.ErrStillOpen), errors.Is(err, offboard.ErrUnvouched):
		return evidence.Outcome{Result: evidence.Unproven, Error: err.Error(), Sent: sent}
	case err != nil:
		return evidence.Outcome{Result: evidence.Failed, Error: err.Error(), Sent: sent}
	case d.state.reversible():
		return evidence.Outcome{Result: evidence.Suspended, Proof: d.kind.proofs[proof]}
	case slices.ContainsFunc(findings, func(f offboard.Finding) bool { return f.Kind == offboard.NothingThere }):
		return evidence.Outcome{Result: evidence.NotVisible}
	}
	return evidence.Outcome{Result: evidence.Closed, Proof: d.kind.proofs[proof]}
}
