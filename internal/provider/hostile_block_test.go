package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The site shows no blocked user, and each deletion fails with HTTP 500. What the block hides is not
// deleted, neither in this run nor in the next one.
func TestHostile_aBlockThatHidesTheAccountProvesNoDeletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = true, true })
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 500, `{"status":500,"message":"internal error"}`)
		}
		after, diags := f.apply(t, d, p)
		if got := f.outcome(t); after.gone() || got.Result != evidence.Unproven ||
			!strings.Contains(diags.errors(), "The account was suspended before the call, which explains that, too.") {
			t.Errorf("got gone %v, %q and %q, want it unproven", after.gone(), got.Result, diags.errors())
		}
		f.answer = nil
		d = f.process(t)
		after, _ = d.read(after)
		if p, diags = d.planDestroy(after); !strings.Contains(diags.warnings(), "is not visible in Konstantly") {
			t.Errorf("got the plan %q, want it not visible", diags.errors()+diags.warnings())
		}
		f.apply(t, d, p)
		if got := f.outcome(t); got.Result != evidence.NotVisible {
			t.Errorf("got %q in the next run, and the account is only blocked: %s", got.Result, got.Proof)
		}
	})
}

// A replica answers 404 for ten seconds after the block, and each deletion fails with HTTP 502. The
// site has more users than one page of the list shows.
func TestHostile_aReplicaThatLagsAfterTheBlockProvesNoDeletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		for i := range 25 {
			v.put(f.mock, fmt.Sprint("c", i), fmt.Sprint("Colleague ", i), fmt.Sprint("c", i, "@acme.test"))
		}
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		var until time.Time
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			time.Sleep(10 * time.Millisecond) // as every answer takes some time
			switch {
			case r.Method == http.MethodPost:
				until = time.Now().Add(10 * time.Second)
			case r.Method == http.MethodDelete:
				return say(w, 502, "bad gateway")
			case at == "/users/"+v.id && time.Now().Before(until):
				return say(w, 404, `{"status":404,"message":"not found"}`)
			}
			return false
		}
		after, _ := f.apply(t, d, p)
		if got := f.outcome(t); v.has(f.mock, v.id) && (after.gone() || got.Result == evidence.Closed) {
			t.Errorf("got gone %v and %q, and the account is only blocked: %s", after.gone(), got.Result, got.Proof)
		}
	})
}

// The same, and the run is killed between the block and the deletion, which never leaves. No later
// run can tell that from a deletion. The page of the resource says so, and the evidence says that
// nothing shows a call.
func TestHostile_theEvidenceAfterAKilledRunClaimsNoCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = true, true })
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		time.Sleep(time.Second)
		f.killed(t, v, m)
		v.suspend(f.mock, v.id)
		d = f.process(t)
		m, _ = d.read(m)
		p, _ := d.planDestroy(m)
		f.apply(t, d, p)
		const want = "An earlier run was about to send the closing call, and ended before it recorded an answer."
		if got := f.outcome(t); got.Result != evidence.AlreadyClosed || !strings.Contains(got.Proof, want) {
			t.Errorf("got %q and %q, want %q", got.Result, got.Proof, want)
		}
	})
}

// An administrator activates the user again just after the block: the leaver stays. The site refuses
// the deletion with HTTP 422. The message must say so, and must not say that the site accepted the
// closing call; nothing is to be waited for.
func TestHostile_aDeletionThatIsRefusedIsNotSaidToBeAccepted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		deletions := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodPost && at == "/users/blocked":
				rec := httptest.NewRecorder()
				f.mock.ServeHTTP(rec, r)
				f.mock.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Blocked = false })
				return say(w, rec.Code, rec.Body.String())
			case r.Method == http.MethodDelete:
				deletions++
			}
			return false
		}
		began := time.Now()
		after, diags := f.apply(t, d, p)
		took := time.Since(began)
		text := diags.errors()
		if after.gone() || deletions != 1 || strings.Contains(text, "accepted the closure") ||
			strings.Contains(text, "closing call was accepted") || !strings.Contains(text, "422") || took > time.Minute {
			t.Errorf("after %s and %d deletions, all refused: %q", took, deletions, text)
		}
	})
}

