package sfox_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// switches are the answers that the documentation leaves open. Where sFOX gives them, the closure
// of a user without money, orders and transactions is proven, unless something else is said here.
var switches = map[string]struct {
	set      func(*mock.SFOX)
	open     bool // the account stays open
	unproven bool // nothing proves the closure
}{
	"a read shows null then":                {set: func(s *mock.SFOX) { s.Gone = mock.GoneNull }},
	"a read shows {} then":                  {set: func(s *mock.SFOX) { s.Gone = mock.GoneObject }},
	"a read shows [] then":                  {set: func(s *mock.SFOX) { s.Gone = mock.GoneArray }},
	"the wrong credential is a 401":         {set: func(s *mock.SFOX) { s.WrongUnauthorized = true }},
	"amounts are strings":                   {set: func(s *mock.SFOX) { s.Strings = true }},
	"zero rows are left out":                {set: func(s *mock.SFOX) { s.HideZero = true }},
	"tokens live for an hour":               {set: func(s *mock.SFOX) { s.TokenLife = time.Hour }},
	"tokens die with the account":           {set: func(s *mock.SFOX) { s.TokensDie = true }},
	"a stake":                               {set: func(s *mock.SFOX) { s.Stakes = true }, open: true, unproven: true},
	"a 404 is a page":                       {set: func(s *mock.SFOX) { s.PlainNotFound = true }, unproven: true},
	"a deactivation takes a while":          {set: func(s *mock.SFOX) { s.SlowDelete = 2 }},
	"the documented limits":                 {set: func(s *mock.SFOX) { s.RateLimits = true }},
	"the limits, with a wait in the answer": {set: func(s *mock.SFOX) { s.RateLimits, s.RetryAfter = true, true }},
	"no token for who is gone":              {set: func(s *mock.SFOX) { s.MintRefused = 403 }},
	"no token for who is not verified":      {set: func(s *mock.SFOX) { s.PendingNoToken = true }},
	"dust stops nothing":                    {set: func(s *mock.SFOX) { s.Dust = "0.01" }},
	"open orders stop a deactivation":       {set: func(s *mock.SFOX) { s.OrdersBlock = true }},
	"transactions stop a deactivation":      {set: func(s *mock.SFOX) { s.PendingBlocks = true }},
	"clients stop that of their advisor":    {set: func(s *mock.SFOX) { s.ClientsBlock = true }},
	"balances have no wallets":              {set: func(s *mock.SFOX) { s.BareBalances = true }},
	"the list has more keys":                {set: func(s *mock.SFOX) { s.ListExtras = true }},
	"requirements as in the newer process":  {set: func(s *mock.SFOX) { s.NewRequirements = true }},
	"users have more fields":                {set: func(s *mock.SFOX) { s.MoreFields = true }},
}

func TestSwitches_areAllSet(t *testing.T) {
	t.Parallel()
	vendor := func(server *mock.Server) *mock.SFOX { return server.SFOX }
	vendortest.WantAllSwitches(t, vendor, func(set func(func(*mock.SFOX))) {
		for _, c := range switches {
			set(c.set)
		}
	})
}

func TestSwitches_decideWhatProvesAClosure(t *testing.T) {
	t.Parallel()
	for name, c := range switches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.SFOX.Set(c.set)
				found, err := client.FindByEmail(ctx, "DANA@acme.test")
				if err != nil || len(found) != 1 || found[0] != dana {
					t.Fatalf("got %+v and %v, want Dana", found, err)
				}
				if findings, err := client.Preflight(ctx, found[0]); err != nil || len(findings) > 0 {
					t.Errorf("got the findings %v and %v, want none", findings, err)
				}
				proof, err := client.Close(ctx, found[0], offboard.NotSent, nil)
				if (err == nil && proof == offboard.Absent) == c.unproven || server.SFOX.Has(dana.ID) != c.open {
					t.Errorf("got %v and %v, want the user open %t, and proven %t", proof, err, c.open, !c.unproven)
				}
				if !server.SFOX.Has("cust-0002") {
					t.Error("got the other user closed, want him open")
				}
			})
		})
	}
}

// A 404 that is a page may be a gateway's: the deactivation was accepted, and nothing proves it.
func TestClose_isNotProvenByAPage(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.SFOX.PlainNotFound = true
		_, err := c.Close(ctx, dana, offboard.NotSent, nil)
		wantStopped(t, err, sfox.StepDeactivate, offboard.Accepted)
		vendortest.WantFault(t, err)
		_, err = c.User(ctx, dana.ID)
		vendortest.WantFault(t, err)
	})
}

// refused fails the test unless sFOX itself refused the deactivation in these words, the account is
// open, and one call was made.
func refused(t *testing.T, server *mock.Server, err error, id, words string) {
	t.Helper()
	wantStopped(t, err, sfox.StepDeactivate, offboard.NotSent)
	var refusal *rest.Error
	if !errors.As(err, &refusal) || refusal.Status != 422 || !strings.Contains(refusal.Message, words) {
		t.Errorf("got %v, want the vendor's 422 and %q", err, words)
	}
	if !server.SFOX.Has(id) || vendortest.Count(server, routeDeactivate) != 1 {
		t.Errorf(
			"got open %t after %d calls, want the user open after one", server.SFOX.Has(id),
			vendortest.Count(server, routeDeactivate),
		)
	}
}

