package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// evening is a vendor with tokens. What it answers, a test says; a status of 0 leaves it the truth.
type evening struct {
	say  func(r *http.Request) (status int, body string)
	sent int  // how many closing calls came
	bare bool // the definition has no list

	change func(definition string) string // nil for none
}

const eveningID = "90071992547409931"

var eveningKind = kindDeclared("evening", "Evening")

func (v *evening) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete {
		v.sent++
	}
	status, body := v.say(r)
	if status == 0 {
		status, body = v.truth(r)
	}
	say(w, status, body)
}

func (v *evening) truth(r *http.Request) (status int, body string) {
	switch r.Method + " " + r.URL.Path {
	case "POST /token":
		return 200, fmt.Sprintf(`{"access_token":"token-%d","expires_in":90}`, time.Now().UnixNano())
	case "GET /v1/whoami":
		return 200, `{"data":{"ref":7}}`
	case "GET /v1/people/7":
		return 200, `{"data":` + eveningRow("7", "root@acme.test", "on") + `}`
	case "DELETE /v1/people/" + eveningID:
		return 202, `{"data":{"job":"j1"}}`
	case "GET /v1/people/" + eveningID:
		return 200, `{"data":` + eveningRow(eveningID, "ines@acme.test", "on") + `}`
	case "GET /v1/people":
		return 200, `{"data":[` + eveningRow("5", "otto@acme.test", "on") + `],"cursor":null}`
	}
	return 404, `{"fault":{"kind":"no_person","text":"No such person"}}`
}

func eveningRow(id, mail, state string) string {
	return fmt.Sprintf(`{"ref":%s,"mail":%q,"state":%q}`, id, mail, state)
}

// process is a new process of the provider, with a definition that is longer by some text.
func (v *evening) process(t *testing.T, log, more string) *driver {
	t.Helper()
	definition, err := os.ReadFile("../vendors/declared/testdata/evening.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if v.bare {
		definition = regexp.MustCompile(`(?s)\nlist \{.*?\n\}\n`).ReplaceAll(definition, []byte("\n"))
	}
	text := string(definition) + more
	if v.change != nil {
		text = v.change(text)
	}
	return virtualDriver(t, v, attributes{
		"konstantly": nil, "ecgrid": nil, "sfox": nil, "skillable": nil, "evidence_log": log,
		"vendors": attributes{"evening": attributes{
			"definition": text, "api_key": mockKey, "base_url": "http://127.0.0.1:1/v1",
			"requests_per_second": 100000, "settings": attributes{"client": "offboard"},
		}},
	})
}

// The token of a closing call does not come, so the call does not leave. Then the account is not visible any
// more. No call explains that, in no run.
func TestHostileDefinition_aCallWithoutATokenExplainsNoAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		applies, down, hidden := false, false, false
		v := &evening{say: func(r *http.Request) (int, string) {
			switch {
			case r.URL.Path == "/token" && down:
				return 503, `{"error":"temporarily_unavailable"}`
			case strings.HasSuffix(r.URL.Path, eveningID) && hidden:
				return 404, `{"fault":{"kind":"no_person"}}`
			case strings.HasSuffix(r.URL.Path, eveningID) && applies:
				applies, down = false, true
				time.Sleep(1800 * time.Millisecond) // until the token ends
			}
			return 0, ""
		}}
		log := filepath.Join(t.TempDir(), "log.jsonl")
		d := v.process(t, log, "")
		m := d.setTimeout(d.mustImport(eveningKind, eveningID), "1m")
		p := v.process(t, log, "").mustPlanDestroy(m)
		d = v.process(t, log, "")
		d.read(m)
		time.Sleep(58500 * time.Millisecond)
		applies = true
		m, diags := d.apply(t.Context(), p)
		o := lastOutcome(t, log)
		if m.gone() || v.sent != 0 || o.Result != evidence.Failed || o.Sent != "" ||
			!strings.Contains(diags.errors(), "The call was not sent, because of another request") {
			t.Fatalf("got gone %t, %d calls, %q, sent %q and %s, want nothing sent", m.gone(), v.sent, o.Result, o.Sent,
				diags.errors())
		}
		down, hidden = false, true
		m, _ = v.process(t, log, "").read(m)
		p, _ = v.process(t, log, "").planDestroy(m)
		v.process(t, log, "").apply(t.Context(), p)
		if o := lastOutcome(t, log); o.Result != evidence.NotVisible || o.Proof != "" || v.sent != 0 {
			t.Errorf("got %q, proof %q and %d calls, want a user who is not visible", o.Result, o.Proof, v.sent)
		}
	})
}

