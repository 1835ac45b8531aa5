package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// unlistedLater is a vendor at which a read does not show Ines, whose account is open, and the first page
// of the list shows others: she is on a later page, or the list says that there is more.
type unlistedLater struct {
	v     vendorCase
	crowd func(f *liar)
	lie   func(w http.ResponseWriter, r *http.Request, at string) bool
}

type unlistedCases []unlistedLater

var unlistedLaters = unlistedCases{
	{konstantlyCase, crowdBefore(konstantlyCase, "uA%02d"), konstantlyWithoutInes},
	{konstantlyTwin, crowdBefore(konstantlyTwin, "uA%02d"), konstantlyWithoutInes},
	{ecgridCase, crowdBefore(ecgridCase, "200%02d"), unreadInes},
	{ecgridTwin, crowdBefore(ecgridTwin, "200%02d"), unreadInes},
	{sfoxCase, func(*liar) {}, func(w http.ResponseWriter, r *http.Request, at string) bool {
		switch {
		case r.Method == http.MethodGet && at == "/enterprise/users/"+sfoxCase.id:
			return say(w, 404, `{"error":"user not found"}`)
		case r.Method == http.MethodGet && at == "/enterprise/users":
			return say(w, 200, `{"data":[{"user_id":"z-1","email":"zoe@other.test","account_role":"client"}],"has_more":true}`)
		}
		return false
	}},
}

// crowdBefore adds users who are on the first page of the list.
func crowdBefore(v vendorCase, id string) func(f *liar) {
	return func(f *liar) {
		for i := range 40 {
			v.put(f.mock, fmt.Sprintf(id, i), fmt.Sprintf("Aaron %02d", i), fmt.Sprintf("a%02d@acme.test", i))
		}
	}
}

// konstantlyWithoutInes answers a read of Ines, and a further deletion, as if there was no such user.
func konstantlyWithoutInes(w http.ResponseWriter, r *http.Request, at string) bool {
	return r.Method != http.MethodPost && at == "/users/"+konstantlyCase.id &&
		say(w, 404, `{"status":404,"message":"Not found"}`)
}

// wantOpen fails the test if the account, which is open, counts as closed.
func (f *liar) wantOpen(t *testing.T, v vendorCase, after managed) {
	t.Helper()
	if o := f.outcome(t); after.gone() || o.Result.Done() || !v.has(f.mock, v.id) {
		t.Errorf("got gone %v and %q with the proof %q, and the account is open", after.gone(), o.Result, o.Proof)
	}
}

// plansToClose plans the destroy of Ines in each of these cases, and runs a test with that plan.
func (cases unlistedCases) plansToClose(
	t *testing.T, test func(t *testing.T, c *unlistedLater, f *liar, d *driver, p planned),
) {
	t.Helper()
	for i := range cases {
		c := &cases[i]
		t.Run(c.v.kind.name+c.v.twin, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, c.v)
				c.crowd(f)
				d := f.process(t)
				test(t, c, f, d, d.mustPlanDestroy(d.mustImport(c.v.kind, c.v.id)))
			})
		})
	}
}

// The answer to the closing call is lost, and it had no effect. What reads and the first page of a list
// do not show is no proof of it.
func TestHostile_theWholeListSpeaksAfterALostCall(t *testing.T) {
	t.Parallel()
	unlistedLaters.plansToClose(t, func(t *testing.T, c *unlistedLater, f *liar, d *driver, p planned) {
		called := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.Method == http.MethodDelete {
				if called++; called == 1 || c.v.suspending == "" {
					return say(w, 502, `bad gateway`)
				}
			}
			return called > 0 && c.lie(w, r, at)
		}
		after, _ := f.apply(t, d, p)
		f.wantOpen(t, c.v, after)
	})
}

// The same, if the call was lost in an earlier run after which nothing could be read. Where a block
// explains the absence, no earlier call does.
func TestHostile_theWholeListSpeaksAfterALostCallOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	blocks := func(c unlistedLater) bool { return c.v.suspending != "" }
	cases := slices.DeleteFunc(slices.Clone(unlistedLaters), blocks)
	cases.plansToClose(t, func(t *testing.T, c *unlistedLater, f *liar, d *driver, p planned) {
		called := false
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			called = called || r.Method == http.MethodDelete
			return called && say(w, 503, `upstream`)
		}
		m, _ := d.apply(t.Context(), p)
		f.answer = c.lie
		d = f.process(t)
		if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), "proves nothing") {
			t.Errorf("got %q, want a plan that says why the absence proves nothing", diags.errors())
		}
		again, diags := d.read(m)
		if got := again.text("status"); got == "closed" || !strings.Contains(diags.warnings(), "proves nothing") {
			t.Errorf("got %q and %q, want a refresh that says so, too", got, diags.warnings())
		}
	})
}

