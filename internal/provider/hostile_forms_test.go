package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// A closing call waits for the rate limit, and another person gets the ID meanwhile.
func TestHostile_aCallThatWaitsForTheRateLimitClosesNobodyElse(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		closes := func(r *http.Request, at string) bool { return isAt(v.closing, r, at) }
		f.delays(t, "120", closes, func() {
			v.drop(f.mock, v.id)
			v.put(f.mock, v.id, "Zoe New", "zoe.new@acme.test")
		})
		f.apply(t, d, p)
		if !v.has(f.mock, v.id) {
			t.Error("Zoe New is closed, want an open account")
		}
	})
}

// The balance check of sFOX waits for its own rate limit, and another person gets the ID meanwhile.
func TestHostile_sfoxLooksAgainAfterTheBalances(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(sfoxKind, sfoxCase.id))
		f.answer = func(_ http.ResponseWriter, _ *http.Request, at string) bool {
			if at == "/user/balance" {
				time.Sleep(3 * time.Second)
				sfoxCase.drop(f.mock, sfoxCase.id)
				sfoxCase.put(f.mock, sfoxCase.id, "Zoe New", "zoe.new@acme.test")
			}
			return false
		}
		f.apply(t, d, p)
		if !f.mock.SFOX.Has(sfoxCase.id) {
			t.Error("Zoe New is closed, want an open account")
		}
	})
}

// The rows of one ID show two people. The order of rows is not documented.
func TestHostile_skillableClosesNobodyWhoseIDShowsTwoPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		closed := false
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			closed = closed || at == "/CloseUserAccount"
			return !closed && at == "/labinstance/search" && say(w, 200, `{"TotalResults":2,"Status":1,"Results":[`+
				`{"Id":7,"UserId":"emp-3107","UserFirstName":"Ines","UserLastName":"Varga",`+
				`"UserEmail":"ines.varga@acme.test","State":"Off","Start":1767225600},`+
				`{"Id":9,"UserId":"emp-3107","UserFirstName":"Otto","UserLastName":"Berg",`+
				`"UserEmail":"otto.berg@acme.test","State":"Running","Start":1790000000}]}`)
		}
		f.apply(t, d, p)
		if closed {
			t.Error("got a closing call, want none: the newer lab under the ID is Otto Berg's")
		}
	})
}

