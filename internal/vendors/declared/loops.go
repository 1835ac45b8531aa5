package declared

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// looksInBody returns the paths of the fields of the body that the expressions look at, also by the variable
// of a loop or by a splat. An empty path is that of the whole body. A list is no part of a path.
func looksInBody(looks []*expression) [][]string {
	w := bodyWalker{splats: map[*hclsyntax.AnonSymbolExpr][][]string{}}
	for _, e := range looks {
		if e != nil {
			_ = hclsyntax.Walk(e.expr, &w)
		}
	}
	return w.found
}

// bodyWalker collects the paths in an expression. A loop may go over what an expression makes of several
// fields. Then a path begins with each of them: one that the body does not have says nothing.
type bodyWalker struct {
	loops  []*hclsyntax.ForExpr    // those around the expression
	locals []map[string][][]string // where their variables are, of the outermost loop first
	splats map[*hclsyntax.AnonSymbolExpr][][]string
	found  [][]string
}

// Enter implements hclsyntax.Walker.
func (w *bodyWalker) Enter(node hclsyntax.Node) (none hcl.Diagnostics) {
	switch node := node.(type) {
	case *hclsyntax.ForExpr:
		w.loops = append(w.loops, node)
	case hclsyntax.ChildScope: // a part of the innermost loop
		loop := w.loops[len(w.loops)-1]
		w.locals = append(w.locals, map[string][][]string{loop.KeyVar: nil, loop.ValVar: w.in(loop.CollExpr)})
	case *hclsyntax.SplatExpr:
		w.splats[node.Item] = w.in(node.Source)
	case *hclsyntax.AnonSymbolExpr:
		w.found = append(w.found, w.splats[node]...)
	case *hclsyntax.RelativeTraversalExpr:
		w.add(w.in(node.Source), attributesIn(withoutIndexes(slices.Concat(hcl.Traversal{nil}, node.Traversal))))
	case *hclsyntax.ScopeTraversalExpr:
		w.addOf(node.Traversal.RootName(), attributesIn(withoutIndexes(node.Traversal)))
	}
	return none
}

// Exit implements hclsyntax.Walker.
func (w *bodyWalker) Exit(node hclsyntax.Node) (none hcl.Diagnostics) {
	switch node.(type) {
	case *hclsyntax.ForExpr:
		w.loops = w.loops[:len(w.loops)-1]
	case hclsyntax.ChildScope:
		w.locals = w.locals[:len(w.locals)-1]
	}
	return none
}

// in returns the paths in an expression that is a part of this one.
func (w *bodyWalker) in(expr hclsyntax.Expression) [][]string {
	part := bodyWalker{loops: slices.Clone(w.loops), locals: slices.Clone(w.locals), splats: w.splats}
	_ = hclsyntax.Walk(expr, &part)
	return part.found
}

// addOf adds what names lead to from a variable: that of a loop, or the answer.
func (w *bodyWalker) addOf(variable string, names []string) {
	for _, known := range slices.Backward(w.locals) {
		if from, ok := known[variable]; ok {
			w.add(from, names)
			return
		}
	}
	if variable == varAnswer && len(names) > 0 && names[0] == "json" {
		w.found = append(w.found, names[1:])
	}
}

// add adds what names lead to from each of some paths.
func (w *bodyWalker) add(from [][]string, names []string) {
	for _, path := range from {
		w.found = append(w.found, slices.Concat(path, names))
	}
}
