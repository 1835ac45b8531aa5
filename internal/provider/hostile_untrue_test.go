package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The ID has passed to Otto, and a replica that lags shows Ines once more. The answer to the block
// is that of the site itself, and shows Otto. The site hides who is blocked. Otto must not be deleted.
func TestHostile_konstantlyTheAnswerToTheBlockShowsSomebodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		blocked := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case at == "/users/blocked":
				blocked = true
				return say(w, 200, `{"id":"`+v.id+`","name":"`+ottoName+`","email":"otto@acme.test","isBanned":true}`)
			case r.Method == http.MethodDelete:
				t.Error("a deletion left, though the answer to the block shows otto@acme.test")
			}
			return blocked && r.Method == http.MethodGet && at == "/users/"+v.id &&
				say(w, 404, `{"status":404,"message":"Not found"}`)
		}
		if m, diags := d.apply(t.Context(), p); m.gone() || strings.Contains(diags.errors(), "was sent") {
			t.Errorf("got gone %v and %q, want the user kept, and no word of a closing call", m.gone(), diags.errors())
		}
	})
}

// ECGrid shows the ID as that of Otto, who is terminated. That says nothing of Ines.
func TestHostile_ecgridATombstoneOfSomebodyElseIsNoClosing(t *testing.T) {
	t.Parallel()
	const otto = `{"success":true,"data":{"userId":30417,"login":"o.ostrander","email":"` + ottoEmail + `",` +
		`"firstName":"Otto","lastName":"Ostrander","networkId":12,"mailboxId":880,"authLevel":"MailboxUser",` +
		`"status":"Terminated"}}`
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			return r.Method == http.MethodGet && at == "/users/"+ecgridCase.id && say(w, 200, otto)
		}
		if m, diags := d.apply(t.Context(), p); m.gone() || !strings.Contains(diags.errors(), "another person") {
			t.Errorf("got gone %v and %q, want the user kept, and why", m.gone(), diags.errors())
		}
		m, diags := f.process(t).read(p.prior)
		if m.text("status") == "closed" || !strings.Contains(diags.warnings(), "another person") {
			t.Errorf("got the status %q and %q, want the state as it was, and why", m.text("status"), diags.warnings())
		}
	})
}

// The closing call is lost on its way. The user who owns the key is suspended, or terminated, so that
// the key sees nobody. Its level and its network are as before, and vouch for nothing.
func TestHostile_ecgridASuspendedOwnerOfTheKeyVouchesForNothing(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"Suspended", "Terminated", "Archived"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, ecgridCase)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(ecgridKind, ecgridCase.id))
				f.ignoresDelete(502, "bad gateway", func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch at {
					case "/users/me":
						answer := httptest.NewRecorder()
						f.mock.ServeHTTP(answer, r)
						me := strings.Replace(answer.Body.String(), `"Active"`, `"`+status+`"`, 1)
						return say(w, 200, me)
					case "/users/list":
						return say(w, 200, `{"success":true,"data":[]}`)
					}
					return withoutInes(w, r, at)
				})
				m, _ := d.apply(t.Context(), p)
				o := f.outcome(t)
				if m.gone() || o.Result == evidence.Closed {
					t.Errorf("%q: the key's own user is %s; Ines is open: %v", o.Result, status,
						ecgridCase.has(f.mock, ecgridCase.id))
				}
			})
		})
	}
}

