package declared

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// probes are bodies that say nothing of a user. Gateways, proxies and frameworks give them for a wrong
// path, and vendors that are busy or refuse the key give them with HTTP 200.
var probes = []string{
	`{"message":"Not Found"}`, `{"error":"Not Found"}`, `{"detail":"Not Found"}`,
	`{"success":false,"ok":false,"status":"error","message":"Too many requests"}`, `{}`, `[]`, ``,
}

// probed names an answer of the probes, for messages.
func (v answerValue) probed() string {
	if len(v.Body) == 0 {
		return fmt.Sprintf("HTTP %d without a body, which a gateway gives, too", v.Status)
	}
	return fmt.Sprintf("HTTP %d with the body %s, which a gateway gives, too", v.Status, v.Body)
}

// probedStatuses are those with which every block is probed.
var probedStatuses = []int{http.StatusOK, http.StatusNotFound, http.StatusGone}

// probeAnswers are the probes with these statuses.
var probeAnswers = sync.OnceValue(func() (all []answerValue) {
	for _, status := range probedStatuses {
		all = append(all, probesWith(status, nil)...)
	}
	return all
})

// probesWith returns the probes with a status and with headers. An empty list with HTTP 200 may be the
// vendor's own.
func probesWith(status int, header http.Header) (all []answerValue) {
	for _, body := range probes {
		if body != `[]` || status >= http.StatusMultipleChoices {
			all = append(all, newAnswer(rest.Answer{Status: status, Header: header, Body: []byte(body)}))
		}
	}
	return all
}

// commonHeaders are headers that every server gives.
var commonHeaders = []string{"Cache-Control", "Connection", "Content-Length", "Content-Type", "Server", "Via"}

// probesLike returns the probes with the status and the common headers of an answer, if they are not
// among the probes anyway.
func probesLike(a answerValue) []answerValue {
	common := http.Header{}
	for _, name := range commonHeaders {
		if said := a.Header.Get(name); said != "" {
			common.Set(name, said)
		}
	}
	if len(common) == 0 && slices.Contains(probedStatuses, a.Status) {
		return nil
	}
	return probesWith(a.Status, common)
}

// readExample is an example whose answer could be made.
type readExample struct {
	*exampleBlock

	answer answerValue
}

// absence is an expression by which the answer to a block says that there is no such user.
type absence struct {
	block string
	expr  *expression
	holds func(answerValue) bool
}

// absences returns all of them.
func (d *Definition) absences() []absence {
	all := []absence{{d.read.block, d.read.absent, d.read.saysAbsent}}
	if d.find != nil && d.find.absent != nil {
		all = append(all, absence{d.find.block, d.find.absent, d.find.saysAbsent})
	}
	for i := range d.steps {
		if s := &d.steps[i]; s.gone != nil {
			all = append(all, absence{s.block, s.gone, s.saysGone})
		}
	}
	return all
}

// probeAbsence refuses an absence that an answer shows, too, which the vendor gives for another reason,
// with other values, or which says nothing. HTTP 204 has no body, so only the vendor means something by
// it.
func (p *problems) probeAbsence(b absence, examples []readExample) {
	answers := probeAnswers()
	for _, e := range examples {
		if e.of != b.block || !b.holds(e.answer) || e.answer.Status == http.StatusNoContent {
			continue
		}
		answers = slices.Concat(answers, probesLike(e.answer))
		if b.holds(e.answer.withOtherWords()) {
			p.add(b.expr.expr.Range(), "%s holds for the answer of the example %q with any other values in it, "+
				"so it must look at what the answer says", b.expr.name, e.name)
		}
		p.probeOtherField(b, e)
		p.probeEcho(b, e)
		p.probeNoList(b, e)
	}
	i := slices.IndexFunc(answers, b.holds)
	if i < 0 {
		return
	}
	hint := `answer.json.FIELD == "WORD" or jsonencode(answer.json) == "[]"`
	if field := b.expr.fieldOfJSON(); field != "" {
		hint = fmt.Sprintf(`length(%[1]s) == 0, %[1]s == null or %[1]s == "WORD"`, field)
	}
	p.add(b.expr.expr.Range(), "%s of the block %s holds for %s. "+
		"Compare what the vendor itself says, without try and can, as in %s",
		b.expr.name, b.block, answers[i].probed(), hint)
}

