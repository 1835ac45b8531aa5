package provider

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

const ottoBerg = "otto.berg@acme.test"

// lockedOut is Ines with a status that is not documented.
const lockedOut = `{"success":true,"data":{"userId":30417,"login":"ines","email":"ines.varga@acme.test",` +
	`"firstName":"Ines","lastName":"Varga","networkId":12,"mailboxId":880,"authLevel":"MailboxUser","status":"LockedOut"}}`

// handOver closes Ines by the request at hand, and gives her ID to Otto Berg, who has a lab.
func (f *liar) handOver(r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	f.mock.ServeHTTP(answer, r)
	f.mock.Skillable.Drop(skillableCase.id)
	f.mock.Skillable.Add(mock.SkillableUser{ID: skillableCase.id, Name: "Otto Berg", Email: ottoBerg, History: 2})
	return answer
}

// The first closing call took effect and its answer is lost. Before the call is sent again, the
// search shows another person under the ID.
func TestHostile_skillableResendsNoLostCallToAnotherPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		calls := 0
		f.answer = func(_ http.ResponseWriter, r *http.Request, at string) bool {
			if at != "/CloseUserAccount" {
				return false
			}
			if calls++; calls > 1 {
				return false
			}
			f.handOver(r)
			panic(http.ErrAbortHandler)
		}
		f.apply(t, d, p)
		if calls != 1 || !f.mock.Skillable.Has(skillableCase.id) {
			t.Errorf("got %d calls and Otto Berg open: %v, want 1 and true", calls, f.mock.Skillable.Has(skillableCase.id))
		}
	})
}

// The first closing call is accepted. Another person has the ID before the second one, which is to
// prove the first. The second one leaves two seconds after the look at the most, as any call does.
func TestHostile_skillableProvesByNoCallToAnotherPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		calls := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if at != "/CloseUserAccount" {
				return false
			}
			if calls++; calls > 1 {
				return false
			}
			time.Sleep(offboard.AbsencePause)
			return say(w, 200, f.handOver(r).Body.String())
		}
		f.apply(t, d, p)
		if calls != 1 || !f.mock.Skillable.Has(skillableCase.id) {
			t.Errorf("got %d calls and Otto Berg open: %v, want 1 and true", calls, f.mock.Skillable.Has(skillableCase.id))
		}
	})
}

// withLab is a reviewed plan that cancels one running lab of Ines, and then closes her.
func (f *liar) withLab(t *testing.T) (*driver, planned) {
	t.Helper()
	f.mock.Skillable.Update(skillableCase.id, func(u *mock.SkillableUser) {
		u.Running = mock.Labs{{ID: 41, Name: "Mesh"}}
	})
	d := f.process(t)
	m := d.mustImport(skillableKind, skillableCase.id)
	p, diags := d.planBlock(m, attributes{"id": skillableCase.id, "cancel_running_labs": true})
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	if m, diags = d.apply(t.Context(), p); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	d = f.process(t)
	return d, d.mustPlanDestroy(m)
}

// Canceling a lab takes minutes. What is there afterwards is not what was looked at before.
func TestHostile_skillableLooksAgainAfterCancelingLabs(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(u *mock.SkillableUser){
		"another person": func(u *mock.SkillableUser) { u.Name, u.Email = "Otto Berg", ottoBerg },
		"another lab":    func(u *mock.SkillableUser) { u.Running = append(u.Running, mock.Lab{ID: 42, Name: "Exam"}) },
		"a graded lab": func(u *mock.SkillableUser) {
			u.Saved = mock.Labs{{ID: 43, Name: "Exam", SubmittedForGrading: true}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				d, p := f.withLab(t)
				f.mock.Skillable.Set(func(s *mock.Skillable) { s.SlowCancel = 5 })
				closed := false
				f.answer = func(_ http.ResponseWriter, _ *http.Request, at string) bool {
					closed = closed || at == "/CloseUserAccount"
					if at == "/cancel" {
						f.mock.Skillable.Update(skillableCase.id, change)
					}
					return false
				}
				f.apply(t, d, p)
				if closed {
					t.Error("got a closing call, want none: the account changed while the lab was canceled")
				}
			})
		})
	}
}

