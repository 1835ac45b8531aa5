package declared

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// longerText is an expression that puts texts together, such as a query in GraphQL. What is written out in it may
// be the beginning or the end of something, so that a quote in a value could make another query of it.
type longerText struct {
	hclsyntax.Expression

	loop hclsyntax.Expression // the outer loop around it, whose variables may hold a text of the definition, or nil
}

// longerTexts returns those in an expression.
func (e *expression) longerTexts() (all []longerText) {
	if e == nil {
		return nil
	}
	var around hcl.Range
	var loop hclsyntax.Expression // the last outer one
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		expr, ok := node.(hclsyntax.Expression)
		if !ok {
			return none
		}
		inLoop := around.Overlaps(node.Range())
		if outer, loops := node.(*hclsyntax.ForExpr); loops && !inLoop {
			loop, around = outer, outer.Range()
		}
		longer := longerText{Expression: expr}
		if inLoop {
			longer.loop = loop
		}
		if makesText(expr) && (!isHarmless(expr) || inLoop && !isHarmless(loop)) {
			all = append(all, longer)
		}
		return none
	})
	return all
}

// checkLongerTexts refuses a value of the user that is a part of a longer text in a call. An ID is none that a
// person chooses, as a rule: what is in one is checked when the request is made.
func (p *problems) checkLongerTexts(d *Definition, e *expression) {
	var refused hcl.Range
	for _, longer := range e.longerTexts() {
		if !refused.Overlaps(longer.Range()) && slices.ContainsFunc(longer.Variables(), d.isOfPerson) {
			refused = longer.Range()
			p.add(refused, "the %s has a value of the user inside a longer text, which a quote could change: "+
				"send it as a value of its own", e.name)
		}
	}
}

// harmlessValue is what ends nothing around it, and begins nothing. An ID may have the signs of a number in base 64.
var harmlessValue = regexp.MustCompile(`^[\p{L}\p{N}_.:/@=+~-]*$`)

// checkLongerTexts returns an error if a value in a longer text may end what is around it: the request would be
// another one. The error is an *EvaluationError.
func (r *requestBlock) checkLongerTexts(vars variables) error {
	for _, e := range []*expression{r.query, r.body, r.form} {
		for _, longer := range e.longerTexts() {
			used := longer.Variables()
			if longer.loop != nil {
				used = append(used, longer.loop.Variables()...)
			}
			isHarmful := func(t hcl.Traversal) bool { return isHarmful(t, vars, longer.otherQuote(t)) }
			if i := slices.IndexFunc(used, isHarmful); i >= 0 {
				path := strings.Join(append([]string{used[i].RootName()}, attributesIn(used[i])...), ".")
				return &EvaluationError{e, path + " has a character that may end the longer text around it. " +
					"Send it as a value of its own. In a filter, write jsonencode(…) without quotes around it"}
			}
		}
	}
	return nil
}

// otherQuote returns the quote that does not end a value in a template, because the other one is right before and
// after it, and only that is written; empty if there is none.
func (l longerText) otherQuote(used hcl.Traversal) string {
	template, ok := l.Expression.(*hclsyntax.TemplateExpr)
	if !ok {
		return ""
	}
	var written strings.Builder // with a mark in the place of the value
	for _, part := range template.Parts {
		said, _ := part.Value(nil)
		text, _ := textOf(said)
		if part.Range().Overlaps(used.SourceRange()) {
			text = "\x00"
		}
		written.WriteString(text)
	}
	for _, quotes := range []string{`"'`, `'"`} {
		around, other := quotes[:1], quotes[1:]
		if strings.Contains(written.String(), around+"\x00"+around) && !strings.Contains(written.String(), other) {
			return other
		}
	}
	return ""
}

// isHarmful reports whether what is used of the user is, or has in it, more than an ID or an address has, but for
// a quote that ends nothing.
func isHarmful(used hcl.Traversal, vars variables, quote string) bool {
	if !slices.Contains([]string{varUser, varRecord, varWas}, used.RootName()) {
		return false
	}
	v, _ := used.TraverseAbs(&hcl.EvalContext{Variables: vars})
	return holds(v, func(v cty.Value) bool {
		said, isText := textOf(v)
		return isText && !harmlessValue.MatchString(strings.ReplaceAll(said, quote, ""))
	})
}

// makesText reports whether an expression puts texts together.
func makesText(expr hclsyntax.Expression) bool {
	switch expr := expr.(type) {
	case *hclsyntax.TemplateExpr:
		return true
	case *hclsyntax.FunctionCallExpr:
		return slices.Contains([]string{"replace", "format", "join", "concat"}, expr.Name)
	}
	return false
}

// harmless is what is the beginning or the end of nothing in any language. A comma alone makes a
// list.
var harmless = regexp.MustCompile(`^([\p{L}\p{N}_.:/@ -]*|,)$`)

// isHarmless reports whether the literal texts in an expression are harmless. That with which regex
// and split compare does not get into the text.
func isHarmless(expr hclsyntax.Expression) bool {
	is, compared := true, []hclsyntax.Node{}
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		switch node := node.(type) {
		case *hclsyntax.FunctionCallExpr:
			if (node.Name == "regex" || node.Name == "split") && len(node.Args) > 0 {
				compared = append(compared, node.Args[0])
			}
		case *hclsyntax.TemplateExpr:
			if slices.Contains(compared, hclsyntax.Node(node)) {
				for _, part := range node.Parts {
					compared = append(compared, part)
				}
			}
		case *hclsyntax.LiteralValueExpr:
			said, _ := textOf(node.Val)
			is = is && (harmless.MatchString(said) || slices.Contains(compared, hclsyntax.Node(node)))
		}
		return none
	})
	return is
}

// isOfPerson reports whether a variable, such as that of a loop, holds what a person may have chosen.
func (d *Definition) isOfPerson(t hcl.Traversal) bool {
	switch t.RootName() {
	case varUser:
		return !slices.Contains([]string{"id", "status", "absent"}, nameIn(t))
	case varRecord, varWas:
		id := takenAsItIs(d.user.id.expr)
		return len(id) < 2 || id.RootName() != varRecord || !isPartOf(t, id)
	}
	return !slices.Contains([]string{varSetting, varSelf, varFresh}, t.RootName())
}
