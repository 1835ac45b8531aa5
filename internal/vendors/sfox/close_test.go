package sfox_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
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

// closeRoutes are the requests of a closure without errors. The list of the role is the access
// check.
var closeRoutes = []string{routeToken, routeBalance, routeDeactivate, routeUser, routeUsers}

// wantStopped wants a StepError of the step, and that the closing call came so far.
func wantStopped(t *testing.T, err error, step string, call offboard.Call) {
	t.Helper()
	var stopped *offboard.StepError
	if !errors.As(err, &stopped) || stopped.Step != step || len(stopped.Done) != 0 ||
		stopped.Before != (step == sfox.StepCheck) {
		t.Errorf("got %#v, want a StepError of %q with nothing done", err, step)
	}
	if got := offboard.CallOf(err); got != call {
		t.Errorf("got the call %q of %v, want %q", got, err, call)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
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
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.SFOX.Set(prepare)
				if proof, err := c.Close(ctx, dana, offboard.NotSent, nil); err != nil || proof != offboard.Absent ||
					server.SFOX.Has(dana.ID) {
					t.Errorf("got %v and %v, want the user closed", proof, err)
				}
				vendortest.WantRoutes(t, server, closeRoutes...)
			})
		})
	}
}

// No other user of the role proves access after the closure of its last user. Users of the other
// role do not count.
func TestClose_ofTheLastUserOfARole(t *testing.T) {
	t.Parallel()
	for name, advisor := range map[string]bool{"of all": false, "beside an advisor": true} {
		for name2, f := range map[string]mock.Fault{
			"": {Route: "none"}, ", the role is ignored": {Route: routeUsers, Lie: mock.Ignore{Params: []string{"accountRole"}}},
		} {
			t.Run(name+name2, func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					if advisor {
						server.SFOX.Add(mock.SFOXUser{ID: "adv-1", Name: "Ada", AccountRole: "Advisor"})
					}
					server.Fail(f)
					started := time.Now()
					_, err := c.Close(ctx, dana, offboard.NotSent, nil)
					wantStopped(t, err, sfox.StepDeactivate, offboard.Accepted)
					if took := time.Since(started); !errors.Is(err, offboard.ErrUnverified) || took != offboard.AbsencePause {
						t.Errorf("got %v after %s, want ErrUnverified after %s", err, took, offboard.AbsencePause)
					}
					vendortest.WantRoutes(t, server, append(slices.Clone(closeRoutes), routeUser, routeUsers)...)
				})
			})
		}
	}
}

// Without an accepted call an empty list is never enough.
func TestClose_ofTheLastUserWithALostAnswer(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.Fail(mock.Fault{Route: routeDeactivate, Drop: true, Effect: true})
		_, err := c.Close(ctx, dana, offboard.NotSent, nil)
		wantStopped(t, err, sfox.StepDeactivate, offboard.Lost)
		if !errors.Is(err, offboard.ErrEmptyList) || errors.Is(err, offboard.ErrUnverified) {
			t.Errorf("got %v, want ErrEmptyList and not ErrUnverified", err)
		}
	})
}

// unchecked is a review that says that the balances could not be checked.
var unchecked = []offboard.Finding{{Kind: offboard.CheckNotPermitted, Subject: "balances"}}

// A check that worked at plan and is not permitted at apply stops the closure: the reviewer did not
// see that.
func TestClose_checksWhatTheReviewerSawChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reviewed []offboard.Finding
		closed   bool
	}{
		"checked at plan":     {nil, false},
		"not checked at plan": {unchecked, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.Fail(mock.Fault{Route: "POST /enterprise/user-tokens/{id}", Status: 403, Body: `{"error":"forbidden"}`})
				_, err := client.Close(ctx, dana, offboard.NotSent, c.reviewed)
				if closed := !server.SFOX.Has(dana.ID); closed != c.closed || (err == nil) != c.closed {
					t.Errorf("got closed %t and %v, want it %t", closed, err, c.closed)
				}
				if offboard.CallOf(err) != offboard.NotSent {
					t.Errorf("got the call %q, want none", offboard.CallOf(err))
				}
			})
		})
	}
}

