package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// A run that was killed between the two records of "not visible" has called nobody.
func TestHostile_anInterruptedNotVisibleIsNoClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, sfoxCase)
		d := f.process(t)
		m := d.mustImport(sfoxKind, sfoxCase.id)
		f.answer = sfoxOfAnotherPartner
		p := d.mustPlanDestroy(m)
		if _, err := evidence.New(f.log).Begin(t.Context(), evidence.Intent{
			Account: evidence.Account{
				Vendor: "sfox",
				Tenant: "127.0.0.1:1" + prefixes["sfox"],
				ID:     sfoxCase.id,
			},
			Status: "closed",
			Action: evidence.Close,
		}); err != nil { // what gone() writes first
			t.Fatal(err)
		}
		after, _ := f.apply(t, d, p)
		if after.gone() && f.outcome(t).Result == evidence.AlreadyClosed {
			t.Errorf("%q, no closing call was ever made; open: %v", f.outcome(t).Result, sfoxCase.has(f.mock, sfoxCase.id))
		}
	})
}

// An account that was suspended at the plan, and that somebody opened again before the apply.
func TestHostile_whoIsReopenedAfterThePlanStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		konstantlyCase.add(s)
		konstantlyCase.suspend(s, konstantlyCase.id)
		d := virtualDriver(t, s, nil)
		p := d.mustPlanDestroy(d.mustImport(konstantlyKind, konstantlyCase.id))
		s.Konstantly.Update(konstantlyCase.id, func(u *mock.KonstantlyUser) { u.Blocked = false })
		after, more := d.apply(t.Context(), p)
		t.Logf("apply: %q %q", more.errors(), more.warnings())
		if after.gone() {
			t.Error("closed, though it is not as the reviewer saw it: it was suspended, and is active again")
		}
	})
}

// The search by e-mail finds nobody, and the list that is read as a sign of life shows the address.
func TestHostile_existsIsNotFalseForAnAddressThatTheListShows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, konstantlyCase)
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case strings.HasPrefix(at, "/users/byEmail/"):
				return say(w, 404, `{"status":404,"message":"not found","errors":null}`)
			case at == "/users" && r.URL.Query().Get("query") != "":
				return say(w, 200, `{"users":[],"totalCount":0}`)
			}
			return false
		}
		d := virtualDriver(t, f, nil)
		m, diags := d.data("offboard_konstantly_user", attributes{"email": inesEmail})
		t.Logf("%v %q %q", m.state, diags.errors(), diags.warnings())
		if strings.Contains(m.state.String(), `"exists":tftypes.Bool<"false">`) {
			t.Error("exists is false, and the list that vouched for it shows the address")
		}
	})
}

// The key as the ID of a listed user.
func TestHostile_aKeyAsTheIDOfAListedUserIsMasked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		sfoxCase.add(s)
		for _, id := range []string{mockKey, mockKey + " "} {
			f := &liar{mock: s, answer: func(w http.ResponseWriter, _ *http.Request, at string) bool {
				return at == "/enterprise/users" &&
					say(w, 200, fmt.Sprintf(`{"data":[{"user_id":%q,"email":"z@z.test","account_role":"client"}]}`, id))
			}}
			d := virtualDriver(t, f, nil)
			m, diags := d.data("offboard_sfox_users", attributes{})
			if strings.Contains(m.state.String()+diags.errors()+diags.warnings(), mockKey) {
				t.Errorf("shows the key: %v %q", m.state, diags.errors()+diags.warnings())
			}
		}
	})
}

// The token of a user, which can move money, comes back in the place of its owner.
func TestHostile_aTokenInAnAnswerIsMasked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const token = "sk-user-token-0123456789abcdef"
		f := newLiar(t, sfoxCase)
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			w.Header().Set("X-Request-Id", token)
			return strings.HasPrefix(at, "/enterprise/user-tokens/") &&
				say(w, 200, fmt.Sprintf(`{"data":{"token":%q,"partner_user_id":%q}}`, token, token))
		}
		d := f.process(t)
		m := d.mustImport(sfoxKind, sfoxCase.id)
		_, diags := d.planDestroy(m)
		if strings.Contains(diags.errors()+diags.warnings(), token) {
			t.Errorf("the plan shows the token: %.300q", diags.errors()+diags.warnings())
		}
		_, diags = d.apply(t.Context(), reviewed(m))
		if strings.Contains(diags.errors()+diags.warnings(), token) {
			t.Error("the apply shows the token")
		}
		if o := f.outcome(t); strings.Contains(fmt.Sprintf("%+v", o), token) {
			t.Errorf("the evidence holds the token: %s", o.Error)
		}
	})
}

// One lost answer and one refusal are no call that the vendor accepted.
func TestHostile_aLostAndARefusedCallAreNotAccepted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(skillableKind, skillableCase.id))
		calls := 0
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			if at != "/CloseUserAccount" {
				return false
			}
			if calls++; calls == 1 {
				return say(w, 502, `bad gateway`)
			}
			return say(w, 200, `{"RowsAffected":0,"Status":0,"Error":"not permitted"}`)
		}
		f.apply(t, d, p)
		if o := f.outcome(t); o.Sent == evidence.Accepted {
			t.Errorf("sent %q: the vendor accepted nothing", o.Sent)
		}
		if calls < 2 {
			t.Errorf("got %d closing calls, want one that is lost and one that is refused", calls)
		}
	})
}

// A variable that says nothing lifts no guard that was kept when the provider block was lost.
func TestHostile_aVariableThatSaysNothingLiftsNoKeptGuard(t *testing.T) {
	t.Setenv(closing.ReadOnlyVariable, "false")
	w := newTestEnv(t)
	ecgridCase.add(w.mock)
	m := newDriver(t, w, attributes{"never_close": []string{inesEmail}}).mustImport(ecgridKind, ecgridCase.id)
	after, diags := newDriver(t, w, nil).destroy(m) // the file with the provider block is lost
	t.Logf("%q %q", diags.errors(), diags.warnings())
	if after.gone() {
		t.Errorf("%s=false lifts the never_close that was kept", closing.ReadOnlyVariable)
	}
}

// A call whose answer was lost is not sent again for an account that shows another person
// meanwhile, by its address alone.
func TestHostile_resendingLooksAtThePerson(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		synctest.Test(t, func(t *testing.T) {
			f := newLiar(t, v)
			d := virtualDriver(t, f, nil)
			p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
			deletes := 0
			f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
				if !isAt(v.closing, r, at) {
					return false
				}
				if deletes++; deletes > 1 {
					return false
				}
				v.email(f.mock, v.id, "zoe@acme.test")
				return say(w, 502, "bad gateway")
			}
			_, diags := d.apply(t.Context(), p)
			if deletes > 1 && !v.has(f.mock, v.id) {
				t.Errorf("%s: the second call closed an account that showed another person after the first: %q",
					v.kind.title, diags.errors())
			}
			if deletes == 0 {
				t.Errorf("%s: got no call, want one that is lost", v.kind.title)
			}
		})
	}
}
