package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// liar stands before the mock: answer handles a request itself and reports true, or leaves it to the mock.
type liar struct {
	mock   http.Handler
	answer func(w http.ResponseWriter, r *http.Request, path string) bool
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

func say(w http.ResponseWriter, status int, body string) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
	return true
}

// blindSFOX is what a key of another partner sees on the same host: not Ines, but a user of its own.
func blindSFOX(w http.ResponseWriter, r *http.Request, path string) bool {
	switch {
	case r.Method == http.MethodGet && path == "/enterprise/users/cust-7f31":
		return say(w, 404, `{"error":"user not found"}`)
	case r.Method == http.MethodGet && path == "/enterprise/users":
		return say(w, 200, `{"data":[{"user_id":"z-1","email":"zoe@other.test","first_name":"Zoe","last_name":"Z","account_type":"individual","account_role":"client","status":"VERIFIED"}]}`)
	}
	return false
}

func lastResult(t *testing.T, path string) evidence.Outcome {
	t.Helper()
	h, err := evidence.Read(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Closings) == 0 {
		return evidence.Outcome{}
	}
	return h.Closings[len(h.Closings)-1].Outcome
}

func report(t *testing.T, path string) string {
	t.Helper()
	h, err := evidence.Read(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return h.Report("log", reportWords)
}

// The balance check of sFOX fails, so that no closing call is ever made; then the vendor does not show the account.
func TestHostile_sfoxFailedBalanceCheckIsNoClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		sfoxCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		p, _ := d.planDestroy(d.mustTake(sfoxKind, sfoxCase.id))
		broken := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if at == "/user/balance" {
				broken = true
				return say(w, 500, `{"error":"internal"}`)
			}
			return broken && blindSFOX(w, r, at)
		}
		after, diags := d.apply(t.Context(), p)
		t.Logf("errors: %s\nwarnings: %s\noutcome: %+v", diags.errors(), diags.warnings(), lastResult(t, path).Result)
		t.Logf("proof: %s", lastResult(t, path).Proof)
		if after.gone() || lastResult(t, path).Result == evidence.Closed {
			t.Errorf("gone %v, result %q, account open at the vendor %v: no closing call was made", after.gone(), lastResult(t, path).Result, sfoxCase.has(s, sfoxCase.id))
		}
		for _, r := range s.Requests() {
			if r.Change {
				t.Log("change:", r.Route)
			}
		}
	})
}

// The same over two runs: a failed balance check, then a key that does not see the account.
func TestHostile_sfoxFailedBalanceCheckThenBlindKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		sfoxCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		p, _ := d.planDestroy(d.mustTake(sfoxKind, sfoxCase.id))
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/user/balance" && say(w, 500, `{"error":"internal"}`)
		}
		m, diags := d.apply(t.Context(), p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		t.Logf("run 1: %s\nsent %q", diags.errors(), lastResult(t, path).Sent)
		f.answer = blindSFOX
		d = virtualDriver(t, f, attributes{"evidence_log": path})
		p, diags = d.planDestroy(m)
		t.Logf("plan 2: errors %q warnings %q", diags.errors(), diags.warnings())
		m, more := d.apply(t.Context(), p)
		t.Logf("apply 2: errors %q warnings %q result %q", more.errors(), more.warnings(), lastResult(t, path).Result)
		if m.gone() && diags.warnings()+more.warnings() == "" {
			t.Errorf("destroyed without a warning, %q, and the account is open: %v", lastResult(t, path).Result, sfoxCase.has(s, sfoxCase.id))
		}
	})
}

// An ID with a typing error at Skillable, and one failing look.
func TestHostile_skillableZeroRowsBecomeClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		skillableCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		p, _ := d.planDestroy(d.mustTake(skillableKind, "emp-3170")) // Ines is emp-3107
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/stats" && say(w, 200, `{"Status":0,"Error":"try later"}`)
		}
		m, diags := d.apply(t.Context(), p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		t.Logf("run 1: %s\nresult %q sent %q", diags.errors(), lastResult(t, path).Result, lastResult(t, path).Sent)
		f.answer = nil
		d = virtualDriver(t, f, attributes{"evidence_log": path})
		p, diags = d.planDestroy(m)
		m, more := d.apply(t.Context(), p)
		t.Logf("plan 2: warnings %s", diags.warnings())
		t.Logf("apply 2: errors %q warnings %q result %q proof %q", more.errors(), more.warnings(), lastResult(t, path).Result, lastResult(t, path).Proof)
		if m.gone() && lastResult(t, path).Result == evidence.Closed {
			t.Errorf("%q without a warning at apply; no call ever touched a row; %s", lastResult(t, path).Result, report(t, path))
		}
	})
}