// A second closure finds no user. That is no closure, unless an earlier call of ours may have done
// it.
func TestClose_twice(t *testing.T) {
	t.Parallel()
	for sent, want := range map[offboard.Call]bool{offboard.NotSent: false, offboard.Lost: true, offboard.Accepted: true} {
		t.Run("the call before: "+string(sent), func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				if _, err := c.Close(ctx, dana, offboard.NotSent, unchecked); err != nil {
					t.Fatal(err)
				}
				server.ForgetRequests()
				proof, err := c.Close(ctx, dana, sent, unchecked)
				requests := []string{routeToken, routeDeactivate, routeUser}
				if want { // the last one is the whole list
					requests = append(requests, routeUser, routeUsers, routeUsers)
				} else {
					wantStopped(t, err, sfox.StepDeactivate, offboard.NotSent)
				}
				if (err == nil) != want || want && proof != offboard.Absent || !want && !errors.Is(err, offboard.ErrNotVisible) {
					t.Errorf("got %v and %v, want a proof %t", proof, err, want)
				}
				vendortest.WantRoutes(t, server, requests...)
			})
		})
	}
}

func TestClose_refusesWhileThereIsMoney(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.SFOX.Update(
			dana.ID, func(u *mock.SFOXUser) { u.Balances = map[string]string{"usd": "0.01", "btc": "0.0150", "eth": "0"} },
		)
		_, err := c.Close(ctx, dana, offboard.NotSent, nil)
		want := []offboard.Finding{
			{Kind: offboard.Balance, Subject: "0.0150 btc"},
			{Kind: offboard.Balance, Subject: "0.01 usd"},
		}
		var refused *offboard.RefusedError
		if !errors.As(err, &refused) || !slices.Equal(refused.Findings, want) {
			t.Errorf("got %v, want a RefusedError of %v", err, want)
		}
		vendortest.WantRoutes(t, server, routeToken, routeBalance)
		server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.Balances = nil })
		if _, err := c.Close(ctx, dana, offboard.NotSent, nil); err != nil {
			t.Errorf("got %v once the money is gone, want success", err)
		}
	})
}

func TestClose_refusesIDs(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		for _, id := range []string{"", " a", "..", "a\nb"} {
			u := dana
			u.ID = id
			_, err := c.Close(ctx, u, offboard.NotSent, nil)
			wantStopped(t, err, sfox.StepCheck, offboard.NotSent)
		}
		vendortest.WantRoutes(t, server)
	})
}

// A check that is not permitted is no reason to stop: the vendor itself refuses while there is
// money.
func TestClose_continuesWithoutACheck(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"no token, 403":        fault(routeToken, 403, `{"error":"no"}`),
		"no token, 422":        fault(routeToken, 422, `{"error":"pending"}`),
		"the token is no good": fault(routeBalance, 401, ``),
		"not with this token":  fault(routeBalance, 403, `{"error":"no"}`),
	} {
		for amount, closed := range map[string]bool{"0": true, "1": false} {
			t.Run(name+", amount "+amount, func(t *testing.T) {
				t.Parallel()
				twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					server.SFOX.Update(dana.ID, func(u *mock.SFOXUser) { u.Balances["btc"] = amount })
					server.Fail(f)
					_, err := c.Close(ctx, dana, offboard.NotSent, unchecked)
					if (err == nil) != closed || server.SFOX.Has(dana.ID) == closed {
						t.Errorf("got %v, want the user closed %t", err, closed)
					}
					if !closed {
						wantStopped(t, err, sfox.StepDeactivate, offboard.NotSent)
					}
				})
			})
		}
	}
}

