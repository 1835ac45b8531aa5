package mock

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// tmsID reads a user's ID, which is an integer of 32 bits.
func tmsID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 32)
	return id, err == nil && id > 0
}

// isTMSNumber reports whether a text is an integer of 32 bits.
func isTMSNumber(text string) bool {
	_, err := strconv.ParseInt(text, 10, 32)
	return err == nil
}

// one is GetUser.
func (s *TMS) one(c *call) answer {
	id, ok := tmsID(c.params["id"])
	if !ok {
		return s.badParameter("id")
	}
	if s.Hidden[id] {
		return s.outside()
	}
	u, open := s.read(id)
	switch {
	case u == nil, !open && (u.deleted || s.Closed == TMSClosedNotFound):
		return s.absence(200, "")
	case !open && s.Closed == TMSClosedNull:
		return s.say(tmsOK, "", s.lists(fields{"User": nil}, map[string][]int64{"Roles": nil, "ManagedOrganizations": nil}))
	case !open:
		return s.show(anonymized(u))
	case u.Disabled && s.HideDisabled == TMSDisabledHidden:
		return s.absence(200, "")
	}
	return s.show(u)
}

// anonymized returns what is left of a closed user.
func anonymized(u *TMSUser) *TMSUser {
	return &TMSUser{
		ID: u.ID, Name: "Closed Account", Email: fmt.Sprintf("%d@closed.invalid", u.ID),
		UserName: fmt.Sprintf("closed-%d", u.ID), OrganizationID: u.OrganizationID, Disabled: true,
	}
}

// byEmail is GetUserByEmail.
func (s *TMS) byEmail(c *call) answer {
	email := c.query.Get("email")
	if email == "" {
		return s.badParameter("email")
	}
	same := strings.EqualFold
	if s.EmailExact {
		same = func(a, b string) bool { return a == b }
	}
	hides := s.HideDisabled != TMSDisabledShown
	return s.lookUp(hides, func(u *TMSUser) bool { return same(u.Email, email) })
}

// byExternalID is GetUserByExternalId.
func (s *TMS) byExternalID(c *call) answer {
	id := c.params["id"]
	return s.lookUp(s.HideDisabled == TMSDisabledHidden, func(u *TMSUser) bool { return u.Optional["ExternalId"] == id })
}

// lookUp answers with the one user that is wanted. It does not find closed users, except those that
// a read still sees as they were.
func (s *TMS) lookUp(hidesDisabled bool, want func(*TMSUser) bool) answer {
	found := s.list(func(rec *record[TMSUser]) bool { return want(&rec.user) })
	if len(found) == 0 {
		return s.absence(200, "")
	}
	isOpen := func(u TMSUser) bool { return !s.records[u.ID].closed }
	if i := slices.IndexFunc(found, isOpen); i > 0 {
		found = found[i:]
	}
	if s.Hidden[found[0].ID] {
		return s.outside()
	}
	u, open := s.read(found[0].ID)
	if !open || u.Disabled && hidesDisabled {
		return s.absence(200, "")
	}
	return s.show(u)
}

// show answers with a user.
func (s *TMS) show(u *TMSUser) answer {
	first, last, _ := strings.Cut(u.Name, " ")
	user := fields{
		"Id": u.ID, "FirstName": first, "LastName": last, "Email": u.Email, "UserName": u.UserName,
		"OrganizationId": u.OrganizationID, "Disabled": u.Disabled,
	}
	for _, field := range tmsOptional {
		value, ok := u.Optional[field]
		switch {
		case !ok:
			user[field] = nil
		case slices.Contains(tmsNumbers, field):
			user[field] = json.Number(value)
		default:
			user[field] = value
		}
	}
	return s.say(tmsOK, "", s.lists(fields{"User": user, "CustomFields": []fields{}}, map[string][]int64{
		"Roles": u.Roles, "ManagedOrganizations": u.Managed,
	}))
}

// lists adds lists to fields. An empty one is in the form that the switch says.
func (s *TMS) lists(f fields, lists map[string][]int64) fields {
	for name, list := range lists {
		setList(f, name, list, s.Lists)
	}
	return f
}

// setList adds a list to fields in the form that a switch says.
func setList[T any](f fields, name string, list []T, form TMSLists) {
	switch {
	case len(list) > 0:
		f[name] = list
	case form == TMSListsNull:
		f[name] = nil
	case form == TMSListsEmpty:
		f[name] = []T{}
	}
}

// roles is GetUserRoles, which names the roles that the key may give.
func (s *TMS) roles(*call) answer {
	return s.say(tmsOK, "", fields{"Roles": []fields{
		{"Id": 0, "Name": "Student", "Description": "Every user has this role."},
		{"Id": 7, "Name": "Instructor", "Description": "Teaches classes."},
		{"Id": 9, "Name": "Administrator", "Description": "Manages the organization."},
	}})
}
