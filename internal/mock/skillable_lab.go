package mock

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Lab is one lab instance. An id or a name left unset is made up.
type Lab struct {
	ID                  int64
	Name                string
	State               string // as details and searches show it; "Running" or "Saved" when unset
	SaveInProgress      bool   // of a saved lab
	SubmittedForGrading bool   // of a saved lab
}

// Labs is the labs of a user. The seed file gives their number, and that many
// are made up.
type Labs []Lab

// UnmarshalJSON makes as many labs as the number says.
func (l *Labs) UnmarshalJSON(text []byte) error {
	var n uint16
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	*l = make(Labs, n)
	return nil
}

// nameLabs gives ids and names to the labs that have none.
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

// labStart is when all labs started, labExpires when they run out: fixed times, as
// nothing in the mock depends on them.
const (
	labStart   = 1767225600
	labExpires = 1798761600
)

// profile is what every answer says about a lab's profile.
func profile(lab Lab) body {
	n := 41 + int(lab.ID)%4
	return body{"LabProfileId": n, "LabProfileName": lab.Name, "LabProfileNumber": fmt.Sprintf("LAB-%d", n), "IsExam": false}
}

// runningRow and savedRow are a lab in the lists of one user.
func runningRow(lab Lab) body {
	row := profile(lab)
	maps.Copy(row, body{"LabInstanceId": lab.ID, "Start": labStart, "Expires": labExpires, "Url": nil})
	return row
}

func savedRow(lab Lab) body {
	row := profile(lab)
	maps.Copy(row, body{"LabInstanceId": lab.ID, "MinutesRemaining": 85, "Saved": labStart, "Expires": labExpires,
		"SaveInProgress": lab.SaveInProgress, "SubmittedForGrading": lab.SubmittedForGrading})
	return row
}

// rows turns labs into rows, never null.
func rows(labs []Lab, row func(Lab) body) []body {
	all := []body{}
	for _, lab := range labs {
		all = append(all, row(lab))
	}
	return all
}

// userLabs is https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1.
func (s *Skillable) userLabs(c *call) answer {
	id, everybody := param(c, "userid"), s.LabsIgnoreUser || c.ignores("userid")
	if id == "" && !everybody {
		return skillableFailed("userid is required")
	}
	if everybody {
		id = ""
	}
	running, saved, known := []body{}, []body{}, everybody
	for _, u := range s.withLabs(id) {
		known = true
		running, saved = append(running, rows(u.Running, runningRow)...), append(saved, rows(u.Saved, savedRow)...)
		s.settleLabs(u)
	}
	switch {
	case !known && s.Unknown == UnknownNull:
		return skillableOK(body{"RunningLabs": nil, "SavedLabs": nil})
	case !known && s.Unknown == UnknownError:
		return skillableFailed("User not found")
	}
	return skillableOK(body{"RunningLabs": c.lists.some(running), "SavedLabs": c.lists.some(saved)})
}

// settleLabs is called after each look at a user's labs: a cancelled lab that was
// seen often enough is gone at the next look. A look at a view brings nothing nearer.
func (s *Skillable) settleLabs(owner seen) {
	if s.away || owner.foreign {
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
			s.end(u, lab.ID)
		}
	}
}

// end moves a lab from the user's labs into its history.
func (s *Skillable) end(u *SkillableUser, lab int64) {
	s.keep(u.ID)
	is := func(l Lab) bool { return l.ID == lab }
	u.Running, u.Saved = slices.DeleteFunc(u.Running, is), slices.DeleteFunc(u.Saved, is)
	u.History++
	delete(s.ending, lab)
}

// allLabs lists the labs of every user of the API consumer, without paging.
func (s *Skillable) allLabs(c *call) answer {
	running, saved := []body{}, []body{}
	for _, u := range s.withLabs("") {
		first, last, _ := strings.Cut(u.Name, " ")
		row := func(lab Lab) body {
			r := profile(lab)
			maps.Copy(r, body{"Id": lab.ID, "UserId": u.ID, "UserFirstName": first, "UserLastName": last,
				"Start": labStart, "Expires": labExpires})
			return r
		}
		running, saved = append(running, rows(u.Running, row)...), append(saved, rows(u.Saved, row)...)
		s.settleLabs(u)
	}
	return skillableOK(body{"RunningLabs": c.lists.some(running), "SavedLabs": c.lists.some(saved)})
}

