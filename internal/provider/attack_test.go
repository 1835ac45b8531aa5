package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// byKey answers each request from the mock whose key it carries: two partners, or two API consumers, on one host.
type byKey map[string]http.Handler

func (b byKey) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for key, vendor := range b {
		sent := []string{r.Header.Get("Authorization"), r.Header.Get("api_key")}
		if slices.Contains(append(sent, r.Header["api_key"]...), key) || sent[0] == "Bearer "+key {
			vendor.ServeHTTP(w, r)
			return
		}
	}
	b[acmeKey].ServeHTTP(w, r) // a token of a user
}

// process is a fresh provider that has this key for the vendor and records into the log.
func (b byKey) process(t *testing.T, v vendorCase, key, log string) *driver {
	t.Helper()
	return virtualDriver(t, b, attributes{"evidence_log": log, v.kind.name: attributes{
		"api_key": key, "base_url": "http://127.0.0.1:1" + prefixes[v.kind.name], "requests_per_second": 100000,
	}})
}

const (
	acmeKey = "first-key-of-acme-4711"
	betaKey = "second-key-of-beta-0815"
)

// Ines has an account with each of two API consumers. The first closing is refused because a lab runs; the second one,
// with the other consumer's key, closes the other account.
func TestAttack_reportProvesNoAccountOfAnotherConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, log := skillableCase, t.TempDir()+"/log.jsonl"
		first, second := mock.New(acmeKey), mock.New(betaKey)
		v.add(first)
		v.add(second)
		second.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 41, Name: "Exam"}} })
		vendors := byKey{acmeKey: first, betaKey: second}
		for _, key := range []string{betaKey, acmeKey} {
			d := vendors.process(t, v, key, log)
			m, diags := d.destroy(d.mustTake(v.kind, v.id))
			t.Logf("%s: gone %v result %q errors %q", key, m.gone(), lastOutcome(t, log).Result, diags.errors())
		}
		report := readEvidence(t, log).Report("log", reportWords)
		if second.Skillable.Has(v.id) && strings.Contains(report, "The closing of every account is proven") {
			t.Errorf("proven, and the account of the second consumer is open:\n%s", report)
		}
	})
}

// idle accepts each closing call of sFOX and does nothing.
func idle(w http.ResponseWriter, r *http.Request, _ string) bool {
	if r.Method != http.MethodDelete {
		return false
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// Two partners share a log and have a customer with the same ID and address. The call for the one partner's account
// explains no absence of the other one's.
func TestAttack_theLogOfAnotherPartnerExplainsNoAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first, second := &liar{mock: mock.New(acmeKey), answer: idle}, &liar{mock: mock.New(betaKey)}
		v.add(first.mock)
		v.add(second.mock)
		vendors := byKey{acmeKey: first, betaKey: second}
		m := vendors.process(t, v, betaKey, log).mustTake(v.kind, v.id)
		d := vendors.process(t, v, acmeKey, log)
		if after, _ := d.destroy(d.setTimeout(d.mustTake(v.kind, v.id), "1m")); after.gone() {
			t.Fatal("gone, want an accepted call without an effect")
		}
		second.answer = blindSFOX
		after, diags := vendors.process(t, v, betaKey, log).destroy(m)
		o := lastOutcome(t, log)
		t.Logf("gone %v result %q proof %q errors %q warnings %q",
			after.gone(), o.Result, o.Proof, diags.errors(), diags.warnings())
		if second.mock.SFOX.Has(v.id) && o.Result == evidence.AlreadyClosed {
			t.Errorf("got %q, and no call for this account ever left; it is open", o.Result)
		}
	})
}

// The call is accepted and has no effect. The next run has the key of another partner, who has no such customer.
func TestAttack_theKeyOfAnotherPartnerProvesNoClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first, second := &liar{mock: mock.New(acmeKey), answer: idle}, mock.New(betaKey)
		v.add(first.mock)
		v.put(second, "z-1", "Zoe Zed", "zoe@other.test")
		vendors := byKey{acmeKey: first, betaKey: second}
		d := vendors.process(t, v, acmeKey, log)
		m, diags := d.destroy(d.setTimeout(d.mustTake(v.kind, v.id), "1m"))
		if m.gone() {
			t.Fatal("gone, want an accepted call without an effect")
		}
		t.Logf("run 1: result %q sent %q errors %q",
			lastOutcome(t, log).Result, lastOutcome(t, log).Sent, diags.errors())
		d = vendors.process(t, v, betaKey, log)
		m, diags = d.read(m)
		status := m.text("status")
		t.Logf("refresh: status %q errors %q warnings %q", status, diags.errors(), diags.warnings())
		after, diags := d.destroy(m)
		o := lastOutcome(t, log)
		t.Logf("run 2: gone %v result %q proof %q errors %q warnings %q",
			after.gone(), o.Result, o.Proof, diags.errors(), diags.warnings())
		if first.mock.SFOX.Has(v.id) && (after.gone() || status == "closed" || o.Result == evidence.AlreadyClosed) {
			t.Errorf("got status %q, gone %v and %q by the answers of another partner's key; the account is open",
				status, after.gone(), o.Result)
		}
	})
}

