package ecgrid_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// switches are the answers that the documentation leaves open, and what a closure comes to where
// ECGrid gives them.
var switches = map[string]struct {
	set   func(*mock.ECGrid)
	proof offboard.Observation // what proves the closure; Open where nothing does
	open  bool                 // whether the account is open then
}{
	"who is terminated is not found":  {func(e *mock.ECGrid) { e.TerminatedNotFound = true }, offboard.Absent, false},
	"a second termination is invalid": {func(e *mock.ECGrid) { e.Again = mock.AgainInvalid }, offboard.Done, false},
	"a second termination says false": {func(e *mock.ECGrid) { e.Again = mock.AgainFalse }, offboard.Done, false},
	"a second termination says true":  {func(e *mock.ECGrid) { e.Again = mock.AgainTrue }, offboard.Done, false},
	"the login is called loginName":   {func(e *mock.ECGrid) { e.LoginName = true }, offboard.Done, false},
	"users have no status":            {func(e *mock.ECGrid) { e.NoStatus = true }, offboard.Open, false},
	"users have no status, and vanish": {
		func(e *mock.ECGrid) { e.NoStatus, e.TerminatedNotFound = true, true },
		offboard.Absent,
		false,
	},
	"users show no place": {func(e *mock.ECGrid) { e.NoPlace = true }, offboard.Done, false},
	"users show no place, and vanish": {
		func(e *mock.ECGrid) { e.NoPlace, e.TerminatedNotFound = true, true }, offboard.Done, false,
	},
	"users show no place, and vanish from lists too": {
		func(e *mock.ECGrid) { e.NoPlace, e.TerminatedNotFound, e.HideTerminated = true, true, true }, offboard.Open, false,
	},
	"a success has empty words":   {func(e *mock.ECGrid) { e.Extras = mock.ExtrasEmpty }, offboard.Done, false},
	"a success has null as words": {func(e *mock.ECGrid) { e.Extras = mock.ExtrasNull }, offboard.Done, false},
	"errors come with HTTP 200":   {func(e *mock.ECGrid) { e.Errors200 = true }, offboard.Done, false},
	"errors come with HTTP 200, vanishing": {
		func(e *mock.ECGrid) { e.Errors200, e.TerminatedNotFound = true, true },
		offboard.Absent,
		false,
	},
	"the key does not see the user": {
		func(e *mock.ECGrid) { e.Hidden = map[int64]bool{30417: true} },
		offboard.Open,
		true,
	},
	"pages of one":                        {func(e *mock.ECGrid) { e.PageCap = 1 }, offboard.Done, false},
	"a list needs a filter":               {func(e *mock.ECGrid) { e.FilterRequired = true }, offboard.Done, false},
	"a list leaves out who is terminated": {func(e *mock.ECGrid) { e.HideTerminated = true }, offboard.Done, false},
	"a termination takes a while":         {func(e *mock.ECGrid) { e.SlowTerminate = 2 }, offboard.Done, false},
	"one request a second":                {func(e *mock.ECGrid) { e.RateLimit = 1 }, offboard.Done, false},
	"one a second, and no wait in the answer": {
		func(e *mock.ECGrid) { e.RateLimit, e.NoRetryAfter = 1, true },
		offboard.Done,
		false,
	},
	"one a second, as an error with HTTP 200": {
		func(e *mock.ECGrid) { e.RateLimit, e.Errors200 = 1, true },
		offboard.Done,
		false,
	},
	"one a second, as an error with HTTP 200, and no wait in the answer": {
		func(e *mock.ECGrid) { e.RateLimit, e.Errors200, e.NoRetryAfter = 1, true, true },
		offboard.Done,
		false,
	},
	"a list reads no mailbox": {
		func(e *mock.ECGrid) { e.Unread = []string{"mailboxId"} },
		offboard.Done,
		false,
	},
	"a list reads no network": {
		func(e *mock.ECGrid) { e.Unread = []string{"networkId"} },
		offboard.Done,
		false,
	},
	"a list reads nothing":           {func(e *mock.ECGrid) { e.Unread = everything }, offboard.Done, false},
	"no mailbox is the root mailbox": {func(e *mock.ECGrid) { e.Mailbox = mock.MailboxRoot }, offboard.Done, false},
	"mailbox 0 is all": {
		func(e *mock.ECGrid) { e.Mailbox = mock.MailboxZeroAll },
		offboard.Done,
		false,
	},
	"enums are numbers": {func(e *mock.ECGrid) { e.EnumNumbers = true }, offboard.Open, false},
	"enums are numbers, and users vanish": {
		func(e *mock.ECGrid) { e.EnumNumbers, e.TerminatedNotFound = true, true },
		offboard.Open,
		false,
	},
	"the same, from lists too": {func(e *mock.ECGrid) {
		e.EnumNumbers, e.TerminatedNotFound, e.HideTerminated = true, true, true
	}, offboard.Absent, false},
	"who is terminated has no status":   {func(e *mock.ECGrid) { e.StatusDropped = true }, offboard.Open, false},
	"users have more fields":            {func(e *mock.ECGrid) { e.MoreFields = true }, offboard.Done, false},
	"a list begins with the highest ID": {func(e *mock.ECGrid) { e.Reversed = true }, offboard.Done, false},
	"a termination says false, not done": {
		func(e *mock.ECGrid) { e.Terminate = mock.TerminateFalse },
		offboard.Open,
		true,
	},
	"a termination says false, and is done": {
		func(e *mock.ECGrid) { e.Terminate = mock.TerminateFalseDone },
		offboard.Done,
		false,
	},
	"a termination needs no level": {func(e *mock.ECGrid) { e.AnyLevel = true }, offboard.Done, false},
	"no user terminates itself":    {func(e *mock.ECGrid) { e.SelfRefused = true }, offboard.Done, false},
}

