package konstantly_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
)

// closing are the requests of a closing without trouble. The list is the sign of life.
var closing = []string{routeBlock, routeUser, routeDelete, routeUser, routeUsers}

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

func sends(server *mock.Server, route string) int {
	n := 0
	for _, r := range server.Requests() {
		if r.Route == route {
			n++
		}
	}
	return n
}

func TestPreflight(t *testing.T) {
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
	for name, c := range map[string]struct {
		prepare func(*mock.Konstantly)
		blocked bool
		want    []string
	}{
		"an active user":       {func(*mock.Konstantly) {}, false, closing},
		"a blocked user":       {func(*mock.Konstantly) {}, true, closing[2:]},
		"deleting has no body": {func(k *mock.Konstantly) { k.EmptyDelete = true }, false, closing},
		"blocking works once":  {func(k *mock.Konstantly) { k.BlockOnce = true }, true, closing[2:]},
		"a read is two looks late": {
			func(k *mock.Konstantly) { k.SlowDelete = 2 }, false, slices.Insert(slices.Clone(closing), 3, routeUser, routeUser),
		},
		"a role is a word":          {func(k *mock.Konstantly) { k.RoleString = true }, false, closing},
		"nobody could be unblocked": {func(k *mock.Konstantly) { k.NoSeats = true }, false, closing},
	} {
		t.Run(name, func(t *testing.T) {
			office(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
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
				wantRoutes(t, server, c.want...)
			})
		})
	}
}

// Nobody is left to vouch for the closing of the last user: the list is empty, twice, two seconds
// apart.
func TestClose_ofTheLastUser(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		started := time.Now()
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
		wantCall(t, err, offboard.Accepted)
		if took := time.Since(started); !errors.Is(err, offboard.ErrUnverified) || took != offboard.AbsencePause {
			t.Errorf("got %v after %s, want ErrUnverified after %s", err, took, offboard.AbsencePause)
		}
		wantRoutes(t, server, append(slices.Clone(closing), routeUser, routeUsers)...)
	})
}

// Without an accepted call an empty list is never enough.
func TestClose_ofTheLastUserWithALostAnswer(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Fail(mock.Fault{Route: routeDelete, Drop: true, Effect: true})
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
		wantCall(t, err, offboard.Lost)
		if !errors.Is(err, offboard.ErrEmptyList) || errors.Is(err, offboard.ErrUnverified) {
			t.Errorf("got %v, want ErrEmptyList and not ErrUnverified", err)
		}
	})
}

// A second closing finds nobody: that is no closing, unless an earlier call of ours may have done
// it.
func TestClose_twice(t *testing.T) {
	for sent, want := range map[offboard.Call]bool{offboard.NotSent: false, offboard.Lost: true, offboard.Accepted: true} {
		t.Run("the call before: "+string(sent), func(t *testing.T) {
			office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				if _, err := c.Close(ctx, ines, offboard.NotSent); err != nil {
					t.Fatal(err)
				}
				server.ForgetRequests()
				proof, err := c.Close(ctx, ines, sent)
				// A user who seems gone when blocked is deleted all the same.
				requests := []string{routeBlock, routeUser, routeDelete, routeUser}
				if want {
					requests = append(requests, routeUser, routeUsers)
				} else {
					wantStopped(t, err, konstantly.StepDelete)
					wantCall(t, err, offboard.NotSent)
				}
				if (err == nil) != want || want && proof != offboard.Absent || !want && !errors.Is(err, offboard.ErrNotVisible) {
					t.Errorf("got %v and %v, want a proof %t", proof, err, want)
				}
				wantRoutes(t, server, requests...)
			})
		})
	}
}

func TestBlock_stopsThere(t *testing.T) {
	bubble(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		if proof, err := c.Block(ctx, ines); err != nil || proof != offboard.Done {
			t.Fatalf("got %v and %v, want the user blocked", proof, err)
		}
		u, err := c.User(ctx, ines.ID)
		if err != nil || u.Status != offboard.Suspended {
			t.Errorf("got status %q and %v, want suspended", u.Status, err)
		}
		wantRoutes(t, server, routeBlock, routeUser, routeUser)
		server.ForgetRequests()
		if proof, err := c.Block(ctx, u); err != nil || proof != offboard.Done {
			t.Errorf("got %v and %v for a blocked user, want success", proof, err)
		}
		wantRoutes(t, server)
	})
}