// A hundred labs of another API consumer show Ines under the ID and fill the first page of the search. The second page
// shows whose account the key closes: somebody in never_close.
func TestAttack_skillableReadsAllLabsBeforeItBelievesAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := skillableCase
		f := newLiar(t, v)
		var rows []string
		for i := range 100 {
			rows = append(rows, labRow(1000-i, int64(1790000000-i), "Beta"))
		}
		names := strings.NewReplacer("Ines", "Bea", "Varga", "Boss", inesEmail, "boss@acme.test")
		const page = `{"TotalResults":101,"TotalPages":2,"Status":1,"Error":null,"Results":[%s]}`
		closed := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case at == "/CloseUserAccount":
				closed = true
			case at == "/labinstance/search" && r.URL.Query().Get("pageIndex") == "0":
				return say(w, 200, fmt.Sprintf(page, strings.Join(rows, ",")))
			case at == "/labinstance/search":
				return say(w, 200, fmt.Sprintf(page, names.Replace(labRow(7, 1767225600, "Acme"))))
			}
			return false
		}
		d := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{"boss@acme.test"}})
		m := d.mustTake(v.kind, v.id)
		_, diags := d.destroy(m)
		t.Logf("imported as %q: errors %q warnings %q", m.text("email"), diags.errors(), diags.warnings())
		if closed {
			t.Error("a closing call left for an ID that shows boss@acme.test, who is in never_close, on page two")
		}
	})
}

// The run is killed after the closing call took effect, before it could write anything but its intent. The same saved
// plan is applied again.
func TestAttack_theSamePlanAppliedAgainGoesOnAfterAKill(t *testing.T) {
	for _, v := range []vendorCase{konstantlyCase, sfoxCase} {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				strict := attributes{"evidence_log": f.log, "strict_plan": true}
				d := virtualDriver(t, f, strict)
				m := d.mustTake(v.kind, v.id)
				p, _ := virtualDriver(t, f, attributes{"evidence_log": f.log}).planDestroy(m)
				time.Sleep(time.Minute)
				account := evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id}
				_, err := evidence.New(f.log).Begin(t.Context(), evidence.Intent{
					Account: account, Email: inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
				})
				if err != nil {
					t.Fatal(err)
				}
				v.drop(f.mock, v.id)
				time.Sleep(time.Minute)
				after, diags := virtualDriver(t, f, strict).apply(t.Context(), p)
				t.Logf("the same plan: gone %v result %q errors %.300q",
					after.gone(), f.outcome(t).Result, diags.errors())
				for range 2 {
					if !after.gone() {
						d := virtualDriver(t, f, strict)
						after, _ = d.read(after)
						after, diags = d.destroy(after)
						t.Logf("a further run: gone %v result %q errors %.300q",
							after.gone(), f.outcome(t).Result, diags.errors())
					}
				}
				if o := f.outcome(t); !after.gone() || o.Result != evidence.AlreadyClosed {
					t.Errorf("got gone %v and %q, want that the killed run's call explains the absence",
						after.gone(), o.Result)
				}
			})
		})
	}
}

// The run is killed after the closing call took effect, before it could write more than its intent. Under strict_plan
// the next plan has to find in the log what explains the absence.
func TestAttack_strictPlanGoesOnAfterAKill(t *testing.T) {
	for _, v := range []vendorCase{konstantlyCase, sfoxCase} {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				strict := attributes{"evidence_log": f.log, "strict_plan": true}
				m := virtualDriver(t, f, strict).mustTake(v.kind, v.id)
				time.Sleep(time.Minute)
				if _, err := evidence.New(f.log).Begin(t.Context(), evidence.Intent{
					Account: evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id},
					Email:   inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
				}); err != nil {
					t.Fatal(err)
				}
				v.drop(f.mock, v.id)
				time.Sleep(time.Minute)
				d := virtualDriver(t, f, strict)
				m, _ = d.read(m)
				after, diags := d.destroy(m)
				t.Logf("gone %v result %q errors %q", after.gone(), f.outcome(t).Result, diags.errors())
				if o := f.outcome(t); !after.gone() || o.Result != evidence.AlreadyClosed {
					t.Errorf("got gone %v and %q, want that the intent in the log explains the absence",
						after.gone(), o.Result)
				}
			})
		})
	}
}

