package mock

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// TMSClosed is what a read of a closed user answers.
type TMSClosed int

// The answers to a read of a closed user.
const (
	TMSClosedNotFound   TMSClosed = iota // Status 20
	TMSClosedAnonymized                  // the record, without anything that names the person
	TMSClosedNull                        // Status 0 with no user
)

// TMSAgain is the answer to a second closure of a user.
type TMSAgain int

// The answers to a second closure.
const (
	TMSAgainNotFound TMSAgain = iota // Status 20
	TMSAgainNoRows                   // Status 0 with 0 rows
	TMSAgainRows                     // Status 0 with some rows
	TMSAgainError                    // Status 10
)

// TMSOutside is the answer about a user that the key does not see.
type TMSOutside int

// The answers about a user that the key does not see.
const (
	TMSOutsideNotFound TMSOutside = iota // Status 20
	TMSOutsideError                      // Status 10
	TMSOutsideBadKey                     // Status 30
)

// TMSDisabled is where disabled users cannot be found.
type TMSDisabled int

// The places where disabled users cannot be found.
const (
	TMSDisabledShown         TMSDisabled = iota // nowhere
	TMSDisabledHidden                           // in any read
	TMSDisabledHiddenByEmail                    // in a read by email address
)

// TMSLists is how an empty list is written.
type TMSLists int

// The forms of an empty list.
const (
	TMSListsEmpty TMSLists = iota
	TMSListsNull
	TMSListsMissing
)

// TMS is Skillable TMS,
// https://github.com/LearnOnDemandSystems/ConnectAPI/blob/main/Skillable-tms-OpenAPI.yaml. The zero
// value of each switch is the answer that we assume. Set switches before use or through Set.
type TMS struct {
	Roster[int64, TMSUser]

	Closed         TMSClosed       // what a read of a closed user answers
	Again          TMSAgain        // the answer to a second closure
	NoRows         bool            // the first closure counts 0 rows, although it is done
	SlowClose      int             // this many reads still see a closed user as it was
	HideDisabled   TMSDisabled     // where disabled users cannot be found
	ClearOmitted   bool            // an update clears the optional fields that it does not name
	DisableIgnored bool            // an update is accepted, and does not change whether the user is disabled
	EnrolledBlocks bool            // a user with an enrollment in progress cannot be closed: Status 10
	ManagingBlocks bool            // nor one who manages an organization
	LabsBlock      bool            // nor one with a lab in progress
	DeleteRefused  bool            // no user can be deleted: Status 10
	BadKey         SkillableBadKey // the HTTP status of the answer to a bad key; the Status is 30
	FlippedCase    bool            // the commands that write "status" write "Status", and the others the other way
	ErrorOnSuccess bool            // a success has a text in Error
	NoStatus       bool            // no answer has a Status
	HTML           int             // every answer is a web page with this HTTP status; 0 is none
	BadParameter   int             // a bad parameter is answered with such a page; 0 is Status 10
	Lists          TMSLists        // how an empty list is written
	EmailExact     bool            // letter case matters if a user is found by address
	Hidden         map[int64]bool  // users that exist and are outside the key
	Outside        TMSOutside      // the answer about them

	key   string
	lower bool // the command in progress writes "status", in lower case
	table
}

func newTMS(c *clock, key string) *TMS {
	s := &TMS{key: key}
	s.Roster = newRoster(c, &rules[int64, TMSUser]{
		vendor:      s.name(),
		check:       checkTMSUser,
		id:          func(u *TMSUser) int64 { return u.ID },
		order:       func(a, b *TMSUser) int { return cmp.Compare(a.ID, b.ID) },
		clone:       cloneTMSUser,
		setDefaults: setTMSDefaults,
		tombstones:  true,
		texts:       func(u *TMSUser) texts { return texts{&u.Name, &u.Email, []*string{&u.UserName}} },
	})
	s.routes = s.documented()
	return s
}