// Orders and transactions may stop a deactivation. The plan names them; only sFOX knows whether
// they do, and says so.
func TestClose_whatIsUnderWay(t *testing.T) {
	t.Parallel()
	const words = "orders or transactions under way"
	order := offboard.Finding{Kind: offboard.OpenOrder, Subject: "Sell 0.5 ethusd (910001)"}
	pending := offboard.Finding{Kind: offboard.PendingTransaction, Subject: "Withdraw -15 usd (77120)"}
	for name, c := range map[string]struct {
		set     func(*mock.SFOX)
		user    func(*mock.SFOXUser)
		found   []offboard.Finding
		refused bool
	}{
		"orders that stop it": {func(s *mock.SFOX) { s.OrdersBlock = true }, func(u *mock.SFOXUser) { u.OpenOrders = 1 },
			[]offboard.Finding{order}, true},
		"orders that do not": {
			func(*mock.SFOX) {}, func(u *mock.SFOXUser) { u.OpenOrders = 1 }, []offboard.Finding{order}, false,
		},
		"transactions that stop it": {
			func(s *mock.SFOX) { s.PendingBlocks = true }, func(u *mock.SFOXUser) { u.PendingTransactions = 1 },
			[]offboard.Finding{pending}, true,
		},
		"transactions that do not": {
			func(*mock.SFOX) {}, func(u *mock.SFOXUser) { u.PendingTransactions = 1 }, []offboard.Finding{pending}, false,
		},
		"both, and each stops it": {func(s *mock.SFOX) { s.OrdersBlock, s.PendingBlocks = true, true },
			func(u *mock.SFOXUser) { u.OpenOrders, u.PendingTransactions = 1, 1 }, []offboard.Finding{order, pending}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.SFOX.Update(dana.ID, c.user)
				server.SFOX.Set(c.set)
				findings, err := client.Preflight(ctx, dana)
				if err != nil || !slices.Equal(findings, c.found) {
					t.Errorf("got the findings %v and %v, want %v", findings, err, c.found)
				}
				_, err = client.Close(ctx, dana, offboard.NotSent, findings)
				if !c.refused {
					if err != nil || server.SFOX.Has(dana.ID) {
						t.Errorf("got %v, want the user closed", err)
					}
					return
				}
				refused(t, server, err, dana.ID, words)
				server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.OpenOrders, u.PendingTransactions = 0, 0 })
				if _, err := client.Close(ctx, dana, offboard.NotSent, nil); err != nil || server.SFOX.Has(dana.ID) {
					t.Errorf("got %v once nothing is under way, want the user closed", err)
				}
			})
		})
	}
}

// An advisor may have to stay until the last client is gone.
func TestClose_ofAnAdvisorWithClients(t *testing.T) {
	t.Parallel()
	for name, blocks := range map[string]bool{"clients stop it": true, "clients do not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				for _, id := range []string{"adv-1", "adv-2"} {
					server.SFOX.Add(mock.SFOXUser{ID: id, Name: "Ada " + id, AccountRole: "Advisor"})
				}
				server.SFOX.ClientsBlock = blocks
				advisor, err := c.User(ctx, "adv-1")
				if err != nil {
					t.Fatal(err)
				}
				findings, err := c.Preflight(ctx, advisor)
				if want := []offboard.Finding{
					{Kind: offboard.AttachedClient, Subject: dana.ID},
				}; err != nil ||
					!slices.Equal(findings, want) {
					t.Errorf("got the findings %v and %v, want %v", findings, err, want)
				}
				_, err = c.Close(ctx, advisor, offboard.NotSent, findings)
				if blocks {
					refused(t, server, err, "adv-1", "The advisor has clients.")
					server.SFOX.Drop(dana.ID)
					_, err = c.Close(ctx, advisor, offboard.NotSent, nil)
				}
				if err != nil || server.SFOX.Has("adv-1") || server.SFOX.Has(dana.ID) == blocks {
					t.Errorf("got %v, want the advisor closed, and no client with her", err)
				}
			})
		})
	}
}

// Zero means exactly zero here, even if sFOX ignores small amounts: what is left is shown, and no
// call is made.
func TestClose_refusesSmallAmounts(t *testing.T) {
	t.Parallel()
	for amount, dust := range map[string]string{
		"0.005": "0.01", "-0.005": "0.01", "1e-18": "0.01", "0.02": "0.01", "0.001": "",
	} {
		t.Run(amount+" with dust "+dust, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.SFOX.Dust = dust
				server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.Balances = map[string]string{"btc": amount} })
				want := []offboard.Finding{{Kind: offboard.Balance, Subject: amount + " btc"}}
				if found, err := c.Preflight(ctx, dana); err != nil || !slices.Equal(found, want) {
					t.Errorf("got the findings %v and %v, want %v", found, err, want)
				}
				server.ForgetRequests()
				_, err := c.Close(ctx, dana, offboard.NotSent, want)
				var mine *offboard.RefusedError
				if !errors.As(err, &mine) || !slices.Equal(mine.Findings, want) || !server.SFOX.Has(dana.ID) {
					t.Errorf("got %v, want it refused for %v and the user open", err, want)
				}
				vendortest.WantRoutes(t, server, routeToken, routeBalance)
			})
		})
	}
}

