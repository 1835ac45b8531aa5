package rest_test

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// A call whose success has no documented body succeeds by saying nothing.
func TestAnswer_EmptySuccess(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct{ plain, lost bool }{
		``: {true, false}, `null`: {true, false}, `{}`: {true, false},
		`{"errorCode":"LOCKED"}`: {}, `{"error_message":"no"}`: {}, `{"errors":[ ]}`: {false, true},
		`{"error":"no"}`: {}, `{"errors":["no"]}`: {}, `{"Error":{"code":7}}`: {}, `{"error":"no","status":200}`: {},
		`{"status":500}`: {}, `{"status":"500"}`: {}, `{"code":404,"message":"OK"}`: {},
		`{"success":false}`: {}, `{"success":"no"}`: {}, `{"deleted":false}`: {},
		`{"message":"failed"}`: {}, `{"detail":"no"}`: {}, `{"status":"failed"}`: {}, `{"code":7}`: {},
		`{"code":"LOCKED","detail":"is locked"}`: {}, `{"status":"failed","message":"a stake"}`: {},
		`{"status":200,"message":"The user was deleted."}`: {false, true}, `{"status":"OK","message":"Done"}`: {false, true},
		`{"code":0,"message":"OK"}`: {}, `{"code":null,"message":"not found"}`: {}, `{"status":false,"message":"no"}`: {},
		`{"status":"","message":"User not found"}`: {}, `{"success":true,"message":"Done"}`: {false, true},
		`{"error":"","Error":"no"}`: {},
		`{"error":null}`:            {false, true}, `{"error":false,"message":""}`: {false, true},
		`{"success":true}`: {false, true}, `{"id":"u1","isBanned":false}`: {false, true},
		`{"a":1}`: {false, true}, `[]`: {false, true}, `7`: {false, true}, `"ok"`: {false, true}, `<html>`: {false, true},
		`{`: {false, true},
	} {
		plain, err := rest.Answer{Method: "DELETE", Path: "/x", Status: 200, Body: []byte(body)}.EmptySuccess()
		if plain != want.plain || offboard.Ambiguous(err) != want.lost || (err != nil) != want.lost {
			t.Errorf("%s: got %t and %v, want %t, and an error that leaves it open %t", body, plain, err, want.plain, want.lost)
		}
	}
}

// An answer that has what was asked for may still say no beside it. A field that the caller has judged
// is a mark of success, beside which a message is only a message.
func TestAnswer_SaysNo(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct{ alone, marked bool }{
		`{"total":0,"rows":null}`: {}, `{"total":0,"error":null,"errors":[],"message":""}`: {},
		`{"success":true,"message":"Hi"}`: {},
		`{"total":0,"success":false}`:     {true, true}, `{"total":0,"Success":null}`: {true, true},
		`{"total":0,"errors":["no"]}`: {true, true}, `{"total":0,"code":500}`: {true, true},
		`{"total":0,"message":"Busy"}`: {true, false}, `{"total":0,"trial":false}`: {true, false},
		`{"total":0,"status":1}`: {true, false}, `{"total":0,"STATUS":1,"detail":"Hi"}`: {true, false},
		"\ufeff" + `{"success":false}`: {true, true}, `{"success":false,"a":1,"a":2}`: {true, true},
		`[]`: {}, `7`: {}, `null`: {}, `<html>`: {}, ``: {},
		`[{"error":"no"}]`: {true, true}, `[{"id":1},{"id":2,"success":false}]`: {true, true}, `[{"id":1}]`: {}, `[7]`: {},
		`false`: {true, true}, ` "failed"`: {true, true}, `true`: {},
		`{"ok":false}`: {true, true}, `{"ok":true,"message":"Hi"}`: {}, `{"success":"false"}`: {true, true},
		`{"statusCode":403}`: {true, true}, `{"status_code":403}`: {true, true}, `{"HttpStatus":200}`: {},
		`{"result":"failed"}`: {true, true}, `{"result":"done"}`: {}, `{"result":{"id":1}}`: {}, `{"result":[]}`: {},
		`{"deleted":0}`: {true, false}, `{"rows_affected":"0"}`: {true, false}, `{"deleted":"false"}`: {true, false},
		`{"deletedUsers":[]}`: {true, false}, `{"id":1,"deleted":0}`: {}, `{"deleted_at":null}`: {}, `{"deleted":1}`: {},
		`{"error_description":"no"}`: {true, true}, `{"data":null,"errorCode":17}`: {true, true},
		`{"code":"owner_cannot_be_deleted"}`: {true, true},
	} {
		answer := rest.Answer{Body: []byte(body)}
		if alone, marked := answer.SaysNo(), answer.SaysNo("Status"); alone != want.alone || marked != want.marked {
			t.Errorf("%s: got %t, and beside a status %t, want %t and %t", body, alone, marked, want.alone, want.marked)
		}
	}
}

