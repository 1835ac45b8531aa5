package provider

import (
	"context"
	"errors"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
)

var skillableKind = userKind{
	name:    "skillable",
	title:   "Skillable",
	keyName: "Lab API key, which belongs to an API consumer",
	baseURL: "https://labondemand.com/api/v3",
	rate:    "no limit, because none is documented",
	description: "A user of Skillable Studio (Lab on Demand). " +
		"Its ID is the one that your own system gave at the launch of a lab. " +
		"Its destroy closes the account. It succeeds when a second closing call finds no record any more. " +
		"Skillable cannot prove that a user exists.",
	attributes: map[string]schema.Attribute{
		"running_labs": computedInt("How many labs run for the user."),
		"saved_labs":   computedInt("How many saved labs the user has."),
		"cancel_running_labs": schema.BoolAttribute{
			MarkdownDescription: "If true, destroy first cancels the user's running labs, and their work is lost. " +
				"If false (the default), destroy is refused while labs run.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(false),
		},
	},
	defaults: map[string]any{"cancel_running_labs": false},
	checkID:  skillable.CheckID,
	proofs: map[offboard.Observation]proofWords{
		offboard.Done: {
			"A closing call removed records, or its answer was lost.",
			"A later closing call found no record left, and nothing of the person is visible any more.",
		},
	},
	VendorTraits: closing.VendorTraits{KeyOwner: "API consumer", Indirect: true},
	connect:      connectSkillable,
	newState:     func() userState { return &skillableUser{} },
	partial: "The users of Skillable who have a lab running or saved. Skillable cannot list its users. " +
		"A user who has no lab now, or only labs that the API key may not see, is missing. " +
		"Email addresses are not visible here.",
}

// skillableUser is the state of an offboard_skillable_user.
type skillableUser struct {
	userModel
	RunningLabs       types.Int64 `tfsdk:"running_labs"`
	SavedLabs         types.Int64 `tfsdk:"saved_labs"`
	CancelRunningLabs types.Bool  `tfsdk:"cancel_running_labs"`
}

// facts are none: what Skillable shows of a user beyond the email address comes and goes with their
// labs.
func (u *skillableUser) facts() closing.Facts { return nil }

// skillableVendor is a session with Skillable.
type skillableVendor struct{ *skillable.Client }

func connectSkillable(config rest.Config, _ string) (vendor, error) {
	client, err := skillable.New(config)
	if err != nil {
		return nil, err
	}
	return &skillableVendor{client}, nil
}

func (v *skillableVendor) read(ctx context.Context, id string) (account, error) {
	u, err := v.User(ctx, id)
	return skillableAccount{u, v}, err
}

// refresh is a read: there is no list from which it could be answered.
func (v *skillableVendor) refresh(ctx context.Context, id string) (observed, error) {
	return v.read(ctx, id)
}

func (v *skillableVendor) list(ctx context.Context, _ chosen) iter.Seq2[snapshot, error] {
	return snapshots(v.Seen(ctx), func(u offboard.User) snapshot { return skillableAccount{skillable.User{User: u}, v} })
}

// find has nothing to ask: no call of Skillable takes an email address.
func (v *skillableVendor) find(context.Context, string) ([]offboard.User, error) {
	return nil, errors.ErrUnsupported
}

// key tells keys of different API consumers apart.
func (v *skillableVendor) key(_ context.Context, id string) (string, error) {
	return v.Consumer(id), nil
}

// verifierOf never sees an absence: Skillable has no read of a user.
func (v *skillableVendor) verifierOf(u offboard.User, _ userState, _ string) offboard.Verifier {
	return offboard.Verifier{
		Observe: func(ctx context.Context) (offboard.Observation, error) {
			_, err := v.User(ctx, u.ID)
			return offboard.ObservationOf(err)
		},
		CheckAccess: v.CheckAccess,
	}
}

// skillableAccount is what the labs of one user show.
type skillableAccount struct {
	skillable.User
	vendor *skillableVendor
}

func (a skillableAccount) user() offboard.User { return a.User.User }

func (a skillableAccount) fill(state userState) {
	u := state.(*skillableUser)
	u.RunningLabs, u.SavedLabs = types.Int64Value(int64(len(a.Running))), types.Int64Value(int64(len(a.Saved)))
}

// aliases are the addresses and names of all people that the labs show under the ID.
func (a skillableAccount) aliases() []string {
	var all []string
	for _, person := range a.Shown {
		all = append(all, person.Email, person.Name)
	}
	return all
}

// people are all people whom the labs show under the ID.
func (a skillableAccount) people() []offboard.Person { return a.Shown }

func (a skillableAccount) preflight(_ context.Context, state userState, _ bool) ([]offboard.Finding, error) {
	return skillable.Preflight(a.User, cancelsLabs(state)), nil
}

func (a skillableAccount) close(
	ctx context.Context,
	state userState,
	how closeRequest,
) (offboard.Observation, []offboard.Finding, error) {
	ctx = offboard.WithCheck(ctx, func(ctx context.Context, now skillable.User) error {
		return how.check(ctx, skillableAccount{now, a.vendor})
	})
	findings, err := a.vendor.Close(ctx, a.User, skillable.CloseOptions{
		CancelRunning: cancelsLabs(state),
		Reviewed:      how.reviewed,
		Shown:         how.shown,
		Seen:          how.seen,
		Sent:          how.sent,
		Person:        state.common().user().Person(),
	})
	return offboard.Done, findings, err
}

func cancelsLabs(state userState) bool { return state.(*skillableUser).CancelRunningLabs.ValueBool() }

// allowAll allows a closure what its block must allow otherwise.
func (u *skillableUser) allowAll() { u.CancelRunningLabs = types.BoolValue(true) }