// probeOtherField refuses an absence that an answer shows, too, in which a text or a number that it looks at
// is another one. Words for people may be any.
func (p *problems) probeOtherField(b absence, e readExample) {
	paths := pathsOfAnswer([]*expression{b.expr})
	for _, path := range looksInBody([]*expression{b.expr}) {
		paths = append(paths, append([]string{"json"}, path...))
	}
	for _, path := range paths {
		was := firstAt(e.answer.value, path)
		if len(path) < 2 || was == cty.NilVal || was.IsNull() || !was.Type().IsPrimitiveType() || isForPeople(path) {
			continue
		}
		other := e.answer
		other.value = withField(e.answer.value, path, otherValue(was))
		if b.holds(other) {
			field := strings.Join(append([]string{varAnswer}, path...), ".")
			p.add(b.expr.expr.Range(), "%s of the block %s holds for the answer of the example %q with any other %s. "+
				"Name the value that means an absence, as in %[4]s == %s", b.expr.name, b.block, e.name, field, jsonText(was))
			return
		}
	}
}

// isForPeople reports whether a field has words for people.
func isForPeople(path []string) bool {
	name := strings.ToLower(path[len(path)-1])
	return slices.ContainsFunc([]string{"message", "detail", "description", "text"}, func(end string) bool {
		return strings.HasSuffix(name, end)
	})
}

// withOtherWords returns an answer of the same form in which every value is another one.
func (v answerValue) withOtherWords() answerValue {
	fields := v.value.AsValueMap()
	if !fields["json"].IsNull() {
		fields["json"] = otherValue(fields["json"])
	}
	fields["headers"] = otherValue(fields["headers"])
	v.value = cty.ObjectVal(fields)
	return v
}

// otherValue returns a value of the same form in which every value is another one.
func otherValue(v cty.Value) cty.Value {
	switch t := v.Type(); {
	case v.IsNull():
		return cty.EmptyObjectVal
	case t == cty.String:
		return otherText
	case t == cty.Number:
		return v.Add(otherNumber)
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

// What no example has.
var (
	otherText   = cty.StringVal("another word")
	otherNumber = cty.NumberIntVal(7919)
)

// reading is a block whose answer shows something, or nothing.
type reading struct {
	request *requestBlock
	found   *expression // what it shows
	meaning func(answerValue) meaning
}

// readings returns all of them, for a user before the answer.
func (d *Definition) readings(u User) (all []reading) {
	if d.list != nil {
		all = append(all, reading{&d.list.requestBlock, d.list.records, d.listMeaning})
	}
	if d.find != nil {
		found := d.find.records
		if found == nil {
			found = d.find.record
		}
		all = append(all, reading{&d.find.requestBlock, found, func(a answerValue) meaning { return d.findMeaning(u, a) }})
	}
	for i := range d.obstacles {
		if o := &d.obstacles[i]; o.request != nil {
			meaning := func(a answerValue) meaning { return d.obstacleMeaning(o, u, a) }
			all = append(all, reading{o.request, o.found, meaning})
		}
	}
	for i := range d.traces {
		t := &d.traces[i]
		meaning := func(a answerValue) meaning { return d.traceMeaning(t, u, a) }
		all = append(all, reading{&t.requestBlock, t.found, meaning})
	}
	return all
}

// probeReading refuses a block that finds nothing in an answer that says nothing. That must be an error.
func (p *problems) probeReading(r reading) {
	answers := probeAnswers()
	i := slices.IndexFunc(answers, func(a answerValue) bool {
		return r.request.succeeds(a) && r.meaning(a).findsNothing()
	})
	if i < 0 {
		return
	}
	hint := `can(concat(answer.json, []))`
	if field := r.found.fieldOfJSON(); field != "" {
		hint = "can(" + field + ")"
	}
	p.add(r.found.expr.Range(), "%s of the block %s finds nothing in %s. "+
		"That must be an error. Leave out try, or add ok = answer.status == 200 && %s",
		r.found.name, r.request.block, answers[i].probed(), hint)
}

// findsNothing reports whether an answer was read, and nothing was found in it.
func (m meaning) findsNothing() bool {
	return m.err == nil && !slices.ContainsFunc([]string{"ids", "says", "found"}, func(name string) bool {
		v, ok := m.values[name]
		return ok && !isNothing(v)
	})
}

// fieldOfJSON returns the first field of the body that an expression uses, as it is written; empty if
// it uses none.
func (e *expression) fieldOfJSON() string {
	if e == nil {
		return ""
	}
	for _, traversal := range e.expr.Variables() {
		if path := attributesIn(traversal); traversal.RootName() == varAnswer && len(path) > 1 && path[0] == "json" {
			return strings.Join(append([]string{varAnswer}, path...), ".")
		}
	}
	return ""
}
