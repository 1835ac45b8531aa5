package provider

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// The key is exchanged for that of another organization, where the ID is a closed account that shows nobody. That
// says nothing of the account at the first one, neither at a refresh nor for a plan from before.
func TestHostileDefinition_aClosedAccountOfAnotherOrganizationIsNoClosure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ org, mail string }{
		"another organization":           {"b", "null"},
		"the same organization":          {"a", "null"},
		"another role of the same owner": {"b", `"ines@acme.test"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org, exchanged := "a", false
				v := &evening{change: func(definition string) string {
					const self = "  self  = tostring(answer.json.data.ref)\n"
					return strings.Replace(definition, self, self+"  rights = answer.json.org\n", 1)
				}}
				v.say = func(r *http.Request) (int, string) {
					switch {
					case r.URL.Path == "/v1/whoami":
						return 200, fmt.Sprintf(`{"data":{"ref":7},"org":%q}`, org)
					case r.URL.Path == "/v1/people/"+eveningID && exchanged:
						return 200, `{"data":{"ref":` + eveningID + `,"mail":` + c.mail + `,"state":"ended"}}`
					}
					return 0, ""
				}
				log := filepath.Join(t.TempDir(), "log.jsonl")
				m := v.process(t, log, "").mustImport(eveningKind, eveningID)
				p := v.process(t, log, "").mustPlanDestroy(m)
				org, exchanged = c.org, true
				closes := name != "another organization"
				read, _ := v.process(t, log, "").read(m)
				if closed := read.text("status") == "closed"; closed != closes {
					t.Errorf("got the status %q, want it closed %t", read.text("status"), closes)
				}
				after, _ := v.process(t, log, "").apply(t.Context(), p)
				if after.gone() != closes || v.sent > 0 {
					t.Errorf("got gone %t and %d calls, want it gone %t", after.gone(), v.sent, closes)
				}
			})
		})
	}
}
