package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// forget takes a piece out of the record that the plan keeps, as if an older version had written it.
func (p *planned) forget(t *testing.T, piece string) {
	t.Helper()
	private := piecesOf(p.private)
	record := strings.Replace(string(private[recordKey]), piece, "", 1)
	if record == string(private[recordKey]) {
		t.Fatalf("got the record %s, want %s in it", record, piece)
	}
	private[recordKey] = []byte(record)
	p.private = encode(private)
}

// The first closing call is lost, the second one touches no row, and the apply shows nothing. That
// closes whom the plan itself has shown. It says nothing of a person whose name the state has from an
// earlier refresh, also if the plan shows a lab. A review of an older version does not say whom the plan
// has shown.
func TestHostile_skillableALostCallClosesOnlyWhomThePlanHasShown(t *testing.T) {
	t.Parallel()
	const lab, none = `{"LabInstanceId":99,"LabProfileName":"Of somebody"}`, ""
	for name, c := range map[string]struct {
		search, saved string // what the plan shows
		older         bool   // the review is one of an older version
		want          evidence.Result
	}{
		"the person":               {searchOf(labRow(41, 1767225600, "Acme")), none, false, evidence.Closed},
		"nothing":                  {searchOf(), none, false, evidence.NotVisible},
		"a saved lab":              {searchOf(), lab, false, evidence.NotVisible},
		"the person, older review": {searchOf(labRow(41, 1767225600, "Acme")), none, true, evidence.NotVisible},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, skillableCase)
				m := f.process(t).mustImport(skillableKind, skillableCase.id)
				search, saved, calls := c.search, c.saved, 0
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					switch at {
					case "/userrunningandsavedlabs":
						return say(w, 200, `{"RunningLabs":[],"SavedLabs":[`+saved+`],"Status":1,"Error":null}`)
					case "/labinstance/search":
						return say(w, 200, search)
					case "/CloseUserAccount":
						calls++
						return say(w, map[bool]int{true: 500, false: 200}[calls == 1], `{"RowsAffected":0,"Status":1,"Error":null}`)
					}
					return false
				}
				d := f.process(t)
				m, _ = d.read(m)
				p := d.mustPlanDestroy(m)
				if c.older {
					p.forget(t, `"person_shown":true,`)
				}
				search, saved = searchOf(), none
				after, _ := f.apply(t, d, p)
				if got := f.outcome(t).Result; got != c.want || !after.gone() || calls != 2 {
					t.Errorf("got %q after %d calls, gone %t, want %q", got, calls, after.gone(), c.want)
				}
			})
		})
	}
}
