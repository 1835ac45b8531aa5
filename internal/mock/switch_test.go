package mock_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// konstantlySwitchServer is a server with an active and a blocked user at Konstantly.
func konstantlySwitchServer() *mock.Server {
	s := mock.New(key)
	s.Konstantly.Add(mock.KonstantlyUser{ID: "u1", Name: "Ines Varga", Email: "Ines+l@acme.test"})
	s.Konstantly.Add(mock.KonstantlyUser{ID: "u2", Name: "Ola Berg", Email: "ola@acme.test", Blocked: true,
		Location: "Porto"})
	return s
}

// funds is a server with a client, an advisor and a pending user at sFOX.
func sfoxSwitchServer() *mock.Server {
	s := mock.New(key)
	s.SFOX.Add(mock.SFOXUser{ID: "c1", Name: "Dana Reyes", Advisor: "a1", OpenOrders: 1, PendingTransactions: 1,
		Balances: map[string]string{"usd": "0.005", "eth": "2.50"}, Held: map[string]string{"eth": "1.25"}})
	s.SFOX.Add(mock.SFOXUser{ID: "a1", Name: "Ada Moss", AccountRole: "Advisor"})
	s.SFOX.Add(mock.SFOXUser{ID: "p1", Name: "Pia New", Status: "PENDING"})
	return s
}

// switchCase is one switch of a vendor, and what one call answers without and with it.
type switchCase struct {
	name       string
	set        func(*mock.Server)
	what, body string
	off, on    int    // the statuses
	without    string // in the body without the switch
	with       string // in the body with it
	prepare    string // a call before, if any
}

// runSwitchCases makes the call of each case with and without the switch.
func runSwitchCases(t *testing.T, vendor string, newServer func() *mock.Server, all []switchCase) {
	t.Helper()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, on := range []bool{false, true} {
				s, status, text := newServer(), c.off, c.without
				if on {
					c.set(s)
					status, text = c.on, c.with
				}
				if c.prepare != "" {
					ask(t, s, vendor, c.prepare, "")
				}
				g := ask(t, s, vendor, c.what, c.body)
				equal(t, fmt.Sprintf("status, switch %v", on), g.status, status)
				if !strings.Contains(g.body, text) {
					t.Errorf("switch %v: got %s, want in it %s", on, g.body, text)
				}
			}
		})
	}
}

func TestKonstantly_followsFurtherSwitches(t *testing.T) {
	t.Parallel()
	runSwitchCases(t, "konstantly", konstantlySwitchServer, []switchCase{
		{"blocked user not found", func(s *mock.Server) { s.Konstantly.BlockedNotFound = true },
			"GET /users/u2", "", 200, 404, `"isBanned":true`, `"status":404`, ""},
		{"query of a part", func(s *mock.Server) { s.Konstantly.QueryExact = true },
			"GET /users?query=ola", "", 200, 200, `"totalCount":1`, `"totalCount":0`, ""},
		{"query of a whole address", func(s *mock.Server) { s.Konstantly.QueryExact = true },
			"GET /users?query=OLA@acme.test", "", 200, 200, `"totalCount":1`, `"totalCount":1`, ""},
		{"exact query without a query", func(s *mock.Server) { s.Konstantly.QueryExact = true },
			"GET /users", "", 200, 200, `"totalCount":2`, `"totalCount":2`, ""},
		{"address in other case", func(s *mock.Server) { s.Konstantly.EmailExact = true },
			"GET /users/byEmail/OLA@acme.test", "", 200, 404, `"id":"u2"`, `"status":404`, ""},
		{"plus sign", func(s *mock.Server) { s.Konstantly.PlusIsBlank = true },
			"GET /users/byEmail/ines+l@acme.test", "", 200, 404, `"id":"u1"`, `"status":404`, ""},
		{"optional fields empty", func(s *mock.Server) { s.Konstantly.Optional = mock.OptionalEmpty },
			"GET /users/u1", "", 200, 200, `"location":null`, `"location":""`, ""},
		{"optional fields absent", func(s *mock.Server) { s.Konstantly.Optional = mock.OptionalAbsent },
			"GET /users/u1", "", 200, 200, `"occupation":null,"location":null,`, `"language":"en","timezone"`, ""},
		{"optional fields that are given", func(s *mock.Server) { s.Konstantly.Optional = mock.OptionalAbsent },
			"GET /users/u2", "", 200, 200, `"location":"Porto"`, `"location":"Porto"`, ""},
		{"attributes", func(s *mock.Server) { s.Konstantly.AttributesList = true },
			"GET /users/u1", "", 200, 200, `"attributes":{}`, `"attributes":[]`, ""},
	})
}