// The account is shown as closed, and a trace still finds it when the next run asks.
func TestHostileDefinition_aTraceCountsInTheNextRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		signsIn := true
		var v *evening
		v = &evening{say: func(r *http.Request) (int, string) {
			switch {
			case r.URL.Path == "/v1/logins":
				return 200, fmt.Sprintf(`{"data":%t}`, signsIn)
			case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, eveningID) && v.sent > 0:
				return 200, `{"data":` + eveningRow(eveningID, "ines@acme.test", "ended") + `}`
			}
			return 0, ""
		}}
		const trace = `
trace "logins" {
  path  = ["logins"]
  query = { of = user.id }
  found = answer.json.data
}
`
		log := filepath.Join(t.TempDir(), "log.jsonl")
		process := func() *driver { return v.process(t, log, trace) }
		m := process().setTimeout(process().mustImport(eveningKind, eveningID), "20s")
		m, _ = process().apply(t.Context(), process().mustPlanDestroy(m))
		if o := lastOutcome(t, log); m.gone() || o.Result != evidence.Unproven || o.Sent != evidence.Accepted {
			t.Fatalf("got gone %t, %q, sent %q, want an accepted call that is not proven", m.gone(), o.Result, o.Sent)
		}
		m, diags := process().read(m)
		if m.text("status") != "active" || diags.warnings() == "" {
			t.Errorf("got the status %q and %q, want a warning", m.text("status"), diags.warnings())
		}
		if _, diags := process().planDestroy(m); diags.errors() == "" {
			t.Error("got a plan, want an error: nothing proves the closure")
		}
		signsIn = false
		m, _ = process().read(m)
		p, diags := process().planDestroy(m)
		after, more := process().apply(t.Context(), p)
		if o := lastOutcome(t, log); !after.gone() || o.Result != evidence.AlreadyClosed || v.sent != 1 {
			t.Errorf("got gone %t, %q and %d calls, %s%s, want the account closed",
				after.gone(), o.Result, v.sent, diags.errors(), more.errors())
		}
	})
}

// An account that was closed by hand is shown as closed. A trace that needs no more than the email address
// confirms that in any run. With another one, the messages say what the vendor shows.
func TestHostileDefinition_whatIsShownAsClosedIsNotCalledAbsent(t *testing.T) {
	t.Parallel()
	for trace, says := range map[string]string{
		"user.email": "is already closed in Evening", "was.mail": "is shown as closed in Evening, which nothing confirms",
	} {
		t.Run(trace, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				state := "on"
				v := &evening{say: func(r *http.Request) (int, string) {
					switch {
					case r.URL.Path == "/v1/logins":
						return 200, `{"data":[]}`
					case strings.HasSuffix(r.URL.Path, eveningID):
						return 200, `{"data":` + eveningRow(eveningID, "ines@acme.test", state) + `}`
					}
					return 0, ""
				}}
				log := filepath.Join(t.TempDir(), "log.jsonl")
				process := func() *driver {
					return v.process(t, log, `
trace "logins" {
  path  = ["logins"]
  query = { of = `+trace+` }
  found = answer.json.data
}
`)
				}
				m := process().mustImport(eveningKind, eveningID)
				state = "ended"
				m, diags := process().read(m)
				if got := diags.warnings(); !strings.Contains(got, says) || strings.Contains(got, "not visible") {
					t.Errorf("got %q, want that it %s", got, says)
				}
				p, diags := process().planDestroy(m)
				if confirmed := trace == "user.email"; !confirmed {
					if !strings.Contains(diags.errors(), says) {
						t.Errorf("got %q, want that it %s", diags.errors(), says)
					}
					return
				}
				if after, diags := process().apply(t.Context(), p); !after.gone() || v.sent > 0 {
					t.Errorf("got gone %t, %d calls and %q, want the user out of the state", after.gone(), v.sent, diags.errors())
				}
			})
		})
	}
}

