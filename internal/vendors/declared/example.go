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
// Then it tries answers that no example shows.
func (p *problems) runExamples(d *Definition) {
	d.read.forbidden = slices.ContainsFunc(d.examples, func(e exampleBlock) bool { return p.saysForbiddenIsAbsent(&e) })
	var read []readExample
	var open []User
	absent := false
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
		read = append(read, readExample{e, a})
		if e.of != "read" {
			continue
		}
		absent = absent || truthOf(got.values["absent"])
		if u, err := d.readAnswer(a); err == nil {
			open = append(open, u)
			p.probeOpen(d, e.name, u)
		}
	}
	p.checkExamples(d, open, absent)
	p.checkNamed(d, open)
	for _, b := range d.absences() {
		p.probeAbsence(b, read)
	}
	for i := range d.steps {
		p.probeAccepted(d, &d.steps[i], read)
	}
	p.probeAlive(d)
	if len(open) > 0 {
		for _, r := range d.readings(open[0]) {
			p.probeReading(r)
		}
	}
}

// probeOpen tries what must not end the closure of an open user.
func (p *problems) probeOpen(d *Definition, example string, u User) {
	p.checkNotDone(d, example, u)
	p.probeTypes(d, example, u)
	p.probeStatus(d, example, u)
	for i := range d.steps {
		p.probeDone(d, &d.steps[i], example, u)
		p.probeForms(d, &d.steps[i], example, u)
	}
}

// checkExamples checks that there are the examples of read that the other checks need.
func (p *problems) checkExamples(d *Definition, open []User, absent bool) {
	last := d.lastStep().done
	isSuspended := func(u User) bool { return u.Status == offboard.Suspended }
	switch at := d.read.absent.expr.Range(); {
	case len(open) == 0:
		p.add(at, "there must be an example of read in which a user is open")
	case !absent:
		p.add(at, "there must be an example of read in which the user is absent")
	case last.uses(varRecord) && last.uses(varWas) && d.words[string(offboard.Suspended)] &&
		!slices.ContainsFunc(open, isSuspended):
		p.add(last.expr.Range(), "done compares record with was, and a user may be suspended, which is not the end: "+
			"there must be an example of read in which a user is suspended")
	}
}

// checkNotDone checks that the closure is not done for an open user, whatever the status of an open one
// is.
func (p *problems) checkNotDone(d *Definition, example string, u User) {
	done := d.lastStep().done
	vars := variables{varRecord: u.record, varWas: u.record, varSetting: d.set}
	for _, u.Status = range []offboard.Status{u.Status, offboard.Active, offboard.Suspended, offboard.Unknown} {
		vars[varUser] = u.variable()
		if done.holds(vars) {
			p.add(done.expr.Range(), "done holds for the user of the example %q with the status %s, which is not closed. "+
				"Write user.absent, user.status == \"closed\", or what differs between record and was", example, u.Status)
			return
		}
	}
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
