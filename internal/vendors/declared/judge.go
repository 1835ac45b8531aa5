package declared

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// judge returns nil for an answer that accepts a call about an account. The error is an
// *offboard.DeclinedError for one that refuses it and may also come if the user is closed already. An
// answer that is neither counts as lost.
func (d *Definition) judge(s *stepBlock, id string, a answerValue) error {
	vars := variables{varAnswer: a.value}
	unaccepted, gone := d.unaccepted(s, id, a), s.saysGone(a)
	refused := s.refused != nil && !a.foreign() && s.refused.holds(vars)
	switch {
	case unaccepted == nil && !refused && !gone:
		return nil
	case refused && unaccepted != nil, unclearStatus(a.Status), gone:
		return &offboard.DeclinedError{Err: d.fault(a), NoAccount: gone}
	case a.OK() && a.foreign():
		return a.unreadable(errNeither)
	case a.OK():
		return a.Malformed("%w", cmp.Or(unaccepted, errNeither))
	}
	return d.fault(a)
}

// errNeither is an answer that the definition both accepts and refuses, or neither.
var errNeither = errors.New("the answer neither accepts the call nor refuses it")

// accepts reports whether an answer accepts a call about an account.
func (d *Definition) accepts(s *stepBlock, id string, a answerValue) bool {
	return d.unaccepted(s, id, a) == nil
}

// unaccepted returns why an answer does not accept a call about an account; nil if it does. One that is not
// from the vendor, or whose body cannot be read, never does. If the definition does not look at the body,
// it must not say no. If it does, the rest of the body must have no error.
func (d *Definition) unaccepted(s *stepBlock, id string, a answerValue) error {
	accepted := s.accepted != nil && s.accepted.holds(variables{varAnswer: a.value})
	switch judged, _ := pathsOfJSON([]*expression{s.accepted}); {
	case !a.OK() || a.foreign():
		return errNeither
	case a.problem != nil:
		return a.unacceptedText(accepted && len(judged) == 0)
	case s.accepted != nil && !accepted:
		return fmt.Errorf("%w: accepted of the block %s does not hold for it", errNeither, s.block)
	case len(judged) > 0:
		return neitherFor(a.FailureInCall(judged...))
	}
	return neitherFor(d.noIn(a, id))
}

// neitherFor returns why an answer does not accept a call in which a field says no; nil for no field.
func neitherFor(field string) error {
	switch field {
	case "":
		return nil
	case rest.WholeBody:
		return fmt.Errorf("%w: its body says no. If it does not, write accepted in the step", errNeither)
	}
	return fmt.Errorf("%w: its field %q says no. If it does not, write accepted with a look at it",
		errNeither, offboard.Text(field))
}

// unacceptedText returns why an answer whose body is no JSON does not accept a call: only words do, if the
// definition accepts the answer without a look at them, and none of them says no.
func (v answerValue) unacceptedText(accepted bool) error {
	switch {
	case !v.IsWords():
		return v.problem
	case !accepted:
		return fmt.Errorf("%w: its body is no JSON. If it accepts the call, write accepted = answer.status == %d",
			errNeither, v.Status)
	case v.WordsSayNo():
		return neitherFor(rest.WholeBody)
	}
	return nil
}

// saysGone reports whether the answer says that there is no such user at all. What says nothing of a
// user in an answer to a read says nothing of one here. HTTP 403 is that of a key without the right.
func (s *stepBlock) saysGone(a answerValue) bool {
	return s.gone != nil && a.informs() && a.Status != http.StatusForbidden && s.gone.holds(variables{varAnswer: a.value})
}

// unclearStatus reports whether a status says no, and may also come if the user is closed already.
func unclearStatus(status int) bool {
	return slices.Contains([]int{http.StatusNotFound, http.StatusConflict, http.StatusGone}, status)
}

// noIn returns the field with which an answer with HTTP 2xx to a call about an account says that nothing
// was done; empty for none. An answer that is that account may have a status of its own. An empty ID is
// that of any account.
func (d *Definition) noIn(a answerValue, id string) string {
	body, _ := attributeOf(a.value, "json")
	shown, err := d.user.id.text(variables{varRecord: body, varSetting: d.set})
	known := err == nil && shown != ""
	if known && (id == "" || id == shown) {
		return a.NoInAccount()
	}
	return a.NoInCall(known)
}
