package konstantly_test

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
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// closeRoutes are the requests of a closure without errors. The answer to the block shows the user,
// and the list is the access check.
var closeRoutes = []string{routeBlock, routeDelete, routeUser, routeUsers}

// wantStopped wants a StepError of the step after those that are done. Only the deletion is a
// closing call.
func wantStopped(t *testing.T, err error, step string, done ...string) {
	t.Helper()
	var stopped *offboard.StepError
	if !errors.As(err, &stopped) || stopped.Step != step || !slices.Equal(stopped.Done, done) ||
		stopped.Before != (step == konstantly.StepBlock) {
		t.Errorf("got %#v, want a StepError of %q with %q done", err, step, done)
	}
}

// wantCall wants an error that says that the deletion came so far.
func wantCall(t *testing.T, err error, want offboard.Call) {
	t.Helper()
	if got := offboard.CallOf(err); got != want {
		t.Errorf("got the call %q of %v, want %q", got, err, want)
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	blocked := ines
	blocked.Status = offboard.Suspended
	if got, want := konstantly.Preflight(ines), []offboard.Finding{
		{Kind: offboard.RefusalNotKnowable},
	}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := konstantly.Preflight(blocked); len(got) != 0 {
		t.Errorf("got %v for a blocked user, want nothing", got)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(*mock.Konstantly)
		blocked bool
		want    []string
	}{
		"an active user":       {func(*mock.Konstantly) {}, false, closeRoutes},
		"a blocked user":       {func(*mock.Konstantly) {}, true, closeRoutes[1:]},
		"deleting has no body": {func(k *mock.Konstantly) { k.EmptyDelete = true }, false, closeRoutes},
		"blocking works once":  {func(k *mock.Konstantly) { k.BlockOnce = true }, true, closeRoutes[1:]},
		"a read is late twice": {
			func(k *mock.Konstantly) { k.SlowDelete = 2 }, false,
			slices.Insert(slices.Clone(closeRoutes), 2, routeUser, routeUser),
		},
		"a role is a word":           {func(k *mock.Konstantly) { k.RoleString = true }, false, closeRoutes},
		"no user could be unblocked": {func(k *mock.Konstantly) { k.NoSeats = true }, false, closeRoutes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Blocked = c.blocked })
				u, err := client.User(ctx, ines.ID)
				if err != nil {
					t.Fatal(err)
				}
				server.Konstantly.Set(c.prepare)
				server.ForgetRequests()
				if proof, err := client.Close(ctx, u, offboard.NotSent); err != nil || proof != offboard.Absent ||
					server.Konstantly.Has(ines.ID) {
					t.Errorf("got %v and %v, want the user closed", proof, err)
				}
				vendortest.WantRoutes(t, server, c.want...)
			})
		})
	}
}

// No other user proves access after the closure of the last user: the list is empty, twice, two
// seconds apart.
func TestClose_ofTheLastUser(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		started := time.Now()
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
		wantCall(t, err, offboard.Accepted)
		if took := time.Since(started); !errors.Is(err, offboard.ErrUnverified) || took != offboard.AbsencePause {
			t.Errorf("got %v after %s, want ErrUnverified after %s", err, took, offboard.AbsencePause)
		}
		vendortest.WantRoutes(t, server, append(slices.Clone(closeRoutes), routeUser, routeUsers)...)
	})
}

// Without an accepted call an empty list is never enough.
func TestClose_ofTheLastUserWithALostAnswer(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Fail(mock.Fault{Route: routeDelete, Drop: true, Effect: true, Times: 1})
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
		wantCall(t, err, offboard.NotSent)
		if !errors.Is(err, offboard.ErrEmptyList) || errors.Is(err, offboard.ErrUnverified) {
			t.Errorf("got %v, want ErrEmptyList and not ErrUnverified", err)
		}
	})
}

