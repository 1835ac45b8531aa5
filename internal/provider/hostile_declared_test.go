package provider

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// connecteam is the vendor of the definition that users copy, with two companies behind one address.
type connecteam struct {
	company string            // of the key that asks
	people  map[string]string // by company: the users, as JSON
	delete  string            // the answer to the call that archives
	sent    int               // how many such calls left
	deleted func(c *connecteam)
}

const (
	teamInes = `{"userId":123456,"firstName":"Ines","lastName":"Varga","email":"ines.varga@acme.test",` +
		`"userType":"user","isArchived":false}`
	teamOtto = `{"userId":7,"firstName":"Otto","lastName":"Berg","email":"otto@other.test",` +
		`"userType":"user","isArchived":false}`
)

func (c *connecteam) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	users := c.people[c.company]
	switch id := r.URL.Query().Get("userIds"); {
	case r.Method == http.MethodDelete:
		c.sent++
		say(w, 200, c.delete)
		if c.deleted != nil {
			c.deleted(c)
		}
		return
	case r.URL.Path == "/me":
		say(w, 200, fmt.Sprintf(`{"data":{"companyId":%q}}`, c.company))
		return
	case id != "" && !strings.Contains(users, `"userId":`+id+`,`), r.URL.Query().Get("offset") > "0":
		users = ""
	}
	say(w, 200, `{"data":{"users":[`+users+`]}}`)
}

// twoCompanies has Ines in the company of the key, and other users in another one.
func twoCompanies(others string) *connecteam {
	return &connecteam{
		company: "77001", people: map[string]string{"77001": teamInes, "88002": others},
		delete: `{"data":{"success":true}}`,
	}
}

var teamKind = kindDeclared("connecteam", "Connecteam")

func (c *connecteam) process(t *testing.T, log string) *driver {
	t.Helper()
	return virtualDriver(t, c, attributes{"evidence_log": log, "vendors": attributes{"connecteam": attributes{
		"definition": definitionOf("connecteam"), "api_key": mockKey, "base_url": "http://127.0.0.1:1",
		"requests_per_second": 100000,
	}}})
}

// An accepted call is not yet proven. Then the key is that of another company, whose list shows others.
func TestHostileDeclared_theListOfAnotherOrganizationProvesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := twoCompanies(teamOtto)
		log := filepath.Join(t.TempDir(), "log.jsonl")
		d := c.process(t, log)
		m := d.setTimeout(d.mustImport(teamKind, "123456"), "20s")
		m, diags := c.process(t, log).apply(t.Context(), c.process(t, log).mustPlanDestroy(m))
		if m.gone() || c.sent != 1 {
			t.Fatalf("got gone %t and %d calls, %q, want an accepted call that is not proven", m.gone(), c.sent, diags.errors())
		}
		c.company = "88002"
		m, _ = c.process(t, log).read(m)
		p, more := c.process(t, log).planDestroy(m)
		after := m
		if more.errors() == "" {
			after, _ = c.process(t, log).apply(t.Context(), p)
		}
		o := lastOutcome(t, log)
		if after.gone() || o.Result == evidence.AlreadyClosed {
			t.Errorf("got gone %t, result %q, proof %q, want the user kept", after.gone(), o.Result, o.Proof)
		}
	})
}

// A suspension after which the vendor shows the account as closed is none.
func TestHostileDeclared_aClosedAccountIsNotSuspended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &connecteam{company: "77001", people: map[string]string{"77001": teamInes}, delete: `{"data":{"success":true}}`}
		c.deleted = func(c *connecteam) {
			c.people["77001"] = strings.Replace(teamInes, `"isArchived":false`, `"isArchived":true`, 1)
		}
		log := filepath.Join(t.TempDir(), "log.jsonl")
		d := c.process(t, log)
		m := d.mustImport(teamKind, "123456")
		p, diags := d.planBlock(m, attributes{"vendor": "connecteam", "id": "123456", "suspended": true})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		after, diags := c.process(t, log).apply(t.Context(), p)
		o := lastOutcome(t, log)
		if o.Result == evidence.Suspended || after.yes("suspended") || after.text("status") != "closed" ||
			diags.errors() == "" {
			t.Errorf("got result %q, proof %q, suspended %t, status %q, %q, want no suspension",
				o.Result, o.Proof, after.yes("suspended"), after.text("status"), diags.errors())
		}
	})
}

