package skillable_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// stateOf returns what a closure makes of a lab that only the search shows: the kind of the
// obstacle, or nothing.
var stateOf = map[string]offboard.Kind{
	"Off": "", "Saved": "", "Tearing Down": "", "Moving (Saved)": "", "Scheduled": "",
	"Provisioning Storage": offboard.RunningLab, "Building": offboard.RunningLab,
	"Building (Displayable)": offboard.RunningLab, "Starting": offboard.RunningLab, "Running": offboard.RunningLab,
	"Resuming": offboard.RunningLab, "Creating Snapshot": offboard.RunningLab,
	"Applying Snapshot": offboard.RunningLab, "Updating Lab Profile": offboard.RunningLab,
	"Cloning": offboard.RunningLab, "Creating As Clone": offboard.RunningLab, "Moving (Running)": offboard.RunningLab,
	"Creating New Lab Profile": offboard.RunningLab,
	"Saving":                   offboard.BusyLab, "Scoring": offboard.BusyLab,
	" RUNNING ": offboard.RunningLab, "A new state": "", "": "",
}

// The lists of running and saved labs may lack a lab that the search shows.
func TestUser_hasTheLabsThatOnlyTheSearchShows(t *testing.T) {
	t.Parallel()
	for state, kind := range stateOf {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				row := strings.Replace(labRow("880999", state, "acme"), `"State"`, `"LabProfileName":"Exam","State"`, 1)
				m.Fail(searched(row, labRow("1", "Off", "acme")))
				u, err := client.User(ctx, "emp-3107")
				if err != nil {
					t.Fatal(err)
				}
				for cancels, want := range map[bool]offboard.Kind{false: kind, true: kind} {
					if cancels && kind == offboard.RunningLab {
						want = offboard.ForeignLab // its end could not be seen
					}
					how := shown
					how.CancelRunning = cancels
					_, err := client.Close(ctx, u, how)
					var refused *offboard.RefusedError
					if want == "" {
						if errors.As(err, &refused) {
							t.Errorf("cancels %t: got %v, want no obstacle", cancels, err)
						}
						continue
					}
					finding := offboard.Finding{Kind: want, Subject: `"Exam" (880999)`}
					if !errors.As(err, &refused) || !slices.Equal(refused.Findings, []offboard.Finding{finding}) {
						t.Errorf("cancels %t: got %v, want it refused for %v", cancels, err, finding)
					}
					wantCount(t, m, routeClose, 0)
				}
			})
		})
	}
}

// A search may show a lab as running for a while after this run has canceled it. That does not
// prevent the closure.
func TestClose_canceledLabsMayStillBeFound(t *testing.T) {
	t.Parallel()
	for state, closes := range map[string]bool{"Running": true, "Tearing Down": true, "Off": true, "Scoring": false} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				u := running(ctx, t, m, c)
				m.Fail(searchedOnce(labRow("880123", state, "acme"), labRow("880124", "Off", "acme")))
				_, err := c.Close(ctx, u, withCancel)
				if closes != (err == nil) || m.Skillable.Has("emp-3107") == closes {
					t.Errorf("got %v, want a closure %t", err, closes)
				}
			})
		})
	}
}

// The lists may be refused for an ID that no person has. The refusal is an error if the search shows
// a person of one consumer, or a lab that may not have ended.
func TestUser_withoutLists(t *testing.T) {
	t.Parallel()
	nobody := func(state string) string {
		return `{"Id":41,"UserId":"emp-3107","State":"` + state + `","Start":1767225600,"ApiConsumerName":"acme"}`
	}
	both := func(state string) mock.Fault {
		return searched(labRow("1", "Off", "acme"), labRow("2", state, "other"))
	}
	for name, c := range map[string]struct {
		search mock.Fault
		ok     bool
	}{
		"no lab":                               {searched(), true},
		"a past lab of nobody":                 {searched(nobody("Off")), true},
		"a lab of nobody that is torn down":    {searched(nobody("Tearing Down")), true},
		"a running lab of nobody":              {searched(nobody("Running")), false},
		"a saved lab of nobody":                {searched(nobody("Saved")), false},
		"a lab of nobody in an unknown state":  {searched(nobody("A new state")), false},
		"a lab of nobody without a state":      {searched(`{"Id":41,"UserId":"emp-3107"}`), false},
		"a past lab of Ola":                    {searched(labRow("1", "Off", "acme")), false},
		"past labs of two consumers":           {both("Off"), true},
		"a running lab of two consumers":       {both("Running"), false},
		"a past lab without the ID of a user":  {searched(`{"Id":1,"UserEmail":"ola@acme.test","State":"Off"}`), false},
		"a lab that runs without the ID of it": {searched(`{"Id":1,"State":"Running"}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
				answers(routeLabs, `{"Status":0,"Error":"The request could not be processed. Try again later."}`)(m)
				m.Fail(c.search)
				u, err := client.User(ctx, "emp-3107")
				if !c.ok {
					vendortest.WantFault(t, err)
				} else if err != nil || u.Status != offboard.Unknown {
					t.Errorf("got %+v and %v, want a user who is not known", u, err)
				}
			})
		})
	}
}
