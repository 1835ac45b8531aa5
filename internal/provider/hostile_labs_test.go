package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// The search shows 100 of 150 labs. All 100 are of one API consumer; of the others nothing is known.
func TestHostile_aCappedSearchDoesNotShowWhoseLabItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, skillableCase)
		var rows []string
		for i := range 100 {
			rows = append(rows, fmt.Sprintf(`{"Id":%d,"UserId":"emp-3107","UserEmail":%q,"UserFirstName":"Ines","UserLastName":"Varga","ApiConsumerName":"B","State":"Running"}`, 41+i, inesEmail))
		}
		cancelled := false
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			switch at {
			case "/userrunningandsavedlabs":
				if cancelled {
					return say(w, 200, `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`)
				}
				return say(w, 200, `{"RunningLabs":[{"LabInstanceId":41,"LabProfileName":"Mesh"}],"SavedLabs":[],"Status":1,"Error":null}`)
			case "/labinstance/search":
				return say(w, 200, `{"TotalResults":150,"Results":[`+strings.Join(rows, ",")+`],"Status":1,"Error":null}`)
			case "/cancel":
				cancelled = true
				return say(w, 200, `{"Result":1,"Status":1,"Error":null}`)
			}
			return false
		}
		d := virtualDriver(t, f, nil)
		m := d.mustTake(skillableKind, "emp-3107")
		p, diags := d.planBlock(m, attributes{"id": "emp-3107", "cancel_running_labs": true})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		m, _ = d.apply(t.Context(), p)
		d = virtualDriver(t, f, nil)
		p, diags = d.planDestroy(m)
		t.Logf("plan: %q %q", diags.errors(), diags.warnings())
		_, diags = d.apply(t.Context(), p)
		t.Logf("apply: %q %q", diags.errors(), diags.warnings())
		if cancelled {
			t.Error("a lab is canceled as this user's, though 50 rows, which may name another API consumer, were never seen")
		}
	})
}
