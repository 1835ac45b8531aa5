package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// declaredResource is userResource for all vendors that the provider block declares. Which of them
// is meant, each call says.
type declaredResource struct{ userResource }

// attributeSource is a configuration, a plan, a state or an identity.
type attributeSource interface {
	GetAttribute(ctx context.Context, at path.Path, target any) diag.Diagnostics
}

// vendorIn reads the name of the vendor.
func vendorIn(ctx context.Context, from attributeSource, diags *diag.Diagnostics) (name types.String) {
	diags.Append(from.GetAttribute(ctx, path.Root(vendorAttribute), &name)...)
	return name
}

// ofVendor is the resource for the users of the vendor that from names. It is nil if there is no such
// vendor; the diagnostics say why.
func (r *userResource) ofVendor(ctx context.Context, from attributeSource, diags *diag.Diagnostics) *userResource {
	name := vendorIn(ctx, from, diags)
	if diags.HasError() {
		return nil
	}
	return r.forVendor(name, diags)
}

// forVendor is ofVendor for a name.
func (r *userResource) forVendor(name types.String, diags *diag.Diagnostics) *userResource {
	if r.clients == nil { // Terraform only validates
		return r
	}
	k, problem := r.clients.declared.kind(name)
	if problem != nil {
		diags.Append(problem)
		return nil
	}
	return &userResource{kind: k, clients: r.clients}
}

// ValidateConfig implements resource.ResourceWithValidateConfig. It says nothing of a vendor that is
// not declared, because every other call does.
func (r *declaredResource) ValidateConfig(
	ctx context.Context,
	req resource.ValidateConfigRequest,
	resp *resource.ValidateConfigResponse,
) {
	var unknown diag.Diagnostics
	users := r.ofVendor(ctx, req.Config, &unknown)
	if users == nil {
		users = &userResource{kind: r.kind}
	}
	var id, onDestroy types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("on_destroy"), &onDestroy)...)
	var suspended types.Bool
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(suspendedName), &suspended)...)
	if err := users.kind.checkID(id.ValueString()); err != nil && !id.IsUnknown() && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(unusableID(users.kind, id.ValueString(), err))
	}
	if users.kind.name != "" && users.kind.suspension.is == "" {
		if onDestroy.ValueString() == onDestroySuspend {
			resp.Diagnostics.Append(cannotSuspend(users.kind, "on_destroy", "\"suspend\""))
		}
		if suspended.ValueBool() {
			resp.Diagnostics.Append(cannotSuspend(users.kind, suspendedName, "true"))
		}
	}
	users.ValidateConfig(ctx, req, resp)
}

// ImportState implements resource.ResourceWithImportState. It takes the name of the vendor, a slash
// and what userResource takes, or an identity.
func (r *declaredResource) ImportState(
	ctx context.Context,
	req resource.ImportStateRequest,
	resp *resource.ImportStateResponse,
) {
	if req.ID == "" {
		if users := r.ofVendor(ctx, req.Identity, &resp.Diagnostics); users != nil {
			users.ImportState(ctx, req, resp)
		}
		return
	}
	name, id, _ := strings.Cut(req.ID, "/")
	if id == "" {
		resp.Diagnostics.Append(importWithoutVendor(req.ID))
		return
	}
	if users := r.forVendor(types.StringValue(name), &resp.Diagnostics); users != nil {
		req.ID = id
		users.ImportState(ctx, req, resp)
	}
}

// Create implements resource.Resource.
func (r *declaredResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if users := r.ofVendor(ctx, req.Plan, &resp.Diagnostics); users != nil {
		users.Create(ctx, req, resp)
	}
}

// Read implements resource.Resource.
func (r *declaredResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if users := r.ofVendor(ctx, req.State, &resp.Diagnostics); users != nil {
		users.Read(ctx, req, resp)
	}
}

// Update implements resource.Resource.
func (r *declaredResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if users := r.ofVendor(ctx, req.State, &resp.Diagnostics); users != nil {
		users.Update(ctx, req, resp)
	}
}

// Delete implements resource.Resource.
func (r *declaredResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if users := r.ofVendor(ctx, req.State, &resp.Diagnostics); users != nil {
		users.Delete(ctx, req, resp)
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan. It refuses another vendor, as userResource
// refuses another ID.
func (r *declaredResource) ModifyPlan(
	ctx context.Context,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	var from attributeSource = req.State
	if req.State.Raw.IsNull() {
		from = req.Plan
	}
	name := vendorIn(ctx, from, &resp.Diagnostics)
	if !req.State.Raw.IsNull() && !req.Plan.Raw.IsNull() {
		planned := vendorIn(ctx, req.Plan, &resp.Diagnostics)
		if was := r.state(ctx, req.State, &resp.Diagnostics); !planned.Equal(name) && !resp.Diagnostics.HasError() {
			k := kindDeclared(name.ValueString(), name.ValueString())
			resp.Diagnostics.Append(vendorChanged(k, was.common().user(), planned))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if users := r.forVendor(name, &resp.Diagnostics); users != nil {
		users.ModifyPlan(ctx, req, resp)
	}
}
