package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// liar stands before the mock: answer handles a request itself and reports true, or leaves it to
// the mock.
type liar struct {
	mock   *mock.Server
	answer func(w http.ResponseWriter, r *http.Request, path string) bool
	log    string // the evidence log of its processes
}

// newLiar is one that knows Ines Varga and Otto Ostrander, and tells the truth until it has an
// answer.
func newLiar(t *testing.T, v vendorCase) *liar {
	t.Helper()
	f := &liar{mock: mock.New(mockKey), log: filepath.Join(t.TempDir(), "log.jsonl")}
	v.add(f.mock)
	return f
}

// forEachLiar runs a test for every one of these vendors, in a bubble with a liar of its own.
func forEachLiar(t *testing.T, vendors []vendorCase, test func(t *testing.T, v vendorCase, f *liar)) {
	t.Helper()
	for _, v := range vendors {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, v, newLiar(t, v)) })
		})
	}
}

func (f *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	for _, prefix := range prefixes {
		path = strings.TrimPrefix(path, prefix)
	}
	if f.answer == nil || !f.answer(w, r, path) {
		f.mock.ServeHTTP(w, r)
	}
}

// process is a fresh provider that asks the liar, and records what it closes.
func (f *liar) process(t *testing.T) *driver {
	t.Helper()
	return virtualDriver(t, f, attributes{"evidence_log": f.log})
}

// apply applies, and prints how that ended beside a failure.
func (f *liar) apply(t *testing.T, d *driver, p planned) (managed, diagnostics) {
	t.Helper()
	m, diags := d.apply(t.Context(), p)
	o := f.outcome(t)
	t.Logf("gone %v result %q sent %q proof %q errors %q warnings %q",
		m.gone(), o.Result, o.Sent, o.Proof, diags.errors(), diags.warnings())
	return m, diags
}

// outcome is the last one in the log; the zero value when nothing was to be closed yet.
func (f *liar) outcome(t *testing.T) evidence.Outcome {
	t.Helper()
	return lastOutcome(t, f.log)
}

// lastOutcome is the last one in a log; the zero value when nothing was to be closed yet.
func lastOutcome(t *testing.T, log string) evidence.Outcome {
	t.Helper()
	closings := readEvidence(t, log).Closures
	if len(closings) == 0 {
		return evidence.Outcome{}
	}
	return closings[len(closings)-1].Outcome
}

func say(w http.ResponseWriter, status int, body string) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
	return true
}

// ignoresDelete has the vendor answer a DELETE and do nothing. then answers the requests after it.
func (f *liar) ignoresDelete(status int, body string, then func(http.ResponseWriter, *http.Request, string) bool) {
	sent := false
	f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
		if r.Method == http.MethodDelete {
			sent = true
			return say(w, status, body)
		}
		return sent && then(w, r, path)
	}
}

// sfoxOfAnotherPartner is what a key of another partner sees on the same host: not Ines, but a user
// of its own.
func sfoxOfAnotherPartner(w http.ResponseWriter, r *http.Request, path string) bool {
	switch {
	case r.Method == http.MethodGet && path == "/enterprise/users/cust-7f31":
		return say(w, 404, `{"error":"user not found"}`)
	case r.Method == http.MethodGet && path == "/enterprise/users":
		return say(
			w,
			200,
			`{"data":[{"user_id":"z-1","email":"zoe@other.test","first_name":"Zoe","last_name":"Z",`+
				`"account_type":"individual","account_role":"client","status":"VERIFIED"}]}`,
		)
	}
	return false
}

// withoutInes is an ECGrid that shows Ines neither by her ID nor in its list, which shows a colleague.
func withoutInes(w http.ResponseWriter, r *http.Request, path string) bool {
	if path != "/users/list" {
		return unreadInes(w, r, path)
	}
	if page, _ := listAsked(r); page > 1 {
		return say(w, 200, ecgridRows())
	}
	return say(w, 200, ecgridRows(`{"userId":555,"login":"mia","email":"mia@other.test","firstName":"Mia",`+
		`"lastName":"Kern","networkId":12,"mailboxId":880,"authLevel":"MailboxUser","status":"Active"}`))
}

// unreadInes is an ECGrid that does not show Ines by her ID. All else it shows as before.
func unreadInes(w http.ResponseWriter, _ *http.Request, path string) bool {
	return path == "/users/"+ecgridCase.id &&
		say(w, 404, ecgridNone)
}

// The balance check of sFOX fails, so that no closing call is ever made; then the vendor does not
// show the account.
func TestHostile_aFailedBalanceCheckIsNoClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(sfoxKind, sfoxCase.id))
		broken := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if at == "/user/balance" {
				broken = true
				return say(w, 500, `{"error":"internal"}`)
			}
			return broken && sfoxOfAnotherPartner(w, r, at)
		}
		after, _ := f.apply(t, d, p)
		if after.gone() || f.outcome(t).Result == evidence.Closed {
			t.Errorf("gone %v, result %q, account open at the vendor %v: no closing call was made",
				after.gone(), f.outcome(t).Result, sfoxCase.has(f.mock, sfoxCase.id))
		}
		for _, r := range f.mock.Requests() {
			if r.Change {
				t.Log("change:", r.Route)
			}
		}
	})
}