// The block takes effect late, so that the deletion is refused. Then the site cannot be read any
// more. No closing call was accepted, and the user is blocked.
func TestHostile_aRefusedDeletionIsNotSaidToBeAcceptedWhenReadsFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, v.id), "60s"))
		deletions := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodDelete {
				deletions++
				return say(w, 422, `{"status":422,"message":"the user is not blocked"}`)
			}
			return deletions > 0 && say(w, 503, `{}`)
		}
		_, diags := f.apply(t, d, p)
		if text := diags.errors(); strings.Contains(text, "The call was accepted") || !strings.Contains(text, "block") {
			t.Errorf("%d deletions, all refused: %q", deletions, text)
		}
	})
}

// The answer to the block shows who it is, and leaves the role out. A read shows the rest.
func TestHostile_anAnswerToTheBlockWithoutTheRoleStopsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if at != "/users/blocked" {
				return false
			}
			f.mock.ServeHTTP(httptest.NewRecorder(), r)
			return say(w, 200, `{"id":"`+v.id+`","name":"`+inesName+`","email":"`+inesEmail+`","isBanned":true}`)
		}
		if after, diags := f.apply(t, d, p); !after.gone() {
			t.Errorf("blocked and not deleted: %q", diags.errors())
		}
	})
}

// The answer to the block shows what no read shows: another role than a moment ago, or an address
// in never_close. The read after it shows less, or nothing.
func TestHostile_aRefusedAnswerToTheBlockStopsTheDeletion(t *testing.T) {
	t.Parallel()
	const boss = "boss@acme.test"
	v := konstantlyCase
	for name, c := range map[string]struct{ read, answer string }{ // the address of reads, and the answer
		"another role":              {inesEmail, `"email":"` + inesEmail + `","role":"admin"`},
		"an address in never_close": {"", `"email":"` + boss + `","role":"learner"`},
	} {
		for _, hides := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, hides %t", name, hides), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = hides, hides })
					v.put(f.mock, v.id, inesName, c.read)
					d := virtualDriver(t, f, attributes{"never_close": []string{boss}, "evidence_log": f.log})
					p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
					f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
						if at != "/users/blocked" {
							return false
						}
						f.mock.ServeHTTP(httptest.NewRecorder(), r)
						return say(w, 200, `{"id":"`+v.id+`","isBanned":true,"name":"`+inesName+`",`+c.answer+`}`)
					}
					if after, diags := f.apply(t, d, p); after.gone() || !f.mock.Konstantly.Has(v.id) {
						t.Errorf("got gone %t and %q, want no deletion", after.gone(), diags.errors())
					}
				})
			})
		}
	}
}

// The first deletion is lost and is done late, after the second one was refused, because the block has no
// effect yet. What the site says of a third one says nothing against the first one.
func TestHostile_theWaitForTheBlockForgetsNoLostDeletion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		done   int // the read after the second deletion in which the first one is done
		status int // of the third one
		body   string
		want   evidence.Result
	}{
		"no such user":  {2, http.StatusNotFound, `{"status":404,"message":"Not found"}`, evidence.Closed},
		"not permitted": {9, http.StatusForbidden, `{"status":403,"message":"Forbidden"}`, evidence.Unproven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := konstantlyCase
				f := newLiar(t, v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				deletions, reads := 0, 0
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch {
					case r.Method == http.MethodDelete:
						switch deletions++; deletions {
						case 1:
							return say(w, http.StatusBadGateway, "bad gateway")
						case 2:
							return say(w, http.StatusUnprocessableEntity, `{"status":422,"message":"User is not blocked"}`)
						}
						v.drop(f.mock, v.id)
						return say(w, c.status, c.body)
					case deletions == 0 || r.Method != http.MethodGet || at != "/users/"+v.id:
						return false
					case deletions == 2:
						if reads++; reads == c.done {
							v.drop(f.mock, v.id)
						}
					}
					return v.has(f.mock, v.id) &&
						say(w, http.StatusOK, konstantlyRow(v.id, inesName, inesEmail, strconv.FormatBool(reads > 2)))
				}
				f.apply(t, d, p)
				if o := f.outcome(t); o.Result != c.want {
					t.Errorf("got %q after %d deletions, want %q", o.Result, deletions, c.want)
				}
			})
		})
	}
}
