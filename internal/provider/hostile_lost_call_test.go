package provider

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// ecgridNone is the answer of ECGrid for a user who is not there.
const ecgridNone = `{"success":false,"errorCode":"ObjectNotFound","message":"no","data":null}`

// noLabFound is the answer of Skillable to a search for the labs of an ID that has none.
const noLabFound = `{"TotalResults":0,"TotalPages":0,"Results":[],"Status":1,"Error":null}`

// ecgridRows is an answer of ECGrid with these rows of a list.
func ecgridRows(rows ...string) string {
	return `{"success":true,"data":[` + strings.Join(rows, ",") + `]}`
}

// listAsked returns the page and the mailbox for which a list of ECGrid was asked.
func listAsked(r *http.Request) (page int, mailbox any) {
	raw, _ := io.ReadAll(r.Body)
	var body struct {
		PageNo    int
		MailboxID any
	}
	_ = json.Unmarshal(raw, &body)
	return body.PageNo, body.MailboxID
}

// The first call is lost, reads do not show the account, and a row of a list shows it open. No call follows
// a row: the ID may have passed on while the list was read, or the row may show what a guard refuses.
func TestHostile_noCallFollowsARowAlone(t *testing.T) {
	t.Parallel()
	row := func(login, level string) string {
		return fmt.Sprintf(`{"userId":30417,"email":"ines.varga@acme.test","firstName":"Ines","lastName":"Varga",`+
			`"login":%q,"status":"Active","networkId":12,"mailboxId":880,"authLevel":%q}`, login, level)
	}
	for name, c := range map[string]struct {
		row   string
		pages int
	}{
		"a long list, while the ID passes on":   {row("login-30417", "MailboxUser"), 20},
		"another sign-in name and other rights": {row("boss", "NetworkAdmin"), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := ecgridCase
				f := newLiar(t, v)
				d := virtualDriver(t, f, attributes{"evidence_log": f.log, "never_close": []string{"boss"}})
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				calls, lists, renamed := 0, 0, false
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch {
					case r.Method == http.MethodDelete:
						calls++
						return calls == 1 && say(w, http.StatusBadGateway, "bad gateway")
					case calls == 0:
						return false
					case at == "/users/"+v.id && !renamed:
						return say(w, http.StatusNotFound, ecgridNone)
					case at != "/users/list":
						return false
					}
					page, _ := listAsked(r)
					switch {
					case page == 1:
						lists++
						return say(w, http.StatusOK, ecgridRows(c.row))
					case page >= c.pages:
						return say(w, http.StatusOK, ecgridRows())
					}
					time.Sleep(3 * time.Second)
					if lists == 3 && page == 5 {
						v.rename(f.mock, v.id, "Otto Berg", "otto.berg@acme.test")
						renamed = true
					}
					return say(w, http.StatusOK, ecgridRows(fmt.Sprintf(
						`{"userId":%d,"email":"z%[1]d@acme.test","status":"Active","networkId":12,"mailboxId":5}`, 9000+page)))
				}
				after, _ := f.apply(t, d, p)
				if calls != 1 || after.gone() || !v.has(f.mock, v.id) {
					t.Errorf("got %d closing calls, and gone %t, want one, and an account that stays", calls, after.gone())
				}
			})
		})
	}
}