// The answer to the closing call is lost, and the call had no effect. The next run has the key of an administrator of
// another mailbox in the same network, who sees the people of that mailbox alone.
func TestAttack_theColleaguesOfAnotherMailboxVouchForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustTake(v.kind, v.id))
		f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodDelete {
				panic(http.ErrAbortHandler)
			}
			return false
		}
		m, diags := d.apply(t.Context(), p)
		if m.gone() {
			t.Fatal("gone, want a lost call")
		}
		t.Logf("run 1: result %q sent %q errors %.200q", f.outcome(t).Result, f.outcome(t).Sent, diags.errors())
		user := func(id int, login, level string) string {
			return fmt.Sprintf(`{"userId":%d,"login":%q,"email":"%s@other.test","firstName":"A","lastName":%q,`+
				`"networkId":12,"mailboxId":77,"authLevel":%q,"status":"Active"}`,
				id, login, login, login, level)
		}
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch at {
			case "/users/me":
				return say(w, 200, `{"success":true,"data":`+user(555, "mia", "MailboxAdmin")+`}`)
			case "/users/list":
				return say(w, 200, `{"success":true,"data":[`+user(555, "mia", "MailboxAdmin")+`,`+
					user(556, "ben", "MailboxUser")+`]}`)
			}
			return withoutInes(w, r, at)
		}
		d = f.process(t)
		m, diags = d.read(m)
		t.Logf("refresh: status %q network %q errors %q warnings %.300q",
			m.text("status"), m.state, diags.errors(), diags.warnings())
		after, diags := d.destroy(m)
		o := f.outcome(t)
		t.Logf("run 2: gone %v result %q proof %q errors %.300q", after.gone(), o.Result, o.Proof, diags.errors())
		if v.has(f.mock, v.id) && o.Result == evidence.AlreadyClosed {
			t.Errorf("%q by the answers of a key that sees another mailbox; the account is open", o.Result)
		}
	})
}

// The answers to the closing call are lost, and the run itself reads the account as open after the last of them, and
// says so. Days later the key does not see the account any more.
func TestAttack_aCallAfterWhichTheRunSawTheAccountOpenExplainsNoAbsence(t *testing.T) {
	for _, test := range []struct {
		v      vendorCase
		hidden func(http.ResponseWriter, *http.Request, string) bool
	}{{ecgridCase, withoutInes}, {sfoxCase, blindSFOX}} {
		t.Run(test.v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, test.v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustTake(test.v.kind, test.v.id))
				f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
					if r.Method == http.MethodDelete {
						panic(http.ErrAbortHandler)
					}
					return false
				}
				m, diags := d.apply(t.Context(), p)
				if m.gone() || !strings.Contains(diags.errors(), "is still open, as far as") {
					t.Fatalf("gone %v, errors %q, want an account that is still open", m.gone(), diags.errors())
				}
				time.Sleep(48 * time.Hour)
				f.answer = test.hidden
				d = f.process(t)
				m, _ = d.read(m)
				after, diags := d.destroy(m)
				o := f.outcome(t)
				t.Logf("gone %v result %q proof %q warnings %q errors %q",
					after.gone(), o.Result, o.Proof, diags.warnings(), diags.errors())
				if o.Result == evidence.AlreadyClosed {
					t.Errorf("%q by calls after which the account was seen open; open: %v",
						o.Result, test.v.has(f.mock, test.v.id))
				}
			})
		})
	}
}

// The key of another partner was put into the provider block by mistake. A hash of the key that saw the account is kept
// beside it, so that what another key does not see is known to say nothing.
func TestAttack_theKeyOfAnotherPartnerShowsNobodyAsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first, second := mock.New(acmeKey), mock.New(betaKey)
		v.add(first)
		v.put(second, "z-1", "Zoe Zed", "zoe@other.test")
		vendors := byKey{acmeKey: first, betaKey: second}
		m := vendors.process(t, v, acmeKey, log).mustTake(v.kind, v.id)
		d := vendors.process(t, v, betaKey, log)
		refreshed, diags := d.read(m)
		t.Logf("refresh: status %q warnings %.200q", refreshed.text("status"), diags.warnings())
		after, diags := d.destroy(refreshed)
		t.Logf("gone %v result %q warnings %.200q errors %.200q",
			after.gone(), lastOutcome(t, log).Result, diags.warnings(), diags.errors())
		if refreshed.text("status") == "closed" || after.gone() {
			t.Errorf("got status %q and gone %v by the answers of another key; the account is open: %v",
				refreshed.text("status"), after.gone(), first.SFOX.Has(v.id))
		}
	})
}

