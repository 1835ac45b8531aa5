package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	pschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/directory"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/konstantly"
)

// The values of on_destroy.
const (
	onDestroyDelete = "delete"
	onDestroyBlock  = "block"
)

var konstantlyKind = userKind{
	name:    "konstantly",
	title:   "Konstantly",
	keyName: "API key of the site, from Settings > API",
	baseURL: "https://SITE.konstant.ly/openapi/v1",
	rate:    "1.6, just under the documented 100 a minute",
	extraSettings: map[string]pschema.Attribute{
		"site": pschema.StringAttribute{
			MarkdownDescription: "The name of the site, such as `acme` for `https://acme.konstant.ly`. " +
				"If it is not set, the environment variable `KONSTANTLY_SITE` is used. It is not needed if `base_url` is set.",
			Optional: true,
		},
	},
	settingChecks: map[string]func(string) error{"site": func(site string) error {
		_, err := konstantly.BaseURL(site)
		return err
	}},
	description: "A user of a Konstantly site. Its destroy blocks the account and then deletes it. " +
		"It succeeds when the site itself answers that there is no such user.",
	attributes: map[string]schema.Attribute{
		"role":     computed("Alias of the user's role."),
		"language": computed("Language of the user's interface."),
		"timezone": computed("The user's time zone, as the tz database names it."),
		"from_api": computedBool("True if the user can be edited only through the API."),
		suspendedName: suspendedAttribute("Konstantly blocks the account (`POST /users/blocked`), and the site must then " +
			"show it as blocked. Unblocking it needs a free seat."),
		"on_destroy": schema.StringAttribute{
			MarkdownDescription: "What destroy does. `delete` (the default) blocks the account and then deletes it " +
				"permanently. `block` stops after the block, which can be undone.",
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(onDestroyDelete),
			Validators: []validator.String{stringvalidator.OneOf(onDestroyDelete, onDestroyBlock)},
		},
	},
	defaults: map[string]any{"on_destroy": onDestroyDelete},
	checkID:  konstantly.CheckID,
	proofs: map[offboard.Observation]proofWords{
		offboard.Absent: {
			"The site accepted the deletion, or its answer was lost.",
			"After it the site answers that it has no such user, and its list shows others.",
		},
	},
	suspension:   suspensionWords{is: "blocked", shows: "The site shows the user as blocked."},
	connect:      connectKonstantly,
	newState:     func() userState { return &konstantlyUser{} },
	filters:      commonFilters,
	findsByEmail: true,
}

// konstantlyUser is the state of an offboard_konstantly_user.
type konstantlyUser struct {
	userModel
	Role      types.String `tfsdk:"role"`
	Language  types.String `tfsdk:"language"`
	Timezone  types.String `tfsdk:"timezone"`
	FromAPI   types.Bool   `tfsdk:"from_api"`
	OnDestroy types.String `tfsdk:"on_destroy"`
	Suspended types.Bool   `tfsdk:"suspended"`
}

func (u *konstantlyUser) facts() closing.Facts { return closing.Facts{"role": u.Role.ValueString()} }

func (u *konstantlyUser) settings() map[string]attr.Value {
	all := u.userModel.settings()
	all["on_destroy"] = u.OnDestroy
	return all
}

func (u *konstantlyUser) reversible() bool { return u.OnDestroy.ValueString() == onDestroyBlock }

func (u *konstantlyUser) suspension() types.Bool { return u.Suspended }

// konstantlyVendor is a session with one site.
type konstantlyVendor struct {
	*konstantly.Client
	listedVendor[konstantly.User]
}

func connectKonstantly(config rest.Config, site string) (vendor, error) {
	if config.BaseURL == "" {
		if site == "" {
			return nil, &rest.SettingError{Setting: "site", Err: errMissing}
		}
		base, err := konstantly.BaseURL(site)
		if err != nil {
			return nil, &rest.SettingError{Setting: "site", Err: err}
		}
		config.BaseURL = base
	}
	client, err := konstantly.New(config)
	if err != nil {
		return nil, err
	}
	v := &konstantlyVendor{Client: client}
	v.listedVendor = listedVendor[konstantly.User]{
		client,
		directory.New(directory.Source[konstantly.User]{
			Same:   directory.Equal[konstantly.User],
			One:    client.User,
			Page:   client.Page,
			Common: func(u konstantly.User) offboard.User { return u.User },
			Log:    config.Log,
		}),
		func(u konstantly.User) account { return konstantlyAccount{u, v} },
	}
	return v, nil
}

func (v *konstantlyVendor) list(ctx context.Context, _ chosen) iter.Seq2[snapshot, error] {
	return v.snapshots(v.Users(ctx))
}

func (v *konstantlyVendor) key(context.Context, string) (string, error) { return "", nil }

// lists reports that the list has all active accounts of the site.
func (v *konstantlyVendor) lists(context.Context, observed) bool { return true }

func (v *konstantlyVendor) verifierOf(u offboard.User, _ userState, _ string) offboard.Verifier {
	return v.Verifier(u)
}

// konstantlyAccount is what the site shows of one user.
type konstantlyAccount struct {
	konstantly.User
	vendor *konstantlyVendor
}

func (a konstantlyAccount) user() offboard.User { return a.User.User }

func (a konstantlyAccount) fill(state userState) {
	u := state.(*konstantlyUser)
	u.Role, u.Language, u.Timezone = text(a.Role), text(a.Language), text(a.Timezone)
	u.FromAPI = types.BoolValue(a.FromAPI)
}

func (a konstantlyAccount) aliases() []string { return nil }

func (a konstantlyAccount) preflight(context.Context, userState, bool) ([]offboard.Finding, error) {
	return konstantly.Preflight(a.User), nil
}

func (a konstantlyAccount) close(
	ctx context.Context,
	_ userState,
	how closeRequest,
) (offboard.Observation, []offboard.Finding, error) {
	ctx = offboard.WithCheck(ctx, func(ctx context.Context, now konstantly.User) error {
		return how.check(ctx, konstantlyAccount{now, a.vendor})
	})
	a.vendor.directory.Stop()
	if how.reversible {
		proof, err := a.vendor.Block(ctx, a.User)
		return proof, nil, err
	}
	proof, err := a.vendor.Close(ctx, a.User, how.sent)
	return proof, nil, err
}
