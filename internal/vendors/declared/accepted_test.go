package declared_test

import (
	"context"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// A refusal with HTTP 200 accepts nothing, whatever form it has. Without an own accepted, the body must not
// say no. With one, what it does not look at must have no error.
func TestClose_isNotAcceptedByARefusalWithHTTP200(t *testing.T) {
	t.Parallel()
	flat := `"ref":` + inesRef
	for accepted, answers := range map[string]map[string]bool{
		"": {
			``: true, `{}`: true, `[]`: true, `{"data":{"job":"j1"}}`: true, `{"status":200}`: true, `{"deleted":true}`: true,
			`{"status":"error","message":"It owns projects"}`: false, `{"message":"It cannot be deleted"}`: false,
			`{"result":"failed"}`: false, `[{"error":"owner"}]`: false, `{"status":"failed"}`: false, `{"code":"owner"}`: false,
			`{"errorMessage":"x"}`: false, `{"data":null,"errorCode":17}`: false, `{"Success":false}`: false,
			`{"statusCode":403}`: false, `{"success":"false"}`: false, `{"deleted":0}`: false, `{"deleted":false}`: false,
			`{"error_description":"x"}`: false, `false`: false,
			`{` + flat + `,"status":"deactivated","active":false,"message":"Bye"}`: true,
			`{` + flat + `,"status":"failed"}`:                                     false,
			`{` + flat + `,"error":"owner"}`:                                       false,
			`{"ref":5,"status":"deactivated"}`:                                     false,
			`{"ref":5,"message":"It owns projects"}`:                               false,
			`{"data":{"userDelete":{"success":false}}}`:                            false,
			`{"data":{"userDelete":null}}`:                                         false,
			`{"data":{"end":{"userErrors":[{"message":"owner"}]}}}`:                false,
			`{"responses":[{"status":403}]}`:                                       false,
			`{"ocs":{"meta":{"status":"failure","statuscode":101}}}`:               false,
			`{"succeeded":[],"failed":[{"ref":7}]}`:                                false,
			`0`:                                                                    false, `{"errcode":60011}`: false,
			`{"hasErrors":true}`: false, `{"fault":{"code":7}}`: false,
			`{"isError":true}`: false, `{"result":"not found"}`: false, `OK`: false,
			`{"errcode":0,"errmsg":"deleted"}`: true, `{"success":true,"email_sent":false}`: true,
			`{"succeeded":[{"ref":7}],"failed":[],"error_count":0}`: true, `{"success":1}`: true,
			`{"success":"true"}`: true, `{"status":"deleted"}`: true, `{"status":"archived","message":"Bye"}`: true,
		},
		`  accepted = answer.status == 200` + "\n": {
			`{}`: true, `{"errors":[{"message":"owner"}]}`: false, `OK`: true, `User deleted.`: true,
			`The user: 'ines' has been removed.`: true, `Deleted user #5 (ines@acme.test)`: true,
			`Dry run: user #5 would be deleted`: false, `Session expired (please log in)`: false,
			`The user: 'ines' has not been removed.`: false, `<b>OK</b>`: false, `{OK`: false,
			`Error: owner`: false, `It cannot be deleted`: false, `{"a`: false,
		},
		`  accepted = answer.json.data.job != null` + "\n": {
			`{"data":{"job":"j1"}}`: true, `{"data":{"job":"j1"},"status":"owner","detail":"Hi"}`: true,
			`{"data":{"job":"j1","state":"failed"}}`: false, `{"data":{"job":"j1"},"end":{"error":"owner"}}`: false,
			`{"data":{"job":"j1"},"errors":[{}]}`: false, `{"data":{"job":"j1"},"errorCode":7}`: false,
		},
		`  accepted = answer.json.data.job != null && answer.json.error == "none"` + "\n": {
			`{"data":{"job":"j1"},"error":"none"}`: true, `{"data":{"job":"j1"},"error":"owner"}`: false,
		},
	} {
		for body, want := range answers {
			t.Run(accepted+body, func(t *testing.T) {
				t.Parallel()
				e := newEvening()
				e.definition = replacing("  accepted = "+evenAccepted+"\n", accepted, "status = 202", "status = 200",
					`{ data = { job = "j1" } } }`, `{ data = { job = "j1" }, error = "none" } }`,
					"{ accepted = true }", "{ gone = false }")
				e.override[evenEnd] = "200 " + body
				e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
					u, err := client.User(ctx, inesRef)
					if err != nil {
						t.Fatal(err)
					}
					asked := len(e.asked)
					_, err = client.Close(ctx, u, "", offboard.NotSent)
					sent := 0
					for _, route := range e.asked[asked:] {
						if route == evenEnd {
							sent++
						}
					}
					if err == nil || (sent == 1) != want { // a call whose answer is lost is sent again
						t.Errorf("got %v after %d calls, want one call, which is accepted %t", err, sent, want)
					}
				})
			})
		}
	}
}
