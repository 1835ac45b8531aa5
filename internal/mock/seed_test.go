package mock_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const seed = `{"konstantly": [{"id": "u7k2m9", "name": "Ines Varga", "email": "ines@acme.test", "role": "learner",
   "blocked": false, "expert": false}],
 "ecgrid":     [{"id": 30417, "name": "Mina Okafor", "email": "mina@acme.test", "login": "m.okafor",
	"auth_level": "MailboxUser", "status": "Active"}],
 "sfox":       [{"id": "cust-7f31", "name": "Dana Reyes", "email": "dana@acme.test",
	"balances": {"btc": "0.015", "usd": "0"}}],
 "skillable":  [{"id": "emp-3107", "name": "Ola Berg", "email": "ola@acme.test", "running_labs": 1, "saved_labs": 0}]}`

func TestSeed_addsTheUsers(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	if err := s.Seed(strings.NewReader(seed)); err != nil {
		t.Fatal(err)
	}
	k, _ := s.Konstantly.Get("u7k2m9")
	e, _ := s.ECGrid.Get(30417)
	f, _ := s.SFOX.Get("cust-7f31")
	l, _ := s.Skillable.Get("emp-3107")
	equal(t, "konstantly", k, mock.KonstantlyUser{ID: "u7k2m9", Name: "Ines Varga", Email: "ines@acme.test",
		Role: "learner", Language: "en", Timezone: "Europe/Lisbon"})
	equal(t, "ecgrid", e, mock.ECGridUser{ID: 30417, Name: "Mina Okafor", Email: "mina@acme.test", Login: "m.okafor",
		AuthLevel: "MailboxUser", Status: "Active", NetworkID: 12})
	equal(t, "sfox", f, mock.SFOXUser{ID: "cust-7f31", Name: "Dana Reyes", Email: "dana@acme.test",
		AccountType: "individual",
		AccountRole: "Client", Status: "VERIFIED", Balances: map[string]string{"btc": "0.015", "usd": "0"}})
	equal(t, "running labs", len(l.Running), 1)
	equal(t, "saved labs", len(l.Saved), 0)
}

// seedErrors has what is wrong in seed files.
var seedErrors = []struct{ text, want string }{
	{``, "the JSON ends too early"},
	{`{`, "the JSON ends too early"},
	{`[]`, "got array, want an object"},
	{`{} x`, "there is something after the end of the JSON"},
	{"{\n\"a\":}", "line 2: invalid character '}' looking for beginning of value"},
	{`{"acme":[]}`, `unknown vendor "acme"; known are ` + knownVendors()},
	{`{"sfox":{}}`, "sfox: got object, want a list"},
	{`{"konstantly":[{"id":"a","name":"b","email":"c","nick":"d"}]}`, `konstantly[0]: unknown field "nick"`},
	{
		`{"konstantly":[{"id":"a","name":"b","email":"c","blocked":"no"}]}`,
		`konstantly[0]: field "blocked": got string, want true or false`,
	},
	{`{"konstantly":[{"id":1}]}`, `konstantly[0]: field "id": got number, want a string`},
	{`{"konstantly":[{"name":"b","email":"c"}]}`, `konstantly[0]: field "id" is missing or empty`},
	{
		`{"konstantly":[{"id":"a","name":"b","email":"c"},{"id":"a","name":"b","email":"c"}]}`,
		"konstantly[1]: id a is taken already",
	},
	{`{"konstantly":[null]}`, `konstantly[0]: field "id" is missing or empty`},
	{`{"konstantly":["a"]}`, "konstantly[0]: got string, want an object"},
	{`{"ecgrid":[{"id":"30417"}]}`, `ecgrid[0]: field "id": got string, want a whole number`},
	{`{"ecgrid":[{"id":0,"name":"b","email":"c"}]}`, `ecgrid[0]: field "id" must be a positive whole number`},
	{`{"ecgrid":[{"id":7,"name":"b","email":"c"}]}`, "ecgrid[0]: id 7 is taken already"},
	{
		`{"ecgrid":[{"id":8,"name":"b","email":"c","status":"Gone"}]}`,
		`ecgrid[0]: field "status" is "Gone" and may be one of Development, Active, Preproduction, Suspended, Terminated`,
	},
	{
		`{"sfox":[{"id":"a","name":"b","email":"c","balances":{"btc":0.1}}]}`,
		`sfox[0]: field "balances": got number, want a string`,
	},
	{
		`{"sfox":[{"id":"a","name":"b","email":"c","balances":{"btc":"much"}}]}`,
		`sfox[0]: field "balances.btc": "much" is not a decimal number`,
	},
	{`{"sfox":[{"id":"a","name":"b","held":{"usd":"x"}}]}`, `sfox[0]: field "held.usd": "x" is not a decimal number`},
	{`{"skillable":[{"id":"a","email":"c"}]}`, `skillable[0]: field "name" is missing or empty`},
	{
		`{"sfox":[{"id":"a","name":"b","email":"c","balances":{"btc":""}}]}`,
		`sfox[0]: field "balances.btc": "" is not a decimal number`,
	},
	{
		`{"sfox":[{"id":"a","name":"b","email":"c","account_role":"King"}]}`,
		`sfox[0]: field "account_role" is "King" and may be one of Client, Advisor`,
	},
	{`{"sfox":[{"id":"a","name":"b","email":"c","open_orders":-1}]}`, `sfox[0]: field "open_orders" is negative`},
	{
		`{"skillable":[{"id":"a","name":"b","email":"c","running_labs":"one"}]}`,
		`skillable[0]: field "running_labs": got string, want a whole number from 0 to 65535`,
	},
	{
		`{"skillable_tms":[{"id":2147483648,"name":"b"}]}`,
		`skillable_tms[0]: field "id" must be a whole number from 1 to 2147483647`,
	},
	{
		`{"skillable_tms":[{"id":0,"name":"b"}]}`,
		`skillable_tms[0]: field "id" must be a whole number from 1 to 2147483647`,
	},
	{`{"skillable_tms":[{"id":1}]}`, `skillable_tms[0]: field "name" is missing or empty`},
	{`{"skillable_tms":[{"id":1,"name":"b","labs":-1}]}`, `skillable_tms[0]: field "labs" is negative`},
	{
		`{"skillable_tms":[{"id":1,"name":"b","optional":{"Nick":"c"}}]}`,
		`skillable_tms[0]: field "optional.Nick" may be one of ExternalId, MiddleName, Title, CompanyId, ManagerId, Phone, ` +
			`Phone2, Address1, Address2, City, State, Country, CountryCode, Zip, ProfileImageUrl, TimeZoneId`,
	},
	{
		`{"skillable_tms":[{"id":1,"name":"b","optional":{"ManagerId":"c"}}]}`,
		`skillable_tms[0]: field "optional.ManagerId": "c" is not a whole number`,
	},
	{
		`{"skillable":[{"id":"a","name":"b","email":"c","saved_labs":-1}]}`,
		`skillable[0]: field "saved_labs": got number -1, want a whole number from 0 to 65535`,
	},
}

