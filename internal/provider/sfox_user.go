package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/directory"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/sfox"
)

var sfoxKind = userKind{
	name:    "sfox",
	title:   "sFOX",
	keyName: "enterprise API key",
	baseURL: "https://api.sfox.com/v1",
	rate:    "24, just under the documented 250 in 10 seconds. The limits of single routes change with it",
	description: "An end user of sFOX Connect. Its destroy deactivates the account, which sFOX allows only at zero " +
		"balance. It succeeds when sFOX itself answers that the account is gone.",
	attributes: map[string]schema.Attribute{
		"account_type":        computed("`individual` or `corporation`."),
		"account_role":        computed("`client` or `advisor`."),
		"advisor_user_id":     computed("ID of the advisor of this client."),
		"verification_status": computed("State of the identity check: `PENDING`, `VERIFIED` or `UNSUPPORTED`."),
	},
	checkID:  sfox.CheckID,
	keyOwner: "partner",
	proofs: map[offboard.Sight]string{
		offboard.Absent: "sFOX accepted the deactivation, or its answer was lost. After it sFOX answers that it has no such user, and its list shows others of the same role.",
	},
	connect: func(c *clients, config rest.Config, _ string) error {
		client, err := sfox.New(config)
		if err != nil {
			return err
		}
		c.sfox = client
		c.sfoxUsers = directory.New(directory.Source[sfox.User]{
			One:    client.User,
			Page:   func(ctx context.Context, _ rest.Place) (rest.Page[sfox.User], error) { return client.Page(ctx, "") },
			Common: func(u sfox.User) offboard.User { return u.User },
			Log:    config.Log,
		})
		return nil
	},
	tenant:   func(c *clients) string { return c.sfox.Tenant() },
	newState: func() userState { return &sfoxUser{} },
	filters: append([]filter{
		{name: "account_role", description: "Only accounts with this role: `client` or `advisor`.", values: []string{"client", "advisor"}},
	}, commonFilters...),
	list: func(ctx context.Context, c *clients, by chosen) iter.Seq2[userState, error] {
		return states(c.sfox.Users(ctx, by.texts["account_role"]), func(account sfox.User) (userState, offboard.User) {
			u := &sfoxUser{}
			user, _ := u.show(account, nil)
			return u, user
		})
	},
	findByEmail: func(ctx context.Context, c *clients, email string) ([]offboard.User, error) {
		found, err := c.sfox.FindByEmail(ctx, email)
		return common(found, func(u sfox.User) offboard.User { return u.User }), err
	},
}

// sfoxUser is the state of an offboard_sfox_user.
type sfoxUser struct {
	userModel
	AccountType        types.String `tfsdk:"account_type"`
	AccountRole        types.String `tfsdk:"account_role"`
	AdvisorUserID      types.String `tfsdk:"advisor_user_id"`
	VerificationStatus types.String `tfsdk:"verification_status"`

	account sfox.User `tfsdk:"-"`
}

func (u *sfoxUser) read(ctx context.Context, c *clients) (offboard.User, error) {
	return u.show(c.sfox.User(ctx, u.ID.ValueString()))
}

func (u *sfoxUser) refresh(ctx context.Context, c *clients) (offboard.User, error) {
	return u.show(c.sfoxUsers.User(ctx, u.ID.ValueString()))
}

func (u *sfoxUser) show(account sfox.User, err error) (offboard.User, error) {
	if err != nil {
		return offboard.User{}, err
	}
	u.account = account
	u.AccountType, u.AccountRole = text(account.AccountType), text(account.AccountRole)
	u.AdvisorUserID, u.VerificationStatus = text(account.AdvisorUserID), text(account.VerificationStatus)
	return account.User, nil
}

func (u *sfoxUser) facts() facts {
	return facts{"account_role": u.AccountRole.ValueString(), "account_type": u.AccountType.ValueString()}
}

func (u *sfoxUser) aliases() []string { return nil }

func (u *sfoxUser) preflight(ctx context.Context, c *clients) ([]offboard.Finding, error) {
	return c.sfox.Preflight(ctx, u.account)
}

// key tells keys of different partners apart.
func (u *sfoxUser) key(_ context.Context, c *clients) (string, error) {
	return c.sfox.Partner(u.ID.ValueString()), nil
}

func (u *sfoxUser) witness(c *clients, _ string) offboard.Witness {
	return c.sfox.Witness(sfox.User{User: u.user(), AccountRole: u.AccountRole.ValueString()})
}

func (u *sfoxUser) close(ctx context.Context, c *clients, how closing) (offboard.Sight, []offboard.Finding, error) {
	c.sfoxUsers.Stop()
	proof, err := c.sfox.Close(ctx, u.account, how.sent, how.reviewed)
	return proof, nil, err
}
