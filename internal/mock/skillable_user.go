package mock

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// SkillableUser is a user of a Skillable API consumer, as the seed file writes it.
type SkillableUser struct {
	ID      string `json:"id"`
	Name    string `json:"name"` // the first word is the first name
	Email   string `json:"email"`
	Running Labs   `json:"running_labs"`
	Saved   Labs   `json:"saved_labs"`
	History int    `json:"history"` // past lab instances that a search shows
}

// closeUser is https://docs.skillable.com/apidocs/close-a-user-account-1. A user
// unknown or closed is a success with 0 rows.
func (s *Skillable) closeUser(c *call) answer {
	id := param(c, "userId")
	if id == "" {
		return skillableFailed("userId is required")
	}
	rows := 0
	switch u, ok := s.open(id); {
	case ok && len(u.Running) > 0 && s.Closing == CloseRefused:
		return skillableFailed("The user has running labs")
	case ok:
		rows = 11 + 3*(len(u.Running)+len(u.Saved)+u.History)
		if s.Closing != CloseLeavesLabs {
			u.History += len(u.Running) + len(u.Saved)
			u.Running, u.Saved = nil, nil
		}
		s.shut(id, 0)
		s.left[id] = s.LeaveRows
	case s.left[id] > 0:
		s.left[id]--
		rows = 1
	}
	return skillableOK(body{"RowsAffected": rows})
}

// search is https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results.
// Modes 5 and 10 name the person, mode 10 the passwords of the lab's machines too.
func (s *Skillable) search(c *call) answer {
	mode := cmp.Or(param(c, "mode"), "10")
	size, err := strconv.Atoi(cmp.Or(param(c, "pageSize"), "100"))
	index, err2 := strconv.Atoi(cmp.Or(param(c, "pageIndex"), "0"))
	if err != nil || err2 != nil || size < 1 || index < 0 || !slices.Contains([]string{"0", "5", "10"}, mode) {
		return skillableFailed("pageSize, pageIndex and mode must be numbers in their range")
	}
	all := []body{}
	for _, u := range s.list(func(rec *record[SkillableUser]) bool {
		return (!rec.closed || s.SearchClosed) && (param(c, "userId") == "" || param(c, "userId") == rec.user.ID)
	}) {
		if s.records[u.ID].closed {
			u.Name, u.Email = "", ""
		}
		all = append(all, found(u, mode)...)
	}
	size = c.lists.size(size)
	start, end, total := c.lists.window(len(all), index*size, size)
	fields := body{"TotalResults": total, "TotalPages": (total + size - 1) / size, "Results": all[start:end]}
	if s.BareSearch && mode != "5" {
		return reply(http.StatusOK, fields)
	}
	return skillableOK(fields)
}

// found is what a search shows of a user's labs, past ones last.
func found(u SkillableUser, mode string) []body {
	all := []body{}
	add := func(profile int, status int, state string, id int64) {
		row := body{"LabInstanceId": id, "LabProfileId": profile, "UserId": u.ID, "CompletionStatus": status, "Start": labStart, "End": nil}
		if mode != "0" {
			first, last, _ := strings.Cut(u.Name, " ")
			maps.Copy(row, body{"UserFirstName": first, "UserLastName": last, "UserEmail": u.Email, "State": state})
		}
		if mode == "10" {
			maps.Copy(row, body{"CloudCredentials": []body{},
				"VirtualMachineCredentials": []body{{"Username": "lab", "Password": "invented-only"}}})
		}
		all = append(all, row)
	}
	for _, lab := range u.Running {
		add(41+int(lab.ID)%4, 10, "Running", lab.ID)
	}
	for _, lab := range u.Saved {
		add(41+int(lab.ID)%4, 10, "Saved", lab.ID)
	}
	for i := range u.History {
		add(41+i%4, 4, "Torn Down", int64(700001+i))
	}
	return all
}
