package mock_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

var tmsCase = vendorCase{
	vendor: "skillable_tms", prefix: "/skillable_tms/api/2.0", credential: [2]string{"api_key", key}, id: "90417",
	add: func(s *mock.Server) {
		s.TMS.Add(mock.TMSUser{ID: 90417, Name: "Ines Varga", Email: "ines@acme.test"})
	},
	has:  func(s *mock.Server) bool { return s.TMS.Has(90417) },
	drop: func(s *mock.Server) { s.TMS.Drop(90417) },
	crowd: func(s *mock.Server, i int, name, email string) {
		s.TMS.Add(mock.TMSUser{ID: int64(100 + i), Name: name, Email: email})
	},
	steps: [][2]string{{"GET /CloseUserAccountById/90417", ""}},
	route: "GET /CloseUserAccountById/{id}", status: 200, read: "GET /GetUser/90417",
	absence: `"Status":20`, noRoute: `{"Status":10}`, notFound: `{"Status":20,"User":null}`,
	gone: `{"Status":20,"Error":"Gone"}`, unauthorized: `{"Status":30,"Error":"Invalid integration key"}`,
}

// tmsServer is a server with an active, a disabled, a closed and a deleted user at Skillable TMS.
// User 5 is outside the key.
func tmsServer() *mock.Server {
	s := mock.New(key)
	s.TMS.Add(mock.TMSUser{ID: 1, Name: "Ines Varga", Email: "ines@acme.test", UserName: "ines.varga",
		Optional: map[string]string{"ExternalId": "emp/1", "ManagerId": "88001", "CountryCode": "PT"}, Roles: []int64{0, 7},
		Managed:       []int64{612},
		Enrollments:   []mock.TMSEnrollment{{Class: "Mesh", Status: 60, Completion: 10}, {Class: "Logs", Status: 10}},
		Assignments:   2,
		Labs:          1,
		Subscriptions: []string{"", "2024-01-01T00:00:00"}})
	s.TMS.Add(mock.TMSUser{ID: 2, Name: "Mina Okafor", Email: "mina@acme.test", Disabled: true})
	s.TMS.Add(mock.TMSUser{ID: 3, Name: "Ola Berg", Email: "ola@acme.test",
		Optional: map[string]string{"ExternalId": "emp-3"}})
	s.TMS.Drop(3)
	s.TMS.Add(mock.TMSUser{ID: 5, Name: "Otto Out", Email: "otto@acme.test"})
	s.TMS.Hidden = map[int64]bool{5: true}
	return s
}

// tmsUpdate is an UpdateUser of user 1 with all that it needs.
const tmsUpdate = "GET /UpdateUser?id=1&userName=ines.varga&email=ines%40acme.test&firstName=Ines&lastName=Varga" +
	"&organizationId=612"

const (
	tmsNotFound = `{"Status":20,"Error":"User not found"}`
	tmsMissing  = `{"Status":20,"User":null}`
	tmsWritten  = `{"status":20,"error":"User not found"}`
)

