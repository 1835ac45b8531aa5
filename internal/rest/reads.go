package rest

import (
	"maps"
	"slices"
)

// ReportsFailure reports whether FailureIn finds a field.
func (a Answer) ReportsFailure(empty bool, judged ...[]string) bool {
	return a.FailureIn(empty, judged...) != ""
}

// FailureIn returns the field with which an answer to a read says, beside its data, that the request
// failed: an error, or a success or a code that is none of success. The status of data that is there may
// be about it. If the data shows nothing, which empty says, a status that is more than a word says so,
// too, and so does a message without a mark of success. Other fields may be false. The paths in judged
// are those of the fields that the caller has judged: a code or a word among them is a mark of success.
// If one says what failed, whatever is beside it is about that. Beside the data is what is at each level
// of its path. It is empty if no field says so.
func (a Answer) FailureIn(empty bool, judged ...[]string) string {
	return readAnswer{empty: empty}.failureBeside(a.decoded(), judged)
}

// readAnswer is how the levels of an answer to a read are judged.
type readAnswer struct {
	empty     bool // the data shows nothing
	below     bool // the level is below the top one
	envelopes bool // the objects beside the path may be about the request
}

// failureBeside is FailureIn for one level. A list on the path of the data is a level of its own.
func (r readAnswer) failureBeside(value any, judged [][]string) string {
	if list, ok := value.([]any); ok && len(judged) > 0 {
		return r.failureInList(list, judged)
	}
	fields := fieldsOf(value)
	others := maps.Clone(fields)
	path := without(others, firstOf(judged))
	known := marksOf(path)
	if r.explains(known, holdsData(path)) {
		return ""
	}
	if field := fieldWith(others, r.failures(fields, marksOf(others), known)...); field != "" {
		return field
	}
	r.envelopes, r.below = !r.isRecord(fields), true
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		_, onPath := path[name]
		below := pathsBelow(judged, name)
		if r.empty && fieldsOf(fields[name]) != nil { // an object in which there is nothing is no data
			below = pathsInside(pathsUnder(judged, name))
		}
		if field := r.failureUnder(name, fields[name], onPath, below); field != "" {
			return name + "." + field
		}
	}
	return ""
}

// failureUnder is failureBeside for what is in a field, which is on the path of the data or beside it.
func (r readAnswer) failureUnder(name string, value any, onPath bool, judged [][]string) string {
	switch {
	case len(judged) > 0:
		return r.failureBeside(value, judged)
	case !onPath && r.envelopes && (r.empty || isEnvelope(name)):
		return failureInEnvelope(fieldsOf(value))
	}
	return ""
}

func (r readAnswer) failureInList(list []any, judged [][]string) string {
	r.below = true
	for _, element := range list {
		if field := r.failureBeside(element, judged); field != "" {
			return field
		}
	}
	return ""
}

// isRecord reports whether a level has fields of what it is about. The top level is about the request.
func (r readAnswer) isRecord(fields map[string]any) bool { return r.below && isRecord(fields) }

// explains reports whether the marks of judged fields say what failed. Beside data, be it empty, a code that
// is judged is that of a success. Without data, it may be that of an error that means so.
func (r readAnswer) explains(judged marks, data bool) bool {
	return judged.explainFailure() || r.empty && judged[markWords] ||
		!data && (judged[markUnclear] || judged[markStatus])
}

// holdsData reports whether one of the fields is no mark, and there.
func holdsData(fields map[string]any) bool {
	for name, m := range namedMarks(fields) {
		if fields[name] != nil && slices.Contains([]mark{markNone, markDenial, markOther}, m) {
			return true
		}
	}
	return false
}

// failures are the marks of a failure among the others of a level. A record has a status of its own.
func (r readAnswer) failures(fields map[string]any, others, judged marks) []mark {
	if r.isRecord(fields) {
		return []mark{markError, markErrorField}
	}
	fails := []mark{markError, markErrorField, markFailing, markFailed, markUnclear}
	if r.empty {
		fails = append(fails, markStatus)
	}
	if r.empty && !judged.explainWords() && others.onlyWords() {
		fails = append(fails, markWords)
	}
	return fails
}

// isEnvelope reports whether an object beside the data tells of the request.
func isEnvelope(name string) bool {
	return slices.Contains([]string{
		"header", "meta", "metadata", "response", "responsemetadata", "responsestatus", "result", "status",
	}, plainName(name))
}

// failureInEnvelope returns the field that says, in an object beside the data, that the request failed.
func failureInEnvelope(fields map[string]any) string {
	if field := fieldWith(fields, atAnyDepth...); field != "" {
		return field
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if field := failureInEnvelope(fieldsOf(fields[name])); field != "" {
			return name + "." + field
		}
	}
	return ""
}

// ErrorIn is FailureIn for data whose own fields are beside those of the answer, such as the status of a
// person. So only an error by that name counts, and a success that is false.
func (a Answer) ErrorIn(judged ...[]string) string {
	fields := a.fields()
	if marksOf(without(fields, firstOf(judged))).explainFailure() {
		return ""
	}
	return fieldWith(fields, markError)
}
