package declared

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// contractCheck compares what came with the examples of the definition.
type contractCheck struct {
	*Client
	users map[string]User // the sacrificial users, by ID, as read before their closure
}

// Contract returns what the contract check needs of the client.
func (c *Client) Contract() contract.Vendor { return &contractCheck{c, map[string]User{}} }

// Ask implements contract.Vendor.
func (c *contractCheck) Ask(ctx context.Context) {
	if _, err := c.check(ctx); err == nil && c.def.list != nil {
		_, _ = c.firstPage(ctx)
	}
	c.askWrongKey(ctx)
}

// wrongKey is a key that nobody has.
const wrongKey = "offboard-wrong-key"

// askWrongKey makes the request alive with another key, if headers hold the key or the token.
func (c *contractCheck) askWrongKey(ctx context.Context) {
	vars := variables{
		varKey:     cty.StringVal(wrongKey),
		varSetting: c.def.set,
		varSelf:    c.setup.self(),
		varFresh:   newFresh(),
	}
	header, err := headersOf(c.def.credentials.headers, vars)
	if c.tokens != nil {
		header = bearer(wrongKey)
	}
	made, bad := c.def.alive.build(vars)
	if err != nil || bad != nil || len(header) == 0 || c.def.KeyInQuery() {
		return
	}
	made.Header = header
	_, _ = c.rest.Read(contract.As(contract.In(ctx, c.def.alive.block), contract.WrongKey), made)
}

// AskOf implements contract.Vendor.
func (c *contractCheck) AskOf(ctx context.Context, at contract.Stage, u offboard.User) {
	read, err := c.User(ctx, u.ID)
	if err != nil {
		return
	}
	if at == contract.Before {
		c.users[u.ID] = read
		c.find(contract.As(ctx, contract.SameCase), read.Email)
		c.find(contract.As(ctx, contract.OtherCase), strings.ToUpper(read.Email))
	}
	if at == contract.Suspended {
		c.find(contract.As(ctx, contract.AtSuspended), read.Email)
	}
}

// find asks for the address of a sacrificial user.
func (c *contractCheck) find(ctx context.Context, email string) {
	if c.def.find != nil && email != "" {
		_, _ = c.FindByEmail(ctx, email)
	}
}

// Again implements contract.Vendor. It makes the last call of a suspension or a closure.
func (c *contractCheck) Again(ctx context.Context, at contract.Stage, id string) {
	u, ok := c.users[id]
	step := c.def.lastStep()
	if steps := c.def.suspension(); at == contract.Suspended {
		step = steps[len(steps)-1]
	}
	if !ok {
		return
	}
	made, err := c.buildCall(ctx, step, u)
	if err == nil {
		_, _ = c.rest.Change(contract.In(ctx, step.block), made)
	}
}

// Facts implements contract.Vendor. For each block one fact is that its answers read as in one of its
// examples, and one for each example is that such an answer came. All of them judge one reading of the
// answers.
func (c *contractCheck) Facts() (facts []contract.Fact) {
	var blocks []string
	var once sync.Once
	var answers []seenAnswer
	examples := c.def.seenExamples()
	came := func(t *contract.Transcript) []seenAnswer {
		once.Do(func() { answers = c.def.answers(t) })
		return answers
	}
	for i := range examples {
		e := &examples[i]

		block := offboard.Text(e.of) // it may have a label
		if !slices.Contains(blocks, e.of) {
			blocks = append(blocks, e.of)
			facts = append(facts, contract.Fact{
				Name:  block,
				Says:  fmt.Sprintf("Each answer to `%s` reads as in one of its examples, and has its form.", block),
				Judge: func(t *contract.Transcript) contract.Judgment { return judgeBlock(came(t), examples, e.of) },
			})
		}
		facts = append(facts, contract.Fact{
			Name:  block + ": " + offboard.Text(e.example),
			Says:  fmt.Sprintf("An answer to `%s` as in this example comes.", block),
			Judge: func(t *contract.Transcript) contract.Judgment { return judgeExample(came(t), e) },
		})
	}
	return facts
}

// seenAnswer is an answer that came, or that of an example, and what the definition reads in it.
type seenAnswer struct {
	answerValue
	of, reads string
	user      string // the sacrificial user; empty for none
	wrongKey  bool   // it is the answer to a wrong key

	example string // the name of the example; empty for an answer that came
}

