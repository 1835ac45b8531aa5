package provider

import (
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// A user is suspended, because on_destroy = "block" asks for no more. The user is imported again, with
// on_destroy = "delete". The closure that is to delete the account is refused by a guard, or finds nothing. It
// asked for more than the suspension, and was not proven.
func TestHostile_aSuspensionProvesNoDeletionThatWasAskedForLater(t *testing.T) {
	v := konstantlyCase
	for _, how := range []string{"refused by guard", "not visible"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				d := f.process(t)
				p, _ := d.planBlock(d.mustImport(v.kind, v.id), attributes{"id": v.id, "on_destroy": onDestroyBlock})
				m, _ := d.apply(t.Context(), p)
				p = f.process(t).mustPlanDestroy(m)
				time.Sleep(time.Minute)
				if after, _ := f.process(t).apply(t.Context(), p); !after.gone() || f.outcome(t).Result != evidence.Suspended {
					t.Fatalf("got %q, want a suspended user", f.outcome(t).Result)
				}
				time.Sleep(time.Hour)
				d = f.process(t)
				m = d.mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				if how == "not visible" {
					v.vanish(f.mock)
				}
				d = f.process(t)
				m, _ = d.read(m)
				p = d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				d = f.process(t)
				if how == "refused by guard" {
					d = virtualDriver(t, f, attributes{"evidence_log": f.log, "max_closures": 0})
				}
				after, diags := d.apply(t.Context(), p)
				if o := f.outcome(t); string(o.Result) != how {
					t.Fatalf("got gone %v, %q: %s", after.gone(), o.Result, diags.errors())
				}
				if report := readEvidence(t, f.log).Report("log", reportWords); !strings.Contains(report, "**Not proven:**") {
					t.Errorf("got no account that is not proven, want Ines, whose last closure was to delete her account:\n%s", report)
				}
			})
		})
	}
}

// The clock of the machine that plans is two minutes ahead of the one that applies. The plan is used: the
// log of the apply tells of a closure that the plan did not know. The account is opened again. The same
// plan is applied again with the state from before. The guard needs no clock to tell: the last closure in
// the log is another one than the plan has noted.
func TestHostile_aPlanOfAClockThatIsAheadClosesNobodyTwice(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			f := newLiar(t, v)
			var p planned
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Hour)
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(2 * time.Minute) // this machine is so much ahead
				d := f.process(t)
				m, _ = d.read(m)
				p = d.mustPlanDestroy(m)
			})
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Hour + time.Minute)
				after, diags := f.process(t).apply(t.Context(), p)
				if !after.gone() || f.outcome(t).Result != evidence.Closed {
					t.Fatalf("got %q, want a proven closure", diags.errors())
				}
				time.Sleep(24 * time.Hour)
				v.put(f.mock, v.id, inesName, inesEmail)
				after, diags = f.process(t).apply(t.Context(), p)
				if after.gone() || !v.has(f.mock, v.id) {
					t.Errorf("got gone %v and open %v, want a refusal of the account that is open again\n%s%s",
						after.gone(), v.has(f.mock, v.id), diags.errors(), diags.warnings())
				}
			})
		})
	}
}

// The plan has read the log. A closure has used the plan, and the account is open again. The job that runs
// once more has the plan and the state from before, and the file of the log is not there: its cache was not
// restored. Nothing tells whether a closure has used the plan.
func TestHostile_aLogThatIsGoneSinceThePlanIsNoPermissionToUseItTwice(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				f.recordElsewhere(t, "x")
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				time.Sleep(time.Minute)
				if after, diags := f.process(t).apply(t.Context(), p); !after.gone() {
					t.Fatalf("got %q, want a closure", diags.errors())
				}
				time.Sleep(24 * time.Hour)
				v.put(f.mock, v.id, inesName, inesEmail)
				if err := os.Remove(f.log); err != nil {
					t.Fatal(err)
				}
				after, diags := f.process(t).apply(t.Context(), p)
				if after.gone() || !v.has(f.mock, v.id) {
					t.Errorf("got gone %v and open %v, want a refusal of the account that is open again\n%s%s",
						after.gone(), v.has(f.mock, v.id), diags.errors(), diags.warnings())
				}
			})
		})
	}
}