// An absence is no block: the user must still be shown.
func TestBlock_isNotProvenByAnAbsence(t *testing.T) {
	office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Fail(mock.Fault{Route: routeUser, Lie: mock.Absent{Status: 404}})
		_, err := c.Block(ctx, ines)
		wantStopped(t, err, konstantly.StepBlock)
		wantCall(t, err, offboard.NotSent)
		if !errors.Is(err, offboard.ErrNotVisible) {
			t.Errorf("got %v, want ErrNotVisible", err)
		}
		wantRoutes(t, server, routeBlock, routeUser, routeUser)
	})
}

func TestClose_stopsAtTheExpertOfACourse(t *testing.T) {
	office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Expert = true })
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantStopped(t, err, konstantly.StepBlock)
		var refusal *rest.Error
		if !errors.As(err, &refusal) || refusal.Status != 422 || refusal.Message != "User cannot be banned" {
			t.Errorf("got %v, want the vendor's 422 and its words", err)
		}
		wantRoutes(t, server, routeBlock)
	})
}

// A refusal that comes as a success is told in the vendor's words too.
func TestClose_tellsTheWordsOfARefusalThatIsASuccess(t *testing.T) {
	for route, step := range map[string]string{routeBlock: konstantly.StepBlock, routeDelete: konstantly.StepDelete} {
		for _, status := range []int{400, 422, 500} {
			office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
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

func TestClose_stopsWhenSomebodyUnblocks(t *testing.T) {
	office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.OnRequest(func(r mock.Request) {
			if r.Route == routeUser {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Blocked = false })
			}
		})
		_, err := c.Close(ctx, ines, offboard.NotSent)
		wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
		wantFault(t, err)
		wantRoutes(t, server, closing[:3]...)
	})
}

func TestClose_namesNoStepThatWasDoneBefore(t *testing.T) {
	office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		blocked := ines
		blocked.Status = offboard.Suspended
		_, err := c.Close(ctx, blocked, offboard.NotSent) // refused: the vendor knows better
		wantStopped(t, err, konstantly.StepDelete)
		wantRoutes(t, server, routeDelete)
	})
}

func TestClose_refusesIDs(t *testing.T) {
	office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
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
		wantRoutes(t, server)
	})
}

func TestClose_showsAllComplaints(t *testing.T) {
	office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
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

// After a lost answer the call leaves once more only for the person whom it was meant for.
func TestClose_endsForAnotherPerson(t *testing.T) {
	for route, step := range map[string]string{routeBlock: konstantly.StepBlock, routeDelete: konstantly.StepDelete} {
		t.Run(step, func(t *testing.T) {
			office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Fail(mock.Fault{Route: route, Drop: true})
				server.OnRequest(func(r mock.Request) {
					if r.Route == route {
						server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Name, u.Email = "Zoe New", "zoe@acme.test" })
					}
				})
				_, err := c.Close(ctx, ines, offboard.NotSent)
				if !errors.Is(err, offboard.ErrAnotherPerson) || sends(server, route) != 1 {
					t.Errorf("got %v after %d calls, want ErrAnotherPerson after one", err, sends(server, route))
				}
			})
		})
	}
}

// What was shown and is missing now is a change: whoever is blocked then is not deleted.
func TestClose_deletesNobodyOfWhomNothingIsShown(t *testing.T) {
	office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
		server.OnRequest(func(r mock.Request) {
			if r.Route == routeBlock {
				server.Konstantly.Update(ines.ID, func(u *mock.KonstantlyUser) { u.Name, u.Email = "", "" })
			}
		})
		_, err := c.Close(ctx, ines, offboard.NotSent)
		if !errors.Is(err, offboard.ErrPersonNotShown) || sends(server, routeBlock) != 1 || sends(server, routeDelete) != 0 {
			t.Errorf(
				"got %v after %d blocks and %d deletions, want ErrPersonNotShown after one block", err, sends(server, routeBlock),
				sends(server, routeDelete),
			)
		}
	})
}

