package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Who is suspended already gets no call, and counts for no limit. The log has the proof.
func TestSuspended_alreadySendsNothing(t *testing.T) {
	t.Parallel()
	none := attributes{"max_closures": 0, "closure_budget": attributes{"count": 1, "within": "24h"}}
	for _, meanwhile := range []bool{false, true} {
		s, m := newSuspension(t)
		d := s.process(nil)
		if after, diags := d.destroy(d.mustImport(s.v.kind, s.v.other)); !after.gone() { // which uses the budget up
			t.Fatal(diags.errors())
		}
		s.w.mock.ForgetRequests()
		if !meanwhile {
			s.v.suspend(s.w.mock, s.v.id)
		}
		settings := none
		if meanwhile {
			settings = nil
		}
		p, diags := s.plan(m, settings, nil)
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		if meanwhile {
			s.v.suspend(s.w.mock, s.v.id)
		}
		after, diags := s.apply(p, none)
		if diags.errors() != "" {
			t.Fatalf("meanwhile %t: %s", meanwhile, diags.errors())
		}
		s.wantSuspended(after)
	}
}

// An account that was enabled elsewhere is drift, and the next plan suspends it again.
func TestSuspended_againAfterItWasEnabledElsewhere(t *testing.T) {
	t.Parallel()
	s, m := newSuspension(t)
	m = s.mustSuspend(m)
	s.w.mock.Konstantly.Update(s.v.id, func(u *mock.KonstantlyUser) { u.Blocked = false })
	s.w.mock.ForgetRequests()
	p, diags := s.plan(m, nil, nil)
	if got := diags.warnings(); !strings.Contains(got, "is active again in Konstantly") ||
		!strings.Contains(got, "will be suspended in Konstantly") {
		t.Errorf("got %q, want the drift and the suspension", got)
	}
	if (managed{state: p.state}).text("status") != "suspended" || p.prior.text("status") != "active" {
		t.Errorf("got the plan %s, want a change of the status", p.state)
	}
	_, diags = s.plan(m, attributes{"never_close": []string{s.v.id}}, nil)
	if !strings.Contains(diags.errors(), "is never closed") {
		t.Errorf("got %q, want the guards to hold for it", diags.errors())
	}
	s.v.untouched(t, s.w)
	after, diags := s.apply(p, nil)
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	s.wantSuspended(after, "POST /users/blocked")
}

// A plan without a refresh reads nothing. The apply does, and holds to the state.
func TestSuspended_withoutARefresh(t *testing.T) {
	t.Parallel()
	s, m := newSuspension(t)
	s.w.mock.ForgetRequests()
	p, diags := s.process(nil).planBlock(m, attributes{"id": s.v.id, "suspended": true})
	if !strings.Contains(diags.warnings(), "it has not read the account") || len(s.w.mock.Requests()) > 0 {
		t.Errorf("got %q after %d requests, want a warning without any", diags.warnings(), len(s.w.mock.Requests()))
	}
	s.v.fact(s.w.mock, s.v.id, "administrator")
	after, diags := s.apply(p, nil)
	s.wantOpen(after, diags, `is now "administrator"`)
	s.v.untouched(t, s.w)
}

// Taking the line away, or false, changes only the state, and says what to do at the vendor.
func TestSuspended_neverEnables(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]attributes{
		"taken away": {"id": konstantlyCase.id, "suspended": nil}, "false": {"id": konstantlyCase.id, "suspended": false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, m := newSuspension(t)
			m = s.mustSuspend(m)
			s.w.mock.ForgetRequests()
			d := s.process(nil)
			m, _ = d.read(m)
			p, diags := d.planBlock(m, config)
			if got := diags.warnings(); !strings.Contains(got, "stays suspended in Konstantly") ||
				!strings.Contains(got, "enable the account by hand") {
				t.Errorf("got %q, want what to do at the vendor", got)
			}
			after, diags := s.apply(p, nil)
			u, _ := s.w.mock.Konstantly.Get(s.v.id)
			if diags.errors() != "" || !u.Blocked || after.text("status") != "suspended" || after.yes("suspended") {
				t.Errorf(
					"got %q, blocked %t, status %q, want only the state changed",
					diags.errors(),
					u.Blocked,
					after.text("status"),
				)
			}
			if got := s.w.changes(); len(got) > 0 || len(readEvidence(t, s.path).Closures) != 1 {
				t.Errorf("got the mutating requests %v, want none and no record", got)
			}
			_, diags = s.process(nil).read(after)
			if !strings.Contains(diags.warnings(), "this configuration does not ask for it") {
				t.Errorf("got %q, want a refresh to tell of the suspension", diags.warnings())
			}
			s.w.mock.Konstantly.Update(s.v.id, func(u *mock.KonstantlyUser) { u.Blocked = false })
			after, _ = s.process(nil).read(after)
			if _, diags = s.process(nil).read(after); len(diags) > 0 {
				t.Errorf("got %q, want nothing to tell of an account that was enabled by hand", diags.warnings())
			}
		})
	}
}

// close_not_before holds back the closure, and not the suspension before it.
func TestSuspended_beforeCloseNotBefore(t *testing.T) {
	t.Parallel()
	s, m := newSuspension(t)
	m = s.process(nil).applyBlock(m, attributes{"id": s.v.id, "close_not_before": "9999-12-31"})
	p, diags := s.plan(m, nil, attributes{"close_not_before": "9999-12-31"})
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	m, diags = s.apply(p, nil)
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	s.wantSuspended(m, "POST /users/blocked")
	if _, diags := s.process(nil).planDestroy(m); !strings.Contains(diags.errors(), "close_not_before") {
		t.Errorf("got %q, want the closure held back", diags.errors())
	}
}

