package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// check is what must hold after an operation, whatever went wrong.
func (r *matrixRun) check(after managed, diags diagnostics) {
	r.t.Helper()
	open, closings := r.v.has(r.env.mock, r.v.id), 0
	for _, q := range r.env.mock.Requests() {
		if q.Route == r.v.closing && q.Status != http.StatusTooManyRequests { // a 429 says that it was not taken
			closings++
		}
		if q.Change && r.op.name != "close" && (r.op.name != "suspend" || q.Route != r.v.suspending) {
			r.t.Errorf("%s: mutating request %s", r.name, q.Route)
		}
	}
	if r.op.name == "close" && after.gone() != (diags.errors() == "") {
		r.t.Errorf("%s: gone %v with errors %q", r.name, after.gone(), diags.errors())
	}
	if !strings.HasPrefix(r.op.name, "import") && r.op.name != "close" && after.gone() {
		r.t.Errorf("%s: lost from the state", r.name)
	}
	if got, limit := closings, r.v.maxClosingCalls(); got > limit {
		r.t.Errorf("%s: closing calls: got %d, want at most %d", r.name, got, limit)
	}
	if !r.v.has(r.env.mock, r.v.other) {
		r.t.Errorf("%s: another person's account is closed", r.name)
	}
	if text := diags.errors(); text != "" && (!strings.Contains(text, r.v.kind.title) || strings.Contains(text, mockKey)) {
		r.t.Errorf("%s: the message must name the vendor and never the key: %s", r.name, text)
	}
	if r.way.hosts[otherHost] {
		r.t.Errorf("%s: a request went to another host", r.name)
	}
	result := r.checkEvidence(after)
	r.checkClosed(after, open, result)
	if r.v.suspending != "" {
		r.checkSuspended(after, diags, result)
	}
}

// checkClosed is that nobody is shown as closed or lost from the state unless the answers say so as
// the rule wants it, and that the account is then really closed, unless the lie is one that no
// client can see. The result is the last one in the evidence log.
func (r *matrixRun) checkClosed(after managed, open bool, result evidence.Result) {
	r.t.Helper()
	shown, left := after.text("status") == "closed", r.op.name == "close" && after.gone()
	g := r.way.told.grounds(r.v, r.v.id, 0)
	switch {
	case shown && !g.absent(r.v):
		r.t.Errorf("%s: shown as closed, and the answers do not say so: %+v\n%s", r.name, g, &r.way.told)
	case left && result.Done() && !g.closed(r.v):
		r.t.Errorf("%s: recorded as %s, and the answers do not say so: %+v\n%s", r.name, result, g, &r.way.told)
	case left && result == evidence.NotVisible && (!r.v.noRead || !g.absent(r.v)):
		r.t.Errorf("%s: left the state as not visible, and no plan said so: %+v\n%s", r.name, g, &r.way.told)
	case left && result == evidence.Unproven && !g.unproven():
		r.t.Errorf("%s: left the state without a proof, and no call was accepted: %+v\n%s", r.name, g, &r.way.told)
	case open && shown && !r.unseeable():
		r.t.Errorf("%s: shown as closed and open\n%s", r.name, &r.way.told)
	case open && left && result != evidence.NotVisible:
		r.t.Errorf("%s: left the state as %s and open\n%s", r.name, result, &r.way.told)
	}
}

// checkEvidence is that the log claims what the answers say, and that somebody is out of the state
// with a record that says why. It returns the last result; none where nothing is recorded.
func (r *matrixRun) checkEvidence(after managed) (result evidence.Result) {
	r.t.Helper()
	if r.log == "" {
		return ""
	}
	h, err := evidence.Read(r.t.Context(), r.log)
	if err != nil || h.Broken != nil {
		if after.gone() {
			r.t.Errorf("%s: out of the state without evidence: %v, %v", r.name, err, h.Broken)
		}
		return ""
	}
	for _, c := range h.Closures {
		result = c.Outcome.Result
		if wrong := r.way.told.supports(r.v, c, 0); wrong != "" {
			r.t.Errorf("%s: evidence %q: %s\n%s", r.name, result, wrong, &r.way.told)
		}
	}
	if after.gone() && !result.Done() && result != evidence.NotVisible && result != evidence.Unproven {
		r.t.Errorf("%s: out of the state with the record %q", r.name, result)
	}
	return result
}

// unseeable reports whether a refresh cannot see that a vendor lies so: all its answers fit
// together. A vendor such as ECGrid that hides one account from a key, and leaves the key's own user
// as it was, answers as one that has terminated the account.
func (r *matrixRun) unseeable() bool {
	if !r.v.hasOwnUser() || !r.lasting {
		return false
	}
	switch lie := r.fault.fault.Lie.(type) {
	case mock.Stale:
		return true
	case mock.NotVisible:
		return lie.Level == "" && lie.Network == 0
	}
	return false
}

// excused is a test in which an answer that follows from an unseeable lie is no failure.
type excused struct{ testing.TB }

// Errorf implements testing.TB.
func (e excused) Errorf(format string, args ...any) { e.Logf(format, args...) }

// tb is the test as an operation sees it. A list that is empty or old as a whole, with a total that
// agrees, cannot be told from a true one, and neither can one short page without a total; nor an
// address that the vendor shows in another way each time.
func (r *matrixRun) tb() testing.TB {
	hidden := false
	switch lie := r.fault.fault.Lie.(type) {
	case mock.Stale:
		hidden = r.lasting || r.op.name == "list as data"
	case mock.OtherPerson, mock.MalformedText:
		hidden = r.lasting && r.op.name == "look up by e-mail"
	case mock.NotVisible:
		hidden = lie.Lists && r.op.name == "list as data"
	case mock.Listing:
		hidden = r.op.name == "list as data" && (lie.Empty || r.v.mockName() == "ecgrid" && !r.lasting && lie.Page == 1)
	}
	if hidden {
		return excused{r.t}
	}
	return r.t
}