func TestKonstantly_capsPages(t *testing.T) {
	t.Parallel()
	for pageCap, want := range map[int]int{0: 20, 10: 10} {
		s := manyUsers()
		s.Konstantly.PageCap = pageCap
		g := ask(t, s, "konstantly", "GET /users?offset=10", "")
		equal(t, "rows", rowCount(t, g, "users"), want)
		g.want(t, 200, `{"totalCount":45}`)
	}
}

func TestKonstantly_countsOnlyThePage(t *testing.T) {
	t.Parallel()
	for ofPage, totals := range map[bool][]int{false: {45, 45, 45, 45}, true: {20, 20, 5, 0}} {
		s := manyUsers()
		s.Konstantly.TotalOfPage = ofPage
		for i, want := range totals {
			ask(t, s, "konstantly", fmt.Sprintf("GET /users?offset=%d", i*20), "").want(t, 200,
				fmt.Sprintf(`{"totalCount":%d}`, want))
		}
	}
}

func TestECGrid_followsFurtherSwitches(t *testing.T) {
	t.Parallel()
	const end = "DELETE /users/30417"
	runSwitchCases(t, "ecgrid", ecgridServer, []switchCase{
		{"enums as numbers", func(s *mock.Server) { s.ECGrid.EnumNumbers = true },
			"GET /users/30418", "", 200, 200, `"authLevel":"MailboxUser","status":"Suspended"`, `"authLevel":6,"status":3`, ""},
		{"unknown enums stay words", func(s *mock.Server) {
			s.ECGrid.EnumNumbers = true
			s.ECGrid.Update(30417, func(u *mock.ECGridUser) { u.Status = "Paused" })
		}, "GET /users/30417", "", 200, 200, `"Active"`, `"Paused"`, ""},
		{"status dropped", func(s *mock.Server) { s.ECGrid.StatusDropped = true },
			"GET /users/30419", "", 200, 200, `"status":"Terminated"`, `"authLevel":"MailboxUser","created"`, ""},
		{"status of an open user stays", func(s *mock.Server) { s.ECGrid.StatusDropped = true },
			"GET /users/30417", "", 200, 200, `"status":"Active"`, `"status":"Active"`, ""},
		{"no place", func(s *mock.Server) { s.ECGrid.NoPlace = true },
			"GET /users/30417", "", 200, 200, `"networkId":12,"mailboxId":880`, `"lastName":"Okafor","authLevel"`, ""},
		{"further fields", func(s *mock.Server) { s.ECGrid.MoreFields = true },
			"GET /users/30417", "", 200, 200, `"created":"2024-03-04T05:06:07Z"}`,
			`"company":"Example Freight","phone":"555-0100","timeZoneOffset":-5,"openSessions":0`, ""},
		{"terminating any level", func(s *mock.Server) {
			s.ECGrid.AnyLevel = true
			s.ECGrid.Update(7, func(u *mock.ECGridUser) { u.AuthLevel = "General" })
		}, end, "", 200, 200, `"data":true`, `"data":true`, ""},
		{"terminating oneself", func(s *mock.Server) { s.ECGrid.SelfRefused = true },
			"DELETE /users/7", "", 200, 400, `"data":true`, "InvalidParameter", ""},
		{"terminating another, if not oneself", func(s *mock.Server) { s.ECGrid.SelfRefused = true },
			end, "", 200, 200, `"data":true`, `"data":true`, ""},
		{"says false, not done", func(s *mock.Server) { s.ECGrid.Terminate = mock.TerminateFalse },
			"GET /users/30417", "", 200, 200, `"Terminated"`, `"Active"`, end},
		{"says false, done", func(s *mock.Server) { s.ECGrid.Terminate = mock.TerminateFalseDone },
			"GET /users/30417", "", 200, 200, `"Terminated"`, `"Terminated"`, end},
		{"data false", func(s *mock.Server) { s.ECGrid.Terminate = mock.TerminateFalseDone },
			end, "", 200, 200, `"success":true`, `"data":false`, ""},
		{"reversed", func(s *mock.Server) { s.ECGrid.Reversed = true },
			"POST /users/list", `{"recordsPerPage":1}`, 200, 200, `"userId":7,`, `"userId":30419,`, ""},
		{"terminated not found", func(s *mock.Server) { s.ECGrid.TerminatedNotFound = true },
			"GET /users/30417", "", 200, 404, `"Terminated"`, "ObjectNotFound", end},
	})
}