// several is a number of calls that the waits between them, which are drawn, decide: as many as the
// time is for, and no busy loop.
const several = -1

// What the vendor says to one of the closing calls, and what Close makes of it.
func TestClose_answers(t *testing.T) {
	const refused, stillOpen = "refused", "still open"
	// To a deletion, whose success has no documented body, these say no, so that it is not sent again.
	saidNo := []string{
		"200 with an error, other types",
		"200 with a message",
		"200 with an error inside",
		"200 with errors",
		"200 with two statuses",
	}
	for name, c := range map[string]struct {
		fault mock.Fault
		want  string // "" for closed
		sends int
	}{
		"422":                             {mock.Fault{Status: 422, Body: `{"status":422,"message":"no"}`}, refused, 1},
		"401":                             {mock.Fault{Status: 401}, refused, 1},
		"403":                             {mock.Fault{Status: 403, Body: html}, refused, 1},
		"200 and nothing done":            {mock.Fault{Pretend: true}, stillOpen, 1},
		"200 in HTML and nothing done":    {mock.Fault{Status: 200, Body: html}, refused, 3},
		"200 in HTML, done at the second": {mock.Fault{Status: 200, Body: html, Times: 1}, "", 2},
		"200 in HTML and done":            {mock.Fault{Status: 200, Body: html, Effect: true}, "", 1},
		"200 cut short and done":          {mock.Fault{Status: 200, Body: `{"id`, Effect: true}, "", 1},
		"200 with an error, nothing done": {mock.Fault{Status: 200, Body: `{"status":500,"message":"oops"}`}, refused, 3},
		"200 with an error, other types":  {mock.Fault{Status: 200, Body: `{"status":"500","message":"oops"}`}, refused, 3},
		"200 with an error in a list":     {mock.Fault{Status: 200, Body: `[{"status":500,"message":"oops"}]`}, refused, 3},
		"200 with two statuses":           {mock.Fault{Status: 200, Body: `{"status":500,"Status":200}`}, refused, 3},
		"200 with a message":              {mock.Fault{Status: 200, Body: `{"message":"no Route matched"}`}, refused, 3},
		"200 with a status of no type":    {mock.Fault{Status: 200, Body: `{"status":null}`}, refused, 3},
		"200 with an error inside":        {mock.Fault{Status: 200, Body: `{"error":{"status":404}}`}, refused, 3},
		"200 with errors":                 {mock.Fault{Status: 200, Body: `{"errors":{"id":["unknown"]}}`}, refused, 3},
		"204 and done":                    {mock.Fault{Status: 204, Effect: true}, "", 1},
		"429 once":                        {mock.Fault{Status: 429, Times: 1}, "", 2},
		"429 with a wait": {
			mock.Fault{Status: 429, Times: 1, Header: http.Header{"Retry-After": {"90"}}}, "", 2,
		},
		"429 for ever": {mock.Fault{Status: 429}, refused, several},
		"429 for longer than there is": {
			mock.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}}, refused, 1,
		},
		"500 and done":     {mock.Fault{Status: 500, Effect: true}, "", 1},
		"500 and not done": {mock.Fault{Status: 500, Times: 1}, "", 2},
		"500 for ever":     {mock.Fault{Status: 500}, refused, 3},
		"a redirect": {
			mock.Fault{Status: 302, Header: http.Header{"Location": {"https://evil.test/"}}}, refused, 3,
		},
		"lost and done":                   {mock.Fault{Drop: true, Effect: true}, "", 1},
		"lost and not done":               {mock.Fault{Drop: true, Times: 1}, "", 2},
		"lost for ever":                   {mock.Fault{Drop: true}, refused, 3},
		"done, but too slow to answer":    {mock.Fault{Delay: time.Minute}, "", 1},
		"not done and too slow to answer": {mock.Fault{Delay: time.Minute, Pretend: true, Times: 1}, "", 2},
	} {
		for route, step := range map[string]string{routeBlock: konstantly.StepBlock, routeDelete: konstantly.StepDelete} {
			t.Run(step+", "+name, func(t *testing.T) {
				office(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *konstantly.Client) {
					c.fault.Route = route
					server.Fail(c.fault)
					_, err := client.Close(ctx, ines, offboard.NotSent)
					if c.want == "" && err != nil || server.Konstantly.Has(ines.ID) != (c.want != "") {
						t.Errorf("got %v, want closed %t", err, c.want == "")
					}
					if c.want != "" {
						wantStopped(t, err, step, map[string][]string{konstantly.StepDelete: {konstantly.StepBlock}}[step]...)
					}
					if c.want == refused {
						wantFault(t, err)
					}
					if errors.Is(err, offboard.ErrStillOpen) != (c.want == stillOpen) {
						t.Errorf("got %v, want ErrStillOpen %t", err, c.want == stillOpen)
					}
					want := c.sends
					if route == routeDelete && slices.Contains(saidNo, name) {
						want = 1
					}
					if got := sends(server, route); got != want && (want != several || got < 5 || got > 100) {
						t.Errorf("got %d calls, want %d", got, want)
					}
				})
			})
		}
	}
}

