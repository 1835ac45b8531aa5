package declared

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// probeAlive refuses a sign of life that an answer gives which says nothing, such as that to a key that
// was revoked, or one in which the fields that works looks at are null.
func (p *problems) probeAlive(d *Definition) {
	answers, holdsFor := probeAnswers(), ""
	if i := slices.IndexFunc(answers, d.alivePasses); i >= 0 {
		holdsFor = answers[i].probed()
	} else if paths, _ := pathsOfJSON([]*expression{d.alive.works}); len(paths) > 0 {
		if a := answerOfNulls(paths); d.alivePasses(a) {
			holdsFor = fmt.Sprintf("HTTP 200 with the body %s, which shows nothing", a.Body)
		}
	}
	if holdsFor != "" {
		p.add(d.alive.works.expr.Range(), "works of the block alive holds for %s. Add a field that the vendor shows "+
			"only with a good key, as in answer.status == 200 && answer.json.id != null", holdsFor)
	}
}

// alivePasses reports whether an answer passes as a sign of life.
func (d *Definition) alivePasses(a answerValue) bool {
	_, err := d.aliveAnswer(a)
	if err == nil && d.alive.records != nil {
		_, err = d.alive.records.elements(variables{varAnswer: a.value})
	}
	return err == nil
}

// answerOfNulls returns an answer in which the fields at some paths are null.
func answerOfNulls(paths [][]string) answerValue {
	body := cty.EmptyObjectVal
	for _, path := range paths {
		body = withField(body, path, cty.NullVal(cty.DynamicPseudoType))
	}
	return newAnswer(rest.Answer{Status: http.StatusOK, Body: []byte(jsonText(body))})
}
