package declared

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// checkTrace refuses a comparison with the address that misses it in another letter case: the trace would find
// nothing. A vendor may write an address as the user does in one answer, and in small letters in another.
func (p *problems) checkTrace(d *Definition, t *traceBlock) {
	_ = hclsyntax.VisitAll(t.found.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		one, other := compared(node)
		if one == nil || !d.usesAddress(one) && !d.usesAddress(other) || !saysSomething(one) || !saysSomething(other) {
			return none
		}
		if !isLower(one) || !isLower(other) {
			p.add(node.Range(), "an address may come in another letter case, which this comparison does not find: "+
				"compare lower(…) with lower(…)")
		}
		return none
	})
}

// compared returns what an expression compares; nil if it is no comparison.
func compared(node hclsyntax.Node) (one, other hclsyntax.Expression) {
	switch node := node.(type) {
	case *hclsyntax.BinaryOpExpr:
		if isComparison(node.Op) {
			return node.LHS, node.RHS
		}
	case *hclsyntax.FunctionCallExpr:
		if node.Name == "contains" && len(node.Args) > 1 {
			return node.Args[0], node.Args[1]
		}
	}
	return nil, nil
}

// usesAddress reports whether an expression uses the email address, from the user or from the record of which it
// is made.
func (d *Definition) usesAddress(expr hclsyntax.Expression) bool {
	made := d.user.email.traversalsOf(varRecord)
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool {
		isMade := func(part hcl.Traversal) bool { return isPartOf(t, part) }
		return t.RootName() == varUser && nameIn(t) == "email" || t.RootName() == varWas && slices.ContainsFunc(made, isMade)
	})
}

// isLower reports whether an expression has small letters only: by lower, or a list of such texts.
func isLower(expr hclsyntax.Expression) bool {
	switch expr := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return isLower(expr.Expression)
	case *hclsyntax.ForExpr:
		return isLower(expr.ValExpr)
	case *hclsyntax.TupleConsExpr:
		return !slices.ContainsFunc(expr.Exprs, func(e hclsyntax.Expression) bool { return !isLower(e) })
	case *hclsyntax.FunctionCallExpr:
		return expr.Name == "lower"
	}
	return false
}