// The ID passes to Otto Berg, which a refresh sees and warns of. Then his lab ends, so that nobody
// is shown.
func TestHostile_skillableClosesNobodyElseWhoWasSeenLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		m := d.mustImport(skillableKind, skillableCase.id)
		f.mock.Skillable.Update(skillableCase.id, func(u *mock.SkillableUser) { u.Name, u.Email = "Otto Berg", ottoBerg })
		m, _ = d.read(m)
		f.mock.Skillable.Update(skillableCase.id, func(u *mock.SkillableUser) { u.History = 0 })
		d = f.process(t)
		m, _ = d.read(m)
		p, _ := d.planDestroy(m)
		d = f.process(t)
		f.apply(t, d, p)
		if !f.mock.Skillable.Has(skillableCase.id) {
			t.Error("Otto Berg is closed, want an open account: Ines Varga was imported, and Otto Berg was seen last")
		}
	})
}

// A lost call, and readings of the account afterwards with a status that is not documented. They
// show that the call did nothing.
func TestHostile_ecgridALostCallIsRefutedByAnyReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		lost := func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case at != "/users/"+ecgridCase.id:
				return false
			case r.Method == http.MethodDelete:
				return say(w, 503, `upstream`)
			}
			return say(w, 200, lockedOut)
		}
		f.answer = lost
		d := f.process(t)
		m := d.mustImport(ecgridKind, ecgridCase.id)
		p := d.mustPlanDestroy(m)
		m, _ = d.apply(t.Context(), p)
		if m.gone() {
			t.Fatal("gone in the first run")
		}
		d = f.process(t)
		m, _ = d.read(m)
		p = d.mustPlanDestroy(m)
		deleted := false
		// The key loses sight of her network at the second call.
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			deleted = deleted || r.Method == http.MethodDelete
			if deleted {
				return withoutInes(w, r, at)
			}
			return lost(w, r, at)
		}
		d = f.process(t)
		m, _ = f.apply(t, d, p)
		if m.gone() || f.outcome(t).Result == evidence.Closed {
			t.Errorf("got gone %v and %q, want neither: the account is open", m.gone(), f.outcome(t).Result)
		}
	})
}

// afterALostCall is a user whose closing call was lost, and who stays open.
func (f *liar) afterALostCall(t *testing.T) managed {
	t.Helper()
	d := f.process(t)
	p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
	f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		return r.Method == http.MethodDelete && say(w, 503, `upstream`)
	}
	m, _ := d.apply(t.Context(), p)
	if m.gone() {
		t.Fatal("gone in the first run")
	}
	f.answer = nil
	return m
}

// afterHiding plans and applies a destroy while ECGrid does not show Ines.
func (f *liar) afterHiding(t *testing.T, m managed) {
	t.Helper()
	f.answer = withoutInes
	d := f.process(t)
	p, _ := d.planDestroy(m)
	f.apply(t, d, p)
	if f.outcome(t).Result == evidence.AlreadyClosed {
		t.Errorf("got %q, want no closing: the account is open, and was seen open after the lost call", f.outcome(t).Result)
	}
}

// The clock of the machine that closes is ahead of the one that refreshes.
func TestHostile_aClockThatIsAheadKeepsNoOldCall(t *testing.T) {
	t.Parallel()
	var m managed
	f := newLiar(t, ecgridCase)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(10 * time.Minute)
		m = f.afterALostCall(t)
	})
	synctest.Test(t, func(t *testing.T) { // begins at the same time as the first one
		d := f.process(t)
		var diags diagnostics
		if m, diags = d.read(m); diags.errors() != "" {
			t.Fatal(diags.errors())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		f.afterHiding(t, m)
	})
}

// The account is seen open by a run that does not have the log, a job that only plans and refreshes
// for example.
func TestHostile_aReadingWithoutTheLogRefutesAnOldCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		m := f.afterALostCall(t)
		time.Sleep(time.Hour)
		d := virtualDriver(t, f, nil)
		m, diags := d.read(m)
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		f.afterHiding(t, m)
	})
}

