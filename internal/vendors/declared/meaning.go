package declared

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// errorMeaning is what an answer means that ends in an error.
func errorMeaning(err error) meaning {
	return meaning{map[string]cty.Value{"error": cty.BoolVal(err != nil)}, err}
}

// with adds what the answer shows. An answer that ends in an error shows nothing, not even that there
// is nothing.
func (m meaning) with(name string, value cty.Value) meaning {
	if m.err == nil {
		m.values[name] = value
	}
	return m
}

// meaningOf returns what the answer of an example means. It reports false if there is no such block.
func (d *Definition) meaningOf(e *exampleBlock, a answerValue) (meaning, bool) {
	u, err := e.reviewed(d)
	if err != nil {
		return errorMeaning(err), true
	}
	return d.meaningFor(e.of, u, a)
}

// meaningFor returns what an answer to a block means, and reports whether there is such a block. u is
// the user before the answer.
func (d *Definition) meaningFor(of string, u User, a answerValue) (meaning, bool) {
	kind, name, _ := strings.Cut(of, " ")
	switch {
	case of == "read":
		return d.readMeaning(a), true
	case of == "alive":
		found, err := d.aliveAnswer(a)
		m := errorMeaning(err)
		m.values["works"] = cty.BoolVal(err == nil)
		return m.with("self", cty.StringVal(found.self)).with("rights", cty.StringVal(found.rights)), true
	case of == "list" && d.list != nil:
		return d.listMeaning(a), true
	case of == "find_by_email" && d.find != nil:
		return d.findMeaning(u, a), true
	}
	return d.namedMeaning(kind, name, u, a)
}

// namedMeaning is meaningFor for the blocks that have a name.
func (d *Definition) namedMeaning(kind, name string, u User, a answerValue) (meaning, bool) {
	switch kind {
	case "obstacle":
		if i := slices.IndexFunc(d.obstacles, func(o obstacleBlock) bool { return o.name == name }); i >= 0 {
			return d.obstacleMeaning(&d.obstacles[i], u, a), true
		}
	case "step":
		if i := slices.IndexFunc(d.steps, func(s stepBlock) bool { return s.name == name }); i >= 0 {
			return d.stepMeaning(&d.steps[i], u, a), true
		}
	case "trace":
		if i := slices.IndexFunc(d.traces, func(t traceBlock) bool { return t.name == name }); i >= 0 {
			return d.traceMeaning(&d.traces[i], u, a), true
		}
	}
	return meaning{}, false
}

func (d *Definition) stepMeaning(s *stepBlock, u User, a answerValue) meaning {
	err := d.judge(s, u.ID, a)
	lost := offboard.Ambiguous(err)
	declined := (*offboard.DeclinedError)(nil)
	gone := errors.As(err, &declined) && declined.NoAccount
	return meaning{values: map[string]cty.Value{
		"accepted": cty.BoolVal(err == nil), "refused": cty.BoolVal(err != nil && !lost), "lost": cty.BoolVal(lost),
		"gone": cty.BoolVal(gone),
	}}
}

func (d *Definition) traceMeaning(t *traceBlock, u User, a answerValue) meaning {
	found, err := d.traceAnswer(t, u, a)
	return errorMeaning(err).with("found", cty.BoolVal(found))
}

// reviewed returns the user before the answer: a record as the block user reads it.
func (e *exampleBlock) reviewed(d *Definition) (User, error) {
	if e.user == nil {
		return User{record: cty.NullVal(cty.DynamicPseudoType)}, nil
	}
	record, err := e.user.value(nil)
	if err != nil {
		return User{}, err
	}
	return d.userIn(answerValue{Answer: rest.Answer{Status: http.StatusOK}}, record)
}

func (d *Definition) readMeaning(a answerValue) meaning {
	u, err := d.readAnswer(a)
	absent := errors.Is(err, offboard.ErrNotFound)
	if absent || errors.Is(err, offboard.ErrClosed) {
		err = nil
	}
	m := errorMeaning(err)
	m.values["absent"] = cty.BoolVal(absent)
	shown := u.variable().AsValueMap()
	for _, name := range []string{"id", "email", "name", "login", "status", "facts"} {
		m.values[name] = shown[name]
	}
	return m
}

func (d *Definition) listMeaning(a answerValue) meaning {
	page, err := d.listAnswer(context.Background(), a)
	if err != nil {
		return errorMeaning(err)
	}
	first, err := d.list.first.value(nil)
	if err != nil {
		return errorMeaning(err)
	}
	said, err := d.list.turn(a, first)
	if err != nil {
		return errorMeaning(err)
	}
	on, _, err := d.list.following(a, begin{at: first})
	if err == nil {
		page = d.list.ending(page, a, on, on.came)
	}
	m := errorMeaning(page.Missing())
	m.values["ids"], m.values["next"] = idsOf(page.Items), said.next
	m.values["total"] = cty.NumberIntVal(int64(said.total))
	return m
}

func (d *Definition) findMeaning(u User, a answerValue) meaning {
	found, _, err := d.findAnswer(context.Background(), a, u.Email)
	return errorMeaning(err).with("ids", idsOf(found))
}

func (d *Definition) obstacleMeaning(o *obstacleBlock, u User, a answerValue) meaning {
	found, err := d.obstacleAnswer(o, u, a, offboard.Text)
	says := []cty.Value{}
	for _, f := range found {
		says = append(says, cty.StringVal(f.Subject))
	}
	return errorMeaning(err).with("says", cty.TupleVal(says))
}

// idsOf returns the IDs of users.
func idsOf(users []User) cty.Value {
	all := []cty.Value{}
	for _, u := range users {
		all = append(all, cty.StringVal(u.ID))
	}
	return cty.TupleVal(all)
}
