package declared

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// clean returns a text of the vendor as it is safe to print. If that is another text, it notes the
// attribute.
func (v answerValue) clean(said, attribute string, cleaned *[]string) string {
	clean := v.Text(said)
	if clean != said {
		*cleaned = append(*cleaned, attribute)
	}
	return clean
}

// buildCall makes the request of a step for a user. The error is as in build, and an
// *EvaluationError if a text of the user would be sent otherwise than the vendor writes it, or if
// nothing names the account: it may be about another one.
func (c *Client) buildCall(ctx context.Context, s *stepBlock, u User) (rest.Request, error) {
	vars := variables{varUser: u.variable(), varRecord: u.record}
	for _, e := range s.sent() {
		for _, used := range slices.Concat(e.traversalsOf(varUser), e.traversalsOf(varRecord)) {
			if u.writesOtherwise(used, vars) {
				path := strings.Join(append([]string{used.RootName()}, attributesIn(used)...), ".")
				return rest.Request{}, &EvaluationError{e, path + " is not as the vendor writes it, " +
					"so the call may be about another account; use user.id"}
			}
		}
	}
	made, err := c.build(ctx, &s.requestBlock, vars)
	if err != nil {
		return made, err
	}
	maps.Copy(vars, variables{varSetting: c.def.set, varSelf: c.setup.self(), varFresh: newFresh()})
	if !c.def.namesAccount(s, vars) {
		return rest.Request{}, &EvaluationError{s.path, namesNone}
	}
	return made, nil
}

// writesOtherwise reports whether the vendor writes a text in the value of a traversal otherwise.
func (u User) writesOtherwise(used hcl.Traversal, vars variables) bool {
	path := strings.Join(attributesIn(used), ".")
	isUsed := func(cleaned string) bool { return path == "" || strings.HasPrefix(cleaned+".", path+".") }
	if used.RootName() == varUser && slices.ContainsFunc(u.cleaned, isUsed) {
		return true
	}
	v, diags := used.TraverseAbs(&hcl.EvalContext{Variables: vars})
	return !diags.HasErrors() && holds(v, func(v cty.Value) bool {
		said, isText := textOf(v)
		return isText && isAltered(said, u.altered)
	})
}