// A second closure finds no user. That is no closure, unless an earlier call of ours may have done
// it.
func TestClose_twice(t *testing.T) {
	t.Parallel()
	for sent, want := range map[offboard.Call]bool{offboard.NotSent: false, offboard.Lost: true, offboard.Accepted: true} {
		t.Run("the call before: "+string(sent), func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				if _, err := c.Close(ctx, ines, offboard.NotSent); err != nil {
					t.Fatal(err)
				}
				server.ForgetRequests()
				proof, err := c.Close(ctx, ines, sent)
				// A user who seems gone when blocked is deleted all the same.
				requests := []string{routeBlock, routeUser, routeDelete, routeUser}
				if want { // the last two are the whole list, to its empty page
					requests = append(requests, routeUser, routeUsers, routeUsers, routeUsers)
				} else {
					wantStopped(t, err, konstantly.StepDelete)
					wantCall(t, err, offboard.NotSent)
				}
				if (err == nil) != want || want && proof != offboard.Absent || !want && !errors.Is(err, offboard.ErrNotVisible) {
					t.Errorf("got %v and %v, want a proof %t", proof, err, want)
				}
				vendortest.WantRoutes(t, server, requests...)
			})
		})
	}
}

func TestClose_stopsAtTheExpertOfACourse(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Expert = true })
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantStopped(t, err, konstantly.StepBlock)
		var refusal *rest.Error
		if !errors.As(err, &refusal) || refusal.Status != 422 || refusal.Message != "User cannot be banned" {
			t.Errorf("got %v, want the vendor's 422 and its words", err)
		}
		vendortest.WantRoutes(t, server, routeBlock)
	})
}

// A refusal that comes as a success has the vendor's words too.
func TestClose_showsTheWordsOfARefusalThatIsASuccess(t *testing.T) {
	t.Parallel()
	for route, step := range map[string]string{routeBlock: konstantly.StepBlock, routeDelete: konstantly.StepDelete} {
		for _, status := range []int{400, 422, 500} {
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Fail(mock.Fault{Route: route, Status: 200, Body: fmt.Sprintf(`{"status":%d,"message":"the words"}`, status)})
				_, err := c.Close(ctx, ines, offboard.NotSent)
				var stopped *offboard.StepError
				if !errors.As(err, &stopped) || stopped.Step != step || !strings.Contains(err.Error(), "the words") ||
					!server.Konstantly.Has(ines.ID) {
					t.Errorf("%s with status %d: got %v, want it stopped at %q with the words", route, status, err, step)
				}
			})
		}
	}
}

func TestClose_namesNoStepThatWasDoneBefore(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		blocked := ines
		blocked.Status = offboard.Suspended
		_, err := c.Close(ctx, blocked, offboard.NotSent) // refused: the vendor knows better
		wantStopped(t, err, konstantly.StepDelete)
		vendortest.WantRoutes(t, server, routeDelete)
	})
}

func TestClose_refusesIDs(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		for _, id := range []string{"", "..", "blocked", "byEmail"} {
			u := ines
			u.ID = id
			if _, err := c.Close(ctx, u, offboard.NotSent); err == nil || offboard.CallOf(err) != offboard.NotSent {
				t.Errorf("%q: got %v, want a refusal", id, err)
			}
			if _, err := c.Block(ctx, u); err == nil {
				t.Errorf("%q: got a block, want a refusal", id)
			}
		}
		vendortest.WantRoutes(t, server)
	})
}

func TestClose_showsAllComplaints(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Fail(
			mock.Fault{
				Route:  routeBlock,
				Status: 400,
				Body:   `{"status":400,"message":"Invalid","errors":{"z":["late"],"id":["is odd","is long"],"a":["early"]}}`,
			},
		)
		_, err := c.Close(ctx, ines, offboard.NotSent)
		if want := "Invalid a: early id: is odd id: is long z: late"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	})
}