// A block is accepted only with an answer that shows the user as blocked.
func TestBlock_isNoAcceptanceWithoutTheBlockedUser(t *testing.T) {
	for name, body := range map[string]string{
		"not blocked": `{"id":"u7k2m9","isBanned":false}`, "no word on it": `{"id":"u7k2m9"}`,
		"null":         `{"id":"u7k2m9","isBanned":null}`,
		"another user": `{"id":"u1a2b3","isBanned":true}`, "nobody": `{}`, "nothing": ``,
	} {
		t.Run(name, func(t *testing.T) {
			office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				server.Fail(mock.Fault{Route: routeBlock, Status: 200, Body: body})
				_, err := c.Block(ctx, ines)
				wantStopped(t, err, konstantly.StepBlock)
				wantFault(t, err)
				if errors.Is(err, offboard.ErrStillOpen) || sends(server, routeBlock) != 3 {
					t.Errorf("got %v after %d calls, want an answer that says nothing, three times", err, sends(server, routeBlock))
				}
			})
		})
	}
}

// A "not found" to the deletion itself is no acceptance, whoever says it and with whatever HTTP
// status.
func TestClose_declined(t *testing.T) {
	for name, f := range map[string]mock.Fault{
		"the site's own":          {Status: 404, Body: `{"status":404,"message":"the words"}`},
		"no such endpoint":        {Status: 404, Body: `{"status":404,"message":"No such endpoint: the words"}`},
		"a gateway":               {Status: 404, Body: `{"message":"the words"}`},
		"HTML":                    {Status: 404, Body: html},
		"410":                     {Status: 410, Body: `{"status":410,"message":"the words"}`},
		"410 of a gateway":        {Status: 410, Body: `{}`},
		"200 with a 404 inside":   {Status: 200, Body: `{"status":404,"message":"the words"}`},
		"200 with a 410 inside":   {Status: 200, Body: `{"status":410,"message":"the words"}`},
		"200 with a 404, no text": {Status: 200, Body: `{"status":404}`},
	} {
		for _, there := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", still there", false: ", not there"}[there], func(t *testing.T) {
				office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
					f.Route, f.Effect = routeDelete, !there
					server.Fail(f)
					started := time.Now()
					_, err := c.Close(ctx, ines, offboard.NotSent)
					if err == nil {
						t.Fatal("got a closing, want none")
					}
					wantStopped(t, err, konstantly.StepDelete, konstantly.StepBlock)
					wantCall(t, err, offboard.NotSent)
					wantFault(t, err)
					if errors.Is(err, offboard.ErrNotVisible) == there || time.Since(started) != 0 {
						t.Errorf("got %v after %s, want ErrNotVisible %t at once", err, time.Since(started), !there)
					}
					if strings.Contains(f.Body, "the words") && !strings.Contains(err.Error(), "the words") {
						t.Errorf("got %q, want the vendor's own words", err)
					}
					wantRoutes(t, server, closing[:4]...)
				})
			})
		}
	}
}

// Whatever the reads answer after the call, only an absence and a list with others in it are proof.
func TestClose_isNotProvenByADoubtfulAnswer(t *testing.T) {
	for name, f := range doubtful {
		t.Run(name, func(t *testing.T) {
			office(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *konstantly.Client) {
				f.Route, f.After = routeUser, 1 // the look at the block is answered
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