// An obstacle refuses the closure: no call leaves, and the state is as it was, so that the saved plan is not
// stale. The message says to apply again when it is cleared. It is cleared, and the same plan is applied again.
// No closure has used it, so that nothing may say that there was one since the plan.
func TestHostile_anObstacleDoesNotUseThePlanUp(t *testing.T) {
	v := sfoxCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		f.recordElsewhere(t, "x")
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		v.obstruct(f.mock, v.id)
		time.Sleep(time.Minute)
		after, diags := f.process(t).apply(t.Context(), p)
		if after.gone() || f.outcome(t).Result != evidence.Refused || !strings.Contains(diags.errors(), "Apply again") ||
			!after.state.Equal(p.prior.state) || string(after.private) != string(p.prior.private) {
			t.Fatalf("got gone %v, %q, want an obstacle that changes no state: %s", after.gone(), f.outcome(t).Result,
				diags.errors())
		}
		v.put(f.mock, v.id, inesName, inesEmail) // at zero balance
		if after, diags = f.process(t).apply(t.Context(), p); !after.gone() {
			t.Errorf("got %q, want a closure: no closing call has left since the plan", diags.errors())
		}
	})
}

// recordElsewhere writes a closure of another account, so that there is a log.
func (f *liar) recordElsewhere(t *testing.T, id string) {
	t.Helper()
	intent := evidence.Intent{
		Account: evidence.Account{Vendor: "ecgrid", Tenant: "elsewhere.test", ID: id}, Status: "active", Action: evidence.Close,
	}
	if err := evidence.New(f.log).Record(t.Context(), intent, evidence.Outcome{Result: evidence.Closed}); err != nil {
		t.Fatal(err)
	}
}

// The same with another log at the path of the first one.
func TestHostile_anotherLogThanThatOfThePlanIsNoPermissionToUseItTwice(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				f.recordElsewhere(t, "x")
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				time.Sleep(time.Minute)
				if after, diags := f.process(t).apply(t.Context(), p); !after.gone() {
					t.Fatalf("got %q, want a closure", diags.errors())
				}
				time.Sleep(24 * time.Hour)
				v.put(f.mock, v.id, inesName, inesEmail)
				_ = os.Remove(f.log)
				f.recordElsewhere(t, "y")
				after, diags := f.process(t).apply(t.Context(), p)
				if after.gone() || !v.has(f.mock, v.id) {
					t.Errorf("got gone %v and open %v, want a refusal\n%s%s",
						after.gone(), v.has(f.mock, v.id), diags.errors(), diags.warnings())
				}
			})
		})
	}
}

// A plan is made with -lock=false while a closure is at work, and shows the account open. Then the closure ends
// and is proven, and the account is opened again. The log tells of a closure that ended after the plan.
func TestHostile_aPlanMadeDuringAClosureIsUsedUpByItsEnd(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				d := f.process(t)
				m := d.mustImport(v.kind, v.id)
				log := evidence.New(f.log)
				time.Sleep(time.Hour)
				entry, err := log.Begin(t.Context(), evidence.Intent{
					Account: evidence.Account{Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id, KeyHash: ownerOf(v, m)},
					Email:   inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
				})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				d = f.process(t)
				m, _ = d.read(m)
				p := d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				v.drop(f.mock, v.id)
				if err := entry.End(t.Context(), evidence.Outcome{Result: evidence.Closed, Proof: "x"}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(24 * time.Hour)
				v.put(f.mock, v.id, inesName, inesEmail)
				after, diags := f.process(t).apply(t.Context(), p)
				if after.gone() || !v.has(f.mock, v.id) {
					t.Errorf("got gone %v and open %v, want a refusal\n%s%s",
						after.gone(), v.has(f.mock, v.id), diags.errors(), diags.warnings())
				}
			})
		})
	}
}

// The plan shows the person. Somebody else closes the account. The closing call of the apply leaves, and ends as
// not visible. The account is opened again, and the same plan is applied again with the state from before.
func TestHostile_aCallThatClosedNothingUsesThePlanUp(t *testing.T) {
	v := skillableCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		f.recordElsewhere(t, "x")
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		v.drop(f.mock, v.id)
		time.Sleep(time.Minute)
		after, diags := f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); !after.gone() || o.Result != evidence.NotVisible {
			t.Fatalf("got gone %v, %q: %s", after.gone(), o.Result, diags.errors())
		}
		time.Sleep(24 * time.Hour)
		v.put(f.mock, v.id, inesName, inesEmail)
		after, diags = f.process(t).apply(t.Context(), p)
		if after.gone() || !v.has(f.mock, v.id) {
			t.Errorf("got gone %v and open %v, want a refusal\n%s%s",
				after.gone(), v.has(f.mock, v.id), diags.errors(), diags.warnings())
		}
	})
}