// What stands beside the data may say that there is more of it.
func TestAnswer_HoldsMore(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"data":[]}`: false, `{"data":[],"total":900}`: false, `{"data":[],"next":null,"has_more":false}`: false,
		`{"data":[],"success":true,"status":"ok","errors":[ ],"message":""}`: false, `[]`: false, ``: false,
		`{"data":[],"has_more":true}`: true, `{"data":[],"next":"x"}`: true, `{"data":[],"meta":{"total":900}}`: true,
		`{"data":[],"message":"Showing 1 of 900"}`: true, `{"data":[],"status":"partial"}`: true,
		`{"data":[],"page":1}`: true,
	} {
		if got := (rest.Answer{Body: []byte(body)}).HoldsMore("data", "total"); got != want {
			t.Errorf("%s: got %t, want %t", body, got, want)
		}
	}
}

// What an answer says of its request is beside its data, whose own fields may be false.
func TestAnswer_ReportsFailure(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct{ empty, full bool }{ // whether the data shows nothing, or something
		`{"data":[]}`: {}, `{}`: {}, `null`: {}, `[]`: {}, `[{"error":"no"}]`: {}, `<html>`: {}, ``: {},
		`{"error":"no"}`: {true, true}, `{"errors":{"db":["down"]}}`: {true, true}, `{"errorCode":"LOCKED"}`: {true, true},
		`{"success":false}`: {true, true}, `{"success":null}`: {true, true}, `{"success":true,"Success":false}`: {true, true},
		`{"success":false,"a":1,"a":2}`: {true, true},
		`{"status":503}`:                {true, true}, `{"status":"failed"}`: {true, true},
		`{"code":"TIMEOUT"}`: {true, true},
		`{"message":"down"}`: {true, false}, `{"detail":"down"}`: {true, false},
		`{"success":true,"message":"None."}`: {}, `{"status":200,"message":"None."}`: {}, `{"code":0,"message":""}`: {},
		`{"error":null,"errors":[ ],"errorCode":""}`: {}, `{"has_more":false,"isBanned":false,"total":3,"page":{"n":1}}`: {},
	} {
		answer := rest.Answer{Method: "GET", Path: "/x", Status: 200, Body: []byte(body)}
		if empty, full := answer.ReportsFailure(
			true,
		), answer.ReportsFailure(
			false,
		); empty != want.empty ||
			full != want.full {
			t.Errorf(
				"%s: got %t and %t, want %t for data that shows nothing, and else %t",
				body,
				empty,
				full,
				want.empty,
				want.full,
			)
		}
	}
}

// What the account itself is, an answer to a call may say in the fields in which others say no.
func TestAnswer_NoInAccount(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"id":1,"status":"deactivated","message":"Hi","active":false,"code":"x7","result":"left","deleted":0}`: false,
		`{"id":1,"status":1}`: false, `{"id":1,"error":null,"errors":[]}`: false, `{"id":1,"success":true}`: false,
		`{"id":1,"error":"no"}`: true, `{"id":1,"errorCode":7}`: true, `{"id":1,"success":false}`: true,
		`{"id":1,"status":"failed"}`: true, `{"id":1,"result":"error"}`: true, `{"id":1,"code":403}`: true, `[]`: false,
	} {
		if got := (rest.Answer{Body: []byte(body)}).NoInAccount() != ""; got != want {
			t.Errorf("%s: got %t, want %t", body, got, want)
		}
	}
}

