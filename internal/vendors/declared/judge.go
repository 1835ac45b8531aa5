package declared

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// judge returns nil for an answer that accepts a call. The error is an *offboard.DeclinedError for one
// that refuses it and may also come if the user is closed already. An answer that is neither counts as
// lost.
func (d *Definition) judge(s *stepBlock, a answerValue) error {
	vars := variables{varAnswer: a.value}
	accepted, gone := s.accepts(a), s.saysGone(a)
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

// accepts reports whether an answer accepts the call. One that is not from the vendor, or whose body
// cannot be read, never does. If the definition does not look at the body, it must report no error.
func (s *stepBlock) accepts(a answerValue) bool {
	if s.accepted == nil {
		return a.accepted()
	}
	looks := s.accepted.fieldOfJSON() != ""
	return a.OK() && a.usable() && s.accepted.holds(variables{varAnswer: a.value}) && (looks || a.accepted())
}

// saysGone reports whether the answer says that there is no such user at all. What says nothing of a
// user in an answer to a read says nothing of one here.
func (s *stepBlock) saysGone(a answerValue) bool {
	return s.gone != nil && a.informs() && s.gone.holds(variables{varAnswer: a.value})
}

// unclearStatus reports whether a status says no, and may also come if the user is closed already.
func unclearStatus(status int) bool {
	return slices.Contains([]int{http.StatusNotFound, http.StatusConflict, http.StatusGone}, status)
}

// accepted reports whether an answer is a success by default: a 2xx without a body, or with JSON that
// reports no error.
func (v answerValue) accepted() bool {
	if !v.OK() || !v.usable() {
		return false
	}
	body, _ := attributeOf(v.value, "json")
	if body.IsNull() || !body.Type().IsObjectType() {
		return true
	}
	for name, field := range body.AsValueMap() {
		if reportsError(strings.ToLower(name), field) {
			return false
		}
	}
	return true
}

// reportsError reports whether a field of an answer says that something went wrong.
func reportsError(name string, field cty.Value) bool {
	switch name {
	case "error", "errors":
		return !isNothing(field) && !field.RawEquals(cty.EmptyObjectVal) && !field.RawEquals(cty.Zero)
	case "success", "ok":
		return !truthOf(field)
	case "status", "code": // that of an error, with HTTP 200
		n, ok := intOf(field)
		return ok && n >= http.StatusBadRequest && n < 600
	}
	return false
}
