package sfox_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
)

// closing are the requests of a closing without trouble.
var closing = []string{routeToken, routeBalance, routeDeactivate, routeUser, routeUsers}

// wantStopped wants a StepError of the step.
func wantStopped(t *testing.T, err error, step string) {
	t.Helper()
	var stopped *offboard.StepError
	if !errors.As(err, &stopped) || stopped.Step != step || len(stopped.Done) != 0 {
		t.Errorf("got %#v, want a StepError of %q with nothing done", err, step)
	}
}

// sends counts the requests to deactivate.
func sends(server *mock.Server) int {
	n := 0
	for _, r := range server.Requests() {
		if r.Route == routeDeactivate {
			n++
		}
	}
	return n
}

func TestClose(t *testing.T) {
	for name, prepare := range map[string]func(*mock.SFOX){
		"a read shows 404 then":        func(*mock.SFOX) {},
		"a read shows null then":       func(s *mock.SFOX) { s.Gone = mock.GoneNull },
		"a read shows {} then":         func(s *mock.SFOX) { s.Gone = mock.GoneObject },
		"a read shows [] then":         func(s *mock.SFOX) { s.Gone = mock.GoneArray },
		"zero rows are left out":       func(s *mock.SFOX) { s.HideZero = true },
		"amounts are strings":          func(s *mock.SFOX) { s.Strings = true },
		"tokens die with the account":  func(s *mock.SFOX) { s.TokensDie = true },
		"tokens live for an hour only": func(s *mock.SFOX) { s.TokenLife = time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.SFOX.Set(prepare)
				if err := c.Close(ctx, dana); err != nil || server.SFOX.Has(dana.ID) {
					t.Errorf("got %v, want the user closed", err)
				}
				wantRoutes(t, server, closing...)
			})
		})
	}
}

func TestClose_twice(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		for range 2 {
			if err := c.Close(ctx, dana); err != nil {
				t.Fatalf("got %v, want success", err)
			}
		}
		wantRoutes(t, server, append(slices.Clone(closing), routeToken, routeDeactivate, routeUser, routeUsers)...)
	})
}

func TestClose_refusesWhileThereIsMoney(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.Balances = map[string]string{"usd": "0.01", "btc": "0.0150", "eth": "0"} })
		err := c.Close(ctx, dana)
		want := []offboard.Finding{{Kind: offboard.Balance, Subject: "0.0150 btc"}, {Kind: offboard.Balance, Subject: "0.01 usd"}}
		var refused *offboard.RefusedError
		if !errors.As(err, &refused) || !slices.Equal(refused.Findings, want) {
			t.Errorf("got %v, want a RefusedError of %v", err, want)
		}
		wantRoutes(t, server, routeToken, routeBalance)
		server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.Balances = nil })
		if err := c.Close(ctx, dana); err != nil {
			t.Errorf("got %v once the money is gone, want success", err)
		}
	})
}

// A look that is not permitted is no reason to stop: the vendor itself refuses while there is money.
func TestClose_goesOnWithoutALook(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"no token, 403":        fault(routeToken, 403, `{"error":"no"}`),
		"no token, 422":        fault(routeToken, 422, `{"error":"pending"}`),
		"the token is no good": fault(routeBalance, 401, ``),
		"not with this token":  fault(routeBalance, 403, `{"error":"no"}`),
	} {
		for amount, closed := range map[string]bool{"0": true, "1": false} {
			t.Run(name+", amount "+amount, func(t *testing.T) {
				bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.Balances["btc"] = amount })
					server.Fail(f)
					err := c.Close(ctx, dana)
					if (err == nil) != closed || server.SFOX.Has(dana.ID) == closed {
						t.Errorf("got %v, want the user closed %t", err, closed)
					}
					if !closed {
						wantStopped(t, err, sfox.StepDeactivate)
					}
				})
			})
		}
	}
}

func TestClose_stopsWhenItCannotLook(t *testing.T) {
	faults := map[string]mock.Fault{}
	for name, f := range doubtful {
		f.Route = routeBalance
		if f.Status != 401 && f.Status != 403 {
			faults[name+" for the balances"] = f
		}
		f.Route = routeToken
		if f.Status != 403 && f.Status != 404 && f.Status != 422 {
			faults[name+" for the token"] = f
		}
	}
	for name, body := range noList {
		faults[name+" as the balances"] = fault(routeBalance, 200, body)
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(f)
				err := c.Close(ctx, dana)
				wantStopped(t, err, sfox.StepCheck)
				wantFault(t, err)
				if sends(server) != 0 || !server.SFOX.Has(dana.ID) {
					t.Errorf("got %d closing calls, want none", sends(server))
				}
			})
		})
	}
}

