package provider

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// A site has two custom attributes whose names differ in letter case only. They are keys of an
// object in the row of a colleague, and nothing is decoded from it.
func TestHostile_customAttributesOfAColleagueKeepNobodyFromBeingClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, konstantlyCase)
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.Method != http.MethodGet || !strings.HasPrefix(at, "/users") {
				return false
			}
			rec := httptest.NewRecorder()
			f.mock.ServeHTTP(rec, r)
			return say(
				w,
				rec.Code,
				strings.ReplaceAll(rec.Body.String(), `"attributes":{}`, `"attributes":{"Team":1,"team":"x"}`),
			)
		}
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(konstantlyKind, konstantlyCase.id))
		after, _ := f.apply(t, d, p)
		if got := f.outcome(t).Result; !after.gone() || got != evidence.Closed {
			t.Errorf("got gone %v and %q, want closed: the account is deleted, and the list shows colleagues", after.gone(), got)
		}
	})
}

// The key is that of the administrator of the root mailbox, and sees its users alone. The account is
// in mailbox 880 and open. What the key does not show is not shown to be gone.
func TestHostile_aKeyOfTheRootMailboxDoesNotShowThatAnAccountIsGone(t *testing.T) {
	t.Parallel()
	user := func(id, login, level string) string {
		return `{"userId":` + id + `,"login":"` + login + `","email":"` + login + `@acme.test","firstName":"A","lastName":"` +
			login + `","networkId":12,"mailboxId":0,"authLevel":"` + level + `","status":"Active"}`
	}
	for name, by := range map[string]attributes{"id": {"id": ecgridCase.id}, "email": {"email": inesEmail}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, ecgridCase)
				mia, ben := user("555", "mia", "MailboxAdmin"), user("556", "ben", "MailboxUser")
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch at {
					case "/users/me":
						return say(w, 200, `{"success":true,"data":`+mia+`}`)
					case "/users/list":
						body, _ := io.ReadAll(r.Body)
						if strings.Contains(string(body), `"pageNo":1,`) {
							return say(w, 200, `{"success":true,"data":[`+mia+`,`+ben+`]}`)
						}
						return say(w, 200, `{"success":true,"data":[]}`)
					}
					return withoutInes(w, r, at)
				}
				got, diags := f.process(t).data(ecgridKind.typeName(), by)
				if got.exists() == "false" {
					t.Errorf("%v: got exists = false, want null: the account is open: %v; %q %q",
						by, ecgridCase.has(f.mock, ecgridCase.id), diags.errors(), diags.warnings())
				}
			})
		})
	}
}

// A partner has two clients, who are one person: an old account and a new one. The old one is closed.
func TestHostile_theOtherAccountOfThePersonKeepsTheLastOneNotForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := sfoxCase
		f := newLiar(t, v)
		f.mock.SFOX.Drop(v.other)
		v.put(f.mock, "cust-new", inesName, inesEmail)
		d := f.process(t)
		m, diags := f.apply(t, d, d.mustPlanDestroy(d.mustImport(v.kind, v.id)))
		for range 2 {
			if m.gone() {
				break
			}
			d = f.process(t)
			m, _ = d.read(m)
			var p planned
			if p, diags = d.planDestroy(m); diags.errors() == "" {
				m, diags = f.apply(t, d, p)
			}
		}
		if !m.gone() {
			t.Errorf("an accepted closing stays for ever, though an empty list would end it: %q", diags.errors())
		}
	})
}
