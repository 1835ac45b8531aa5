package provider

import (
	"cmp"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// signIns is a vendor that shows no name and no address of a user, but the sign-in name.
type signIns struct {
	login, state string
	team         string // of the user who owns the key
	name         string // of the person; empty for none
	reads, sent  int
	read         func(*signIns) // before a read
	busy         func(*signIns) // at a call that is not taken; nil after it
	definition   string         // empty for signInDefinition
}

const signInDefinition = `
title      = "Sign-ins"
docs       = "https://docs.signins.example"
base_url   = "https://api.signins.example/v1"
unknown_id = "999"
error      = answer.json.error

credentials {
  headers = { X-Key = key }
}

user {
  id     = tostring(record.ref)
  login  = record.login
  status = record.state == "ended" ? "closed" : "active"
}

read {
  path   = ["people", user.id]
  record = answer.json.data
  absent = answer.status == 404 && answer.json.error == "no_person"
}

alive {
  path  = ["whoami"]
  works = answer.json.data.ref > 0
  self  = tostring(answer.json.data.ref)
}

step "end" {
  method   = "DELETE"
  path     = ["people", user.id]
  accepted = answer.status == 202 && answer.json.job != null
  done     = user.absent || user.status == "closed"
}

example "somebody" {
  of     = "read"
  answer = { status = 200, json = { data = { ref = 5, login = "ines", state = "on" } } }
  expect = { id = "5", status = "active", login = "ines" }
}

example "no user" {
  of     = "read"
  answer = { status = 404, json = { error = "no_person" } }
  expect = { absent = true }
}

example "the end begins" {
  of     = "step end"
  answer = { status = 202, json = { job = "j1" } }
  expect = { accepted = true }
}
`

func (s *signIns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodDelete && s.busy != nil:
		s.busy(s)
		s.busy = nil
		w.Header().Set("Retry-After", "5")
		say(w, 429, `{}`)
	case r.Method == http.MethodDelete:
		s.sent++
		s.state = "ended"
		say(w, 202, `{"job":"j1"}`)
	case strings.HasSuffix(r.URL.Path, "/whoami"):
		say(w, 200, fmt.Sprintf(`{"data":{"ref":1,"team":%q}}`, s.team))
	case strings.HasSuffix(r.URL.Path, "/people/1"):
		say(w, 200, `{"data":{"ref":1,"name":"Root","login":"root","state":"on"}}`)
	case strings.HasSuffix(r.URL.Path, "/people/5"):
		if s.reads++; s.read != nil {
			s.read(s)
		}
		say(w, 200, fmt.Sprintf(`{"data":{"ref":5,"name":%q,"login":%q,"state":%q}}`, s.name, s.login, s.state))
	default:
		say(w, 404, `{"error":"no_person"}`)
	}
}

var signInKind = kindDeclared("parlance", "Sign-ins")

func (s *signIns) process(t *testing.T, log string) *driver {
	t.Helper()
	return virtualDriver(t, s, attributes{"evidence_log": log, "vendors": attributes{"parlance": attributes{
		"definition": cmp.Or(s.definition, signInDefinition), "api_key": mockKey, "base_url": "http://127.0.0.1:1",
	}}})
}

// A sign-in name that changed says that somebody else has the ID: since the import, if nothing else says
// who has it, and since the plan in any case.
func TestHostileDeclared_anotherSignInNameIsNotClosed(t *testing.T) {
	t.Parallel()
	for name, planned := range map[string]bool{"since the import": false, "since the plan": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &signIns{login: "ines", state: "on"}
				log := filepath.Join(t.TempDir(), "log.jsonl")
				d := s.process(t, log)
				m := d.mustImport(signInKind, "5")
				if !planned {
					s.login = "otto"
				}
				p, diags := s.process(t, log).planDestroy(m)
				s.login = "otto"
				if planned {
					m, diags = s.process(t, log).apply(t.Context(), p)
				}
				if diags.errors() == "" || s.sent > 0 || m.gone() {
					t.Errorf("got %d calls, gone %t, %q, want the account refused", s.sent, m.gone(), diags.errors())
				}
			})
		})
	}
}

// An account that somebody else closes between the first look and the call is not closed by this
// provider, which has sent nothing.
func TestHostileDeclared_withoutACallTheAccountIsAlreadyClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &signIns{login: "ines", state: "on"}
		log := filepath.Join(t.TempDir(), "log.jsonl")
		d := s.process(t, log)
		p := s.process(t, log).mustPlanDestroy(d.mustImport(signInKind, "5"))
		before := s.reads
		s.read = func(s *signIns) {
			if s.reads == before+1 {
				time.Sleep(3 * time.Second)
			} else {
				s.state = "ended"
			}
		}
		after, diags := s.process(t, log).apply(t.Context(), p)
		o := lastOutcome(t, log)
		if !after.gone() || s.sent > 0 || o.Result != evidence.AlreadyClosed || o.Proof == "" {
			t.Errorf(
				"got gone %t, %d calls, result %q, %q, want it already closed",
				after.gone(),
				s.sent,
				o.Result,
				diags.errors(),
			)
		}
	})
}

// A key with other rights than at the plan may be that of another organization, which has the same
// person under the same ID.
func TestHostileDeclared_otherRightsThanAtThePlanCloseNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := twoCompanies(teamInes)
		log := filepath.Join(t.TempDir(), "log.jsonl")
		d := c.process(t, log)
		p := c.process(t, log).mustPlanDestroy(d.mustImport(teamKind, "123456"))
		c.company = "88002"
		after, diags := c.process(t, log).apply(t.Context(), p)
		if after.gone() || c.sent > 0 || !strings.Contains(diags.errors(), "API key has other rights") {
			t.Errorf("got gone %t and %d calls, %q, want the closure refused", after.gone(), c.sent, diags.errors())
		}
		wantRefused(t, log, "review")
		c.company = "77001"
		if _, diags = c.process(t, log).apply(t.Context(), p); c.sent != 1 {
			t.Errorf("got %d calls, %q, want the closure with the key of the plan", c.sent, diags.errors())
		}
	})
}