// A search that is not whole, or that holds a row that cannot be read, does not say that nobody has
// an address.
func TestHostile_existsIsNotFalseAfterASearchThatIsNotWhole(t *testing.T) {
	t.Parallel()
	const (
		zoe      = `{"id":"z1","name":"Zoe","email":"zoe@acme.test","isBanned":false}`
		ines     = `{"id":"u7k2m9","name":"Ines Varga","email":"` + inesEmail + `"}`
		notFound = `{"status":404,"message":"Not found"}`
		sfoxZoe  = `{"user_id":"z-1","email":"zoe@acme.test","first_name":"Zoe","account_role":"client"}`
	)
	konstantly := func(search string) func(http.ResponseWriter, *http.Request, string) bool {
		return func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case strings.HasPrefix(at, "/users/byEmail/"):
				return say(w, 404, notFound)
			case at == "/users" && r.URL.Query().Has("query"):
				return say(w, 200, search)
			}
			return at == "/users" && say(w, 200, `{"users":[`+zoe+`],"totalCount":45}`)
		}
	}
	sfox := func(list string) func(http.ResponseWriter, *http.Request, string) bool {
		return func(w http.ResponseWriter, _ *http.Request, at string) bool {
			return at == "/enterprise/users" && say(w, 200, list)
		}
	}
	for _, test := range []struct {
		name   string
		v      vendorCase
		answer func(http.ResponseWriter, *http.Request, string) bool
	}{
		{"a row without isBanned", konstantlyCase, konstantly(`{"users":[` + ines + `],"totalCount":1}`)},
		{"one row of 45", konstantlyCase, konstantly(`{"users":[` + zoe + `],"totalCount":45}`)},
		{"more rows", sfoxCase, sfox(`{"data":[` + sfoxZoe + `],"has_more":true}`)},
		{"a cursor", sfoxCase, sfox(`{"data":[` + sfoxZoe + `],"next_cursor":"eyJpZCI6MX0"}`)},
		{"a total", sfoxCase, sfox(`{"data":[` + sfoxZoe + `],"total":45}`)},
	} {
		t.Run(test.v.kind.name+" "+test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, test.v)
				f.answer = test.answer
				got, diags := f.process(t).dataSource(test.v.kind.typeName(), test.v.kind.configOf(attributes{"email": inesEmail}))
				var exists *bool
				if got["exists"].As(&exists) == nil && exists != nil && !*exists && diags.errors() == "" {
					t.Errorf("got exists = false, want null: %s has an account", inesEmail)
				}
			})
		})
	}
}

// The vendor closes the account, and its answer says so in words. The body of a success is not
// documented, so these words are no refusal. A further call is answered as documented.
func TestHostile_aSuccessInWordsIsNoRefusal(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{konstantlyCase, sfoxCase} {
		for _, body := range []string{
			`{"status":200,"message":"The user was deleted."}`, `{"status":"ok"}`, `{"success":true,"message":"Done"}`,
			`{"code":200,"message":"OK"}`, `{"message":null,"status":204}`, `{"id":"` + v.id + `"}`, `"OK"`,
		} {
			t.Run(v.kind.name+" "+body, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					d := f.process(t)
					p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
					f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
						if r.Method != http.MethodDelete {
							return false
						}
						rec := httptest.NewRecorder()
						if f.mock.ServeHTTP(rec, r); rec.Code/100 != 2 {
							return say(w, rec.Code, rec.Body.String())
						}
						return say(w, 200, body)
					}
					m, _ := d.apply(t.Context(), p)
					o := f.outcome(t)
					if v.has(f.mock, v.id) {
						t.Fatal("the account is open")
					}
					if !m.gone() || o.Result != evidence.Closed {
						t.Errorf("gone %v, result %q, and the account is closed", m.gone(), o.Result)
					}
				})
			})
		}
	}
}

// After an accepted call the vendor is busy for eight seconds, and says so in the body of an HTTP 200.
// The closing waits for its proof, as it does after an HTTP 503.
func TestHostile_aBusyVendorThatAnswers200IsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v    vendorCase
		call string
		body string
	}{
		{konstantlyCase, "/users/" + konstantlyCase.id, `{"status":503,"message":"Try again later"}`},
		{ecgridCase, "/users/" + ecgridCase.id, `{"success":false,"errorCode":"RateLimitExceeded","message":"busy"}`},
		{ecgridCase, "/users/" + ecgridCase.id, `{"success":false,"errorCode":"InternalError","message":"busy"}`},
		{skillableCase, "/CloseUserAccount", `{"Status":0,"Error":"The service is busy. Try again later."}`},
		{ecgridCase, "/users/" + ecgridCase.id, `<!DOCTYPE html><html><body>Maintenance</body></html>`},
	} {
		t.Run(test.v.kind.name+" "+test.body, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v, f := test.v, newLiar(t, test.v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, v.id), "60s"))
				var called time.Time
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch {
					case called.IsZero() && at == test.call && (r.Method == http.MethodDelete || v.noRead):
						called = time.Now()
						return false
					case called.IsZero(), time.Since(called) > 8*time.Second:
						return false
					}
					return say(w, 200, test.body)
				}
				d.apply(t.Context(), p)
				o := f.outcome(t)
				if o.Result != evidence.Closed {
					t.Errorf("got %q after %s, want it closed within the timeout of 60 s", o.Result, time.Since(called))
				}
			})
		})
	}
}