// A check of the money that fails stops the closure, and is no lost answer to the closing call.
func TestClose_stopsWhenItCannotCheck(t *testing.T) {
	t.Parallel()
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
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
				server.Fail(f)
				for _, reviewed := range [][]offboard.Finding{nil, unchecked} { // another reason than the reviewed one
					_, err := c.Close(ctx, dana, offboard.NotSent, reviewed)
					wantStopped(t, err, sfox.StepCheck, offboard.NotSent)
					vendortest.WantFault(t, err)
				}
				if vendortest.Count(server, routeDeactivate) != 0 || !server.SFOX.Has(dana.ID) {
					t.Errorf("got %d closing calls, want none", vendortest.Count(server, routeDeactivate))
				}
			})
		})
	}
}

// A call that never left is no lost one.
func TestClose_thatWasNeverSent(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, _ *sfox.Client) {
		c := client(t, "https://vendor.test/sfox/v1", vendortest.NoRoute(http.MethodDelete, mock.Transport{Handler: server}))
		_, err := c.Close(ctx, dana, offboard.NotSent, nil)
		wantStopped(t, err, sfox.StepDeactivate, offboard.NotSent)
		vendortest.WantFault(t, err)
		if vendortest.Count(server, routeDeactivate) > 0 || !strings.Contains(err.Error(), "no route to host") {
			t.Errorf("got %v, want the reason and no call", err)
		}
	})
}

// What the vendor says to the closing call itself, and what Close makes of it.
func TestClose_answers(t *testing.T) {
	t.Parallel()
	answers := vendortest.Answers()
	maps.Copy(answers, map[string]vendortest.Answer{
		"422": {
			Fault: mock.Fault{Status: 422, Body: `{"error":"funds"}`}, Want: vendortest.Refused, Calls: 1,
		},
		"403": {
			Fault: mock.Fault{Status: 403, Body: `{"error":"no"}`}, Want: vendortest.Refused, Calls: 1,
		},
		"a queue that never works": {Fault: mock.Fault{Lie: mock.Queue{}}, Want: vendortest.StillOpen, Calls: 1},
		"a queue that takes a minute": {
			Fault: mock.Fault{Lie: mock.Queue{Wait: time.Minute}}, Want: vendortest.Closed, Calls: 1,
		},
		"200 with {} and done": {
			Fault: mock.Fault{Status: 200, Body: `{}`, Effect: true}, Want: vendortest.Closed, Calls: 1,
		},
		"200 with null and done": {
			Fault: mock.Fault{Status: 200, Body: `null`, Effect: true}, Want: vendortest.Closed, Calls: 1,
		},
		"done and answered within 30 s": {Fault: mock.Fault{Delay: 29 * time.Second}, Want: vendortest.Closed, Calls: 1},
	})
	for name, c := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				c.Fault.Route = routeDeactivate
				server.Fail(c.Fault)
				_, err := client.Close(ctx, dana, offboard.NotSent, nil)
				if c.Want != vendortest.Closed {
					wantStopped(t, err, sfox.StepDeactivate, offboard.CallOf(err))
				}
				c.Check(t, err, server.SFOX.Has(dana.ID), vendortest.Count(server, routeDeactivate))
			})
		})
	}
}

// A "not found" to the closing call itself, from any server, and a success that reports an error
// are no acceptance.
func TestClose_declined(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"404":                  {Status: 404, Body: `{"error":"the words"}`},
		"404 in HTML":          {Status: 404, Body: vendortest.HTML},
		"404 of another form":  {Status: 404, Body: `{"message":"no route"}`},
		"404 without a body":   {Status: 404},
		"410":                  {Status: 410, Body: `{"error":"the words"}`},
		"200 with an error":    {Status: 200, Body: `{"error":"the words"}`},
		"202 with a not found": {Status: 202, Body: `{"data":null,"error":"the words: not found"}`},
	} {
		for _, there := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", still there", false: ", not there"}[there], func(t *testing.T) {
				t.Parallel()
				twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					f.Route, f.Effect = routeDeactivate, !there
					server.Fail(f)
					started := time.Now()
					_, err := c.Close(ctx, dana, offboard.NotSent, nil)
					vendortest.WantDeclined(t, err, f.Body, there)
					wantStopped(t, err, sfox.StepDeactivate, offboard.NotSent)
					if took := time.Since(started); took != 0 {
						t.Errorf("got the error after %s, want it at once", took)
					}
					vendortest.WantRoutes(t, server, closeRoutes[:4]...)
				})
			})
		}
	}
}