// Before the closing call the ID shows another person. That is not what the closing leaves of an account.
func TestHostileDefinition_anotherPersonIsNoAnonymousAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		applies, reads, sent := false, 0, 0
		user := func(first, last, name string) string {
			return fmt.Sprintf(`{"Status":0,"Roles":[0],"User":{"Id":90417,"FirstName":%q,"LastName":%q,"UserName":%q,`+
				`"OrganizationId":612,"Disabled":false,"Email":"%s@acme.test"}}`, first, last, name, name)
		}
		vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch path := r.URL.Path; {
			case strings.Contains(path, "/CloseUserAccount"):
				sent++
				say(w, 200, `{"Status":0,"RowsAffected":5}`)
			case strings.HasSuffix(path, "/GetUser/90417"):
				if applies {
					reads++
					time.Sleep(2500 * time.Millisecond) // too long for a call
				}
				if reads > 1 {
					say(w, 200, user("Otto", "Berg", "otto"))
					return
				}
				say(w, 200, user("Ines", "Varga", "ines"))
			case strings.HasSuffix(path, "/GetUserRoles"):
				say(w, 200, `{"Status":0,"Roles":[{"Id":0,"Name":"All"}]}`)
			case strings.Contains(path, "/GetUser"):
				say(w, 200, `{"Status":20,"Error":"Not found"}`)
			default:
				say(w, 200, `{"Status":0,"Results":[],"SearchSubscriptionsResults":[],"TotalCount":0}`)
			}
		})
		log := filepath.Join(t.TempDir(), "log.jsonl")
		process := func() *driver {
			return virtualDriver(t, vendor, attributes{"evidence_log": log, "vendors": attributes{"skillable_tms": attributes{
				"definition": definitionOf("skillable_tms"), "api_key": mockKey, "base_url": "http://127.0.0.1:1",
				"requests_per_second": 100000,
			}}})
		}
		m := process().mustImport(kindDeclared("skillable_tms", "Skillable TMS"), "90417")
		p := process().mustPlanDestroy(m)
		applies = true
		m, diags := process().apply(t.Context(), p)
		if o := lastOutcome(t, log); m.gone() || sent != 0 || o.Result != evidence.RefusedByGuard {
			t.Errorf("got gone %t, %d calls, %q and %s, want a refusal", m.gone(), sent, o.Result, diags.errors())
		}
	})
}

// A leaver has two rows in the list, one of which shows the account open.
func TestHostileDefinition_twoRowsOfALeaverAreNoClosedAccount(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]string{
		"closed and open": {eveningRow("6", "ines@acme.test", "ended"), eveningRow("6", "ines@acme.test", "on")},
		"two addresses":   {eveningRow("6", "otto@acme.test", "on"), eveningRow("6", "ines@acme.test", "on")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &evening{say: func(r *http.Request) (int, string) {
					if r.URL.Path == "/v1/people" {
						return 200, `{"data":[` + strings.Join(rows, ",") + `],"cursor":null}`
					}
					return 0, ""
				}}
				d := v.process(t, filepath.Join(t.TempDir(), "log.jsonl"), "")
				_, diags := d.dataSource("offboard_accounts", attributes{
					"people":  peopleOf(row{"email": "ines@acme.test", "left_on": "1999-01-01"}, row{"email": "otto@acme.test"}),
					"fail_on": []string{"leaver"},
				})
				if !strings.Contains(diags.errors(), "another row has its ID") {
					t.Errorf("got %q, want the row named", diags.errors())
				}
			})
		})
	}
}

// A key that lost the right to see users gets the same answer for a leaver as for an account that is gone.
func TestHostileDefinition_aBlindKeyWithoutAListClearsNoLeaver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		blind  string // whose accounts are not shown
		errors bool
	}{
		"a key that sees its owner": {"/people/" + eveningID, false}, "a blind key": {"/people/", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				blind := false
				v := &evening{bare: true, say: func(r *http.Request) (int, string) {
					if blind && strings.Contains(r.URL.Path, c.blind) {
						return 404, `{"fault":{"kind":"no_person"}}`
					}
					return 0, ""
				}}
				d := v.process(t, filepath.Join(t.TempDir(), "log.jsonl"), "")
				config := attributes{"fail_on": []string{"leaver"}, "people": peopleOf(row{
					"email": "ines@acme.test", "left_on": "1999-01-01", "accounts": row{"evening": eveningID},
				})}
				if _, diags := d.dataSource("offboard_accounts", config); !strings.Contains(diags.errors(), "leaver") {
					t.Fatalf("got %q, want the leaver", diags.errors())
				}
				blind = true
				_, diags := d.dataSource("offboard_accounts", config)
				if (diags.errors() != "") != c.errors {
					t.Errorf("got %q, want an error: %t", diags.errors(), c.errors)
				}
			})
		})
	}
}
