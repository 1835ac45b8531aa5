package mock

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Lab is one lab instance. The mock sets an ID or a name that is left unset.
type Lab struct {
	ID                  int64
	Name                string
	State               string // as details and searches show it; "Running" or "Saved" when unset
	SaveInProgress      bool   // of a saved lab
	SubmittedForGrading bool   // of a saved lab
}

// The states of labs.
const (
	labRunning = "Running"
	labSaved   = "Saved"
	labPast    = "Off"
)

// All labs started at labStart, and expire at labExpires. Nothing in the mock depends on these
// times.
const (
	labStart   = 1767225600
	labExpires = 1798761600
)

// nameLabs sets the IDs and names that are unset.
func (s *Skillable) nameLabs(labs []Lab) {
	names := []string{"Mesh basics", "Gateway hardening", "Backup drill", "Log hunting"}
	for i := range labs {
		if labs[i].ID == 0 {
			labs[i].ID = s.nextLab
			s.nextLab++
		}
		labs[i].Name = cmp.Or(labs[i].Name, names[int(labs[i].ID)%len(names)])
	}
}

// labProfile returns what every answer says about a lab's profile.
func labProfile(lab *Lab) fields {
	n := 41 + int(lab.ID)%4
	return fields{
		"LabProfileId": n, "LabProfileName": lab.Name, "LabProfileNumber": fmt.Sprintf("LAB-%d", n), "IsExam": false,
	}
}

// runningRow returns a lab as the running labs of one user have it.
func runningRow(lab *Lab) fields {
	row := labProfile(lab)
	maps.Copy(row, fields{"LabInstanceId": lab.ID, "Start": labStart, "Expires": labExpires, "Url": nil})
	return row
}

// savedRow returns a lab as the saved labs of one user have it.
func savedRow(lab *Lab) fields {
	row := labProfile(lab)
	maps.Copy(row, fields{
		"LabInstanceId": lab.ID, "MinutesRemaining": 85, "Saved": labStart, "Expires": labExpires,
		"SaveInProgress": lab.SaveInProgress, "SubmittedForGrading": lab.SubmittedForGrading,
	})
	return row
}

// appendRows appends the rows of labs to a list.
func appendRows(list []fields, labs []Lab, row func(*Lab) fields) []fields {
	for _, lab := range labs {
		list = append(list, row(&lab))
	}
	return list
}

// userLabs is
// https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1.
func (s *Skillable) userLabs(c *call) answer {
	id, ofAll := c.param("userid"), s.LabsIgnoreUser || c.isUnread("userid")
	if id == "" && !ofAll {
		return skillableFailed("userid is required")
	}
	if ofAll {
		id = ""
	}
	users := s.withLabs(id)
	switch known := ofAll || len(users) > 0; {
	case !known && s.Unknown == UnknownNull:
		return skillableOK(fields{"RunningLabs": nil, "SavedLabs": nil})
	case !known && s.Unknown == UnknownError:
		return skillableFailed("User not found")
	}
	running, saved := []fields{}, []fields{}
	for _, u := range users {
		running, saved = appendRows(running, u.Running, runningRow), appendRows(saved, u.Saved, savedRow)
		s.countRead(u)
	}
	return labLists(c, running, saved)
}

// allLabs lists the labs of every user of the API consumer, without pages.
func (s *Skillable) allLabs(c *call) answer {
	running, saved := []fields{}, []fields{}
	for _, u := range s.withLabs("") {
		first, last, _ := strings.Cut(u.Name, " ")
		row := func(lab *Lab) fields {
			r := labProfile(lab)
			maps.Copy(r, fields{
				"Id": lab.ID, "UserId": u.ID, "UserFirstName": first, "UserLastName": last,
				"Start": labStart, "Expires": labExpires,
			})
			return r
		}
		running, saved = appendRows(running, u.Running, row), appendRows(saved, u.Saved, row)
		s.countRead(u)
	}
	return labLists(c, running, saved)
}

// labLists answers with running and saved labs.
func labLists(c *call, running, saved []fields) answer {
	page := func(rows []fields) []fields {
		start, end, _ := c.lists.window(len(rows), 0, c.lists.size(len(rows)))
		return rows[start:end]
	}
	return skillableOK(fields{"RunningLabs": page(running), "SavedLabs": page(saved)})
}

// countRead is called after each read of a user's labs. The next read does not see a canceled lab
// that enough reads have seen. The read of a view does not count.
func (s *Skillable) countRead(owner *visibleUser) {
	if s.isView || owner.foreign {
		return
	}
	u := &s.records[owner.ID].user
	for _, lab := range slices.Concat(u.Running, u.Saved) {
		reads, ending := s.ending[lab.ID]
		switch {
		case !ending:
		case reads > 1:
			s.ending[lab.ID]--
		default:
			s.endLab(u, lab.ID)
		}
	}
}

// endLab moves a lab from the user's labs into its history.
func (s *Skillable) endLab(u *SkillableUser, lab int64) {
	s.remember(u.ID)
	is := func(l Lab) bool { return l.ID == lab }
	u.Running, u.Saved = slices.DeleteFunc(u.Running, is), slices.DeleteFunc(u.Saved, is)
	u.History++
	delete(s.ending, lab)
}

// lab returns the lab that a command names, and its user. It reports whether there is such a lab.
func (s *Skillable) lab(c *call) (owner *visibleUser, lab *Lab, ok bool) {
	id, err := strconv.ParseInt(c.param("labinstanceid"), 10, 64)
	if err != nil {
		return nil, nil, false
	}
	for _, owner := range s.withLabs("") {
		for _, lab := range slices.Concat(owner.Running, owner.Saved) {
			if lab.ID == id {
				return owner, &lab, true
			}
		}
	}
	return nil, nil, false
}

// isRunning reports whether a lab of the user runs.
func (u *SkillableUser) isRunning(lab *Lab) bool {
	return slices.ContainsFunc(u.Running, func(l Lab) bool { return l.ID == lab.ID })
}

// details shows one lab.
func (s *Skillable) details(c *call) answer {
	u, lab, ok := s.lab(c)
	if !ok {
		return skillableFailed("Lab instance not found")
	}
	state := labSaved
	if u.isRunning(lab) {
		state = labRunning
	}
	row := labProfile(lab)
	maps.Copy(row, labInFull(u, lab, cmp.Or(lab.State, state)))
	maps.Copy(row, fields{"UserId": u.ID, "Start": labStart, "Expires": labExpires, "CompletionStatus": "Incomplete"})
	return skillableOK(row)
}

// stats counts the labs. It is the cheapest call that checks a key.
func (s *Skillable) stats(*call) answer {
	running, saved := 0, 0
	for _, u := range s.withLabs("") {
		running, saved = running+len(u.Running), saved+len(u.Saved)
	}
	return skillableOK(fields{"NumActive": running, "NumSaved": saved})
}
