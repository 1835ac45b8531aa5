package mock_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// crowd is a server with 45 people at each vendor.
func manyUsers() *mock.Server {
	s := mock.New(key)
	for i := range 45 {
		name, email := fmt.Sprintf("Person %02d", i), fmt.Sprintf("p%02d@acme.test", i)
		s.Konstantly.Add(mock.KonstantlyUser{ID: fmt.Sprintf("u%02d", i), Name: name, Email: email})
		s.ECGrid.Add(mock.ECGridUser{ID: int64(100 + i), Name: name, Email: email, MailboxID: int64(i % 3)})
		s.SFOX.Add(mock.SFOXUser{ID: fmt.Sprintf("c%02d", i), Name: name, Email: email,
			AccountRole: []string{"Client", "Advisor"}[i%2]})
		s.Skillable.Add(mock.SkillableUser{ID: fmt.Sprintf("e%02d", i), Name: name, Email: email,
			Running: make(mock.Labs, 1)})
	}
	return s
}

// listCases has the lists of the vendors: the call, the field with the rows, and the one with the
// total.
var listCases = []struct{ vendor, what, body, rows, total string }{
	{"konstantly", "GET /users?offset=20", "", "users", "totalCount"},
	{"ecgrid", "POST /users/list", `{"pageNo":2,"recordsPerPage":20}`, "data", ""},
	{"sfox", "GET /enterprise/users?accountRole=client", "", "data", ""},
	{"skillable", "GET /labinstance/search?pageIndex=1&pageSize=20&mode=5", "", "Results", "TotalResults"},
	{"skillable", "GET /runningandsavedlabs", "", "RunningLabs", ""},
}

func TestListing_isNotComplete(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		lie   mock.Listing
		rows  []int // of each of the lists
		total int
	}{
		{"the truth", mock.Listing{}, []int{20, 20, 23, 20, 45}, 45},
		{"empty", mock.Listing{Empty: true}, []int{0, 0, 0, 0, 0}, 0},
		{"page of ten", mock.Listing{Page: 10}, []int{10, 10, 10, 10, 10}, 45},
		{"page larger than asked for", mock.Listing{Page: 1000}, []int{20, 20, 23, 20, 45}, 45},
		{"a row missing", mock.Listing{Short: 1}, []int{19, 19, 22, 19, 44}, 45},
		{"all rows missing", mock.Listing{Short: 100}, []int{0, 0, 0, 0, 0}, 45},
		{"total too high", mock.Listing{Total: mock.TotalHigher}, []int{20, 20, 23, 20, 45}, 52},
		{"total too low", mock.Listing{Total: mock.TotalLower}, []int{20, 20, 23, 20, 45}, 38},
		{"total of the page", mock.Listing{Total: mock.TotalOfPage}, []int{20, 20, 23, 20, 45}, 20},
	} {
		for i, l := range listCases {
			t.Run(c.name+" "+l.vendor+l.rows, func(t *testing.T) {
				t.Parallel()
				s := manyUsers()
				s.Fail(mock.Fault{Only: mock.List, Lie: c.lie})
				g := ask(t, s, l.vendor, l.what, l.body)
				equal(t, "rows", rowCount(t, g, l.rows), c.rows[i])
				if l.total != "" {
					equal(t, "total", g.field(t, l.total).(float64), float64(c.total))
				}
			})
		}
	}
}

func TestListing_pagesOfTenHaveAllUsers(t *testing.T) {
	t.Parallel()
	s := manyUsers()
	s.Fail(mock.Fault{Lie: mock.Listing{Page: 10}})
	seen := 0
	for page := 1; page <= 5; page++ {
		body := fmt.Sprintf(`{"networkId":12,"pageNo":%d,"recordsPerPage":25}`, page)
		seen += len(userIDs(t, ask(t, s, "ecgrid", "POST /users/list", body)))
	}
	equal(t, "users on five pages", seen, 46)
}

func TestIgnore_answersAlwaysTheSamePage(t *testing.T) {
	t.Parallel()
	for _, l := range listCases[:4] {
		s := manyUsers()
		first := strings.NewReplacer("offset=20", "offset=0", "pageIndex=1", "pageIndex=0").Replace(l.what)
		want := ask(t, s, l.vendor, first, strings.Replace(l.body, `"pageNo":2`, `"pageNo":1`, 1)).body
		s.Fail(mock.Fault{Lie: mock.Ignore{Params: mock.Paging}})
		equal(t, l.vendor, ask(t, s, l.vendor, l.what, l.body).body, want)
	}
}

func TestIgnore_dropsFilters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		vendor, what, body, rows, param string
		filtered, all                   int
	}{
		{"sfox", "GET /enterprise/users?accountRole=advisor", "", "data", "accountrole", 22, 45},
		{"ecgrid", "POST /users/list", `{"mailboxId":1,"recordsPerPage":100}`, "data", "mailboxId", 15, 46},
		{"ecgrid", "POST /users/list", `{"authLevel":"NetworkAdmin","recordsPerPage":100}`, "data", "authLevel", 1, 46},
		{"ecgrid", "POST /users/list", `{"status":"Terminated","recordsPerPage":100}`, "data", "status", 0, 46},
		{"konstantly", "GET /users?query=p07", "", "users", "query", 1, 20},
		{"skillable", "GET /labinstance/search?userId=e01&mode=5", "", "Results", "userid", 1, 45},
		{"skillable", "GET /userrunningandsavedlabs?userid=e01", "", "RunningLabs", "userid", 1, 45},
	} {
		s := manyUsers()
		equal(t, c.param+" read", rowCount(t, ask(t, s, c.vendor, c.what, c.body), c.rows), c.filtered)
		s.Fail(mock.Fault{Lie: mock.Ignore{Params: []string{c.param}}})
		equal(t, c.param+" ignored", rowCount(t, ask(t, s, c.vendor, c.what, c.body), c.rows), c.all)
	}
}

