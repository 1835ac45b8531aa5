package declared

import (
	"maps"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// thereOnly is the name of a function that fails for null. No definition can write it.
const thereOnly = "there only"

// evaluated are the functions with which expressions are evaluated.
var evaluated = func() map[string]function.Function {
	all := maps.Clone(functions)
	all[thereOnly] = function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "list", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0], nil },
	})
	return all
}()

// refuseNull makes each splat fail for null, as a loop does. To HCL null is an empty list there, and an answer
// that is not whole would be one that finds nothing.
func refuseNull(body *hclsyntax.Body) {
	_ = hclsyntax.VisitAll(body, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		if splat, ok := node.(*hclsyntax.SplatExpr); ok {
			at := splat.Source.Range()
			splat.Source = &hclsyntax.FunctionCallExpr{
				Name: thereOnly, Args: []hclsyntax.Expression{splat.Source},
				NameRange: at, OpenParenRange: at, CloseParenRange: at,
			}
		}
		return none
	})
}
