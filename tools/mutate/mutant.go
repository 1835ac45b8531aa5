package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// mutant is one change of one file.
type mutant struct {
	line string // where, and what is changed, as it is printed
	path string // of the file
	text string // of the whole file, changed
}

// write writes the changed file, and an overlay for it, into the folder. It returns the path of the
// overlay.
func (m *mutant) write(folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	changed, overlay := filepath.Join(folder, "changed.go"), filepath.Join(folder, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {m.path: changed}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(changed, []byte(m.text), 0o600); err != nil {
		return "", err
	}
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// finder finds the mutants of one file.
type finder struct {
	path string
	text string
	set  *token.FileSet
	seen map[string]bool // texts that are among the mutants
	all  []mutant
}

// mutants returns all mutants of the file at path.
func mutants(path string) ([]mutant, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &finder{path: path, text: string(text), set: token.NewFileSet(), seen: map[string]bool{}}
	tree, err := parser.ParseFile(f.set, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(tree, f.visit)
	return f.all, nil
}

// visit adds the mutants of a node, without those of the nodes in it.
func (f *finder) visit(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.IfStmt:
		f.negate(n.Cond)
		if end := len(n.Body.List) - 1; n.Else == nil && end >= 0 {
			if last, ok := n.Body.List[end].(*ast.ReturnStmt); ok {
				f.remove(last, last)
			}
		}
	case *ast.SwitchStmt:
		for _, clause := range n.Body.List {
			if n.Tag == nil {
				f.negate(clause.(*ast.CaseClause).List...)
			}
		}
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.BlockStmt:
		f.statements(n.List)
	case *ast.CaseClause:
		f.clause(n.Body)
	case *ast.CommClause:
		f.clause(n.Body)
	}
	return true
}

// negate adds the opposite of each condition. That of an equality is added with the other
// comparisons.
func (f *finder) negate(conditions ...ast.Expr) {
	for _, c := range conditions {
		if b, ok := c.(*ast.BinaryExpr); !ok || b.Op != token.EQL && b.Op != token.NEQ {
			f.add(c, c, "!("+f.source(c, c)+")", "negated: ")
		}
	}
}

// shifted has what replaces a comparison.
var shifted = map[token.Token]token.Token{
	token.LSS: token.LEQ,
	token.LEQ: token.LSS,
	token.GTR: token.GEQ,
	token.GEQ: token.GTR,
	token.EQL: token.NEQ,
	token.NEQ: token.EQL,
}

// binary adds each side of a conjunction or a disjunction, and another comparison instead of one.
func (f *finder) binary(n *ast.BinaryExpr) {
	left, right := f.source(n.X, n.X), f.source(n.Y, n.Y)
	if n.Op == token.LAND || n.Op == token.LOR {
		f.add(n, n, left, "only the left side: ")
		f.add(n, n, right, "only the right side: ")
	}
	if other, ok := shifted[n.Op]; ok {
		f.add(n, n, left+" "+other.String()+" "+right, other.String()+" for "+n.Op.String()+": ")
	}
}

// statements adds the list without one of its statements, for each that does something by itself.
func (f *finder) statements(list []ast.Stmt) {
	for _, statement := range list {
		switch s := statement.(type) {
		case *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt, *ast.IncDecStmt, *ast.BranchStmt, *ast.SendStmt:
			f.remove(s, s)
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				f.remove(s, s)
			}
		}
	}
}

// clause adds the mutants of the statements of a clause, and the clause without any.
func (f *finder) clause(body []ast.Stmt) {
	f.statements(body)
	if len(body) > 0 {
		f.remove(body[0], body[len(body)-1])
	}
}

// remove adds the file without the text from one node to another.
func (f *finder) remove(from, to ast.Node) { f.add(from, to, "", "taken out: ") }

// add adds the mutant that replaces the text from one node to another.
func (f *finder) add(from, to ast.Node, text, how string) {
	begin, end := f.offset(from.Pos()), f.offset(to.End())
	changed := f.text[:begin] + text + f.text[end:]
	if f.seen[changed] {
		return
	}
	f.seen[changed] = true
	at := f.set.PositionFor(from.Pos(), false)
	path := f.path
	if here, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(here, path); err == nil {
			path = short
		}
	}
	what := []rune(strings.Join(strings.Fields(f.source(from, to)), " "))
	if len(what) > 100 {
		what = append(what[:100], '…')
	}
	line := fmt.Sprintf("%s:%d:%d: %s%s", path, at.Line, at.Column, how, string(what))
	f.all = append(f.all, mutant{line, f.path, changed})
}

// source returns the text from one node to another.
func (f *finder) source(from, to ast.Node) string {
	return f.text[f.offset(from.Pos()):f.offset(to.End())]
}

func (f *finder) offset(at token.Pos) int { return f.set.PositionFor(at, false).Offset }
