package provider

import (
	"context"
	"encoding/json"
	"iter"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/directory"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/ecgrid"
)

var ecgridKind = userKind{
	name:    "ecgrid",
	title:   "ECGrid",
	keyName: "API key of a user with the level NetworkAdmin or higher",
	baseURL: "https://rest.ecgrid.io/v2",
	rate:    "no limit, because none is documented",
	description: "A user of ECGrid. Its destroy terminates the account permanently. " +
		"It succeeds when ECGrid itself shows the account as terminated or gone.",
	attributes: map[string]schema.Attribute{
		"login":      computed("Sign-in name."),
		"auth_level": computed("Level of rights, such as `MailboxUser` or `NetworkAdmin`."),
		"network_id": computedInt("ID of the user's network. 0 is the default network."),
		"mailbox_id": computedInt("ID of the user's mailbox. 0 is the network level."),
	},
	checkID: ecgrid.CheckID,
	proofs: map[offboard.Sight]string{
		offboard.Done: "ECGrid shows the user as terminated.",
		offboard.Absent: "ECGrid accepted the termination, or its answer was lost. After it ECGrid answers that it " +
			"shows no such user, and the API key still sees what it saw before.",
	},
	connect: func(c *clients, config rest.Config, _ string) error {
		client, err := ecgrid.New(config)
		if err != nil {
			return err
		}
		c.ecgrid, c.ecgridUsers = client, newECGridUsers(client, config.Log)
		return nil
	},
	tenant:   func(c *clients) string { return c.ecgrid.Tenant() },
	newState: func() userState { return &ecgridUser{} },
	filters: append([]filter{
		{name: "network_id", description: "Only users of this network. 0 is the default network. If it is not set, the " +
			"network of the user who owns the API key.", number: true},
		{name: "mailbox_id", description: "Only users of this mailbox. 0 is the network level.", number: true},
		{name: "auth_level", description: "Only users with this level of rights, such as `MailboxUser`."},
	}, commonFilters...),
	list: func(ctx context.Context, c *clients, by chosen) iter.Seq2[userState, error] {
		return states(c.ecgrid.Users(ctx, ecgridFilter(by)), func(account ecgrid.User) (userState, offboard.User) {
			u := &ecgridUser{}
			user, _ := u.show(account, nil)
			return u, user
		})
	},
	findByEmail: func(ctx context.Context, c *clients, email string) ([]offboard.User, error) {
		found, err := c.ecgrid.FindByEmail(ctx, email)
		return common(found, func(u ecgrid.User) offboard.User { return u.User }), err
	},
}

// newECGridUsers makes the directory. Its list is that of the network of the first user who is read, which is where the managed users are.
func newECGridUsers(client *ecgrid.Client, log rest.Log) *directory.Directory[ecgrid.User] {
	var network atomic.Pointer[int64]
	return directory.New(directory.Source[ecgrid.User]{
		One: func(ctx context.Context, id string) (ecgrid.User, error) {
			u, err := client.User(ctx, id)
			if err == nil {
				network.CompareAndSwap(nil, &u.NetworkID)
			}
			return u, err
		},
		Page: func(ctx context.Context, at rest.Place) (rest.Page[ecgrid.User], error) {
			return client.Page(ctx, ecgrid.Filter{NetworkID: network.Load()}, at)
		},
		Common: func(u ecgrid.User) offboard.User { return u.User },
		Log:    log,
	})
}

// ecgridFilter is what ECGrid filters by itself. Several of its words for a status mean active, so only the other one can be asked for.
func ecgridFilter(by chosen) ecgrid.Filter {
	f := ecgrid.Filter{NetworkID: by.numbers["network_id"], MailboxID: by.numbers["mailbox_id"], AuthLevel: by.texts["auth_level"]}
	if by.texts["status"] == string(offboard.Suspended) {
		f.Status = "Suspended"
	}
	return f
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
	return u.show(c.ecgrid.User(ctx, u.ID.ValueString()))
}

func (u *ecgridUser) refresh(ctx context.Context, c *clients) (offboard.User, error) {
	return u.show(c.ecgridUsers.User(ctx, u.ID.ValueString()))
}

func (u *ecgridUser) show(account ecgrid.User, err error) (offboard.User, error) {
	if err != nil {
		return offboard.User{}, err
	}
	u.account = account
	u.Login, u.AuthLevel = text(account.Login), text(account.AuthLevel)
	u.NetworkID, u.MailboxID = types.Int64Value(account.NetworkID), types.Int64Value(account.MailboxID)
	return account.User, nil
}

func (u *ecgridUser) facts() facts {
	return facts{"login": u.Login.ValueString(), "auth_level": u.AuthLevel.ValueString()}
}

// aliases are both of the names that ECGrid may have for the login.
func (u *ecgridUser) aliases() []string { return []string{u.Login.ValueString(), u.account.OtherLogin} }

func (u *ecgridUser) preflight(ctx context.Context, c *clients) ([]offboard.Finding, error) {
	return c.ecgrid.Preflight(ctx, u.account)
}

// key is with which rights the key's own user sees others.
func (u *ecgridUser) key(ctx context.Context, c *clients) (string, error) {
	sight, err := c.ecgrid.Sight(ctx)
	return string(encode(sight)), err
}

func (u *ecgridUser) witness(c *clients, key string) offboard.Witness {
	account := ecgrid.User{
		User: u.user(), AuthLevel: u.AuthLevel.ValueString(), NetworkID: u.NetworkID.ValueInt64(),
	}
	return c.ecgrid.Witness(account, ecgridSight(key))
}

// ecgridSight reads what key wrote; nothing where an older version wrote nothing.
func ecgridSight(key string) ecgrid.Sight {
	var sight ecgrid.Sight
	if json.Unmarshal([]byte(key), &sight) != nil {
		return ecgrid.Sight{}
	}
	return sight
}

func (u *ecgridUser) close(ctx context.Context, c *clients, how closing) (offboard.Sight, []offboard.Finding, error) {
	c.ecgridUsers.Stop()
	proof, err := c.ecgrid.Close(ctx, u.account, ecgridSight(how.key), how.sent)
	return proof, nil, err
}
