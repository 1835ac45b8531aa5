package mock

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
	id = s.known(id)
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
	case s.AlwaysRows:
		rows = 3
	}
	return skillableOK(body{"RowsAffected": rows})
}
