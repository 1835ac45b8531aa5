package declared

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Examples returns an example block for each kind of answer that no example has. Values of people are
// placeholders: only words and numbers that the definition itself names stay, and truth values.
func (c *contractCheck) Examples(t *contract.Transcript) []string {
	blocks := map[string]string{}
	examples := c.def.seenExamples()
	for _, a := range c.def.answers(t) {
		if a.foreign() || a.wrongKey || a.isAmong(examples) {
			continue
		}
		name := fmt.Sprintf("seen: %s, HTTP %d, %s", a.of, a.Status, a.reads)
		if block, ok := c.def.newExample(&a, name); ok && blocks[name] == "" {
			blocks[name] = block
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		all = append(all, blocks[name])
	}
	return all
}

// newExample returns the example block of an answer. It reports false if the placeholders make it
// another answer, or if its meaning needs a user.
func (d *Definition) newExample(a *seenAnswer, name string) (string, bool) {
	body, _ := attributeOf(a.value, "json")
	fields := map[string]cty.Value{"status": cty.NumberIntVal(int64(a.Status))}
	if !body.IsNull() {
		fields["json"] = d.placeholders(body, a.user)
	}
	answer := cty.ObjectVal(fields)
	made := newAnswer(rest.Answer{Status: a.Status})
	if !body.IsNull() {
		made = newAnswer(rest.Answer{Status: a.Status, Body: []byte(jsonText(fields["json"]))})
	}
	m, known := d.meaningFor(a.of, User{record: cty.NullVal(cty.DynamicPseudoType)}, made)
	expect := m.expected(a.of)
	if !known || m.inWords(a.of) != a.reads || expect == nil {
		return "", false
	}
	file := hclwrite.NewEmptyFile()
	block := file.Body().AppendNewBlock("example", []string{name}).Body()
	block.SetAttributeValue("of", cty.StringVal(a.of))
	block.SetAttributeValue("answer", answer)
	block.SetAttributeValue("expect", cty.ObjectVal(expect))
	return string(hclwrite.Format(file.Bytes())), true
}

// expected returns what an example expects of its answer. It is nil for a block whose meaning depends
// on a user.
func (m meaning) expected(of string) map[string]cty.Value {
	kind, _, _ := strings.Cut(of, " ")
	names := map[string][]string{
		"read": {"absent", "error"}, "alive": {"works"}, "list": {"error"}, "step": {"accepted", "refused", "gone"},
	}[kind]
	if names == nil {
		return nil
	}
	expect := map[string]cty.Value{}
	for _, name := range names {
		if v, ok := m.values[name]; ok {
			expect[name] = v
		}
	}
	if of == "read" && m.err == nil && !truthOf(m.values["absent"]) {
		expect["status"] = m.values["status"]
	}
	return expect
}

// placeholders returns JSON of the same form without values of people. Of a list it keeps one element. Of
// the fields it keeps those that the definition names, because another name may be a value.
func (d *Definition) placeholders(v cty.Value, user string) cty.Value {
	t := v.Type()
	switch {
	case v.IsNull() || t == cty.Bool:
		return v
	case t.IsObjectType():
		fields := map[string]cty.Value{}
		for name, field := range v.AsValueMap() {
			if d.fields[strings.ToLower(name)] {
				fields[name] = d.placeholders(field, user)
			}
		}
		return cty.ObjectVal(fields)
	case t.IsTupleType():
		if v.LengthInt() == 0 {
			return v
		}
		return cty.TupleVal([]cty.Value{d.placeholders(v.AsValueSlice()[0], user)})
	}
	return d.placeholder(v, user)
}

// placeholder is placeholders for a text or a number.
func (d *Definition) placeholder(v cty.Value, user string) cty.Value {
	said, _ := textOf(v)
	isUser := said == user && user != ""
	isID := isUser || d.idPattern != nil && d.idPattern.MatchString(said) && hasDigit(said)
	switch {
	case !isUser && d.words[strings.ToLower(said)]:
		return v
	case v.Type() == cty.Number:
		return cty.NumberIntVal(1)
	case isID:
		return cty.StringVal(masked(said))
	case strings.Contains(said, "@"):
		return cty.StringVal("person@example.test")
	}
	return cty.StringVal("text")
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// masked returns a text of the same form: ones for digits, and x for letters.
func masked(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '1'
		case r == '-' || r == '_':
			return r
		}
		return 'x'
	}, s)
}

// wordsIn returns, in lower case, the texts and numbers that a definition names outside its examples, and
// the names of fields that it names anywhere.
func wordsIn(body *hclsyntax.Body) (words, fields map[string]bool) {
	words, fields = map[string]bool{}, map[string]bool{}
	for _, attribute := range body.Attributes {
		noteWords(attribute, words, fields)
	}
	for _, block := range body.Blocks {
		into := words
		if block.Type == "example" {
			into = map[string]bool{}
		}
		noteWords(block, into, fields)
	}
	return words, fields
}

func noteWords(in hclsyntax.Node, words, fields map[string]bool) {
	note := func(name string) { fields[strings.ToLower(name)] = true }
	_ = hclsyntax.VisitAll(in, func(n hclsyntax.Node) (none hcl.Diagnostics) {
		switch n := n.(type) {
		case *hclsyntax.LiteralValueExpr:
			if said, ok := textOf(n.Val); ok && said != "" {
				words[strings.ToLower(said)] = true
				note(said) // as in answer.json["Is Active"]
			}
		case *hclsyntax.ObjectConsKeyExpr:
			note(hcl.ExprAsKeyword(n.Wrapped))
		case *hclsyntax.ScopeTraversalExpr:
			noteSteps(n.Traversal, note)
		case *hclsyntax.RelativeTraversalExpr:
			noteSteps(n.Traversal, note)
		}
		return none
	})
}

// noteSteps notes the names of fields in a path such as answer.json.people.
func noteSteps(path hcl.Traversal, note func(string)) {
	for _, step := range path {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			note(step.Name)
		case hcl.TraverseIndex:
			if said, ok := textOf(step.Key); ok {
				note(said)
			}
		}
	}
}
