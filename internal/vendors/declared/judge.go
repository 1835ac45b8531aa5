package declared

import (
	"errors"
	"net/http"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// judge returns nil for an answer that accepts a call about an account. The error is an
// *offboard.DeclinedError for one that refuses it and may also come if the user is closed already. An
// answer that is neither counts as lost.
func (d *Definition) judge(s *stepBlock, id string, a answerValue) error {
	vars := variables{varAnswer: a.value}
	accepted, gone := d.accepts(s, id, a), s.saysGone(a)
	refused := s.refused != nil && !a.foreign() && s.refused.holds(vars)
	switch {
	case accepted && !refused && !gone:
		return nil
	case refused && !accepted, unclearStatus(a.Status), gone:
		return &offboard.DeclinedError{Err: d.fault(a), NoAccount: gone}
	case a.OK():
		return a.unreadable(errors.New("the answer neither accepts the call nor refuses it"))
	}
	return d.fault(a)
}

// accepts reports whether an answer accepts a call about an account. One that is not from the vendor, or
// whose body cannot be read, never does. If the definition does not look at the body, it must not say no.
// If it does, the rest of the body must have no error.
func (d *Definition) accepts(s *stepBlock, id string, a answerValue) bool {
	switch {
	case !a.OK() || !a.usable(), s.accepted != nil && !s.accepted.holds(variables{varAnswer: a.value}):
		return false
	case s.accepted.fieldOfJSON() != "":
		names, _ := fieldsOfJSON([]*expression{s.accepted})
		return !a.ReportsFailure(false, names...)
	}
	return !d.saysNo(a, id)
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

// saysNo reports whether an answer with HTTP 2xx to a call about an account says that nothing was done. One
// that is that account may have a status of its own. An empty ID is that of any account.
func (d *Definition) saysNo(a answerValue, id string) bool {
	body, _ := attributeOf(a.value, "json")
	shown, err := d.user.id.text(variables{varRecord: body, varSetting: d.set})
	if err == nil && shown != "" && (id == "" || id == shown) {
		return a.AccountSaysNo()
	}
	return a.SaysNo()
}
