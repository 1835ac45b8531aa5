package mock

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// search is https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results.
func (s *Skillable) search(c *call) answer {
	mode := cmp.Or(param(c, "mode"), "10")
	size, err := strconv.Atoi(cmp.Or(param(c, "pageSize"), "100"))
	index, err2 := strconv.Atoi(cmp.Or(param(c, "pageIndex"), "0"))
	if err != nil || err2 != nil || size < 1 || index < 0 || !slices.Contains([]string{"0", "5", "10"}, mode) {
		return skillableFailed("pageSize, pageIndex and mode must be numbers in their range")
	}
	all := []body{}
	for _, u := range s.visible(func(rec *record[SkillableUser]) bool {
		return (!rec.closed || s.SearchClosed) && (param(c, "userId") == "" || s.same(param(c, "userId"), rec.user.ID))
	}) {
		if u.closed && !s.KeepNames {
			u.Name, u.Email = "", ""
		}
		all = append(all, found(u, mode)...)
	}
	size = c.lists.size(min(size, cmp.Or(s.PageCap, size)))
	start, end, total := c.lists.window(len(all), index*size, size)
	fields := body{"TotalResults": total, "TotalPages": (total + size - 1) / size, "Results": all[start:end]}
	if s.BareSearch && mode != "5" {
		return reply(http.StatusOK, fields)
	}
	return skillableOK(fields)
}

// found is what a search shows of a user's labs, past ones last.
func found(u seen, mode string) []body {
	all := []body{}
	for _, lab := range u.Running {
		all = append(all, foundRow(u, mode, lab, cmp.Or(lab.State, "Running"), false))
	}
	for _, lab := range u.Saved {
		all = append(all, foundRow(u, mode, lab, cmp.Or(lab.State, "Saved"), false))
	}
	for i := range u.History {
		all = append(all, foundRow(u, mode, Lab{ID: int64(700001 + i), Name: "Past lab"}, "Off", true))
	}
	return all
}

// foundRow is one lab. Mode 0 has neither an ID nor the person, and a number as CompletionStatus; modes 5 and 10
// have a word there, and the passwords of the lab's machines.
func foundRow(u seen, mode string, lab Lab, state string, past bool) body {
	status, word, end := 3, "Incomplete", any(nil)
	if past {
		status, word, end = 4, "Complete", labExpires
	}
	row := body{"LabProfileId": profile(lab)["LabProfileId"], "UserId": u.ID, "CompletionStatus": status,
		"Start": labStart, "End": end}
	if mode != "0" {
		maps.Copy(row, inFull(u, lab, state))
		row["CompletionStatus"] = word
	}
	return row
}

// inFull is what the concise and the full form, and the details of a lab, add to its row.
func inFull(u seen, lab Lab, state string) body {
	first, last, _ := strings.Cut(u.Name, " ")
	return body{"Id": lab.ID, "LabProfileName": lab.Name, "UserFirstName": first, "UserLastName": last, "UserEmail": u.Email,
		"State": state, "ApiConsumerName": u.consumer, "CloudCredentials": []body{},
		"VirtualMachineCredentials": []body{{"Username": "lab", "Password": "invented-only"}}}
}