// Konstantly takes the role away when it blocks a user. The guard refuses the deletion. The user is
// blocked by then, and the message must not say that the account was not changed.
func TestHostile_aRefusalAfterTheBlockSaysThatTheUserIsBlocked(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, path string) bool {
			if r.Method == http.MethodPost && path == "/users/blocked" {
				f.mock.ServeHTTP(httptest.NewRecorder(), r)
				v.fact(f.mock, v.id, "blocked")
				return say(w, 200, `{"id":"`+v.id+`","isBanned":true}`) // a read shows the rest
			}
			return false
		}
		after, diags := d.apply(t.Context(), p)
		if text := diags.errors(); after.gone() || strings.Contains(text, "A closing call was sent") ||
			strings.Contains(text, "could not be read") || !strings.Contains(text, "role") {
			t.Errorf("got gone %v, status %q and %q, want that the role changed, the user is blocked, and no deletion was sent",
				after.gone(), after.text("status"), text)
		}
	})
}

// Another process holds the log for 20 seconds, so that the account must be read again before the
// call. The vendor is down by then, and no call leaves. Neither the message nor the log may say that
// one did.
func TestHostile_aCallThatDidNotLeaveIsNotSaidToBeSent(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	for _, suspended := range []bool{false, true} {
		t.Run(fmt.Sprintf("suspended %v", suspended), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				if suspended {
					v.suspend(f.mock, v.id)
				}
				d := f.process(t)
				p := d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, v.id), "60s"))
				d = f.process(t)
				var down atomic.Bool
				sent := 0
				f.holdsTheLog(t, v, func() { down.Store(true) })
				held := f.answer
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					if r.Method == http.MethodDelete || at == "/users/blocked" {
						sent++
					}
					return down.Load() && say(w, 503, `{}`) || held(w, r, at)
				}
				after, diags := d.apply(t.Context(), p)
				o, text := f.outcome(t), diags.errors()
				if sent > 0 || after.gone() {
					t.Fatalf("got %d calls and gone %v, want none", sent, after.gone())
				}
				if o.Result == evidence.Unproven || strings.Contains(text, "A closing call was sent") {
					t.Errorf("got %q (sent %q, error %q) and %q, want that no call was sent", o.Result, o.Sent, o.Error, text)
				}
			})
		})
	}
}

// The account was closed by hand, and the API key of the same partner was replaced. The message must
// name the key: nothing else is the reason, and the key sees other users.
func TestHostile_aReplacedKeyIsNamedForWhoIsNotVisible(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first := mock.New(acmeKey)
		v.add(first)
		vendors := byKey{acmeKey: first, betaKey: rotated(first)}
		m := vendors.process(t, v, acmeKey, log).mustImport(v.kind, v.id)
		v.drop(first, v.id)
		d := vendors.process(t, v, betaKey, log)
		m, refresh := d.read(m)
		after, diags := d.destroy(m)
		said := refresh.warnings() + diags.warnings() + diags.errors()
		if after.gone() {
			return
		}
		if !strings.Contains(said, "another API key") || strings.Contains(said, "sees no other user of the same kind") {
			t.Errorf("got %q, want that the API key was replaced", said)
		}
	})
}

// rotated hands requests with the new key of the same partner to the mock with the old one.
func rotated(vendor http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+betaKey {
			r.Header.Set("Authorization", "Bearer "+acmeKey)
		}
		vendor.ServeHTTP(w, r)
	})
}