// Cancelling a lab counts as the closing call.
func TestHostile_skillableCancelledLabIsNoClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		skillableCase.add(s)
		s.Skillable.Update("emp-3107", func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 41, Name: "Mesh"}} })
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		m := d.mustTake(skillableKind, "emp-3107")
		p, diags := d.planBlock(m, attributes{"id": "emp-3107", "cancel_running_labs": true})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		m, _ = d.apply(t.Context(), p)
		p, _ = d.planDestroy(m)
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/cancel" && say(w, 200, `{"Result":1,"Status":1,"Error":null}`) // accepted, never done
		}
		m, diags = d.apply(t.Context(), p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		t.Logf("run 1: %s\nresult %q sent %q", diags.errors(), lastResult(t, path).Result, lastResult(t, path).Sent)
		// Days later the lab has ended, and the key sees and may close nothing any more.
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/userrunningandsavedlabs":
				return say(w, 200, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
			case "/labinstance/search":
				return say(w, 200, `{"TotalResults":0,"Results":[],"Status":1,"Error":null}`)
			case "/CloseUserAccount":
				return say(w, 200, `{"RowsAffected":0,"Status":1,"Error":null}`)
			}
			return false
		}
		d = virtualDriver(t, f, attributes{"evidence_log": path})
		m, _ = d.read(m)
		p, diags = d.planDestroy(m)
		m, more := d.apply(t.Context(), p)
		t.Logf("plan 2: errors %s warnings %s", diags.errors(), diags.warnings())
		t.Logf("apply 2: errors %q warnings %q result %q proof %q", more.errors(), more.warnings(), lastResult(t, path).Result, lastResult(t, path).Proof)
		if m.gone() && lastResult(t, path).Result == evidence.Closed {
			t.Errorf("%q: the only closing call touched 0 rows; open at the vendor: %v", lastResult(t, path).Result, s.Skillable.Has("emp-3107"))
		}
	})
}

// A lost call of long ago, refuted by any number of readings of the open account, explains every later absence.
func TestHostile_anOldLostCallExplainsANewAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		ecgridCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		p, _ := d.planDestroy(d.mustTake(ecgridKind, ecgridCase.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 503, `upstream`)
		}
		m, diags := d.apply(t.Context(), p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		t.Logf("run 1: %s", diags.errors())
		// The decision is taken back: the block returns, and the account is seen open again and again.
		f.answer = nil
		for range 5 {
			d = virtualDriver(t, f, attributes{"evidence_log": path})
			if m, diags = d.read(m); diags.errors()+diags.warnings() != "" {
				t.Fatal(diags)
			}
			if _, diags = d.planBlock(m, attributes{"id": ecgridCase.id, "email": inesEmail}); diags.errors() != "" {
				t.Fatal(diags.errors())
			}
		}
		t.Logf("status %q progress %+v", m.text("status"), m.remembered().Progress)
		// A year later she leaves. She was moved to a network that the key does not see.
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/users/"+ecgridCase.id && say(w, 404, `{"success":false,"data":null,"errorCode":"ObjectNotFound","message":"no such user"}`)
		}
		d = virtualDriver(t, f, attributes{"evidence_log": path})
		p, diags = d.planDestroy(m)
		m, more := d.apply(t.Context(), p)
		t.Logf("plan: errors %q warnings %q", diags.errors(), diags.warnings())
		t.Logf("apply: errors %q warnings %q result %q proof %q", more.errors(), more.warnings(), lastResult(t, path).Result, lastResult(t, path).Proof)
		if m.gone() && diags.warnings()+more.warnings() == "" {
			t.Errorf("%q without any warning or call; open at the vendor: %v", lastResult(t, path).Result, ecgridCase.has(s, ecgridCase.id))
		}
	})
}

// The evidence of a closing of another person under the same ID.
func TestHostile_theLogOfAnotherPersonExplainsAnAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		sfoxCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		l := evidence.New(path)
		e, err := l.Begin(t.Context(), evidence.Intent{
			Account: evidence.Account{Vendor: "sfox", Tenant: "127.0.0.1:1" + prefixes["sfox"], ID: sfoxCase.id}, Email: "old.owner@acme.test", Status: "active", Action: evidence.Close,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.End(t.Context(), evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Lost}); err != nil {
			t.Fatal(err)
		}
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		m := d.mustTake(sfoxKind, sfoxCase.id) // Ines, a fresh import
		p, diags := d.planDestroy(m)
		f.answer = blindSFOX
		after, more := d.apply(t.Context(), p)
		t.Logf("plan: errors %q warnings %q", diags.errors(), diags.warnings())
		t.Logf("apply: errors %q warnings %q result %q", more.errors(), more.warnings(), lastResult(t, path).Result)
		if after.gone() && lastResult(t, path).Result == evidence.AlreadyClosed {
			t.Errorf("Ines is %q because of a call for another person; open: %v", lastResult(t, path).Result, sfoxCase.has(s, sfoxCase.id))
		}
	})
}

