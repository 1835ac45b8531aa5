package provider

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

const (
	readTimeout   = 5 * time.Minute
	deleteTimeout = 10 * time.Minute
)

// userResource is the life of a user, the same for every vendor: imported by import, watched,
// closed by destroy, and never created.
type userResource struct {
	kind    userKind
	clients *clients
}

// Metadata implements resource.Resource.
func (r *userResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.kind.typeName()
}

// Schema implements resource.Resource.
func (r *userResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.kind.schema(ctx)
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *userResource) IdentitySchema(
	_ context.Context,
	_ resource.IdentitySchemaRequest,
	resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = r.kind.identitySchema()
}

// Configure implements resource.ResourceWithConfigure.
func (r *userResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.clients, _ = req.ProviderData.(*clients) // nil while Terraform only validates
}

// ImportState implements resource.ResourceWithImportState. It takes the vendor's id, the email
// address of exactly one user where the vendor can find users by it, or an identity; the read that
// follows finds out whether there is such a user.
func (r *userResource) ImportState(
	ctx context.Context,
	req resource.ImportStateRequest,
	resp *resource.ImportStateResponse,
) {
	wanted := userIdentity{ID: types.StringValue(req.ID)}
	if req.ID == "" {
		wanted = identityIn(ctx, req.Identity, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.ready(offboard.User{ID: wanted.ID.ValueString()}, wanted.Tenant, &resp.Diagnostics) {
		return
	}
	id, problem := r.resolve(ctx, wanted.ID.ValueString(), req.ID != "")
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	found := userIdentity{ID: types.StringValue(id), Tenant: types.StringValue(r.tenant())}
	resp.Diagnostics.Append(r.kind.setIdentity(ctx, resp.Identity, found)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), found.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("tenant"), found.Tenant)...)
	for name, value := range r.kind.defaults {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// Create implements resource.Resource and refuses: a user is never created.
func (r *userResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	state := r.kind.newState()
	resp.Diagnostics.Append(req.Plan.Get(ctx, state)...)
	resp.Diagnostics.Append(createRefused(r.kind, state.common().ID.ValueString()))
}

// Update implements resource.Resource. It suspends the account if the block asks for that. Otherwise
// it writes to the state only: what else can be changed in the configuration steers this provider,
// not the vendor. Only an email address that the configuration itself holds says that the person
// behind the ID now is the right one.
func (r *userResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	planned, before := r.kind.newState(), r.state(ctx, req.State, &resp.Diagnostics)
	resp.Diagnostics.Append(req.Plan.Get(ctx, planned)...)
	var configured types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("email"), &configured)...)
	if resp.Diagnostics.HasError() {
		return
	}
	user, was := planned.common(), before.common()
	if user.Email.IsUnknown() {
		user.Email = was.Email
	}
	if user.Name.IsUnknown() {
		user.Name = was.Name // ModifyPlan made it unknown so that this method is called
	}
	if !user.Email.Equal(was.Email) && !offboard.Same(user.Email.ValueString(), was.Email.ValueString()) {
		resp.Diagnostics.Append(emailMismatch(r.kind, was.user(), user.Email.ValueString()))
		return
	}
	remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || mustSuspend(before, planned) && !r.suspend(ctx, req, resp, planned, &remembered) {
		return
	}
	if asks := planned.suspension(); asks.ValueBool() || !asks.Equal(before.suspension()) {
		remembered.NoteSuspension(asks.ValueBool(), user.user().Status)
	}
	if confirms(configured, was.user()) {
		remembered.Accept(was.user(), before.facts())
	}
	r.keepGuards(&remembered)
	resp.Diagnostics.Append(writeRecord(ctx, remembered, resp.Private)...)
	resp.Diagnostics.Append(r.identify(ctx, req.Identity, resp.Identity, user)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
}

// ready reports whether the vendor can be asked about a user of this tenant; the diagnostics say
// why not.
func (r *userResource) ready(user offboard.User, tenant types.String, diags *diag.Diagnostics) bool {
	if problem := r.clients.problems[r.kind.name]; problem != nil {
		diags.Append(notConfigured(r.kind, user, *problem))
		return false
	}
	if here := r.tenant(); !tenant.IsNull() && !sameTenant(tenant.ValueString(), here) {
		diags.Append(wrongTenant(r.kind, user, tenant.ValueString(), here))
		return false
	}
	return true
}

// tenant is the address that accounts belong to: host and base path, with at least a slash, so that
// it differs from what older versions wrote, the host alone. A declared vendor adds the settings that
// tell its organizations apart.
func (r *userResource) tenant() string { return slashed(r.vendor().Tenant()) }

// place is where an account's ID means one account: the tenant, because two names can stand for one
// vendor. A vendor that is not configured goes by its name; nothing is closed there.
func (r *userResource) place() string {
	if r.vendor() == nil {
		return r.kind.name
	}
	return r.tenant()
}

// vendor is the session with the vendor, which ready and reachable have found to be there.
func (r *userResource) vendor() vendor { return r.clients.vendors[r.kind.name] }

func slashed(tenant string) string {
	if !strings.Contains(tenant, "/") {
		tenant += "/"
	}
	return tenant
}

// sameTenant compares the tenant of a state, or the one that a person wrote to import from, with
// the configured one. A state of an older version names the host alone, as its base URL was
// written: with a default port, for example.
func sameTenant(was, here string) bool {
	normal, err := rest.TenantOf("https://" + was)
	if err != nil {
		normal = was
	}
	if !strings.Contains(was, "/") {
		host, _, _ := strings.Cut(here, "/")
		return normal == host
	}
	return was == here || slashed(normal) == here
}

// state reads the state of a user.
func (r *userResource) state(ctx context.Context, from tfsdk.State, diags *diag.Diagnostics) userState {
	state := r.kind.newState()
	diags.Append(from.Get(ctx, state)...)
	return state
}

// withTimeout limits ctx by a configured timeout.
func withTimeout(
	ctx context.Context,
	configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics),
	otherwise time.Duration,
	diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	limit, problems := configured(ctx, otherwise)
	diags.Append(problems...)
	return context.WithTimeout(ctx, limit)
}

// key tells accounts of all vendors apart, as far as the tenant does.
func (r *userResource) key(u offboard.User) string { return r.place() + " " + u.ID }

// namedKey is key under the name of the vendor. Two names at one address can stand for two organizations
// that only the API key tells apart. So each counts, and a closure of one explains nothing of the other.
func (r *userResource) namedKey(u offboard.User) string { return r.kind.name + " " + u.ID }
