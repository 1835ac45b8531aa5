package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	pschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// userKind says what is particular to the users of one vendor. Everything else stands once in
// userResource.
type userKind struct {
	closing.VendorTraits

	declared      bool   // the provider block declares the vendor, and all such vendors share one resource
	name          string // of the vendor, in the provider block and in the name of the resource
	title         string // of the vendor, as it writes itself
	keyName       string // what the vendor calls its key
	baseURL       string // the default, for the documentation
	rate          string // the default, for the documentation
	extraSettings map[string]pschema.Attribute
	settingChecks map[string]func(string) error // of the extra settings, by name
	description   string                        // of the resource
	attributes    map[string]schema.Attribute
	defaults      map[string]any // what an import puts into the state for Delete to find
	checkID       func(id string) error
	proofs        map[offboard.Observation]proofWords // what proves a closing, for the evidence log
	suspension    suspensionWords                     // empty if no step of the vendor can be undone
	connect       func(config rest.Config, site string) (vendor, error)
	newState      func() userState
	filters       []filter        // what a list can be narrowed down by, besides the IDs
	partial       string          // which users the vendor lists, for the documentation; empty for all
	listScope     string          // whose users the list has, as a sentence for the documentation; empty for all
	findsByEmail  bool            // the vendor can be asked for the accounts with an email address
	noList        bool            // the vendor has no list of users
	noSight       bool            // nothing shows, after an absence, whether the API key still sees users
	facts         []contract.Fact // that the provider knows of a vendor that a definition describes

}

// suspensionWords say what becomes of an account at the step that can be undone.
type suspensionWords struct {
	is    string // what a suspended account is at this vendor
	shows string // what the vendor shows after it
}

// proofWords say what proves a closing.
type proofWords struct {
	call  string // how the closing call ended; empty if the proof needs none
	shows string // what the vendor shows after it
}

// typeName is the name of the resource type.
func (k userKind) typeName() string {
	if k.declared {
		return "offboard_user"
	}
	return "offboard_" + k.name + "_user"
}

// importID is what an import takes for the user with an ID or an email address.
func (k userKind) importID(id string) string {
	if k.declared {
		return k.name + "/" + id
	}
	return id
}

// block is where the settings of the vendor are in the provider block.
func (k userKind) block() string {
	if k.declared {
		return "vendors." + k.name
	}
	return k.name
}

// userState is the Terraform state of a user of one vendor: data, and nothing that asks.
type userState interface {
	common() *userModel
	// facts are the vendor's attributes whose change makes a reviewed closure another one.
	facts() closing.Facts
	// reversible reports whether destroying only suspends the account.
	reversible() bool
	// suspension is whether the account is to be suspended while the user stays managed; null if the
	// vendor cannot do that.
	suspension() types.Bool
	// settings are the attributes that steer this provider alone: what they say holds as soon as an apply
	// has come to the user, whatever becomes of its call.
	settings() map[string]attr.Value
}