// If the money could not be checked, and the reviewer knew, sFOX decides which amounts are small.
func TestClose_refusesSmallAmountsThatWereNotReviewed(t *testing.T) {
	t.Parallel()
	for amount, closed := range map[string]bool{"0.005": true, "0.01": true, "0.011": false} {
		t.Run(amount, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.SFOX.Dust, server.SFOX.PendingNoToken = "0.01", true
				server.SFOX.Update(
					dana.ID, func(u *mock.SFOXUser) { u.Status, u.Balances = "PENDING", map[string]string{"btc": amount} },
				)
				_, err := c.Close(ctx, dana, offboard.NotSent, unchecked)
				if !closed {
					refused(t, server, err, dana.ID, "non-zero balances")
					return
				}
				if err != nil || server.SFOX.Has(dana.ID) {
					t.Errorf("got %v, want the user closed", err)
				}
			})
		})
	}
}

// sFOX may make no token for a user who is not verified. Then the plan says what could not be
// checked, and a closure goes on only if the reviewer knew.
func TestClose_ofAUserWithoutAToken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		funds  string
		told   bool
		closed bool
	}{
		"known, no money": {"0", true, true},
		"known, money":    {"5", true, false},
		"not known":       {"0", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.SFOX.PendingNoToken = true
				server.SFOX.Update(
					dana.ID, func(u *mock.SFOXUser) { u.Status, u.Balances = "PENDING", map[string]string{"usd": c.funds} },
				)
				findings, err := client.Preflight(ctx, dana)
				var names []string
				for _, f := range findings {
					names = append(names, string(f.Kind)+" "+f.Subject)
				}
				want := []string{
					"check not permitted balances",
					"check not permitted open orders",
					"check not permitted pending transactions",
				}
				if err != nil || !slices.Equal(names, want) {
					t.Errorf("got the findings %q and %v, want %q", names, err, want)
				}
				if !c.told {
					findings = nil
				}
				_, err = client.Close(ctx, dana, offboard.NotSent, findings)
				switch {
				case server.SFOX.Has(dana.ID) == c.closed || (err == nil) != c.closed:
					t.Errorf("got %v, want the user closed %t", err, c.closed)
				case !c.told:
					wantStopped(t, err, sfox.StepCheck, offboard.NotSent)
					if vendortest.Count(server, routeDeactivate) > 0 || !strings.Contains(err.Error(), "the user is not verified") {
						t.Errorf(
							"got %v after %d calls, want the vendor's words and no call", err, vendortest.Count(server, routeDeactivate),
						)
					}
				case !c.closed:
					refused(t, server, err, dana.ID, "non-zero balances")
				}
			})
		})
	}
}

// However sFOX refuses a token for a user who was deactivated by another person meanwhile, that is
// no closure of ours.
func TestClose_ofAUserWhoIsGone(t *testing.T) {
	t.Parallel()
	// The documentation has no status. A refusal of these is a check that is not permitted; others may
	// be other errors.
	goesOn := map[int]bool{
		0:   true,
		403: true,
		404: true,
		422: true,
		401: false,
		410: false,
		400: false,
		409: false,
		500: false,
	}
	for _, status := range slices.Sorted(maps.Keys(goesOn)) {
		for _, reviewed := range [][]offboard.Finding{nil, unchecked} {
			t.Run(fmt.Sprint(status, " ", len(reviewed)), func(t *testing.T) {
				t.Parallel()
				twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					server.SFOX.MintRefused = status
					server.SFOX.Drop(dana.ID)
					_, err := c.Close(ctx, dana, offboard.NotSent, reviewed)
					if len(reviewed) > 0 && goesOn[status] {
						wantStopped(t, err, sfox.StepDeactivate, offboard.NotSent)
						if !errors.Is(err, offboard.ErrNotVisible) || vendortest.Count(server, routeDeactivate) != 1 {
							t.Errorf("got %v after %d calls, want ErrNotVisible after one", err, vendortest.Count(server, routeDeactivate))
						}
						return
					}
					wantStopped(t, err, sfox.StepCheck, offboard.NotSent)
					vendortest.WantFault(t, err)
					if vendortest.Count(server, routeDeactivate) > 0 ||
						status != 0 && !strings.Contains(err.Error(), "the user is deactivated") {
						t.Errorf(
							"got %v after %d calls, want the vendor's words and no call", err, vendortest.Count(server, routeDeactivate),
						)
					}
				})
			})
		}
	}
}