// The closing call is answered with an error in an undocumented field, and the key loses sight of
// the account.
func TestHostile_sfoxAnErrorInAnotherFieldIsNoAcceptance(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"errors":  `{"errors":["the account has a stake"]}`,
		"message": `{"status":"failed","message":"the account has a stake"}`,
		"false":   `{"success":false}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, sfoxCase)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(sfoxKind, sfoxCase.id))
				f.ignoresDelete(200, body, sfoxOfAnotherPartner)
				m, _ := f.apply(t, d, p)
				if m.gone() || f.outcome(t).Result == evidence.Closed {
					t.Errorf("got %q, want no closing: sFOX answered with an error", f.outcome(t).Result)
				}
			})
		})
	}
}

// The partner chooses the IDs at sFOX, so that two partners on one host can have the same one, of
// the same person.
func TestHostile_sfoxThePlanOfOnePartnersKeyClosesNobodyOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		p := f.process(t).mustPlanDestroy(f.process(t).mustImport(sfoxKind, sfoxCase.id))
		const otherKey = "partner-b-key-0815"
		other := mock.New(otherKey)
		sfoxCase.add(other)
		d := virtualDriver(t, other, attributes{"evidence_log": f.log, "sfox": attributes{
			"api_key": otherKey, "base_url": "http://127.0.0.1:1" + prefixes["sfox"], "requests_per_second": 100000,
		}})
		m, diags := d.apply(t.Context(), p)
		t.Logf("gone %v errors %q", m.gone(), diags.errors())
		if !other.SFOX.Has(sfoxCase.id) {
			t.Error("the user of the other partner is closed, want an open account: the plan was made with another key")
		}
	})
}

// The first call took effect and its answer is lost. A read does not show the account, and the list
// shows another person under the ID.
func TestHostile_aListedStrangerIsNoReasonToSendACallAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(sfoxKind, sfoxCase.id))
		calls := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodDelete && calls == 0:
				calls++
				sfoxCase.drop(f.mock, sfoxCase.id)
				sfoxCase.put(f.mock, sfoxCase.id, "Zoe New", "zoe.new@acme.test")
				return say(w, 503, `upstream`)
			case r.Method == http.MethodDelete:
				calls++
			case calls > 0 && at == "/enterprise/users/"+sfoxCase.id: // a replica that has not seen Zoe New yet
				return say(w, 404, `{"error":"user not found"}`)
			}
			return false
		}
		f.apply(t, d, p)
		if calls != 1 || !f.mock.SFOX.Has(sfoxCase.id) {
			t.Errorf("got %d calls, Zoe New is open: %v; want 1 call and an open account", calls, f.mock.SFOX.Has(sfoxCase.id))
		}
	})
}

// konstantlyShows returns a Konstantly that does not show Ines by her ID, and shows this list.
func konstantlyShows(list string) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, _ *http.Request, at string) bool {
		switch at {
		case "/users/" + konstantlyCase.id:
			return say(w, 404, `{"status":404,"message":"Not found"}`)
		case "/users":
			return say(w, 200, list)
		}
		return false
	}
}

// A list that holds nobody and says that there are 45 users, in a number that is no plain integer.
func TestHostile_konstantlyAListWithATotalIsNotEmpty(t *testing.T) {
	t.Parallel()
	for _, total := range []string{`45.0`, `4.5e1`, `"45 users"`, `{"value":45}`} {
		t.Run(total, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, konstantlyCase)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(konstantlyKind, konstantlyCase.id))
				f.ignoresDelete(200, `{}`, konstantlyShows(`{"users":[],"totalCount":`+total+`}`))
				m, _ := f.apply(t, d, p)
				if m.gone() {
					t.Error("the user left the state, want it there: the list says that there are 45 users")
				}
			})
		})
	}
}

// ECGrid caps pages at ten rows and ignores the number of the page, so that each page is the first
// one.
func TestHostile_ecgridTheSamePageAgainEndsNoList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		var rows []string
		for i := range 10 {
			rows = append(rows, fmt.Sprintf(`{"userId":%d,"email":"u%d@acme.test","networkId":12,"status":"Active"}`, 100+i, i))
		}
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/users/list" && say(w, 200, `{"success":true,"data":[`+strings.Join(rows, ",")+`]}`)
		}
		d := f.process(t)
		found, diags := d.dataSource("offboard_ecgrid_user", attributes{"email": inesEmail})
		t.Logf("exists %v, %q", found["exists"], diags.errors()+diags.warnings())
		var exists *bool
		if err := found["exists"].As(&exists); err != nil {
			t.Fatal(err)
		}
		if exists != nil && !*exists {
			t.Error("got exists = false, want null or an error: no empty page ended the list, and the account is there")
		}
	})
}

// A success whose body says that nothing was done, and a key that loses sight of the account.
func TestHostile_konstantlyABodyThatSaysNoIsNoAcceptance(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"success":false}`, `{"deleted":false}`, `{"code":"LOCKED","detail":"is locked"}`} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, konstantlyCase)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(konstantlyKind, konstantlyCase.id))
				f.ignoresDelete(200, body, konstantlyShows(
					`{"users":[{"id":"z1","name":"Zoe","email":"z@acme.test","isBanned":false}],"totalCount":1}`))
				f.apply(t, d, p)
				if f.outcome(t).Result == evidence.Closed {
					t.Error("got closed, want no closing: the site said that nothing was done")
				}
			})
		})
	}
}

// A queue accepts the closing and does nothing. Then the read is an error with HTTP 200, and the
// list leaves the account out.
func TestHostile_sfoxAnErrorIsNoAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(sfoxKind, sfoxCase.id))
		f.ignoresDelete(204, "", func(w http.ResponseWriter, r *http.Request, at string) bool {
			if at == "/enterprise/users/"+sfoxCase.id {
				return say(w, 200, `{"data":null,"error":"upstream timeout"}`)
			}
			return sfoxOfAnotherPartner(w, r, at)
		})
		m, _ := f.apply(t, d, p)
		if m.gone() || f.outcome(t).Result == evidence.Closed {
			t.Errorf("got %q, want no closing: no answer says that the account is not there", f.outcome(t).Result)
		}
	})
}

// What a vendor writes in the place of an address is no address, and is the same for everybody.
func TestHostile_aPlaceholderIsNoAddressOfAPerson(t *testing.T) {
	t.Parallel()
	for _, placeholder := range []string{"-", "n/a", "***", "null", "hidden", "***@***"} {
		then := offboard.Person{Email: placeholder, Name: inesName}
		if then.Is(offboard.Person{Email: placeholder, Name: "Otto Berg"}) {
			t.Errorf("got Otto Berg for Ines Varga, because both have the address %q, want another person", placeholder)
		}
	}
}

// The same as a closing: the ID passes to somebody else, and the vendor masks all addresses.
func TestHostile_aMaskedAddressClosesNobodyElse(t *testing.T) {
	t.Parallel()
	forEachWhere(t, func(v vendorCase) bool { return !v.unique }, func(t *testing.T, v vendorCase, w *testEnv) {
		v.drop(w.mock, v.id)
		v.put(w.mock, v.id, inesName, "***")
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		v.drop(w.mock, v.id)
		v.put(w.mock, v.id, "Otto Berg", "***")
		m, _ = d.read(m)
		_, diags := d.destroy(m)
		t.Logf("destroy: %q", diags.errors())
		if !v.has(w.mock, v.id) {
			t.Error("Otto Berg is closed, want an open account")
		}
	})
}