// What the vendor says to the closing call itself, and what Close makes of it.
func TestClose_answers(t *testing.T) {
	refused, stillOpen := "refused", "still open"
	for name, c := range map[string]struct {
		fault mock.Fault
		want  string // "" for closed
		sends int
	}{
		"422":                             {mock.Fault{Status: 422, Body: `{"error":"funds"}`}, refused, 1},
		"401":                             {mock.Fault{Status: 401}, refused, 1},
		"403":                             {mock.Fault{Status: 403, Body: `{"error":"no"}`}, refused, 1},
		"404 in HTML":                     {mock.Fault{Status: 404, Body: html}, refused, 1},
		"404 of another form":             {mock.Fault{Status: 404, Body: `{"message":"no"}`}, refused, 1},
		"404 that is not true":            {mock.Fault{Status: 404, Body: `{"error":"no account"}`}, stillOpen, 1},
		"404 that is true":                {mock.Fault{Status: 404, Body: `{"error":"no account"}`, Effect: true}, "", 1},
		"200 and nothing done":            {mock.Fault{Pretend: true}, stillOpen, 1},
		"200 in HTML and nothing done":    {mock.Fault{Status: 200, Body: html}, stillOpen, 1},
		"200 in HTML and done":            {mock.Fault{Status: 200, Body: html, Effect: true}, "", 1},
		"204":                             {mock.Fault{Status: 204, Effect: true}, "", 1},
		"429 once":                        {mock.Fault{Status: 429, Times: 1}, "", 2},
		"429 with a wait":                 {mock.Fault{Status: 429, Times: 1, Header: http.Header{"Retry-After": {"90"}}}, "", 2},
		"429 for ever":                    {mock.Fault{Status: 429}, refused, 4},
		"429 for longer than there is":    {mock.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}}, refused, 1},
		"500 and done":                    {mock.Fault{Status: 500, Effect: true}, "", 1},
		"500 and not done":                {mock.Fault{Status: 500, Times: 1}, "", 2},
		"500 for ever":                    {mock.Fault{Status: 500}, refused, 3},
		"a redirect":                      {mock.Fault{Status: 302, Header: http.Header{"Location": {"https://evil.test/"}}}, refused, 3},
		"lost and done":                   {mock.Fault{Drop: true, Effect: true}, "", 1},
		"lost and not done":               {mock.Fault{Drop: true, Times: 1}, "", 2},
		"lost for ever":                   {mock.Fault{Drop: true}, refused, 3},
		"done, but too slow to answer":    {mock.Fault{Delay: time.Minute}, "", 1},
		"done and answered within 30 s":   {mock.Fault{Delay: 29 * time.Second}, "", 1},
		"not done and too slow to answer": {mock.Fault{Delay: time.Minute, Pretend: true, Times: 1}, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				c.fault.Route = routeDeactivate
				server.Fail(c.fault)
				err := client.Close(ctx, dana)
				if c.want == "" && err != nil || server.SFOX.Has(dana.ID) != (c.want != "") {
					t.Errorf("got %v, want closed %t", err, c.want == "")
				}
				if c.want != "" {
					wantStopped(t, err, sfox.StepDeactivate)
				}
				if c.want == refused {
					wantFault(t, err)
				}
				if errors.Is(err, offboard.ErrStillOpen) != (c.want == stillOpen) {
					t.Errorf("got %v, want ErrStillOpen %t", err, c.want == stillOpen)
				}
				if sends(server) != c.sends {
					t.Errorf("got %d closing calls, want %d", sends(server), c.sends)
				}
			})
		})
	}
}

func TestClose_showsTheVendorsRefusal(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.SFOX.Stakes = true
		err := c.Close(ctx, dana)
		var refusal *rest.Error
		if !errors.As(err, &refusal) || refusal.Status != 422 || !strings.Contains(refusal.Message, "non-zero balances") {
			t.Errorf("got %v, want the vendor's 422 and its words", err)
		}
		wantRoutes(t, server, closing[:3]...)
	})
}

func TestClose_waitsForASlowVendor(t *testing.T) {
	for _, fault := range []mock.Fault{{}, {Drop: true, Effect: true, Route: routeDeactivate}} {
		bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.SFOX.SlowDelete = 2
			if fault.Drop {
				server.Fail(fault)
			}
			if err := c.Close(ctx, dana); err != nil {
				t.Errorf("got %v, want success", err)
			}
			wantRoutes(t, server, routeToken, routeBalance, routeDeactivate, routeUser, routeUser, routeUser, routeUsers)
		})
	}
}

// Whatever the reads answer after the call, only "gone" from a working key is proof.
func TestClose_isNotProvenByADoubtfulAnswer(t *testing.T) {
	for name, f := range doubtful {
		for _, route := range []string{routeUser, routeUsers} {
			t.Run(name+" to "+route, func(t *testing.T) {
				bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					f.Route = route
					server.Fail(f)
					err := c.Close(ctx, dana)
					wantStopped(t, err, sfox.StepDeactivate)
					var unproven *offboard.UnprovenError
					if !errors.As(err, &unproven) || unproven.Sent != nil {
						t.Errorf("got %v, want an UnprovenError of an accepted call", err)
					}
					server.Heal()
					if _, err := c.User(context.WithoutCancel(ctx), dana.ID); !errors.Is(err, offboard.ErrNotFound) {
						t.Errorf("got %v from the next run, want it to find the user closed", err)
					}
				})
			})
		}
	}
}
