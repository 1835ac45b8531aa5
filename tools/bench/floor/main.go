// Command floor is a provider with the schema of this one that makes no request. What Terraform
// needs with it is what Terraform and the plugin protocol cost by themselves. Only the benchmarks
// use it, and it closes no account.
//
// The schema is not a copy: each resource is the real one, of which only the names and the schemas
// are used.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	offboard "github.com/offboard/terraform-provider-offboard/internal/provider"
)

func main() {
	err := providerserver.Serve(context.Background(), newIdle, providerserver.ServeOpts{
		Address:         "registry.terraform.io/offboard/offboard",
		ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// described has the methods with the schemas of a provider.
type described interface {
	provider.ProviderWithFunctions
	provider.ProviderWithListResources
	provider.ProviderWithActions
}

// idle is the provider. Its metadata and its schemas are those of the real one.
type idle struct{ described }

func newIdle() provider.Provider { return idle{offboard.New("floor")().(described)} }

// Configure implements provider.Provider.
func (idle) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// Resources implements provider.Provider.
func (p idle) Resources(ctx context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for _, build := range p.described.Resources(ctx) {
		all = append(all, func() resource.Resource { return &user{build().(resource.ResourceWithIdentity)} })
	}
	return all
}

// user is a resource. Creating and updating, which the benchmarks do not do, are those of the real
// one.
type user struct{ resource.ResourceWithIdentity }

// ImportState implements resource.ResourceWithImportState.
func (*user) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), req.ID)...)
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (*user) ModifyPlan(context.Context, resource.ModifyPlanRequest, *resource.ModifyPlanResponse) {}

// Read implements resource.Resource. After an import it fills the state, which is then as large as
// with the real provider.
func (*user) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var id types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
	if err := fill(&resp.State, "u"+id.ValueString()+"@acme.test"); err != nil {
		resp.Diagnostics.AddError("Cannot fill the state", err.Error())
	}
}

// Delete implements resource.Resource.
func (*user) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// fill sets every string that is computed and not set to text, such as the email address that the
// benchmarks configure. It sets every number, too. What only a configuration sets stays null, because the
// plan would change it otherwise.
func fill(state *tfsdk.State, text string) error {
	attributes := map[string]tftypes.Value{}
	if err := state.Raw.As(&attributes); err != nil {
		return err
	}
	for name, value := range attributes {
		switch {
		case !value.IsNull() || !state.Schema.GetAttributes()[name].IsComputed():

		case value.Type().Is(tftypes.String):
			attributes[name] = tftypes.NewValue(tftypes.String, text)
		case value.Type().Is(tftypes.Number):
			attributes[name] = tftypes.NewValue(tftypes.Number, 12)
		}
	}
	state.Raw = tftypes.NewValue(state.Raw.Type(), attributes)
	return nil
}
