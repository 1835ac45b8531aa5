package provider

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// suspension is an account at Konstantly whose block gets suspended = true. Each step is a process of
// its own, as on a CLI.
type suspension struct {
	t    *testing.T
	v    vendorCase
	w    *testEnv
	path string
}

func newSuspension(t *testing.T) (*suspension, managed) {
	t.Helper()
	s := &suspension{t, konstantlyCase, newTestEnv(t), filepath.Join(t.TempDir(), "log.jsonl")}
	s.v.add(s.w.mock)
	return s, s.process(nil).mustImport(s.v.kind, s.v.id)
}

// process is a further run with the same evidence log, and with these settings.
func (s *suspension) process(settings attributes) *driver {
	s.t.Helper()
	all := attributes{"evidence_log": s.path}
	maps.Copy(all, settings)
	return newDriver(s.t, s.w, all)
}

// plan refreshes the user, and plans a block with suspended = true and other attributes.
func (s *suspension) plan(m managed, settings, config attributes) (planned, diagnostics) {
	s.t.Helper()
	d := s.process(settings)
	m, told := d.read(m)
	block := attributes{"id": s.v.id, "suspended": true}
	maps.Copy(block, config)
	p, diags := d.planBlock(m, block)
	return p, append(told, diags...)
}

// apply applies a plan of an update as a CLI does: in another process, which plans once more and
// drops the private data of the first plan.
func (s *suspension) apply(p planned, settings attributes) (managed, diagnostics) {
	s.t.Helper()
	d := s.process(settings)
	again, told := d.plan(p.prior, p.config, p.state)
	if told.errors() != "" {
		s.t.Fatalf("planning again: %s", told.errors())
	}
	if !again.state.Equal(p.state) {
		s.t.Errorf("got another plan at the apply: %s, want %s", again.state, p.state)
	}
	after, diags := d.apply(s.t.Context(), again)
	return after, append(told, diags...)
}

// mustSuspend plans and applies the suspension of a user who can be suspended.
func (s *suspension) mustSuspend(m managed) managed {
	s.t.Helper()
	p, diags := s.plan(m, nil, nil)
	if diags.errors() != "" {
		s.t.Fatal(diags.errors())
	}
	m, diags = s.apply(p, nil)
	if diags.errors() != "" {
		s.t.Fatal(diags.errors())
	}
	return m
}

// wantSuspended checks what the state, the site and the log say.
func (s *suspension) wantSuspended(m managed, changes ...string) {
	s.t.Helper()
	u, open := s.w.mock.Konstantly.Get(s.v.id)
	if m.text("status") != "suspended" || !m.yes("suspended") || !open || !u.Blocked {
		s.t.Errorf("got status %q, suspended %t, open %t, blocked %t, want a suspended account that is managed",
			m.text("status"), m.yes("suspended"), open, u.Blocked)
	}
	if got := s.w.changes(); !slices.Equal(got, changes) {
		s.t.Errorf("got the mutating requests %v, want %v", got, changes)
	}
	all := readEvidence(s.t, s.path).Closures
	last := all[len(all)-1]
	proof := slices.IndexFunc(last.Outcome.Requests, func(r evidence.Request) bool { return r.Proof })
	if last.Outcome.Result != evidence.Suspended || last.Action != evidence.Block || last.Outcome.Proof == "" ||
		proof != len(last.Outcome.Requests)-1 {
		s.t.Errorf("got the record %+v, want a suspension that the last request proves", last)
	}
}

// wantOpen checks that the state does not say that the account is suspended, and that nothing was
// changed at the site.
func (s *suspension) wantOpen(m managed, diags diagnostics, says string) {
	s.t.Helper()
	if m.gone() || m.yes("suspended") || m.text("status") != "active" {
		s.t.Errorf("got gone %t, suspended %t, status %q, want the state unsuspended",
			m.gone(), m.yes("suspended"), m.text("status"))
	}
	if !strings.Contains(diags.errors(), says) || !strings.Contains(diags.errors(), "This is about a suspension") {
		s.t.Errorf("got %q, want an error about a suspension with %q", diags.errors(), says)
	}
	if u, open := s.w.mock.Konstantly.Get(s.v.id); !open || u.Blocked {
		s.t.Errorf("got open %t, blocked %t, want the account as it was", open, u.Blocked)
	}
}

// yes tells whether an attribute of the state is true.
func (m managed) yes(name string) bool {
	var all map[string]tftypes.Value
	var is bool
	return !m.state.IsNull() && m.state.As(&all) == nil && !all[name].IsNull() && all[name].As(&is) == nil && is
}

