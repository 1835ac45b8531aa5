package provider

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// tmsDriver has the definition of Skillable TMS in its provider block.
func tmsDriver(t *testing.T, s *mock.Server) *driver {
	t.Helper()
	return virtualDriver(t, s, attributes{"vendors": attributes{"skillable_tms": attributes{
		"api_key":    mockKey,
		"base_url":   "http://127.0.0.1:1" + s.Prefix("skillable_tms"),
		"definition": example(t, "vendors/skillable_tms.vendor.hcl"),
	}}})
}

// A definition with the address of a documentation that the provider knows has its facts, beside its
// examples.
func TestContract_namesEachSwitchOfSkillableTMS(t *testing.T) {
	t.Parallel()
	plain := func(*mock.TMSUser) {}
	for name, c := range map[string]struct {
		user func(*mock.TMSUser)
		set  func(*mock.TMS)
		want string // a part of the switch; empty for none
	}{
		"none":               {plain, func(*mock.TMS) {}, ""},
		"NoStatus":           {plain, func(s *mock.TMS) { s.NoStatus = true }, "NoStatus"},
		"FlippedCase":        {plain, func(s *mock.TMS) { s.FlippedCase = true }, "FlippedCase"},
		"HTML 200":           {plain, func(s *mock.TMS) { s.HTML = 200 }, "HTML"},
		"HTML 404":           {plain, func(s *mock.TMS) { s.HTML = 404 }, "HTML"},
		"ErrorOnSuccess":     {plain, func(s *mock.TMS) { s.ErrorOnSuccess = true }, "ErrorOnSuccess"},
		"BadKeyUnauthorized": {plain, func(s *mock.TMS) { s.BadKey = mock.BadKeyUnauthorized }, "BadKey"},
		"BadKeyForbidden":    {plain, func(s *mock.TMS) { s.BadKey = mock.BadKeyForbidden }, "BadKey"},
		"ListsNull":          {plain, func(s *mock.TMS) { s.Lists = mock.TMSListsNull }, "Lists"},
		"ListsMissing":       {plain, func(s *mock.TMS) { s.Lists = mock.TMSListsMissing }, "Lists"},
		"EmailExact":         {plain, func(s *mock.TMS) { s.EmailExact = true }, "EmailExact"},
		"DisabledHidden":     {plain, func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHidden }, "HideDisabled"},
		"DisabledNotByEmail": {plain, func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHiddenByEmail }, "HideDisabled"},
		"DisableIgnored":     {plain, func(s *mock.TMS) { s.DisableIgnored = true }, "DisableIgnored"},
		"NoRows":             {plain, func(s *mock.TMS) { s.NoRows = true }, "NoRows"},
		"SlowClose":          {plain, func(s *mock.TMS) { s.SlowClose = 2 }, "SlowClose"},
		"ClosedAnonymized":   {plain, func(s *mock.TMS) { s.Closed = mock.TMSClosedAnonymized }, "Closed"},
		"ClosedNull":         {plain, func(s *mock.TMS) { s.Closed = mock.TMSClosedNull }, "Closed"},
		"AgainNoRows":        {plain, func(s *mock.TMS) { s.Again = mock.TMSAgainNoRows }, "Again"},
		"AgainRows":          {plain, func(s *mock.TMS) { s.Again = mock.TMSAgainRows }, "Again"},
		"AgainError":         {plain, func(s *mock.TMS) { s.Again = mock.TMSAgainError }, "Again"},
		"enrolled":           {enrolled, func(*mock.TMS) {}, ""},
		"EnrolledBlocks":     {enrolled, func(s *mock.TMS) { s.EnrolledBlocks = true }, "EnrolledBlocks"},
		"a manager":          {manager, func(*mock.TMS) {}, ""},
		"ManagingBlocks":     {manager, func(s *mock.TMS) { s.ManagingBlocks = true }, "ManagingBlocks"},
		"in a lab":           {inLab, func(*mock.TMS) {}, ""},
		"LabsBlock":          {inLab, func(s *mock.TMS) { s.LabsBlock = true }, "LabsBlock"},
		"LabsBlock, no labs": {plain, func(s *mock.TMS) { s.LabsBlock = true }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				ines := mock.TMSUser{ID: 90417, Name: inesName, Email: inesEmail, UserName: "ines.varga"}
				c.user(&ines)
				s.TMS.Add(ines)
				s.TMS.Add(mock.TMSUser{ID: 90418, Name: ottoName, Email: ottoEmail})
				s.TMS.Set(c.set)
				got := tmsDriver(t, s).invoke("skillable_tms", "90417")
				if !slices.Equal(got.contrary(), wantSwitch(c.want)) || !s.TMS.Has(90418) {
					t.Errorf("got the switches %q, want %q. %s\n%s", got.contrary(), c.want, got.errors(), got.page)
				}
			})
		})
	}
}

func enrolled(u *mock.TMSUser) {
	u.Enrollments = []mock.TMSEnrollment{{Class: "Mesh basics", Status: 60, Completion: 10}}
}

func manager(u *mock.TMSUser) { u.Managed = []int64{612} }

func inLab(u *mock.TMSUser) { u.Labs = 1 }
