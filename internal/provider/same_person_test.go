package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// shows makes the vendor show this person behind the ID of Ines Varga; an empty text is not shown.
func (v vendorCase) shows(w *testEnv, name, email string) {
	w.mock.Heal()
	w.mock.Fail(mock.Fault{Vendor: v.mockName(), Lie: mock.OtherPerson{ID: v.id, Name: name, Email: email}})
}

// readings of the account of Ines Varga after she was imported, and whether they are hers.
var laterReadings = map[string]struct {
	name, email string
	closed      bool // at a vendor that always shows people
	lastSeen    bool // at a vendor that shows them now and then, it is no change
}{
	"Otto Berg without an address":     {"Otto Berg", "", false, false},
	"Otto Berg with his own":           {"Otto Berg", "otto.berg@acme.test", false, false},
	"the name with another address":    {inesName, "ines@other.test", false, false},
	"the name without an address":      {inesName, "", true, true},
	"the name in other letters":        {"INES  VARGA", "", true, true},
	"the address with another name":    {"Ines Costa", inesEmail, true, true},
	"the address without a name":       {"", inesEmail, true, true},
	"the address in other letters":     {inesName, "Ines.VARGA@acme.test.", true, true},
	"neither":                          {"", "", false, true},
	"blanks in the place of both":      {" ", "\u200b", false, true},
	"an invisible name, no address":    {"\u2060", "", false, true},
	"a name that only looks like hers": {"Ines V\u0430rga", "", false, false},
}

func TestSamePerson_isComparedWithWhatIsShownNow(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for name, c := range laterReadings {
			closed := c.closed || v.kind.Indirect && c.lastSeen
			for _, when := range []string{"after the plan", "before the plan", "before the refresh"} {
				v.drop(w.mock, v.id)
				v.put(w.mock, v.id, inesName, inesEmail)
				w.mock.Heal()
				w.mock.ForgetRequests()
				d := newDriver(t, w, nil)
				m := d.mustImport(v.kind, v.id)
				p := reviewed(m)
				if when == "after the plan" {
					p, _ = d.planDestroy(m)
				}
				v.shows(w, c.name, c.email)
				d = newDriver(t, w, nil)
				if when == "before the refresh" {
					m, _ = d.read(m)
				}
				if when != "after the plan" {
					if _, plan := d.planDestroy(m); (plan.errors() == "") != closed {
						t.Errorf("%s, %s: got %q at plan, want it planned: %v", name, when, plan.errors(), closed)
					}
				}
				after, apply := d.apply(t.Context(), p)
				w.mock.Heal()
				if after.gone() != closed || v.has(w.mock, v.id) == closed {
					t.Errorf("%s, %s: got gone %v, open %v and %q at apply, want closed %v",
						name, when, after.gone(), v.has(w.mock, v.id), apply.errors(), closed)
				}
				if said := apply.errors() + apply.warnings(); strings.Contains(said, "Otto Berg <"+inesEmail) {
					t.Errorf("%s, %s: got %q, want one reading only", name, when, said)
				}
			}
		}
	})
}

// A name of one reading and an address of another are a person who does not exist.
func TestSamePerson_messagesAndEvidenceHoldOneReading(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		log := filepath.Join(t.TempDir(), "log.jsonl")
		block := attributes{"evidence_log": log, "max_closures": 10}
		d := newDriver(t, w, block)
		m := d.mustImport(v.kind, v.id)
		p, _ := d.planDestroy(m)
		v.shows(w, "Otto Berg", "")
		d = newDriver(t, w, block)
		m, read := d.read(m)
		_, plan := d.planDestroy(m)
		_, apply := d.apply(t.Context(), p)
		for what, diags := range map[string]diagnostics{"read": read, "plan": plan, "apply": apply} {
			said := diags.errors() + diags.warnings()
			if !strings.Contains(said, "Otto Berg") || !strings.Contains(said, inesName+" <"+inesEmail+">") ||
				strings.Contains(said, "Otto Berg <") {
				t.Errorf("%s: got %q, want both persons, each by one reading", what, said)
			}
		}
		if m.text("name") != "Otto Berg" || m.text("email") != "" {
			t.Errorf("state: got %q and %q, want what is shown now", m.text("name"), m.text("email"))
		}
		written, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(written)) {
			if strings.Contains(line, `"Otto Berg"`) && strings.Contains(line, `"`+inesEmail+`"`) {
				t.Errorf("evidence: got %s, want one reading in a record", line)
			}
		}
	})
}