// Day 0 is a line in a block, and day 30 removes the block.
func TestSuspended_suspendsNowAndClosesLater(t *testing.T) {
	t.Parallel()
	s, m := newSuspension(t)
	p, diags := s.plan(m, nil, nil)
	if got := diags.warnings(); !strings.Contains(got, "will be suspended in Konstantly, which can be undone") ||
		!strings.Contains(got, "expert of a course") || diags.errors() != "" {
		t.Errorf("plan: got %q and %q, want the suspension with its findings", got, diags.errors())
	}
	s.v.untouched(t, s.w)
	m, diags = s.apply(p, nil)
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	s.wantSuspended(m, "POST /users/blocked")

	s.w.mock.ForgetRequests()
	p, diags = s.plan(m, nil, nil)
	if len(diags) > 0 || !p.state.Equal(m.state) {
		t.Errorf("the next plan: got %q and the state %s, want no change", diags.warnings()+diags.errors(), p.state)
	}
	s.v.untouched(t, s.w)

	p, diags = s.process(nil).planDestroy(m)
	if !strings.Contains(diags.warnings(), "will be closed permanently") {
		t.Errorf("plan of the destroy: got %q, want a closure", diags.warnings()+diags.errors())
	}
	after, diags := s.process(nil).apply(t.Context(), p)
	if got := s.w.changes(); !after.gone() || s.v.has(s.w.mock, s.v.id) || !slices.Equal(got, []string{s.v.closing}) {
		t.Errorf("got %q after %v, want the account closed by its deletion", diags.errors(), got)
	}
	if got := recordedResults(t, s.path); !slices.Equal(got, []evidence.Result{evidence.Suspended, evidence.Closed}) {
		t.Errorf("got the results %v, want a suspension and a closure", got)
	}
}

// The guards of a closure hold at plan and at apply. What they refuse at apply is recorded.
func TestSuspended_holdsToTheGuards(t *testing.T) {
	t.Parallel()
	for guard, c := range map[string]struct {
		settings attributes
		config   attributes
		says     string
		warns    bool // at plan
	}{
		"never_close": {attributes{"never_close": []string{inesEmail}}, nil, "is never closed", false},
		"never_close, by the person of the block": {
			attributes{"never_close": []string{"boss@acme.test"}}, attributes{"person": "boss@acme.test"},
			"is never closed", false,
		},
		"max_closures": {attributes{"max_closures": 0}, nil, "max_closures", false},
		"read_only":    {attributes{"read_only": true}, nil, "read-only", true},
	} {
		t.Run(guard, func(t *testing.T) {
			t.Parallel()
			s, m := newSuspension(t)
			_, diags := s.plan(m, c.settings, c.config)
			if c.warns != (diags.errors() == "") || !c.warns && !strings.Contains(diags.errors(), c.says) {
				t.Errorf("plan: got %q, want %q, as a warning %t", diags.errors(), c.says, c.warns)
			}
			p, diags := s.plan(m, nil, c.config)
			if diags.errors() != "" {
				t.Fatal(diags.errors())
			}
			after, diags := s.apply(p, c.settings)
			s.wantOpen(after, diags, c.says)
			s.v.untouched(t, s.w)
			guard, _, _ := strings.Cut(guard, ",")
			wantRefused(t, s.path, guard)
		})
	}
}

// A suspension that fails leaves what else the block says in force: if the block goes before the next
// apply, close_not_before and the person still protect the account.
func TestSuspended_ofWhichNothingComesLeavesTheSettingsOfTheBlock(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]attributes{"a guard": {"read_only": true}, "the vendor": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, m := newSuspension(t)
			p, diags := s.plan(m, nil, attributes{
				"person": "boss@acme.test", "close_not_before": "2099-12-31", "on_destroy": "block",
			})
			if diags.errors() != "" {
				t.Fatal(diags.errors())
			}
			if settings == nil {
				s.w.mock.Fail(mock.Fault{Vendor: "konstantly", Route: s.v.suspending, Status: 422, Body: `{"status":422}`})
			}
			m, diags = s.apply(p, settings)
			s.wantOpen(m, diags, "")
			got := []string{m.text("person"), m.text("close_not_before"), m.text("on_destroy")}
			if want := []string{"boss@acme.test", "2099-12-31", "block"}; !slices.Equal(got, want) {
				t.Errorf("got %q in the state, want %q", got, want)
			}
			if _, diags := s.process(nil).planDestroy(m); !strings.Contains(diags.errors(), "2099-12-31") {
				t.Errorf("got %q, want a closure before the day refused", diags.errors())
			}
		})
	}
}

