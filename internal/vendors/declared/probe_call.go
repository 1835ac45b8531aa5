package declared

import (
	"net/http"
	"slices"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// probeAccepted refuses a step that is accepted by an answer that reports an error, with HTTP 200 or with
// the status of an acceptance.
func (p *problems) probeAccepted(d *Definition, s *stepBlock, examples []readExample) {
	if s.accepted == nil {
		return // the default says itself what is no acceptance
	}
	answers := probesWith(http.StatusOK, nil)
	for _, e := range examples {
		if e.of == s.block && d.accepts(s, "", e.answer) {
			answers = slices.Concat(answers, probesLike(e.answer))
		}
	}
	i := slices.IndexFunc(
		answers,
		func(a answerValue) bool { return isEnvelope(a.Answer) && d.accepts(s, d.unknownID, a) },
	)
	if i < 0 {
		return
	}
	p.add(s.accepted.expr.Range(), "accepted of the block %s holds for %s. "+
		"Compare what only an acceptance has, as in answer.json.FIELD == \"WORD\", or leave accepted out",
		s.block, answers[i].probed())
}

// isEnvelope reports whether an answer of the probes holds an error. One that holds nothing may accept a
// call.
func isEnvelope(a rest.Answer) bool { return len(a.Body) > len(`{}`) }
