package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// userData looks one user up, who need not exist.
type userData struct{ users userResource }

// Metadata implements datasource.DataSource.
func (d *userData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.users.kind.typeName()
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *userData) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.users.clients, _ = req.ProviderData.(*clients) // nil while Terraform only validates
}

// Schema implements datasource.DataSource. It has what the vendor shows of a user, and none of what
// steers the resource.
func (d *userData) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	k := d.users.kind
	exists := "Whether there is an open account. It is false, without an error, if the account is twice not visible " +
		"while others are. So a `check` block can assert that a person is gone. " +
		"It is null, with a warning, if nothing proves that. Then `status` is `unknown`."
	attributes := map[string]dschema.Attribute{
		"id": dschema.StringAttribute{
			MarkdownDescription: "The vendor's own ID of the user.", Required: !k.findsByEmail, Optional: k.findsByEmail,
			Computed: k.findsByEmail, Validators: idValidators(k),
		},
		"email": dschema.StringAttribute{
			MarkdownDescription: "Email address of the user.",
			Optional:            k.findsByEmail,
			Computed:            true,
			Validators:          []validator.String{check("an email address", closing.CheckAddress)},
		},
		"exists": dschema.BoolAttribute{MarkdownDescription: exists, Computed: true},
	}
	for name, attribute := range k.schema(ctx).Attributes {
		if attribute.IsComputed() && !attribute.IsOptional() {
			attributes[name] = computedData(attribute)
		}
	}
	if k.declared {
		attributes[vendorAttribute] = dschema.StringAttribute{MarkdownDescription: vendorDescription, Required: true}
	}
	attributes["status"] = dschema.StringAttribute{MarkdownDescription: "`active`, `suspended`, or `unknown` if the " +
		"vendor does not show it. Null if `exists` is false.", Computed: true}
	attributes["tenant"] = dschema.StringAttribute{MarkdownDescription: "The host that was asked.", Computed: true}
	how := "by `id` or by `email`."
	if !k.findsByEmail {
		how = "by `id`. " + k.title + " cannot find a user by email. It cannot say that no user has an ID, " +
			"so `exists` is true or null, never false."
	}
	resp.Schema = dschema.Schema{MarkdownDescription: "Looks a user of " + k.title + " up " + how, Attributes: attributes}
}

// computedData is a computed attribute of the resource as one of the data source.
func computedData(attribute schema.Attribute) dschema.Attribute {
	description := attribute.GetMarkdownDescription()
	switch attribute.(type) {
	case schema.Int64Attribute:
		return dschema.Int64Attribute{MarkdownDescription: description, Computed: true}
	case schema.BoolAttribute:
		return dschema.BoolAttribute{MarkdownDescription: description, Computed: true}
	case schema.MapAttribute:
		return dschema.MapAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true}
	default:
		return dschema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *userData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	if !d.users.kind.findsByEmail {
		return nil
	}
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("email"))}
}

// Read implements datasource.DataSource. It asks the vendor each time.
func (d *userData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	k := d.users.kind
	var id, email types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("email"), &email)...)
	if resp.Diagnostics.HasError() || !d.users.reachable(&resp.Diagnostics) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if id.IsNull() {
		d.byEmail(ctx, email, resp)
		return
	}
	state := k.newState()
	m := state.common()
	m.ID, m.Tenant, m.Timeouts = id, types.StringValue(d.users.tenant()), noTimeouts()
	live, seen, err := d.users.observe(ctx, state, &closing.Record{}, offboard.NotSent)
	if seen == offboard.Open && err == nil {
		k.fill(state, live)
	}
	d.conclude(ctx, state, seen, err, resp)
}

// byEmail looks the user with an email address up.
func (d *userData) byEmail(ctx context.Context, email types.String, resp *datasource.ReadResponse) {
	k := d.users.kind
	if err := closing.CheckAddress(email.ValueString()); err != nil { // it was not known when it was validated
		resp.Diagnostics.Append(unusableValue(path.Root("email"), "an email address", err))
		return
	}
	f, problem := d.users.find(ctx, email.ValueString())
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	if f.state != nil {
		if f.gaps != nil {
			resp.Diagnostics.Append(searchMayMiss(k, email.ValueString(), f.gaps))
		}
		d.conclude(ctx, f.state, offboard.Open, nil, resp)
		return
	}
	state := k.newState()
	m := state.common()
	m.Email, m.Tenant, m.Timeouts = email, types.StringValue(d.users.tenant()), noTimeouts()
	seen, err := offboard.Absent, f.gaps
	if f.gaps == nil {
		seen, err = d.absent(ctx, state, email.ValueString())
	}
	d.conclude(ctx, state, seen, err, resp)
}

// absent handles a search that found no user, by the rule for every absence: a second search, and a
// access check after it.
func (d *userData) absent(ctx context.Context, state userState, email string) (offboard.Observation, error) {
	w := d.users.vendor().verifierOf(state.common().user(), state, "").Unexplained()
	w.Observe = func(ctx context.Context) (offboard.Observation, error) {
		users, err := d.users.vendor().find(ctx, email)
		if len(users) > 0 {
			return offboard.Open, nil
		}
		return offboard.Absent, err
	}
	seen, err := w.Confirm(ctx)
	if err == nil && seen == offboard.Open {
		return offboard.Absent, offboard.ErrListed // the next run reads the user
	}
	return seen, err
}

// conclude says what the look at an account shows. An absence of which nothing can be concluded
// leaves open whether the account exists.
func (d *userData) conclude(
	ctx context.Context,
	state userState,
	seen offboard.Observation,
	err error,
	resp *datasource.ReadResponse,
) {
	k, m := d.users.kind, state.common()
	unknown := m.Status.ValueString() == string(offboard.Unknown)
	unproven := errors.Is(err, offboard.ErrAccessUnproven) || errors.Is(err, offboard.ErrListNotWhole)
	switch {
	case seen == offboard.Absent && unproven:
		unknown = true
		resp.Diagnostics.Append(absenceUnproven(k, m.user(), err))
	case seen == offboard.Absent && rest.Incomplete(err):
		unknown = true
		resp.Diagnostics.Append(searchMayMiss(k, m.Email.ValueString(), err))
	case err != nil:
		// This is not downVendors' to tell: a check block turns the error into a warning, and without an
		// error Terraform expects a result.
		resp.Diagnostics.Append(cannotRead(k, m.user(), err))
		return
	}
	exists := types.BoolValue(seen == offboard.Open)
	if unknown {
		exists, m.Status = types.BoolNull(), types.StringValue(string(offboard.Unknown))
	}
	d.set(ctx, state, exists, resp)
}

// set puts those attributes of a state that the data source has into its own.
func (d *userData) set(ctx context.Context, state userState, exists types.Bool, resp *datasource.ReadResponse) {
	all := d.users.kind.schema(ctx)
	full := tfsdk.State{Schema: all, Raw: tftypes.NewValue(all.Type().TerraformType(ctx), nil)}
	resp.Diagnostics.Append(full.Set(ctx, state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var values map[string]tftypes.Value
	if err := full.Raw.As(&values); err != nil {
		resp.Diagnostics.Append(cannotShow(d.users.kind, err))
		return
	}
	own := resp.State.Schema.Type().TerraformType(ctx)
	fields := map[string]tftypes.Value{}
	for name, of := range own.(tftypes.Object).AttributeTypes {
		value, ok := values[name]
		if !ok {
			value = tftypes.NewValue(of, nil)
		}
		fields[name] = value
	}
	resp.State.Raw = tftypes.NewValue(own, fields)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("exists"), exists)...)
}