// The same, if the vendor accepted a call without an effect in an earlier run after which nothing could be
// read.
func TestHostile_theWholeListSpeaksAfterAnAcceptedCallOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	unlistedLaters.plansToClose(t, func(t *testing.T, c *unlistedLater, f *liar, d *driver, p planned) {
		called := false
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			switch {
			case r.Method != http.MethodDelete:
				return called && say(w, 503, `upstream`)
			case strings.Contains(c.v.kind.name+c.v.twin, ecgridKind.name):
				called = say(w, 200, `{"success":true,"data":true}`)
			default:
				called = say(w, 200, ``)
			}
			return true
		}
		m, _ := d.apply(t.Context(), p)
		if m.gone() || f.outcome(t).Sent != evidence.Accepted {
			t.Fatalf("got gone %v and %q, want an accepted call without a proof", m.gone(), f.outcome(t).Sent)
		}
		f.answer = c.lie
		m, diags := f.process(t).read(m)
		if got := m.text("status"); got == "closed" || !strings.Contains(diags.warnings(), "proves nothing") {
			t.Errorf("got %q and %q, want a refresh that says that the absence proves nothing", got, diags.warnings())
		}
		if p, diags = f.process(t).planDestroy(m); diags.errors() == "" && c.v.builtIn() {
			m, _ = f.apply(t, f.process(t), p)
			f.wantOpen(t, c.v, m)
		}
	})
}

// The same without any call: nothing explains why a read does not show Ines. So the whole list has to leave
// her out before she counts as gone.
func TestHostile_theWholeListSpeaksOfAnAbsenceThatNoCallExplains(t *testing.T) {
	t.Parallel()
	declared := func(c unlistedLater) bool { return !c.v.builtIn() }
	cases := slices.DeleteFunc(slices.Clone(unlistedLaters), declared)
	cases.plansToClose(t, func(t *testing.T, c *unlistedLater, f *liar, d *driver, p planned) {
		m := d.mustImport(c.v.kind, c.v.id)
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			return c.lie(w, r, at) || at == "/users/byEmail/"+inesEmail && say(w, 404, `{"status":404,"message":"Not found"}`) ||
				r.URL.Query().Get("query") != "" && say(w, 200, `{"users":[],"totalCount":0}`)
		}
		for _, by := range []attributes{{"id": c.v.id}, {"email": inesEmail}} {
			if got, diags := f.process(t).data(c.v.kind.typeName(), by); got.exists() == "false" {
				t.Errorf("got %v by %v, want no word that nobody has an account", diags.warnings(), by)
			}
		}
		after, diags := f.process(t).read(m)
		if after.text("status") != "active" || !strings.Contains(diags.warnings(), "proves nothing") {
			t.Errorf("got %q and %q, want the state as it was", after.text("status"), diags.warnings())
		}
		if _, diags = f.process(t).planDestroy(after); !strings.Contains(diags.errors(), "proves nothing") {
			t.Errorf("got %q, want an error of the plan", diags.errors())
		}
		gone, _ := f.apply(t, f.process(t), p)
		f.wantOpen(t, c.v, gone)
	})
}

// A vendor sorts its list by a name that several users have, so that they come in another order on each page. The
// leaver is on none of them, and another user is on two. No list is whole in which a row comes again.
func TestHostile_aRowOnTwoPagesMayHideAnother(t *testing.T) {
	t.Parallel()
	for _, c := range unlistedLaters {
		if c.v.kind.name == "sfox" || c.v.twin != "" { // sFOX has no pages, and a definition may repeat rows
			continue
		}
		t.Run(c.v.kind.name+c.v.twin, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, c.v)
				c.crowd(f)
				var first any
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					list := map[string]string{"/users": "users", "/users/list": "data"}[at]
					if list == "" {
						return false
					}
					recorded, body := httptest.NewRecorder(), map[string]any{}
					f.mock.ServeHTTP(recorded, r)
					_ = json.Unmarshal(recorded.Body.Bytes(), &body)
					rows, _ := body[list].([]any)
					if first == nil && len(rows) > 3 {
						first = rows[3]
					}
					for i, of := range rows {
						if strings.Contains(fmt.Sprint(of), c.v.id) {
							rows[i] = first
						}
					}
					if _, counts := body["totalCount"]; counts {
						body["totalCount"] = len(rows) // as in the sample of the documentation
					}
					changed, _ := json.Marshal(body)
					return say(w, recorded.Code, string(changed))
				}
				values, diags := f.process(t).dataSource("offboard_accounts", attributes{
					"people": peopleOf(row{"email": inesEmail, "left_on": "1999-01-01"}),
				})
				all := strings.Join(verdictsIn(t, values["accounts"]), "\n")
				isListed := !slices.ContainsFunc(elements(t, values["cannot_list"]), func(of fields) bool {
					return shownAs(t, of["vendor"]) == c.v.kind.name
				})
				if !strings.Contains(all, c.v.id) && diags.errors() == "" && isListed {
					t.Errorf("the leaver is missing: %q", all)
				}
			})
		})
	}
}
