package skillable_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
)

// listed are the lists of labs in a read after the first call.
func listed(running, saved string) mock.Fault {
	return mock.Fault{
		Route:  routeLabs,
		Status: 200,
		Body:   `{"RunningLabs":[` + running + `],"SavedLabs":[` + saved + `],"Status":1,"Error":null}`,
	}
}

// named gives a row of a search, or of a list, the name of the lab.
func named(row string) string { return strings.Replace(row, "{", `{"LabProfileName":"Exam",`, 1) }

// A lab that runs, or that is being saved or graded, and that did not do so at the look before the
// first call, stops further calls: the person may have begun it meanwhile. Other labs stop none.
func TestClose_stopsAtALabThatStartsAfterTheFirstCall(t *testing.T) {
	t.Parallel()
	lab, past := `{"LabInstanceId":880077,"LabProfileName":"Exam"`, labRow("1", "Off", "acme")
	running := []offboard.Finding{{Kind: offboard.RunningLab, Subject: `"Exam" (880077)`}}
	busy := []offboard.Finding{{Kind: offboard.BusyLab, Subject: `"Exam" (880077)`}}
	calls := map[string]struct {
		first mock.Fault
		call  offboard.Call
	}{
		"lost": {mock.Fault{Route: routeClose, Times: 1, Status: 500}, offboard.Lost},
		"rows": {mock.Fault{Route: routeClose, Times: 1, Effect: true, Delay: 3 * time.Second}, offboard.Accepted},
	}
	for name, c := range map[string]struct {
		labs, search mock.Fault
		stops        []offboard.Finding
	}{
		"runs":                   {listed(lab+`}`, ""), searched(past), running},
		"is being saved":         {listed("", lab+`,"SaveInProgress":true}`), searched(past), busy},
		"is being graded":        {listed("", lab+`,"SubmittedForGrading":true}`), searched(past), busy},
		"runs in the search":     {listed("", ""), searched(named(labRow("880077", "Running", "acme"))), running},
		"is graded, by a search": {listed("", ""), searched(named(labRow("880077", "Scoring", "acme"))), busy},
		"runs without an ID": {
			listed("", ""), searched(named(labRow("null", "Running", "acme"))),
			[]offboard.Finding{{Kind: offboard.RunningLab, Subject: `"Exam" (0)`}},
		},
		"saved before, and still": {listed("", `{"LabInstanceId":880123}`), searched(past), nil},
		"saved before, and runs": {
			listed(`{"LabInstanceId":880123,"LabProfileName":"Exam"}`, ""), searched(past),
			[]offboard.Finding{{Kind: offboard.RunningLab, Subject: `"Exam" (880123)`}},
		},
		"saved before, under another ID": {listed("", `{"LabInstanceId":880999}`), searched(past), nil},
		"ended":                          {listed("", ""), searched(labRow("880077", "Tearing Down", "acme")), nil},
	} {
		for first, call := range calls {
			t.Run(name+", "+first, func(t *testing.T) {
				t.Parallel()
				oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, client *skillable.Client) {
					u := read()
					u.Saved = []skillable.Lab{{ID: 880123, Name: "Mesh basics"}}
					labs, search := c.labs, c.search
					labs.Times, search.Times = 1, 1
					for _, f := range []mock.Fault{call.first, labs, search} {
						m.Fail(f)
					}
					_, err := client.Close(offboard.WithReadTime(ctx, time.Now()), u, shown)
					if c.stops == nil {
						if err != nil {
							t.Errorf("got %v, want a closure", err)
						}
						return
					}
					wantCount(t, m, routeClose, 1)
					var unproven *offboard.UnprovenError
					var held *offboard.ObstacleError
					if !errors.As(err, &unproven) || !errors.As(err, &held) || !slices.Equal(held.Findings, c.stops) ||
						offboard.CallOf(err) != call.call || !strings.Contains(err.Error(), c.stops[0].Subject) {
						t.Errorf("got %v with the call %q, want it unproven because of %v", err, offboard.CallOf(err), c.stops)
					}
				})
			})
		}
	}
}
