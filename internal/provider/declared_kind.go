package provider

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/directory"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillabletms"
)

// vendorAttribute names the vendor of a user who has the resource that all declared vendors share.
const vendorAttribute = "vendor"

// The values of on_destroy of such a user.
const (
	onDestroyClose   = "close"
	onDestroySuspend = "suspend"
)

// declaredKind is what holds for the users of every vendor that the provider block declares.
var declaredKind = userKind{
	declared: true,
	title:    "a vendor in `vendors`",
	description: "A user of a vendor that `vendors` in the provider block declares. " +
		"Its destroy makes the steps of the vendor's definition. " +
		"It succeeds when the vendor itself shows that the account is closed.",
	attributes: map[string]schema.Attribute{
		vendorAttribute: schema.StringAttribute{
			MarkdownDescription: vendorDescription + " It cannot be changed.", Required: true,
		},
		"facts": schema.MapAttribute{
			MarkdownDescription: "What the vendor shows of the user beside name, email and status, as the definition says. " +
				"The sign-in name is `login`. " +
				"If one of them changes between plan and apply, the account is not closed.",
			ElementType:   types.StringType,
			Computed:      true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.UseStateForUnknown()},
		},
		suspendedName: suspendedAttribute(
			"The steps of the definition that can be undone are made, and the vendor must then " +
				"show the account as suspended. A definition without such a step refuses it.",
		),
		"on_destroy": schema.StringAttribute{
			MarkdownDescription: "What destroy does. `close` (the default) makes all steps of the definition. " +
				"`suspend` stops after the step that can be undone. A definition without such a step refuses it.",
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(onDestroyClose),
			Validators: []validator.String{stringvalidator.OneOf(onDestroyClose, onDestroySuspend)},
		},
	},
	defaults:     map[string]any{"on_destroy": onDestroyClose},
	checkID:      checkDeclaredID,
	newState:     func() userState { return &declaredUser{Facts: types.MapNull(types.StringType)} },
	filters:      commonFilters,
	findsByEmail: true,
}

const vendorDescription = "The name of the vendor in `vendors` of the provider block."

// checkDeclaredID checks what every definition wants of an ID. What one wants beside that is checked
// when the vendor is known.
func checkDeclaredID(id string) error {
	if id == "" {
		return errors.New("it is empty")
	}
	return nil
}

// kindDeclared is the kind of the users of a declared vendor of which nothing but the name is known.
func kindDeclared(name, title string) userKind {
	k := declaredKind
	k.name, k.title, k.KeyTells = name, title, true

	k.defaults = map[string]any{"on_destroy": onDestroyClose, vendorAttribute: name}
	k.newState = func() userState {
		return &declaredUser{Vendor: types.StringValue(name), Facts: types.MapNull(types.StringType)}
	}
	k.proofs = proofsOf(title, "shows the account as closed", "sees what it should")
	k.suspension = suspensionWords{is: "suspended", shows: title + " shows the account as suspended."}
	return k
}

// proofsOf are what proves a closing: what the vendor shows of the account then, or what the API key still does
// when the vendor shows none.
func proofsOf(title, shows, key string) map[offboard.Observation]proofWords {
	return map[offboard.Observation]proofWords{
		offboard.Done: {"", title + " " + shows + "."},
		offboard.Absent: {
			title + " accepted the closing call, or its answer was lost.",
			"After it " + title + " answers that it has no such user, and the API key still " + key + ".",
		},
	}
}

// kindDefined is the kind of the users of a vendor with this definition.
func kindDefined(d *declared.Definition, settings types.Object) userKind {
	k := kindDeclared(d.Name, cmp.Or(offboard.Text(d.Title), d.Name))
	k.checkID, k.findsByEmail, k.noList, k.facts = d.CheckID, d.FindsByEmail(), !d.Lists(), describedFacts[d.Docs]

	shows, key := "shows the account as closed", "sees what it should"
	if d.EndsAtAnotherRecord() {
		shows += ", or shows another record under its ID, which is the end by `done` of the definition"
	}
	if k.noSight = !d.ChecksSight(); k.noSight {
		key = "works"
	}
	k.proofs = proofsOf(k.title, shows, key)
	if !d.Suspends() {
		k.suspension = suspensionWords{}
	}
	k.connect = func(config rest.Config, _ string) (vendor, error) {
		return connectDeclared(d, declaredConfig{kind: k, settings: settings, Config: config})
	}
	return k
}

