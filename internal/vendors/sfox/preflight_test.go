package sfox_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// asked are the requests of a preflight of a client.
var asked = []string{routeToken, routeBalance, routeOrders, routeTransactions}

func TestPreflight_findsNothing(t *testing.T) {
	t.Parallel()
	for name, balances := range map[string]map[string]string{
		"no balances": nil, "zeros": {"btc": "0", "usd": "0.00", "eth": "-0", "xrp": "0e-8", "ltc": "0E99"},
	} {
		for _, asStrings := range []bool{false, true} {
			t.Run(fmt.Sprint(name, asStrings), func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					server.SFOX.Strings = asStrings
					server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.Balances = balances })
					if found, err := c.Preflight(ctx, dana); err != nil || len(found) != 0 {
						t.Errorf("got %v and %v, want nothing", found, err)
					}
					vendortest.WantRoutes(t, server, asked...)
				})
			})
		}
	}
}

func TestPreflight_findsWhatIsLeft(t *testing.T) {
	t.Parallel()
	want := []offboard.Finding{
		{Kind: offboard.Balance, Subject: "0.015 btc"},
		{Kind: offboard.Balance, Subject: "-1e-18 eth"},
		{
			Kind:    offboard.OpenOrder,
			Subject: "Sell 0.5 ethusd (910001)",
		},
		{Kind: offboard.OpenOrder, Subject: "Sell 0.5 ethusd (910002)"},
		{Kind: offboard.PendingTransaction, Subject: "Withdraw -15 usd (77122)"},
	}
	for _, asStrings := range []bool{false, true} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.SFOX.Strings = asStrings
			server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) {
				u.Balances = map[string]string{"eth": "-1e-18", "usd": "0", "btc": "0.015"}
				u.OpenOrders, u.PendingTransactions = 2, 1
			})
			if found, err := c.Preflight(ctx, dana); err != nil || !slices.Equal(found, want) {
				t.Errorf("strings %t: got %v and %v, want %v", asStrings, found, err, want)
			}
			for _, r := range server.Requests() {
				if r.Change {
					t.Errorf("got %s, want no change", r.Route)
				}
			}
		})
	}
}

func TestPreflight_asksForTransactionsOfAllTime(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		if _, err := c.Preflight(ctx, dana); err != nil {
			t.Fatal(err)
		}
		last := server.Requests()[3]
		_, query, _ := strings.Cut(last.Path, "?")
		got, err := url.ParseQuery(query)
		to := strconv.FormatInt(last.At.UnixMilli(), 10)
		want := url.Values{"pending": {"true"}, "from": {"0"}, "to": {to}, "limit": {"1000"}}
		if err != nil || !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// Every digit counts, and every wallet: what is not exactly zero is a balance.
func TestPreflight_readsBalancesExactly(t *testing.T) {
	t.Parallel()
	const many, few = "12345678901234567890.123456789012345678", "0.000000000000000000000000000000000001"
	for body, want := range map[string]string{
		`[]`: "",
		`[{"currency":"btc","balance":0,"held":null}]`:           "",
		`[{"currency":"btc","balance":0e999999999}]`:             "",
		`[{"currency":"btc","balance":1e999999999}]`:             "1e999999999 btc",
		`[{"currency":"btc","balance":"1e-999999999"}]`:          "1e-999999999 btc",
		`[{"currency":"btc","balance":0.10}]`:                    "0.10 btc",
		`[{"currency":"btc","balance":` + many + `}]`:            many + " btc",
		`[{"currency":"btc","balance":` + few + `}]`:             few + " btc",
		`[{"currency":"btc","balance":-0.5}]`:                    "-0.5 btc",
		`[{"currency":"usd","balance":40,"held":25}]`:            "40 usd",
		`[{"currency":"usd","balance":0,"held":25}]`:             "25 usd held",
		`[{"currency":"usd","balance":0,"trading_wallet":"1"}]`:  "1 usd in the trading wallet",
		`[{"currency":"usd","balance":0,"borrow_wallet":-5}]`:    "-5 usd in the borrow wallet",
		`[{"currency":"usd","balance":0,"collateral_wallet":5}]`: "5 usd in the collateral wallet",
		`[{"currency":"usd","balance":0,"lending_wallet":"5"}]`:  "5 usd in the lending wallet",
		`[{"currency":"usd","balance":"0","available":5}]`:       "5 usd available",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(fault(routeBalance, 200, body))
				found, err := c.Preflight(ctx, dana)
				var subjects []string
				for _, f := range found {
					subjects = append(subjects, f.Subject)
				}
				if got := strings.Join(subjects, " "); err != nil || got != want {
					t.Errorf("got %q and %v, want %q", got, err, want)
				}
			})
		})
	}
}