func TestSamePerson_emailInTheBlockWantsOneShown(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for name, shown := range map[string][2]string{
			"another name and no address": {"Otto Berg", ""}, "the name and no address": {inesName, ""},
			"another address": {inesName, "ines@other.test"},
		} {
			v.shows(w, shown[0], shown[1])
			for _, refreshed := range []bool{true, false} {
				d, now := newDriver(t, w, nil), m
				if refreshed {
					now, _ = d.read(m)
				}
				_, diags := d.planBlock(now, attributes{"id": v.id, "email": inesEmail})
				if text := diags.errors(); !strings.Contains(text, "Cannot check the email") &&
					!strings.Contains(text, "has another email than the block") {
					t.Errorf("%s, refreshed %v: got %q, want a refusal", name, refreshed, text)
				}
			}
		}
		if v.kind.Indirect {
			return // nothing shown at all is no change there
		}
		v.shows(w, "", "")
		_, diags := newDriver(t, w, nil).planBlock(m, attributes{"id": v.id, "email": inesEmail})
		if !strings.Contains(diags.errors(), "Cannot check the email") {
			t.Errorf("nothing shown: got %q, want a refusal", diags.errors())
		}
	})
}

func TestSamePerson_wayOut(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		v.rename(w.mock, v.id, "Ines Costa", "ines.costa@acme.test")
		m, _ = newDriver(t, w, nil).read(m)
		_, refused := newDriver(t, w, nil).planDestroy(m)
		if want := `write email = "ines.costa@acme.test" into the block`; !strings.Contains(refused.errors(), want) {
			t.Fatalf("got %q, want the way out, %q", refused.errors(), want)
		}
		p, diags := newDriver(t, w, nil).planBlock(m, attributes{"id": v.id, "email": "ines.costa@acme.test"})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		if p.state.Equal(m.state) {
			t.Error("got no change in the plan, want one, so that it is applied")
		}
		if m, diags = newDriver(t, w, nil).apply(t.Context(), p); diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		if after, diags := newDriver(t, w, nil).destroy(m); !after.gone() || v.has(w.mock, v.id) {
			t.Errorf("got %q, want the user closed", diags.errors())
		}
	})
}

// Where no address is shown, no block can confirm the person: the user is imported again.
func TestSamePerson_wayOutWithoutAnAddress(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		v.rename(w.mock, v.id, "Otto Berg", "")
		_, refused := newDriver(t, w, nil).planDestroy(m)
		for _, want := range []string{"import it again", "destroy = false"} {
			if !strings.Contains(refused.errors(), want) {
				t.Errorf("got %q, want the way out, %q", refused.errors(), want)
			}
		}
		m = newDriver(t, w, nil).mustImport(v.kind, v.id)
		if after, diags := newDriver(t, w, nil).destroy(m); !after.gone() || v.has(w.mock, v.id) {
			t.Errorf("got %q, want the user closed once they are imported as who they are", diags.errors())
		}
	})
}

// One answer can show a person wrongly, and the state takes what a refresh shows. The closed account of
// the person who was imported is theirs all the same. That of anybody else says nothing.
func TestSamePerson_isClosedAsTheOneWhoWasImported(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]bool{inesEmail: true, "mina.okafor@acme.test": false} {
		forEachWhere(t, func(v vendorCase) bool { return v.tombstone }, func(t *testing.T, v vendorCase, w *testEnv) {
			m := newDriver(t, w, nil).mustImport(v.kind, v.id)
			v.rename(w.mock, v.id, "Péerson", "péerson@acme.test")
			m, _ = newDriver(t, w, nil).read(m)
			v.rename(w.mock, v.id, inesName, shown)
			v.drop(w.mock, v.id)
			d := newDriver(t, w, nil)
			p, plan := d.planDestroy(m)
			if planned := plan.errors() == ""; planned != want {
				t.Fatalf("closed as %s: got %q, want a plan: %v", shown, plan.errors(), want)
			}
			if !want {
				return
			}
			if after, diags := d.apply(t.Context(), p); !after.gone() || len(w.changes()) > 0 {
				t.Errorf("got gone %v, %q and %v, want them gone without a call", after.gone(), diags.errors(), w.changes())
			}
		})
	}
}

// Private data can be lost, and that of an older version can lack the person. Then only the state says
// whose account it is, and the closed account of anybody else says nothing.
func TestSamePerson_isClosedAsTheOneInTheStateIfNoneIsRemembered(t *testing.T) {
	t.Parallel()
	forEachWhere(t, func(v vendorCase) bool { return v.tombstone }, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		m.private = nil
		v.rename(w.mock, v.id, "Mina Okafor", "mina.okafor@acme.test")
		v.drop(w.mock, v.id)
		if m, diags := newDriver(t, w, nil).read(m); m.text("status") == "closed" {
			t.Errorf("got the user closed, %q, want nothing said by another person's account", diags.warnings())
		}
	})
}
