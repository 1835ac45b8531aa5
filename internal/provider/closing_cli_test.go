package provider

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// briefly gives a closing three seconds.
const briefly = `timeouts = { delete = "3s" }`

// upTo are the mutating requests of a closing, its closing call made so many times in all.
func (v vendorCase) upTo(closings int) []string {
	return append(
		slices.Clone(v.changes[:slices.Index(v.changes, v.closing)]),
		slices.Repeat([]string{v.closing}, closings)...)
}

// calls is how often a closing makes the call that cannot be undone.
func (v vendorCase) calls() int { return len(v.changes) - slices.Index(v.changes, v.closing) }

func TestCLI_lostAnswerAfterTheEffect(t *testing.T) {
	t.Parallel()
	for title, fault := range map[string]mock.Fault{
		"connection broken": {Drop: true, Effect: true, Times: 1},
		"HTTP 502":          {Status: 502, Effect: true, Times: 1},
		"answer too late":   {Delay: time.Minute, Times: 1},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
				c := w.imported(t, v, "", briefly, v.id)
				c.write("users.tf")
				fault.Vendor, fault.Route = v.mockName(), v.closing
				w.mock.Fail(fault)
				calls, again := v.calls(), map[bool]string{true: "had nothing to close", false: "is not visible"}[v.noRead]
				switch hides := v.unseen != nil; {
				case fault.Delay > 0 && (v.noRead || hides):
					// No time is left for the second call, which is the proof. Where nobody is shown, or a step before
					// the call may hide the account, nothing else is.
					c.run("apply", "-auto-approve").want(1, "It is not known whether", v.named(), "The answer to the call was lost")
					c.users(v.id)
					c.run("apply", "-auto-approve").want(0, again)
				default:
					if hides {
						calls++
					}
					c.run("apply", "-auto-approve").want(0).silent(again)
				}
				c.users()
				v.closedBy(t, w, v.upTo(calls)...)
			})
		})
	}
}

func TestCLI_lostAnswerBeforeTheEffect(t *testing.T) {
	t.Parallel()
	for title, fault := range map[string]mock.Fault{
		"connection broken": {Drop: true, Times: 1},
		"HTTP 502":          {Status: 502, Times: 1},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
				c := w.imported(t, v, "", "", v.id)
				c.write("users.tf")
				fault.Vendor, fault.Route = v.mockName(), v.closing
				w.mock.Fail(fault)
				c.run("apply", "-auto-approve").want(0)
				c.users()
				v.closedBy(t, w, v.upTo(1+v.calls())...)
			})
		})
	}
}

func TestCLI_closingCallsAreBounded(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id)
		c.write("users.tf")
		w.mock.Fail(mock.Fault{Vendor: v.mockName(), Route: v.closing, Drop: true})
		c.run("apply", "-auto-approve").want(1, "could not be closed", v.named(),
			"is still open, as far as "+v.kind.title+" shows", "The user stays in the state")
		c.users(v.id)
		if got, want := w.changes(), v.upTo(3); !slices.Equal(got, want) || !v.has(w.mock, v.id) {
			t.Errorf("got mutating requests %q, want %q and the account open", got, want)
		}
		w.mock.Heal()
		c.run("apply", "-auto-approve").want(0)
		c.users()
		v.closedBy(t, w, v.upTo(3+v.calls())...)
	})
}

func TestCLI_outcomeThatCannotBeKnown(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", briefly, v.id)
		c.write("users.tf")
		w.mock.Fail(mock.Fault{Vendor: v.mockName(), Route: v.closing, Drop: true, Effect: true, Times: 1})
		w.mock.OnRequest(func(r mock.Request) {
			if r.Route == v.closing {
				w.mock.Fail(mock.Fault{Vendor: v.mockName(), Status: 503})
			}
		})
		c.run("apply", "-auto-approve").want(1, "It is not known whether", v.named(), "The answer to the call was lost",
			"The account could not be read afterwards", "HTTP 503", "The user stays in the state")
		c.users(v.id)
		v.closedBy(t, w, v.upTo(1)...) // none is sent again before a look

		w.mock.OnRequest(nil)
		w.mock.Heal()
		if v.noRead { // nothing shows who is behind the ID any more
			c.run("apply", "-auto-approve").want(0, "had nothing to close")
			v.closedBy(t, w, v.upTo(2)...)
		} else {
			c.run("apply", "-auto-approve").want(0).silent("had nothing to close")
			v.closedBy(t, w, v.upTo(v.calls())...)
		}
		c.users()
	})
}

func TestCLI_yesWithoutEffectIsNoClosing(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", briefly, v.id)
		c.write("users.tf")
		w.mock.Fail(mock.Fault{Vendor: v.mockName(), Route: v.closing, Pretend: true})
		c.run("apply", "-auto-approve").want(1, v.kind.title+" accepted the closure of", v.named(), "still shows it open",
			"Do not count this account as closed")
		c.users(v.id)
		if !v.has(w.mock, v.id) {
			t.Fatal("the account is closed, want the mock to have undone that")
		}
		w.mock.Heal()
		w.mock.ForgetRequests()
		c.run("apply", "-auto-approve").want(0)
		c.users()
		v.closedBy(t, w, slices.Repeat([]string{v.closing}, v.calls())...)
	})
}

func TestCLI_slowVendorIsWaitedFor(t *testing.T) {
	t.Parallel()
	const looks = 3
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		attributes, changes := "", v.changes
		if v.noRead {
			changes = v.upTo(looks + 2)
		}
		v.slow(w.mock, looks)
		if v.kind.name == "skillable" { // which takes its time over labs, too
			w.mock.Skillable.Set(func(s *mock.Skillable) { s.SlowCancel = looks })
			v.list(w.mock, v.id)
			attributes, changes = "cancel_running_labs = true", append([]string{"GET /cancel", "GET /cancel"}, changes...)
		}
		c := w.imported(t, v, "", attributes, v.id)
		c.write("users.tf")
		c.run("apply", "-auto-approve").want(0)
		c.users()
		v.closedBy(t, w, changes...)
	})
}

// A destroy that fails half way begins, when it is run again, with a plan in which those who are
// closed already would be created.
func TestCLI_destroyThatFailedHalfWayRunsAgain(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := w.imported(t, v, "", "", v.id, v.other)
		w.mock.Fail(mock.Fault{Vendor: v.mockName(), Route: v.closing, After: v.calls(), Status: 403})
		c.run("destroy", "-auto-approve", "-parallelism=1").want(1, v.kind.title+" did not close", "403")
		left := slices.Collect(maps.Keys(c.state()))
		if len(left) != 1 || !v.has(w.mock, left[0]) || v.has(w.mock, v.id) && v.has(w.mock, v.other) {
			t.Errorf("got %q in the state, want the one who is open at the vendor", left)
		}
		w.mock.Heal()
		c.run("destroy", "-auto-approve").want(0, "1 destroyed")
		c.users()
		if v.has(w.mock, v.id) || v.has(w.mock, v.other) {
			t.Error("an account is open, want both closed")
		}
	})
}