func TestSuspended_countsForTheBudget(t *testing.T) {
	t.Parallel()
	s, m := newSuspension(t)
	budget := attributes{"closure_budget": attributes{"count": 1, "within": "24h"}}
	other := s.process(nil).mustImport(s.v.kind, s.v.other)
	p, _ := s.plan(m, budget, nil)
	if _, diags := s.apply(p, budget); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	if _, diags := s.process(budget).planDestroy(other); !strings.Contains(diags.errors(), "closure_budget") {
		t.Errorf("got %q, want the budget used up by the suspension", diags.errors())
	}
}

// What changed between the plan and the apply refuses, although Terraform plans again in between.
func TestSuspended_onlyAsReviewed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *suspension)
		says   string
	}{
		"the role":   {func(s *suspension) { s.v.fact(s.w.mock, s.v.id, "administrator") }, `role: was "learner"`},
		"the person": {func(s *suspension) { s.v.rename(s.w.mock, s.v.id, ottoName, "other@acme.test") }, "another person"},
		"gone":       {func(s *suspension) { s.v.drop(s.w.mock, s.v.id) }, "is not visible in Konstantly any more since"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, m := newSuspension(t)
			p, diags := s.plan(m, nil, nil)
			if diags.errors() != "" {
				t.Fatal(diags.errors())
			}
			c.change(s)
			after, diags := s.apply(p, nil)
			if got := diags.errors(); !strings.Contains(got, c.says) || !strings.Contains(got, "This is about a suspension") {
				t.Errorf("got %q, want a refusal with %q", got, c.says)
			}
			if got := s.w.changes(); len(got) > 0 || after.gone() || after.yes("suspended") || after.text("status") != "active" {
				t.Errorf(
					"got %v, gone %t, suspended %t, want nothing sent and the user kept",
					got,
					after.gone(),
					after.yes("suspended"),
				)
			}
		})
	}
}

// The plan holds for one apply: with a state of before, it does not suspend who was enabled again.
func TestSuspended_aPlanHoldsForOneApply(t *testing.T) {
	t.Parallel()
	s, m := newSuspension(t)
	p, _ := s.plan(m, nil, nil)
	if _, diags := s.apply(p, nil); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	s.w.mock.Konstantly.Update(s.v.id, func(u *mock.KonstantlyUser) { u.Blocked = false })
	s.w.mock.ForgetRequests()
	after, diags := s.apply(p, nil)
	s.wantOpen(after, diags, "This is about a suspension")
	s.v.untouched(t, s.w)
}

// A suspension that nothing proves is an error, and the next plan suspends again.
func TestSuspended_isNotProven(t *testing.T) {
	t.Parallel()
	const block = "POST /users/blocked"
	for name, c := range map[string]struct {
		prepare func(s *mock.Server)
		want    evidence.Result
		blocked bool
	}{
		"a refusal": {func(s *mock.Server) {
			s.Fail(mock.Fault{Vendor: "konstantly", Route: block, Status: 403})
		}, evidence.Failed, false},
		"a lost answer": {func(s *mock.Server) {
			s.Fail(mock.Fault{Vendor: "konstantly", Route: block, Drop: true})
		}, evidence.Failed, false},
		"an accepted call without an effect": {func(s *mock.Server) {
			s.Fail(mock.Fault{Vendor: "konstantly", Route: block, Pretend: true})
		}, evidence.Unproven, false},
		"a site that hides whom it blocks": {func(s *mock.Server) {
			s.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound = true })
		}, evidence.NotVisible, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, m := newSuspension(t)
			config := attributes{}
			if c.want == evidence.Unproven {
				config["timeouts"] = timeoutsOf("2s")
			}
			p, _ := s.plan(m, nil, config)
			c.prepare(s.w.mock)
			after, diags := s.apply(p, nil)
			if diags.errors() == "" || after.gone() || after.yes("suspended") {
				t.Errorf("got %q, gone %t, suspended %t, want an error", diags.errors(), after.gone(), after.yes("suspended"))
			}
			if got := recordedResults(t, s.path); !slices.Equal(got, []evidence.Result{c.want}) {
				t.Errorf("got the results %v, want %q", got, c.want)
			}
			s.w.mock.Heal()
			s.w.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound = false })
			if u, _ := s.w.mock.Konstantly.Get(s.v.id); u.Blocked != c.blocked {
				t.Errorf("got blocked %t, want %t", u.Blocked, c.blocked)
			}
			s.w.mock.ForgetRequests()
			after = s.mustSuspend(after)
			if c.blocked {
				s.wantSuspended(after)
			} else {
				s.wantSuspended(after, block)
			}
		})
	}
}