// The same over two runs: a failed balance check, then a key that does not see the account.
func TestHostile_aFailedBalanceCheckExplainsNoAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(sfoxKind, sfoxCase.id))
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/user/balance" && say(w, 500, `{"error":"internal"}`)
		}
		m, _ := f.apply(t, d, p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		f.answer = sfoxOfAnotherPartner
		d = f.process(t)
		p, diags := d.planDestroy(m)
		m, more := f.apply(t, d, p)
		if m.gone() && diags.warnings()+more.warnings() == "" {
			t.Errorf("destroyed without a warning, %q, and the account is open: %v",
				f.outcome(t).Result, sfoxCase.has(f.mock, sfoxCase.id))
		}
	})
}

// An ID with a typing error at Skillable, and one failing look.
func TestHostile_callsThatTouchNoRowAreNoClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, "emp-3170")) // Ines is emp-3107
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/stats" && say(w, 200, `{"Status":0,"Error":"try later"}`)
		}
		m, _ := f.apply(t, d, p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		f.answer = nil
		d = f.process(t)
		p, _ = d.planDestroy(m)
		m, _ = f.apply(t, d, p)
		if m.gone() && f.outcome(t).Result == evidence.Closed {
			t.Errorf("%q without a warning at apply; no call ever touched a row; %s",
				f.outcome(t).Result, readEvidence(t, f.log).Report("log", reportWords))
		}
	})
}

// Canceling a lab is no closing call.
func TestHostile_aCanceledLabIsNoClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		f.mock.Skillable.Update("emp-3107", func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 41, Name: "Mesh"}} })
		d := f.process(t)
		m := d.mustImport(skillableKind, "emp-3107")
		p, diags := d.planBlock(m, attributes{"id": "emp-3107", "cancel_running_labs": true})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		m, _ = d.apply(t.Context(), p)
		d = f.process(t)
		p = d.mustPlanDestroy(m)
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/cancel" && say(w, 200, `{"Result":1,"Status":1,"Error":null}`) // accepted, never done
		}
		m, _ = f.apply(t, d, p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		// Days later the lab has ended, and the key sees and may close nothing any more.
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/userrunningandsavedlabs":
				return say(w, 200, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
			case "/labinstance/search":
				return say(w, 200, noLabFound)
			case "/CloseUserAccount":
				return say(w, 200, `{"RowsAffected":0,"Status":1,"Error":null}`)
			}
			return false
		}
		d = f.process(t)
		m, _ = d.read(m)
		p, _ = d.planDestroy(m)
		m, _ = f.apply(t, d, p)
		if m.gone() && f.outcome(t).Result == evidence.Closed {
			t.Errorf("%q: the only closing call touched 0 rows; open at the vendor: %v",
				f.outcome(t).Result, f.mock.Skillable.Has("emp-3107"))
		}
	})
}

// A lost call of long ago, refuted by readings of the open account, explains no later absence.
func TestHostile_anOldLostCallExplainsNoNewAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 503, `upstream`)
		}
		m, _ := d.apply(t.Context(), p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		// The decision is taken back: the block returns, and the account is seen open again and again.
		f.answer = nil
		var diags diagnostics
		for range 5 {
			d = f.process(t)
			if m, diags = d.read(m); diags.errors()+diags.warnings() != "" {
				t.Fatal(diags)
			}
			if _, diags = d.planBlock(m, attributes{"id": ecgridCase.id, "email": inesEmail}); diags.errors() != "" {
				t.Fatal(diags.errors())
			}
		}
		// A year later she leaves. She was moved to a network that the key does not see.
		f.answer = withoutInes
		d = f.process(t)
		p, diags = d.planDestroy(m)
		m, more := f.apply(t, d, p)
		if m.gone() && diags.warnings()+more.warnings() == "" {
			t.Errorf("%q without any warning or call; open at the vendor: %v",
				f.outcome(t).Result, ecgridCase.has(f.mock, ecgridCase.id))
		}
	})
}

// The evidence of a closing of another person under the same ID.
func TestHostile_theLogOfAnotherPersonExplainsNoAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		if err := evidence.New(f.log).Record(t.Context(), evidence.Intent{
			Account: evidence.Account{
				Vendor: "sfox",
				Tenant: "127.0.0.1:1" + prefixes["sfox"],
				ID:     sfoxCase.id,
			},
			Email:  "old.owner@acme.test",
			Status: "active",
			Action: evidence.Close,
		}, evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Lost}); err != nil {
			t.Fatal(err)
		}
		d := f.process(t)
		m := d.mustImport(sfoxKind, sfoxCase.id) // Ines, a fresh import
		p, _ := d.planDestroy(m)
		f.answer = sfoxOfAnotherPartner
		after, _ := f.apply(t, d, p)
		if after.gone() && f.outcome(t).Result == evidence.AlreadyClosed {
			t.Errorf("Ines is %q because of a call for another person; open: %v",
				f.outcome(t).Result, sfoxCase.has(f.mock, sfoxCase.id))
		}
	})
}

