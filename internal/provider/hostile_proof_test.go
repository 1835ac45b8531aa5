package provider

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// Closings side by side share the request that proves them, and each record has it.
func TestHostile_aSharedProofIsInEachRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		konstantlyCase.add(s)
		users := konstantlyCase.addMany(s, 6)
		path := filepath.Join(t.TempDir(), "log.jsonl")
		d := virtualDriver(t, s, attributes{"evidence_log": path, "max_closures": -1})
		var plans []planned
		for _, id := range users[:5] {
			p := d.mustPlanDestroy(d.mustImport(konstantlyKind, id))
			plans = append(plans, p)
		}
		s.Fail(mock.Fault{Vendor: "konstantly", Route: "GET /users", Delay: 3 * time.Second})
		var all sync.WaitGroup
		for _, p := range plans {
			all.Go(func() { d.apply(t.Context(), p) })
		}
		all.Wait()
		for _, c := range readEvidence(t, path).Closures {
			list := false
			for _, r := range c.Outcome.Requests {
				list = list || r.Method == "GET" && strings.HasSuffix(r.Path, "/users")
			}
			if c.Outcome.Result == evidence.Closed && !list {
				t.Errorf("%s: %q, %q, and the list is not among the requests", c.ID, c.Outcome.Result, c.Outcome.Proof)
			}
		}
	})
}

// A closing whose check fails, of an account that turns out to be closed: nobody here closed it,
// and the look that showed it open proves nothing.
func TestHostile_aTombstoneAfterAFailedCheckIsProvenByItselfAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := ecgridCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		d = f.process(t) // the check is made again
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			if at != "/users/me" {
				return false
			}
			f.mock.ECGrid.Update(number(v.id), func(u *mock.ECGridUser) { u.Status = "Terminated" })
			return say(w, 200, `{"success":true,"data":{"userId":1,"userID":2}}`)
		}
		after, diags := d.apply(t.Context(), p)
		o := f.outcome(t)
		if !after.gone() || o.Result != evidence.AlreadyClosed {
			t.Fatalf("gone %v, result %q, errors %q, want an account that was closed already",
				after.gone(), o.Result, diags.errors())
		}
		for i, r := range o.Requests {
			if r.Proof != (i == len(o.Requests)-1) {
				t.Errorf("request %d of %d, %s %s: proof %v, want that of the last one alone",
					i+1, len(o.Requests), r.Method, r.Path, r.Proof)
			}
		}
	})
}

// The plan sees an account open after a call whose answer was lost, and its apply ends before it
// looks: what was seen is not forgotten.
func TestHostile_whatAPlanRefutesStaysRefutedWhenAGuardEndsTheApply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := sfoxCase
		f := newLiar(t, v)
		d := f.process(t)
		f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodDelete {
				panic(http.ErrAbortHandler)
			}
			return false
		}
		lost, diags := d.apply(t.Context(), d.mustPlanDestroy(d.mustImport(v.kind, v.id)))
		if lost.gone() || f.outcome(t).Sent != evidence.Lost {
			t.Fatalf("gone %v, outcome %+v, errors %q, want a lost call", lost.gone(), f.outcome(t), diags.errors())
		}
		f.answer = nil
		p := f.process(t).mustPlanDestroy(lost)
		refused, diags := virtualDriver(t, f, attributes{"evidence_log": f.log, "read_only": true}).apply(t.Context(), p)
		if refused.gone() || f.outcome(t).Result != evidence.RefusedByGuard {
			t.Fatalf("gone %v, outcome %+v, errors %q, want a refusal", refused.gone(), f.outcome(t), diags.errors())
		}
		f.answer = sfoxOfAnotherPartner
		d = f.process(t)
		d.apply(t.Context(), d.mustPlanDestroy(refused))
		if got := f.outcome(t).Result; got != evidence.NotVisible {
			t.Errorf("got %q for an account that was seen open after the call, want that it is not visible", got)
		}
	})
}

