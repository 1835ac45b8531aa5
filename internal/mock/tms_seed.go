package mock

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// TMSUser is a user of Skillable TMS, as in the seed file.
type TMSUser struct {
	ID             int64             `json:"id"`
	Name           string            `json:"name"` // the first word is the first name
	Email          string            `json:"email"`
	UserName       string            `json:"user_name"`       // the email when unset
	OrganizationID int64             `json:"organization_id"` // 612 when unset
	Disabled       bool              `json:"disabled"`
	Optional       map[string]string `json:"optional"`      // the other fields of the record, such as ExternalId
	Roles          []int64           `json:"roles"`         // 0, which every user has, when unset
	Managed        []int64           `json:"managed"`       // the organizations that the user manages
	Enrollments    []TMSEnrollment   `json:"enrollments"`   // in classes
	Assignments    int               `json:"assignments"`   // courses that are not completed
	Labs           int               `json:"labs"`          // lab instances in progress
	Subscriptions  []string          `json:"subscriptions"` // when each expires; "" is never

	deleted bool // closed by a deletion, which leaves no record
}

// TMSEnrollment is the enrollment of a user in a class. The documentation has the meanings of the
// two numbers.
type TMSEnrollment struct {
	Class      string `json:"class"`
	Status     int    `json:"status"`     // 60 is enrolled
	Completion int    `json:"completion"` // 0 is unknown, and 20 complete
}

// tmsOptional has the optional fields of a record, in the order of the documentation. An update has
// each as a parameter whose first letter is small.
var tmsOptional = []string{
	"ExternalId", "MiddleName", "Title", "CompanyId", "ManagerId", "Phone", "Phone2", "Address1", "Address2", "City",
	"State", "Country", "CountryCode", "Zip", "ProfileImageUrl", "TimeZoneId",
}

// tmsNumbers are those that have a number.
var tmsNumbers = []string{"CompanyId", "ManagerId"}

// tmsParameter returns the name that a field has in an update.
func tmsParameter(field string) string { return strings.ToLower(field[:1]) + field[1:] }

func cloneTMSUser(u *TMSUser) TMSUser {
	copied := *u
	copied.Optional = maps.Clone(u.Optional)
	copied.Roles, copied.Managed = slices.Clone(u.Roles), slices.Clone(u.Managed)
	copied.Enrollments, copied.Subscriptions = slices.Clone(u.Enrollments), slices.Clone(u.Subscriptions)
	return copied
}

func setTMSDefaults(u *TMSUser) {
	u.UserName = cmp.Or(u.UserName, u.Email)
	u.OrganizationID = cmp.Or(u.OrganizationID, 612)
	if u.Roles == nil {
		u.Roles = []int64{0}
	}
}

// checkTMSUser returns what is wrong with a user of a seed file.
func checkTMSUser(u *TMSUser) error {
	if u.ID <= 0 || u.ID > math.MaxInt32 {
		return errors.New(`field "id" must be a whole number from 1 to 2147483647`)
	}
	for _, field := range slices.Sorted(maps.Keys(u.Optional)) {
		if !slices.Contains(tmsOptional, field) {
			return fmt.Errorf("field %q may be one of %s", "optional."+field, strings.Join(tmsOptional, ", "))
		}
		if value := u.Optional[field]; slices.Contains(tmsNumbers, field) && !isTMSNumber(value) {
			return fmt.Errorf("field %q: %q is not a whole number", "optional."+field, value)
		}
	}
	return cmp.Or(required("name", u.Name), notNegative("assignments", u.Assignments), notNegative("labs", u.Labs))
}

// invent implements vendor.
func (s *TMS) invent(i int, name, email string) {
	login, _, _ := strings.Cut(email, "@")
	u := TMSUser{
		ID: int64(90401 + i), Name: name, Email: email, UserName: login, Disabled: i%6 == 5,
		Optional: map[string]string{"ExternalId": fmt.Sprintf("emp-%04d", 3101+i), "CountryCode": "PT"},
	}
	if i%4 == 3 {
		u.Enrollments = []TMSEnrollment{{Class: "Mesh basics", Status: 60, Completion: 10}}
	}
	if i%5 == 4 {
		u.Roles = []int64{0, 7}
	}
	s.addUnlessTaken(&u)
}
