package declared

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// exampleBlock is an answer of the vendor, and what it means.
type exampleBlock struct {
	name, of             string
	at                   hcl.Range
	answer, expect, user *expression
}

// meaning is what an answer means, by the names that expect may have.
type meaning struct {
	values map[string]cty.Value
	err    error // why the answer cannot be read; nil if it can
}

// runExamples checks every example, and that there is one of an open user and one of an absent one.
func (p *problems) runExamples(d *Definition) {
	open, absent := false, false
	d.read.forbidden = slices.ContainsFunc(d.examples, func(e exampleBlock) bool { return p.saysForbiddenIsAbsent(&e) })
	for i := range d.examples {
		e := &d.examples[i]
		a, ok := p.exampleAnswer(e)
		if !ok {
			continue
		}
		got, known := d.meaningOf(e, a)
		if !known {
			p.add(e.at, "there is no block %q to read the answer; of is such as read, list or \"step NAME\"", e.of)
			continue
		}
		p.compare(e, got)
		if e.of == "read" {
			if truthOf(got.values["absent"]) {
				absent = true
				p.probeOtherWords(d, e, a)
			}
			open = open || p.exampleOfUser(d, e, a)
		}
	}
	if at := d.read.absent.expr.Range(); !open {
		p.add(at, "there must be an example of read in which a user is open")
	} else if !absent {
		p.add(at, "there must be an example of read in which the user is absent")
	}
	p.probeAbsent(d)
}

// exampleOfUser reports whether an example shows an open user, for whom the closure must not be done
// already.
func (p *problems) exampleOfUser(d *Definition, e *exampleBlock, a answerValue) bool {
	u, err := d.readAnswer(a)
	if err != nil {
		return false
	}
	last := d.lastStep()
	done := last.done.holds(variables{
		varUser: u.variable(), varRecord: u.record, varWas: u.record, varSetting: d.set,
	})
	if done {
		p.add(last.done.expr.Range(), "done holds for the user of the example %q, who is %s", e.name, u.Status)
	}
	return true
}

// saysForbiddenIsAbsent reports whether an example takes HTTP 403 for an absence.
func (p *problems) saysForbiddenIsAbsent(e *exampleBlock) bool {
	answer, err := e.answer.fields(nil)
	expect, otherErr := e.expect.fields(nil)
	if err != nil || otherErr != nil || e.of != "read" {
		return false
	}
	status, ok := intOf(answer["status"])
	return ok && status == http.StatusForbidden && truthOf(expect["absent"])
}

// probeOtherWords refuses an absence that does not depend on what the answer says: with every value of
// its JSON another one, it must not hold.
func (p *problems) probeOtherWords(d *Definition, e *exampleBlock, a answerValue) {
	body, _ := attributeOf(a.value, "json")
	if body.IsNull() {
		return
	}
	fields := a.value.AsValueMap()
	fields["json"] = otherValue(body)
	a.value = cty.ObjectVal(fields)
	if d.read.saysAbsent(a) {
		p.add(d.read.absent.expr.Range(), "absent holds for the answer of the example %q with any other values in it, "+
			"so it must look at what the answer says", e.name)
	}
}

// otherValue returns JSON of the same form in which every value is another one.
func otherValue(v cty.Value) cty.Value {
	switch t := v.Type(); {
	case v.IsNull():
		return cty.EmptyObjectVal
	case t == cty.String:
		return cty.StringVal("another word")
	case t == cty.Number:
		return v.Add(cty.NumberIntVal(7919))
	case t == cty.Bool:
		return v.Not()
	case t.IsObjectType():
		fields := map[string]cty.Value{}
		for name, field := range v.AsValueMap() {
			fields[name] = otherValue(field)
		}
		return cty.ObjectVal(fields)
	}
	all, _ := elementsOf(v)
	others := []cty.Value{}
	for _, one := range all {
		others = append(others, otherValue(one))
	}
	if len(others) == 0 {
		others = append(others, cty.EmptyObjectVal)
	}
	return cty.TupleVal(others)
}

// probes are answers that gateways, proxies and frameworks give for a wrong path.
var probes = []string{``, `{}`, `[]`, `{"message":"Not Found"}`, `{"error":"Not Found"}`, `{"detail":"Not Found"}`}

// probeAbsent refuses a definition that takes the answer of somebody else for an absence.
func (p *problems) probeAbsent(d *Definition) {
	for _, body := range probes {
		a := newAnswer(rest.Answer{Status: http.StatusNotFound, Body: []byte(body)})
		if d.read.saysAbsent(a) {
			p.add(d.read.absent.expr.Range(), "absent holds for HTTP 404 with the body %q, which a gateway gives, too", body)
			return
		}
	}
}

// exampleAnswer makes the answer of an example.
func (p *problems) exampleAnswer(e *exampleBlock) (answerValue, bool) {
	fields, err := e.answer.fields(nil)
	if err != nil {
		p.add(e.at, "%v", err)
		return answerValue{}, false
	}
	answer := rest.Answer{Header: http.Header{}}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var good bool
		field := fields[name]
		switch name {
		case "status":
			answer.Status, good = intOf(field)
		case "json":
			answer.Body, err = ctyjson.Marshal(field, field.Type())
			good = err == nil
		case "headers":
			good = exampleHeaders(answer.Header, field)
		}
		if !good {
			p.add(e.answer.expr.Range(), "%q of the answer cannot be used; it has status, json and headers", name)
			return answerValue{}, false
		}
	}
	if answer.Status < 100 || answer.Status > 599 {
		p.add(e.answer.expr.Range(), "the answer needs a status such as 200")
		return answerValue{}, false
	}
	return newAnswer(answer), true
}

func exampleHeaders(into http.Header, v cty.Value) bool {
	if v.IsNull() || !v.Type().IsObjectType() {
		return false
	}
	for name, field := range v.AsValueMap() {
		s, ok := textOf(field)
		if !ok {
			return false
		}
		into.Set(name, s)
	}
	return true
}

// names lists what the meaning has, for messages.
func (m meaning) names() string { return strings.Join(slices.Sorted(maps.Keys(m.values)), ", ") }

// compare compares what an answer means with what its example expects.
func (p *problems) compare(e *exampleBlock, got meaning) {
	want, err := e.expect.fields(nil)
	if err != nil {
		p.add(e.at, "%v", err)
		return
	}
	if len(want) == 0 {
		p.add(e.expect.expr.Range(), "expect is empty; it has %s", got.names())
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		value, ok := got.values[name]
		switch {
		case !ok && got.err != nil, ok && got.err != nil && !sameValue(want[name], value):
			p.add(e.expect.expr.Range(), "the answer of the example %q cannot be read: %v", e.name, got.err)
			return
		case !ok:
			p.add(e.expect.expr.Range(), "the answer of the example %q has no %q; it has %s", e.name, name, got.names())
		case !sameValue(want[name], value):
			p.add(e.expect.expr.Range(), "the example %q expects %s = %s, and the definition reads %s",
				e.name, name, jsonText(want[name]), jsonText(value))
		}
	}
}

// sameValue reports whether two values are the same, as far as their types allow.
func sameValue(want, got cty.Value) bool {
	if converted, err := convert.Convert(want, got.Type()); err == nil {
		want = converted
	}
	return want.RawEquals(got) || want.IsNull() && got.IsNull() || jsonText(want) == jsonText(got)
}

// jsonText shows a value of an example.
func jsonText(v cty.Value) string {
	encoded, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return typeName(v)
	}
	return offboard.Text(string(encoded))
}