func TestECGrid_ignoresFiltersAndPages(t *testing.T) {
	t.Parallel()
	s := manyUsers()
	const body = `{"networkId":12,"mailboxId":1,"status":"Terminated","authLevel":"General",
		"pageNo":2,"recordsPerPage":10}`
	equal(t, "read", len(userIDs(t, ask(t, s, "ecgrid", "POST /users/list", body))), 0)
	s.ECGrid.Unread = []string{"mailboxId", "status", "authLevel", "pageNo"}
	for range 2 {
		equal(t, "ignored", userIDs(t, ask(t, s, "ecgrid", "POST /users/list", body)),
			[]int{7, 100, 101, 102, 103, 104, 105, 106, 107, 108})
	}
}

func TestECGrid_readsMailboxIDsInThreeWays(t *testing.T) {
	t.Parallel()
	for mailbox, want := range map[mock.ECGridMailbox][]int{ // omitted, 0, -1, 880
		mock.MailboxAll:     {4, 3, 0, 1},
		mock.MailboxRoot:    {3, 3, 4, 1},
		mock.MailboxZeroAll: {4, 4, 0, 1},
	} {
		s := ecgridServer()
		s.ECGrid.Mailbox = mailbox
		got := []int{}
		for _, body := range []string{`{}`, `{"mailboxId":0}`, `{"mailboxId":-1}`, `{"mailboxId":880}`} {
			got = append(got, len(userIDs(t, ask(t, s, "ecgrid", "POST /users/list", body))))
		}
		equal(t, fmt.Sprint("users with meaning ", mailbox), got, want)
	}
}

