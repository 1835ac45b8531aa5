package provider

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

const (
	readTimeout   = 5 * time.Minute
	deleteTimeout = 10 * time.Minute
)

// userResource is the life of a user, the same for every vendor: taken over by import, watched, closed by destroy, and never
// created.
type userResource struct {
	kind    userKind
	clients *clients
}

// userIdentity identifies a user across states.
type userIdentity struct {
	ID     types.String `tfsdk:"id"`
	Tenant types.String `tfsdk:"tenant"`
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
func (r *userResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id":     identityschema.StringAttribute{RequiredForImport: true, Description: "The vendor's own id of the user."},
		"tenant": identityschema.StringAttribute{OptionalForImport: true, Description: "The address that the user is imported from: host and base path. When it is set, it must be the configured one."},
	}}
}

// Configure implements resource.ResourceWithConfigure.
func (r *userResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.clients, _ = req.ProviderData.(*clients) // nil while Terraform only validates
}

// ImportState implements resource.ResourceWithImportState. It takes the vendor's id, the e-mail address of exactly one user where the vendor can find users by it, or an
// identity; the read that follows finds out whether there is such a user.
func (r *userResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	wanted := userIdentity{ID: types.StringValue(req.ID)}
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &wanted)...)
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
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), found.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("tenant"), found.Tenant)...)
	for name, value := range r.kind.defaults {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// Read implements resource.Resource. A user who was closed elsewhere stays in the state as closed: without a state the next plan would be to
// create the user, which nothing ever does. An absence that nothing confirms changes nothing in the state.
func (r *userResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := r.state(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	user := state.common()
	resp.Diagnostics.Append(r.identify(ctx, req.Identity, resp.Identity, user)...)
	if !r.ready(user.user(), user.Tenant, &resp.Diagnostics) {
		return
	}
	user.Tenant = types.StringValue(r.tenant())
	ctx, cancel := withTimeout(ctx, user.Timeouts.Read, readTimeout, &resp.Diagnostics)
	defer cancel()
	remembered, _ := readRecord(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.refresh(ctx, state, &remembered, user.Status.IsNull())...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.clients.guards.block.Silent {
		remembered.Guards = &r.clients.guards.block
	}
	resp.Diagnostics.Append(remembered.write(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// refresh brings the state up to date, and what is remembered beside it.
func (r *userResource) refresh(ctx context.Context, state userState, remembered *record, imported bool) (diags diag.Diagnostics) {
	user := state.common()
	before := user.user()
	live, sight, err := r.observe(ctx, state, state.refresh, remembered.Key)
	switch {
	case imported && sight != offboard.Open && err == nil:
		diags.Append(noSuchUser(r.kind, before.ID, r.tenant()))
	case sight == offboard.Absent && err != nil && !imported:
		diags.Append(notVisibleNow(r.kind, before, err))
	case err != nil:
		diags.Append(r.cannotRead(before, err))
	case sight != offboard.Open:
		user.Status = types.StringValue(string(offboard.Closed))
		diags.Append(closedElsewhere(r.kind, before, sight, remembered.Progress))
	default:
		user.setFrom(r.kind, live)
		diags.Append(r.watch(ctx, state, live, before, remembered, imported)...)
	}
	return diags
}

// watch compares an open account with what is remembered, and remembers what is new.
func (r *userResource) watch(
	ctx context.Context, state userState, live, before offboard.User, remembered *record, imported bool,
) (diags diag.Diagnostics) {
	r.clients.readings.keep(r.kind.name, live)
	if imported {
		diags.Append(seenNothing(r.kind, live)...)
		*remembered = record{Opened: time.Now().UTC()}
	} else {
		remembered.complete(before)
		r.refute(ctx, live, remembered)
	}
	key, err := state.key(ctx, r.clients)
	another := false
	switch {
	case err != nil: // it is asked again, and matters then
	case remembered.Key == "" || imported || !r.kind.ownKey, live.Person().Known() && remembered.Person.Known() && remembered.Person.Is(live.Person()):
		remembered.Key = key
	case remembered.Key != key:
		another = true
		diags.Append(anotherKey(r.kind, live))
	}
	if !imported {
		remembered.Status = cmp.Or(remembered.Status, before.Status)
		diags.Append(drift(r.kind, *remembered, before, live, state.facts())...)
	}
	if !another { // what another key shows may be another account
		remembered.learn(live, state.facts())
	}
	return diags
}

// refute notes that an account is open after a call whose answer was lost: it did not close the account, and explains no later absence.
func (r *userResource) refute(ctx context.Context, live offboard.User, remembered *record) {
	if live.Status == offboard.Unknown {
		return
	}
	if remembered.Progress.Call == offboard.Lost {
		remembered.Progress.Call = offboard.NotSent
	}
	if r.clients.evidence.earlier(ctx, r.account(live.ID), *remembered) == offboard.Lost {
		remembered.Opened = time.Now().UTC()
	}
}

// observe reads the account by a first look, which may be answered from a list, and judges an absence: it looks again, and asks for a sign of
// life. The error says why nothing can be concluded; with offboard.Absent it is why an absence says nothing.
func (r *userResource) observe(
	ctx context.Context, state userState, first func(context.Context, *clients) (offboard.User, error), key string,
) (offboard.User, offboard.Sight, error) {
	live, err := first(ctx, r.clients)
	sight, err := offboard.SightOf(err)
	if err != nil || sight != offboard.Absent {
		return live, sight, err
	}
	w := state.witness(r.clients, key)
	w.Look = func(ctx context.Context) (offboard.Sight, error) {
		var err error
		live, err = state.read(ctx, r.clients)
		return offboard.SightOf(err)
	}
	sight, err = w.Confirm(ctx)
	return live, sight, err
}

// identify keeps the identity that a user has, and gives one to a user without: an old one names the host alone.
func (r *userResource) identify(ctx context.Context, have, set *tfsdk.ResourceIdentity, user *userModel) diag.Diagnostics {
	var old userIdentity
	if have != nil && !have.Raw.IsNull() && !have.Get(ctx, &old).HasError() && old.ID.Equal(user.ID) && !old.Tenant.IsNull() {
		return set.Set(ctx, old)
	}
	return set.Set(ctx, userIdentity{ID: user.ID, Tenant: user.Tenant})
}

// ValidateConfig implements resource.ResourceWithValidateConfig. In a plan it is called with what is written in the block just before ModifyPlan, which does
// not see that where ignore_changes hides it: an email address that the account does not have is refused here.
func (r *userResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var id, email types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("email"), &email)...)
	resp.Diagnostics.Append(checkTimeouts(ctx, req.Config)...)
	if resp.Diagnostics.HasError() || r.clients == nil || r.clients.problems[r.kind.name] != nil {
		return
	}
	r.clients.written.add(r.kind.name, id, email)
	if id.IsUnknown() || email.IsNull() || email.IsUnknown() || r.kind.checkID(id.ValueString()) != nil {
		return
	}
	live, seen := r.clients.readings.get(r.kind.name, id.ValueString())
	if !seen {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		state := r.kind.newState()
		state.common().ID = id
		var err error
		if live, err = state.refresh(ctx, r.clients); err != nil {
			return // Read and ModifyPlan tell
		}
	}
	if !offboard.Same(live.Email, email.ValueString()) && !r.kind.unseen(live) {
		resp.Diagnostics.Append(emailMismatch(r.kind, live, email.ValueString()))
	}
}

// shortestTimeout is the least that a request and its answer need.
const shortestTimeout = time.Second

// checkTimeouts refuses timeouts in which nothing can be done.
func checkTimeouts(ctx context.Context, config tfsdk.Config) (diags diag.Diagnostics) {
	for _, name := range []string{"read", "delete"} {
		at := path.Root("timeouts").AtName(name)
		var value types.String
		diags.Append(config.GetAttribute(ctx, at, &value)...)
		if d, err := time.ParseDuration(value.ValueString()); err == nil && d < shortestTimeout {
			diags.Append(timeoutTooShort(at, value.ValueString()))
		}
	}
	return diags
}

// Create implements resource.Resource and refuses: nobody is ever created.
func (r *userResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	state := r.kind.newState()
	resp.Diagnostics.Append(req.Plan.Get(ctx, state)...)
	resp.Diagnostics.Append(createRefused(r.kind, state.common().ID.ValueString()))
}

// Update implements resource.Resource. It writes to the state only: what can be changed in the configuration steers this provider, not the vendor. Only an e-mail address
// that the configuration itself holds says that whoever is behind the id now is the right person.
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
	if !configured.IsNull() {
		remembered.confirmed(was.user(), before.facts())
	}
	if !r.clients.guards.block.Silent {
		remembered.Guards = &r.clients.guards.block
	}
	resp.Diagnostics.Append(remembered.write(ctx, resp.Private)...)
	resp.Diagnostics.Append(r.identify(ctx, req.Identity, resp.Identity, user)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, planned)...)
}

// ready reports whether the vendor can be asked about a user of this tenant; the diagnostics say why not.
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

// tenant is the address that accounts belong to: host and base path, with at least a slash, so that it differs from what older versions wrote, the host alone.
func (r *userResource) tenant() string { return slashed(r.kind.tenant(r.clients)) }

func slashed(tenant string) string {
	if !strings.Contains(tenant, "/") {
		tenant += "/"
	}
	return tenant
}

// sameTenant compares the tenant of a state, or the one that a person wrote to import from, with the configured one. A state of an older
// version names the host alone, as its base URL was written: with a default port, for example.
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
func withTimeout(ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), otherwise time.Duration, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, problems := configured(ctx, otherwise)
	diags.Append(problems...)
	return context.WithTimeout(ctx, limit)
}

// idValidators check an id before any request is made with it.
func idValidators(k userKind) []validator.String {
	return []validator.String{check("an id of a user of "+k.title, k.checkID)}
}

// keepLetterCase plans the email as the vendor writes it when the configuration writes the same one in another way.
type keepLetterCase struct{}

// Description implements planmodifier.String.
func (keepLetterCase) Description(context.Context) string { return "letter case does not matter" }

// MarkdownDescription implements planmodifier.String.
func (m keepLetterCase) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (keepLetterCase) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !req.StateValue.IsNull() && offboard.Same(req.StateValue.ValueString(), req.ConfigValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}