// After a lost answer the call leaves once more only for the same person.
func TestClose_endsForAnotherPerson(t *testing.T) {
	t.Parallel()
	for route, step := range map[string]string{routeBlock: konstantly.StepBlock, routeDelete: konstantly.StepDelete} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Fail(mock.Fault{Route: route, Drop: true})
				server.OnRequest(func(r mock.Request) {
					if r.Route == route {
						server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Name, u.Email = "Zoe New", "zoe@acme.test" })
					}
				})
				_, err := c.Close(ctx, ines, offboard.NotSent)
				if !errors.Is(err, offboard.ErrAnotherPerson) || vendortest.Count(server, route) != 1 {
					t.Errorf("got %v after %d calls, want ErrAnotherPerson after one", err, vendortest.Count(server, route))
				}
			})
		})
	}
}

// What was shown and is missing now is a change: the user who is blocked then is not deleted.
func TestClose_deletesNobodyOfWhomNothingIsShown(t *testing.T) {
	t.Parallel()
	twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.OnRequest(func(r mock.Request) {
			if r.Route == routeBlock {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Name, u.Email = "", "" })
			}
		})
		server.Fail(mock.Fault{Route: routeBlock, Status: 200, Effect: true, Body: `{"id":"u7k2m9","isBanned":true}`})
		_, err := c.Close(ctx, ines, offboard.NotSent)
		if !errors.Is(err, offboard.ErrPersonNotShown) || vendortest.Count(server, routeBlock) != 1 ||
			vendortest.Count(server, routeDelete) != 0 {
			t.Errorf(
				"got %v after %d blocks and %d deletions, want ErrPersonNotShown after one block", err,
				vendortest.Count(server, routeBlock), vendortest.Count(server, routeDelete),
			)
		}
	})
}

// What the vendor says to one of the closing calls, and what Close makes of it.
func TestClose_answers(t *testing.T) {
	t.Parallel()
	// To a deletion, whose success has no documented body, these say no, so that it is not sent again.
	saidNo := []string{
		"200 with a message",
		"200 with an error, other types",
		"200 with an error inside",
		"200 with errors",
		"200 with two statuses",
	}
	answers := vendortest.Answers()
	maps.Copy(answers, map[string]vendortest.Answer{
		"422": {
			Fault: mock.Fault{Status: 422, Body: `{"status":422,"message":"no"}`}, Want: vendortest.Refused, Calls: 1,
		},
		"403": {
			Fault: mock.Fault{Status: 403, Body: vendortest.HTML}, Want: vendortest.Refused, Calls: 1,
		},
		"200 in HTML, done at the second": {
			Fault: mock.Fault{Status: 200, Body: vendortest.HTML, Times: 1}, Want: vendortest.Closed, Calls: 2,
		},
		"200 cut short and done": {
			Fault: mock.Fault{Status: 200, Body: `{"id`, Effect: true}, Want: vendortest.Closed, Calls: 1,
		},
		"200 with an error, nothing done": {
			Fault: mock.Fault{Status: 200, Body: `{"status":500,"message":"oops"}`}, Want: vendortest.Refused, Calls: 3,
		},
		"200 with an error, other types": {
			Fault: mock.Fault{Status: 200, Body: `{"status":"500","message":"oops"}`}, Want: vendortest.Refused, Calls: 3,
		},
		"200 with an error in a list": {
			Fault: mock.Fault{Status: 200, Body: `[{"status":500,"message":"oops"}]`}, Want: vendortest.Refused, Calls: 3,
		},
		"200 with two statuses": {
			Fault: mock.Fault{Status: 200, Body: `{"status":500,"Status":200}`}, Want: vendortest.Refused, Calls: 3,
		},
		"200 with a message": {
			Fault: mock.Fault{Status: 200, Body: `{"message":"no Route matched"}`}, Want: vendortest.Refused, Calls: 3,
		},
		"200 with a status of no type": {
			Fault: mock.Fault{Status: 200, Body: `{"status":null}`}, Want: vendortest.Refused, Calls: 3,
		},
		"200 with an error inside": {
			Fault: mock.Fault{Status: 200, Body: `{"error":{"status":404}}`}, Want: vendortest.Refused, Calls: 3,
		},
		"200 with errors": {
			Fault: mock.Fault{Status: 200, Body: `{"errors":{"id":["unknown"]}}`}, Want: vendortest.Refused, Calls: 3,
		},
	})
	for name, c := range answers {
		for route, step := range map[string]string{routeBlock: konstantly.StepBlock, routeDelete: konstantly.StepDelete} {
			t.Run(step+", "+name, func(t *testing.T) {
				t.Parallel()
				twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
					want, step := c, step // for this route
					want.Fault.Route = route
					done := want.Fault.Effect || want.Fault.Delay > 0
					switch {
					case route == routeDelete && done && want.Calls == 1 && want.Fault.Status != 204:
						want.Fault.Times, want.Calls = 1, 2 // the next answer says that there is no such user
					case route == routeBlock && want.Fault.Pretend && want.Want == vendortest.StillOpen:
						step, want.Want = konstantly.StepDelete, vendortest.Refused
					}
					server.Fail(want.Fault)
					_, err := client.Close(ctx, ines, offboard.NotSent)
					if want.Want != vendortest.Closed {
						wantStopped(t, err, step, map[string][]string{konstantly.StepDelete: {konstantly.StepBlock}}[step]...)
					}
					if route == routeDelete && slices.Contains(saidNo, name) {
						want.Calls = 1
					}
					want.Check(t, err, server.Konstantly.Has(ines.ID), vendortest.Count(server, route))
				})
			})
		}
	}
}

