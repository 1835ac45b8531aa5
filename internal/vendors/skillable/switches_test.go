package skillable_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// switches are the answers that the documentation leaves open, and what the closure of a user
// without running labs comes to where Skillable gives them.
var switches = map[string]struct {
	set    func(*mock.Skillable)
	open   bool   // the account stays open
	failed string // a part of the error; empty where the closure is proven
}{
	"another consumer has a key":   {set: func(s *mock.Skillable) { s.OtherKey = "other-key" }},
	"two consumers see all labs":   {set: func(s *mock.Skillable) { s.Shared = true }},
	"labs stay":                    {set: func(s *mock.Skillable) { s.Closing = mock.CloseLeavesLabs }},
	"running labs stop it":         {set: func(s *mock.Skillable) { s.Closing = mock.CloseRefused }},
	"no lists for an unknown user": {set: func(s *mock.Skillable) { s.Unknown = mock.UnknownNull }},
	"an error for an unknown user": {set: func(s *mock.Skillable) { s.Unknown = mock.UnknownError }},
	"a bad key is a 403":           {set: func(s *mock.Skillable) { s.BadKey = mock.BadKeyForbidden }},
	"the consumer has expired": {
		set:    func(s *mock.Skillable) { s.Expired = true },
		open:   true,
		failed: "API Access has Expired",
	},
	"past labs stay, without names": {set: func(s *mock.Skillable) { s.SearchClosed = true }},
	"past labs stay, with names": {
		set:    func(s *mock.Skillable) { s.SearchClosed, s.KeepNames = true, true },
		failed: "still shows the account",
	},
	"a search has no status":               {set: func(s *mock.Skillable) { s.BareSearch = true }},
	"pages of one":                         {set: func(s *mock.Skillable) { s.PageCap = 1 }},
	"the lists have the labs of all users": {set: func(s *mock.Skillable) { s.LabsIgnoreUser = true }},
	"letter case does not matter":          {set: func(s *mock.Skillable) { s.FoldIDs = true }},
	"rows are left twice":                  {set: func(s *mock.Skillable) { s.LeaveRows = 2 }},
	"each close counts rows": {
		set:    func(s *mock.Skillable) { s.AlwaysRows = true },
		failed: "each closing call counts rows",
	},
	"a cancellation takes a while":     {set: func(s *mock.Skillable) { s.SlowCancel = 2 }},
	"all labs are of another consumer": {set: func(s *mock.Skillable) { s.ForeignLabs = true }},
}

func TestSwitches_areAllSet(t *testing.T) {
	t.Parallel()
	vendor := func(server *mock.Server) *mock.Skillable { return server.Skillable }
	vendortest.WantAllSwitches(t, vendor, func(set func(func(*mock.Skillable))) {
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
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				m.Skillable.Add(mock.SkillableUser{ID: "emp-1", Name: "Noor Marin", Email: "noor@acme.test", History: 1})
				m.Skillable.Set(c.set)
				findings, err := client.Close(ctx, read(), shown)
				if (err == nil) != (c.failed == "") || len(findings) > 0 || err != nil && !strings.Contains(err.Error(), c.failed) {
					t.Errorf("got %v and %v, want the error %q", findings, err, c.failed)
				}
				if m.Skillable.Has("emp-3107") != c.open || !m.Skillable.Has("emp-1") {
					t.Errorf("got %v open, want Ola among them: %t", m.Vendors()[3].IDs, c.open)
				}
			})
		})
	}
}

// The labs of all users instead of one user's prevent a closure, and none of them is canceled.
func TestClose_whereTheListsHaveTheLabsOfAllUsers(t *testing.T) {
	t.Parallel()
	for name, labs := range map[string]struct{ running, saved mock.Labs }{
		"a running one": {mock.Labs{basics}, nil}, "a saved one": {nil, mock.Labs{exam}},
		"both": {mock.Labs{basics}, mock.Labs{exam}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				m.Skillable.LabsIgnoreUser = true
				m.Skillable.Add(
					mock.SkillableUser{
						ID:      "emp-1",
						Name:    "Noor Marin",
						Email:   "noor@acme.test",
						Running: labs.running,
						Saved:   labs.saved,
					},
				)
				u, err := c.User(ctx, "emp-3107")
				if err != nil || len(u.Running) != len(labs.running) ||
					slices.ContainsFunc(u.Running, func(l skillable.Lab) bool { return l.Owned }) {
					t.Fatalf("got %+v and %v, want labs that nothing shows to be hers", u, err)
				}
				findings, err := c.Close(ctx, u, withCancel)
				wantCount(t, m, routeCancel, 0)
				var refused *offboard.RefusedError
				foreign := []offboard.Finding{{Kind: offboard.ForeignLab, Subject: `"Mesh basics" (880123)`}}
				if len(labs.running) > 0 &&
					(!errors.As(err, &refused) || !slices.Equal(refused.Findings, foreign) || !m.Skillable.Has("emp-3107")) {
					t.Errorf("got %v, want it refused for %v", err, foreign)
				}
				// The closed user still shows the saved lab of another user, so that nothing is proven.
				if len(labs.running) == 0 && !errors.Is(err, offboard.ErrStillOpen) {
					t.Errorf("got %v and %v, want ErrStillOpen", findings, err)
				}
				noor, _ := m.Skillable.Get("emp-1")
				if [2]int{len(noor.Running), len(noor.Saved)} != [2]int{len(labs.running), len(labs.saved)} {
					t.Errorf("got the labs %v and %v, want those of the other user untouched", noor.Running, noor.Saved)
				}
			})
		})
	}
}

