package provider

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

// contractCase is a setting of a mock, and the switches that the report must name.
type contractCase struct {
	set  func(*mock.Server)
	want []string
}

// runContractCases checks each setting at a vendor whose mock has the users of a function, in virtual
// time.
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
		return contractCase{func(s *mock.Server) { s.ECGrid.Set(set) }, wantSwitch(name)}
	}
	runContractCases(t, "ecgrid", seedECGridCheck, []string{ecgridCase.numbered(0)}, map[string]contractCase{
		"none":               one("", func(*mock.ECGrid) {}),
		"TerminatedNotFound": one("TerminatedNotFound", func(e *mock.ECGrid) { e.TerminatedNotFound = true }),
		"AgainInvalid":       one("Again", func(e *mock.ECGrid) { e.Again = mock.AgainInvalid }),
		"AgainFalse":         one("Again", func(e *mock.ECGrid) { e.Again = mock.AgainFalse }),
		"AgainTrue":          one("Again", func(e *mock.ECGrid) { e.Again = mock.AgainTrue }),
		"LoginName":          one("LoginName", func(e *mock.ECGrid) { e.LoginName = true }),
		"NoStatus":           one("NoStatus", func(e *mock.ECGrid) { e.NoStatus = true }),
		"NoPlace":            one("NoPlace", func(e *mock.ECGrid) { e.NoPlace = true }),
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

// seedKonstantlyCheck adds 45 users, of whom the first may be closed. One has an address with a plus
// sign.
func seedKonstantlyCheck(s *mock.Server) {
	for i := range 45 {
		email := strings.Replace(inesEmail, "@", label(konstantlyCase.numbered(i))+"@", 1)
		if i == 1 {
			email = "ines+training@acme.test"
		}
		konstantlyCase.put(s, konstantlyCase.numbered(i), inesName, email)
	}
}

func TestContract_namesEachSwitchOfKonstantly(t *testing.T) {
	t.Parallel()
	one := func(name string, set func(*mock.Konstantly)) contractCase {
		return contractCase{func(s *mock.Server) { s.Konstantly.Set(set) }, wantSwitch(name)}
	}
	runContractCases(t, "konstantly", seedKonstantlyCheck, []string{konstantlyCase.numbered(0)}, map[string]contractCase{
		"none":      one("", func(*mock.Konstantly) {}),
		"RateLimit": one("RateLimit", func(k *mock.Konstantly) { k.RateLimit = 3 }),
		"RetryAfter": {func(s *mock.Server) {
			s.Fail(mock.Fault{Vendor: "konstantly", Status: 429, Times: 1, Header: http.Header{"Retry-After": {"1"}}})
		}, []string{"RetryAfter"}},
		"Forbidden":       one("Forbidden", func(k *mock.Konstantly) { k.Forbidden = true }),
		"RoleString":      one("RoleString", func(k *mock.Konstantly) { k.RoleString = true }),
		"BlockOnce":       one("BlockOnce", func(k *mock.Konstantly) { k.BlockOnce = true }),
		"EmptyDelete":     one("EmptyDelete", func(k *mock.Konstantly) { k.EmptyDelete = true }),
		"SlowDelete":      one("SlowDelete", func(k *mock.Konstantly) { k.SlowDelete = 2 }),
		"HideBlocked":     one("HideBlocked", func(k *mock.Konstantly) { k.HideBlocked = true }),
		"TotalOfPage":     one("TotalOfPage", func(k *mock.Konstantly) { k.TotalOfPage = true }),
		"PageCap":         one("PageCap", func(k *mock.Konstantly) { k.PageCap = 10 }),
		"BlockedNotFound": one("BlockedNotFound", func(k *mock.Konstantly) { k.BlockedNotFound = true }),
		"QueryExact":      one("QueryExact", func(k *mock.Konstantly) { k.QueryExact = true }),
		"EmailExact":      one("EmailExact", func(k *mock.Konstantly) { k.EmailExact = true }),
		"PlusIsBlank":     one("PlusIsBlank", func(k *mock.Konstantly) { k.PlusIsBlank = true }),
		"OptionalEmpty":   one("Optional", func(k *mock.Konstantly) { k.Optional = mock.OptionalEmpty }),
		"OptionalAbsent":  one("Optional", func(k *mock.Konstantly) { k.Optional = mock.OptionalAbsent }),
		"AttributesList":  one("AttributesList", func(k *mock.Konstantly) { k.AttributesList = true }),
	})
}

// wantSwitch is the one switch that a report must name; none for an empty name.
func wantSwitch(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// seedSFOXCheck adds users, of whom the first may be deactivated. It has a currency with nothing in it.
func seedSFOXCheck(change func(*mock.SFOXUser)) func(*mock.Server) {
	return func(s *mock.Server) {
		u := mock.SFOXUser{ID: "sacrificial", Name: inesName, Email: inesEmail, Balances: map[string]string{"usd": "0"}}
		change(&u)
		s.SFOX.Add(u)
		sfoxCase.add(s)
	}
}

func TestContract_namesEachSwitchOfSFOX(t *testing.T) {
	t.Parallel()
	one := func(name string, set func(*mock.SFOX)) contractCase {
		return contractCase{func(s *mock.Server) { s.SFOX.Set(set) }, wantSwitch(name)}
	}
	ids := []string{"sacrificial"}
	runContractCases(t, "sfox", seedSFOXCheck(func(*mock.SFOXUser) {}), ids, map[string]contractCase{
		"none":              one("", func(*mock.SFOX) {}),
		"GoneNull":          one("Gone", func(s *mock.SFOX) { s.Gone = mock.GoneNull }),
		"GoneObject":        one("Gone", func(s *mock.SFOX) { s.Gone = mock.GoneObject }),
		"GoneArray":         one("Gone", func(s *mock.SFOX) { s.Gone = mock.GoneArray }),
		"WrongUnauthorized": one("WrongUnauthorized", func(s *mock.SFOX) { s.WrongUnauthorized = true }),
		"Strings":           one("Strings", func(s *mock.SFOX) { s.Strings = true }),
		"HideZero":          one("HideZero", func(s *mock.SFOX) { s.HideZero = true }),
		"TokenLife":         one("TokenLife", func(s *mock.SFOX) { s.TokenLife = time.Hour }),
		"TokensDie":         one("TokensDie", func(s *mock.SFOX) { s.TokensDie = true }),
		"Stakes":            one("Stakes", func(s *mock.SFOX) { s.Stakes = true }),
		"PlainNotFound":     one("PlainNotFound", func(s *mock.SFOX) { s.PlainNotFound = true }),
		"SlowDelete":        one("SlowDelete", func(s *mock.SFOX) { s.SlowDelete = 2 }),
		"RateLimits":        one("RateLimits", func(s *mock.SFOX) { s.RateLimits = true }),
		"RetryAfter": {func(s *mock.Server) {
			s.SFOX.Set(func(s *mock.SFOX) { s.RateLimits, s.RetryAfter = true, true })
		}, []string{"RateLimits", "RetryAfter"}},
		"MintRefused":     one("MintRefused", func(s *mock.SFOX) { s.MintRefused = 403 }),
		"BareBalances":    one("BareBalances", func(s *mock.SFOX) { s.BareBalances = true }),
		"ListExtras":      one("ListExtras", func(s *mock.SFOX) { s.ListExtras = true }),
		"NewRequirements": one("NewRequirements", func(s *mock.SFOX) { s.NewRequirements = true }),
		"MoreFields":      one("MoreFields", func(s *mock.SFOX) { s.MoreFields = true }),
	})
	for name, c := range map[string]struct {
		user func(*mock.SFOXUser)
		set  func(*mock.SFOX)
	}{
		"OrdersBlock": {func(u *mock.SFOXUser) { u.OpenOrders = 1 }, func(s *mock.SFOX) { s.OrdersBlock = true }},
		"PendingBlocks": {func(u *mock.SFOXUser) { u.PendingTransactions = 1 },
			func(s *mock.SFOX) { s.PendingBlocks = true }},
		"ClientsBlock": {func(u *mock.SFOXUser) { u.AccountRole = "Advisor" }, func(s *mock.SFOX) {
			s.ClientsBlock = true
		}},
		"PendingNoToken": {func(u *mock.SFOXUser) { u.Status = "PENDING" },
			func(s *mock.SFOX) { s.PendingNoToken = true }},
	} {
		seed := func(s *mock.Server) {
			seedSFOXCheck(c.user)(s)
			s.SFOX.Add(mock.SFOXUser{ID: "client", Name: ottoName, Email: ottoEmail, Advisor: "sacrificial"})
		}
		if name != "ClientsBlock" {
			seed = seedSFOXCheck(c.user)
		}
		runContractCases(t, "sfox", seed, ids, map[string]contractCase{
			name: one(name, c.set), name + " is not set": one("", func(*mock.SFOX) {}),
		})
	}
}

// seedSkillableCheck adds users, of whom the first may be closed. It has a saved lab and past ones.
func seedSkillableCheck(s *mock.Server) {
	s.Skillable.Add(mock.SkillableUser{
		ID: "emp-3107", Name: inesName, Email: inesEmail, Saved: make(mock.Labs, 1), History: 2,
	})
	s.Skillable.Add(mock.SkillableUser{ID: "emp-3108", Name: ottoName, Email: ottoEmail, Running: make(mock.Labs, 2)})
}

func TestContract_namesEachSwitchOfSkillable(t *testing.T) {
	t.Parallel()
	one := func(name string, set func(*mock.Skillable)) contractCase {
		return contractCase{func(s *mock.Server) { s.Skillable.Set(set) }, wantSwitch(name)}
	}
	runContractCases(t, "skillable", seedSkillableCheck, []string{"emp-3107"}, map[string]contractCase{
		"none": one("", func(*mock.Skillable) {}),
		"Shared": {func(s *mock.Server) {
			s.Skillable.Other.Add(mock.SkillableUser{ID: "emp-3107", Name: ottoName, Email: ottoEmail, History: 1})
			s.Skillable.Set(func(s *mock.Skillable) { s.Shared = true })
		}, []string{"Shared"}},
		"Closing":            one("Closing", func(s *mock.Skillable) { s.Closing = mock.CloseLeavesLabs }),
		"UnknownNull":        one("Unknown", func(s *mock.Skillable) { s.Unknown = mock.UnknownNull }),
		"UnknownError":       one("Unknown", func(s *mock.Skillable) { s.Unknown = mock.UnknownError }),
		"BadKeyUnauthorized": one("BadKey", func(s *mock.Skillable) { s.BadKey = mock.BadKeyUnauthorized }),
		"BadKeyForbidden":    one("BadKey", func(s *mock.Skillable) { s.BadKey = mock.BadKeyForbidden }),
		"Expired":            one("Expired", func(s *mock.Skillable) { s.Expired = true }),
		"SearchClosed":       one("SearchClosed", func(s *mock.Skillable) { s.SearchClosed = true }),
		"KeepNames": {func(s *mock.Server) {
			s.Skillable.Set(func(s *mock.Skillable) { s.SearchClosed, s.KeepNames = true, true })
		}, []string{"KeepNames", "SearchClosed"}},
		"BareSearch":     one("BareSearch", func(s *mock.Skillable) { s.BareSearch = true }),
		"PageCap":        one("PageCap", func(s *mock.Skillable) { s.PageCap = 2 }),
		"LabsIgnoreUser": one("LabsIgnoreUser", func(s *mock.Skillable) { s.LabsIgnoreUser = true }),
		"FoldIDs":        one("FoldIDs", func(s *mock.Skillable) { s.FoldIDs = true }),
		"LeaveRows":      one("LeaveRows", func(s *mock.Skillable) { s.LeaveRows = 2 }),
		"AlwaysRows":     one("AlwaysRows", func(s *mock.Skillable) { s.AlwaysRows = true }),
	})
	inTwoLabs := func(s *mock.Server) {
		seedSkillableCheck(s)
		s.Skillable.Update("emp-3107", func(u *mock.SkillableUser) { u.Running = make(mock.Labs, 2) })
	}
	runContractCases(t, "skillable", inTwoLabs, []string{"emp-3107"}, map[string]contractCase{
		"labs that run": one("", func(*mock.Skillable) {}),
		"SlowCancel":    one("SlowCancel", func(s *mock.Skillable) { s.SlowCancel = 2 }),
		"ForeignLabs":   one("ForeignLabs", func(s *mock.Skillable) { s.ForeignLabs = true }),
	})
}