// answers returns the answers to the requests of blocks, as the definition reads them.
func (d *Definition) answers(t *contract.Transcript) (all []seenAnswer) {
	users := map[string]User{}
	for _, x := range t.All(func(x *contract.Exchange) bool { return x.Block != "" }) {
		if x.Status == http.StatusTooManyRequests || x.Status >= http.StatusInternalServerError {
			continue // it was asked again
		}
		a := newAnswer(rest.Answer{Method: x.Method, Path: x.Path, Status: x.Status, Header: x.Header, Body: x.Text()})
		u, ok := users[x.User]
		if !ok {
			u = User{record: cty.NullVal(cty.DynamicPseudoType)}
		}
		m, known := d.meaningFor(x.Block, u, a)
		if !known {
			continue
		}
		if read, err := d.readAnswer(a); x.Block == "read" && err == nil {
			users[x.User] = read
		}
		all = append(all, seenAnswer{
			answerValue: a, of: x.Block, reads: m.inWords(x.Block), user: x.User, wrongKey: x.Label == contract.WrongKey,
		})
	}
	return all
}

// inWords says what a meaning is, without a value.
func (m meaning) inWords(of string) string {
	kind, _, _ := strings.Cut(of, " ")
	if kind == "step" {
		return m.stepInWords()
	}
	is := func(name string) bool { return truthOf(m.values[name]) }
	switch {
	case of == "alive" && is("works"):
		return "a key that works"
	case of == "read" && is("absent"):
		return "no such user"
	case m.err != nil:
		return "an error"
	case of == "read":
		status, _ := textOf(m.values["status"])
		return "a user who is " + status
	case of == "list":
		return "a list"

	case m.finds(kind):
		return "something"
	}
	return "nothing"
}

// finds reports whether the answer to a block that looks for something shows it.
func (m meaning) finds(kind string) bool {
	switch kind {
	case "trace":
		return truthOf(m.values["found"])
	case "obstacle":
		return m.values["says"].LengthInt() > 0
	case "find_by_email":
		return m.values["ids"].LengthInt() > 0
	}
	return false
}

// stepInWords is inWords for the answer to a step.
func (m meaning) stepInWords() string {
	for _, word := range []string{"gone", "accepted", "refused"} {
		if truthOf(m.values[word]) {
			return word
		}
	}
	return "lost"
}

// seenExamples returns the answers of the examples.
func (d *Definition) seenExamples() (all []seenAnswer) {
	for i := range d.examples {
		e := &d.examples[i]
		a, ok := (&problems{}).exampleAnswer(e)
		if m, known := d.meaningOf(e, a); ok && known {
			all = append(all, seenAnswer{answerValue: a, of: e.of, reads: m.inWords(e.of), example: e.name})
		}
	}
	return all
}

// is reports whether an answer reads as that of an example, and has all that the example has.
func (s *seenAnswer) is(example *seenAnswer) bool {
	given, _ := attributeOf(example.value, "json")
	came, _ := attributeOf(s.value, "json")
	return s.of == example.of && s.reads == example.reads && s.Status == example.Status && hasForm(came, given)
}

// hasForm reports whether JSON has the fields of other JSON, with values of the same types. A null may
// stand for any of them.
func hasForm(came, given cty.Value) bool {
	switch {
	case given.IsNull() || came.IsNull():
		return true
	case given.Type().IsObjectType() && came.Type().IsObjectType():
		for name, field := range given.AsValueMap() {
			other, ok := attributeOf(came, name)
			if !ok || !hasForm(other, field) {
				return false
			}
		}
		return true
	case given.Type().IsTupleType() && came.Type().IsTupleType():
		return given.LengthInt() == 0 || came.LengthInt() == 0 ||
			hasForm(came.AsValueSlice()[0], given.AsValueSlice()[0])
	}
	return given.Type() == came.Type()
}

func judgeExample(came []seenAnswer, e *seenAnswer) contract.Judgment {
	for i := range came {
		if came[i].is(e) {
			return contract.Holds(came[i].inWords())
		}
	}
	return contract.Open("no such answer came")
}

// inWords says what came, without a value.
func (s *seenAnswer) inWords() string {
	return fmt.Sprintf("HTTP %d, which reads as %s", s.Status, s.reads)
}

func judgeBlock(came, examples []seenAnswer, of string) contract.Judgment {
	asked, fresh := false, map[string]bool{}
	for i := range came {
		a := &came[i]
		if a.of != of || a.wrongKey { // only an example says what a wrong key gets
			continue
		}
		asked = true
		if !a.isAmong(examples) {
			fresh[a.inWords()] = true
		}
	}
	switch {
	case !asked:
		return contract.NotAsked()
	case len(fresh) == 0:
		return contract.Holds("each answer is one of an example")
	}
	return contract.IsNew("no example has this: " + strings.Join(slices.Sorted(maps.Keys(fresh)), "; "))
}

// isAmong reports whether an answer is one of an example.
func (s *seenAnswer) isAmong(examples []seenAnswer) bool {
	return slices.ContainsFunc(examples, func(e seenAnswer) bool { return s.is(&e) })
}