// The guide has a section for each vendor, with a row for each field of a user.
func TestSeed_theGuideDescribesEachField(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/guides/mock.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range mock.New(key).Vendors() {
		_, section, found := strings.Cut(string(page), "\n### `"+v.Name+"`\n")
		section, _, _ = strings.Cut(section, "\n#")
		if !found || len(v.Fields) < 4 {
			t.Errorf("%s: got the fields %q and no section, want both", v.Name, v.Fields)
		}
		for _, field := range v.Fields {
			if !strings.Contains(section, "\n| `"+field+"` | ") {
				t.Errorf("%s: got no row for the field %q, want one", v.Name, field)
			}
		}
	}
}

// The seed of the guide is one that the mock takes.
func TestSeed_theGuidesExampleIsTaken(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/guides/mock.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "\n```json\n")
	text, _, _ = strings.Cut(text, "\n```\n")
	s := mock.New(key)
	if err := s.Seed(strings.NewReader(text)); err != nil || !s.ECGrid.Has(30418) || !s.Skillable.Has("emp-3107") {
		t.Errorf("got the error %v, want the users of\n%s", err, text)
	}
}

func knownVendors() string {
	var names []string
	for _, c := range vendorCases {
		names = append(names, c.vendor)
	}
	return strings.Join(names, ", ")
}

func TestSeed_saysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range seedErrors {
		s := mock.New(key)
		err := s.Seed(strings.NewReader(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestSeed_addsUsersWithoutAnAddress(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	const text = `{"konstantly": [{"id": "u1", "name": "Ines Varga"}],
		"ecgrid": [{"id": 41, "name": "Ines Varga", "email": ""}], "sfox": [{"id": "c1", "name": "Ines Varga"}],
		"skillable": [{"id": "e1", "name": "Ines Varga", "running_labs": 1}]}`
	if err := s.Seed(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	ask(t, s, "konstantly", "GET /users/u1", "").want(t, 200, `{"name":"Ines Varga","email":""}`)
	ask(t, s, "ecgrid", "GET /users/41", "").want(t, 200, `{"data":{"email":"","login":""}}`)
	ask(t, s, "sfox", "GET /enterprise/users/c1", "").want(t, 200, `{"data":{"email":""}}`)
	ask(t, s, "skillable", "GET /labinstance/search?userId=e1&mode=5", "").want(t, 200, `{"Results":[{"UserEmail":""}]}`)
}

func TestSeed_addsNoUserIfSomethingIsWrong(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	if err := s.Seed(strings.NewReader(strings.Replace(seed, `"emp-3107"`, `3107`, 1))); err == nil {
		t.Error("error: got none, want one")
	}
	equal(t, "konstantly", len(s.Konstantly.Open()), 0)
	equal(t, "sfox", len(s.SFOX.Open()), 0)
}

func TestInvent_addsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	people := func() string {
		s := mock.New(key)
		s.Invent(300)
		text, err := json.Marshal(
			[]any{s.Konstantly.Open(), s.ECGrid.Open(), s.SFOX.Open(), s.Skillable.Open(), s.TMS.Open()},
		)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	equal(t, "people", people(), people())
}

func TestInvent_addsMostlyUsersThatCanBeClosed(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Invent(300)
	emails, free := map[string]bool{}, 0
	for _, u := range s.Konstantly.Open() {
		emails[u.Email] = true
		if !u.Expert {
			free++
		}
	}
	equal(t, "people", len(s.Konstantly.Open()), 300)
	equal(t, "e-mails", len(emails), 300)
	equal(t, "no experts", free, 273)
	funded := 0
	for _, u := range s.SFOX.Open() {
		if u.Balances["btc"] != "0" {
			funded++
		}
	}
	equal(t, "with funds", funded, 75)
}

func TestInvent_skipsTakenIDs(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	if err := s.Seed(strings.NewReader(seed)); err != nil {
		t.Fatal(err)
	}
	s.Invent(20)
	u, _ := s.ECGrid.Get(30417)
	equal(t, "login", u.Login, "m.okafor")
	equal(t, "at ecgrid", len(s.ECGrid.Open()), 21)
}
