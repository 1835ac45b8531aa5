package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	pschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
	proofs: map[offboard.Sight]string{
		offboard.Absent: "The site accepted the deletion, or its answer was lost. After it the site answers that it has no such user, and its list shows others.",
		offboard.Done:   "The site shows the user as blocked.",
	},
	connect: func(c *clients, config rest.Config, site string) error {
		if config.BaseURL == "" {
			if site == "" {
				return &rest.SettingError{Setting: "site", Err: errMissing}
			}
			base, err := konstantly.BaseURL(site)
			if err != nil {
				return &rest.SettingError{Setting: "site", Err: err}
			}
			config.BaseURL = base
		}
		client, err := konstantly.New(config)
		if err != nil {
			return err
		}
		c.konstantly = client
		c.konstantlyUsers = directory.New(directory.Source[konstantly.User]{
			One: client.User, Page: client.Page, Common: func(u konstantly.User) offboard.User { return u.User }, Log: config.Log,
		})
		return nil
	},
	tenant:   func(c *clients) string { return c.konstantly.Tenant() },
	newState: func() userState { return &konstantlyUser{} },
	filters:  commonFilters,
	list: func(ctx context.Context, c *clients, _ chosen) iter.Seq2[userState, error] {
		return states(c.konstantly.Users(ctx), func(account konstantly.User) (userState, offboard.User) {
			u := &konstantlyUser{}
			user, _ := u.show(account, nil)
			return u, user
		})
	},
	findByEmail: func(ctx context.Context, c *clients, email string) ([]offboard.User, error) {
		found, err := c.konstantly.FindByEmail(ctx, email)
		return common(found, func(u konstantly.User) offboard.User { return u.User }), err
	},
}

// konstantlyUser is the state of an offboard_konstantly_user.
type konstantlyUser struct {
	userModel
	Role      types.String `tfsdk:"role"`
	Language  types.String `tfsdk:"language"`
	Timezone  types.String `tfsdk:"timezone"`
	FromAPI   types.Bool   `tfsdk:"from_api"`
	OnDestroy types.String `tfsdk:"on_destroy"`

	account konstantly.User `tfsdk:"-"`
}

func (u *konstantlyUser) read(ctx context.Context, c *clients) (offboard.User, error) {
	return u.show(c.konstantly.User(ctx, u.ID.ValueString()))
}

func (u *konstantlyUser) refresh(ctx context.Context, c *clients) (offboard.User, error) {
	return u.show(c.konstantlyUsers.User(ctx, u.ID.ValueString()))
}

func (u *konstantlyUser) show(account konstantly.User, err error) (offboard.User, error) {
	if err != nil {
		return offboard.User{}, err
	}
	u.account = account
	u.Role, u.Language, u.Timezone, u.FromAPI = text(account.Role), text(account.Language), text(account.Timezone), types.BoolValue(account.FromAPI)
	return account.User, nil
}

func (u *konstantlyUser) facts() facts {
	return facts{"role": u.Role.ValueString()}
}

func (u *konstantlyUser) aliases() []string { return nil }

func (u *konstantlyUser) preflight(context.Context, *clients) ([]offboard.Finding, error) {
	return konstantly.Preflight(u.account), nil
}

func (u *konstantlyUser) key(context.Context, *clients) (string, error) { return "", nil }

func (u *konstantlyUser) witness(c *clients, _ string) offboard.Witness {
	return c.konstantly.Witness(u.user())
}

func (u *konstantlyUser) close(ctx context.Context, c *clients, how closing) (offboard.Sight, []offboard.Finding, error) {
	c.konstantlyUsers.Stop()
	if u.reversible() {
		proof, err := c.konstantly.Block(ctx, u.account)
		return proof, nil, err
	}
	proof, err := c.konstantly.Close(ctx, u.account, how.sent)
	return proof, nil, err
}

func (u *konstantlyUser) reversible() bool { return u.OnDestroy.ValueString() == onDestroyBlock }
