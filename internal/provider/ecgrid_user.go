package provider

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
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
		"network_id": computedInt("ID of the user's network. 0 is the default network. Null if ECGrid does not show it."),
		"mailbox_id": computedInt("ID of the user's mailbox. 0 is the network level. Null if ECGrid does not show it."),
	},
	checkID: ecgrid.CheckID,
	proofs: map[offboard.Observation]proofWords{
		offboard.Done: {"", "ECGrid shows the user as terminated."},
		offboard.Absent: {
			"ECGrid accepted the termination, or its answer was lost.",
			"After it ECGrid answers that it shows no such user, and shows the owner of the API key with the rights " +
				"that it had, or another user of the network.",
		},
	},
	connect:  connectECGrid,
	newState: func() userState { return &ecgridUser{} },
	filters: append([]filter{
		{name: "network_id", description: "Only users of this network. 0 is the default network. If it is not set, the " +
			"network of the user who owns the API key.", number: true},
		{name: "mailbox_id", description: "Only users of this mailbox. 0 is the network level.", number: true},
		{name: "auth_level", description: "Only users with this level of rights, such as `MailboxUser`."},
	}, commonFilters...),
	listScope:    "At ECGrid the list is that of the network of the key's own user.",
	findsByEmail: true,
}

// newECGridDirectory makes the directory. Its list is that of the network of the first user who is
// read with one, which is where the managed users are.
func newECGridDirectory(client *ecgrid.Client, log rest.Log) *directory.Directory[ecgrid.User] {
	var network atomic.Pointer[int64]
	return directory.New(directory.Source[ecgrid.User]{Same: directory.Equal[ecgrid.User],
		One: func(ctx context.Context, id string) (ecgrid.User, error) {
			u, err := client.User(ctx, id)
			if err == nil {
				network.CompareAndSwap(nil, ecgrid.Number(u.NetworkID))
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

// ecgridFilter is what ECGrid filters by itself. Several of its words for a status mean active, so
// only the other one can be asked for.
func ecgridFilter(by chosen) ecgrid.Filter {
	f := ecgrid.Filter{
		NetworkID:  by.numbers["network_id"],
		MailboxID:  by.numbers["mailbox_id"],
		AuthLevel:  by.texts["auth_level"],
		Terminated: by.closed,
	}
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
}

func (u *ecgridUser) facts() closing.Facts {
	return closing.Facts{"login": u.Login.ValueString(), "auth_level": u.AuthLevel.ValueString()}
}

// ecgridVendor is a session with ECGrid.
type ecgridVendor struct {
	*ecgrid.Client
	listedVendor[ecgrid.User]
}

func connectECGrid(config rest.Config, _ string) (vendor, error) {
	client, err := ecgrid.New(config)
	if err != nil {
		return nil, err
	}
	v := &ecgridVendor{Client: client}
	v.listedVendor = listedVendor[ecgrid.User]{
		client, newECGridDirectory(client, config.Log), func(u ecgrid.User) account { return ecgridAccount{u, v} },
	}
	return v, nil
}

func (v *ecgridVendor) list(ctx context.Context, by chosen) iter.Seq2[snapshot, error] {
	return v.snapshots(v.Users(ctx, ecgridFilter(by)))
}

// key is with which rights the key's own user sees others.
func (v *ecgridVendor) key(ctx context.Context, _ string) (string, error) {
	seen, err := v.KeyRights(ctx)
	return string(encode(seen)), err
}

func (v *ecgridVendor) keyOwner(ctx context.Context) (ownership, error) {
	own, err := v.KeyRights(ctx)
	return func(row snapshot) (owns, may bool) {
		is := offboard.Same(row.user().ID, own.ID)
		return is, is
	}, err
}

func (v *ecgridVendor) seesPart(ctx context.Context) (bool, error) { return v.SeesMailbox(ctx) }

// lists reports whether an account is in the network of the key, whose users are listed.
func (v *ecgridVendor) lists(ctx context.Context, read observed) bool {
	own, err := v.KeyRights(ctx)
	shown, ok := read.(ecgridAccount)
	return ok && err == nil && own.NetworkID != "" && shown.NetworkID == own.NetworkID
}

func (v *ecgridVendor) verifierOf(u offboard.User, state userState, key string) offboard.Verifier {
	m := state.(*ecgridUser)
	known := ecgrid.User{
		User:      u,
		AuthLevel: m.AuthLevel.ValueString(),
		NetworkID: shownNumber(m.NetworkID),
		MailboxID: shownNumber(m.MailboxID),
	}
	return v.Verifier(known, parseKeyRights(key))
}

// shownNumber is a number of the state as ECGrid has shown it, and nothing if it has shown none.
func shownNumber(n types.Int64) rest.ID {
	if n.IsNull() {
		return ""
	}
	return rest.ID(strconv.FormatInt(n.ValueInt64(), 10))
}

// parseKeyRights reads what key wrote; nothing where an older version wrote nothing.
func parseKeyRights(key string) ecgrid.KeyRights {
	var seen ecgrid.KeyRights
	if json.Unmarshal([]byte(key), &seen) != nil {
		return ecgrid.KeyRights{}
	}
	return seen
}

// ecgridAccount is what ECGrid shows of one user.
type ecgridAccount struct {
	ecgrid.User
	vendor *ecgridVendor
}

func (a ecgridAccount) user() offboard.User { return a.User.User }

func (a ecgridAccount) fill(state userState) {
	u := state.(*ecgridUser)
	u.Login, u.AuthLevel = text(a.Login), text(a.AuthLevel)
	u.NetworkID = types.Int64PointerValue(ecgrid.Number(a.NetworkID))
	u.MailboxID = types.Int64PointerValue(ecgrid.Number(a.MailboxID))
}

// aliases are both of the names that ECGrid may have for the login.
func (a ecgridAccount) aliases() []string { return a.Logins() }

func (a ecgridAccount) preflight(ctx context.Context, _ userState, _ bool) ([]offboard.Finding, error) {
	return a.vendor.Preflight(ctx, a.User)
}

func (a ecgridAccount) close(
	ctx context.Context,
	_ userState,
	how closeRequest,
) (offboard.Observation, []offboard.Finding, error) {
	ctx = offboard.WithCheck(ctx, func(ctx context.Context, now ecgrid.User) error {
		return how.check(ctx, ecgridAccount{now, a.vendor})
	})
	a.vendor.directory.Stop()
	proof, err := a.vendor.Close(ctx, a.User, parseKeyRights(how.key), how.sent)
	return proof, nil, err
}