// The reason comes from a resource that the same apply makes, so that the plan could not read the log.
func TestHostile_aLogThatNeitherPlanNorApplyCouldReadIsNoPermission(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				m := f.process(t).mustImport(v.kind, v.id)
				d := virtualDriver(t, f, attributes{"evidence_log": f.log, "reason": tftypes.UnknownValue})
				p := d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				if after, diags := f.process(t).apply(t.Context(), p); !after.gone() {
					t.Fatalf("got %q, want a closure", diags.errors())
				}
				time.Sleep(24 * time.Hour)
				v.put(f.mock, v.id, inesName, inesEmail)
				file, err := os.Open(f.log)
				if err != nil {
					t.Fatal(err)
				}
				if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(31*time.Second, func() { _ = file.Close() })
				after, diags := f.process(t).apply(t.Context(), p)
				if after.gone() || !v.has(f.mock, v.id) {
					t.Errorf("gone %v, open %v: want a refusal\n%s%s", after.gone(), v.has(f.mock, v.id), diags.errors(),
						diags.warnings())
				}
			})
		})
	}
}

// The vendor refuses the closing call with HTTP 422, so that nothing was done. The outcome cannot be
// written, because another process holds the log. Later the account is not visible. No call explains that:
// the state of the run that made it knows that it was refused.
func TestHostile_aRefusedCallThatCouldNotBeRecordedExplainsNoAbsence(t *testing.T) {
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				f.recordElsewhere(t, "x")
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				refused := false
				f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
					if !v.changedBy(r, path) {
						return false
					}
					if !refused {
						file, _ := os.Open(f.log)
						if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
							t.Error(err)
						}
						time.AfterFunc(time.Minute, func() { _ = file.Close() })
					}
					refused = true
					return say(w, http.StatusUnprocessableEntity, `{"error":"not now","message":"not now"}`)
				}
				time.Sleep(time.Minute)
				m, diags := f.process(t).apply(t.Context(), p)
				if m.gone() || !refused || !strings.Contains(diags.errors(), "not recorded") {
					t.Fatalf("got gone %v, %s", m.gone(), diags.errors())
				}
				t.Log(diags.errors())
				f.answer = nil
				time.Sleep(time.Hour)
				v.vanish(f.mock)
				d = f.process(t)
				m, _ = d.read(m)
				p = d.mustPlanDestroy(m)
				after, diags := f.process(t).apply(t.Context(), p)
				if o := f.outcome(t); o.Result == evidence.AlreadyClosed || o.Result == evidence.Closed {
					t.Errorf("got gone %v, %q, proof %q, want not visible\n%s%s", after.gone(), o.Result, o.Proof, diags.errors(),
						diags.warnings())
				}
			})
		})
	}
}

// The answer to the closing call is lost, and the vendor fails until the time is up. The last look of the run
// then reads the account as open: the lost call had its time. The state of the run is lost, so that the log
// alone tells of it. Later the account is not visible.
func TestHostile_theLogKnowsThatTheLastLookReadTheAccountAsOpen(t *testing.T) {
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				d := f.process(t)
				m := d.setTimeout(d.mustImport(v.kind, v.id), "30s")
				p := d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				begun := time.Now()
				sent := false
				f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
					if isAt(v.closing, r, path) {
						sent = true
						return say(w, 503, `upstream`)
					}
					return sent && time.Since(begun) < 30*time.Second && say(w, 503, `upstream`)
				}
				after, diags := f.process(t).apply(t.Context(), p)
				o := f.outcome(t)
				t.Logf("gone %v, opened %v, call %q, result %q, sent %q\n%s", after.gone(), after.remembered().Opened, after.remembered().Progress.Call, o.Result, o.Sent, diags.errors())
				f.answer = nil
				time.Sleep(time.Hour)
				v.vanish(f.mock)
				d = f.process(t)
				m, _ = d.read(m) // the state from before the run
				p = d.mustPlanDestroy(m)
				after, diags = f.process(t).apply(t.Context(), p)
				if o := f.outcome(t); o.Result == evidence.AlreadyClosed || o.Result == evidence.Closed {
					t.Errorf("got gone %v, %q, proof %q, want not visible\n%s%s", after.gone(), o.Result, o.Proof, diags.errors(),
						diags.warnings())
				}
			})
		})
	}
}

