package provider

import (
	"fmt"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// suspendOperation is the Update that suspends a user; nothing where suspended = true is refused.
var suspendOperation = matrixOperation{
	"suspend", func(d *driver, v vendorCase, m managed) (managed, diagnostics) {
		if v.suspending == "" {
			return m, nil
		}
		return d.suspendUser(m)
	},
}

// suspendUser plans and applies a block with suspended = true.
func (d *driver) suspendUser(m managed) (managed, diagnostics) {
	d.t.Helper()
	p, diags := d.planBlock(m, attributes{"id": m.text("id"), "suspended": true})
	if diags.errors() != "" {
		return m, diags
	}
	after, more := d.apply(d.t.Context(), p)
	return after, append(diags, more...)
}

// changes reports whether the operation may change the account, so that it is recorded.
func (r *matrixRun) changes() bool { return r.op.name == "close" || r.op.name == "suspend" }

// checkSuspended is that only suspended = true suspends, only the right person, with no call that a
// look does not come right before, and that nobody is shown as suspended unless a read says so.
func (r *matrixRun) checkSuspended(after managed, diags diagnostics, result evidence.Result) {
	r.t.Helper()
	if r.v.suspended(r.env.mock, r.v.other) {
		r.t.Errorf("%s: another person's account is suspended", r.name)
	}
	g := r.way.told.suspension(r.v, r.v.id, 0)
	done := after.yes("suspended")
	switch is := r.v.suspended(r.env.mock, r.v.id); {
	case r.op.name == "close":
		return
	case is && r.op.name != "suspend":
		r.t.Errorf("%s: suspended, and nobody asked for it", r.name)
	case g.wrong != "":
		r.t.Errorf("%s: %s\n%s", r.name, g.wrong, &r.way.told)
	case after.text("status") == "suspended" && (!g.seen || !is):
		r.t.Errorf("%s: shown as suspended; seen so %v, is %v\n%s", r.name, g.seen, is, &r.way.told)
	case (done || result == evidence.Suspended) && (!g.shown || !is):
		r.t.Errorf("%s: reported as suspended (%v, %q); the last read shows it %v, is %v\n%s",
			r.name, done, result, g.shown, is, &r.way.told)
	case done && !r.showsInes(g.last):
		r.t.Errorf("%s: suspended, and the read that proves it shows another person: %s", r.name, g.last)
	case r.op.name == "suspend" && (done != (diags.errors() == "") || done != (result == evidence.Suspended)):
		r.t.Errorf("%s: suspended %v in the state, recorded as %q, with the errors %q", r.name, done, result, diags.errors())
	}
}

// showsInes reports whether an answer shows nobody but Ines Varga.
func (r *matrixRun) showsInes(e *exchange) bool {
	if r.v.identity == nil || e == nil {
		return true
	}
	_, email, _ := r.v.identity(e)
	return email == "" || offboard.Same(offboard.Text(email), inesEmail)
}

// recoverSuspended lets later runs suspend the user without faults.
func (r *matrixRun) recoverSuspended(m managed) managed {
	r.t.Helper()
	d, since, is := matrixDriver(r.t, r.v, r.way, r.log), r.way.told.now(), r.v.suspended(r.env.mock, r.v.id)
	var diags diagnostics
	for range 2 {
		m, _ = d.read(m)
		if m, diags = d.suspendUser(m); m.yes("suspended") {
			break
		}
	}
	g := r.way.told.suspension(r.v, r.v.id, since)
	if !m.yes("suspended") || m.text("status") != "suspended" || !r.v.suspended(r.env.mock, r.v.id) ||
		g.wrong != "" || g.calls > 1 || is && g.calls > 0 {
		r.t.Errorf("%s: afterwards, without faults: got %d calls and %q, suspended before %v, and %q\n%s",
			r.name, g.calls, m.text("status"), is, g.wrong+diags.errors(), &r.way.told)
	}
	return m
}

// suspensionGrounds are what a transcript says of the suspension of an account.
type suspensionGrounds struct {
	calls int       // the calls to suspend it
	seen  bool      // a read shows it suspended
	shown bool      // the last read does, and no call came after it
	last  *exchange // that read; nil for none
	wrong string    // why one of the calls must not have left
}

// suspension reads the transcript of one account since a moment.
func (t *transcript) suspension(v vendorCase, id string, since int) (g suspensionGrounds) {
	looked, agreed := false, false
	for _, e := range t.of(v.mockName()) {
		if e.begun <= since {
			continue
		}
		switch call := v.reading.suspends(e, id); {
		case call != notCalled && agreed:
			g.wrong = fmt.Sprintf("a call after one that was accepted: %s", e)
		case call != notCalled && !looked:
			g.wrong = fmt.Sprintf("a call without a look before it that shows the account active: %s", e)
		case call != notCalled:
			looked, agreed, g.calls, g.shown = false, call == accepted, g.calls+1, false
		case e.isList() || v.reading.shows(e, id) != saysOpen:
		default:
			g.shown, g.last = v.reading.suspended(e, id), e
			g.seen, looked = g.seen || g.shown, !g.shown
		}
	}
	return g
}

// supportsSuspended checks the proof of a suspension, as supports does that of a closure.
func (v vendorCase) supportsSuspended(c evidence.Closure, proof []*exchange) (wrong string) {
	if c.Action != evidence.Block || len(proof) == 0 || !v.reading.suspended(proof[len(proof)-1], c.ID) {
		return fmt.Sprintf("%s of %d requests proves no suspension", c.Action, len(proof))
	}
	for _, e := range proof {
		if v.reading.shows(e, c.ID) == saysOpen && !v.reading.suspended(e, c.ID) {
			return "its proof shows the account active: " + e.String()
		}
	}
	return ""
}