func TestPreflight_countsEveryDigit(t *testing.T) {
	t.Parallel()
	for _, digit := range "123456789" {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.Fail(fault(routeBalance, 200, fmt.Sprintf(`[{"currency":"btc","balance":0.00%c}]`, digit)))
			if found, err := c.Preflight(ctx, dana); err != nil || len(found) != 1 {
				t.Errorf("got %v and %v for 0.00%c, want a balance", found, err, digit)
			}
		})
	}
}

// noList are answers of the trading API that do not say that there is nothing.
var noList = map[string]string{
	"null":        `null`,
	"an object":   `{}`,
	"an envelope": `{"data":[]}`,
	"half a list": `[{"currency":"btc"`,
	"numbers":     `[1]`,
	"text":        `none`,
}

// The check of money is not optional: if it fails, it stops the plan.
func TestPreflight_failsOnMoneyThatItCannotRead(t *testing.T) {
	t.Parallel()
	faults := map[string]mock.Fault{}
	for name, body := range noList {
		faults[name+" as the balances"] = fault(routeBalance, 200, body)
	}
	for name, amount := range map[string]string{
		"a word": `"none"`, "an empty string": `""`, "a hexadecimal number": `"0x0"`, "infinity": `"Inf"`,
		"a truth value": `false`,
		"an object":     `{}`, "two points": `"0.0.0"`, "a decimal comma": `"0,00"`,
	} {
		faults[name+" as the amount"] = fault(routeBalance, 200, `[{"currency":"btc","balance":0,"held":`+amount+`}]`)
	}
	faults["no balance"] = fault(routeBalance, 200, `[{"currency":"btc","trading_wallet":0}]`)
	faults["null as the balance"] = fault(routeBalance, 200, `[{"currency":"btc","balance":null,"held":0}]`)
	faults["an error beside no balances"] = fault(routeBalance, 200, `{"error":"upstream timeout"}`)
	faults["a balance of no currency"] = fault(routeBalance, 200, `[{"balance":0}]`)
	for name, body := range map[string]string{
		"no token": `{"data":{}}`, "an empty token": `{"data":{"token":""}}`,
		"a token with a newline": `{"data":{"token":"a\nb"}}`,
		"another user's token":   `{"data":{"token":"00aa","partner_user_id":"cust-0000"}}`,
		"a number as the token":  `{"data":{"token":7}}`,
		"no JSON":                vendortest.HTML, "nothing": "",
		"a token and more": `{"data":{"token":"00aa11bb22cc33dd"}}{}`,
		"two tokens":       `{"data":{"token":"00aa11bb22cc33dd","Token":"00aa11bb22cc33ee"}}`,
	} {
		faults[name+" from minting"] = fault(routeToken, 201, body)
	}
	for _, status := range []int{401, 400, 429, 500, 302} {
		faults[fmt.Sprint(status, " from minting")] = fault(routeToken, status, `{"error":"no"}`)
	}
	for _, status := range []int{404, 422, 429, 500, 302} {
		faults[fmt.Sprint(status, " from the balances")] = fault(routeBalance, status, `{"error":"no"}`)
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(f)
				found, err := c.Preflight(ctx, dana)
				vendortest.WantFault(t, err)
				if len(found) != 0 {
					t.Errorf("got %v besides the error, want nothing", found)
				}
			})
		})
	}
}

// checkFaults are faults of the route of an optional check.
func checkFaults(route string) map[string]mock.Fault {
	faults := map[string]mock.Fault{
		"a lost connection": {Drop: true}, "a row of text": {Status: 200, Body: `["x"]`},
		"HTML":                 {Status: 200, Body: vendortest.HTML},
		"an answer that hangs": {Delay: time.Hour}, "400": {Status: 400, Body: `{"error":"no"}`},
	}
	for _, status := range []int{404, 410, 422, 429, 500, 502, 503, 302} {
		faults[strconv.Itoa(status)] = mock.Fault{Status: status, Body: `{"error":"no"}`}
	}
	for name, body := range noList {
		if route != routeUsers || name != "an envelope" {
			faults[name] = mock.Fault{Status: 200, Body: body}
		}
	}
	faults["a status of a number"] = mock.Fault{Status: 200, Body: `[{"id":1,"status":5}]`}
	if route == routeUsers {
		faults["a row that cannot be read"] = mock.Fault{Status: 200, Body: `{"data":[{"advisor_user_id":"adv-9"}]}`}
	}
	return faults
}