// everything are the parameters of the list.
var everything = []string{"networkId", "mailboxId", "authLevel", "status", "pageNo", "recordsPerPage"}

func TestSwitches_areAllSet(t *testing.T) {
	t.Parallel()
	vendor := func(server *mock.Server) *mock.ECGrid { return server.ECGrid }
	vendortest.WantAllSwitches(t, vendor, func(set func(func(*mock.ECGrid))) {
		for _, c := range switches {
			set(c.set)
		}
	})
}

// A closure is proven, or the account stays in the state with an error. The colleague stays as he
// is.
func TestSwitches_decideWhatProvesAClosure(t *testing.T) {
	t.Parallel()
	for name, c := range switches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
				crowd(m, 1, nil)
				m.ECGrid.Set(c.set)
				proof, err := client.Close(ctx, read(), key, offboard.NotSent)
				if proof != c.proof || (err == nil) != (c.proof != offboard.Open) {
					t.Errorf("got %v and %v, want the proof %v", proof, err, c.proof)
				}
				if m.ECGrid.Has(mina.ID) != c.open || !m.ECGrid.Has(40000) || !m.ECGrid.Has(7) {
					t.Errorf("got the users %v open, want mina among them: %t", m.Vendors()[1].IDs, c.open)
				}
			})
		})
	}
}

// sortedIDs are the IDs of users, in order.
func sortedIDs(users []ecgrid.User) []string {
	var all []string
	for _, u := range users {
		all = append(all, u.ID)
	}
	slices.Sort(all)
	return all
}

// namesake gives two users of a crowd the address of mina: a terminated one, and one of another
// network.
func namesake(i int, u *mock.ECGridUser) {
	switch i {
	case 0:
		u.Email, u.Status = "mina@acme.test", "Terminated"
	case 1:
		u.Email, u.NetworkID = "mina@acme.test", 13
	}
}

// With any list, a search finds the users who exist, and no others.
func TestSwitches_aSearchFindsWhoIsThere(t *testing.T) {
	t.Parallel()
	for name, c := range switches {
		if name == "the key does not see the user" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *ecgrid.Client) {
				crowd(m, 3, namesake)
				m.ECGrid.Set(c.set)
				found, err := client.FindByEmail(ctx, "mina@acme.test")
				// A row without a status, or with a number as one, does not say that it is terminated.
				want := []string{"30417"}
				if e := m.ECGrid; !e.HideTerminated && (e.NoStatus || e.StatusDropped || e.EnumNumbers) {
					want = []string{"30417", "40000"}
				}
				got := sortedIDs(found)
				endless := name == "a list reads nothing" // of what it is asked, so that each page is the first one
				if (err != nil) != endless || endless && !rest.Incomplete(err) || !slices.Equal(got, want) {
					t.Errorf("got %v and %v, want %v", got, err, want)
				}
			})
		})
	}
}

// A key below NetworkAdmin may be refused. Then no user is closed, and the vendor's words say why.
func TestClose_withAKeyOfALowLevel(t *testing.T) {
	t.Parallel()
	for name, anyLevel := range map[string]bool{"any level will do": true, "NetworkAdmin is needed": false} {
		for form, errors200 := range map[string]bool{"HTTP 403": false, "HTTP 200": true} {
			t.Run(name+", "+form, func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
					m.ECGrid.Update(7, func(u *mock.ECGridUser) { u.AuthLevel = "NetworkUser" })
					m.ECGrid.AnyLevel, m.ECGrid.Errors200 = anyLevel, errors200
					proof, err := c.Close(ctx, read(), key, offboard.NotSent)
					if m.ECGrid.Has(mina.ID) == anyLevel || (err == nil) != anyLevel {
						t.Errorf("got %v and %v, want a closure %t", proof, err, anyLevel)
					}
					if !anyLevel {
						stopped(t, err, offboard.NotSent)
						vendortest.WantFault(t, err)
						if !strings.Contains(err.Error(), "NetworkAdmin or higher is needed.") {
							t.Errorf("got %v, want the vendor's words", err)
						}
					}
				})
			})
		}
	}
}

// The key passed to the very user after the client asked whose it is. ECGrid may refuse to
// terminate that user, or do it and refuse the key from then on: then ECGrid cannot be asked, and
// nothing is proven.
func TestClose_ofTheNewOwnerOfTheKey(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]bool{"refused": true, "done": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *ecgrid.Client) {
				if _, err := c.Preflight(ctx, read()); err != nil {
					t.Fatal(err)
				}
				m.ECGrid.Update(mina.ID, func(u *mock.ECGridUser) { u.AuthLevel = "NetworkAdmin" })
				m.ECGrid.Set(func(e *mock.ECGrid) { e.Me, e.SelfRefused = mina.ID, refused })
				_, err := c.Close(ctx, read(), key, offboard.NotSent)
				var unproven *offboard.UnprovenError
				switch {
				case m.ECGrid.Has(mina.ID) != refused:
					t.Errorf("got %v, want the user open %t", err, refused)
				case refused:
					stopped(t, err, offboard.NotSent)
					vendortest.WantFault(t, err)
					if errors.As(err, &unproven) || !strings.Contains(err.Error(), "You cannot terminate yourself.") {
						t.Errorf("got %v, want the vendor's words", err)
					}
				default:
					stopped(t, err, offboard.Accepted)
					if !errors.As(err, &unproven) || !strings.Contains(err.Error(), "InvalidAPIKey") {
						t.Errorf("got %v, want that the key is refused and nothing proven", err)
					}
				}
			})
		})
	}
}
