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
	id, mode := c.param("userId"), cmp.Or(c.param("mode"), "10")
	size, index, ok := searchPage(c)
	if !ok || !slices.Contains([]string{"0", "5", "10"}, mode) {
		return skillableFailed("pageSize, pageIndex and mode must be numbers in their range")
	}
	rows := []fields{}
	for _, u := range s.visible(func(rec *record[SkillableUser]) bool {
		return (!rec.closed || s.SearchClosed) && (id == "" || s.sameID(id, rec.user.ID))
	}) {
		if u.closed && !s.KeepNames {
			u.Name, u.Email = "", ""
		}
		rows = append(rows, searchRows(u, mode)...)
	}
	size = c.lists.size(min(size, cmp.Or(s.PageCap, size)))
	start, end, total := c.lists.window(len(rows), index*size, size)
	f := fields{"TotalResults": total, "TotalPages": (total + size - 1) / size, "Results": rows[start:end]}
	if s.BareSearch && mode != "5" {
		return jsonAnswer(http.StatusOK, f)
	}
	return skillableOK(f)
}

// searchPage returns the size of a page of a search, and the number of the page, counted from 0.
func searchPage(c *call) (size, index int, ok bool) {
	size, err := strconv.Atoi(cmp.Or(c.param("pageSize"), "100"))
	index, err2 := strconv.Atoi(cmp.Or(c.param("pageIndex"), "0"))
	return size, index, err == nil && err2 == nil && size >= 1 && index >= 0
}

// searchRows returns the rows of a user's labs, past ones last.
func searchRows(u *visibleUser, mode string) []fields {
	all := []fields{}
	for _, lab := range u.Running {
		all = append(all, searchRow(u, mode, &lab, cmp.Or(lab.State, labRunning)))
	}
	for _, lab := range u.Saved {
		all = append(all, searchRow(u, mode, &lab, cmp.Or(lab.State, labSaved)))
	}
	for i := range u.History {
		all = append(all, searchRow(u, mode, &Lab{ID: int64(700001 + i), Name: "Past lab"}, labPast))
	}
	return all
}

// searchRow returns the row of one lab. Mode 0 has neither an ID nor the person, and a number as
// CompletionStatus. Modes 5 and 10 have a word there, and the passwords of the lab's machines.
func searchRow(u *visibleUser, mode string, lab *Lab, state string) fields {
	status, word, end := 3, "Incomplete", any(nil)
	if state == labPast {
		status, word, end = 4, "Complete", labExpires
	}
	row := fields{
		"LabProfileId": labProfile(lab)["LabProfileId"], "UserId": u.ID, "CompletionStatus": status,
		"Start": labStart, "End": end,
	}
	if mode != "0" {
		maps.Copy(row, labInFull(u, lab, state))
		row["CompletionStatus"] = word
	}
	return row
}

// labInFull returns what modes 5 and 10 and the details of a lab add to its row.
func labInFull(u *visibleUser, lab *Lab, state string) fields {
	first, last, _ := strings.Cut(u.Name, " ")
	return fields{
		"Id": lab.ID, "LabProfileName": lab.Name, "UserFirstName": first, "UserLastName": last, "UserEmail": u.Email,
		"State": state, "ApiConsumerName": u.consumer, "CloudCredentials": []fields{},
		"VirtualMachineCredentials": []fields{{"Username": "lab", "Password": "invented-only"}},
	}
}