func TestClose_showsTheVendorsRefusal(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
		server.SFOX.Stakes = true
		_, err := c.Close(ctx, dana, offboard.NotSent, nil)
		var refusal *rest.Error
		if !errors.As(err, &refusal) || refusal.Status != 422 || !strings.Contains(refusal.Message, "non-zero balances") {
			t.Errorf("got %v, want the vendor's 422 and its words", err)
		}
		vendortest.WantRoutes(t, server, closeRoutes[:3]...)
	})
}

func TestClose_waitsForASlowVendor(t *testing.T) {
	t.Parallel()
	slow := slices.Insert(slices.Clone(closeRoutes), 3, routeUser, routeUser)
	for name, c := range map[string]struct {
		fault mock.Fault
		want  []string
	}{
		"accepted": {mock.Fault{Route: "none"}, slow},
		// two absences, and the whole list
		"lost": {
			mock.Fault{Drop: true, Effect: true, Route: routeDeactivate},
			append(slices.Insert(slices.Clone(slow), 3, routeUser), routeUsers),
		},
		"stale list": {mock.Fault{Route: routeUsers, Lie: mock.Stale{Requests: 6}, Times: 1},
			append(slices.Clone(slow), routeUser, routeUsers, routeUsers)}, // the whole list, once a row was open
		"errors for eight seconds": {mock.Fault{Route: routeUsers, Status: 503, For: 8 * time.Second}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *sfox.Client) {
				server.SFOX.SlowDelete = 2
				server.Fail(c.fault)
				if proof, err := client.Close(ctx, dana, offboard.NotSent, nil); err != nil || proof != offboard.Absent {
					t.Errorf("got %v and %v, want success", proof, err)
				}
				if c.want != nil {
					vendortest.WantRoutes(t, server, c.want...)
				}
			})
		})
	}
}

// Whatever the reads answer after the call, only an absence and a list with others of the role are
// proof.
func TestClose_isNotProvenByAnUnclearAnswer(t *testing.T) {
	t.Parallel()
	for name, f := range doubtful {
		for _, route := range []string{routeUser, routeUsers} {
			t.Run(name+" to "+route, func(t *testing.T) {
				t.Parallel()
				twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
					f.Route = route
					server.Fail(f)
					_, err := c.Close(ctx, dana, offboard.NotSent, nil)
					wantStopped(t, err, sfox.StepDeactivate, offboard.Accepted)
					var unproven *offboard.UnprovenError
					if !errors.As(err, &unproven) || unproven.Sent != nil {
						t.Errorf("got %v, want an UnprovenError of an accepted call", err)
					}
				})
			})
		}
	}
}

// After any one lie, at any request, a closure that is reported is one.
func TestClose_isTrueAfterAnyOneLie(t *testing.T) {
	t.Parallel()
	for name, fault := range vendortest.Lies(6) {
		twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *sfox.Client) {
			server.Fail(fault)
			proof, err := c.Close(ctx, dana, offboard.NotSent, nil)
			if err == nil && server.SFOX.Has(dana.ID) {
				t.Errorf(
					"%s after %d requests, %d times: got a proof (%v) for a user who is open: %q", name, fault.After, fault.Times,
					proof, server.Routes(),
				)
			}
		})
	}
}
