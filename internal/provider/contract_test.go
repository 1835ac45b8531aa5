package provider

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// invoked is what an invocation of the contract check said and wrote.
type invoked struct {
	diagnostics

	progress []string
	report   contract.Report
	page     string
}

// invoke runs the contract check at a vendor, with a report in a directory of its own.
func (d *driver) invoke(vendor string, ids ...string) (got invoked) {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), "report.json")
	got.progress, got.diagnostics = d.invokeTo(path, vendor, ids...)
	text, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatalf("got %v, want a report. %s", err, got.errors())
	}
	if err := json.Unmarshal(text, &got.report); err != nil {
		d.t.Fatal(err)
	}
	page, err := os.ReadFile(strings.TrimSuffix(path, ".json") + ".md")
	if err != nil {
		d.t.Fatal(err)
	}
	got.page = string(page)
	return got
}

// invokeTo is invoke with the path of the report.
func (d *driver) invokeTo(path, vendor string, ids ...string) (progress []string, said diagnostics) {
	d.t.Helper()
	config := attributes{"vendor": vendor, "report": path}
	if len(ids) > 0 {
		config["sacrificial_ids"] = ids
	}
	of := d.schema.ActionSchemas["offboard_contract"].Schema.ValueType()
	server := d.server.(tfprotov6.ActionServer)
	stream, err := server.InvokeAction(d.t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: "offboard_contract", Config: d.dynamic(object(of, config)),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			said = append(said, event.Diagnostics...)
		}
	}
	return progress, said
}

// contrary are the settings of the mock that a report names, without their values.
func (i *invoked) contrary() []string {
	names := map[string]bool{}
	for _, line := range i.report.Facts {
		if name, _, ok := strings.Cut(line.Switch, " = "); ok {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// verdict is that of one fact.
func (i *invoked) verdict(fact string) contract.Verdict {
	for _, line := range i.report.Facts {
		if line.Fact == fact {
			return line.Verdict
		}
	}
	return ""
}

// contractCase is a setting of a mock, and the switches that the report must name.
type contractCase struct {
	set  func(*mock.Server)
	want []string
}

// runContractCases checks each setting at a vendor whose mock has the users of a function, in virtual time.
func runContractCases(
	t *testing.T, vendor string, add func(*mock.Server), ids []string, cases map[string]contractCase,
) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				add(s)
				c.set(s)
				got := virtualDriver(t, s, nil).invoke(vendor, ids...)
				if !slices.Equal(got.contrary(), c.want) {
					t.Errorf("got the switches %q, want %q. %s\n%s", got.contrary(), c.want, got.errors(), got.page)
				}
			})
		})
	}
}

// seedECGridCheck adds 30 users, of whom the first may be closed.
func seedECGridCheck(s *mock.Server) {
	for i := range 30 {
		ecgridCase.put(s, ecgridCase.numbered(i), inesName, inesEmail)
	}
}

func TestContract_namesEachSwitchOfECGrid(t *testing.T) {
	t.Parallel()
	one := func(name string, set func(*mock.ECGrid)) contractCase {
		want := []string{name}
		if name == "" {
			want = nil
		}
		return contractCase{func(s *mock.Server) { s.ECGrid.Set(set) }, want}
	}
	runContractCases(t, "ecgrid", seedECGridCheck, []string{ecgridCase.numbered(0)}, map[string]contractCase{
		"none":               one("", func(*mock.ECGrid) {}),
		"TerminatedNotFound": one("TerminatedNotFound", func(e *mock.ECGrid) { e.TerminatedNotFound = true }),
		"AgainInvalid":       one("Again", func(e *mock.ECGrid) { e.Again = mock.AgainInvalid }),
		"AgainFalse":         one("Again", func(e *mock.ECGrid) { e.Again = mock.AgainFalse }),
		"AgainTrue":          one("Again", func(e *mock.ECGrid) { e.Again = mock.AgainTrue }),
		"LoginName":          one("LoginName", func(e *mock.ECGrid) { e.LoginName = true }),
		"NoStatus":           one("NoStatus", func(e *mock.ECGrid) { e.NoStatus = true }),
		"ExtrasEmpty":        one("Extras", func(e *mock.ECGrid) { e.Extras = mock.ExtrasEmpty }),
		"ExtrasNull":         one("Extras", func(e *mock.ECGrid) { e.Extras = mock.ExtrasNull }),
		"Errors200":          one("Errors200", func(e *mock.ECGrid) { e.Errors200 = true }),
		"PageCap":            one("PageCap", func(e *mock.ECGrid) { e.PageCap = 10 }),
		"FilterRequired":     one("FilterRequired", func(e *mock.ECGrid) { e.FilterRequired = true }),
		"HideTerminated":     one("HideTerminated", func(e *mock.ECGrid) { e.HideTerminated = true }),
		"SlowTerminate":      one("SlowTerminate", func(e *mock.ECGrid) { e.SlowTerminate = 2 }),
		"RateLimit":          one("RateLimit", func(e *mock.ECGrid) { e.RateLimit = 1 }),
		"NoRetryAfter": {func(s *mock.Server) {
			s.ECGrid.Set(func(e *mock.ECGrid) { e.RateLimit, e.NoRetryAfter = 1, true })
		}, []string{"NoRetryAfter", "RateLimit"}},
		"Unread": one("Unread", func(e *mock.ECGrid) {
			e.Unread = []string{"mailboxId", "authLevel", "status", "pageNo"}
		}),
		"MailboxRoot":        one("Mailbox", func(e *mock.ECGrid) { e.Mailbox = mock.MailboxRoot }),
		"MailboxZeroAll":     one("Mailbox", func(e *mock.ECGrid) { e.Mailbox = mock.MailboxZeroAll }),
		"EnumNumbers":        one("EnumNumbers", func(e *mock.ECGrid) { e.EnumNumbers = true }),
		"StatusDropped":      one("StatusDropped", func(e *mock.ECGrid) { e.StatusDropped = true }),
		"MoreFields":         one("MoreFields", func(e *mock.ECGrid) { e.MoreFields = true }),
		"Reversed":           one("Reversed", func(e *mock.ECGrid) { e.Reversed = true }),
		"TerminateFalse":     one("Terminate", func(e *mock.ECGrid) { e.Terminate = mock.TerminateFalse }),
		"TerminateFalseDone": one("Terminate", func(e *mock.ECGrid) { e.Terminate = mock.TerminateFalseDone }),
		"AnyLevel": {func(s *mock.Server) {
			s.ECGrid.Update(7, func(u *mock.ECGridUser) { u.AuthLevel = "NetworkUser" })
			s.ECGrid.Set(func(e *mock.ECGrid) { e.AnyLevel = true })
		}, []string{"AnyLevel"}},
	})
}
