package provider

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// cutEvening is a vendor whose answers at a path have two users, as many as the definition asks for.
func cutEvening(path string, total string) *evening {
	rows := eveningRow("5", "otto@acme.test", "on") + "," + eveningRow("6", "zoe@acme.test", "on")
	return &evening{say: func(r *http.Request) (int, string) {
		if r.URL.Path == path {
			return 200, `{"data":[` + rows + `]` + total + `}`
		}
		return 0, ""
	}}
}

// The definition asks for two users, and two come. Ines is the third one.
func TestHostileDefinition_aListThatTheRequestCuts(t *testing.T) {
	t.Parallel()
	const null = "  first = null\n  next  = null\n"
	for name, c := range map[string]struct {
		list, total string
		whole       bool
	}{
		"a limit":                         {"  query = { limit = 2 }\n" + null, "", false},
		"a text":                          {"  query = { \"page[size]\" = \"2\" }\n" + null, "", false},
		"in a form":                       {"  method = \"POST\"\n  form = { top = 2 }\n" + null, "", false},
		"in JSON":                         {"  method = \"POST\"\n  body = { limit = 2 }\n" + null, "", false},
		"in a body":                       {"  method = \"POST\"\n  body = { q = \"users(first: 2)\" }\n" + null, "", false},
		"more":                            {"  query = { limit = 3 }\n" + null, "", true},
		"a word":                          {"  query = { limit = \"v2\", size = \"2026-12-02\" }\n" + null, "", true},
		"a version":                       {"  query = { v = 2 }\n" + null, "", true},
		"a limit that the vendor applied": {"  query = { limit = 1000 }\n" + null, `,"meta":{"per_page":2}`, false},
		"a count of the rows":             {"  query = { limit = 1000 }\n" + null, `,"count":2`, true},
		"beside a total":                  {"  query = { limit = 2 }\n  total = answer.json.all\n" + null, `,"all":2`, true},
		"the vendor's end mark": {
			"  query = { limit = 2 }\n  first = null\n  next  = answer.json.cursor\n", `,"cursor":null`, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := cutEvening("/v1/people", c.total)
				v.change = func(s string) string {
					i, j := strings.Index(s, "list {"), strings.Index(s, "step \"end\"")
					return s[:i] + "list {\n  path = [\"people\"]\n  records = answer.json.data\n" + c.list + "}\n\n" + s[j:]
				}
				errs, tells := eveningDoubts(t, v, "", row{"email": "otto@acme.test"}, row{"email": "zoe@acme.test"})
				if tells != c.whole || c.whole != (errs == "") || !c.whole && !strings.Contains(errs, "a size in the request") {
					t.Errorf("got %q and a whole list: %t, want %t", errs, tells, c.whole)
				}
			})
		})
	}
}

// A search that brings as many others as it asks for says nothing of somebody behind them.
func TestHostileDefinition_aSearchThatTheRequestCuts(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"limit = 2": "null", "limit = 3": "false", "max_results = 2, page = 1": "null", "page = 1": "false",
	} {
		synctest.Test(t, func(t *testing.T) {
			v := cutEvening("/v1/people", "")
			v.bare = true
			d := v.process(t, filepath.Join(t.TempDir(), "log.jsonl"), `
find_by_email {
  path    = ["people"]
  query   = { q = user.email, `+query+` }
  records = answer.json.data
}
`)
			m, diags := d.data("offboard_user", attributes{"vendor": "evening", "email": "ines@acme.test"})
			if m.exists() != want || diags.errors() != "" {
				t.Errorf("%s: got %s and %q, want %s", query, m.exists(), diags.errors(), want)
			}
		})
	}
}

// The account is absent after the call. The trace asks for two members, two come, and Ines is the third one. An
// obstacle that may be behind two others keeps the call from leaving.
func TestHostileDefinition_aTraceOrAnObstacleThatTheRequestCuts(t *testing.T) {
	t.Parallel()
	const looks = "  path  = [\"members\"]\n  query = { per_page = 2 }\n" +
		"  found = [for m in answer.json.data : m.ref if tostring(m.ref) == user.id]\n"
	for name, c := range map[string]struct {
		block string
		sent  int
	}{
		"a trace":     {"\ntrace \"team\" {\n" + looks + "}\n", 1},
		"an obstacle": {"\nobstacle \"owner\" {\n" + looks + "  says = \"owns the account\"\n  blocks = true\n}\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := cutEvening("/v1/members", "")
				members := v.say
				v.say = func(r *http.Request) (int, string) {
					if strings.HasSuffix(r.URL.Path, eveningID) && r.Method == http.MethodGet && v.sent > 0 {
						return 404, `{"fault":{"kind":"no_person","text":"No such person"}}`
					}
					return members(r)
				}
				log := filepath.Join(t.TempDir(), "log.jsonl")
				d := v.process(t, log, c.block)
				p, diags := d.planDestroy(d.mustImport(eveningKind, eveningID))
				if diags.errors() == "" {
					after, _ := v.process(t, log, c.block).apply(t.Context(), p)
					if after.gone() {
						t.Error("the user has left the state")
					}
				}
				if v.sent != c.sent {
					t.Errorf("got %d calls, want %d", v.sent, c.sent)
				}
			})
		})
	}
}

// Nobody else has the address than a user who is shown as ended, and who still has a seat.
func TestHostileDefinition_aSearchThatFindsAClosedAccountWithASeat(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{{"user.id", `"s1"`, "null"}, {"user.id", ``, "false"}, {"was.seat", ``, "null"}} {
		of, seats, want := c[0], c[1], c[2]
		synctest.Test(t, func(t *testing.T) {
			v := &evening{say: func(r *http.Request) (int, string) {
				switch {
				case r.URL.Path == "/v1/seats" && r.URL.Query().Get("of") == eveningID:
					return 200, `{"data":[` + seats + `]}`
				case r.URL.Path == "/v1/people":
					return 200, `{"data":[` + eveningRow(eveningID, "ines@acme.test", "ended") + `,` +
						eveningRow("5", "otto@acme.test", "on") + `],"cursor":null}`
				}
				return 0, ""
			}}
			d := v.process(t, filepath.Join(t.TempDir(), "log.jsonl"), `
find_by_email {
  path    = ["people"]
  query   = { q = user.email }
  records = answer.json.data
}

trace "seats" {
  path  = ["seats"]
  query = { of = `+of+` }
  found = answer.json.data
}
`)
			m, diags := d.data("offboard_user", attributes{"vendor": "evening", "email": "ines@acme.test"})
			if m.exists() != want || diags.errors() != "" {
				t.Errorf("%s, %q: got %s and %q, want %s", of, seats, m.exists(), diags.errors(), want)
			}
		})
	}
}