// Who reads an answer has judged the fields that it looks at. Beside an error that it knows, everything
// else is about that error.
func TestAnswer_ReportsFailure_besideWhatIsJudged(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct{ failure, hasError bool }{ // the caller has judged users and status
		`{"users":[],"error":"no"}`: {true, true}, `{"users":[],"success":false}`: {true, true},
		`{"users":[],"detail":"Busy"}`: {true, false}, `{"users":[],"code":7}`: {true, false},
		`{"users":[],"result":"failed"}`: {true, false}, `{"users":[],"total":0}`: {}, `{"error":[]}`: {},
		`{"users":[],"status":200,"message":"None."}`: {}, `{"Users":[],"Status":0,"message":"None."}`: {},
		`{"users":[],"status":0,"error":"no"}`:                                   {true, true},
		`{"users":null,"status":20,"error":"None","code":7,"message":"None"}`:    {false, true},
		`{"users":null,"status":"failed","success":false,"error":{"code":"x"}}`:  {},
		`{"users":[],"status":"complete","message":"None."}`:                     {},
		`{"users":[],"status":"complete","errors":["timeout"],"success":false}`:  {true, true},
		`{"users":null,"status":"none","success":false,"error":{"code":"none"}}`: {true, true},
		`{"users":[],"status":1000,"errors":["timeout"]}`:                        {true, true},
		`{"users":0,"status":1000,"errors":["timeout"]}`:                         {true, true},
	} {
		answer := rest.Answer{Body: []byte(body)}
		judged := [][]string{{"users"}, {"status"}}
		failure, hasError := answer.ReportsFailure(true, judged...), answer.ErrorIn(judged...) != ""
		if failure != want.failure || hasError != want.hasError {
			t.Errorf("%s: got %t, and an error %t, want %+v", body, failure, hasError, want)
		}
	}
}

// Beside the data is what is at each level of its path. What is inside the data is about that.
func TestAnswer_FailureIn_atEveryLevel(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct{ empty, full string }{ // the caller has judged r.users
		`{"r":{"users":[]},"page":{"n":1},"failed":[]}`: {}, `{"r":{"users":[{"status":"failed","error":"x"}]}}`: {},
		`{"r":{"status":"error","users":[]}}`:                    {"r.status", "r.status"},
		`{"r":{"message":"internal","users":[]}}`:                {"r.message", ""},
		`{"meta":{"x":{"code":500}},"r":{}}`:                     {"meta.x.code", "meta.x.code"},
		`{"job":{"status":"failed"},"r":{}}`:                     {"job.status", ""},
		`{"r":{"id":7,"status":"error"}}`:                        {},
		`{"r":{"id":7,"success":false,"users":[]}}`:              {"r.success", "r.success"},
		`{"r":{"id":7,"error":"x","job":{"code":5}}}`:            {"r.error", "r.error"},
		`{"r":{"id":7,"job":{"error":"x"}}}`:                     {},
		`{"r":[{"users":[]},{"error":"timeout"}]}`:               {"r.error", "r.error"},
		`{"r":[{"id":7,"status":"failed"}]}`:                     {},
		`[{"r":{"users":[]},"status":500}]`:                      {"status", "status"},
		`{"R":{"errcode":7,"Users":[]}}`:                         {"R.errcode", "R.errcode"},
		`{"errcode":0,"errmsg":"ok","r":{}}`:                     {},
		`{"default_role":"x","failed_logins":3}`:                 {},
		`{"meta":{"error_rate":0.1,"error_contact":"x"},"r":{}}`: {},
		`{"failover_region":"eu","faults":3,"r":{}}`:             {}, `{"exceptions":["2024"],"state":"busy","r":{}}`: {},
		`{"importFailed":true,"r":{"users":[]}}`:     {"importFailed", "importFailed"},
		`{"r":{"users":[],"error":{"code":"busy"}}}`: {"r.error", "r.error"},
	} {
		answer, path := rest.Answer{Body: []byte(body)}, []string{"r", "users"}
		if empty, full := answer.FailureIn(
			true,
			path,
		), answer.FailureIn(
			false,
			path,
		); empty != want.empty ||
			full != want.full {
			t.Errorf("%s: got %q and %q, want %+v", body, empty, full, want)
		}
	}
}

