package provider

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// The list of a vendor has no fixed order. A row of the first page comes again on the second one, in the place of the
// row of Ines. That is no sign of a list that moved only if the place of the page names the row before it.
func TestHostileDefinition_aRowThatComesAgainHidesAnother(t *testing.T) {
	t.Parallel()
	const list = "list {\n  path    = [\"people\"]\n  query   = { page = page }\n  records = answer.json.data\n"
	for name, c := range map[string]struct {
		place, second string // where the second page begins
		again         string // the row that comes again
		whole         bool
	}{
		"a number":               {"  first = 1\n  next  = answer.json.more ? page + 1 : null\n}\n", "2", "5", false},
		"a number of the vendor": {"  first = 1\n  next  = answer.json.next\n}\n", "2", "5", false},
		"the end of the page":    {"  first = 1\n  next  = answer.json.next\n}\n", "2", "6", false},
		"hidden rows":            {"  first = 0\n  next  = answer.json.next\n}\n", "4", "6", false},
		"an address":             {"  first = null\n  next  = answer.json.next\n}\n", "/people?account_page=2", "5", false},
		"a mark":                 {"  first = null\n  next  = answer.json.next\n}\n", "b81f", "6", false},
		"a mark of another row":  {"  first = null\n  next  = answer.json.next\n}\n", "/?per_page=2&after=6", "5", false},
		"a mark of the row":      {"  first = null\n  next  = answer.json.next\n}\n", "/?per_page=2&from=6", "6", true},
		"a mark in quotes":       {"  first = null\n  next  = answer.json.next\n}\n", "/?startkey=%226%22", "6", true},
		"the row":                {"  first = null\n  next  = answer.json.next\n}\n", "6", "6", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rows := map[string]string{"5": eveningRow("5", "otto@acme.test", "on"), "6": eveningRow("6", "zoe@acme.test", "on")}
				v := &evening{say: func(r *http.Request) (int, string) {
					switch asked := r.URL.Query().Get("page"); {
					case r.URL.Path != "/v1/people":
						return 0, ""
					case asked == c.second:
						rest := []string{rows[c.again], eveningRow("7", "root@acme.test", "on")}
						return 200, `{"data":[` + strings.Join(rest, ",") + `],"more":false,"next":null}`
					}
					next := `"` + c.second + `"`
					if _, err := strconv.Atoi(c.second); err == nil {
						next = c.second
					}
					return 200, `{"data":[` + rows["5"] + `,` + rows["6"] + `],"more":true,"next":` + next + `}`
				}}
				v.change = func(s string) string {
					i, j := strings.Index(s, "list {"), strings.Index(s, "step \"end\"")
					return s[:i] + list + c.place + "\n" + s[j:]
				}
				errs, _ := eveningDoubts(t, v, "", row{"email": "otto@acme.test"}, row{"email": "zoe@acme.test"})
				if got := !strings.Contains(errs, "is incomplete"); got != c.whole {
					t.Errorf("got %q, want a whole list: %t", errs, c.whole)
				}
			})
		})
	}
}

// A vendor cuts its pages of four rows, and then leaves out the third row, which the key may not see. So the second
// page is asked for one row early, and shows that one again.
func TestHostileDefinition_rowsLeftOutBehindTheStep(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]string{
		"counts from page": "page + 4", "counts from the answer": "answer.json.start + 4",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rows := []string{"5", "6", "", "7", "8", "9"}
				v := &evening{say: func(r *http.Request) (int, string) {
					if r.URL.Path != "/v1/people" {
						return 0, ""
					}
					start, _ := strconv.Atoi(r.URL.Query().Get("start"))
					var page []string
					for _, id := range rows[start:min(start+4, len(rows))] {
						if id != "" {
							page = append(page, eveningRow(id, "p"+id+"@acme.test", "on"))
						}
					}
					return 200, fmt.Sprintf(`{"data":[%s],"start":%d,"last":%t}`, strings.Join(page, ","), start, start+4 >= len(rows))
				}}
				v.change = func(s string) string {
					i, j := strings.Index(s, "list {"), strings.Index(s, "step \"end\"")
					return s[:i] + "list {\n  path    = [\"people\"]\n  query   = { start = page }\n  records = answer.json.data\n" +
						"  first   = 0\n  next    = answer.json.last ? null : " + next + "\n}\n" + s[j:]
				}
				if errs, _ := eveningDoubts(t, v, "", row{"email": "p5@acme.test"}); strings.Contains(errs, "is incomplete") {
					t.Errorf("got %q, want a whole list", errs)
				}
			})
		})
	}
}

