package provider

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The states in testdata/version1 were written by the version before the record, on Terraform
// 1.16.3: one of Ines Varga as she was imported, and one after a closing whose answer was lost.
// HOST stands for the host of the vendors.

// forEachOfVersion1 runs a test for every vendor that version 1 knew.
func forEachOfVersion1(t *testing.T, f func(t *testing.T, v vendorCase, w *testEnv)) {
	forEachWhere(t, func(v vendorCase) bool { return v.version1 }, f)
}

// fromVersion1 is a user out of such a state, and the tenant in its identity.
func fromVersion1(t *testing.T, d *driver, w *testEnv, v vendorCase, name string) (m managed, tenant string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "version1", v.kind.name+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes json.RawMessage
				Identity   struct{ Tenant string }
				Private    []byte
			}
		}
	}
	here := strings.ReplaceAll(string(text), "HOST", strings.TrimPrefix(w.url, "http://"))
	if err := json.Unmarshal([]byte(here), &state); err != nil {
		t.Fatal(err)
	}
	instance := state.Resources[0].Instances[0]
	resp, err := d.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: v.kind.typeName(), RawState: &tfprotov6.RawState{JSON: instance.Attributes},
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, diagnostics(resp.Diagnostics).errors())
	}
	return managed{
		typeName: v.kind.typeName(), state: d.value(v.kind.typeName(), resp.UpgradedState), private: instance.Private,
	}, instance.Identity.Tenant
}

func TestVersion1_isUpgradedAtTheNextRefresh(t *testing.T) {
	t.Parallel()
	forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, attributes{"never_close": []string{"boss@acme.test"}})
		m, tenant := fromVersion1(t, d, w, v, "")
		if _, there := piecesOf(m.private)[oldPersonKey]; !there || strings.Contains(m.text("tenant"), "/") {
			t.Fatalf("got %s and the tenant %q, want a state of version 1", m.private, m.text("tenant"))
		}
		m, identity := d.readWithIdentity(m, tenant)
		if identity != tenant || !strings.HasSuffix(m.text("tenant"), v.prefix()) {
			t.Errorf("got the tenants %q and %q in state and identity, want the path in the state alone",
				m.text("tenant"), identity)
		}
		if pieces := piecesOf(m.private); len(pieces) != 1 || pieces[recordKey] == nil {
			t.Errorf("got the private data %s, want the record alone", m.private)
		}
		r := m.remembered()
		want := offboard.Person{Email: inesEmail, Name: inesName}
		if r.Version != closing.RecordVersion || r.Person != want || r.Status != offboard.Active || r.Guards == nil ||
			r.Guards.NeverClose[0] != "boss@acme.test" {
			t.Errorf("got the record %+v, want version %d, the person, the status and the guards", r, closing.RecordVersion)
		}
	})
}

func TestVersion1_stillCloses(t *testing.T) {
	t.Parallel()
	for name, refreshed := range map[string]bool{"after a refresh": true, "without a refresh": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
				d := newDriver(t, w, nil)
				m, _ := fromVersion1(t, d, w, v, "")
				if refreshed {
					m, _ = d.read(m)
				}
				if after, diags := d.destroy(m); !after.gone() || diags.errors() != "" {
					t.Errorf("got %q, want the user closed", diags.errors())
				}
				v.closedBy(t, w, v.changes...)
			})
		})
	}
}

func TestVersion1_isStillGuarded(t *testing.T) {
	t.Parallel()
	forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for name, c := range map[string]struct {
			name, email string
			block       attributes
			says        string
		}{
			"another address":              {inesName, "ines@other.test", nil, "may belong to another person now"},
			"another name and address":     {ottoName, ottoEmail, nil, "may belong to another person now"},
			"another name without address": {"Otto Berg", "", nil, "may belong to another person now"},
			"never_close by ID": {
				inesName, inesEmail, attributes{"never_close": []string{v.id}}, "is never closed",
			},
			"never_close by address": {
				inesName, inesEmail, attributes{"never_close": []string{inesEmail}}, "is never closed",
			},
			"never_close by the old address": {
				inesName, "ines@other.test", attributes{"never_close": []string{inesEmail}}, "is never closed",
			},
			"max_closures": {inesName, inesEmail, attributes{"max_closures": 0}, "max_closures = 0"},
		} {
			for _, refreshed := range []bool{true, false} {
				d := newDriver(t, w, c.block)
				m, _ := fromVersion1(t, d, w, v, "")
				v.shows(w, c.name, c.email)
				if refreshed {
					m, _ = d.read(m)
				}
				_, plan := d.planDestroy(m)
				v.stays(t, w, name, m, plan, c.says)
				w.mock.Heal()
			}
		}
	})
}