// tmsAnswers has the truth table: each command in each state.
var tmsAnswers = []struct{ what, fields string }{
	{"GET /GetUser/1", `{"Status":0,"Error":null,"User":{"Id":1,"ExternalId":"emp/1","FirstName":"Ines","LastName":"Varga",
		"UserName":"ines.varga","OrganizationId":612,"ManagerId":88001,"CompanyId":null,"Disabled":false,
		"Email":"ines@acme.test","Phone":null,"CountryCode":"PT"},"Roles":[0,7],"ManagedOrganizations":[612]}`},
	{"GET /GetUser/2", `{"Status":0,"User":{"Disabled":true,"UserName":"mina@acme.test"},"Roles":[0],
		"ManagedOrganizations":[]}`},
	{"GET /GetUser/3", tmsMissing},
	{"GET /GetUser/4", tmsMissing},
	{"GET /GetUser/5", tmsNotFound},
	{"GET /GetUser/x", `{"Status":10}`},
	{"GET /GetUser/0", `{"Status":10}`},
	{"GET /GetUser/2147483648", `{"Status":10}`},
	{"GET /GetUserByEmail?email=INES%40acme.test", `{"Status":0,"User":{"Id":1}}`},
	{"GET /GetUserByEmail?email=mina%40acme.test", `{"Status":0,"User":{"Id":2}}`},
	{"GET /GetUserByEmail?email=ola%40acme.test", tmsMissing},
	{"GET /GetUserByEmail?email=none%40acme.test", tmsMissing},
	{"GET /GetUserByEmail?email=otto%40acme.test", tmsNotFound},
	{"GET /GetUserByEmail", `{"Status":10}`},
	{"GET /GetUserByExternalId/emp%2F1", `{"Status":0,"User":{"Id":1}}`},
	{"GET /GetUserByExternalId/emp-3", tmsMissing},
	{"GET /GetUserRoles", `{"Status":0,"Error":null}`},
	{tmsUpdate + "&disabled=true", `{"status":0,"error":null}`},
	{strings.Replace(tmsUpdate, "id=1", "id=2", 1) + "&disabled=true", `{"status":10,"error":"The email is taken"}`},
	{"GET /UpdateUser?id=2&userName=ines.varga&email=mina%40acme.test&firstName=M&lastName=O&organizationId=612",
		`{"status":10,"error":"The userName is taken"}`},
	{"GET /UpdateUser?id=2&userName=m&email=mina%40acme.test&firstName=M&lastName=O&organizationId=612&disabled=true",
		`{"status":0}`},
	{strings.Replace(tmsUpdate, "id=1", "id=3", 1), tmsWritten},
	{strings.Replace(tmsUpdate, "id=1", "id=4", 1), tmsWritten},
	{strings.Replace(tmsUpdate, "id=1", "id=5", 1), tmsWritten},
	{strings.Replace(tmsUpdate, "id=1&", "", 1), `{"status":10}`},
	{strings.Replace(tmsUpdate, "&lastName=Varga", "", 1), `{"status":10}`},
	{tmsUpdate + "&disabled=yes", `{"status":10}`},
	{tmsUpdate + "&managerId=x", `{"status":10}`},
	{"GET /CloseUserAccountById/1", `{"Status":0,"Error":null,"RowsAffected":10}`},
	{"GET /CloseUserAccountById/2", `{"Status":0,"RowsAffected":5}`},
	{"GET /CloseUserAccountById/3", tmsNotFound},
	{"GET /CloseUserAccountById/4", tmsNotFound},
	{"GET /CloseUserAccountById/5", tmsNotFound},
	{"GET /CloseUserAccountById/4294967297", tmsNotFound},
	{"GET /CloseUserAccountById/x", `{"Status":10}`},
	{"GET /CloseUserAccountByExternalId/emp%2F1", `{"Status":0,"RowsAffected":10}`},
	{"GET /CloseUserAccountByExternalId/emp-3", tmsNotFound},
	{"GET /DeleteUser/1", `{"status":0,"error":null}`},
	{"GET /DeleteUser/2", `{"status":0}`},
	{"GET /DeleteUser/3", tmsWritten},
	{"GET /DeleteUser/4", tmsWritten},
	{"GET /DeleteUser/5", tmsWritten},
	{"GET /DeleteUser/x", `{"status":10}`},
	{"GET /RemoveUserFromRole?userId=1&roleId=7", `{"status":0}`},
	{"GET /RemoveUserFromRole?userId=3&roleId=7", tmsWritten},
	{"GET /RemoveUserFromRole?userId=5&roleId=7", tmsWritten},
	{"GET /RemoveUserFromRole?userId=1", `{"status":10}`},
	{"GET /RemoveUserFromRole?userId=x&roleId=7", `{"status":10}`},
	{"GET /SearchClassEnrollments?studentId=1", `{"Status":0,"TotalCount":2,"TotalPages":1,"Results":[
		{"UserId":1,"ClassName":"Mesh","EnrollmentStatusId":60,"CompletionStatusId":10},
		{"UserId":1,"ClassName":"Logs","EnrollmentStatusId":10,"CompletionStatusId":0}]}`},
	{"GET /SearchClassEnrollments?studentId=1&pageSize=1&pageIndex=1", `{"TotalCount":2,"TotalPages":2,"Results":[
		{"ClassName":"Logs"}]}`},
	{"GET /SearchCourseAssignments?userId=1&completionStatus=20", `{"Status":0,"TotalCount":2}`},
	{"GET /SearchCourseAssignments?userId=1&completionStatus=10", `{"Status":0,"TotalCount":0,"Results":[]}`},
	{
		"GET /SearchLabInstances?userId=1&completionStatus=10",
		`{"TotalCount":1,"Results":[{"LabName":"Lab 1","End":null}]}`,
	},
	{"GET /SearchLabInstances?userId=1&completionStatus=20", `{"TotalCount":0}`},
	{"GET /SearchSubscriptions?userId=1", `{"TotalCount":2,"SearchSubscriptionsResults":[
		{"SubscriptionProfileName":"Subscription 1","Expires":null},{"Expires":"2024-01-01T00:00:00"}]}`},
	{"GET /SearchSubscriptions?userId=3", `{"Status":0,"TotalCount":0,"TotalPages":0,"SearchSubscriptionsResults":[]}`},
	{"GET /SearchCourseAssignments", `{"TotalCount":2}`},
	{"GET /SearchCourseAssignments?userId=x", `{"Status":10}`},
	{"GET /SearchCourseAssignments?userId=1&pageSize=0", `{"Status":10}`},
}

