package provider

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// driver speaks the plugin protocol to the provider, as a CLI does, but in this process. It sees
// what a test on a CLI cannot: warnings and private data. At the apply of a destroy it calls
// neither Read nor ModifyPlan, for no CLI does.
type driver struct {
	t      testing.TB
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
	shown  []string // what lists and data sources answered, as it came
}

// managed is one user in a state. A null state is a user who is not managed any more.
type managed struct {
	typeName string
	state    tftypes.Value
	private  []byte
	vendor   string // of a user of a declared vendor
}

// diagnostics are what a call said.
type diagnostics []*tfprotov6.Diagnostic

func (d diagnostics) of(severity tfprotov6.DiagnosticSeverity) string {
	var lines []string
	for _, one := range d {
		if one.Severity == severity {
			lines = append(lines, one.Summary+"\n"+one.Detail)
		}
	}
	return strings.Join(lines, "\n---\n")
}

func (d diagnostics) errors() string   { return d.of(tfprotov6.DiagnosticSeverityError) }
func (d diagnostics) warnings() string { return d.of(tfprotov6.DiagnosticSeverityWarning) }

// attributes are values by name, as tftypes.NewValue takes them; what is not named is null.
type attributes map[string]any

// newDriver configures a provider that reaches the test environment over loopback. The settings go
// into the provider block.
func newDriver(tb testing.TB, w *testEnv, settings attributes) *driver {
	tb.Helper()
	return driverOf(tb, New("test")(), w.url, settings)
}

// virtualDriver configures a provider that calls the mock directly, so that it works where time is
// virtual.
func virtualDriver(tb testing.TB, handler http.Handler, settings attributes) *driver {
	tb.Helper()
	return driverOf(
		tb,
		&offboardProvider{version: "test", transport: mock.Transport{Handler: handler}},
		"http://127.0.0.1:1",
		settings,
	)
}

// schemas are asked for once; every provider has the same.
var schemas = sync.OnceValue(func() *tfprotov6.GetProviderSchemaResponse {
	all, err := providerserver.NewProtocol6(
		New("test")(),
	)().GetProviderSchema(
		context.Background(),
		&tfprotov6.GetProviderSchemaRequest{},
	)
	if err != nil {
		panic(err)
	}
	return all
})

func driverOf(tb testing.TB, p provider.Provider, url string, settings attributes) *driver {
	tb.Helper()
	d := &driver{t: tb, server: NewServer(p)}
	d.schema = schemas()
	block := attributes{}
	for name, prefix := range prefixes {
		block[name] = attributes{"api_key": mockKey, "base_url": url + prefix, "requests_per_second": 100000}
	}
	block["vendors"] = twinSettings(func(v vendorCase) attributes {
		return attributes{"api_key": mockKey, "base_url": url + v.prefix(), "requests_per_second": 100000}
	})
	maps.Copy(block, settings)
	config := d.dynamic(object(d.schema.Provider.ValueType(), block))
	resp, err := d.server.ConfigureProvider(
		tb.Context(),
		&tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.16.3"},
	)
	if err != nil || diagnostics(resp.Diagnostics).errors() != "" {
		tb.Fatalf("configuring the provider: %v %s", err, diagnostics(resp.Diagnostics).errors())
	}
	return d
}

// object makes a value of an object type from the attributes that are not null.
func object(of tftypes.Type, set attributes) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attribute := range of.(tftypes.Object).AttributeTypes {
		switch value := set[name].(type) {
		case attributes:
			values[name] = objectOrMap(attribute, value)
		case []string:
			var elements []tftypes.Value
			for _, element := range value {
				elements = append(elements, tftypes.NewValue(tftypes.String, element))
			}
			values[name] = tftypes.NewValue(attribute, elements)
		case tftypes.Value:
			values[name] = value
		default:
			values[name] = tftypes.NewValue(attribute, value)
		}
	}
	return tftypes.NewValue(of, values)
}

// objectOrMap makes a value of an object type, or of a map.
func objectOrMap(of tftypes.Type, set attributes) tftypes.Value {
	m, ok := of.(tftypes.Map)
	if !ok {
		return object(of, set)
	}
	values := map[string]tftypes.Value{}
	for key, value := range set {
		if inner, ok := value.(attributes); ok {
			values[key] = object(m.ElementType, inner)
			continue
		}
		values[key] = tftypes.NewValue(m.ElementType, value)
	}
	return tftypes.NewValue(of, values)
}