// A closure is proven: the list still showed Otto. The state of that run is lost. Otto's account is closed, too,
// so that the list is empty. The destroy of the restored state finds nothing. That undoes no proof.
func TestHostile_anEmptyListUndoesNoProof(t *testing.T) {
	for _, v := range casesWhere(t, vendorCase.provenByAbsence) {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				d := f.process(t)
				m := d.mustImport(v.kind, v.id)
				p := d.mustPlanDestroy(m)
				time.Sleep(time.Minute)
				if after, _ := f.process(t).apply(t.Context(), p); !after.gone() || f.outcome(t).Result != evidence.Closed ||
					!proven(t, f.log, v, m) {
					t.Fatalf("got %q, want a proven closure", f.outcome(t).Result)
				}
				v.drop(f.mock, v.other)
				time.Sleep(time.Hour)
				d = f.process(t)
				m, _ = d.read(m)
				p, diags := d.planDestroy(m)
				t.Logf("plan: %s%s", diags.errors(), diags.warnings())
				time.Sleep(time.Minute)
				after, diags := f.process(t).apply(t.Context(), p)
				t.Logf("gone %v, %q\n%s%s", after.gone(), f.outcome(t).Result, diags.errors(), diags.warnings())
				if !proven(t, f.log, v, m) {
					t.Errorf("got an account that is not proven any more: nothing showed it open after its proof")
				}
			})
		})
	}
}

// Another process holds the log for five seconds. The timeout of one closure ends meanwhile. That says
// nothing of the log: the next closure of the same run has ten minutes, and must wait and be made.
func TestHostile_theTimeoutOfOneClosureMakesTheLogUnreadableForNoOther(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				f.recordElsewhere(t, "x")
				d := f.process(t)
				one := d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, v.other), "1s"))
				two := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				file, err := os.Open(f.log)
				if err != nil {
					t.Fatal(err)
				}
				if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(5*time.Second, func() { _ = file.Close() })
				d = f.process(t)
				if after, diags := d.apply(t.Context(), one); after.gone() || !strings.Contains(diags.errors(), "log") {
					t.Fatalf("got gone %v, %q, want the timeout of one second", after.gone(), diags.errors())
				}
				if after, diags := d.apply(t.Context(), two); !after.gone() {
					t.Errorf("got %q, want a closure: it has ten minutes, and the log is free after four seconds", diags.errors())
				}
			})
		})
	}
}

// One request in 25 seconds is a rate that the block may set. A plan of one closure must be possible, with
// and without a refresh.
func TestHostile_aSlowRateIsNoReasonToPlanNothing(t *testing.T) {
	for _, refresh := range []bool{true, false} {
		for _, v := range vendorCases {
			name := v.kind.name
			if refresh {
				name += " refresh"
			}
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					m := f.process(t).mustImport(v.kind, v.id)
					d := virtualDriver(t, f, attributes{"evidence_log": f.log, v.kind.name: attributes{
						"api_key": mockKey, "base_url": "http://127.0.0.1:1" + prefixes[v.kind.name], "requests_per_second": 0.04,
					}})
					if refresh {
						m, _ = d.read(m)
					}
					if _, diags := d.planDestroy(m); diags.errors() != "" {
						t.Errorf("%s", diags.errors())
					} else {
						t.Log(diags.warnings())
					}
				})
			})
		}
	}
}

