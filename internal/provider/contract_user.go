package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The labels of what a closure asks, beside those of the vendor's own questions.
const (
	labelImport  = "import"
	labelSuspend = "suspend"
	labelClose   = "close"
	labelAgain   = "after the second call"
)

// sacrifice is a user whom the check closes. What it does is what an import, an update that suspends
// and a destroy do, one after the other: it has no closing path of its own.
type sacrifice struct {
	*contractRun
	id         string
	state      userState
	remembered closing.Record

	suspended, closed bool // whether the vendor showed it
}

// play imports, suspends and closes the user. It asks the vendor at each stage.
func (s *sacrifice) play(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, contractTimeout+2*deleteTimeout)
	defer cancel()
	s.state = s.kind.newState()
	if u, ok := s.state.(interface{ allowAll() }); ok {
		u.allowAll()
	}

	m := s.state.common()
	m.ID, m.Tenant, m.Timeouts = types.StringValue(s.id), types.StringValue(s.tenant()), noTimeouts()
	if !s.refresh(contract.As(ctx, labelImport), true) {
		s.came.Stop(stoppedUnread)
		return
	}
	if s.unprotected() {
		return
	}
	s.asks.AskOf(ctx, contract.Before, m.user())
	if s.kind.suspension.is != "" {
		s.suspend(contract.As(ctx, labelSuspend))
		s.asks.AskOf(ctx, contract.Suspended, m.user())
		ok := s.refresh(contract.As(ctx, labelImport), false)
		if _, shown := s.clients.readings.get(s.kind.name, s.id); !shown {
			s.came.Stop(stoppedAtSuspended(s.kind))
		}
		if !ok {
			return
		}
	}
	d := s.close(contract.As(ctx, labelClose))
	if d == nil {
		s.came.Stop(stoppedAtPlan)
		return
	}
	s.asks.AskOf(ctx, contract.Closed, d.before)
	if s.closed = d.done; !s.closed {
		s.came.Stop(stoppedUnconfirmed)
		return
	}
	s.again(ctx, d, contract.Closed)
}

// unprotected refuses a user without an address, while never_close names addresses. A block could have
// named the person, and here there is none.
func (s *sacrifice) unprotected() bool {
	guards, user := s.clients.guards.For(nil), s.state.common().user()
	if !guards.ComparesNoAddress(user.Email, s.state.facts()[closing.Login]) {
		return false
	}
	s.diags.Append(sacrificeShowsNobody(s.kind, user))
	return true
}

// count counts what became of the user.
func (s *sacrifice) count() {
	switch {
	case s.closed:
		s.changed.Closed++
	case s.suspended:
		s.changed.Suspended++
	default:
		s.changed.Unconfirmed++
	}
}

// refresh reads the user, as an import or a refresh does.
func (s *sacrifice) refresh(ctx context.Context, imported bool) bool {
	var diags diag.Diagnostics
	diags.Append(s.userResource.refresh(ctx, s.state, &s.remembered, imported)...)
	s.keepGuards(&s.remembered)
	s.remembered.Definition = s.definition()
	s.diags.Append(diags.Errors()...)
	return !diags.HasError()
}

// suspend suspends the user, as an update does, and makes the call once more if that worked.
func (s *sacrifice) suspend(ctx context.Context) {
	d := s.begin(ctx)
	d.onlySuspend()
	ctx, cancel := context.WithTimeout(ctx, deleteTimeout)
	defer cancel()
	d.run(ctx)
	s.remembered = d.remembered
	if s.suspended = d.done; s.suspended {
		s.again(ctx, d, contract.Suspended)
	}
}

// close closes the user, as a destroy plan and its apply do. It returns nil if the plan fails.
func (s *sacrifice) close(ctx context.Context) *destruction {
	planning, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	review, diags := s.review(planning, s.state, s.state.common().user(), s.remembered)
	s.diags.Append(diags.Errors()...)
	if review == nil || diags.HasError() {
		return nil
	}
	s.remembered.Review = review
	d := s.begin(ctx)
	d.applyReview()
	ctx, cancel = context.WithTimeout(ctx, deleteTimeout)
	defer cancel()
	d.run(ctx)
	return d
}