func (d *driver) dynamic(v tftypes.Value) *tfprotov6.DynamicValue {
	d.t.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		d.t.Fatal(err)
	}
	return &dynamic
}

func (d *driver) typeOf(typeName string) tftypes.Type {
	return d.schema.ResourceSchemas[typeName].ValueType()
}

func (d *driver) value(typeName string, dynamic *tfprotov6.DynamicValue) tftypes.Value {
	d.t.Helper()
	if dynamic == nil {
		return tftypes.NewValue(d.typeOf(typeName), nil)
	}
	v, err := dynamic.Unmarshal(d.typeOf(typeName))
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// importUser imports a user and reads it, as an import block does.
func (d *driver) importUser(k userKind, id string) (managed, diagnostics) {
	d.t.Helper()
	resp, err := d.server.ImportResourceState(
		d.t.Context(),
		&tfprotov6.ImportResourceStateRequest{TypeName: k.typeName(), ID: k.importID(id)},
	)
	if err != nil {
		d.t.Fatal(err)
	}
	if len(resp.ImportedResources) != 1 {
		return managed{typeName: k.typeName()}, resp.Diagnostics
	}
	imported := resp.ImportedResources[0]
	m := managed{typeName: k.typeName(), state: d.value(k.typeName(), imported.State), private: imported.Private}
	if k.declared {
		m.vendor = k.name
	}
	m, diags := d.read(m)
	return m, append(resp.Diagnostics, diags...)
}

// mustImport imports a user who is known to be there.
func (d *driver) mustImport(k userKind, id string) managed {
	d.t.Helper()
	m, diags := d.importUser(k, id)
	if text := diags.errors(); text != "" {
		d.t.Fatalf("importing %s: %s", id, text)
	}
	return m
}

// read refreshes a user. A failed read keeps the state, as a CLI does.
func (d *driver) read(m managed) (managed, diagnostics) {
	d.t.Helper()
	resp, err := d.server.ReadResource(d.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: m.typeName, CurrentState: d.dynamic(m.state), Private: m.private,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	if diagnostics(resp.Diagnostics).errors() == "" {
		m.state, m.private = d.value(m.typeName, resp.NewState), resp.Private
	}
	return m, resp.Diagnostics
}

// planned is a plan for one user.
type planned struct {
	prior   managed
	config  tftypes.Value
	state   tftypes.Value
	private []byte
}

// reviewed is a plan to close a user whom the reviewer saw as the state shows them. It asks the
// vendor nothing.
func reviewed(m managed) planned {
	private, remembered := piecesOf(m.private), m.remembered()
	remembered.Review = &closing.Review{Key: remembered.Key, Definition: remembered.Definition, User: offboard.User{
		ID: m.text("id"), Email: m.text("email"), Name: m.text("name"), Status: offboard.Status(m.text("status")),
	}}
	private[recordKey] = encode(remembered)
	return planned{m, nullOf(m), nullOf(m), encode(private)}
}

// piecesOf are the values in private data, by key. The data itself holds them in base64, in which
// no text is found.
func piecesOf(private []byte) map[string][]byte {
	all := map[string][]byte{}
	if len(private) > 0 {
		if err := json.Unmarshal(private, &all); err != nil {
			panic(err)
		}
	}
	return all
}

// remembered is the record beside the state.
func (m managed) remembered() closing.Record {
	r := closing.Record{Version: closing.RecordVersion}
	if data, ok := piecesOf(m.private)[recordKey]; ok {
		if err := json.Unmarshal(data, &r); err != nil {
			panic(err)
		}
	}
	return r
}

// planDestroy plans the destroy of a user whose block is gone.
func (d *driver) planDestroy(m managed) (planned, diagnostics) {
	d.t.Helper()
	gone := tftypes.NewValue(m.state.Type(), nil)
	return d.plan(m, gone, gone)
}

// mustPlanDestroy plans the destroy of a user who is known to be closable.
func (d *driver) mustPlanDestroy(m managed) planned {
	d.t.Helper()
	p, diags := d.planDestroy(m)
	if text := diags.errors(); text != "" {
		d.t.Fatalf("planning a destroy: %s", text)
	}
	return p
}

// planBlock plans a block with an id and other attributes; computed attributes keep the values of
// the state.
func (d *driver) planBlock(m managed, config attributes) (planned, diagnostics) {
	d.t.Helper()
	of := d.typeOf(m.typeName)
	config = m.configOf(config)
	proposed := attributes{}
	if !m.state.IsNull() && m.state.IsKnown() {
		var known map[string]tftypes.Value
		if err := m.state.As(&known); err != nil {
			d.t.Fatal(err)
		}
		values := map[string]tftypes.Value{}
		maps.Copy(values, known)
		for name, value := range config {
			values[name] = tftypes.NewValue(of.(tftypes.Object).AttributeTypes[name], value)
		}
		return d.plan(m, object(of, config), tftypes.NewValue(of, values))
	}
	maps.Copy(proposed, config)
	return d.plan(m, object(of, config), object(of, proposed))
}

func (d *driver) plan(m managed, config, proposed tftypes.Value) (planned, diagnostics) {
	d.t.Helper()
	prior := m.state
	if prior.Type() == nil {
		prior = tftypes.NewValue(d.typeOf(m.typeName), nil)
	}
	if !config.IsNull() {
		checked, err := d.server.ValidateResourceConfig(d.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: m.typeName, Config: d.dynamic(config),
		})
		if err != nil {
			d.t.Fatal(err)
		}
		if diags := diagnostics(checked.Diagnostics); diags.errors() != "" {
			return planned{}, diags
		}
	}
	resp, err := d.server.PlanResourceChange(d.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         m.typeName,
		PriorState:       d.dynamic(prior),
		ProposedNewState: d.dynamic(proposed),
		Config:           d.dynamic(config),
		PriorPrivate:     m.private,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return planned{m, config, d.value(m.typeName, resp.PlannedState), resp.PlannedPrivate}, resp.Diagnostics
}

// apply applies a plan.
func (d *driver) apply(ctx context.Context, p planned) (managed, diagnostics) {
	d.t.Helper()
	resp, err := d.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName:       p.prior.typeName,
		PriorState:     d.dynamic(p.prior.state),
		PlannedState:   d.dynamic(p.state),
		Config:         d.dynamic(p.config),
		PlannedPrivate: p.private,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return managed{
		typeName: p.prior.typeName, state: d.value(p.prior.typeName, resp.NewState), private: resp.Private,
		vendor: p.prior.vendor,
	}, resp.Diagnostics
}

// destroy plans and applies the destroy of a user.
func (d *driver) destroy(m managed) (managed, diagnostics) {
	d.t.Helper()
	p, diags := d.planDestroy(m)
	if diags.errors() != "" {
		return m, diags
	}
	after, more := d.apply(d.t.Context(), p)
	return after, append(diags, more...)
}

// setTimeout puts a timeout for closing into the state, as an apply does.
func (d *driver) setTimeout(m managed, limit string) managed {
	d.t.Helper()
	var all map[string]tftypes.Value
	if err := m.state.As(&all); err != nil {
		d.t.Fatal(err)
	}
	all["timeouts"] = object(all["timeouts"].Type(), attributes{"delete": limit})
	m.state = tftypes.NewValue(m.state.Type(), all)
	return m
}

// text is a string attribute of the state; empty when it is null.
func (m managed) text(name string) string {
	var all map[string]tftypes.Value
	var s *string
	if m.state.IsNull() || m.state.As(&all) != nil || all[name].As(&s) != nil || s == nil {
		return ""
	}
	return *s
}

// gone tells whether the user has left the state.
func (m managed) gone() bool { return m.state.IsNull() }

// importRaw imports what is given, as it is.
func (d *driver) importRaw(typeName, given string) diagnostics {
	d.t.Helper()
	resp, err := d.server.ImportResourceState(
		d.t.Context(),
		&tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: given},
	)
	if err != nil {
		d.t.Fatal(err)
	}
	if len(resp.ImportedResources) != 1 {
		return resp.Diagnostics
	}
	imported := resp.ImportedResources[0]
	_, diags := d.read(managed{typeName: typeName, state: d.value(typeName, imported.State), private: imported.Private})
	return append(resp.Diagnostics, diags...)
}