// The call is lost and had no effect, reads do not show the account, and the key's own user is as ever. A
// list that could not show the account proves nothing.
func TestHostile_aListOfAnotherPlaceSettlesNoLostCall(t *testing.T) {
	t.Parallel()
	type answerOf func(page int, mailbox any) (status int, body string)
	row := func(id, network, mailbox int) string {
		return fmt.Sprintf(`{"userId":%d,"email":"z%[1]d@acme.test","firstName":"Z","lastName":"Z","status":"Active",`+
			`"networkId":%d,"mailboxId":%d,"authLevel":"NetworkUser"}`, id, network, mailbox)
	}
	empty := func(int, any) (int, string) { return http.StatusOK, ecgridRows() }
	const noMailbox = `{"success":false,"errorCode":"InvalidParameter","message":"mailboxId","data":null}`
	// The list of the root mailbox has one user. That of all mailboxes has so many pages before this end.
	allEnd := func(pages int, status int, body string) answerOf {
		return func(page int, mailbox any) (int, string) {
			switch {
			case mailbox != nil && page > pages:
				return status, body
			case page > 1:
				return http.StatusOK, ecgridRows()
			case mailbox != nil:
				return http.StatusOK, ecgridRows(row(990, 12, 0), row(991, 12, 5))
			}
			return http.StatusOK, ecgridRows(row(990, 12, 0))
		}
	}
	for name, c := range map[string]struct {
		vendor vendorCase
		list   answerOf
	}{
		"empty":                       {ecgridCase, empty},
		"empty, at a declared vendor": {ecgridTwin, empty},
		"of another network": {ecgridCase, func(page int, _ any) (int, string) {
			if page > 1 {
				return http.StatusOK, ecgridRows()
			}
			return http.StatusOK, ecgridRows(row(990, 99, 5))
		}},
		"of the root mailbox alone":       {ecgridCase, allEnd(0, http.StatusBadRequest, noMailbox)},
		"of all, refused in the middle":   {ecgridCase, allEnd(1, http.StatusBadRequest, noMailbox)},
		"of all, not found in the middle": {ecgridCase, allEnd(1, http.StatusNotFound, ecgridNone)},
		"of all, 200 in the middle":       {ecgridCase, allEnd(1, http.StatusOK, ecgridNone)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := c.vendor
				f := newLiar(t, v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				called := false
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch {
					case r.Method == http.MethodDelete:
						called = true
						return say(w, http.StatusBadGateway, "bad gateway")
					case called && at == "/users/"+v.id:
						return say(w, http.StatusNotFound, ecgridNone)
					case called && at == "/users/list":
						status, body := c.list(listAsked(r))
						return say(w, status, body)
					}
					return false
				}
				after, _ := f.apply(t, d, p)
				f.wantOpen(t, v, after)
			})
		})
	}
}

// The first call is lost and is done late, and the second one is refused. The refusal says nothing of the
// first one.
func TestHostile_aRefusalForgetsNoLostCall(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{ecgridCase, sfoxCase} {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				calls := 0
				f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
					if r.Method != http.MethodDelete {
						return false
					}
					if calls++; calls == 1 {
						return say(w, http.StatusBadGateway, "bad gateway")
					}
					v.drop(f.mock, v.id)
					return say(w, http.StatusForbidden, `{"message":"Forbidden"}`)
				}
				f.apply(t, d, p)
				if o := f.outcome(t); o.Result == evidence.AlreadyClosed || o.Result == evidence.Failed {
					t.Errorf("got %q, want no word that this run made no call", o.Result)
				}
			})
		})
	}
}

// The lists of labs are refused in words, as for an ID that is not known, and the search shows nothing yet.
// The key is refused everywhere, so that this shows nothing.
func TestHostile_refusedListsAreNoEmptyOnes(t *testing.T) {
	t.Parallel()
	const refused, rows = `{"Status":0,"Error":"The service is unavailable."}`, `{"Status":1,"Error":null,"RowsAffected":`
	for name, first := range map[string]struct {
		status int
		body   string
	}{
		"an exam runs":           {},
		"the first call is lost": {http.StatusBadGateway, "bad gateway"},
		"it does nothing":        {http.StatusOK, rows + "3}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := skillableCase
				f := newLiar(t, v)
				d := f.process(t)
				p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
				calls := 0
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					switch {
					case at == "/CloseUserAccount" && calls == 0:
						calls++
						return first.status != 0 && say(w, first.status, first.body)
					case at == "/CloseUserAccount":
						return say(w, http.StatusOK, rows+"0}")
					case calls == 0 && first.status != 0:
						return false
					case at == "/labinstance/search":
						return say(w, http.StatusOK, noLabFound)
					}
					return say(w, http.StatusOK, refused)
				}
				after, _ := d.apply(t.Context(), p)
				if after.gone() || !v.has(f.mock, v.id) {
					t.Errorf("got gone %t, open %t, want an account that stays", after.gone(), v.has(f.mock, v.id))
				}
			})
		})
	}
}

// Two servers stand behind one host, and the clock of one is ahead. An answer of the other one is no old
// one.
func TestHostile_twoClocksHoldNoClosingBack(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{ecgridCase, sfoxCase, konstantlyCase} {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			for first := range 2 {
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					requests := first
					f.answer = func(w http.ResponseWriter, _ *http.Request, _ string) bool {
						requests++
						at := time.Now().Add(time.Duration(requests%2) * 7 * time.Second)
						w.Header().Set("Date", at.UTC().Format(http.TimeFormat))
						return false
					}
					d := f.process(t)
					after, diags := d.apply(t.Context(), d.mustPlanDestroy(d.mustImport(v.kind, v.id)))
					if !after.gone() || v.has(f.mock, v.id) {
						t.Errorf("got gone %t and %q, want it closed", after.gone(), diags.errors())
					}
				})
			}
		})
	}
}
