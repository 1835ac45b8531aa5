package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
	proofs: map[offboard.Sight]string{
		offboard.Done: "A closing call removed records, or its answer was lost. A later one found none left, " +
			"and nothing of the person is visible any more.",
	},
	keyOwner: "API consumer",
	indirect: true,
	connect: func(c *clients, config rest.Config, _ string) error {
		client, err := skillable.New(config)
		c.skillable = client
		return err
	},
	tenant:   func(c *clients) string { return c.skillable.Tenant() },
	newState: func() userState { return &skillableUser{} },
	partial: "The users of Skillable who have a lab running or saved. Skillable cannot list its users. " +
		"A user who has no lab now, or only labs that the API key may not see, is missing. Email addresses are not " +
		"visible here.",
	list: func(ctx context.Context, c *clients, _ chosen) iter.Seq2[userState, error] {
		return states(c.skillable.Seen(ctx), func(user offboard.User) (userState, offboard.User) { return &skillableUser{}, user })
	},
}

// skillableUser is the state of an offboard_skillable_user.
type skillableUser struct {
	userModel
	RunningLabs       types.Int64 `tfsdk:"running_labs"`
	SavedLabs         types.Int64 `tfsdk:"saved_labs"`
	CancelRunningLabs types.Bool  `tfsdk:"cancel_running_labs"`

	account skillable.User `tfsdk:"-"`
}

func (u *skillableUser) read(ctx context.Context, c *clients) (offboard.User, error) {
	account, err := c.skillable.User(ctx, u.ID.ValueString())
	if err != nil {
		return offboard.User{}, err
	}
	u.account = account
	u.RunningLabs, u.SavedLabs = types.Int64Value(int64(len(account.Running))), types.Int64Value(int64(len(account.Saved)))
	return account.User, nil
}

// refresh is a read: there is no list from which it could be answered.
func (u *skillableUser) refresh(ctx context.Context, c *clients) (offboard.User, error) {
	return u.read(ctx, c)
}

// facts are none: what Skillable shows of a user beyond the e-mail address comes and goes with their labs.
func (u *skillableUser) facts() facts { return nil }

// aliases are the addresses and names of everybody whom the labs show under the ID.
func (u *skillableUser) aliases() []string {
	var all []string
	for _, person := range u.account.Shown {
		all = append(all, person.Email, person.Name)
	}
	return all
}

// key tells keys of different API consumers apart.
func (u *skillableUser) key(_ context.Context, c *clients) (string, error) {
	return c.skillable.Consumer(u.ID.ValueString()), nil
}

// witness never sees an absence: Skillable has no read of a user.
func (u *skillableUser) witness(c *clients, _ string) offboard.Witness {
	return offboard.Witness{
		Look: func(ctx context.Context) (offboard.Sight, error) {
			_, err := c.skillable.User(ctx, u.ID.ValueString())
			return offboard.SightOf(err)
		},
		SignOfLife: c.skillable.SignOfLife,
	}
}

func (u *skillableUser) preflight(context.Context, *clients) ([]offboard.Finding, error) {
	return skillable.Preflight(u.account, u.CancelRunningLabs.ValueBool()), nil
}

func (u *skillableUser) close(ctx context.Context, c *clients, how closing) (offboard.Sight, []offboard.Finding, error) {
	findings, err := c.skillable.Close(ctx, u.account, skillable.Closing{
		CancelRunning: u.CancelRunningLabs.ValueBool(), Reviewed: how.reviewed, Shown: how.shown, Sent: how.sent, Person: u.user().Person(),
	})
	return offboard.Done, findings, err
}