func TestIgnore_readsChangesAsTheyCame(t *testing.T) {
	t.Parallel()
	s := manyUsers()
	s.Fail(mock.Fault{Lie: mock.Ignore{Params: []string{"userid", "pageNo", "id"}}})
	ask(t, s, "skillable", "GET /CloseUserAccount?userId=e01", "").want(t, 200, `{"RowsAffected":14}`)
	ask(t, s, "ecgrid", "POST /users/list", "nonsense").want(t, 400, `{"errorCode":"InvalidParameter"}`)
	ask(t, s, "konstantly", "POST /users/blocked", `{"id":"u01"}`).want(t, 200, `{"isBanned":true}`)
}

func TestRewrite_keepsTheMeaning(t *testing.T) {
	t.Parallel()
	forEveryUserCase(t, func(t *testing.T, s *mock.Server, l userCase) {
		honest := ask(t, s, l.vendor, l.read, "")
		askWith := func(r mock.Rewrite) reply {
			s.Heal()
			s.Fail(mock.Fault{Lie: r})
			return ask(t, s, l.vendor, l.read, "")
		}
		equal(t, "byte order mark", askWith(mock.WithBOM).body, "\ufeff"+honest.body)
		g := askWith(mock.Gzipped)
		equal(t, "encoding", g.header.Get("Content-Encoding"), "gzip")
		unpacked, err := gzip.NewReader(strings.NewReader(g.body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(unpacked)
		equal(t, "error", err, nil)
		equal(t, "unpacked", string(text), honest.body)
		equal(t, "encoding", askWith(mock.OtherEncoding).header.Get("Content-Encoding"), "zzz")
		for _, r := range []mock.Rewrite{mock.IDTypes, mock.EnumTypes, mock.UnneededTypes, mock.SecondKey} {
			g := askWith(r)
			if !json.Valid([]byte(g.body)) {
				t.Errorf("%d: got %s, want JSON", r, g.body)
			}
			equal(t, "Ines is still there", strings.Contains(g.body, "Ines"), true)
			equal(t, "the same every time", askWith(r).body, g.body)
		}
	})
}

func TestRewrite_changesTypes(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	for r, want := range map[mock.Rewrite]string{
		mock.IDTypes:       `{"data":{"userId":"30417","networkId":"12","status":"Active"}}`,
		mock.EnumTypes:     `{"data":{"userId":30417,"status":8,"authLevel":13}}`,
		mock.UnneededTypes: `{"data":{"userId":30417,"status":"Active","created":["2024-03-04T05:06:07Z"]}}`,
		mock.SecondKey: `{"DATA":null,"SUCCESS":false,"data":{"USERID":-1,"userId":30417,
			"STATUS":"Activex","status":"Active"}}`,
	} {
		s.Heal()
		s.Fail(mock.Fault{Lie: r})
		ask(t, s, "ecgrid", "GET /users/30417", "").want(t, 200, want)
	}
}

func TestRewrite_makesNumbersOfIDsOfDigits(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Fail(mock.Fault{Lie: mock.IDTypes})
	for id, want := range map[string]string{"555": `{"id":555}`, "0031": `{"id":"0031"}`, "u1": `{"id":"u1"}`} {
		s.Konstantly.Add(mock.KonstantlyUser{ID: id, Name: "N"})
		ask(t, s, "konstantly", "GET /users/"+id, "").want(t, 200, want)
	}
}

func TestRewrite_keepsWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	userCases[2].add(s)
	s.Fail(mock.Fault{Lie: mock.SecondKey})
	equal(t, "body", ask(t, s, "sfox", "DELETE /enterprise/account/c1", "").body, "")
	equal(t, "open", s.SFOX.Has("c1"), false)
}

func TestLies_answerAsGatewaysDo(t *testing.T) {
	t.Parallel()
	want := map[string]func(reply) bool{
		"403 page of a CDN": func(g reply) bool { return g.status == 403 && strings.HasPrefix(g.body, "<!DOCTYPE html>") },
		"429 for 317 years": func(g reply) bool { return g.status == 429 && g.header.Get("Retry-After") == "9999999999" },
		"redeploy: a gateway's 404": func(g reply) bool {
			return g.status == 404 && json.Valid([]byte(g.body)) && !strings.Contains(g.body, "status")
		},
		"redeploy: a framework's 404": func(g reply) bool {
			return g.status == 404 && strings.Contains(g.body,
				`"status":404`)
		},
	}
	for _, lie := range mock.Lies() {
		if check, ok := want[lie.Name]; ok {
			delete(want, lie.Name)
			for _, path := range []string{"GET /users/u1", "GET /users", "DELETE /users/u1"} {
				s := mock.New(key)
				s.Fail(lie.Fault)
				if g := ask(t, s, "konstantly", path, ""); !check(g) {
					t.Errorf("%s, %s: got %+v", lie.Name, path, g)
				}
			}
		}
	}
	equal(t, "lies that are not there", slices.Collect(maps.Keys(want)), nil)
}
