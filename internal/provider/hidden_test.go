package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// written tells the provider what a block says, as a CLI does before each plan of it.
func (d *driver) written(m managed, block attributes) {
	d.t.Helper()
	config := d.dynamic(object(d.typeOf(m.typeName), m.configOf(block)))
	req := &tfprotov6.ValidateResourceConfigRequest{TypeName: m.typeName, Config: config}
	if _, err := d.server.ValidateResourceConfig(d.t.Context(), req); err != nil {
		d.t.Fatal(err)
	}
}

// planHidden plans a block of which ignore_changes hides everything: the plan gets the ID and the
// address of the state.
func (d *driver) planHidden(m managed, email any) (tftypes.Value, diagnostics) {
	d.t.Helper()
	config := d.dynamic(object(d.typeOf(m.typeName), m.configOf(attributes{"id": m.text("id"), "email": email})))
	resp, err := d.server.PlanResourceChange(d.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         m.typeName,
		PriorState:       d.dynamic(m.state),
		ProposedNewState: d.dynamic(m.state),
		Config:           config,
		PriorPrivate:     m.private,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.value(m.typeName, resp.PlannedState), resp.Diagnostics
}

// What other blocks say, known or not, does not excuse a block that was written with another ID.
func TestHidden_isFoundBesideOtherBlocks(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for name, c := range map[string]struct {
			blocks []attributes
			hidden bool
		}{
			"the block of the state":         {[]attributes{{"id": v.id}}, false},
			"the block with the address":     {[]attributes{{"id": v.id, "email": inesEmail}}, false},
			"a block with an unknown ID":     {[]attributes{{"id": tftypes.UnknownValue}}, false},
			"another ID":                     {[]attributes{{"id": v.other}}, true},
			"another ID, an unknown address": {[]attributes{{"id": v.other, "email": tftypes.UnknownValue}}, true},
			"another ID, and an unknown address": {
				[]attributes{{"id": v.other}, {"id": "1", "email": tftypes.UnknownValue}}, true,
			},
			"another address":           {[]attributes{{"id": v.id, "email": ottoEmail}}, true},
			"an ID that begins like it": {[]attributes{{"id": v.id + "0"}}, true},
		} {
			d := newDriver(t, w, nil)
			for _, block := range c.blocks {
				d.written(m, block)
			}
			_, diags := d.planHidden(m, inesEmail)
			if got := strings.Contains(diags.errors(), "ignore_changes hides another ID or email"); got != c.hidden ||
				!c.hidden && diags.errors() != "" {
				t.Errorf("%s: got %q, want it found: %v", name, diags.errors(), c.hidden)
			}
		}
	})
}

// What decides whether and how an account is closed never gets into the state where ignore_changes
// hides it: never_close would protect nobody by the label, and on_destroy would not hold.
func TestHidden_aSettingThatIsWrittenIsRefused(t *testing.T) {
	t.Parallel()
	settings := map[string]attributes{
		"konstantly": {"on_destroy": "block"}, "skillable": {"cancel_running_labs": true},
	}
	names := map[string]string{"konstantly": "on_destroy", "skillable": "cancel_running_labs"}
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for _, c := range []struct {
			name   string
			blocks []attributes
			hidden string
		}{
			{"a person", []attributes{{"id": v.id, "person": labelOfInes}}, "another value of person than"},
			{"a person and the address", []attributes{{"id": v.id, "email": inesEmail, "person": labelOfInes}}, "person"},
			{"a person beside another block", []attributes{{"id": v.id, "person": labelOfInes}, {"id": v.other}}, "person"},
			{"a person of another block", []attributes{{"id": v.id}, {"id": v.other, "person": labelOfInes}}, ""},
			{"an unknown person", []attributes{{"id": v.id, "person": tftypes.UnknownValue}}, "person"},
			{"an unknown address", []attributes{{"id": v.id, "email": tftypes.UnknownValue}}, "email"},
			{
				"a person beside an unknown ID",
				[]attributes{{"id": v.id, "person": labelOfInes}, {"id": tftypes.UnknownValue}},
				"person",
			},
			{"a setting", []attributes{settings[v.kind.name]}, names[v.kind.name]},
			{"the defaults", []attributes{v.kind.defaults}, ""},
		} {
			d := newDriver(t, w, nil)
			for _, block := range c.blocks {
				said := attributes{"id": v.id}
				maps.Copy(said, block)
				d.written(m, said)
			}
			_, diags := d.planHidden(m, inesEmail)
			if got := diags.errors(); (got == "") != (c.hidden == "") || !strings.Contains(got, c.hidden) {
				t.Errorf("%s: got %q, want a refusal that names %q", c.name, got, c.hidden)
			}
		}
	})
}

// ignore_changes hides that no address is written. The address of the state, which Terraform passes
// in, is no confirmation of another person, and the plan shows no change. One that is written is.
func TestHidden_confirmsNobody(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		const address = "otto.berg@acme.test"
		v.rename(w.mock, v.id, "Otto Berg", address)
		for name, c := range map[string]struct {
			blocks  []attributes
			changed bool
		}{
			"no address":                    {[]attributes{{"id": v.id}}, false},
			"no address, and another block": {[]attributes{{"id": v.id}, {"id": v.other, "email": address}}, false},
			"no address, and an unknown ID": {[]attributes{{"id": v.id}, {"id": tftypes.UnknownValue}}, false},
			"the address":                   {[]attributes{{"id": v.id, "email": address}}, true},
			"the address in another case":   {[]attributes{{"id": v.id, "email": "Otto.Berg@acme.test"}}, true},
			"the address and another block": {[]attributes{{"id": v.other}, {"id": v.id, "email": address}}, true},
		} {
			d := newDriver(t, w, nil)
			now, _ := d.read(m)
			for _, block := range c.blocks {
				d.written(now, block)
			}
			planned, diags := d.planHidden(now, address)
			if got := !planned.Equal(now.state); got != c.changed || diags.errors() != "" {
				t.Errorf("%s: got a change %v and %q, want %v", name, got, diags.errors(), c.changed)
			}
		}
	})
}
