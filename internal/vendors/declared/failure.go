package declared

import "github.com/offboard/terraform-provider-offboard/internal/offboard"

// checkFailure returns an *rest.Error if an answer with HTTP 2xx says, beside what the expressions look at,
// that the request failed. empty says that the expressions find nothing in it. What they look at, the
// definition has judged. Fields beside those of data that is the whole answer are of that data, so that
// only an error among them counts.
func (v answerValue) checkFailure(empty bool, looks ...*expression) error {
	if !v.OK() {
		return nil
	}
	names, all := fieldsOfJSON(looks)
	field := v.FailureIn(empty, names...)
	if all {
		field = v.ErrorIn(names...)
	}
	if field == "" {
		return nil
	}
	return v.Malformed("beside the data, its field %q says that the request failed. "+
		"If it does not say that, look at it in ok, absent or works", field)
}

// fieldsOfJSON returns which fields of the body the expressions look at, and whether one looks at all of
// it.
func fieldsOfJSON(looks []*expression) (names []string, all bool) {
	for _, e := range looks {
		for _, traversal := range e.traversalsOf(varAnswer) {
			switch path := attributesIn(traversal); {
			case len(path) > 1 && path[0] == "json":
				names = append(names, path[1])
			case len(path) == 1 && path[0] == "json":
				all = true
			}
		}
	}
	return names, all
}

// shows reports whether the record in an answer that says that there is no such user has the very ID or
// email address that was asked for, all the same.
func (d *Definition) shows(a answerValue, record, field *expression, asked string) bool {
	if record == nil { // the block has a list of records
		return false
	}
	shown, err := record.value(variables{varAnswer: a.value})
	if err != nil {
		return false
	}
	said, err := field.text(variables{varRecord: shown, varSetting: d.set})
	return err == nil && said != "" && offboard.Same(said, asked)
}
