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

func TestListing_isNotComplete(t *testing.T) {
	t.Parallel()
	for _, l := range []struct {
		name  string
		lie   mock.Listing
		rows  func(n int) int // of a true answer with n rows
		total func(n int) int
	}{
		{"the truth", mock.Listing{}, all, everybody},
		{"empty", mock.Listing{Empty: true}, none, none},
		{"page of ten", mock.Listing{Page: 10}, func(int) int { return 10 }, everybody},
		{"page larger than asked for", mock.Listing{Page: 1000}, all, everybody},
		{"a row missing", mock.Listing{Short: 1}, func(n int) int { return n - 1 }, everybody},
		{"all rows missing", mock.Listing{Short: 100}, none, everybody},
		{"total too high", mock.Listing{Total: mock.TotalHigher}, all, func(int) int { return 52 }},
		{"total too low", mock.Listing{Total: mock.TotalLower}, all, func(int) int { return 38 }},
		{"total of the page", mock.Listing{Total: mock.TotalOfPage}, all, all},
	} {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			forEachList(t, func(t *testing.T, _ *mock.Server, v *vendorCase) {
				for _, c := range v.lists {
					s := manyUsers()
					s.Fail(mock.Fault{Only: mock.List, Lie: l.lie})
					g := ask(t, s, v.vendor, c.what, c.body)
					equal(t, "rows in "+c.rows, rowCount(t, g, c.rows), l.rows(c.n))
					if c.total != "" {
						equal(t, "total", g.field(t, c.total).(float64), float64(l.total(c.n)))
					}
				}
			})
		})
	}
}

// The rows and the totals of the lists of 45 people.
func all(n int) int { return n }

func none(int) int { return 0 }

func everybody(int) int { return 45 }

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
	forEachList(t, func(t *testing.T, _ *mock.Server, v *vendorCase) {
		for _, c := range v.lists {
			if c.first[0] == "" {
				c.first = [2]string{c.what, c.body}
			}
			s := manyUsers()
			want := ask(t, s, v.vendor, c.first[0], c.first[1]).body
			s.Fail(mock.Fault{Lie: mock.Ignore{Params: mock.Paging}})
			if got := ask(t, s, v.vendor, c.what, c.body).body; got != want {
				t.Errorf("%s: got another page without the parameters %v, want the first one: put the name of the parameter "+
					"into Paging in lie.go", c.what, mock.Paging)
			}
		}
	})
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
	forEachVendor(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
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
	sfoxCase.add(s)
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
