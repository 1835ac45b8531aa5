package provider

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// A vendor gives its accounts new IDs, and the account is open under another one. Nothing says that it is closed.
func TestHostile_anAccountWithANewIDIsNotClosed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v                  vendorCase
		newID, name, email string
	}{
		{konstantlyCase, "9f8e7d6c", inesName, inesEmail},
		{ecgridCase, "1030417", inesName, inesEmail},
		{sfoxCase, "crm-77-ines", inesName, inesEmail},
		{konstantlyTwin, "9f8e7d6c", inesName, inesEmail},
		{ecgridTwin, "1030417", inesName, inesEmail},
		{konstantlyCase, "9f8e7d6c", "VARGA, Ines (ext)", inesEmail},
		{ecgridCase, "1030417", "I. Varga", inesEmail},
		{sfoxCase, "crm-77-ines", "Ines Varga-Klein", inesEmail},
		{konstantlyCase, "9f8e7d6c", "VARGA, Inés", ""},
		{ecgridCase, "1030417", "Varga Ines", "i***@acme.test"},
		{sfoxCase, "crm-77-ines", "VARGA, Ines", ""},
	} {
		t.Run(fmt.Sprint(c.v.kind.name, c.v.twin, c.name, c.email), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, c.v)
				known := f.process(t).mustImport(c.v.kind, c.v.id)
				if c.v.hide != nil {
					c.v.hide(f.mock, c.v.id)
				} else {
					c.v.drop(f.mock, c.v.id)
				}
				c.v.put(f.mock, c.newID, c.name, c.email)
				now, _ := f.process(t).read(known)
				if now.text("status") == "closed" {
					t.Error("got the status closed after a refresh")
				}
				p, diags := f.process(t).planDestroy(now)
				if diags.errors() != "" {
					return
				}
				if after, _ := f.apply(t, f.process(t), p); after.gone() {
					t.Error("the user has left the state")
				}
			})
		})
	}
}

// renamed is a vendor whose list shows sign-in names alone, and that gives its accounts new IDs.
type renamed struct{ changed bool }

func (v *renamed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ines, asked := "5", strings.TrimPrefix(r.URL.Path, "/v1/people/")
	if v.changed {
		ines = "70005"
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/whoami"):
		say(w, 200, `{"data":{"ref":1}}`)
	case strings.HasSuffix(r.URL.Path, "/people"):
		say(w, 200, `{"data":[{"ref":1,"login":"root","state":"on"},{"ref":6,"login":"otto","state":"on"},`+
			`{"ref":`+ines+`,"login":"INES","state":"on"}]}`)
	case asked == ines || asked == "1":
		say(w, 200, `{"data":{"ref":`+asked+`,"login":"ines","name":"Ines Varga","state":"on"}}`)
	default:
		say(w, 404, `{"error":"no_person"}`)
	}
}

func (v *renamed) process(t *testing.T) *driver {
	t.Helper()
	const list = "\nlist {\n  path    = [\"people\"]\n  records = answer.json.data\n  first = null\n  next  = null\n}\n"
	named := strings.Replace(signInDefinition, "  login  =", "  name   = try(record.name, null)\n  login  =", 1)
	return virtualDriver(t, v, attributes{
		"konstantly": nil, "ecgrid": nil, "sfox": nil, "skillable": nil,
		"vendors": attributes{"parlance": attributes{
			"definition": named + list, "api_key": mockKey, "base_url": "http://127.0.0.1:1/v1",
		}},
	})
}

// The same where the list shows sign-in names alone.
func TestHostileDefinition_aSignInNameWithANewIDIsNotClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &renamed{}
		known := v.process(t).mustImport(signInKind, "5")
		v.changed = true
		now, _ := v.process(t).read(known)
		if now.text("status") == "closed" {
			t.Error("got the status closed after a refresh")
		}
		if p, diags := v.process(t).planDestroy(now); diags.errors() == "" {
			if after, _ := v.process(t).apply(t.Context(), p); after.gone() {
				t.Error("the user has left the state")
			}
		}
	})
}

// ECGrid shows the user without a mailbox, and lists the root mailbox alone. The termination is lost, and a replica
// that is behind answers the reads. The list had never shown the user.
func TestHostile_ecgridAMailboxThatIsNotKnown(t *testing.T) {
	t.Parallel()
	const (
		user = `{"userId":30417,"login":"ines","email":"` + inesEmail + `","firstName":"Ines","lastName":"Varga",` +
			`"networkId":12,"authLevel":"MailboxUser","status":"Active"}`
		root = `{"userId":7,"networkId":12,"mailboxId":0,"status":"Active","email":"svc@acme.test"},` +
			`{"userId":30419,"networkId":12,"mailboxId":0,"status":"Active","email":"a@acme.test"}`
	)
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, ecgridCase)
		called := false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			body, _ := io.ReadAll(r.Body)
			switch asked := string(body); {
			case r.Method == http.MethodDelete:
				called = true
				return say(w, 502, `bad gateway`)
			case at == "/users/30417" && called:
				return say(w, 404, `{"success":false,"errorCode":"ObjectNotFound","message":"none","data":null}`)
			case at == "/users/30417":
				return say(w, 200, `{"success":true,"data":`+user+`}`)
			case at != "/users/list":
				return false
			case strings.Contains(asked, `"mailboxId":-1`):
				return say(w, 400, `{"success":false,"errorCode":"InvalidParameter","message":"mailboxId"}`)
			case !strings.Contains(asked, `"pageNo":1`):
				return say(w, 200, `{"success":true,"data":[]}`)
			}
			return say(w, 200, `{"success":true,"data":[`+root+`]}`)
		}
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(ecgridKind, "30417"))
		after, _ := f.apply(t, d, p)
		f.wantOpen(t, ecgridCase, after)
	})
}