// some are the rows of a list without pages.
func (l Listing) some(rows []body) []body {
	start, end, _ := l.window(len(rows), 0, l.size(len(rows)))
	return rows[start:end]
}

// lab returns the lab a command names and whose it is; ok is false when there is no such lab.
func (s *Skillable) lab(c *call) (owner seen, lab Lab, ok bool) {
	id, err := strconv.ParseInt(param(c, "labinstanceid"), 10, 64)
	if err != nil {
		return seen{}, Lab{}, false
	}
	for _, owner := range s.withLabs("") {
		for _, lab := range slices.Concat(owner.Running, owner.Saved) {
			if lab.ID == id {
				return owner, lab, true
			}
		}
	}
	return seen{}, Lab{}, false
}

// ownLab is lab for a command that changes it: a lab of another consumer is answered in its place, without a Result.
func (s *Skillable) ownLab(c *call, then func(u *SkillableUser, lab Lab) answer) answer {
	owner, lab, ok := s.lab(c)
	switch {
	case s.ForeignLabs, owner.foreign:
		return reply(http.StatusOK, body{"Status": 1, "Error": "Invalid integration key"})
	case !ok:
		return skillableFailed("Lab instance not found")
	}
	return then(&s.records[owner.ID].user, lab)
}

// isRunning tells whether a lab of the user runs.
func (u *SkillableUser) isRunning(lab Lab) bool {
	return slices.ContainsFunc(u.Running, func(l Lab) bool { return l.ID == lab.ID })
}

// details shows one lab.
func (s *Skillable) details(c *call) answer {
	u, lab, ok := s.lab(c)
	if !ok {
		return skillableFailed("Lab instance not found")
	}
	state := "Saved"
	if u.isRunning(lab) {
		state = "Running"
	}
	row := profile(lab)
	maps.Copy(row, inFull(u, lab, cmp.Or(lab.State, state)))
	maps.Copy(row, body{"UserId": u.ID, "Start": labStart, "Expires": labExpires, "CompletionStatus": "Incomplete"})
	return skillableOK(row)
}

// result shows what came of one lab.
func (s *Skillable) result(c *call) answer {
	u, lab, ok := s.lab(c)
	if !ok {
		return skillableFailed("Lab instance not found")
	}
	return skillableOK(foundRow(u, "0", lab, "", false))
}

// cancel is https://docs.skillable.com/apidocs/cancel-a-lab-instance-1. The
// answer comes before the lab is torn down.
func (s *Skillable) cancel(c *call) answer {
	return s.ownLab(c, func(u *SkillableUser, lab Lab) answer {
		_, ending := s.ending[lab.ID]
		switch {
		case ending:
		case s.SlowCancel > 0:
			s.ending[lab.ID] = s.SlowCancel
		default:
			s.end(u, lab.ID)
		}
		return skillableOK(body{"Result": 1})
	})
}

// saveLab saves a running lab; Result 2 says that it does not run.
func (s *Skillable) saveLab(c *call) answer {
	return s.ownLab(c, func(u *SkillableUser, lab Lab) answer {
		if !u.isRunning(lab) {
			return skillableOK(body{"Result": 2})
		}
		s.keep(u.ID)
		u.Running = slices.DeleteFunc(u.Running, func(l Lab) bool { return l.ID == lab.ID })
		u.Saved = append(u.Saved, lab)
		return skillableOK(body{"Result": 1, "Expires": labExpires})
	})
}

// resume starts a saved lab again; a running one goes on running.
func (s *Skillable) resume(c *call) answer {
	return s.ownLab(c, func(u *SkillableUser, lab Lab) answer {
		if !u.isRunning(lab) {
			s.keep(u.ID)
			u.Saved = slices.DeleteFunc(u.Saved, func(l Lab) bool { return l.ID == lab.ID })
			u.Running = append(u.Running, lab)
		}
		return skillableOK(body{"Result": 1})
	})
}

// stats counts the labs; it is the cheapest call that checks a key.
func (s *Skillable) stats(*call) answer {
	running, saved := 0, 0
	for _, u := range s.withLabs("") {
		running, saved = running+len(u.Running), saved+len(u.Saved)
	}
	return skillableOK(body{"NumActive": running, "NumSaved": saved})
}