// A row of the balances without a balance does not say that there is no money.
func TestHostile_sfoxARowWithoutABalanceIsNotZero(t *testing.T) {
	t.Parallel()
	for _, row := range []string{
		`{"currency":"btc","balance":null,"available":"5"}`, `{"currency":"btc","available":"5"}`,
		`{"currency":"btc","amount":5}`, `{"currency":"btc"}`,
	} {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, sfoxCase)
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					return at == "/user/balance" && say(w, 200, "["+row+"]")
				}
				d := f.process(t)
				m := d.mustImport(sfoxKind, sfoxCase.id)
				p, diags := d.planDestroy(m)
				if diags.errors() != "" {
					return
				}
				f.apply(t, d, p)
				if !f.mock.SFOX.Has(sfoxCase.id) {
					t.Error("Ines Varga is closed, want an open account: no answer said that she has no money")
				}
			})
		})
	}
}

// Somebody else closes the account while a check of this run fails. No call of this run left.
func TestHostile_ecgridAClosingOfSomebodyElseIsNotOurs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		d = f.process(t)
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			if at != "/users/me" {
				return false
			}
			ecgridCase.drop(f.mock, ecgridCase.id)
			return say(w, 500, `{"success":false,"data":null,"errorCode":"InternalError","message":"try later"}`)
		}
		f.apply(t, d, p)
		o := f.outcome(t)
		for _, r := range o.Requests {
			if r.Change {
				return
			}
		}
		if o.Result == evidence.Closed {
			t.Errorf("got %q, want another word: no closing call was sent", o.Result)
		}
	})
}

// A lab that is being saved or graded stands in the way, in whatever type the vendor writes that.
func TestHostile_skillableALabIsBusyInAnyType(t *testing.T) {
	t.Parallel()
	for _, busy := range []string{
		`"SaveInProgress":1`, `"SaveInProgress":"true"`, `"SubmittedForGrading":"True"`, `"SubmittedForGrading":{"Since":1}`,
	} {
		t.Run(busy, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				closed := false
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					closed = closed || at == "/CloseUserAccount"
					return !closed && at == "/userrunningandsavedlabs" && say(w, 200, `{"RunningLabs":[],"Status":1,"Error":null,`+
						`"SavedLabs":[{"LabInstanceId":880077,"LabProfileName":"Mesh exam",`+busy+`}]}`)
				}
				d := f.process(t)
				m := d.mustImport(skillableKind, skillableCase.id)
				p, diags := d.planDestroy(m)
				if diags.errors() != "" {
					return
				}
				f.apply(t, d, p)
				if closed {
					t.Error("got a closing call, want none: the lab is being saved or graded")
				}
			})
		})
	}
}

// Two consumers have the ID, and their names come as numbers.
func TestHostile_skillableCancelsNoLabBesideAnotherConsumerInAnyType(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d, p := f.withLab(t)
		canceled := false
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			canceled = canceled || at == "/cancel"
			row := `"UserId":"emp-3107","UserFirstName":"Ines","UserLastName":"Varga","UserEmail":"ines.varga@acme.test"}`
			return at == "/labinstance/search" && say(w, 200, `{"TotalResults":2,"Status":1,"Error":null,"Results":[`+
				`{"Id":41,"ApiConsumerName":7,`+row+`,{"Id":42,"ApiConsumerName":8,`+row+`]}`)
		}
		f.apply(t, d, p)
		if canceled {
			t.Error("got a lab canceled, want none: two consumers have the ID")
		}
	})
}

// The pages of ECGrid disagree on the name of the login. Where both fields are there, each may be
// the login.
func TestHostile_ecgridNeverCloseAsksBothLogins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		deleted := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			deleted = deleted || r.Method == http.MethodDelete
			return !deleted && at == "/users/"+ecgridCase.id && say(w, 200, `{"success":true,"data":{"userId":30417,`+
				`"login":"ines","loginName":"the.boss","email":"ines.varga@acme.test","firstName":"Ines","lastName":"Varga",`+
				`"networkId":12,`+
				`"authLevel":"MailboxUser","status":"Active"}}`)
		}
		d := virtualDriver(t, f, attributes{"never_close": []string{"the.boss"}})
		_, diags := d.destroy(d.mustImport(ecgridKind, ecgridCase.id))
		t.Logf("errors %.200q", diags.errors())
		if deleted {
			t.Error("got a closing call, want none: the account has the login the.boss")
		}
	})
}

// A queue accepts the closing and does nothing. Then the list is an error with HTTP 200, beside an
// empty list.
func TestHostile_sfoxAnErrorIsNoEmptyList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(sfoxKind, sfoxCase.id))
		f.ignoresDelete(204, "", func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/enterprise/users/" + sfoxCase.id:
				return say(w, 404, `{"error":"user not found"}`)
			case "/enterprise/users":
				return say(w, 200, `{"data":[],"error":"upstream timeout"}`)
			}
			return false
		})
		m, _ := f.apply(t, d, p)
		if m.gone() {
			t.Error("the user left the state, want it there: the list could not be read")
		}
	})
}