// An absence is no suspension, whatever an earlier run has sent.
func TestSuspended_anAbsenceIsNone(t *testing.T) {
	t.Parallel()
	s, _ := newSuspension(t)
	unlogged := attributes{"evidence_log": nil}
	m := s.process(unlogged).mustImport(s.v.kind, s.v.id)
	private, remembered := piecesOf(m.private), m.remembered()
	remembered.Progress.Call = offboard.Accepted
	private[recordKey] = encode(remembered)
	m.private = encode(private)
	p, _ := s.process(unlogged).planBlock(m, attributes{"id": s.v.id, "suspended": true})
	s.v.drop(s.w.mock, s.v.id)
	after, diags := s.apply(p, unlogged)
	if after.gone() || after.yes("suspended") || after.text("status") != "active" ||
		!strings.Contains(diags.errors(), "is not visible in Konstantly") {
		t.Errorf("got %q and the status %q, want the user kept as it was", diags.errors(), after.text("status"))
	}
}

// Who is closed cannot be suspended. The state says what is true. Konstantly shows no closed accounts,
// so this is about another vendor.
func TestSuspended_neitherIsAClosedAccount(t *testing.T) {
	t.Parallel()
	k, ctx := ecgridKind, t.Context()
	state := &ecgridUser{userModel: userModel{ID: types.StringValue(ecgridCase.id), Timeouts: noTimeouts()}}
	var diags diag.Diagnostics
	out := tfsdk.State{Schema: k.schema(ctx)}
	d := &destruction{
		userResource: &userResource{kind: k, clients: &clients{}}, diags: &diags, out: &out, state: state,
		before: state.user(), suspends: true,
	}
	d.cannotSuspend(ctx, offboard.Done, nil)
	var status types.String
	if problems := out.GetAttribute(ctx, path.Root("status"), &status); problems.HasError() || d.done ||
		status.ValueString() != "closed" || diags.ErrorsCount() != 1 ||
		!strings.Contains(diags[0].Summary(), "is already closed in ECGrid") {
		t.Errorf("got the status %s, done %t and %v, want the user kept as closed, with an error", status, d.done, diags)
	}
}

// A value that no reviewer has seen suspends nobody.
func TestSuspended_mustBeKnownAtPlan(t *testing.T) {
	t.Parallel()
	s, m := newSuspension(t)
	_, diags := s.process(nil).planBlock(m, attributes{"id": s.v.id, "suspended": tftypes.UnknownValue})
	if !strings.Contains(diags.errors(), "is not known") {
		t.Errorf("got %q, want the plan refused", diags.errors())
	}
}

// If the outcome cannot be written, the next apply records the suspension.
func TestSuspended_isRecordedByTheNextApply(t *testing.T) {
	t.Parallel()
	s, m := newSuspension(t)
	p, _ := s.plan(m, nil, nil)
	heal := unwritable(t, s.w, s.path)
	after, diags := s.apply(p, nil)
	if diags.errors() == "" || after.yes("suspended") {
		t.Errorf("got %q, suspended %t, want an error", diags.errors(), after.yes("suspended"))
	}
	heal()
	s.w.mock.ForgetRequests()
	s.wantSuspended(s.mustSuspend(after))
	if got := recordedResults(t, s.path); !slices.Equal(got, []evidence.Result{evidence.Interrupted, evidence.Suspended}) {
		t.Errorf("got the results %v, want the suspension after one that was not recorded", got)
	}
}

func TestCLI_suspended(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	w := newTestEnv(t)
	v.add(w.mock)
	c := w.imported(t, v, `evidence_log = "log.jsonl"`, "", v.id)
	c.write("users.tf", v.block(v.id, "suspended = true\nclose_not_before = \"2026-01-01\""))
	c.run("plan", "-out=saved").want(0, "will be suspended in Konstantly", "0 to add, 1 to change, 0 to destroy")
	v.fact(w.mock, v.id, "administrator")
	c.run("apply", "saved").want(1, "This is about a suspension", `role: was "learner", is now "administrator"`)
	v.untouched(t, w)
	v.fact(w.mock, v.id, "learner")
	c.run("apply", "-auto-approve").want(0, "1 changed, 0 destroyed")
	if got := w.changes(); !slices.Equal(got, []string{"POST /users/blocked"}) ||
		c.state()[v.id]["status"] != "suspended" {
		t.Errorf("got %v and the state %v, want the account suspended", got, c.state()[v.id])
	}
	c.run("plan", "-detailed-exitcode").want(0, "No changes").silent("Warning: Ines")

	w.mock.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Blocked = false })
	c.run("plan").want(0, "is active again", `"active" -> "suspended"`, "1 to change")
	c.write("users.tf", v.block(v.id, "suspended = false"))
	c.run("apply", "-auto-approve").want(0)
	c.write("users.tf", v.block(v.id, "suspended = true"))
	c.run("apply", "-auto-approve", "-refresh=false").want(0, "the apply suspends the account", "1 changed")
	c.write("users.tf", v.block(v.id, "suspended = true"), v.imports(v.other), v.block(v.other, "suspended = true"))
	c.run("apply", "-auto-approve").want(0, "will be suspended in Konstantly", "1 imported, 0 added, 1 changed")
	if c.state()[v.other]["status"] != "suspended" {
		t.Errorf("got the state %v, want an account that is suspended with its import", c.state()[v.other])
	}
	c.run("plan", "-detailed-exitcode").want(0, "No changes")
	c.write("users.tf", v.block(v.other, "suspended = true"))
	w.mock.ForgetRequests()
	c.run("apply", "-auto-approve").want(0, "1 destroyed")
	v.closedBy(t, w, v.closing)
}