// An answer to a call says no at any depth. A record in it has fields of its own.
func TestAnswer_NoInCall(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct{ alone, judged string }{ // the caller has judged data.job
		`{}`: {}, `[]`: {}, `OK`: {}, `7`: {}, `{"data":{"job":"j1"}}`: {}, `{"data":null}`: {}, `{"data":{}}`: {},
		`0`: {rest.WholeBody, ""}, `-1`: {rest.WholeBody, ""}, `{"data":{"x":null}}`: {"data.x", ""},
		`{"data":{"deleted":false}}`:                         {"data.deleted", ""},
		`{"data":{"id":1,"deleted":false,"n":{"closed":0}}}`: {},
		`{"data":{"id":1,"importFailed":true}}`:              {},
		`{"data":{"importFailed":true}}`:                     {"data.importFailed", "data.importFailed"},
		`{"user":{"id":5,"on":{"status":"unavailable"}}}`:    {}, `{"user":{"id":5,"of":[{"id":6,"state":"busy"}]}}`: {},
		`[{"id":5,"phone":{"code":503}}]`: {}, `{"u":{"id":5,"fail_count":3}}`: {},
		`{"u":{"id":5,"n":{"success":false}}}`:                {"u.n.success", "u.n.success"},
		`{"u":{"id":5,"n":{"error":"x"}}}`:                    {"u.n.error", "u.n.error"},
		`{"id":"req-1","results":[{"status":"failed"}]}`:      {"results.status", "results.status"},
		`{"list":[[{"id":1,"status":403}]]}`:                  {"list.status", "list.status"},
		`{"data":{"job":"j1","state":"failed"}}`:              {"data.state", "data.state"},
		`{"data":{"job":"failed","error":"x"}}`:               {"data.error", "data.error"},
		`{"code":7}`:                                          {"code", "code"},
		`{"succeeded":false}`:                                 {"succeeded", "succeeded"},
		`{"status":"removed"}`:                                {},
		`{"results":[{"id":"5","failureReason":"is owner"}]}`: {"results.failureReason", "results.failureReason"},
		`{"unsuccessful":["5"]}`:                              {"unsuccessful", "unsuccessful"},
		`{"failed_users":["5"]}`:                              {"failed_users", "failed_users"},
		`{"status":"queued"}`:                                 {"status", ""},
		`{"result":{"code":-1}}`:                              {"result.code", "result.code"},
	} {
		answer := rest.Answer{Body: []byte(body)}
		alone, judged := answer.NoInCall(false), answer.FailureInCall([]string{"data", "job"})
		if alone != want.alone || judged != want.judged {
			t.Errorf("%s: got %q, and beside a job %q, want %+v", body, alone, judged, want)
		}
	}
	if got := (rest.Answer{Body: []byte(`{"status":"removed"}`)}).NoInCall(true); got != "status" {
		t.Errorf("got %q, want that the status of another account is no success", got)
	}
	if got := (rest.Answer{Body: []byte(`{"error":{"code":7},"ok":false}`)}).FailureInCall(
		[]string{"error", "code"},
	); got != "" {
		t.Errorf("got %q, want that an error which is judged explains the rest", got)
	}
}

func TestAnswer_SaysOnly(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"data":null}`: true, `{"data":{"a":1}}`: true, `{"data":null,"success":true,"status":"ok"}`: true,
		`{"data":null,"error":null,"errors":[],"message":"","more":{}}`: true,
		`{}`: false, `{"Data":null}`: false, `[]`: false, `null`: false, `<html>`: false,
		`{"data":null,"success":false}`: false, `{"data":null,"error":"no"}`: false, `{"data":null,"message":"no"}`: false,
		`{"data":null,"success":true,"message":"no"}`: false, `{"data":null,"found":false}`: false,
		`{"data":null,"n":1}`: false,
	} {
		answer := rest.Answer{Method: "GET", Path: "/x", Status: 200, Body: []byte(body)}
		if got := answer.SaysOnly("data"); got != want {
			t.Errorf("%s: got %t, want %t", body, got, want)
		}
	}
}
