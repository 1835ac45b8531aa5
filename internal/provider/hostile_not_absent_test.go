package provider

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
)

// answering answers a path, and leaves the others to the next one of further answers.
func answering(
	path string,
	status int,
	body string,
	further ...func(http.ResponseWriter, *http.Request, string) bool,
) func(
	http.ResponseWriter, *http.Request, string,
) bool {
	return func(w http.ResponseWriter, r *http.Request, at string) bool {
		if at == path {
			return say(w, status, body)
		}
		for _, next := range further {
			if next(w, r, at) {
				return true
			}
		}
		return false
	}
}

// wantKept destroys Ines at a vendor that answers her closing call and ignores it. It fails the test if
// the user leaves the state, or counts as closed.
func (v vendorCase) wantKept(
	t *testing.T, call string, status int, then func(http.ResponseWriter, *http.Request, string) bool,
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.ignoresDelete(status, call, then)
		m, _ := f.apply(t, d, p)
		if o := f.outcome(t); m.gone() || o.Result.Done() {
			t.Errorf(
				"got gone %v and %q with the proof %q, want the user kept: the account is open",
				m.gone(),
				o.Result,
				o.Proof,
			)
		}
	})
}

// A gateway that is down, or a key that is refused, says nothing of the account, with any code.
func TestHostile_ecgridACodeOfAnAbsenceNeedsAStatusOfOne(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	read := "/users/" + v.id
	coded := func(code string) string {
		return `{"success":false,"data":null,"errorCode":"` + code + `","message":"x"}`
	}
	for _, status := range []int{400, 401, 403, 409, 500, 501, 502, 503} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			v.wantKept(t, `{"success":true,"data":true}`, 200, answering(read, status, coded("ObjectNotFound")))
			v.wantKept(t, `bad gateway`, 502, answering(read, status, coded("ObjectNotFound")))
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				m := f.process(t).mustImport(v.kind, v.id)
				f.answer = answering(read, status, coded("ObjectNotFound"))
				if m, _ = f.process(t).read(m); m.text("status") != "active" {
					t.Errorf("got the status %q, want it as it was", m.text("status"))
				}
			})
		})
	}
	for _, code := range []string{"InternalError", "InvalidAPIKey", "AccessDenied"} {
		t.Run("410 "+code, func(t *testing.T) {
			t.Parallel()
			v.wantKept(t, `{"success":true,"data":true}`, 200, answering(read, 410, coded(code)))
		})
	}
}

// An answer that says that it failed is no absence and no empty list.
func TestHostile_anAnswerThatSaysThatItFailedIsNoAbsence(t *testing.T) {
	t.Parallel()
	const siteAbsent, sfoxAbsent = `{"status":404,"message":"Not found"}`, `{"error":"user not found"}`
	ofUser, ofSFOXUser := "/users/"+konstantlyCase.id, "/enterprise/users/"+sfoxCase.id
	for _, c := range []struct {
		v          vendorCase
		path, body string
		further    func(http.ResponseWriter, *http.Request, string) bool
	}{
		{sfoxCase, ofSFOXUser, `{"data":null,"success":false,"message":"maintenance"}`, sfoxOfAnotherPartner},
		{sfoxCase, ofSFOXUser, `{"data":null,"errors":["upstream timeout"]}`, sfoxOfAnotherPartner},
		{sfoxCase, ofSFOXUser, `{"data":null,"status":503,"message":"Service Unavailable"}`, sfoxOfAnotherPartner},
		{sfoxCase, ofSFOXUser, `{"data":{},"code":"UPSTREAM_TIMEOUT"}`, sfoxOfAnotherPartner},
		{sfoxCase, "/enterprise/users", `{"data":[],"success":false}`, answering(ofSFOXUser, 404, sfoxAbsent)},
		{sfoxCase, "/enterprise/users", `{"data":[],"errors":["timeout"]}`, answering(ofSFOXUser, 404, sfoxAbsent)},
		{konstantlyCase, "/users", `{"users":[],"totalCount":0,"errors":["down"]}`, answering(ofUser, 404, siteAbsent)},
		{konstantlyCase, "/users", `{"users":[],"totalCount":0,"error":"down"}`, answering(ofUser, 404, siteAbsent)},
	} {
		t.Run(c.v.kind.name+" "+c.body, func(t *testing.T) {
			t.Parallel()
			c.v.wantKept(t, "", 200, answering(c.path, 200, c.body, c.further))
		})
	}
}

// An answer that contradicts itself is neither an acceptance nor an absence.
func TestHostile_anAnswerThatContradictsItselfProvesNothing(t *testing.T) {
	t.Parallel()
	const (
		done   = `{"success":true,"data":true}`
		zoe    = `{"users":[{"id":"z1","name":"Zoe","email":"zoe@acme.test","isBanned":false}],"totalCount":1}`
		ofEC   = `{"success":false,"errorCode":"ObjectNotFound","data":{"userId":30417,"status":"Active"}}`
		ofSFOX = `{"error":"no wallet","data":{"user_id":"cust-7f31","email":"` + inesEmail + `"}}`
		ofSite = `{"status":404,"id":"u7k2m9","name":"` + inesName + `","email":"` + inesEmail + `","isBanned":true}`
	)
	others := answering("/users", 200, zoe)
	for name, c := range map[string]struct {
		v    vendorCase
		call string
		then func(http.ResponseWriter, *http.Request, string) bool
	}{
		"ECGrid, a success and a code": {
			ecgridCase, `{"success":true,"data":true,"errorCode":"ObjectNotFound","message":"No user is visible."}`, withoutInes,
		},
		"ECGrid, the account and 404": {ecgridCase, done, answering("/users/30417", 404, ofEC)},
		"ECGrid, the account and 200": {ecgridCase, done, answering("/users/30417", 200, ofEC)},
		"sFOX, the account and 404": {
			sfoxCase, "", answering("/enterprise/users/cust-7f31", 404, ofSFOX, sfoxOfAnotherPartner),
		},
		"Konstantly, the account and 404": {konstantlyCase, "", answering("/users/u7k2m9", 404, ofSite, others)},
		"Konstantly, the account and 200": {konstantlyCase, "", answering("/users/u7k2m9", 200, ofSite, others)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.v.wantKept(t, c.call, 200, c.then)
		})
	}
}