// A "not found" to the deletion itself is no acceptance, from any server and with any HTTP status.
func TestClose_declined(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"the site's own":          {Status: 404, Body: `{"status":404,"message":"the words"}`},
		"no such endpoint":        {Status: 404, Body: `{"status":404,"message":"No such endpoint: the words"}`},
		"a gateway":               {Status: 404, Body: `{"message":"the words"}`},
		"HTML":                    {Status: 404, Body: vendortest.HTML},
		"410":                     {Status: 410, Body: `{"status":410,"message":"the words"}`},
		"410 of a gateway":        {Status: 410, Body: `{}`},
		"200 with a 404 inside":   {Status: 200, Body: `{"status":404,"message":"the words"}`},
		"200 with a 410 inside":   {Status: 200, Body: `{"status":410,"message":"the words"}`},
		"200 with a 404, no text": {Status: 200, Body: `{"status":404}`},
	} {
		for _, there := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", still there", false: ", not there"}[there], func(t *testing.T) {
				t.Parallel()
				twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
					f.Route, f.Effect = routeDelete, !there
					server.Fail(f)
					started := time.Now()
					_, err := c.Close(ctx, ines, offboard.NotSent)
					vendortest.WantDeclined(t, err, f.Body, there)
					wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
					wantCall(t, err, offboard.NotSent)
					if took := time.Since(started); took != 0 {
						t.Errorf("got the error after %s, want it at once", took)
					}
					vendortest.WantRoutes(t, server, closeRoutes[:3]...)
				})
			})
		}
	}
}

// Whatever the reads answer after the call, only an absence and a list with others in it are proof.
func TestClose_isNotProvenByAnUnclearAnswer(t *testing.T) {
	t.Parallel()
	for name, f := range doubtful {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoUsers.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				f.Route = routeUser
				server.Fail(f)
				_, err := c.Close(ctx, ines, offboard.NotSent)
				wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
				wantCall(t, err, offboard.Accepted)
				var unproven *offboard.UnprovenError
				if !errors.As(err, &unproven) || unproven.Sent != nil {
					t.Errorf("got %v, want an UnprovenError of an accepted call", err)
				}
			})
		})
	}
}
