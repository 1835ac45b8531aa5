package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	fwlist "github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The data sources and the list resource for all vendors that the provider block declares.
type (
	declaredData      struct{ userData }
	declaredUsersData struct{ usersData }
	declaredList      struct{ userList }
)

// Read implements datasource.DataSource.
func (d *declaredData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var email types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("email"), &email)...)
	users := d.users.ofVendor(ctx, req.Config, &resp.Diagnostics)
	switch {
	case users == nil:
	case !email.IsNull() && !users.kind.findsByEmail:
		resp.Diagnostics.Append(noSearch(users.kind))
	default:
		(&userData{*users}).Read(ctx, req, resp)
	}
}

// Read implements datasource.DataSource.
func (d *declaredUsersData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if users := d.users.listable(ctx, req.Config, &resp.Diagnostics); users != nil {
		(&usersData{*users}).Read(ctx, req, resp)
	}
}

// List implements list.ListResource.
func (l *declaredList) List(ctx context.Context, req fwlist.ListRequest, stream *fwlist.ListResultsStream) {
	var diags diag.Diagnostics
	users := l.listable(ctx, req.Config, &diags)
	if users == nil {
		stream.Results = fwlist.ListResultsStreamDiagnostics(diags)
		return
	}
	(&userList{*users}).List(ctx, req, stream)
}

// listable is ofVendor for a vendor that must have a list.
func (r *userResource) listable(ctx context.Context, from attributeSource, diags *diag.Diagnostics) *userResource {
	users := r.ofVendor(ctx, from, diags)
	if users != nil && users.kind.noList {
		diags.Append(noList(users.kind))
		return nil
	}
	return users
}
