package provider

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
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
			MarkdownDescription: "Path of a file to which every closing is recorded, in JSON Lines: one record before anything is changed, with who, where and why; one after it, with each " +
				"request and the proof. Each record holds the SHA-256 of the one before it. When the first cannot be written, nothing is closed; when the second cannot, the user stays in the state until it is. The file holds names and e-mail " +
				"addresses, and no key. A relative path begins at the directory in which Terraform runs. The default is to record nothing.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"reason": schema.StringAttribute{
			MarkdownDescription: "Why accounts are closed, a ticket for example. It is written into each record of `evidence_log`.",
			Optional:            true,
		},
	}
}

// recorder writes the evidence of all closings of one provider configuration. A nil recorder writes nothing.
type recorder struct {
	log             *evidence.Log
	problem         error // why nothing can be written
	reason, version string
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
	return rest.WithTrace(ctx, recorded.add), recorded
}

// recording is the evidence of one closing. A nil recording is of nothing.
type recording struct {
	recorder *recorder
	entry    *evidence.Entry

	mu       sync.Mutex
	requests []evidence.Request
}

func (r *recording) add(x rest.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, evidence.Request{
		Time: x.At.UTC(), Method: x.Method, Path: x.Path, Change: x.Change, Status: x.Status, RequestID: x.RequestID, DurationMS: x.Took.Milliseconds(), Error: x.Err,
	})
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
	o.Requests = r.requests
	if o.Proof != "" {
		markProof(o.Requests)
	}
	return r.entry.End(ctx, o)
}

// markProof marks what was asked after the last change; where nothing was, the change itself is the proof.
func markProof(requests []evidence.Request) {
	last := len(requests) - 1
	for i := last; i >= 0 && (i == last || !requests[i].Change && !requests[last].Change); i-- {
		requests[i].Proof = true
	}
}

// intent is the closing that is about to begin, with what the reviewer of the plan was shown.
func (r *userResource) intent(state userState, shown review) evidence.Intent {
	user := state.common().user()
	intent := evidence.Intent{
		Account: evidence.Account{Vendor: r.kind.name, Tenant: r.kind.tenant(r.clients), ID: user.ID},
		Email:   user.Email, Name: user.Name, Status: string(user.Status), Action: evidence.Close, Facts: shown.Facts, Findings: shown.Findings,
	}
	if state.reversible() {
		intent.Action = evidence.Block
	}
	return intent
}

// outcome is what came of a closing. Where the vendor has shown a person for the id before, to find nothing means that the account is closed.
func (r *userResource) outcome(state userState, findings []offboard.Finding, err error) evidence.Outcome {
	var refused *offboard.RefusedError
	var unproven *offboard.UnprovenError
	switch {
	case errors.As(err, &refused):
		return evidence.Outcome{Result: evidence.Refused, Error: err.Error()}
	case errors.As(err, &unproven), errors.Is(err, offboard.ErrStillOpen):
		return evidence.Outcome{Result: evidence.Unproven, Error: err.Error()}
	case err != nil:
		return evidence.Outcome{Result: evidence.Failed, Error: err.Error()}
	case state.reversible():
		return evidence.Outcome{Result: evidence.Suspended, Proof: r.kind.title + " shows the user as blocked, or has no such user any more."}
	}
	o := evidence.Outcome{Result: evidence.Closed, Proof: r.kind.proof}
	if slices.Contains(findings, offboard.Finding{Kind: offboard.NothingThere}) {
		o.Result = evidence.AlreadyClosed
		if user := state.common().user(); user.Name+user.Email == "" {
			o.Result = evidence.NotVisible
		}
	}
	return o
}

// recordGone records that an account was gone before anything was done, or that an interrupted closing had worked. That it is only not shown proves neither.
func (r *userResource) recordGone(ctx context.Context, recorded *recording, resp *resource.DeleteResponse, state userState, shown review, absence error) {
	o := evidence.Outcome{Result: evidence.AlreadyClosed, Proof: r.kind.proof}
	if errors.Is(absence, offboard.ErrNotShown) {
		o = evidence.Outcome{Result: evidence.NotVisible}
	}
	err := recorded.begin(ctx, r.intent(state, shown))
	if err == nil {
		err = recorded.end(ctx, o)
	}
	if err != nil {
		resp.Diagnostics.Append(notRecorded(r.kind, state.common().user(), true, err))
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}