func TestTMS_answersEachCommandInEachState(t *testing.T) {
	t.Parallel()
	for _, c := range tmsAnswers {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			ask(t, tmsServer(), "skillable_tms", c.what, "").want(t, 200, c.fields)
		})
	}
}

func TestTMS_disablesAndEnablesAgain(t *testing.T) {
	t.Parallel()
	s := tmsServer()
	for _, disabled := range []string{"true", "true", "false"} {
		ask(t, s, "skillable_tms", tmsUpdate+"&countryCode=&title=Lead&phone=%2B351&disabled="+disabled, "").want(t, 200,
			`{"status":0}`)
		ask(t, s, "skillable_tms", "GET /GetUser/1", "").want(t, 200, `{"User":{"Disabled":`+disabled+`,
			"ExternalId":"emp/1","ManagerId":88001,"CountryCode":null,"Title":"Lead","Phone":"+351",
			"FirstName":"Ines","LastName":"Varga"}}`)
	}
	kinds := []mock.Kind{}
	for _, r := range s.Requests() {
		kinds = append(kinds, r.Kind)
	}
	equal(t, "kinds", kinds, []mock.Kind{mock.Close, mock.Read, mock.Close, mock.Read, mock.Change, mock.Read})
}

func TestTMS_isAClosureOnlyIfAnUpdateDisables(t *testing.T) {
	t.Parallel()
	s := tmsServer()
	ask(t, s, "skillable_tms", "GET /GetUser/1?disabled=true", "")
	ask(t, s, "skillable_tms", tmsUpdate, "")
	equal(t, "kinds", []mock.Kind{s.Requests()[0].Kind, s.Requests()[1].Kind}, []mock.Kind{mock.Read, mock.Change})
}

func TestTMS_writesLowerCaseInNoOtherAnswer(t *testing.T) {
	t.Parallel()
	s := tmsServer()
	ask(t, s, "skillable_tms", tmsUpdate, "").want(t, 200, `{"status":0}`)
	ask(t, s, "skillable_tms", "GET /nowhere", "").want(t, 404, `{"Status":10}`)
}

func TestTMS_keepsWhatAnUpdateDoesNotName(t *testing.T) {
	t.Parallel()
	s := tmsServer()
	const update = "GET /UpdateUser?id=2&userName=m&email=mina%40acme.test&firstName=Mina&lastName=O&organizationId=612"
	ask(t, s, "skillable_tms", update, "")
	ask(t, s, "skillable_tms", "GET /GetUser/2", "").want(t, 200, `{"User":{"Disabled":true,"UserName":"m"}}`)
}

func TestTMS_takesAnAddressThatNoOtherOpenUserHas(t *testing.T) {
	t.Parallel()
	for email, status := range map[string]string{"ola@acme.test": "0", "": "0", "MINA@acme.test": "10"} {
		s := tmsServer()
		s.TMS.Add(mock.TMSUser{ID: 8, Name: "Kim", UserName: "kim"})
		what := strings.Replace(tmsUpdate, "ines%40acme.test", email, 1)
		ask(t, s, "skillable_tms", what, "").want(t, 200, `{"status":`+status+`}`)
	}
}

func TestTMS_changesWhatAnUpdateNames(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	tmsCase.add(s)
	ask(t, s, "skillable_tms", "GET /UpdateUser?id=90417&userName=iv&email=iv%40acme.test&firstName=I&lastName=V+W"+
		"&organizationId=613&countryCode=PT", "")
	u, _ := s.TMS.Get(90417)
	equal(t, "user", u, mock.TMSUser{ID: 90417, Name: "I V W", Email: "iv@acme.test", UserName: "iv", OrganizationID: 613,
		Optional: map[string]string{"CountryCode": "PT"}, Roles: []int64{0}})
}

