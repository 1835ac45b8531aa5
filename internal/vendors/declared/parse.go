package declared

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxDefinition is how long a definition may be, in bytes.
const maxDefinition = 64 << 10

// vendorName is what a vendor may be called.
var vendorName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// CheckName returns whether a vendor may have a name: lower-case letters, digits and underscores.
func CheckName(name string) bool { return vendorName.MatchString(name) }

// Parse reads a definition and checks all of it: its form, its expressions and its examples. It
// makes no request. It returns every problem that it finds, in the order of the text, and the
// definition only if there is none. The name is that of the vendor in the provider block.
func Parse(name, source string) (*Definition, []Problem) {
	p := &problems{file: name + ".vendor.hcl", lines: strings.Split(source, "\n")}
	start := hcl.Range{Start: hcl.InitialPos}
	if len(source) > maxDefinition {
		p.add(start, "the definition is longer than 64 KiB")
		return nil, p.sorted()
	}
	file, diags := hclsyntax.ParseConfig([]byte(source), p.file, hcl.InitialPos)
	p.addDiagnostics(diags)
	if diags.HasErrors() {
		return nil, p.sorted()
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		p.add(start, "it is no HCL")
		return nil, p.sorted()
	}
	root := p.read(&language, "", body, start)
	if len(p.all) > 0 {
		return nil, p.sorted()
	}
	refuseNull(body)
	d := compile(p, name, root)
	d.words, d.fields = wordsIn(body)
	d.set = exampleSettings(d)
	if len(p.all) == 0 {
		p.checkMeaning(d)
	}
	if len(p.all) == 0 {
		p.runExamples(d)
	}
	if len(p.all) > 0 {
		return nil, p.sorted()
	}
	return d, nil
}

// exampleSettings are the settings with which the examples are checked: their defaults.
func exampleSettings(d *Definition) cty.Value {
	values := map[string]string{}
	for _, s := range d.settings {
		values[s.Name] = ""
		if s.Default != nil {
			values[s.Name] = *s.Default
		}
	}
	return settingsValue(values)
}

// written is a block of a definition whose form is checked.
type written struct {
	label  string
	where  string // for messages, such as "step delete"
	at     hcl.Range
	attrs  map[string]*hclsyntax.Attribute
	blocks map[string][]*written
}

// read checks the form of a block, and of those in it.
func (p *problems) read(of *blockSpec, label string, body *hclsyntax.Body, at hcl.Range) *written {
	w := &written{
		label: label, where: strings.TrimSpace(of.name + " " + label), at: at,
		attrs: map[string]*hclsyntax.Attribute{}, blocks: map[string][]*written{},
	}
	for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
		attr := body.Attributes[name]
		i := slices.IndexFunc(of.attributes, func(a attributeSpec) bool { return a.name == name })
		if i < 0 {
			p.add(
				attr.NameRange,
				"%s has no attribute %q; it has %s",
				placeOf(w.where),
				name,
				listNames(of.attributes, attrName),
			)
			continue
		}
		p.checkAttribute(w, &of.attributes[i], attr)
		w.attrs[name] = attr
	}
	for _, attr := range of.attributes {
		if attr.required && body.Attributes[attr.name] == nil {
			p.add(at, "%s needs the attribute %q", placeOf(w.where), attr.name)
		}
	}
	for _, inner := range body.Blocks {
		p.readInner(of, w, inner)
	}
	for _, inner := range of.blocks {
		if inner.required && len(w.blocks[inner.name]) == 0 {
			p.add(at, "%s needs a block %q", placeOf(w.where), inner.name)
		}
	}
	return w
}

// readInner checks the form of a block in another one.
func (p *problems) readInner(of *blockSpec, w *written, inner *hclsyntax.Block) {
	at := inner.DefRange()
	i := slices.IndexFunc(of.blocks, func(b blockSpec) bool { return b.name == inner.Type })
	if i < 0 {
		p.add(at, "%s has no block %q; it has %s", placeOf(w.where), inner.Type, listNames(of.blocks, blockName))
		return
	}
	kind, label := &of.blocks[i], ""
	switch {
	case kind.labeled && len(inner.Labels) != 1:
		p.add(at, "a block %q needs one name, as in %s \"name\" { … }", kind.name, kind.name)
		return
	case !kind.labeled && len(inner.Labels) > 0:
		p.add(at, "a block %q takes no name, as in %s { … }", kind.name, kind.name)
		return
	case kind.labeled:
		label = inner.Labels[0]
	}
	before := w.blocks[kind.name]
	if len(before) > 0 && !kind.repeated {
		p.add(at, "there is a block %q in line %d already", kind.name, before[0].at.Start.Line)
	}
	for _, other := range before {
		if kind.labeled && other.label == label {
			p.add(at, "the name %q is used in line %d already", label, other.at.Start.Line)
		}
	}
	w.blocks[kind.name] = append(before, p.read(kind, label, inner.Body, at))
}

// checkAttribute checks the value of an attribute, as far as it can be known from the text.
func (p *problems) checkAttribute(w *written, of *attributeSpec, attr *hclsyntax.Attribute) {
	p.checkExpression(w.where, of, attr.Expr)
	if of.kind == kindExpression {
		return
	}
	value, diags := attr.Expr.Value(nil)
	if diags.HasErrors() || value.IsNull() {
		p.add(attr.Expr.Range(), "%s of %s must be %s that is written out", of.name, placeOf(w.where), of.kind)
		return
	}
	good := false
	switch of.kind {
	case kindText:
		good = value.Type() == cty.String
	case kindTruth:
		good = value.Type() == cty.Bool
	case kindCount:
		n, ok := intOf(value)
		good = ok && n > 0
	case kindExpression:
	}
	if !good {
		p.add(attr.Expr.Range(), "%s of %s must be %s", of.name, placeOf(w.where), of.kind)
	}
}

// String names the kind, for messages.
func (k valueKind) String() string {
	return [...]string{"a value", "a text", "true or false", "a whole number above zero"}[k]
}

// intOf returns a value as a number that fits an int, and whether it is one.
func intOf(v cty.Value) (int, bool) {
	if v.IsNull() || v.Type() != cty.Number {
		return 0, false
	}
	n, accuracy := v.AsBigFloat().Int64()
	return int(n), accuracy == 0 && n < 1<<40 && n > -(1<<40)
}

// placeOf names a block, for messages.
func placeOf(where string) string {
	if where == "" {
		return "the definition"
	}
	return "the block " + where
}

func attrName(a attributeSpec) string { return a.name }
func blockName(b blockSpec) string    { return b.name }

// listNames lists the names of attributes or blocks, for messages.
func listNames[T any](all []T, name func(T) string) string {
	var listed []string
	for _, one := range all {
		listed = append(listed, name(one))
	}
	if len(listed) == 0 {
		return "none"
	}
	return strings.Join(listed, ", ")
}
