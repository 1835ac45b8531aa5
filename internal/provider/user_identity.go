package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// userIdentity identifies a user of one vendor across states.
type userIdentity struct{ ID, Tenant types.String }

// identitySchema is the schema of the identity of a user.
func (k userKind) identitySchema() identityschema.Schema {
	attributes := map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The vendor's own ID of the user."},
		"tenant": identityschema.StringAttribute{OptionalForImport: true, Description: "The address from which the user " +
			"is imported: host and base path. If it is set, it must be the configured one."},
	}
	if k.declared {
		attributes[vendorAttribute] = identityschema.StringAttribute{
			RequiredForImport: true, Description: "The name of the vendor in vendors of the provider block.",
		}
	}
	return identityschema.Schema{Attributes: attributes}
}

// identityIn reads what all identities have.
func identityIn(ctx context.Context, from *tfsdk.ResourceIdentity, diags *diag.Diagnostics) (identity userIdentity) {
	diags.Append(from.GetAttribute(ctx, path.Root("id"), &identity.ID)...)
	diags.Append(from.GetAttribute(ctx, path.Root("tenant"), &identity.Tenant)...)
	return identity
}

// setIdentity writes the identity of a user of this vendor.
func (k userKind) setIdentity(
	ctx context.Context, to *tfsdk.ResourceIdentity, identity userIdentity,
) (diags diag.Diagnostics) {
	diags.Append(to.SetAttribute(ctx, path.Root("id"), identity.ID)...)
	diags.Append(to.SetAttribute(ctx, path.Root("tenant"), identity.Tenant)...)
	if k.declared {
		diags.Append(to.SetAttribute(ctx, path.Root(vendorAttribute), k.name)...)
	}
	return diags
}

// identityText is an identity as an import block has it.
func (k userKind) identityText(id string) string {
	if k.declared {
		return "identity = { vendor = " + literal(k.name) + ", id = " + literal(id) + " }"
	}
	return "identity = { id = " + literal(id) + " }"
}
