package mock

import (
	"net/http"
	"slices"
)

// closeUser is https://docs.skillable.com/apidocs/close-a-user-account-1. An unknown or closed user
// is a success with 0 rows.
func (s *Skillable) closeUser(c *call) answer {
	id := c.param("userId")
	if id == "" {
		return skillableFailed("userId is required")
	}
	id = s.storedID(id)
	rows := 0
	switch u, ok := s.openForChange(id); {
	case ok && len(u.Running) > 0 && s.Closing == CloseRefused:
		return skillableFailed("The user has running labs")
	case ok:
		rows = 11 + 3*(len(u.Running)+len(u.Saved)+u.History)
		if s.Closing != CloseLeavesLabs {
			u.History += len(u.Running) + len(u.Saved)
			u.Running, u.Saved = nil, nil
		}
		s.close(id, 0)
		s.left[id] = s.LeaveRows
	case s.left[id] > 0:
		s.left[id]--
		rows = 1
	case s.AlwaysRows:
		rows = 3
	}
	return skillableOK(fields{"RowsAffected": rows})
}

// changeLab finds the lab of a command that changes it. A lab of another consumer is answered
// without a Result.
func (s *Skillable) changeLab(c *call, change func(u *SkillableUser, lab *Lab) answer) answer {
	owner, lab, ok := s.lab(c)
	switch {
	case s.ForeignLabs, ok && owner.foreign:
		return jsonAnswer(http.StatusOK, fields{"Status": 1, "Error": "Invalid integration key"})
	case !ok:
		return skillableFailed("Lab instance not found")
	}
	return change(&s.records[owner.ID].user, lab)
}

// cancel is https://docs.skillable.com/apidocs/cancel-a-lab-instance-1. The answer comes before the
// lab is gone.
func (s *Skillable) cancel(c *call) answer {
	return s.changeLab(c, func(u *SkillableUser, lab *Lab) answer {
		_, ending := s.ending[lab.ID]
		switch {
		case ending:
		case s.SlowCancel > 0:
			s.ending[lab.ID] = s.SlowCancel
		default:
			s.endLab(u, lab.ID)
		}
		return skillableOK(fields{"Result": 1})
	})
}

// saveLab saves a running lab. Result 2 says that it does not run.
func (s *Skillable) saveLab(c *call) answer {
	return s.changeLab(c, func(u *SkillableUser, lab *Lab) answer {
		if !u.isRunning(lab) {
			return skillableOK(fields{"Result": 2})
		}
		s.remember(u.ID)
		u.Running = slices.DeleteFunc(u.Running, func(l Lab) bool { return l.ID == lab.ID })
		u.Saved = append(u.Saved, *lab)
		return skillableOK(fields{"Result": 1, "Expires": labExpires})
	})
}