func TestTMS_closesOnce(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"GET /CloseUserAccountById/1", "GET /DeleteUser/1"} {
		s := tmsServer()
		ask(t, s, "skillable_tms", what, "")
		equal(t, what, s.TMS.Has(1), false)
		for _, then := range []string{
			"GET /GetUser/1", "GET /GetUserByEmail?email=ines%40acme.test", "GET /GetUserByExternalId/emp%2F1",
			"GET /CloseUserAccountById/1",
		} {
			ask(t, s, "skillable_tms", then, "").want(t, 200, tmsNotFound)
		}
		for _, then := range []string{"GET /DeleteUser/1", tmsUpdate + "&disabled=false"} {
			ask(t, s, "skillable_tms", then, "").want(t, 200, tmsWritten)
		}
		ask(t, s, "skillable_tms", "GET /SearchClassEnrollments?studentId=1", "").want(t, 200, `{"TotalCount":0}`)
	}
}

func TestTMS_givesAClosedAddressToAnotherUser(t *testing.T) {
	t.Parallel()
	s := tmsServer()
	s.TMS.SlowClose = 1
	ask(t, s, "skillable_tms", "GET /CloseUserAccountById/1", "")
	s.TMS.Add(mock.TMSUser{ID: 9, Name: "Ines Varga", Email: "ines@acme.test"})
	ask(t, s, "skillable_tms", "GET /GetUserByEmail?email=ines%40acme.test", "").want(t, 200, `{"User":{"Id":9}}`)
}

func TestTMS_findsRowsOfVisibleOpenUsers(t *testing.T) {
	t.Parallel()
	s := tmsServer()
	for _, id := range []int64{2, 3, 5} { // the last two are closed and outside the key
		s.TMS.Update(id, func(u *mock.TMSUser) { u.Labs = 1 })
	}
	for what, total := range map[string]int{"": 2, "?userId=2": 1, "?userId=3": 0, "?userId=5": 0} {
		ask(t, s, "skillable_tms", "GET /SearchLabInstances"+what, "").want(t, 200, fmt.Sprintf(`{"TotalCount":%d}`, total))
	}
	s.Fail(mock.Fault{Lie: mock.Listing{Page: 1}})
	g := ask(t, s, "skillable_tms", "GET /SearchLabInstances", "")
	equal(t, "rows of a page of one", rowCount(t, g, "Results"), 1)
}

func TestTMS_removesARole(t *testing.T) {
	t.Parallel()
	s := tmsServer()
	ask(t, s, "skillable_tms", "GET /RemoveUserFromRole?userId=1&roleId=7", "")
	ask(t, s, "skillable_tms", "GET /GetUser/1", "").want(t, 200, `{"Roles":[0]}`)
}

func TestTMS_namesTheRolesOfTheKey(t *testing.T) {
	t.Parallel()
	g := ask(t, tmsServer(), "skillable_tms", "GET /GetUserRoles", "")
	names := []string{}
	for _, role := range g.field(t, "Roles").([]any) {
		row := role.(map[string]any)
		names = append(names, fmt.Sprint(row["Id"], " ", row["Name"]))
	}
	equal(t, "roles", names, []string{"0 Student", "7 Instructor", "9 Administrator"})
}

func TestTMS_inventsUsersWithFindings(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Invent(60)
	disabled, enrolled, instructors := 0, 0, 0
	for _, u := range s.TMS.Open() {
		if u.Disabled {
			disabled++
		}
		enrolled += len(u.Enrollments)
		if len(u.Roles) > 1 {
			instructors++
		}
	}
	equal(t, "users, disabled, enrolled, instructors", []int{len(s.TMS.Open()), disabled, enrolled, instructors},
		[]int{60, 10, 15, 12})
}

func TestTMS_readsASeed(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	const text = `{"skillable_tms":[{"id":2147483647,"name":"Otto"},{"id":9,"name":"Ines Varga","email":"i@acme.test",
		"user_name":"iv","disabled":true,
		"optional":{"ExternalId":"emp-9","CompanyId":"4"},"roles":[7],"managed":[3],"labs":1,"assignments":2,
		"enrollments":[{"class":"Mesh","status":60,"completion":10}],"subscriptions":[""]}]}`
	if err := s.Seed(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	ask(t, s, "skillable_tms", "GET /GetUserByExternalId/emp-9", "").want(t, 200, `{"Roles":[7],"User":{"CompanyId":4,
		"Disabled":true,"UserName":"iv","OrganizationId":612},"ManagedOrganizations":[3]}`)
	ask(t, s, "skillable_tms", "GET /SearchLabInstances?userId=9", "").want(t, 200, `{"TotalCount":1}`)
}
