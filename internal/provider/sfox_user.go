package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
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
	rate: "24, just under the documented 250 in 10 seconds. Requests for balances and for some " +
		"other data are sent at a lower rate. If you change the rate, the lower rate changes by the same factor",
	description: "An end user of sFOX Connect. Its destroy deactivates the account, which sFOX allows only at zero " +
		"balance. It succeeds when sFOX itself answers that the account is gone.",
	attributes: map[string]schema.Attribute{
		"account_type":        computed("`individual` or `corporation`."),
		"account_role":        computed("`client` or `advisor`."),
		"advisor_user_id":     computed("ID of the advisor of this client."),
		"verification_status": computed("State of the identity check: `PENDING`, `VERIFIED` or `UNSUPPORTED`."),
	},
	checkID:      sfox.CheckID,
	VendorTraits: closing.VendorTraits{KeyOwner: "partner"},
	proofs: map[offboard.Observation]proofWords{
		offboard.Absent: {
			"sFOX accepted the deactivation, or its answer was lost.",
			"After it sFOX answers that it has no such user, and its list shows other users.",
		},
	},
	connect:  connectSFOX,
	newState: func() userState { return &sfoxUser{} },
	filters: append([]filter{
		{
			name:        "account_role",
			description: "Only accounts with this role: `client` or `advisor`.",
			values:      []string{"client", "advisor"},
		},
	}, commonFilters...),
	findsByEmail: true,
}

// sfoxUser is the state of an offboard_sfox_user.
type sfoxUser struct {
	userModel
	AccountType        types.String `tfsdk:"account_type"`
	AccountRole        types.String `tfsdk:"account_role"`
	AdvisorUserID      types.String `tfsdk:"advisor_user_id"`
	VerificationStatus types.String `tfsdk:"verification_status"`
}

func (u *sfoxUser) facts() closing.Facts {
	return closing.Facts{"account_role": u.AccountRole.ValueString(), "account_type": u.AccountType.ValueString()}
}

// sfoxVendor is a session with sFOX.
type sfoxVendor struct {
	*sfox.Client
	listedVendor[sfox.User]
}

func connectSFOX(config rest.Config, _ string) (vendor, error) {
	client, err := sfox.New(config)
	if err != nil {
		return nil, err
	}
	v := &sfoxVendor{Client: client}
	v.listedVendor = listedVendor[sfox.User]{
		client,
		directory.New(directory.Source[sfox.User]{Same: directory.Equal[sfox.User],
			One:    client.User,
			Page:   func(ctx context.Context, _ rest.Place) (rest.Page[sfox.User], error) { return client.Page(ctx, "") },
			Common: func(u sfox.User) offboard.User { return u.User },
			Log:    config.Log,
		}),
		func(u sfox.User) account { return sfoxAccount{u, v} },
	}
	return v, nil
}

func (v *sfoxVendor) list(ctx context.Context, by chosen) iter.Seq2[snapshot, error] {
	return v.snapshots(v.Users(ctx, by.texts["account_role"]))
}

// key tells keys of different partners apart.
func (v *sfoxVendor) key(_ context.Context, id string) (string, error) { return v.Partner(id), nil }

// lists reports that the list has all users of the partner.
func (v *sfoxVendor) lists(context.Context, observed) bool { return true }

func (v *sfoxVendor) verifierOf(u offboard.User, state userState, _ string) offboard.Verifier {
	return v.Verifier(sfox.User{User: u, AccountRole: state.(*sfoxUser).AccountRole.ValueString()})
}

// sfoxAccount is what sFOX shows of one user.
type sfoxAccount struct {
	sfox.User
	vendor *sfoxVendor
}

func (a sfoxAccount) user() offboard.User { return a.User.User }

func (a sfoxAccount) fill(state userState) {
	u := state.(*sfoxUser)
	u.AccountType, u.AccountRole = text(a.AccountType), text(a.AccountRole)
	u.AdvisorUserID, u.VerificationStatus = text(a.AdvisorUserID), text(a.VerificationStatus)
}

func (a sfoxAccount) aliases() []string { return nil }

func (a sfoxAccount) preflight(ctx context.Context, _ userState, _ bool) ([]offboard.Finding, error) {
	return a.vendor.Preflight(ctx, a.User)
}

func (a sfoxAccount) close(
	ctx context.Context,
	_ userState,
	how closeRequest,
) (offboard.Observation, []offboard.Finding, error) {
	ctx = offboard.WithCheck(ctx, func(ctx context.Context, now sfox.User) error {
		return how.check(ctx, sfoxAccount{now, a.vendor})
	})
	a.vendor.directory.Stop()
	proof, err := a.vendor.Close(ctx, a.User, how.sent, how.reviewed)
	return proof, nil, err
}
