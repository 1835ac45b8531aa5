package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
)

var ecgridKind = userKind{
	name:        "ecgrid",
	title:       "ECGrid",
	keyName:     "API key of a user with the level NetworkAdmin or higher",
	baseURL:     "https://rest.ecgrid.io/v2",
	rate:        "no limit, because none is documented",
	description: "A user of ECGrid. Destroying it terminates the user for good, and returns when ECGrid itself shows the user as terminated or gone.",
	attributes: map[string]schema.Attribute{
		"login":      computed("Login name."),
		"auth_level": computed("Level of rights, such as `MailboxUser` or `NetworkAdmin`."),
		"network_id": computedInt("Id of the user's network; 0 is the default network."),
		"mailbox_id": computedInt("Id of the user's mailbox; 0 is the network level."),
	},
	checkID: ecgrid.CheckID,
	proof:   "ECGrid shows the user as terminated, or answers that there is no such user while the key still answers for its own.",
	connect: func(c *clients, config rest.Config, _ string) error {
		client, err := ecgrid.New(config)
		c.ecgrid = client
		return err
	},
	tenant:   func(c *clients) string { return c.ecgrid.Tenant() },
	newState: func() userState { return &ecgridUser{} },
}

// ecgridUser is the state of an offboard_ecgrid_user.
type ecgridUser struct {
	userModel
	Login     types.String `tfsdk:"login"`
	AuthLevel types.String `tfsdk:"auth_level"`
	NetworkID types.Int64  `tfsdk:"network_id"`
	MailboxID types.Int64  `tfsdk:"mailbox_id"`

	account ecgrid.User `tfsdk:"-"`
}

func (u *ecgridUser) read(ctx context.Context, c *clients) (offboard.User, error) {
	account, err := c.ecgrid.User(ctx, u.ID.ValueString())
	if err != nil {
		return offboard.User{}, err
	}
	u.account = account
	u.Login, u.AuthLevel = text(account.Login), text(account.AuthLevel)
	u.NetworkID, u.MailboxID = types.Int64Value(account.NetworkID), types.Int64Value(account.MailboxID)
	return account.User, nil
}

func (u *ecgridUser) facts() map[string]string {
	return map[string]string{"login": u.Login.ValueString(), "auth_level": u.AuthLevel.ValueString()}
}

func (u *ecgridUser) preflight(ctx context.Context, c *clients) ([]offboard.Finding, error) {
	return c.ecgrid.Preflight(ctx, u.account)
}

func (u *ecgridUser) close(ctx context.Context, c *clients) ([]offboard.Finding, error) {
	return nil, c.ecgrid.Close(ctx, u.account)
}