// documented returns the documented commands that the mock answers.
func (s *TMS) documented() []route {
	return []route{
		{http.MethodGet, "/GetUser/{id}", Read, s.one},
		{http.MethodGet, "/GetUserByEmail", Find, s.byEmail},
		{http.MethodGet, "/GetUserByExternalId/{id}", Find, s.byExternalID},
		{http.MethodGet, "/GetUserRoles", Own, s.roles},
		{http.MethodGet, tmsUpdate, Change, s.update},
		{http.MethodGet, "/CloseUserAccountById/{id}", Close, s.closeByID},
		{http.MethodGet, "/CloseUserAccountByExternalId/{id}", Close, s.closeByExternalID},
		{http.MethodGet, tmsDelete, Close, s.remove},
		{http.MethodGet, tmsRemoveRole, Change, s.removeRole},
		{http.MethodGet, "/SearchClassEnrollments", Related, s.search("studentId", "Results", enrollmentRows)},
		{http.MethodGet, "/SearchCourseAssignments", Related, s.search("userId", "Results", assignmentRows)},
		{http.MethodGet, "/SearchLabInstances", Related, s.search("userId", "Results", labRows)},
		{http.MethodGet, "/SearchSubscriptions", Related, s.search("userId", "SearchSubscriptionsResults", subscriptionRows)},
	}
}

// The commands that write "status" and "error" in lower case.
const (
	tmsUpdate     = "/UpdateUser"
	tmsDelete     = "/DeleteUser/{id}"
	tmsRemoveRole = "/RemoveUserFromRole"
)

// Set changes switches while the server is in use.
func (s *TMS) Set(f func(*TMS)) {
	s.clock.Lock()
	defer s.clock.Unlock()
	f(s)
}

func (s *TMS) name() string   { return "skillable_tms" }
func (s *TMS) prefix() string { return "/skillable_tms/api/2.0" }

// kind implements vendor. An update that disables is a step of a closure.
func (s *TMS) kind(rt *route, c *call) Kind {
	if rt.pattern == tmsUpdate && c.query.Get("disabled") == "true" {
		return Close
	}
	return rt.kind
}

// answer implements vendor. It checks the key before it answers a command.
func (s *TMS) answer(rt *route, c *call, allow []string) answer {
	switch {
	case rt == nil && len(allow) > 0:
		a := s.say(tmsFailed, "Method not allowed", nil)
		a.status = http.StatusMethodNotAllowed
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil:
		a := s.say(tmsFailed, "Unknown command", nil)
		a.status = http.StatusNotFound
		return a
	case s.HTML != 0:
		return htmlPage(s.HTML)
	}
	s.lower = slices.Contains([]string{tmsUpdate, tmsDelete, tmsRemoveRole}, rt.pattern) != s.FlippedCase
	defer func() { s.lower = false }()
	if c.header.Get("Api_key") != s.key {
		a := s.say(tmsBadKey, "Invalid integration key", nil)
		a.status = s.BadKey.status()
		return a
	}
	return rt.handle(c)
}

// The documented values of Status.
const (
	tmsOK       = 0
	tmsFailed   = 10
	tmsNotFound = 20
	tmsBadKey   = 30
)

// say answers with a Status, an error and further fields. The HTTP status is always 200.
func (s *TMS) say(status int, text string, more fields) answer {
	if status == tmsOK && s.ErrorOnSuccess {
		text = "Completed"
	}
	f := fields{"Error": nil}
	if text != "" {
		f["Error"] = text
	}
	if !s.NoStatus {
		f["Status"] = status
	}
	if s.lower {
		f = lowerKeys(f)
	}
	maps.Copy(f, more)
	return jsonAnswer(http.StatusOK, f)
}

// lowerKeys returns fields with their names in lower case.
func lowerKeys(f fields) fields {
	lower := fields{}
	for name, value := range f {
		lower[strings.ToLower(name)] = value
	}
	return lower
}

// badParameter answers a missing or malformed parameter.
func (s *TMS) badParameter(name string) answer {
	if s.BadParameter != 0 {
		return htmlPage(s.BadParameter)
	}
	return s.say(tmsFailed, "The parameter "+name+" is missing or malformed", nil)
}

// noUser answers that there is no such user. A command that answers a user says so there, too.
func (s *TMS) noUser() answer {
	return s.say(tmsNotFound, "User not found", nil)
}

// outside answers about a user that the key does not see.
func (s *TMS) outside() answer {
	switch s.Outside {
	case TMSOutsideError:
		return s.say(tmsFailed, "The user cannot be accessed", nil)
	case TMSOutsideBadKey:
		return s.say(tmsBadKey, "Invalid integration key", nil)
	case TMSOutsideNotFound:
	}
	return s.noUser()
}

// absence implements vendor.
func (s *TMS) absence(status int, text string) answer {
	a := s.say(tmsNotFound, cmp.Or(text, "User not found"), fields{"User": nil})
	a.status = status
	return a
}
