package declared

import (
	"net/http"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// probeAccepted refuses a step that is accepted by an answer that reports an error, with HTTP 200 or with
// the status of an acceptance.
func (p *problems) probeAccepted(d *Definition, s *stepBlock, examples []readExample) {
	if s.accepted == nil {
		return // the default says itself what is no acceptance
	}
	p.probeAcceptedFields(s, examples)
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

// acceptedStatuses are those with which an acceptance is tried.
var acceptedStatuses = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted}

// probeAcceptedFields refuses a step that is accepted whatever the fields say that accepted looks at: all of
// them, or in the answer of an example one that is a mark of success or of failure.
func (p *problems) probeAcceptedFields(s *stepBlock, examples []readExample) {
	paths := leavesOf(looksInBody([]*expression{s.accepted}))
	isAny := func(answer cty.Value, of ...[]string) bool { return len(of) > 0 && s.acceptsAnything(answer, of) }
	bad := slices.ContainsFunc(acceptedStatuses, func(status int) bool {
		return isAny(newAnswer(rest.Answer{Status: status, Body: []byte(`{}`)}).value, paths...)
	})
	for _, e := range examples {
		if e.of == s.block && s.accepted.holds(variables{varAnswer: e.answer.value}) {
			bad = bad || isAny(e.answer.value, paths...) || slices.ContainsFunc(paths, func(path []string) bool {
				isThere := firstAt(e.answer.value, append([]string{"json"}, path...)) != cty.NilVal
				return isThere && rest.IsMark(path[len(path)-1]) && isAny(e.answer.value, path)
			})
		}
	}
	if bad {
		p.add(s.accepted.expr.Range(), "accepted of the block %s holds whatever %s is, also for null and for any word. "+
			"Compare what only an acceptance has, as in %[2]s == \"WORD\" or %[2]s != null",
			s.block, s.accepted.fieldOfJSON())
	}
}

// acceptsAnything reports whether accepted holds for an answer in which fields are null, and for one in
// which they are another word.
func (s *stepBlock) acceptsAnything(answer cty.Value, paths [][]string) bool {
	return !slices.ContainsFunc([]cty.Value{cty.NullVal(cty.DynamicPseudoType), otherText}, func(with cty.Value) bool {
		other := answer
		for _, path := range paths {
			other = withField(other, append([]string{"json"}, path...), with)
		}
		return !s.accepted.holds(variables{varAnswer: other})
	})
}

// leavesOf returns the paths that are not the beginning of another one, and not empty.
func leavesOf(paths [][]string) [][]string {
	isOuter := func(path []string) bool {
		return slices.ContainsFunc(paths, func(other []string) bool {
			return len(other) > len(path) && slices.Equal(other[:len(path)], path)
		})
	}
	return slices.DeleteFunc(slices.Clone(paths), func(path []string) bool { return len(path) == 0 || isOuter(path) })
}

// firstAt is valueAt, through the first element of each list on the path.
func firstAt(v cty.Value, path []string) cty.Value {
	for i := 0; v != cty.NilVal && i < len(path); {
		if all, isList := elementsOf(v); isList {
			if len(all) == 0 {
				return cty.NilVal
			}
			v = all[0]
			continue
		}
		v = valueAt(v, path[i:i+1])
		i++
	}
	return v
}

// withField returns a value with a field at a path, in objects that are made if they are not there. In a list on
// the path, every element has it.
func withField(v cty.Value, path []string, with cty.Value) cty.Value {
	if len(path) == 0 {
		return with
	}
	if all, _ := elementsOf(v); v != cty.NilVal && len(all) > 0 {
		for i := range all {
			all[i] = withField(all[i], path, with)
		}
		return cty.TupleVal(all)
	}
	fields := map[string]cty.Value{}
	if v != cty.NilVal && isObject(v) {
		fields = v.AsValueMap()
	}
	if fields == nil {
		fields = map[string]cty.Value{}
	}
	fields[path[0]] = withField(fields[path[0]], path[1:], with)
	return cty.ObjectVal(fields)
}

// isEnvelope reports whether an answer of the probes holds an error. One that holds nothing may accept a
// call.
func isEnvelope(a rest.Answer) bool { return len(a.Body) > len(`{}`) }