// The refresh reads the account as open. Then a run with another state and the same log closes it, and the log
// proves that. Some minutes later the same large run comes to plan the destroy of the account. Nothing has shown
// it open since the closure.
func TestHostile_aReadingFromBeforeAClosureIsNotShownAfterIt(t *testing.T) {
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		t.Run(v.kind.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				f.recordElsewhere(t, "x")
				m := f.process(t).mustImport(v.kind, v.id)
				time.Sleep(time.Hour)
				d := f.process(t)
				m, _ = d.read(m)
				time.Sleep(time.Minute)
				other := f.process(t)
				if after, diags := other.apply(t.Context(), other.mustPlanDestroy(m)); !after.gone() {
					t.Fatal(diags.errors())
				}
				time.Sleep(time.Minute)
				p, diags := d.planDestroy(m)
				if text := diags.warnings(); strings.Contains(text, "open again") || strings.Contains(text, "will be closed") {
					t.Errorf("got %q, want no word of an open account", text)
				}
				time.Sleep(time.Minute)
				after, diags := f.process(t).apply(t.Context(), p)
				t.Logf("gone %v %q\n%s%s", after.gone(), f.outcome(t).Result, diags.errors(), diags.warnings())
				time.Sleep(time.Minute)
				v.put(f.mock, v.id, inesName, inesEmail)
				if after, _ := f.process(t).apply(t.Context(), p); after.gone() || !v.has(f.mock, v.id) {
					t.Errorf("got the closure of an account that nobody has reviewed since it was opened again")
				}
			})
		})
	}
}

// The account was closed, or is suspended, or has another role, as each refresh says. The block names the address,
// as the pages recommend. Then somebody changes its timeouts, and nothing else. That accepts nothing: a message says
// that only another import ends the warning, and the reviewer of a later closure must be told.
func TestHostile_anEditOfTheTimeoutsEndsNoWarning(t *testing.T) {
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		for what, happens := range map[string]func(t *testing.T, f *liar, m managed) managed{
			"is open again": func(t *testing.T, f *liar, m managed) managed {
				v.drop(f.mock, v.id)
				m, _ = f.process(t).read(m)
				v.put(f.mock, v.id, inesName, inesEmail)
				return m
			},
			"is suspended": func(t *testing.T, f *liar, m managed) managed {
				if v.suspend != nil {
					v.suspend(f.mock, v.id)
				}
				return m
			},
			"has another": func(t *testing.T, f *liar, m managed) managed {
				v.fact(f.mock, v.id, "advisor")
				return m
			},
		} {
			if what == "is suspended" && v.suspend == nil {
				continue
			}
			t.Run(v.kind.name+" "+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					m := happens(t, f, f.process(t).mustImport(v.kind, v.id))
					time.Sleep(time.Hour)
					d := f.process(t)
					m, diags := d.read(m)
					if !strings.Contains(diags.warnings(), what) {
						t.Fatalf("got %q, want %q", diags.warnings(), what)
					}
					p, diags := d.planBlock(m, attributes{"id": v.id, "email": inesEmail, "timeouts": timeoutsOf("12m")})
					if diags.errors() != "" {
						t.Fatal(diags.errors())
					}
					m, _ = d.apply(t.Context(), p)
					m, diags = f.process(t).read(m)
					if !strings.Contains(diags.warnings(), what) {
						t.Errorf("got %q, want %q as long as it lasts", diags.warnings(), what)
					}
					if _, diags = f.process(t).planDestroy(m); what == "is open again" && !strings.Contains(diags.warnings(), what) {
						t.Errorf("the reviewer of the closure is told %q, want %q", diags.warnings(), what)
					}
				})
			})
		}
	}
}

// A closure is proven. A state from before it is restored, and nothing of the person is visible. The further call is
// refused. Nothing showed the account open, so that it stays proven.
func TestHostile_skillableARefusedCallUndoesNoProof(t *testing.T) {
	v := skillableCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		p := d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		if after, _ := f.process(t).apply(t.Context(), p); !after.gone() || !proven(t, f.log, v, m) {
			t.Fatalf("got %q, want a proven closure", f.outcome(t).Result)
		}
		time.Sleep(time.Hour)
		d = f.process(t)
		m, _ = d.read(m)
		p = d.mustPlanDestroy(m)
		f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
			return isAt(v.closing, r, path) && say(w, http.StatusBadRequest, `{"Status":0,"Error":"in maintenance"}`)
		}
		time.Sleep(time.Minute)
		after, diags := f.process(t).apply(t.Context(), p)
		if o := f.outcome(t); !proven(t, f.log, v, m) {
			t.Errorf("gone %v, %q: got an account that is not proven any more, and nothing showed it open: %s",
				after.gone(), o.Result, diags.errors())
		}
	})
}
