package declared

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// checkFailure returns an *rest.Error if an answer with HTTP 2xx says, beside what the expressions look at,
// that the request failed. empty says that the expressions find nothing in it. What they look at, the
// definition has judged. Fields beside those of data that is the whole answer are of that data, so that
// only an error among them counts.
func (v answerValue) checkFailure(empty bool, looks ...*expression) error {
	if !v.OK() {
		return nil
	}
	judged, all := pathsOfJSON(looks)
	field := v.FailureIn(empty, judged...)
	if isData := all && (!empty || len(judged) == 0); isData {
		field = v.ErrorIn(judged...)
	}
	if field == "" {
		return nil
	}
	return v.Malformed("beside the data, its field %q says that the request failed. "+
		"If it does not say that, look at it in ok, absent or works", field)
}

// checkNothing returns an *rest.Error if an answer from which it follows that there is nothing does not say
// so: it failed, or it is not whole. What the expressions look at, the definition has judged.
func (v answerValue) checkNothing(looks ...*expression) error {
	return cmp.Or(v.checkFailure(true, looks...), v.checkWhole(looks...))
}

// checkWhole returns an *rest.Error if an answer with HTTP 2xx in which nothing was found says that there is
// more than it holds.
func (v answerValue) checkWhole(looks ...*expression) error {
	if !v.OK() {
		return nil
	}
	if cut := v.cut(looks); cut != "" {
		return v.Malformed("nothing was found, and %s", cut)
	}
	field := v.further(false, looks...)
	if field == "" {
		return nil
	}
	return v.Malformed("nothing was found, and its %s says that there is more than the answer holds. "+
		"Ask for a whole answer, or look at it in ok or absent", field)
}

// further returns what of an answer says that there is more than it holds: a field, a header or the status.
// It is empty if nothing says so. All that takes an answer for whole asks it: a user who is absent or not
// found, a trace or an obstacle that is not there, the last page of a list, and users in the block alive.
// paged says that the answer is that of one page of several.
func (v answerValue) further(paged bool, looks ...*expression) string {
	judged := looksInBody(looks)
	if field := v.FurtherIn(paged, judged...); field != "" {
		return fmt.Sprintf("field %q", field)
	}
	v.Header = v.Header.Clone()
	looksAtStatus := false
	for _, path := range pathsOfAnswer(looks) {
		switch {
		case len(path) == 0, len(path) == 1 && path[0] == "headers": // such as link_next(answer)
			v.Header = nil
		case path[0] == "headers":
			v.Header.Del(path[1])
		}
		looksAtStatus = looksAtStatus || len(path) == 0 || path[0] == "status"
	}
	if header := v.furtherInHeader(paged, judged); header != "" {
		return fmt.Sprintf("header %q", header)
	}
	if v.Status == http.StatusPartialContent && !paged && !looksAtStatus {
		return "status 206"
	}
	return ""
}

// pathsOfAnswer returns what of the answer the expressions look at. An empty path is that of all of it.
func pathsOfAnswer(looks []*expression) (paths [][]string) {
	for _, e := range looks {
		for _, traversal := range e.traversalsOf(varAnswer) {
			paths = append(paths, attributesIn(withoutIndexes(traversal)))
		}
	}
	return paths
}

// furtherInHeader returns the header that says that there is more; empty for none.
func (v answerValue) furtherInHeader(paged bool, judged [][]string) string {
	if next, err := nextLink(strings.Join(v.Header.Values("Link"), ", ")); next != "" || err != nil {
		return "Link"
	}
	return v.FurtherInHeader(paged, judged...)
}

// pathsOfJSON returns the paths of the fields of the body that the expressions look at, and whether one
// looks at all of it. A list is no part of a path.
func pathsOfJSON(looks []*expression) (paths [][]string, all bool) {
	for _, path := range pathsOfAnswer(looks) {
		switch {
		case len(path) > 1 && path[0] == "json":
			paths = append(paths, path[1:])
		case len(path) == 1 && path[0] == "json":
			all = true
		}
	}
	return paths, all
}

// withoutIndexes returns a traversal without the numbers of elements in it.
func withoutIndexes(traversal hcl.Traversal) hcl.Traversal {
	return slices.DeleteFunc(slices.Clone(traversal), func(step hcl.Traverser) bool {
		index, ok := step.(hcl.TraverseIndex)
		return ok && index.Key.Type() == cty.Number
	})
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