// A read answers that there is no such person. The list shows the account as open, on its second page.
func TestHostileDefinition_anAbsenceThatTheSecondPageRefutes(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]string{
		"the account": eveningRow(eveningID, "ines@acme.test", "on"), "a new ID": eveningRow("77", "ines@acme.test", "on"),
		"an empty row": "{}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hidden := false
				v := &evening{say: func(r *http.Request) (int, string) {
					switch {
					case r.URL.Path == "/v1/people" && r.URL.Query().Get("after") == "b":
						return 200, `{"data":[` + second + `],"cursor":null}`
					case r.URL.Path == "/v1/people":
						return 200, `{"data":[` + eveningRow("5", "otto@acme.test", "on") + `],"cursor":"b"}`
					case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, eveningID) && hidden:
						return 404, `{"fault":{"kind":"no_person","text":"No such person"}}`
					}
					return 0, ""
				}}
				log := filepath.Join(t.TempDir(), "log.jsonl")
				m := v.process(t, log, "").mustImport(eveningKind, eveningID)
				hidden = true
				m, _ = v.process(t, log, "").read(m)
				if m.text("status") == "closed" {
					t.Error("got the status closed")
				}
				if p, diags := v.process(t, log, "").planDestroy(m); diags.errors() == "" {
					if after, _ := v.process(t, log, "").apply(t.Context(), p); after.gone() {
						t.Error("the user has left the state")
					}
				}
			})
		})
	}
}

// A search by address finds nobody, because it does not look at what is hidden. The list shows that most is.
func TestHostileDefinition_aSearchOfWhatIsHidden(t *testing.T) {
	t.Parallel()
	for rows, want := range map[string]string{
		`{"ref":9,"mail":"i***@acme.test","state":"on"},{"ref":10,"mail":"o***@acme.test","state":"on"}`: "null",
		`{"ref":9,"mail":null,"state":"on"},{"ref":10,"mail":null,"state":"on"}`:                         "null",
		`{"ref":9,"mail":"h@mask.test","state":"on"},{"ref":10,"mail":"h@mask.test","state":"on"}`:       "null",
		`{"ref":9,"mail":"zoe@acme.test","state":"on"},{"ref":10,"mail":"otto@acme.test","state":"on"}`:  "false",
	} {
		synctest.Test(t, func(t *testing.T) {
			v := &evening{say: func(r *http.Request) (int, string) {
				switch {
				case r.URL.Path == "/v1/people" && r.URL.Query().Get("q") != "":
					return 200, `{"data":[]}`
				case r.URL.Path == "/v1/people":
					return 200, `{"data":[` + rows + `],"cursor":null}`
				}
				return 0, ""
			}}
			find := "\nfind_by_email {\n  path = [\"people\"]\n  query = { q = user.email }\n  records = answer.json.data\n}\n"
			d := v.process(t, filepath.Join(t.TempDir(), "log.jsonl"), find)
			m, diags := d.data("offboard_user", attributes{"vendor": "evening", "email": "ines@acme.test"})
			if m.exists() != want {
				t.Errorf("%s: got %s and %q, want %s", rows, m.exists(), diags.errors(), want)
			}
		})
	}
}