// userModel is what the state of every user holds.
type userModel struct {
	ID             types.String   `tfsdk:"id"`
	Email          types.String   `tfsdk:"email"`
	Name           types.String   `tfsdk:"name"`
	Person         types.String   `tfsdk:"person"`
	Status         types.String   `tfsdk:"status"`
	Tenant         types.String   `tfsdk:"tenant"`
	CloseNotBefore types.String   `tfsdk:"close_not_before"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

func (m *userModel) common() *userModel { return m }

func (m *userModel) reversible() bool { return false }

func (m *userModel) suspension() types.Bool { return types.BoolNull() }

func (m *userModel) settings() map[string]attr.Value {
	return map[string]attr.Value{
		"person": m.Person, "close_not_before": m.CloseNotBefore, "timeouts": m.Timeouts,
	}
}

// setFrom puts one reading of the vendor into the state, and nothing of an earlier one: a name and
// an address of two readings would be a person who does not exist. Only a vendor that shows people
// now and then, and shows nothing now, leaves who was last seen.
func (m *userModel) setFrom(k userKind, u offboard.User) {
	m.Status = types.StringValue(string(u.Status))
	if k.Unseen(u) && !m.Email.IsUnknown() && !m.Name.IsUnknown() {
		return
	}
	m.Email, m.Name = text(u.Email), text(u.Name)
}

// noTimeouts is the value of timeouts that are not set.
func noTimeouts() timeouts.Value {
	return timeouts.Value{
		Object: types.ObjectNull(map[string]attr.Type{"read": types.StringType, "delete": types.StringType}),
	}
}

// user is the state as a user again.
func (m *userModel) user() offboard.User {
	return offboard.User{
		ID:     m.ID.ValueString(),
		Email:  m.Email.ValueString(),
		Name:   m.Name.ValueString(),
		Status: offboard.Status(m.Status.ValueString()),
		Whose:  offboard.Text(m.Person.ValueString()),
	}
}

// named adds to a reading of the vendor whose account it is, as the configuration says.
func named(state userState, u offboard.User) offboard.User {
	u.Whose = state.common().user().Whose
	return u
}

// schema is the schema of the resource.
func (k userKind) schema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "The vendor's own ID of the user. It cannot be changed.",
			Required:            true,
			Validators:          idValidators(k),
		},
		"email": schema.StringAttribute{
			MarkdownDescription: "Email address of the user. If it is set, the plan fails unless the live account " +
				"has the same address. Letter case does not matter. Set it to make sure that the ID is that of the right person.",
			Optional:      true,
			Computed:      true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), keepLetterCase{}},
		},
		"name": computed("Full name of the user."),
		"person": schema.StringAttribute{
			MarkdownDescription: "Whose account it is, best an email address that is the same at every vendor. " +
				"It is a label for people. It is kept in the state and never compared with what the vendor shows. " +
				"Messages and the evidence log name it, and entries of `never_close` and keys of `reasons` can be it. " +
				"It names the user if the vendor shows no name, for example at Skillable.",
			Optional:   true,
			Validators: []validator.String{check("the label of a person", closing.CheckEntry)},
		},
		"close_not_before": closeNotBefore(),
		"status":           computed("`active`, `suspended`, `closed`, or `unknown` if the vendor does not show it."),
		"tenant": computed("The address from which the user was imported: host and base path. A plan against another " +
			"one fails."),
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
			Read: true, ReadDescription: "How long reading may take, with the waits for the rate limit, such as `30s` or " +
				"`5m`. The default is 5 minutes.",
			Delete: true, DeleteDescription: "How long the closure and its proof may take, such as `90s` or `10m`. The " +
				"default is 10 minutes. Destroy uses the value that was applied last.",
		}),
	}
	maps.Copy(attributes, k.attributes)
	return schema.Schema{MarkdownDescription: k.description, Attributes: attributes}
}

// closeNotBefore is the attribute that holds a closure back.
func closeNotBefore() schema.Attribute {
	return schema.StringAttribute{
		MarkdownDescription: "The day or time before which the account is not closed: `2026-12-31`, which begins at " +
			"midnight UTC, or `2026-12-31T18:00:00+01:00`. A plan that would close it earlier fails, and so does the apply. " +
			"Both the clock of the machine and the `Date` header of the vendor must have reached it. " +
			"If the vendor sends no `Date` header, the clock of the machine decides. " +
			"It is kept in the state, so it holds when the block is gone. Destroy uses the value that was applied last. " +
			"An import does not restore it: write it into the block, and apply that.",
		Optional:   true,
		Validators: []validator.String{check("a day or time of close_not_before", closing.CheckNotBefore)},
	}
}

// computed is a string that only the vendor sets.
func computed(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description, Computed: true,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// computedInt is a number that only the vendor sets.
func computedInt(description string) schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: description, Computed: true,
		PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
	}
}

// computedBool is a truth value that only the vendor sets.
func computedBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: description, Computed: true,
		PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
	}
}