// An optional check never stops a plan: it becomes a check skipped, with the reason, and the other
// checks are made.
func TestPreflight_skipsOptionalChecks(t *testing.T) {
	t.Parallel()
	names := map[string]string{
		routeOrders:       "open orders",
		routeTransactions: "pending transactions",
		routeUsers:        "attached clients",
	}
	advisor := dana
	advisor.ID, advisor.AccountRole = "adv-9", "advisor"
	for route, check := range names {
		faults := checkFaults(route)
		for name, f := range faults {
			t.Run(check+", "+name, func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					server.SFOX.Add(
						mock.SFOXUser{ID: "adv-9", Name: "Ada", AccountRole: "Advisor", Balances: map[string]string{"btc": "1"}},
					)
					f.Route = route
					server.Fail(f)
					found, err := c.Preflight(ctx, advisor)
					want := []offboard.Finding{
						{Kind: offboard.Balance, Subject: "1 btc"},
						{Kind: offboard.CheckSkipped, Subject: check},
					}
					var got []offboard.Finding
					for _, finding := range found {
						if finding.Kind == offboard.CheckSkipped && finding.Reason == "" {
							t.Errorf("got %v without a reason", finding)
						}
						finding.Reason = ""
						got = append(got, finding)
					}
					if err != nil || !slices.Equal(got, want) {
						t.Errorf("got %v and %v, want %v", found, err, want)
					}
				})
			})
		}
	}
}

// An optional check without an answer until the end of the plan does not stop it; the check of
// money does.
func TestPreflight_skipsOptionalChecksThatTakeAllTheTime(t *testing.T) {
	t.Parallel()
	for route, skipped := range map[string]int{routeOrders: 2, routeTransactions: 1, routeBalance: -1} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
			defer cancel()
			server.Fail(mock.Fault{Route: route, Delay: time.Hour})
			found, err := c.Preflight(ctx, dana)
			if (err == nil) != (skipped > 0) || skipped > 0 && len(found) != skipped {
				t.Errorf("%s: got %v and %v, want %d skipped checks", route, found, err, skipped)
			}
		})
	}
}

func TestPreflight_saysWhatItMayNotCheck(t *testing.T) {
	t.Parallel()
	advisor := dana
	advisor.AccountRole = "advisor"
	all := []string{"balances", "open orders", "pending transactions"}
	for name, c := range map[string]struct {
		fault mock.Fault
		want  []string
	}{
		"no token, 403":     {fault(routeToken, 403, `{"error":"no"}`), all},
		"no token, 404":     {fault(routeToken, 404, ``), all},
		"no token, 422":     {fault(routeToken, 422, `{"error":"pending"}`), all},
		"balances, 401":     {fault(routeBalance, 401, vendortest.HTML), all[:1]},
		"balances, 403":     {fault(routeBalance, 403, `{"error":"no"}`), all[:1]},
		"orders, 401":       {fault(routeOrders, 401, ``), all[1:2]},
		"orders, 403":       {fault(routeOrders, 403, ``), all[1:2]},
		"transactions, 403": {fault(routeTransactions, 403, ``), all[2:]},
		"the clients, 403":  {fault(routeUsers, 403, ``), []string{"attached clients"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.Fail(c.fault)
				found, err := client.Preflight(ctx, advisor)
				var want []offboard.Finding
				for _, look := range c.want {
					want = append(want, offboard.Finding{Kind: offboard.CheckNotPermitted, Subject: look})
				}
				if err != nil || !slices.Equal(found, want) {
					t.Errorf("got %v and %v, want %v", found, err, want)
				}
			})
		})
	}
}