// describedFacts are what the provider knows of vendors that a definition describes, by the address of
// their documentation.
var describedFacts = map[string][]contract.Fact{skillabletms.Docs: skillabletms.Facts}

// declaredUser is the state of an offboard_user.
type declaredUser struct {
	userModel
	Vendor    types.String `tfsdk:"vendor"`
	Facts     types.Map    `tfsdk:"facts"`
	OnDestroy types.String `tfsdk:"on_destroy"`
	Suspended types.Bool   `tfsdk:"suspended"`
}

func (u *declaredUser) suspension() types.Bool { return u.Suspended }

func (u *declaredUser) facts() closing.Facts {
	facts, _ := textsIn(u.Facts)
	return facts
}

func (u *declaredUser) settings() map[string]attr.Value {
	all := u.userModel.settings()
	all["on_destroy"] = u.OnDestroy
	return all
}

func (u *declaredUser) reversible() bool { return u.OnDestroy.ValueString() == onDestroySuspend }

// declaredVendor is a session with a declared vendor.
type declaredVendor struct {
	*declared.Client
	listedVendor[declared.User]
	hash string
}

// newDeclaredVendor makes a session. The page of a list that the definition does not have is an error
// without a request, so the directory reads its users one by one then.
func newDeclaredVendor(client *declared.Client, hash string, log rest.Log) *declaredVendor {
	v := &declaredVendor{Client: client, hash: hash}
	all := directory.New(directory.Source[declared.User]{
		One: client.User, Page: client.Page, Log: log,
		Common: func(u declared.User) offboard.User { return u.User }, Same: declared.User.Equal,
	})
	v.listedVendor = listedVendor[declared.User]{
		client,
		all,
		func(u declared.User) account { return declaredAccount{u, v} },
	}
	return v
}

func (v *declaredVendor) list(ctx context.Context, by chosen) iter.Seq2[snapshot, error] {
	if by.closed {
		return v.snapshots(v.AllUsers(ctx))
	}
	return v.snapshots(v.Users(ctx))
}

func (v *declaredVendor) keyOwner(ctx context.Context) (ownership, error) {
	ownsKey, err := v.KeyOwner(ctx)
	return func(row snapshot) (owns, may bool) {
		a, ok := row.(declaredAccount)
		if !ok {
			return false, false
		}
		return ownsKey(a.User)
	}, err
}

func (v *declaredVendor) definition() string { return v.hash }

// key is what the definition says of the rights of the key.
func (v *declaredVendor) key(ctx context.Context, _ string) (string, error) { return v.Rights(ctx) }

func (v *declaredVendor) verifierOf(u offboard.User, _ userState, key string) offboard.Verifier {
	return v.Verifier(u, key)
}

// declaredAccount is what a declared vendor shows of one user.
type declaredAccount struct {
	declared.User
	vendor *declaredVendor
}

func (a declaredAccount) user() offboard.User { return a.User.User }

func (a declaredAccount) fill(state userState) {
	facts := map[string]attr.Value{}
	for name, fact := range a.Facts {
		facts[name] = types.StringValue(fact)
	}
	if _, own := facts[closing.Login]; !own && a.Login != "" {
		facts[closing.Login] = types.StringValue(a.Login) // a sign-in name that changed is another account
	}
	state.(*declaredUser).Facts = types.MapValueMust(types.StringType, facts)
}

func (a declaredAccount) aliases() []string {
	if a.Login == "" {
		return nil
	}
	return []string{a.Login}
}

func (a declaredAccount) calls(ctx context.Context) (string, error) {
	return a.vendor.Calls(ctx, a.User)
}

func (a declaredAccount) preflight(ctx context.Context, _ userState, reversible bool) ([]offboard.Finding, error) {
	if reversible {
		return a.vendor.PreflightSuspension(ctx, a.User)
	}
	return a.vendor.Preflight(ctx, a.User)
}

func (a declaredAccount) close(
	ctx context.Context,
	_ userState,
	how closeRequest,
) (offboard.Observation, []offboard.Finding, error) {
	ctx = offboard.WithCheck(ctx, func(ctx context.Context, now declared.User) error {
		return how.check(ctx, declaredAccount{now, a.vendor})
	})
	a.vendor.directory.Stop()
	if how.reversible {
		proof, err := a.vendor.Suspend(ctx, a.User)
		return proof, nil, err
	}
	proof, err := a.vendor.Close(ctx, a.User, how.key, how.sent)
	return proof, nil, err
}