// What was proven is proven no more once the vendor has shown the account open, whatever became of
// the closing that saw it.
func TestHostile_reportProvesNobodyWhoWasSeenOpenLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		action       string
		proof, later evidence.Outcome
	}{
		"closed, then not visible any more": {
			evidence.Close, evidence.Outcome{Result: evidence.Closed, Proof: "x"},
			evidence.Outcome{Result: evidence.NotVisible, Error: "the account is not visible any more"},
		},
		"suspended, then active again under a guard": {
			evidence.Block, evidence.Outcome{Result: evidence.Suspended, Proof: "x"},
			evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log.jsonl")
			proven := func(action string, o evidence.Outcome) bool {
				i := evidence.Intent{
					Account: evidence.Account{
						Vendor: "konstantly",
						Tenant: "acme.konstant.ly/openapi/v1",
						ID:     "7",
					},
					Status: "active",
					Action: action,
				}
				if err := evidence.New(path).Record(t.Context(), i, o); err != nil {
					t.Fatal(err)
				}
				return strings.Contains(readEvidence(t, path).Report("log", reportWords), "Every account was proven")
			}
			if !proven(c.action, c.proof) {
				t.Error("got a report that does not say that every closing is proven, want one that does")
			}
			if proven(evidence.Close, c.later) {
				t.Error(
					"got a report that says that every closing is proven, want none: the last record shows the account as active",
				)
			}
		})
	}
}

// The key as the ID of a client that hangs on an advisor.
func TestHostile_aKeyAsTheIDOfAnAttachedClientIsMasked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		f.mock.SFOX.Update("cust-7f31", func(u *mock.SFOXUser) { u.AccountRole = "Advisor" })
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			id, _ := json.Marshal(
				strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + "\u202e\x1b[2K\r" + strings.Repeat("x", 1000),
			)
			return at == "/enterprise/users" && r.URL.Query().Get("accountRole") == "client" && say(w, 200,
				`{"data":[{"user_id":`+string(id)+`,"email":"z@z.test","account_role":"client","advisor_user_id":"cust-7f31"}]}`)
		}
		d := f.process(t)
		p, diags := d.planDestroy(d.mustImport(sfoxKind, sfoxCase.id))
		if strings.Contains(diags.warnings(), mockKey) {
			t.Errorf("the plan shows the key: %.300s", diags.warnings())
		}
		if strings.Contains(fmt.Sprintf("%s", piecesOf(p.private)), mockKey) {
			t.Error("the private data holds the key")
		}
		_, _ = d.apply(t.Context(), p)
		closings := readEvidence(t, f.log).Closures
		if len(closings) == 0 || len(closings[0].Findings) == 0 {
			t.Fatalf("got %+v in the evidence, want the client among the findings", closings)
		}
		if text, _ := json.Marshal(closings[0].Findings); strings.Contains(string(text), mockKey) {
			t.Errorf("the evidence holds the key: %.200s", text)
		}
	})
}

// The first call took effect and its answer is lost; another person has the ID now.
func TestHostile_resendingClosesNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(sfoxKind, sfoxCase.id))
		deletes := 0
		f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method != http.MethodDelete {
				return false
			}
			if deletes++; deletes > 1 {
				return false
			}
			f.mock.ServeHTTP(httptest.NewRecorder(), r) // Ines is closed
			f.mock.SFOX.Drop(sfoxCase.id)
			f.mock.SFOX.Add(
				mock.SFOXUser{ID: sfoxCase.id, Name: "Zoe New", Email: "zoe@acme.test"},
			) // the partner gives the ID to somebody else
			panic(http.ErrAbortHandler)
		}
		f.apply(t, d, p)
		if deletes != 1 || !f.mock.SFOX.Has(sfoxCase.id) {
			t.Errorf("%d calls, Zoe New is open: %v", deletes, f.mock.SFOX.Has(sfoxCase.id))
		}
	})
}

// Two accounts whose IDs differ in letter case.
func TestHostile_maxClosuresCountsIDsThatDifferInCase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		sfoxCase.add(s)
		s.SFOX.Add(mock.SFOXUser{ID: "CUST-7F31", Name: "Zoe Zed", Email: "zoe@acme.test"})
		d := virtualDriver(t, s, attributes{"max_closures": 1})
		a, b := d.mustImport(sfoxKind, "cust-7f31"), d.mustImport(sfoxKind, "CUST-7F31")
		pa, _ := d.planDestroy(a)
		pb, _ := d.planDestroy(b)
		d = virtualDriver(t, s, attributes{"max_closures": 1})
		aa, _ := d.apply(t.Context(), pa)
		bb, _ := d.apply(t.Context(), pb)
		if aa.gone() && bb.gone() {
			t.Error("two accounts closed under max_closures = 1")
		}
	})
}
