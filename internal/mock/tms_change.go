package mock

import (
	"slices"
	"strconv"
	"strings"
)

// update is UpdateUser. It needs six parameters each time.
func (s *TMS) update(c *call) answer {
	if name := badTMSParameter(c); name != "" {
		return s.badParameter(name)
	}
	id, _ := tmsID(c.query.Get("id"))
	if s.Hidden[id] {
		return s.outside()
	}
	u, ok := s.openForChange(id)
	if !ok {
		return s.noUser()
	}
	email, userName := c.query.Get("email"), c.query.Get("userName")
	switch {
	case s.isTaken(id, email, func(u *TMSUser) string { return u.Email }):
		return s.say(tmsFailed, "The email is taken", nil)
	case s.isTaken(id, userName, func(u *TMSUser) string { return u.UserName }):
		return s.say(tmsFailed, "The userName is taken", nil)
	}
	u.Email, u.UserName = email, userName
	u.Name = strings.TrimSpace(c.query.Get("firstName") + " " + c.query.Get("lastName"))
	u.OrganizationID, _ = strconv.ParseInt(c.query.Get("organizationId"), 10, 32)
	if c.query.Has("disabled") && !s.DisableIgnored {
		u.Disabled = c.query.Get("disabled") == "true"
	}
	s.setOptional(u, c)
	return s.say(tmsOK, "", nil)
}

// badTMSParameter returns the name of a parameter of an update that is missing or malformed, or "".
func badTMSParameter(c *call) string {
	for _, name := range []string{"id", "userName", "email", "firstName", "lastName", "organizationId"} {
		if !c.query.Has(name) {
			return name
		}
	}
	for _, name := range []string{"id", "organizationId", "companyId", "managerId"} {
		if c.query.Has(name) && !isTMSNumber(c.query.Get(name)) {
			return name
		}
	}
	if c.query.Has("disabled") && !slices.Contains([]string{"true", "false"}, c.query.Get("disabled")) {
		return "disabled"
	}
	return ""
}

// isTaken reports whether another open user has an address or a user name.
func (s *TMS) isTaken(id int64, value string, of func(*TMSUser) string) bool {
	return len(s.list(func(rec *record[TMSUser]) bool {
		return !rec.closed && rec.user.ID != id && value != "" && strings.EqualFold(of(&rec.user), value)
	})) > 0
}

// setOptional writes the optional fields of an update.
func (s *TMS) setOptional(u *TMSUser, c *call) {
	for _, field := range tmsOptional {
		name := tmsParameter(field)
		switch value := c.query.Get(name); {
		case value != "":
			if u.Optional == nil {
				u.Optional = map[string]string{}
			}
			u.Optional[field] = value
		case c.query.Has(name) || s.ClearOmitted:
			delete(u.Optional, field)
		}
	}
}

// closeByID is CloseUserAccountById, whose ID has 64 bits.
func (s *TMS) closeByID(c *call) answer {
	id, err := c.numericID()
	if err != nil {
		return s.badParameter("id")
	}
	return s.closeUser(id)
}

// closeByExternalID is CloseUserAccountByExternalId.
func (s *TMS) closeByExternalID(c *call) answer {
	external := c.params["id"]
	for _, u := range s.list(isOpen) {
		if u.Optional["ExternalId"] == external {
			return s.closeUser(u.ID)
		}
	}
	return s.noUser()
}

// closeUser strips a user of what names the person.
func (s *TMS) closeUser(id int64) answer {
	if s.Hidden[id] {
		return s.outside()
	}
	rec, ok := s.records[id]
	switch {
	case !ok, rec.user.deleted:
		return s.noUser()
	case rec.closed:
		return s.closeAgain()
	}
	if obstacle := s.obstacle(&rec.user); obstacle != "" {
		return s.say(tmsFailed, obstacle, nil)
	}
	rows := 5 + len(rec.user.Enrollments) + rec.user.Assignments + rec.user.Labs
	if s.NoRows {
		rows = 0
	}
	s.close(id, s.SlowClose)
	return s.say(tmsOK, "", fields{"RowsAffected": rows})
}

// closeAgain answers the closure of a closed user.
func (s *TMS) closeAgain() answer {
	switch s.Again {
	case TMSAgainNoRows:
		return s.say(tmsOK, "", fields{"RowsAffected": 0})
	case TMSAgainRows:
		return s.say(tmsOK, "", fields{"RowsAffected": 2})
	case TMSAgainError:
		return s.say(tmsFailed, "The account is closed", nil)
	case TMSAgainNotFound:
	}
	return s.noUser()
}

// obstacle returns why a user cannot be closed, or "".
func (s *TMS) obstacle(u *TMSUser) string {
	switch {
	case s.EnrolledBlocks && slices.ContainsFunc(u.Enrollments, TMSEnrollment.inProgress):
		return "The user is enrolled in a class"
	case s.ManagingBlocks && len(u.Managed) > 0:
		return "The user manages an organization"
	case s.LabsBlock && u.Labs > 0:
		return "The user has a lab in progress"
	}
	return ""
}

// inProgress reports whether an enrollment is neither canceled, denied nor completed.
func (e TMSEnrollment) inProgress() bool {
	return e.Status != 10 && e.Status != 40 && (e.Completion == 0 || e.Completion == 10)
}

// remove is DeleteUser, which leaves no record.
func (s *TMS) remove(c *call) answer {
	id, ok := tmsID(c.params["id"])
	if !ok {
		return s.badParameter("id")
	}
	if s.Hidden[id] {
		return s.outside()
	}
	u, ok := s.openForChange(id)
	switch {
	case !ok:
		return s.noUser()
	case s.DeleteRefused:
		return s.say(tmsFailed, "The user cannot be deleted", nil)
	}
	u.deleted = true
	s.close(id, 0)
	return s.say(tmsOK, "", nil)
}

// removeRole is RemoveUserFromRole.
func (s *TMS) removeRole(c *call) answer {
	id, ok := tmsID(c.query.Get("userId"))
	role, err := strconv.ParseInt(c.query.Get("roleId"), 10, 32)
	if !ok || err != nil {
		return s.badParameter("userId or roleId")
	}
	if s.Hidden[id] {
		return s.outside()
	}
	u, ok := s.openForChange(id)
	if !ok {
		return s.noUser()
	}
	u.Roles = slices.DeleteFunc(u.Roles, func(r int64) bool { return r == role })
	return s.say(tmsOK, "", nil)
}