// begin returns a closure of the user as the state has it.
func (s *sacrifice) begin(ctx context.Context) *destruction {
	of := s.kind.schema(ctx)
	return &destruction{
		userResource: s.userResource, diags: s.diags, private: memoryStore{}, state: s.state,
		out:    &tfsdk.State{Schema: of, Raw: tftypes.NewValue(of.Type().TerraformType(ctx), nil)},
		before: s.state.common().user(), remembered: s.remembered,
	}
}

// again makes the call that led to a stage once more. The vendor must show its effect right before
// that, and the evidence log records it as a closure of its own.
func (s *sacrifice) again(ctx context.Context, d *destruction, at contract.Stage) {
	ctx, cancel := context.WithTimeout(contract.As(ctx, labelAgain), readTimeout)
	defer cancel()
	ctx, recorded := s.clients.evidence.Watch(ctx)
	before, err := s.effect(ctx, d, at)
	if err != nil {
		return
	}
	intent := d.intent(ctx)
	intent.Status = string(before.status)
	if err := recorded.Begin(ctx, intent, evidence.Conditions{}); err != nil {
		s.diags.Append(cannotRecord(s.kind, d.before, err))
		return
	}
	turn := offboard.WithTurn(ctx)
	live, err := s.vendor().read(turn, s.id)
	o := evidence.Outcome{Result: evidence.Unproven}
	if seen, err := observationOf(s.state, &s.remembered, live, err); err == nil && s.shows(at, live, seen) {
		s.asks.Again(turn, at, s.id)
		o.Sent = evidence.Lost
	}
	offboard.ResetProof(ctx)
	after, err := s.effect(ctx, d, at)
	switch {
	case err != nil:
		o.Open = after.open
	case at == contract.Suspended:
		o = evidence.Outcome{Result: evidence.Suspended, Proof: after.proof}
	default:
		o = evidence.Outcome{Result: evidence.AlreadyClosed, Proof: after.proof}
	}
	if err := recorded.End(ctx, o); err != nil {
		s.diags.Append(notRecorded(s.kind, d.before, o.Result, err))
	}
}

// effect is how a vendor shows that a stage is reached.
type effect struct {
	status offboard.Status // of the account; empty if nothing is shown of it
	proof  string          // what proves the stage
	open   bool            // the vendor shows that the account is open, so that the stage is not reached
}

// errNoEffect is an account that is not at a stage.
var errNoEffect = errors.New("the vendor does not show the effect")

// effect returns how the vendor shows that a stage is reached. An absence is confirmed. The error says
// that the vendor shows no such thing, or nothing that says so.
func (s *sacrifice) effect(ctx context.Context, d *destruction, at contract.Stage) (shown effect, err error) {
	live, seen, err := s.observeWith(ctx, s.state, &s.remembered, func() offboard.Verifier {
		return s.verifier(ctx, s.state, &s.remembered)
	})
	switch {
	case err != nil:
		shown.open = errors.Is(err, offboard.ErrListed)
		return shown, err
	case !s.shows(at, live, seen):
		shown.open = seen == offboard.Open
		return shown, errNoEffect
	case at == contract.Suspended:
		shown.proof = s.kind.suspension.shows
	case seen == offboard.Open:
		shown.proof = d.proof(offboard.Done)
	default:
		shown.proof = d.proof(seen)
	}
	if status := live.user().Status; seen != offboard.Absent && (status != offboard.Unknown || !s.kind.Indirect) {
		shown.status = status
	}
	return shown, nil
}

// shows reports whether a reading shows that a stage is reached.
func (s *sacrifice) shows(at contract.Stage, live snapshot, seen offboard.Observation) bool {
	switch {
	case at == contract.Suspended:
		return seen == offboard.Open && live.user().Status == offboard.Suspended
	case seen == offboard.Open:
		return !s.kind.ShowsOpen(live.user())
	}
	return true
}

// memoryStore is private data that Terraform does not keep.
type memoryStore map[string][]byte

// GetKey implements privateData.
func (m memoryStore) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return m[key], nil
}

// SetKey implements privateStore.
func (m memoryStore) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	m[key] = value
	return nil
}
