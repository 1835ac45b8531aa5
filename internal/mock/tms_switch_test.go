package mock_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func TestTMS_followsItsSwitches(t *testing.T) {
	t.Parallel()
	const (
		read    = "GET /GetUser/1"
		byEmail = "GET /GetUserByEmail?email=ines%40acme.test"
		end     = "GET /CloseUserAccountById/1"
		remove  = "GET /DeleteUser/1"
		disable = tmsUpdate + "&disabled=true"
		done    = `"Status":0`
		absent  = `"Status":20`
	)
	set := func(f func(*mock.TMS)) func(*mock.Server) { return func(s *mock.Server) { s.TMS.Set(f) } }
	runSwitchCases(t, "skillable_tms", tmsServer, []switchCase{
		{"closed, anonymized", set(func(s *mock.TMS) { s.Closed = mock.TMSClosedAnonymized }),
			read, "", 200, 200, absent, `"Email":"1@closed.invalid"`, end},
		{"closed, found by email", set(func(s *mock.TMS) { s.Closed = mock.TMSClosedAnonymized }),
			byEmail, "", 200, 200, absent, absent, end},
		{"deleted, anonymized", set(func(s *mock.TMS) { s.Closed = mock.TMSClosedAnonymized }),
			read, "", 200, 200, absent, absent, remove},
		{"closed, null", set(func(s *mock.TMS) { s.Closed = mock.TMSClosedNull }),
			read, "", 200, 200, absent, `"Status":0,"User":null`, end},
		{"open, null if closed", set(func(s *mock.TMS) { s.Closed = mock.TMSClosedNull }),
			read, "", 200, 200, `"Email":"ines@acme.test"`, `"Email":"ines@acme.test"`, ""},
		{"active, hidden if disabled", set(func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHidden }),
			read, "", 200, 200, done, done, ""},
		{"again without rows", set(func(s *mock.TMS) { s.Again = mock.TMSAgainNoRows }),
			end, "", 200, 200, absent, `"RowsAffected":0,"Status":0`, end},
		{"again with rows", set(func(s *mock.TMS) { s.Again = mock.TMSAgainRows }),
			end, "", 200, 200, absent, `"RowsAffected":2,"Status":0`, end},
		{"again an error", set(func(s *mock.TMS) { s.Again = mock.TMSAgainError }),
			end, "", 200, 200, absent, `"Status":10`, end},
		{"no rows", set(func(s *mock.TMS) { s.NoRows = true }),
			end, "", 200, 200, `"RowsAffected":10`, `"RowsAffected":0`, ""},
		{"no rows, and done", set(func(s *mock.TMS) { s.NoRows = true }), read, "", 200, 200, absent, absent, end},
		{"disabled hidden", set(func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHidden }),
			read, "", 200, 200, `"Disabled":true`, absent, disable},
		{"disabled hidden by email", set(func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHiddenByEmail }),
			byEmail, "", 200, 200, done, absent, disable},
		{"disabled hidden by email alone", set(func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHiddenByEmail }),
			read, "", 200, 200, done, done, disable},
		{"disabled hidden by external ID", set(func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHidden }),
			"GET /GetUserByExternalId/emp%2F1", "", 200, 200, done, absent, disable},
		{"omitted fields", set(func(s *mock.TMS) { s.ClearOmitted = true }),
			read, "", 200, 200, `"ManagerId":88001`, `"ManagerId":null`, disable},
		{"disabled ignored", set(func(s *mock.TMS) { s.DisableIgnored = true }),
			read, "", 200, 200, `"Disabled":true`, `"Disabled":false`, disable},
		{"enrolled", set(func(s *mock.TMS) { s.EnrolledBlocks = true }), end, "", 200, 200, done, `"Status":10`, ""},
		{"manages", set(func(s *mock.TMS) { s.ManagingBlocks = true }), end, "", 200, 200, done, `"Status":10`, ""},
		{"lab in progress", set(func(s *mock.TMS) { s.LabsBlock = true }), end, "", 200, 200, done, `"Status":10`, ""},
		{"without an obstacle", set(func(s *mock.TMS) {
			s.EnrolledBlocks, s.ManagingBlocks, s.LabsBlock = true, true, true
		}), "GET /CloseUserAccountById/2", "", 200, 200, done, done, ""},
		{"deletion refused", set(func(s *mock.TMS) { s.DeleteRefused = true }),
			remove, "", 200, 200, `"status":0`, `"status":10`, ""},
		{"other case of a read", set(func(s *mock.TMS) { s.FlippedCase = true }),
			read, "", 200, 200, done, `"status":0`, ""},
		{"other case of a write", set(func(s *mock.TMS) { s.FlippedCase = true }),
			disable, "", 200, 200, `"status":0`, done, ""},
		{"error in a success", set(func(s *mock.TMS) { s.ErrorOnSuccess = true }),
			read, "", 200, 200, `"Error":null`, `"Error":"Completed"`, ""},
		{"error in a failure", set(func(s *mock.TMS) { s.ErrorOnSuccess = true }),
			"GET /GetUser/4", "", 200, 200, `"Error":"User not found"`, `"Error":"User not found"`, ""},
		{"no status", set(func(s *mock.TMS) { s.NoStatus = true }),
			end, "", 200, 200, `"RowsAffected":10,"Status":0}`, `{"Error":null,"RowsAffected":10}`, ""},
		{"web page", set(func(s *mock.TMS) { s.HTML = 200 }), read, "", 200, 200, done, "<!DOCTYPE html>", ""},
		{"web page of an error", set(func(s *mock.TMS) { s.HTML = 500 }), read, "", 200, 500, done, "<!DOCTYPE html>", ""},
		{"bad parameter", set(func(s *mock.TMS) { s.BadParameter = 404 }),
			"GET /GetUser/x", "", 200, 404, `"Status":10`, "<!DOCTYPE html>", ""},
		{"list null", set(func(s *mock.TMS) { s.Lists = mock.TMSListsNull }),
			"GET /SearchLabInstances?userId=2", "", 200, 200, `"Results":[]`, `"Results":null`, ""},
		{"list missing", set(func(s *mock.TMS) { s.Lists = mock.TMSListsMissing }),
			"GET /SearchLabInstances?userId=2", "", 200, 200, `"Results":[]`, `{"Error":null,"Status":0,"TotalCount":0,`, ""},
		{"list that is not empty", set(func(s *mock.TMS) { s.Lists = mock.TMSListsNull }),
			"GET /SearchLabInstances?userId=1", "", 200, 200, `"Results":[{`, `"Results":[{`, ""},
		{"organizations null", set(func(s *mock.TMS) { s.Lists = mock.TMSListsNull }),
			"GET /GetUser/2", "", 200, 200, `"ManagedOrganizations":[]`, `"ManagedOrganizations":null`, ""},
		{"address in other case", set(func(s *mock.TMS) { s.EmailExact = true }),
			"GET /GetUserByEmail?email=INES%40acme.test", "", 200, 200, done, absent, ""},
		{"outside, an error", set(func(s *mock.TMS) { s.Outside = mock.TMSOutsideError }),
			"GET /GetUser/5", "", 200, 200, absent, `"Status":10`, ""},
		{"outside, a bad key", set(func(s *mock.TMS) { s.Outside = mock.TMSOutsideBadKey }),
			"GET /CloseUserAccountById/5", "", 200, 200, absent, `"Status":30`, ""},
		{"not outside", set(func(s *mock.TMS) { s.Hidden = nil }), "GET /GetUser/5", "", 200, 200, absent, done, ""},
	})
}

