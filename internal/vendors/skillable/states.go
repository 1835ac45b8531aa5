package skillable

import (
	"slices"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The documented states of a lab, in lower case. What a lab does in a state that is not documented
// is not known, so that only the lists of running and saved labs count for it. A lab that is torn
// down after a cancellation is in no list any more.
// https://github.com/LearnOnDemandSystems/ConnectAPI (Skillable-lab-OpenAPI.yaml, DetailsResponse)
var (
	endedStates   = []string{"off", "tearing down"}
	busyStates    = []string{"saving", "scoring"}
	runningStates = []string{
		"provisioning storage", "building", "building (displayable)", "starting", "running", "resuming",
		"creating snapshot", "applying snapshot", "updating lab profile", "cloning", "creating as clone",
		"moving (running)", "creating new lab profile",
	}
)

// in reports whether the lab of the row is in one of some states.
func (h holder) in(states []string) bool {
	return slices.Contains(states, strings.ToLower(strings.TrimSpace(h.State.Value)))
}

// ended reports whether all labs that the rows show have ended.
func (h holders) ended() bool {
	return !slices.ContainsFunc(h, func(row holder) bool { return !row.in(endedStates) })
}

// describeLabs completes labs with what the rows say of them. Only the state of a row shows saving
// and grading.
// https://github.com/LearnOnDemandSystems/ConnectAPI (Skillable-lab-OpenAPI.yaml, ConciseResponse)
func (h *labRows) describeLabs(labs []Lab) []Lab {
	rows, alone := map[rest.ID]holder{}, h.consumers() == 1
	for _, row := range h.holders {
		rows[row.ID.Value] = row
	}
	for i := range labs {
		row, found := rows[labs[i].rowID()]
		if !found {
			continue
		}
		labs[i].Owned = row.UserID != nil && row.names() && alone
		labs[i].Busy = labs[i].Busy || row.in(busyStates)
	}
	return labs
}

// rowID returns the ID of the lab as a row of a search has it.
func (l Lab) rowID() rest.ID { return rest.ID(strconv.FormatInt(l.ID, 10)) }

// unlisted returns the labs of the rows that are in one of some states, and that are not among the
// listed ones. A row whose ID cannot be read is never among them.
func (h *labRows) unlisted(listed []Lab, states []string) []Lab {
	if h.consumers() > 1 { // they may be those of another consumer's user
		return nil
	}
	var labs []Lab
	for _, row := range h.holders {
		if !row.in(states) || slices.ContainsFunc(listed, func(l Lab) bool { return l.rowID() == row.ID.Value }) {
			continue
		}
		id, _ := strconv.ParseInt(string(row.ID.Value), 10, 64)
		labs = append(labs, Lab{ID: id, Name: row.LabProfileName.Value, Busy: row.in(busyStates), Unlisted: true})
	}
	return labs
}