// The same, after an accepted call, with a partner who has no customer at all yet.
func TestAttack_theEmptyListOfAnotherPartnerIsNotThatOfTheLastUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first, second := &liar{mock: mock.New(acmeKey), answer: idle}, mock.New(betaKey)
		v.add(first.mock)
		vendors := byKey{acmeKey: first, betaKey: second}
		d := vendors.process(t, v, acmeKey, log)
		m, _ := d.destroy(d.setTimeout(d.mustTake(v.kind, v.id), "1m"))
		if m.gone() {
			t.Fatal("gone, want an accepted call without an effect")
		}
		d = vendors.process(t, v, betaKey, log)
		m, _ = d.read(m)
		after, diags := d.destroy(m)
		t.Logf("gone %v result %q warnings %.300q errors %.300q",
			after.gone(), lastOutcome(t, log).Result, diags.warnings(), diags.errors())
		if after.gone() {
			t.Errorf("the user left the state by the answers of another partner's key; the account is open: %v",
				first.mock.SFOX.Has(v.id))
		}
	})
}

// The list has one row that lacks a field, for ever. The row names its ID, which is another one, so that it cannot be
// the account whose closing is to be proven.
func TestAttack_aRowOfAnotherIDThatCannotBeReadStopsNoProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			return r.Method == http.MethodGet && at == "/users" && say(w, 200, fmt.Sprintf(
				`{"totalCount":2,"users":[{"id":"guest-1","name":"Guest"},`+
					`{"id":%q,"name":%q,"email":%q,"isBanned":false}]}`,
				v.other, ottoName, ottoEmail))
		}
		d := f.process(t)
		m, diags := d.destroy(d.mustTake(v.kind, v.id))
		t.Logf("run 1: gone %v result %q errors %q", m.gone(), f.outcome(t).Result, diags.errors())
		if m.gone() {
			return
		}
		d = f.process(t)
		m, diags = d.read(m)
		t.Logf("refresh: %q %q", diags.errors(), diags.warnings())
		_, diags = d.planDestroy(m)
		t.Errorf("got the account closed %v and proven never; each further plan ends in %q",
			!v.has(f.mock, v.id), diags.errors())
	})
}

// The block of a user was given the provider alias of another API consumer, or of another partner, who has the same
// person under the same ID. Terraform shows nothing of it. What is closed from now on is another account.
func TestAttack_anotherKeyIsToldThoughItShowsThePerson(t *testing.T) {
	for _, v := range []vendorCase{sfoxCase, skillableCase} {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := t.TempDir() + "/log.jsonl"
				first, second := mock.New(acmeKey), mock.New(betaKey)
				v.add(first)
				v.add(second)
				vendors := byKey{acmeKey: first, betaKey: second}
				m := vendors.process(t, v, acmeKey, log).mustTake(v.kind, v.id)
				d := vendors.process(t, v, betaKey, log)
				m, refresh := d.read(m)
				after, diags := d.destroy(m)
				t.Logf("gone %v, open with the first key %v, with the second %v",
					after.gone(), v.has(first, v.id), v.has(second, v.id))
				said := refresh.warnings() + diags.warnings() + diags.errors()
				if !strings.Contains(said, "is another one than the one that saw") {
					t.Errorf("got %q, want that the key is another one", said)
				}
			})
		})
	}
}

// The state is restored from a backup of before the closing, which the log proves.
func TestAttack_aRestoredStateFindsTheProvenClosingInTheLog(t *testing.T) {
	for _, v := range []vendorCase{konstantlyCase, sfoxCase} {
		for _, strict := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s strict_plan %v", v.kind.name, strict), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					settings := attributes{"evidence_log": f.log, "strict_plan": strict}
					backup := virtualDriver(t, f, settings).mustTake(v.kind, v.id)
					time.Sleep(time.Hour)
					after, diags := virtualDriver(t, f, settings).destroy(backup)
					if !after.gone() || f.outcome(t).Result != evidence.Closed {
						t.Fatalf("gone %v result %q errors %q", after.gone(), f.outcome(t).Result, diags.errors())
					}
					time.Sleep(time.Hour)
					d := virtualDriver(t, f, settings)
					m, _ := d.read(backup)
					after, diags = d.destroy(m)
					t.Logf("gone %v result %q warnings %.200q errors %.200q",
						after.gone(), f.outcome(t).Result, diags.warnings(), diags.errors())
					if !after.gone() || f.outcome(t).Result != evidence.AlreadyClosed {
						t.Errorf("got gone %v and %q, want that the log explains the absence",
							after.gone(), f.outcome(t).Result)
					}
				})
			})
		}
	}
}
