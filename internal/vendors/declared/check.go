package declared

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// checkExpression checks what an expression uses: its variables, its functions, its numbers.
func (p *problems) checkExpression(where string, of *attributeSpec, expr hclsyntax.Expression) {
	for _, traversal := range expr.Variables() {
		p.checkVariable(where, of, traversal)
	}
	walker := &expressionCheck{problems: p}
	_ = hclsyntax.Walk(expr, walker)
}

// checkVariable checks one use of a variable.
func (p *problems) checkVariable(where string, of *attributeSpec, traversal hcl.Traversal) {
	root := traversal.RootName()
	if !slices.Contains(of.variables, root) {
		known := "no variable"
		if len(of.variables) > 0 {
			known = "only " + strings.Join(of.variables, ", ")
		}
		p.add(traversal.SourceRange(), "%q is no variable of %s, which has %s", root, of.name, known)
		return
	}
	if root == varSetting {
		p.settings = append(p.settings, settingUse{traversal, where == "credentials" || where == "oauth2"})
	}
	fields := fieldsOf[root]
	if fields == nil || len(traversal) < 2 {
		return
	}
	if step, ok := traversal[1].(hcl.TraverseAttr); ok && !slices.Contains(fields, step.Name) {
		p.add(step.SrcRange, "%s has no %q; it has %s", root, step.Name, strings.Join(fields, ", "))
	}
}

// expressionCheck walks through an expression.
type expressionCheck struct {
	problems *problems
	loops    []string // the variables of the loops around the node
}

// Enter implements hclsyntax.Walker.
func (c *expressionCheck) Enter(node hclsyntax.Node) hcl.Diagnostics {
	switch node := node.(type) {
	case *hclsyntax.FunctionCallExpr:
		c.checkCall(node)
	case *hclsyntax.BinaryOpExpr:
		if node.Op == hclsyntax.OpEqual || node.Op == hclsyntax.OpNotEqual {
			c.checkStatus(node)
			c.checkTypes(node.LHS, node.RHS)
		}
	case *hclsyntax.ForExpr:
		c.enterLoop(node.CollExpr, node.KeyVar, node.ValVar)
	case *hclsyntax.SplatExpr:
		c.enterLoop(node.Source, "", "")
	case *hclsyntax.LiteralValueExpr:
		if node.Val.Type() == cty.Number && !node.Val.IsNull() && isLong(node.Val) {
			c.problems.add(node.SrcRange, "the number is too long")
		}
	}
	return nil
}

// Exit implements hclsyntax.Walker.
func (c *expressionCheck) Exit(node hclsyntax.Node) hcl.Diagnostics {
	switch node.(type) {
	case *hclsyntax.ForExpr, *hclsyntax.SplatExpr:
		c.loops = c.loops[:len(c.loops)-2]
	}
	return nil
}

// checkStatus checks a comparison of user.status with a word that is written out.
func (c *expressionCheck) checkStatus(node *hclsyntax.BinaryOpExpr) {
	compared, ok := node.LHS.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return
	}
	path := compared.Traversal
	if path.RootName() != varUser || len(path) != 2 || nameIn(path) != "status" {
		return
	}
	word, diags := node.RHS.Value(nil)
	if diags.HasErrors() || word.IsNull() || word.Type() != cty.String {
		return
	}
	if !slices.Contains(statusWords, word.AsString()) {
		c.problems.add(
			node.RHS.Range(),
			"user.status is never %q; it is %s",
			word.AsString(),
			strings.Join(statusWords, ", "),
		)
	}
}

// statusWords are what the status of a user can be.
var statusWords = []string{
	string(offboard.Active), string(offboard.Suspended), string(offboard.Closed), string(offboard.Unknown),
}

// enterLoop checks a loop. One in another goes over a part of what that one goes over, so that all
// rounds together are no more than an answer has values.
func (c *expressionCheck) enterLoop(over hclsyntax.Expression, key, value string) {
	isPart := func(t hcl.Traversal) bool { return slices.Contains(c.loops, t.RootName()) }
	if len(c.loops) > 0 && !slices.ContainsFunc(over.Variables(), isPart) {
		c.problems.add(over.Range(), "a loop in a loop must go over a part of what the outer one goes over")
	}
	c.loops = append(c.loops, key, value)
}