// Where letter case does not matter to Skillable, an ID in other letters is another's for the
// client: no user is closed under it that a search shows under the first one.
func TestUser_inOtherLetters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		user mock.SkillableUser
		seen bool
	}{
		"with past labs":     {ola(), true},
		"with a running lab": {ola(basics), true},
		"without any lab":    {mock.SkillableUser{ID: "emp-3107", Name: "Ola Berg"}, false},
	} {
		// whether a closure under the other ID leaves her open
		for folded, open := range map[bool]bool{true: false, false: true} {
			t.Run(name+map[bool]string{true: ", case folded", false: ", case kept"}[folded], func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
					m.Skillable.Add(c.user)
					m.Skillable.FoldIDs = folded
					u, err := client.User(ctx, "EMP-3107")
					if folded && c.seen {
						vendortest.WantFault(t, err)
						if !strings.Contains(err.Error(), `the answer is about "emp-3107"`) {
							t.Errorf("got %v, want the ID that Skillable shows", err)
						}
						return
					}
					if err != nil || u.Status != offboard.Unknown || u.Name != "" {
						t.Fatalf("got %+v and %v, want no user seen", u, err)
					}
					findings, err := client.Close(ctx, u, skillable.CloseOptions{})
					if err != nil || m.Skillable.Has("emp-3107") != open || slices.Equal(findings, nothingThere) != open {
						t.Errorf("got %v and %v, want the account open %t, and no closure where it is open", findings, err, open)
					}
				})
			})
		}
	}
}

// A key closes the user of its own consumer, and not the one with the same ID of another consumer.
func TestClose_ofTheOwnConsumerAlone(t *testing.T) {
	t.Parallel()
	for key, mine := range map[string]bool{"mock-key": true, "other-key": false} {
		for name, sharedLabs := range map[string]bool{"own labs": false, "labs of both": true} {
			t.Run(key+", "+name, func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, _ *skillable.Client) {
					m.Skillable.Set(func(s *mock.Skillable) { s.OtherKey, s.Shared = "other-key", sharedLabs })
					m.Skillable.Other.Add(mock.SkillableUser{ID: "emp-3107", Name: "Otto Berg", Email: "otto@beta.test", History: 1})
					c := client(t, key, "http://127.0.0.1/skillable/api/v3", mock.Transport{Handler: m})
					u, err := c.User(ctx, "emp-3107")
					want := map[bool]string{true: "Ola Berg", false: "Otto Berg"}[mine]
					if sharedLabs {
						want = "" // nothing says which of the two is meant
					}
					if err != nil || u.Name != want {
						t.Fatalf("got %+v and %v, want %q", u, err, want)
					}
					_, err = c.Close(ctx, u, skillable.CloseOptions{Shown: want != ""})
					if m.Skillable.Has("emp-3107") == mine || m.Skillable.Other.Has("emp-3107") != mine {
						t.Errorf("got %v, open %t, that of the other consumer open %t, want only the own one closed",
							err, m.Skillable.Has("emp-3107"), m.Skillable.Other.Has("emp-3107"))
					}
					// The labs of the other consumer's user are seen on, so nothing shows that a user is gone.
					if (err == nil) == sharedLabs {
						t.Errorf("got %v, want a proof %t", err, !sharedLabs)
					}
				})
			})
		}
	}
}

// A lab of another consumer cannot be canceled, so that nothing is closed.
func TestClose_stopsAtALabOfAnotherConsumer(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		u := running(ctx, t, m, c)
		m.Skillable.ForeignLabs = true
		_, err := c.Close(ctx, u, withCancel)
		stopped(t, err, firstStep)
		vendortest.WantFault(t, err)
		if !strings.Contains(err.Error(), "Invalid integration key") || !m.Skillable.Has("emp-3107") {
			t.Errorf("got %v, want the vendor's words and the user open", err)
		}
		wantCount(t, m, routeClose, 0)
	})
}

// The consumer may expire at any request. What was accepted before stays accepted, and nothing is
// concluded from the error.
func TestClose_whereTheConsumerExpires(t *testing.T) {
	t.Parallel()
	for after, call := range []offboard.Call{offboard.NotSent, offboard.Accepted, offboard.Accepted, offboard.Accepted} {
		t.Run(fmt.Sprintf("after %d requests", after), func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				requests := 0
				m.OnRequest(func(mock.Request) {
					if requests++; requests == after {
						m.Skillable.Set(func(s *mock.Skillable) { s.Expired = true })
					}
				})
				m.Skillable.Expired = after == 0
				_, err := c.Close(ctx, read(), shown)
				stopped(t, err, skillable.StepClose)
				vendortest.WantFault(t, err)
				if !strings.Contains(err.Error(), "API Access has Expired") || offboard.CallOf(err) != call ||
					m.Skillable.Has("emp-3107") != (after == 0) {
					t.Errorf("got %v with the call %q, want the vendor's words and the call %q", err, offboard.CallOf(err), call)
				}
			})
		})
	}
}