func TestSFOX_followsFurtherSwitches(t *testing.T) {
	t.Parallel()
	empty := func(s *mock.Server) {
		s.SFOX.Update("c1", func(u *mock.SFOXUser) { u.Balances = nil })
	}
	emptied := func() *mock.Server {
		s := sfoxSwitchServer()
		empty(s)
		return s
	}
	const end, refused = "DELETE /enterprise/account/c1", `"error"`
	runSwitchCases(t, "sfox", emptied, []switchCase{
		{"open orders", func(s *mock.Server) { s.SFOX.OrdersBlock = true }, end, "", 200, 422, "", refused, ""},
		{"unfinished transactions", func(s *mock.Server) { s.SFOX.PendingBlocks = true }, end, "", 200, 422, "", refused, ""},
		{"advisor with clients", func(s *mock.Server) { s.SFOX.ClientsBlock = true },
			"DELETE /enterprise/account/a1", "", 200, 422, "", refused, ""},
		{"advisor whose client is gone", func(s *mock.Server) { s.SFOX.ClientsBlock = true },
			"DELETE /enterprise/account/a1", "", 200, 200, "", "", end},
		{"gone as null", func(s *mock.Server) { s.SFOX.Gone = mock.GoneNull },
			"GET /enterprise/users/c1", "", 404, 200, refused, `{"data":null}`, end},
		{"gone as an object", func(s *mock.Server) { s.SFOX.Gone = mock.GoneObject },
			"GET /enterprise/users/c1", "", 404, 200, refused, `{"data":{}}`, end},
		{"token of a deactivated user", func(s *mock.Server) { s.SFOX.MintRefused = 403 },
			"POST /enterprise/user-tokens/c1", "", 404, 403, refused, refused, end},
		{"token of a pending user", func(s *mock.Server) { s.SFOX.PendingNoToken = true },
			"POST /enterprise/user-tokens/p1", "", 201, 422, `"token"`, refused, ""},
		{"token of a verified user", func(s *mock.Server) { s.SFOX.PendingNoToken = true },
			"POST /enterprise/user-tokens/c1", "", 201, 201, `"token"`, `"token"`, ""},
		{"further keys of the list", func(s *mock.Server) { s.SFOX.ListExtras = true },
			"GET /enterprise/users", "", 200, 200, `{"data":[`, `"next":null,"total":3`, ""},
		{"newer requirements", func(s *mock.Server) { s.SFOX.NewRequirements = true },
			"GET /enterprise/users/c1", "", 200, 200, `"requirements":{"email":false,"sms":false}`,
			`"requirements":{"completed":["email"]`, ""},
		{"further fields", func(s *mock.Server) { s.SFOX.MoreFields = true },
			"GET /enterprise/users/c1", "", 200, 200, `"sms":false}}`, `"id":"acc-c1"`, ""},
	})
}

func TestSFOX_dustStopsADeactivation(t *testing.T) {
	t.Parallel()
	for dust, statuses := range map[string][]int{"": {422, 422, 200}, "0.01": {422, 200, 200}} {
		got := []int{}
		for _, balance := range []string{"-2", "0.005", "0.000"} {
			s := sfoxSwitchServer()
			s.SFOX.Dust = dust
			s.SFOX.Update("c1", func(u *mock.SFOXUser) { u.Balances = map[string]string{"usd": balance} })
			got = append(got, ask(t, s, "sfox", "DELETE /enterprise/account/c1", "").status)
		}
		equal(t, "statuses with dust "+dust, got, statuses)
	}
}

func TestSFOX_writesHeldFundsAndWallets(t *testing.T) {
	t.Parallel()
	for bare, want := range map[bool]string{
		false: `{"currency":"eth","balance":2.50,"available":1.25,"held":1.25,"borrow_wallet":0,` +
			`"collateral_wallet":0,"lending_wallet":0,"trading_wallet":2.50}`,
		true: `{"currency":"eth","balance":2.50,"available":1.25,"held":1.25}`,
	} {
		s := sfoxSwitchServer()
		s.SFOX.BareBalances = bare
		token := ask(t, s, "sfox", "POST /enterprise/user-tokens/c1", "").field(t, "data", "token").(string)
		g := askAs(t, s, "sfox", "GET /user/balance", "", [2]string{"Authorization", "Bearer " + token})
		if !strings.HasPrefix(g.body, "["+want+",") {
			t.Errorf("bare %v: got %s, want in it %s", bare, g.body, want)
		}
	}
}

func TestSwitches_haveEverySwitchOfAVendor(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Skillable.SlowCancel = 1
	got := mock.Switches(s.Skillable)
	for name, want := range map[string][2]bool{ // whether it is one, and whether it is set
		"SlowCancel": {true, true}, "FoldIDs": {true, false}, "OtherKey": {true,
			false}, "Roster": {}, "Other": {}, "swapped": {},
	} {
		set, known := got[name]
		equal(t, name, [2]bool{known, set}, want)
	}
}