func TestPreflight_leavesOutWhatIsFinished(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.Fail(
			fault(
				routeOrders,
				200,
				`[{"id":1,"status":"Done"},{"id":2,"status":"CANCELED"},{"id":"x3","status":"Cancel pending"},
			{"id":4,"action":"Buy","quantity":"1.50","pair":"btcusd","status":"Filled"},{}]`,
			),
		)
		server.Fail(
			fault(
				routeTransactions,
				200,
				`[{"id":1,"status":"done"},{"id":2,"status":"On Hold","action":"Deposit","currency":"usd","amount":7.0}]`,
			),
		)
		want := []offboard.Finding{
			{
				Kind:    offboard.OpenOrder,
				Subject: "(x3)",
			},
			{Kind: offboard.OpenOrder, Subject: "Buy 1.50 btcusd (4)"},
			{Kind: offboard.OpenOrder},
			{Kind: offboard.PendingTransaction, Subject: "Deposit 7.0 usd (2)"},
		}
		if found, err := c.Preflight(ctx, dana); err != nil || !slices.Equal(found, want) {
			t.Errorf("got %v and %v, want %v", found, err, want)
		}
	})
}

func TestPreflight_findsTheClientsOfAnAdvisor(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		for id, advisor := range map[string]string{"z-1": "adv-1", "a-1": "adv-1", "other": "adv-2", "none": ""} {
			server.SFOX.Add(mock.SFOXUser{ID: id, Name: "N", Advisor: advisor})
		}
		server.SFOX.Add(mock.SFOXUser{ID: "adv-1", Name: "Ada", AccountRole: "Advisor"})
		u, err := c.User(ctx, "adv-1")
		if err != nil {
			t.Fatal(err)
		}
		found, err := c.Preflight(ctx, u)
		var want []offboard.Finding
		for _, id := range []string{"a-1", dana.ID, "z-1"} {
			want = append(want, offboard.Finding{Kind: offboard.AttachedClient, Subject: id})
		}
		if err != nil || !slices.Equal(found, want) {
			t.Errorf("got %v and %v, want %v", found, err, want)
		}
	})
}

// A user token can move money: it must not show up in an error, even if the vendor repeats it.
func TestPreflight_keepsTheTokenSecret(t *testing.T) {
	t.Parallel()
	const token = "00aa11bb22cc33dd"
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.Fail(fault(routeToken, http.StatusCreated, `{"data":{"token":"`+token+`","partner_user_id":"cust-7f31"}}`))
		server.Fail(fault(routeBalance, http.StatusUnprocessableEntity, `{"error":"bad token `+token+` for mock-key"}`))
		_, err := c.Preflight(ctx, dana)
		if err == nil || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "mock-key") ||
			!strings.Contains(err.Error(), "bad token") {
			t.Errorf("got %v, want the vendor's words without the credentials", err)
		}
	})
}

// A token may come without the name of its user.
func TestPreflight_acceptsATokenThatNamesNoUser(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{
		"", `,"partner_user_id":null`, `,"partner_user_id":""`, `,"partner_user_id":"cust-7f31"`,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.Fail(fault(routeToken, http.StatusCreated, `{"data":{"token":"00aa11bb22cc33dd"`+owner+`}}`))
			for _, route := range []string{routeBalance, routeOrders, routeTransactions} {
				server.Fail(fault(route, http.StatusOK, `[]`))
			}
			if found, err := c.Preflight(ctx, dana); err != nil || len(found) > 0 {
				t.Errorf("%s: got %v and %v, want nothing", owner, found, err)
			}
		})
	}
}

func TestPreflight_stopsWhenCancelled(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := c.Preflight(ctx, dana); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		vendortest.WantRoutes(t, server)
	})
}

func TestPreflight_skipsACheckThatTheRateLimitForbids(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := mock.New("mock-key")
		server.SFOX.Add(seed())
		c, err := sfox.New(
			rest.Config{
				APIKey:    "mock-key",
				BaseURL:   "https://vendor.test/sfox/v1",
				UserAgent: "test",
				Transport: mock.Transport{Handler: server},
			},
		)
		if err != nil {
			t.Fatalf("got %v, want a client at the documented rate", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		for _, want := range []string{"", "check skipped pending transactions"} {
			found, err := c.Preflight(ctx, dana)
			var got []string
			for _, f := range found {
				got = append(got, string(f.Kind)+" "+f.Subject)
			}
			if err != nil || strings.Join(got, " ") != want {
				t.Errorf("got %v and %v, want %q: transactions may be asked for once in ten seconds", found, err, want)
			}
		}
	})
}