// The answer to the closing call is lost. The next run has the key of an administrator of a mailbox
// of the same network, who sees the people of that mailbox alone. Only if it is the account's own
// mailbox does that vouch for the absence.
func TestHostile_colleaguesOfAnotherMailboxVouchForNobody(t *testing.T) {
	t.Parallel()
	for mailbox, closed := range map[int]bool{77: false, 880: true} {
		t.Run(fmt.Sprint("mailbox ", mailbox), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := ecgridCase
				f := newLiar(t, v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				f.answer = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
					if r.Method == http.MethodDelete {
						panic(http.ErrAbortHandler)
					}
					return false
				}
				m, _ := d.apply(t.Context(), p)
				if m.gone() {
					t.Fatal("gone, want a lost call")
				}
				user := func(id int, login, level string) string {
					return fmt.Sprintf(`{"userId":%d,"login":%q,"email":"%s@other.test","firstName":"A","lastName":%q,`+
						`"networkId":12,"mailboxId":%d,"authLevel":%q,"status":"Active"}`, id, login, login, login, mailbox, level)
				}
				mia, ben := user(555, "mia", "MailboxAdmin"), user(556, "ben", "MailboxUser")
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch at {
					case "/users/me":
						return say(w, 200, `{"success":true,"data":`+mia+`}`)
					case "/users/list":
						if page, _ := listAsked(r); page > 1 {
							return say(w, 200, ecgridRows())
						}
						return say(w, 200, ecgridRows(mia, ben))
					}
					return withoutInes(w, r, at)
				}
				d = f.process(t)
				m, _ = d.read(m)
				if got := m.text("status") == "closed"; got != closed {
					t.Errorf("refresh: got the status %q, want it closed %t", m.text("status"), closed)
				}
				after, diags := d.destroy(m)
				// The run of the lost call read the account as open, so that call explains no absence.
				if got := f.outcome(t).Result; after.gone() != closed || (got == evidence.NotVisible) != closed {
					t.Errorf("got gone %t and %q, want it closed %t\n%s", after.gone(), got, closed, diags.errors())
				}
			})
		})
	}
}

// The list has one row that cannot be read, for ever. If the row names another ID, it cannot be the
// account whose closing is to be proven. If it names none, the message is about the row, and not
// about the address.
func TestHostile_aRowOfAnotherIDThatCannotBeReadStopsNoProof(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v         vendorCase
		at, list  string
		bad, lost string // the row with an ID, and without one
	}{
		{
			konstantlyCase, "/users",
			`{"totalCount":2,"users":[%s,{"id":"u1a2b3","name":"Otto Berg","email":"otto@acme.test","isBanned":false}]}`,
			`{"id":"guest-1","name":"Guest"}`, `{"name":"Guest"}`,
		},
		{
			sfoxCase, "/enterprise/users", `{"data":[%s,{"user_id":"cust-2","email":"otto@acme.test","account_role":"client"}]}`,
			`{"user_id":"guest-1","email":7}`, `{"email":"guest@acme.test"}`,
		},
	} {
		for _, row := range []string{test.bad, test.lost} {
			t.Run(test.v.kind.name+" "+row, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, test.v)
					f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
						return r.Method == http.MethodGet && at == test.at && say(w, 200, fmt.Sprintf(test.list, row))
					}
					d := f.process(t)
					m, diags := d.destroy(d.mustImport(test.v.kind, test.v.id))
					said, proven := diags.errors(), row == test.bad
					if got := f.outcome(t).Result; m.gone() != proven || (got == evidence.Closed) != proven {
						t.Errorf("got gone %t and %q, want it closed %t\n%s", m.gone(), got, proven, said)
					}
					if !proven && (!strings.Contains(said, "row 1 cannot be read") || strings.Contains(said, "base_url")) {
						t.Errorf("got %q, want the row that cannot be read, and nothing of base_url", said)
					}
				})
			})
		}
	}
}

// A vendor that keeps a closed account under a placeholder shows another person, as far as anybody
// can tell. Nothing is proven, and the next plan names the way out.
func TestHostile_aClosedAccountUnderAPlaceholderHasAWayOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v          vendorCase
		at, answer string
	}{
		{konstantlyCase, "/users/" + konstantlyCase.id, `{"id":%q,"name":"Deleted user","email":"","isBanned":true}`},
		{
			sfoxCase, "/enterprise/users/" + sfoxCase.id,
			`{"data":{"user_id":%q,"first_name":"Deleted","last_name":"user","email":"","account_role":"client"}}`,
		},
	} {
		t.Run(test.v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, test.v)
				d := f.process(t)
				m, deletions := d.mustImport(test.v.kind, test.v.id), 0
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					if r.Method == http.MethodDelete {
						deletions++
					}
					return r.Method == http.MethodGet && at == test.at && deletions > 0 &&
						say(w, 200, fmt.Sprintf(test.answer, test.v.id))
				}
				m, diags := d.destroy(m)
				if got := f.outcome(t).Result; m.gone() || got != evidence.Unproven {
					t.Fatalf("got gone %t and %q, want an unproven closing\n%s", m.gone(), got, diags.errors())
				}
				d = f.process(t)
				m, _ = d.read(m)
				m, diags = d.destroy(m)
				if said := diags.errors(); m.gone() || deletions != 1 || !strings.Contains(said, "removed {") {
					t.Errorf("got gone %t after %d deletions, and %q, want one deletion and how to stop managing the account",
						m.gone(), deletions, said)
				}
			})
		})
	}
}
