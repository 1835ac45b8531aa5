package mock

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// Lab is one lab instance. An id or a name left unset is made up.
type Lab struct {
	ID                  int64
	Name                string
	SaveInProgress      bool // of a saved lab
	SubmittedForGrading bool // of a saved lab
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

// SkillableClose is what closing does about running labs.
type SkillableClose int

// The ways of closing a user whose labs run.
const (
	CloseEndsLabs   SkillableClose = iota // running and saved labs go with the user
	CloseLeavesLabs                       // they stay, and stay visible
	CloseRefused                          // the user is not closed: Status 0
)

// SkillableUnknown is how the labs of an unknown or closed user are answered.
type SkillableUnknown int

// The answers to asking for the labs of an unknown or closed user.
const (
	UnknownEmpty SkillableUnknown = iota // empty lists
	UnknownNull                          // null in place of the lists
	UnknownError                         // Status 0
)

// SkillableBadKey is how a bad key is answered.
type SkillableBadKey int

// The answers to a bad key.
const (
	BadKeyInBody       SkillableBadKey = iota // HTTP 200, Status 0
	BadKeyUnauthorized                        // HTTP 401
	BadKeyForbidden                           // HTTP 403
)

// Skillable stands in for the Lab API of Skillable Studio,
// https://docs.skillable.com/docs/making-an-api-request. The zero value of each
// switch is the answer we assume. Set switches before use or through Set.
type Skillable struct {
	Roster[string, SkillableUser]

	Closing        SkillableClose   // what closing does about running labs
	Unknown        SkillableUnknown // how the labs of an unknown or closed user are answered
	BadKey         SkillableBadKey  // how a bad key is answered
	SearchClosed   bool             // a search still shows the labs of closed users, with names blanked
	BareSearch     bool             // a search carries Status and Error in mode 5 alone
	LeaveRows      int              // this many further closes still find rows
	SlowCancel     int              // this many reads still show a cancelled lab
	ForeignLabs    bool             // all labs belong to another API consumer, so none can be cancelled
	PathKeyRefused bool             // the key is not accepted in the path

	key     string
	nextLab int64
	ending  map[int64]int  // cancelled labs, with the reads that still show them
	left    map[string]int // closed users, with the closes that still find rows
	table
}

func newSkillable(mu *sync.Mutex, key string) *Skillable {
	s := &Skillable{key: key, nextLab: 880001, ending: map[int64]int{}, left: map[string]int{}}
	s.Roster = Roster[string, SkillableUser]{mu: mu, records: map[string]*record[SkillableUser]{}, rules: rules[string, SkillableUser]{
		vendor: s.name(),
		id:     func(u SkillableUser) string { return u.ID },
		order:  func(a, b SkillableUser) int { return cmp.Compare(a.ID, b.ID) },
		clone: func(u SkillableUser) SkillableUser {
			u.Running, u.Saved = slices.Clone(u.Running), slices.Clone(u.Saved)
			return u
		},
		fill:       func(u *SkillableUser) { s.nameLabs(u.Running); s.nameLabs(u.Saved) },
		tombstones: true,
	}}
	s.fold = true
	for _, r := range []route{
		{"GET", "/CloseUserAccount", true, s.closeUser},
		{"GET", "/userrunningandsavedlabs", false, s.userLabs},
		{"GET", "/runningandsavedlabs", false, s.allLabs},
		{"GET", "/labinstance/search", false, s.search},
		{"GET", "/details", false, s.details},
		{"GET", "/Result", false, s.details},
		{"GET", "/cancel", true, s.cancel},
		{"GET", "/save", true, s.saveLab},
		{"GET", "/resume", true, s.resume},
		{"GET", "/stats", false, s.stats},
	} {
		posted := r
		posted.method = http.MethodPost // the older documentation allows both
		s.routes = append(s.routes, r, posted)
	}
	return s
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

// Set changes switches while the server is in use.
func (s *Skillable) Set(f func(*Skillable)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *Skillable) name() string   { return "skillable" }
func (s *Skillable) prefix() string { return "/skillable/api/v3" }

// find also takes the form in which the key stands before the command.
func (s *Skillable) find(c *call, path []string) (*route, []string) {
	rt, allow := s.table.find(c, path)
	if rt == nil && len(allow) == 0 && len(path) > 1 {
		if rt, allow = s.table.find(c, path[1:]); rt != nil {
			c.params["key"] = path[0]
		}
	}
	return rt, allow
}

func (s *Skillable) save() func() {
	users, ending, left := s.Roster.save(), maps.Clone(s.ending), maps.Clone(s.left)
	return func() {
		users()
		s.ending, s.left = ending, left
	}
}

// answer puts the key around a command.
func (s *Skillable) answer(rt *route, c *call, allow []string) answer {
	switch {
	case rt == nil && len(allow) > 0:
		a := reply(http.StatusMethodNotAllowed, skillableError("Method not allowed"))
		a.header.Set("Allow", strings.Join(allow, ", "))
		return a
	case rt == nil, c.params["key"] != "" && s.PathKeyRefused:
		return reply(http.StatusNotFound, skillableError("Unknown command"))
	case cmp.Or(c.params["key"], c.header.Get("Api_key")) == s.key:
		return rt.handle(c)
	}
	status := map[SkillableBadKey]int{BadKeyUnauthorized: http.StatusUnauthorized, BadKeyForbidden: http.StatusForbidden}[s.BadKey]
	return reply(cmp.Or(status, http.StatusOK), skillableError("Invalid integration key"))
}

// body is the fields of an answer.
type body = map[string]any

// skillableError is a failure as the vendor tells it: in the body alone.
func skillableError(text string) body {
	return body{"Status": 0, "Error": text}
}

// skillableFailed is a failure with the HTTP status that failures have.
func skillableFailed(text string) answer {
	return reply(http.StatusOK, skillableError(text))
}

// skillableOK is a success with these further fields.
func skillableOK(fields body) answer {
	fields["Status"], fields["Error"] = 1, nil
	return reply(http.StatusOK, fields)
}

// param returns a parameter of the query or of a posted form; the case of its
// name does not matter.
func param(c *call, name string) string {
	form, _ := url.ParseQuery(string(c.body))
	for _, values := range []url.Values{c.query, form} {
		for key, v := range values {
			if strings.EqualFold(key, name) {
				return v[0]
			}
		}
	}
	return ""
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
	id := param(c, "userid")
	if id == "" {
		return skillableFailed("userid is required")
	}
	rec, ok := s.records[id]
	if !ok || rec.closed && s.Closing != CloseLeavesLabs {
		switch s.Unknown {
		case UnknownNull:
			return skillableOK(body{"RunningLabs": nil, "SavedLabs": nil})
		case UnknownError:
			return skillableFailed("User not found")
		case UnknownEmpty:
		}
		return skillableOK(body{"RunningLabs": []any{}, "SavedLabs": []any{}})
	}
	a := skillableOK(body{"RunningLabs": rows(rec.user.Running, runningRow), "SavedLabs": rows(rec.user.Saved, savedRow)})
	s.settleLabs(&rec.user)
	return a
}

// settleLabs is called after each look at a user's labs: a cancelled lab that was
// seen often enough is gone at the next look.
func (s *Skillable) settleLabs(u *SkillableUser) {
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
	is := func(l Lab) bool { return l.ID == lab }
	u.Running, u.Saved = slices.DeleteFunc(u.Running, is), slices.DeleteFunc(u.Saved, is)
	u.History++
	delete(s.ending, lab)
}

// allLabs lists the labs of every user of the API consumer, without paging.
func (s *Skillable) allLabs(*call) answer {
	running, saved := []body{}, []body{}
	for _, u := range s.withLabs() {
		first, last, _ := strings.Cut(u.Name, " ")
		row := func(lab Lab) body {
			r := profile(lab)
			maps.Copy(r, body{"Id": lab.ID, "UserId": u.ID, "UserFirstName": first, "UserLastName": last,
				"Start": labStart, "Expires": labExpires})
			return r
		}
		running, saved = append(running, rows(u.Running, row)...), append(saved, rows(u.Saved, row)...)
		s.settleLabs(&s.records[u.ID].user)
	}
	return skillableOK(body{"RunningLabs": running, "SavedLabs": saved})
}

// withLabs returns the users whose labs can be seen: closed ones have none, unless closing left them.
func (s *Skillable) withLabs() []SkillableUser {
	return s.list(func(rec *record[SkillableUser]) bool { return !rec.closed || s.Closing == CloseLeavesLabs })
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
	from := min(index*size, len(all))
	fields := body{"TotalResults": len(all), "TotalPages": (len(all) + size - 1) / size, "Results": all[from:min(from+size, len(all))]}
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

// lab returns the lab a command names and the user it belongs to; ok is false
// when there is no such lab.
func (s *Skillable) lab(c *call) (u *SkillableUser, lab Lab, ok bool) {
	id, err := strconv.ParseInt(param(c, "labinstanceid"), 10, 64)
	if err != nil {
		return nil, Lab{}, false
	}
	for _, owner := range s.withLabs() {
		for _, lab := range slices.Concat(owner.Running, owner.Saved) {
			if lab.ID == id {
				return &s.records[owner.ID].user, lab, true
			}
		}
	}
	return nil, Lab{}, false
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
	first, last, _ := strings.Cut(u.Name, " ")
	state := "Saved"
	if u.isRunning(lab) {
		state = "Running"
	}
	row := profile(lab)
	maps.Copy(row, body{"Id": lab.ID, "UserId": u.ID, "UserFirstName": first, "UserLastName": last,
		"Start": labStart, "Expires": labExpires, "State": state})
	return skillableOK(row)
}

// cancel is https://docs.skillable.com/apidocs/cancel-a-lab-instance-1. The
// answer comes before the lab is torn down.
func (s *Skillable) cancel(c *call) answer {
	if s.ForeignLabs {
		return reply(http.StatusOK, body{"Result": 0, "Status": 1, "Error": "Invalid integration key"})
	}
	u, lab, ok := s.lab(c)
	if !ok {
		return skillableFailed("Lab instance not found")
	}
	_, ending := s.ending[lab.ID]
	switch {
	case ending:
	case s.SlowCancel > 0:
		s.ending[lab.ID] = s.SlowCancel
	default:
		s.end(u, lab.ID)
	}
	return skillableOK(body{"Result": 1})
}

// saveLab saves a running lab; Result 2 says that it does not run.
func (s *Skillable) saveLab(c *call) answer {
	u, lab, ok := s.lab(c)
	switch {
	case !ok:
		return skillableFailed("Lab instance not found")
	case !u.isRunning(lab):
		return skillableOK(body{"Result": 2})
	}
	u.Running = slices.DeleteFunc(u.Running, func(l Lab) bool { return l.ID == lab.ID })
	u.Saved = append(u.Saved, lab)
	return skillableOK(body{"Result": 1, "Expires": labExpires})
}

// resume starts a saved lab again; a running one goes on running.
func (s *Skillable) resume(c *call) answer {
	u, lab, ok := s.lab(c)
	if !ok {
		return skillableFailed("Lab instance not found")
	}
	if !u.isRunning(lab) {
		u.Saved = slices.DeleteFunc(u.Saved, func(l Lab) bool { return l.ID == lab.ID })
		u.Running = append(u.Running, lab)
	}
	return skillableOK(body{"Result": 1})
}

// stats counts the labs; it is the cheapest call that checks a key.
func (s *Skillable) stats(*call) answer {
	running, saved := 0, 0
	for _, u := range s.withLabs() {
		running, saved = running+len(u.Running), saved+len(u.Saved)
	}
	return skillableOK(body{"NumActive": running, "NumSaved": saved})
}
