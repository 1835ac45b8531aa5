package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// usersData lists the users of one vendor.
type usersData struct{ users userResource }

// listedModel is one of them.
type listedModel struct {
	ID     types.String `tfsdk:"id"`
	Email  types.String `tfsdk:"email"`
	Name   types.String `tfsdk:"name"`
	Status types.String `tfsdk:"status"`
}

// Metadata implements datasource.DataSource.
func (d *usersData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.users.kind.typeName() + "s"
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *usersData) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.users.clients, _ = req.ProviderData.(*clients) // nil while Terraform only validates
}

// Schema implements datasource.DataSource.
func (d *usersData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	k := d.users.kind
	which := "The users of " + k.title + "."
	if k.partial != "" {
		which = k.partial
	}
	field := func(description string) dschema.Attribute {
		return dschema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	attributes := map[string]dschema.Attribute{
		"ids": dschema.ListAttribute{
			MarkdownDescription: "The IDs of the users.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"users": dschema.ListNestedAttribute{
			MarkdownDescription: "The users, in the vendor's order.", Computed: true,
			NestedObject: dschema.NestedAttributeObject{Attributes: map[string]dschema.Attribute{
				"id":     field("The vendor's own ID."),
				"email":  field("Email address. Null if the vendor does not show one here."),
				"name":   field("Full name. Null if the vendor does not show one."),
				"status": field("`active` or `suspended`."),
			}},
		},
	}
	maps.Copy(attributes, k.dataFilters())
	resp.Schema = dschema.Schema{
		MarkdownDescription: which + "\n\n~> Do not use it for the `for_each` of resources. " +
			"A user can be missing in an answer, for example because they were suspended or a filter changed. " +
			"Then they are missing in the configuration, and the next plan closes their account. " +
			"Use it only for `import` blocks, and write out the keys of the resources.",
		Attributes: attributes,
	}
}

// Read implements datasource.DataSource.
func (d *usersData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	k := d.users.kind
	c := k.chosen(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !d.users.reachable(&resp.Diagnostics) {
		return
	}
	ctx, cancel := context.WithTimeout(offboard.WithoutCache(ctx), readTimeout)
	defer cancel()
	ids, users, read := []string{}, []listedModel{}, 0
	missing := gaps{kind: k}
	for row, err := range d.users.vendor().list(ctx, c) {
		if err != nil && !missing.add(err) {
			resp.Diagnostics.Append(cannotList(k, err))
			return
		}
		if err != nil {
			continue
		}
		read++
		if u := row.user(); missing.passes(u, c) {
			ids = append(ids, u.ID)
			users = append(
				users,
				listedModel{types.StringValue(u.ID), text(u.Email), text(u.Name), types.StringValue(string(u.Status))},
			)
		}
	}
	logRead(ctx, k, read, len(ids))
	resp.Diagnostics.Append(missing.diagnostics(diag.SeverityError)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.State.Raw = req.Config.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("ids"), ids)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("users"), users)...)
}
