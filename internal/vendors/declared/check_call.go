package declared

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// checkCall checks what names the account in the call of a step. If the call cannot be undone, nothing in
// it may change after the plan unseen. One that can be undone may send the whole record back.
func (p *problems) checkCall(d *Definition, s *stepBlock) {
	if !s.uses(varUser) && !s.uses(varRecord) {
		p.add(s.path.expr.Range(), "the call of a step must use user or record: nothing else says whose account it is about")
	}
	for _, e := range []*expression{s.query, s.body, s.form} {
		p.checkLongerTexts(d, e)
	}
	if s.reversible {
		return
	}
	compared := d.comparedParts()

	for _, e := range s.sent() {
		for _, sent := range e.traversalsOf(varRecord) {
			if !slices.ContainsFunc(compared, func(seen hcl.Traversal) bool { return isPartOf(sent, seen) }) {
				p.add(sent.SourceRange(), "the record may change after the plan, and the step cannot be undone: "+
					"name what the call uses in facts of the block user, or use user.id")
			}
		}
	}
}

// checkReplaced refuses a parameter or a header that a credential would replace. It may be what names the
// account.
func (p *problems) checkReplaced(d *Definition) {
	header, query := d.credentials.headers.names(), d.credentials.query.names()
	if d.credentials.oauth2 != nil {
		header = append(header, "Authorization")
	}
	for _, r := range d.requests() {
		p.checkNames(r.headers, header)
		p.checkNames(r.query, query)
	}
}

// checkNames refuses a name that credentials have, too. Servers differ in whether a letter case makes
// another name.
func (p *problems) checkNames(e *expression, taken []string) {
	for _, name := range e.names() {
		if slices.ContainsFunc(taken, func(other string) bool { return strings.EqualFold(name, other) }) {
			p.add(e.expr.Range(), "%q of the block %s is also a name in credentials, which would replace it", name, e.block)
		}
	}
}

// names returns the names of the fields of an object, as far as they are written out.
func (e *expression) names() (all []string) {
	if e == nil {
		return nil
	}
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		if key, ok := node.(*hclsyntax.ObjectConsKeyExpr); ok {
			if name, diags := key.Value(nil); !diags.HasErrors() && !name.IsNull() && name.Type() == cty.String {
				all = append(all, name.AsString())
			}
		}
		return none
	})
	return all
}

// comparedParts returns the parts of the record that are compared with those of the plan: what the block
// user takes as it is. Of anything else, such as whether there is a value, another value may come.
func (d *Definition) comparedParts() []hcl.Traversal {
	all := d.identity()
	for _, f := range d.facts() {
		all = append(all, f.path)
	}
	return all
}

// identity returns the parts of the record that id, email and login take as they are.
func (d *Definition) identity() (all []hcl.Traversal) {
	for _, e := range []*expression{d.user.id, d.user.email, d.user.login} {
		if e != nil {
			if path := takenAsItIs(e.expr); len(path) > 0 && path.RootName() == varRecord {
				all = append(all, path)
			}
		}
	}
	return all
}

// fact is a part of the record that facts takes as it is.
type fact struct {
	name   string
	path   hcl.Traversal
	vendor []string // the words in its name
}

// facts returns what facts takes as it is.
func (d *Definition) facts() (all []fact) {
	if d.user.facts == nil {
		return nil
	}
	facts, ok := d.user.facts.expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil
	}
	for _, item := range facts.Items {
		name, _ := item.KeyExpr.Value(nil)
		if path := takenAsItIs(item.ValueExpr); len(path) > 0 && path.RootName() == varRecord {
			said, _ := textOf(name)
			all = append(all, fact{said, path, wordsOf(d.Name, d.Title)})
		}
	}
	return all
}

// takenAsItIs returns the traversal that an expression is, as it stands or in a function that changes the
// type alone; nil if it is anything else. In try it may stand beside nothing, or in another spelling.
func takenAsItIs(expr hclsyntax.Expression) hcl.Traversal {
	switch expr := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return expr.Traversal
	case *hclsyntax.ParenthesesExpr:
		return takenAsItIs(expr.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return takenAsItIs(expr.Wrapped)
	case *hclsyntax.FunctionCallExpr:
		if !slices.Contains([]string{"try", "tostring", "jsonencode"}, expr.Name) || len(expr.Args) == 0 {
			return nil
		}
		path := takenAsItIs(expr.Args[0])
		isAnother := func(arg hclsyntax.Expression) bool {
			return saysSomething(arg) && !slices.Equal(wordsAlong(takenAsItIs(arg)), wordsAlong(path))
		}
		if !slices.ContainsFunc(expr.Args[1:], isAnother) {
			return path
		}
	}
	return nil
}

// isPartOf reports whether a traversal leads to a value, or to a part of it.
func isPartOf(part, whole hcl.Traversal) bool {
	if len(part) < len(whole) {
		return false
	}
	for i := range whole[1:] {
		if stepName(part[i+1]) != stepName(whole[i+1]) {
			return false
		}
	}
	return true
}

// stepName names a step of a traversal, which is an attribute, a key or a number.
func stepName(step hcl.Traverser) string {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return step.Name
	case hcl.TraverseIndex:
		name, _ := textOf(step.Key)
		return name
	}
	return ""
}
