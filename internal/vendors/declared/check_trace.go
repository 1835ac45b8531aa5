package declared

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// checkTrace refuses a comparison with an address that misses it in another letter case: the trace would find
// nothing. A vendor may write an address as the user does in one answer, and in small letters in another. A
// sign-in name may be one.
func (p *problems) checkTrace(d *Definition, t *traceBlock) {
	_ = hclsyntax.VisitAll(t.found.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		one, other := compared(node)
		if one == nil || !d.usesAddress(one) && !d.usesAddress(other) || !saysSomething(one) || !saysSomething(other) {
			return none
		}
		if !isLower(one) || !isLower(other) {
			p.add(node.Range(), "an address may come in another letter case, which this comparison does not find: "+
				"compare lower(…) with lower(…). For what may be null, write lower(coalesce(…, \"\"))")
		}
		return none
	})
}

// compared returns what an expression compares; nil if it is no comparison. A text that picks something out of
// an object is compared with its names.
func compared(node hclsyntax.Node) (one, other hclsyntax.Expression) {
	switch node := node.(type) {
	case *hclsyntax.BinaryOpExpr:
		if isComparison(node.Op) {
			return node.LHS, node.RHS
		}
	case *hclsyntax.IndexExpr:
		if len(node.Key.Variables()) > 0 {
			return node.Collection, node.Key
		}
	case *hclsyntax.FunctionCallExpr:
		compares := slices.Contains([]string{"contains", "startswith", "endswith", "regex", "lookup"}, node.Name)
		if compares && len(node.Args) > 1 {
			return node.Args[0], node.Args[1]
		}
	}
	return nil, nil
}

// usesAddress reports whether the value of an expression may have the email address or the sign-in name in it,
// from the user or from the record of which they are made. What a comparison in it compares is not in its value.
// A sign-in name that is the ID is none that comes in another letter case.
func (d *Definition) usesAddress(expr hclsyntax.Expression) bool {
	id := d.user.id.traversalsOf(varRecord)
	isID := func(t hcl.Traversal) bool {
		return slices.ContainsFunc(id, func(part hcl.Traversal) bool { return isPartOf(t, part) })
	}
	made := slices.DeleteFunc(d.user.login.traversalsOf(varRecord), isID)
	made = append(made, d.user.email.traversalsOf(varRecord)...)
	within := comparisonsIn(expr)
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool {
		isAround := func(comparison hcl.Range) bool { return comparison.Overlaps(t.SourceRange()) }
		isMade := func(part hcl.Traversal) bool { return isPartOf(t, part) }
		isAddress := t.RootName() == varUser && (nameIn(t) == "email" || nameIn(t) == "login") ||
			t.RootName() == varWas && slices.ContainsFunc(made, isMade)
		return isAddress && !slices.ContainsFunc(within, isAround)
	})
}

// comparisonsIn returns where something is compared in an expression.
func comparisonsIn(expr hclsyntax.Expression) (all []hcl.Range) {
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		if one, _ := compared(node); one != nil {
			all = append(all, node.Range())
		}
		return none
	})
	return all
}

// lowKept are the functions that make small letters of small letters.
var lowKept = []string{
	"coalesce", "concat", "flatten", "join", "jsonencode", "keys", "replace", "split", "tostring", "trimprefix",
	"trimspace", "trimsuffix", "try", "values",
}

// isLower reports whether an expression has small letters only: by lower, or made of such texts.
func isLower(expr hclsyntax.Expression) bool {
	switch expr := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		said, _ := textOf(expr.Val)
		return said == strings.ToLower(said)
	case *hclsyntax.FunctionCallExpr:
		if expr.Name == "lower" {
			return true
		}
	}
	made, ok := lettersOf(expr)
	return ok && !slices.ContainsFunc(made, func(e hclsyntax.Expression) bool { return !isLower(e) })
}

// lettersOf returns the expressions that have all letters of another one; ok is false if it has others.
func lettersOf(expr hclsyntax.Expression) (all []hclsyntax.Expression, ok bool) {
	switch expr := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return []hclsyntax.Expression{expr.Expression}, true
	case *hclsyntax.TemplateWrapExpr:
		return []hclsyntax.Expression{expr.Wrapped}, true
	case *hclsyntax.TemplateExpr:
		return expr.Parts, true
	case *hclsyntax.ConditionalExpr:
		return []hclsyntax.Expression{expr.TrueResult, expr.FalseResult}, true
	case *hclsyntax.IndexExpr:
		return []hclsyntax.Expression{expr.Collection}, true
	case *hclsyntax.RelativeTraversalExpr:
		_, isElement := expr.Traversal[0].(hcl.TraverseIndex)
		return []hclsyntax.Expression{expr.Source}, isElement
	case *hclsyntax.ForExpr:
		if expr.KeyExpr != nil { // its names are compared
			return []hclsyntax.Expression{expr.KeyExpr}, true
		}
		return []hclsyntax.Expression{expr.ValExpr}, true
	case *hclsyntax.TupleConsExpr:
		return expr.Exprs, true
	case *hclsyntax.FunctionCallExpr:
		return expr.Args, slices.Contains(lowKept, expr.Name)
	}
	return nil, false
}