// An account is proven closed, and then shown, with a status that nobody knows.
func TestHostile_reportProvesNobodyWhoIsShownWithAnUnknownStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		account := evidence.Account{Vendor: "ecgrid", Tenant: "127.0.0.1:1" + prefixes["ecgrid"], ID: ecgridCase.id}
		intent := evidence.Intent{
			Account: account, Status: "active", Action: evidence.Close, Email: inesEmail, Name: inesName,
		}
		proven := evidence.Outcome{Result: evidence.Closed, Proof: "x"}
		if err := evidence.New(f.log).Record(t.Context(), intent, proven); err != nil {
			t.Fatal(err)
		}
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/users/"+ecgridCase.id && say(w, 200, lockedOut)
		}
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		d = virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{inesEmail}})
		f.apply(t, d, p)
		report := readEvidence(t, f.log).Report("log", reportWords)
		if strings.Contains(report, "Every account was proven") {
			t.Errorf("got a report that says that every closing is proven, want none: the account is shown\n%.900s", report)
		}
	})
}

// A search that is cut off after rows without a name: the rows that show the person may be among
// the others.
func TestHostile_skillableProvesNothingByASearchThatIsCutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		calls := 0
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/CloseUserAccount": // a queue that accepts and does nothing
				if calls++; calls == 1 {
					return say(w, 200, `{"Status":1,"Error":null,"RowsAffected":3}`)
				}
				return say(w, 200, `{"Status":1,"Error":null,"RowsAffected":0}`)
			case "/labinstance/search":
				if calls > 0 {
					return say(w, 200, `{"TotalResults":3,"TotalPages":3,"Status":1,"Error":null,"Results":[`+
						`{"Id":7,"UserId":"emp-3107","UserFirstName":null,"UserLastName":null,"UserEmail":null}]}`)
				}
			}
			return false
		}
		m, _ := f.apply(t, d, p)
		if m.gone() || f.outcome(t).Result == evidence.Closed {
			t.Errorf("got %q, want no closing: the search shows 1 of 3 labs", f.outcome(t).Result)
		}
	})
}

// The closure is proven. The person comes back, the vendor opens the account again, and the account
// is imported again. Only closures write to the log, so the report must say that it does not know
// of the others.
func TestHostile_theReportSaysThatItKnowsOnlyOfClosures(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		if after, _ := d.destroy(m); !after.gone() || !proven(t, f.log, v, m) {
			t.Fatal("got no proven closure")
		}
		time.Sleep(24 * time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		m = f.process(t).mustImport(v.kind, v.id)
		time.Sleep(24 * time.Hour)
		d = f.process(t)
		m, _ = d.read(m)
		d.mustPlanDestroy(m)
		report := readEvidence(t, f.log).Report("log", reportWords)
		if strings.Contains(report, "account is proven") ||
			!strings.Contains(report, "Imports, refreshes and plans write no record") {
			t.Errorf("got a report of an account that three runs showed open, want what it does not know:\n%s", report)
		}
	})
}

// A lab is canceled first (or the log was locked), so that the last look is that of a turn. The
// vendor takes 50 s for the first closing call. Meanwhile the ID passes to Otto Berg. The second
// call leaves 50 s after the look.
func TestHostile_skillableASlowFirstCallMakesTheLookNoFresher(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"no wait before", "after a lab", "after a locked log"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				var d *driver
				var p planned
				if how == "after a lab" {
					d, p = f.withLab(t)
				} else {
					d = f.process(t)
					p = d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
				}
				if how == "after a locked log" {
					f.holdsTheLog(t, skillableCase, func() {})
				}
				hold := f.answer
				calls := 0
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					if at != "/CloseUserAccount" {
						return hold != nil && hold(w, r, at)
					}
					if calls++; calls > 1 {
						return false
					}
					time.Sleep(50 * time.Second)
					return say(w, 200, f.handOver(r).Body.String())
				}
				f.apply(t, d, p)
				if calls != 1 || !f.mock.Skillable.Has(skillableCase.id) {
					t.Errorf("got %d calls and Otto Berg open: %v, want 1 and true", calls, f.mock.Skillable.Has(skillableCase.id))
				}
			})
		})
	}
}