// A plan that the older version has saved carries a review of its own form.
func TestVersion1_savedPlanIsObeyedAndGuarded(t *testing.T) {
	t.Parallel()
	forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, attributes{"max_closures": 10})
		m, _ := fromVersion1(t, d, w, v, "")
		pieces := piecesOf(m.private)
		pieces[oldReviewKey] = encode(map[string]any{
			"user": map[string]string{"ID": v.id, "Email": inesEmail, "Name": inesName, "Status": "active"}, "facts": nil,
		})
		p := planned{m, nullOf(m), nullOf(m), encode(pieces)}
		v.shows(w, "Otto Berg", "")
		after, diags := d.apply(t.Context(), p)
		v.stays(t, w, "another person", after, diags, "may belong to another person now")
		w.mock.Heal()
		if v.kind.KeyOwner != "" { // nothing of version 1 tells with which key its plan was made
			after, diags := d.apply(t.Context(), p)
			v.stays(t, w, "a key that is not known", after, diags, "was seen with another API key")
			return
		}
		if after, diags := d.apply(t.Context(), p); !after.gone() || v.has(w.mock, v.id) {
			t.Errorf("got %q, want the user closed", diags.errors())
		}
	})
}

// Version 1 did not remember who had no address, and compared with the state.
func TestVersion1_whoHadNoAddressIsTheOneInTheState(t *testing.T) {
	t.Parallel()
	forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m, _ := fromVersion1(t, d, w, v, "")
		m.private = encode(map[string][]byte{oldPersonKey: []byte(`{"email":""}`)})
		v.shows(w, ottoName, ottoEmail)
		_, diags := d.planDestroy(m)
		v.stays(t, w, "without a refresh", m, diags, "may belong to another person now")
		m, _ = d.read(m)
		_, diags = d.planDestroy(m)
		v.stays(t, w, "after a refresh", m, diags, "may belong to another person now")
	})
}

// What version 1 kept of a closing under way does not say whether its call was accepted.
func TestVersion1_closingWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	forEachOfVersion1(t, func(t *testing.T, v vendorCase, w *testEnv) {
		v.drop(w.mock, v.id) // the closing had its effect
		d := newDriver(t, w, nil)
		m, _ := fromVersion1(t, d, w, v, "_lost")
		if r := piecesOf(m.private); r[oldProgressKey] == nil {
			t.Fatalf("got %s, want the progress of version 1", m.private)
		}
		m, _ = d.read(m)
		after, diags := d.destroy(m)
		if !after.gone() || diags.errors() != "" {
			t.Errorf("got gone %v and %q, want the user out of the state", after.gone(), diags.errors())
		}
		if said := diags.warnings(); !v.tombstone && !strings.Contains(said, "not visible") &&
			!strings.Contains(said, "nothing to close") {
			t.Errorf("got %q, want a warning that nothing proves the closing", said)
		}
		if got := w.changes(); !v.noRead && len(got) > 0 {
			t.Errorf("got mutating requests %v, want none", got)
		}
	})
}

// A record of a version that does not exist yet is not guessed at.
func TestRecord_ofANewerVersionIsRefusedByName(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d := newDriver(t, w, nil)
		m := d.mustImport(v.kind, v.id)
		pieces := piecesOf(m.private)
		for name, data := range map[string]string{
			"a newer version": `{"version":3,"person":{}}`, "no version": `{"person":{}}`, "not an object": `[]`,
		} {
			pieces[recordKey] = []byte(data)
			m.private = encode(pieces)
			_, read := d.read(m)
			_, plan := d.planDestroy(m)
			after, apply := d.apply(t.Context(), planned{m, nullOf(m), nullOf(m), m.private})
			v.stays(t, w, name, after, apply, `The private data "offboard"`)
			for what, diags := range map[string]diagnostics{"read": read, "plan": plan} {
				if !strings.Contains(diags.errors(), `The private data "offboard"`) {
					t.Errorf("%s, %s: got %q, want it refused by name", name, what, diags.errors())
				}
			}
		}
	})
}