// An account that was seen open after its proof.
func TestHostile_reportProvesAnAccountThatWasSeenOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	l := evidence.New(path)
	account := evidence.Account{Vendor: "konstantly", Tenant: "acme.konstant.ly/openapi/v1", ID: "7"}
	for _, o := range []evidence.Outcome{{Result: evidence.Closed, Proof: "x"}, {Result: evidence.NotVisible, Error: "the vendor does not show the account any more"}} {
		e, err := l.Begin(t.Context(), evidence.Intent{Account: account, Status: "active", Action: evidence.Close})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.End(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if text := report(t, path); strings.Contains(text, "The closing of every account is proven") {
		t.Errorf("got %s", text)
	}
}

// The key as the ID of a client that hangs on an advisor.
func TestHostile_keyAsTheIDOfAnAttachedClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		sfoxCase.add(s)
		s.SFOX.Update("cust-7f31", func(u *mock.SFOXUser) { u.AccountRole = "Advisor" })
		f := &liar{mock: s}
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			id, _ := json.Marshal(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + "\u202e\x1b[2K\r" + strings.Repeat("x", 1000))
			return at == "/enterprise/users" && r.URL.Query().Get("accountRole") == "client" && say(w, 200,
				`{"data":[{"user_id":`+string(id)+`,"email":"z@z.test","account_role":"client","advisor_user_id":"cust-7f31"}]}`)
		}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		p, diags := d.planDestroy(d.mustTake(sfoxKind, sfoxCase.id))
		if strings.Contains(diags.warnings(), mockKey) {
			t.Errorf("the plan shows the key: %.300s", diags.warnings())
		}
		if strings.Contains(string(p.private), "bW9jay1rZXk") || strings.Contains(string(p.private), mockKey) {
			t.Error("the private data holds the key")
		}
		_, _ = d.apply(t.Context(), p)
		if h, _ := evidence.Read(context.Background(), path); len(h.Closings) > 0 {
			if text, _ := json.Marshal(h.Closings[0].Findings); strings.Contains(string(text), mockKey) {
				t.Errorf("the evidence holds the key: %.200s", text)
			}
		}
	})
}

// The first call took effect and its answer is lost; another person has the ID now.
func TestHostile_resendClosesAnotherPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		sfoxCase.add(s)
		f := &liar{mock: s}
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, f, attributes{"evidence_log": path})
		p, _ := d.planDestroy(d.mustTake(sfoxKind, sfoxCase.id))
		deletes := 0
		f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method != http.MethodDelete {
				return false
			}
			if deletes++; deletes > 1 {
				return false
			}
			s.ServeHTTP(httptest.NewRecorder(), r) // Ines is closed
			s.SFOX.Drop(sfoxCase.id)
			s.SFOX.Add(mock.SFOXUser{ID: sfoxCase.id, Name: "Zoe New", Email: "zoe@acme.test"}) // the partner gives the ID to somebody else
			panic(http.ErrAbortHandler)
		}
		_, diags := d.apply(t.Context(), p)
		t.Logf("errors %q result %q", diags.errors(), lastResult(t, path).Result)
		if deletes > 1 || !s.SFOX.Has(sfoxCase.id) {
			t.Errorf("%d calls, Zoe New is open: %v", deletes, s.SFOX.Has(sfoxCase.id))
		}
	})
}

// Two accounts whose IDs differ in letter case.
func TestHostile_maxClosuresCountsTwoAccountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		sfoxCase.add(s)
		s.SFOX.Add(mock.SFOXUser{ID: "CUST-7F31", Name: "Zoe Zed", Email: "zoe@acme.test"})
		d := virtualDriver(t, s, attributes{"max_closures": 1})
		a, b := d.mustTake(sfoxKind, "cust-7f31"), d.mustTake(sfoxKind, "CUST-7F31")
		pa, da := d.planDestroy(a)
		pb, db := d.planDestroy(b)
		t.Logf("plans: %q %q", da.errors(), db.errors())
		d = virtualDriver(t, s, attributes{"max_closures": 1})
		aa, d1 := d.apply(t.Context(), pa)
		bb, d2 := d.apply(t.Context(), pb)
		t.Logf("%q %q", d1.errors(), d2.errors())
		if aa.gone() && bb.gone() {
			t.Error("two accounts closed under max_closures = 1")
		}
	})
}
