package provider

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// What a call holds changes after the plan. No fact shows that, or a person sees no difference.
func TestHostileDeclared_aCallThatHoldsSomethingElseThanAtThePlanIsNotSent(t *testing.T) {
	t.Parallel()
	const person = "  login  = record.login\n  name   = record.name\n"
	for name, c := range map[string]struct {
		query  string // of the call
		change func(*signIns)
	}{
		"the letter case":        {`query = { login = user.login }`, func(s *signIns) { s.login = "INES" }},
		"the name":               {`query = { name = user.name, id = user.id }`, func(s *signIns) { s.name = "ines  varga" }},
		"the team of the key":    {`query = { team = self.team }`, func(s *signIns) { s.team = "two" }},
		"what the call has not":  {`query = { a = user.id }`, func(s *signIns) { s.team = "two" }},
		"nothing at all changes": {`query = { team = self.team, name = user.name }`, func(*signIns) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &signIns{login: "ines", name: "Ines Varga", state: "on", team: "one"}
				s.definition = strings.NewReplacer(
					`login = "ines", state`, `login = "ines", name = "Ines", state`,
					"  login  = record.login\n", person,
					"  self  = tostring(answer.json.data.ref)\n",
					"  self  = tostring(answer.json.data.ref)\n  record = answer.json.data\n",
					`  path     = ["people", user.id]`, `  path     = ["people", user.id]`+"\n  "+c.query,
				).Replace(signInDefinition)
				log := filepath.Join(t.TempDir(), "log.jsonl")
				m := s.process(t, log).mustImport(signInKind, "5")
				p := s.process(t, log).mustPlanDestroy(m)
				c.change(s)
				m, diags := s.process(t, log).apply(t.Context(), p)
				closes := strings.Contains(name, "not") || strings.Contains(name, "nothing")
				if m.gone() != closes || (s.sent > 0) != closes || (diags.errors() == "") != closes {
					t.Errorf("got gone %t after %d calls and %q, want it closed: %t", m.gone(), s.sent, diags.errors(), closes)
				}
			})
		})
	}
}

// The call has to wait. The read before the next attempt shows another sign-in name, which the call would
// hold.
func TestHostileDeclared_aCallThatChangesWhileItWaitsIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &signIns{login: "ines", state: "on", busy: func(s *signIns) { s.login = "INES" }}
		s.definition = strings.Replace(signInDefinition, `  path     = ["people", user.id]`,
			`  path     = ["people", user.id]`+"\n  query    = { login = user.login }", 1)
		log := filepath.Join(t.TempDir(), "log.jsonl")
		p := s.process(t, log).mustPlanDestroy(s.process(t, log).mustImport(signInKind, "5"))
		m, diags := s.process(t, log).apply(t.Context(), p)
		if m.gone() || s.sent > 0 || diags.errors() == "" {
			t.Errorf("got gone %t after %d calls and %q, want nothing sent", m.gone(), s.sent, diags.errors())
		}
	})
}

// Nothing but the sign-in name says who has the account in this answer, although the definition knows
// names.
func TestHostileDeclared_withoutANameTheSignInNameSaysWhoItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &signIns{login: "ines", state: "on"}
		s.definition = strings.Replace(signInDefinition, "  login  = record.login\n",
			"  login  = record.login\n  name   = try(record.name, null)\n", 1)
		log := filepath.Join(t.TempDir(), "log.jsonl")
		m := s.process(t, log).mustImport(signInKind, "5")
		s.login = "otto"
		if _, diags := s.process(t, log).planDestroy(m); diags.errors() == "" {
			t.Error("got a plan, want the account of somebody else refused")
		}
	})
}