func TestHostileDeclared_aClosedAccountIsNotSuspendedAtItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &connecteam{company: "77001", people: map[string]string{"77001": teamInes}, delete: `{"data":{"success":true}}`}
		log := filepath.Join(t.TempDir(), "log.jsonl")
		d := c.process(t, log)
		p, _ := d.planBlock(
			d.mustImport(teamKind, "123456"),
			attributes{"vendor": "connecteam", "id": "123456", "on_destroy": "suspend"},
		)
		m, diags := c.process(t, log).apply(t.Context(), p)
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		c.deleted = func(c *connecteam) {
			c.people["77001"] = strings.Replace(teamInes, `"isArchived":false`, `"isArchived":true`, 1)
		}
		after, diags := c.process(t, log).destroy(m)
		o := lastOutcome(t, log)
		if o.Result == evidence.Suspended {
			t.Errorf("got gone %t result %q, proof %q, %q, want no suspension", after.gone(), o.Result, o.Proof, diags.errors())
		}
	})
}

// twoKeys is Parley for two organizations behind one address, which only the API key tells apart.
type twoKeys map[string]*liar

func (o twoKeys) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := "X-API-KEY" // as the definition spells it
	if _, ok := r.Header[key]; !ok {
		key = http.CanonicalHeaderKey(key)
	}
	asked := r.Clone(r.Context())
	asked.Header[key] = []string{mockKey}
	o[r.Header[key][0]].ServeHTTP(w, asked)
}

func (o twoKeys) process(t *testing.T, more attributes) *driver {
	t.Helper()
	vendors := attributes{}
	for name := range o {
		vendors[name] = attributes{
			"definition": parleyText(t), "api_key": name, "base_url": "http://127.0.0.1:1" + prefixes["konstantly"],
			"requests_per_second": 100000,
		}
	}
	all := attributes{"vendors": vendors}
	maps.Copy(all, more)
	return virtualDriver(t, o, all)
}

func TestHostileDeclared_theClosureInAnotherOrganizationExplainsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		orgs := twoKeys{"parley_one": newLiar(t, konstantlyCase), "parley_two": newLiar(t, konstantlyCase)}
		d := orgs.process(t, nil)
		one := d.mustPlanDestroy(d.mustImport(kindDeclared("parley_one", "One"), parleyInes))
		two := d.mustPlanDestroy(d.mustImport(kindDeclared("parley_two", "Two"), parleyInes))
		orgs["parley_two"].answer = func(w http.ResponseWriter, _ *http.Request, path string) bool {
			switch path { // the key has lost sight of Ines
			case "/users/" + parleyInes:
				return say(w, 404, `{"status":404,"message":"Not found"}`)
			case "/users":
				return say(w, 200, `{"users":[{"id":"z","name":"Zoe","email":"zoe@acme.test","isBanned":false,`+
					`"role":{"alias":"learner"}}],"totalCount":1}`)
			}
			return false
		}
		time.Sleep(time.Minute)
		d = orgs.process(t, nil)
		if after, diags := d.apply(t.Context(), one); !after.gone() {
			t.Fatal(diags.errors())
		}
		after, diags := d.apply(t.Context(), two)
		if after.gone() || diags.errors() == "" {
			t.Errorf(
				"got gone %t, %q %q, want the user kept: no call was made there",
				after.gone(),
				diags.errors(),
				diags.warnings(),
			)
		}
	})
}

func TestHostileDeclared_eachOrganizationCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		orgs := twoKeys{"parley_one": newLiar(t, konstantlyCase), "parley_two": newLiar(t, konstantlyCase)}
		d := orgs.process(t, attributes{"max_closures": 1})
		d.mustPlanDestroy(d.mustImport(kindDeclared("parley_one", "One"), parleyInes))
		if _, diags := d.planDestroy(d.mustImport(kindDeclared("parley_two", "Two"), parleyInes)); !strings.Contains(
			diags.errors(), "max_closures") {
			t.Errorf("got %q, want max_closures to refuse the second one", diags.errors())
		}
	})
}