// isLong reports whether a number has more digits than any that is needed.
func isLong(v cty.Value) bool {
	exponent := v.AsBigFloat().MantExp(nil)
	return exponent > 4*maxDigits || exponent < -4*maxDigits
}

// checkCall checks the name of a function and the number of its arguments.
func (c *expressionCheck) checkCall(call *hclsyntax.FunctionCallExpr) {
	f, ok := functions[call.Name]
	if !ok {
		c.problems.add(call.NameRange, "there is no function %q", call.Name)
		return
	}
	need, got := len(f.Params()), len(call.Args)
	if got < need && !call.ExpandFinal || got > need && f.VarParam() == nil {
		c.problems.add(call.NameRange, "%s takes %d arguments, and got %d", call.Name, need, got)
	}
}

// checkMeaning checks what no single attribute shows.
func (p *problems) checkMeaning(d *Definition) {
	p.checkSettings(d)
	if !d.alive.works.uses(varAnswer) {
		p.add(d.alive.works.expr.Range(), "works must look at answer")
	}
	for _, b := range d.absences() {
		p.checkAbsence(b.expr)
	}
	if d.find != nil {
		p.checkFind(d.find)
	}
	p.checkNext(d.list)
	if d.idPattern != nil && !d.idPattern.MatchString(d.unknownID) {
		p.add(d.read.absent.expr.Range(), "unknown_id does not match id_pattern, so it cannot be asked for")
	}
	if !d.sendsKey() {
		p.add(d.user.id.expr.Range(), "credentials send no key: headers, query or oauth2 must use key or a setting")
	}
	if d.user.email == nil && d.user.name == nil && d.user.login == nil {
		p.add(d.user.id.expr.Range(), "the block user needs email, name or login: nothing else says whose account it is")
	}
	p.checkReplaced(d)
	for i := range d.steps {
		p.checkDone(&d.steps[i])
		p.checkCall(d, &d.steps[i])
	}
	for i := range d.traces {
		p.checkTrace(d, &d.traces[i])
	}
	p.checkEnd(d)
}

// checkSettings refuses a setting that the definition does not name, and one that is a credential
// outside the block credentials. All settings at once would be both.
func (p *problems) checkSettings(d *Definition) {
	for _, use := range p.settings {
		at, name := use.traversal.SourceRange(), nameIn(use.traversal)
		i := slices.IndexFunc(d.settings, func(s Setting) bool { return s.Name == name })
		switch {
		case name == "":
			p.add(at, "setting needs the name of one, as in setting.NAME")
		case i < 0:
			p.add(at, "there is no block setting %q", name)
		case d.settings[i].Sensitive && !use.inCredentials:
			p.add(at, "the setting %q is sensitive, so only credentials may use it", name)
		}
	}
}

// sendsKey reports whether the credentials hold a credential.
func (d *Definition) sendsKey() bool {
	all := []*expression{d.credentials.headers, d.credentials.query}
	if o := d.credentials.oauth2; o != nil {
		all = append(all, o.clientID, o.clientSecret)
	}
	return slices.ContainsFunc(all, func(e *expression) bool { return e.uses(varKey) || e.uses(varSetting) })
}

// nameIn returns the name of the attribute that a traversal takes of a variable; empty for none.
func nameIn(traversal hcl.Traversal) string {
	if len(traversal) < 2 {
		return ""
	}
	attr, _ := traversal[1].(hcl.TraverseAttr)
	return attr.Name
}

// checkAbsence refuses an absence that believes a status alone. Gateways, proxies and wrong paths answer
// 404, too.
func (p *problems) checkAbsence(absence *expression) {
	for _, traversal := range absence.expr.Variables() {
		if name := nameIn(traversal); traversal.RootName() == varAnswer && (name == "json" || name == "headers") {
			return
		}
	}
	p.add(absence.expr.Range(), "%s must look at answer.json or answer.headers as well as at the status: "+
		"a gateway answers 404, too", absence.name)
}

// checkFind checks that a search has one of its two forms.
func (p *problems) checkFind(f *findBlock) {
	switch {
	case (f.records == nil) == (f.record == nil):
		p.add(f.path.expr.Range(), "find_by_email needs records or record, and not both")
	case f.record != nil && f.absent == nil:
		p.add(f.record.expr.Range(), "find_by_email needs absent beside record")
	}
}
