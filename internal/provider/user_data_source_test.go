package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// data reads a data source.
func (d *driver) data(typeName string, config attributes) (managed, diagnostics) {
	d.t.Helper()
	of := d.schema.DataSourceSchemas[typeName].ValueType()
	resp, err := d.server.ReadDataSource(
		d.t.Context(),
		&tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: d.dynamic(object(of, config))},
	)
	if err != nil {
		d.t.Fatal(err)
	}
	if resp.State == nil {
		return managed{typeName: typeName, state: tftypes.NewValue(of, nil)}, resp.Diagnostics
	}
	d.shown = append(d.shown, string(resp.State.MsgPack))
	state, err := resp.State.Unmarshal(of)
	if err != nil {
		d.t.Fatal(err)
	}
	return managed{typeName: typeName, state: state}, resp.Diagnostics
}

// texts is a list of strings in a state; nil when it is null.
func (m managed) texts(name string) []string {
	var all map[string]tftypes.Value
	var list []tftypes.Value
	if m.state.IsNull() || m.state.As(&all) != nil || all[name].As(&list) != nil {
		return nil
	}
	var texts []string
	for _, value := range list {
		var s string
		if value.As(&s) == nil {
			texts = append(texts, s)
		}
	}
	return texts
}

// exists is what a data source says of that: "true", "false" or "null".
func (m managed) exists() string {
	var all map[string]tftypes.Value
	var b *bool
	if m.state.As(&all) != nil || all["exists"].As(&b) != nil || b == nil {
		return "null"
	}
	return strconv.FormatBool(*b)
}

func TestData_showsAUserByIDAndByEmail(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		imported := newDriver(t, w, nil).mustImport(v.kind, v.id)
		configs := []attributes{{"id": v.id}}
		if v.kind.findsByEmail {
			configs = append(configs, attributes{"email": strings.ToUpper(inesEmail)})
		}
		for _, config := range configs {
			got, diags := newDriver(t, w, nil).data(v.kind.typeName(), v.kind.configOf(config))
			if diags != nil || got.exists() != "true" {
				t.Errorf("%v: got exists %s, %s, want true", config, got.exists(), diags.errors())
			}
			for name := range v.kind.attributes {
				if _, shown := got.state.Type().(tftypes.Object).AttributeTypes[name]; shown &&
					got.text(name) != imported.text(name) {
					t.Errorf("%v: got %s %q, want %q", config, name, got.text(name), imported.text(name))
				}
			}
			for _, name := range []string{"id", "email", "name", "status", "tenant"} {
				if got.text(name) != imported.text(name) {
					t.Errorf("%v: got %s %q, want %q", config, name, got.text(name), imported.text(name))
				}
			}
		}
		if changes := w.changes(); len(changes) > 0 {
			t.Errorf("got the changes %v, want none", changes)
		}
	})
}

func TestData_somebodyWhoIsGoneIsNoError(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		v.drop(w.mock, v.id)
		d := newDriver(t, w, nil)
		got, diags := d.data(v.kind.typeName(), v.kind.configOf(attributes{"id": v.id}))
		want, status := "false", ""
		if v.noRead {
			want, status = "null", "unknown"
		}
		if diags != nil || got.exists() != want || got.text("id") != v.id || got.text("status") != status {
			t.Errorf("by id: got exists %s, status %q, %s, want %s and %q",
				got.exists(), got.text("status"), diags.errors(), want, status)
		}
		if !v.kind.findsByEmail {
			return
		}
		got, diags = d.data(v.kind.typeName(), v.kind.configOf(attributes{"email": inesEmail}))
		if diags != nil || got.exists() != "false" || got.text("email") != inesEmail || got.text("id") != "" {
			t.Errorf("by e-mail: got exists %s, id %q, %s, want false and none", got.exists(), got.text("id"), diags.errors())
		}
	})
}

func TestData_whoCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		w.fail(v, 404, "<html>not here</html>")
		d := newDriver(t, w, nil)
		configs := []attributes{{"id": v.id}}
		if v.kind.findsByEmail {
			configs = append(configs, attributes{"email": inesEmail})
		}
		for _, config := range configs {
			if _, diags := d.data(v.kind.typeName(), v.kind.configOf(config)); !strings.Contains(diags.errors(), v.kind.title) ||
				strings.Contains(diags.errors(), "not here") {
				t.Errorf("%v: got %q, want an error that names the vendor", config, diags.errors())
			}
		}
	})
}

func TestData_severalWithOneEmailAreRefused(t *testing.T) {
	t.Parallel()
	forEachFindable(t, func(t *testing.T, v vendorCase, w *testEnv) {
		if v.unique {
			return
		}
		v.email(w.mock, v.other, inesEmail)
		_, diags := newDriver(t, w, nil).data(v.kind.typeName(), v.kind.configOf(attributes{"email": inesEmail}))
		for _, want := range []string{inesName, ottoName, v.id, v.other} {
			if !strings.Contains(diags.errors(), want) {
				t.Errorf("got %q, want the candidate %q in it", diags.errors(), want)
			}
		}
	})
}

func TestData_listsAllUsers(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		want := []string{v.id, v.other}
		if v.holder != "" {
			want = append([]string{v.holder}, want...)
		}
		if v.kind.partial != "" {
			v.list(w.mock, v.other)
			want = []string{v.other}
		}
		data, diags := newDriver(t, w, nil).data(v.kind.typeName()+"s", v.kind.configOf(nil))
		if got := data.texts("ids"); diags != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %s, want %v", got, diags.errors(), want)
		}
	})
}

func TestData_onTheCLI(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		if v.kind.partial != "" {
			v.list(w.mock, v.id)
		}
		one, all := "data."+v.kind.typeName()+".ines", "data."+v.kind.typeName()+"s.all"
		config := w.provider(
			"",
			v.data("", "ines", fmt.Sprintf("  id = %q", v.id)),
			v.data("s", "all", fmt.Sprintf("  exclude_ids = [%q, %q]", v.other, v.holder)),
			fmt.Sprintf(
				"check \"gone\" {\n  assert {\n    condition = %s.exists == true\n    error_message = \"Ines is gone.\"\n  }\n}\n",
				one,
			),
		)
		acceptance(t, resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(one, tfjsonpath.New("exists"), knownvalue.Bool(true)),
			statecheck.ExpectKnownValue(one, tfjsonpath.New("name"), knownvalue.StringExact(inesName)),
			statecheck.ExpectKnownValue(
				all,
				tfjsonpath.New("ids"),
				knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(v.id)}),
			),
			statecheck.ExpectKnownValue(
				all,
				tfjsonpath.New("users").AtSliceIndex(0).AtMapKey("name"),
				knownvalue.StringExact(inesName),
			),
		}})
	})
}

func TestData_needsAnIDOrAnEmail(t *testing.T) {
	t.Parallel()
	forEachFindable(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		for _, arguments := range []string{"", fmt.Sprintf("  id = %q\n  email = %q", v.id, inesEmail)} {
			c.write("data.tf", v.data("", "ines", arguments))
			c.run("validate").want(1, "Exactly one of these attributes must be configured: [id,email]")
		}
	})
}