func TestTMS_refusesToCloseDuringAnEnrollment(t *testing.T) {
	t.Parallel()
	for e, refused := range map[mock.TMSEnrollment]bool{
		{Status: 60, Completion: 0}: true, {Status: 60, Completion: 10}: true, {Status: 60, Completion: 20}: false,
		{Status: 10, Completion: 0}: false, {Status: 40, Completion: 10}: false, {Status: 0, Completion: 50}: false,
	} {
		s := mock.New(key)
		s.TMS.EnrolledBlocks = true
		s.TMS.Add(mock.TMSUser{ID: 1, Name: "Ines Varga", Enrollments: []mock.TMSEnrollment{e}})
		ask(t, s, "skillable_tms", "GET /CloseUserAccountById/1", "")
		equal(t, fmt.Sprintf("open with %+v", e), s.TMS.Has(1), refused)
	}
}

func TestTMS_refusesABadKey(t *testing.T) {
	t.Parallel()
	for answer, status := range map[mock.SkillableBadKey]int{
		mock.BadKeyInBody: 200, mock.BadKeyUnauthorized: 401, mock.BadKeyForbidden: 403,
	} {
		s := tmsServer()
		s.TMS.BadKey = answer
		wrong := [2]string{"api_key", "wrong"}
		askAs(t, s, "skillable_tms", "GET /GetUserRoles", "", wrong).want(t, status, `{"Status":30}`)
		askAs(t, s, "skillable_tms", "GET /DeleteUser/1", "", wrong).want(t, status, `{"status":30}`)
		equal(t, "open", s.TMS.Has(1), true)
	}
}

func TestTMS_showsAClosedUserForAWhile(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"GET /GetUser/1", "GET /GetUserByEmail?email=ines%40acme.test"} {
		s := tmsServer()
		s.TMS.SlowClose = 2
		ask(t, s, "skillable_tms", "GET /CloseUserAccountById/1", "").want(t, 200, `{"Status":0}`)
		equal(t, "open", s.TMS.Has(1), false)
		for _, status := range []string{`"Status":0`, `"Status":0`, `"Status":20`} {
			if g := ask(t, s, "skillable_tms", what, ""); !strings.Contains(g.body, status) {
				t.Errorf("%s: got %s, want %s in it", what, g.body, status)
			}
		}
	}
}

func TestTMS_anonymizesAClosedUser(t *testing.T) {
	t.Parallel()
	s := tmsServer()
	s.TMS.Closed = mock.TMSClosedAnonymized
	ask(t, s, "skillable_tms", "GET /CloseUserAccountById/1", "")
	g := ask(t, s, "skillable_tms", "GET /GetUser/1", "")
	g.want(t, 200, `{"User":{"Id":1,"UserName":"closed-1","FirstName":"Closed","LastName":"Account","ExternalId":null,
		"OrganizationId":612,"Disabled":true}}`)
	for _, personal := range []string{"Ines", "Varga", "ines", "emp/1", "88001"} {
		if strings.Contains(g.body, personal) {
			t.Errorf("got %s, want no %q in it", g.body, personal)
		}
	}
}
