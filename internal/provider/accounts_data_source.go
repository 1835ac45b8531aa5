package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
)

// accountsData compares the accounts at all configured vendors with a list of people.
type accountsData struct{ clients *clients }

// Metadata implements datasource.DataSource.
func (*accountsData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "offboard_accounts"
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *accountsData) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.clients, _ = req.ProviderData.(*clients) // nil while Terraform only validates
}

// cannotListDescription says which vendors are in cannot_list.
const cannotListDescription = "The vendors of which not all accounts are known. A vendor that shows no account, " +
	"or only the one that holds the API key, is among them. " +
	"A key that may see no account gets the same answer. " +
	"So is ECGrid with the API key of a mailbox, which may see that mailbox alone. " +
	"So is one that shows few email addresses, or one for all accounts. " +
	"So is one whose list lacks an active account that a read shows. " +
	"So is one with an account that hides its address, if its mask, name or sign-in name fits a person who left. " +
	"Others that hide it are `stranger`, and may be of a person who left, too."

// Schema implements datasource.DataSource.
func (*accountsData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"as_of": shown("The day of the comparison in UTC, by the latest of the clocks of the machine and the vendors."),
		"vendors": textList("The names of the vendors whose lists of accounts were read to the end. " +
			"Each shows an account beside the one that holds the API key."),
		"accounts": accountList("All accounts that a vendor shows, by vendor and ID. " +
			"An account that only a single read shows is among them."),
		"missing": schema.ListNestedAttribute{
			MarkdownDescription: "The accounts in `people` that no vendor shows. An ID that a list does not show is read " +
				"once, with a request of its own. An account can be missing because it is closed, or because " +
				"the API key may not see it. So it is no proof of a closure.",
			Computed: true, NestedObject: typedOnce(missingAttributes()),
		},
		"cannot_list": schema.ListNestedAttribute{
			MarkdownDescription: cannotListDescription,
			Computed:            true, NestedObject: typedOnce(cannotListAttributes()),
		},
		"never_close_unmatched": textList("The entries of `never_close` in the provider block and the environment " +
			"that no account in `accounts` has as its ID, sign-in name or email address. Such an entry may be misspelled."),
	}
	maps.Copy(attributes, accountsInputs())
	for _, v := range listedVerdicts {
		attributes[string(v)] = accountList("The accounts with the verdict `" + string(v) + "`.")
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Shows who still has an account. It lists every account at every vendor with an API key in " +
			"the provider block or the environment, and compares it with a list of people. " +
			"A list that cannot be read to its end is an error, because an account that is missing in a list may " +
			"still exist.\n\n" +
			"An account belongs to the person whose row has its ID, or its email address. " +
			"The sign-in name, the name or the ID may be that address. " +
			"Letter case, invisible characters and a tag such as `+lab` do not matter. " +
			"Rows with a common address and the same name are one person. So are rows with the same `email`, of which one has " +
			"no name. " +
			"An account that matches two people is given to neither. It is `leaver` if both have left.\n\n" +
			listScopes() +
			"An account that an entry of `ignore` names is `ok`, unless it is closed. " +
			"Any other account gets the first of these verdicts that fits:\n\n" + verdictTable(),
		Attributes: attributes,
	}
}

// accountsInputs are the attributes that the configuration sets.
func accountsInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"people": schema.DynamicAttribute{
			MarkdownDescription: "The people that you know: a list of objects, as `csvdecode` or `yamldecode` returns it. " +
				"`email` is required. `other_emails` are further addresses, as a list or as text with commas. " +
				"`name` is a label. `left_on` is the day on which the person left, such as `2026-11-29`. " +
				"A day in the future counts as not left: see `as_of`. " +
				"`accounts` maps the name of a vendor to an ID, or to an object with `id` and `email`. " +
				"Other fields are ignored, but see `fail_on`. " +
				"A field is an error if its name differs from one of these only in letter case, " +
				"blanks or signs, such as `Left on`.",
			Required: true,
		},
		"managed": schema.MapAttribute{
			MarkdownDescription: "The IDs of the accounts that blocks manage, by the name of the vendor. " +
				"If it is not set, no account has the verdict `unmanaged`.",
			ElementType: types.ListType{ElemType: types.StringType},
			Optional:    true,
		},
		"ignore": schema.ListAttribute{
			MarkdownDescription: "Email addresses and IDs of accounts that belong to no person, such as service accounts. " +
				"Such an account has the verdict `ok`, unless it is closed, or is that of a person who has left.",
			ElementType: types.StringType,
			Optional:    true,
		},
		"domain": schema.StringAttribute{
			MarkdownDescription: "The domain of your addresses, such as `example.com`. Domains below it count, too. " +
				"If it is not set, no account has the verdict `outside`.",
			Optional:   true,
			Validators: []validator.String{check("a domain", notBlank)},
		},
		"fail_on": failOnInput(),
	}
}

func failOnInput() schema.Attribute {
	return schema.ListAttribute{
		MarkdownDescription: "Verdicts that are an error, such as `[\"leaver\"]`. " +
			"The error has one line for each account. It is an error of its own if nothing says who has an account " +
			"at a vendor. That is so if its list shows no account, or only the one that holds the API key. " +
			"It is also so if the provider block, `people`, `managed` or the environment names the vendor, " +
			"and it has no API key. " +
			"An ID in `people` that cannot be used, or of which the vendor does not show whose it is, is an error, too. " +
			"So is a list without people. With `leaver`, a list in which no row has the field `left_on` is an error, too. " +
			"That holds for a table, and for any list with a digit in a field that is not read.",
		ElementType: types.StringType,
		Optional:    true,
		Validators:  []validator.List{listvalidator.ValueStringsAre(stringvalidator.OneOf(verdictNames()...))},
	}
}

// listedVerdicts are the verdicts of which the data source has a list of their own.
var listedVerdicts = []accounts.Verdict{
	accounts.Leaver, accounts.Stranger, accounts.Unmanaged, accounts.Outside, accounts.Ambiguous, accounts.Rehired,
}

// listScopes says of which vendors the list is not that of all users.
func listScopes() (text string) {
	for _, k := range kinds {
		if k.listScope != "" {
			text += k.listScope + "\n\n"
		}
	}
	return text
}

// verdictTable says what each verdict means.
func verdictTable() string {
	lines := []string{"| verdict | the account |", "|---|---|"}
	for _, v := range accounts.Verdicts {
		lines = append(lines, "| `"+string(v)+"` | "+v.Meaning()+" |")
	}
	return strings.Join(lines, "\n")
}

func verdictNames() (all []string) {
	for _, v := range accounts.Verdicts {
		all = append(all, string(v))
	}
	return all
}

func textList(description string) schema.Attribute {
	return schema.ListAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true}
}

func truth(description string) schema.Attribute {
	return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
}

func accountList(description string) schema.Attribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: description, Computed: true, NestedObject: typedOnce(accountAttributes()),
	}
}

func accountAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"vendor":  shown("Name of the vendor, as in the provider block."),
		"id":      shown("The vendor's ID of the account."),
		"email":   shown("Email address. Null if the vendor does not show one."),
		"name":    shown("Full name. Null if the vendor does not show one."),
		"status":  shown("`active`, `suspended`, `closed`, or `unknown` if the vendor does not show it."),
		"verdict": shown("One of the verdicts in the table above."),
		"person":  shown("Email address of the person, as in `people`. Null if no person or more than one matches."),
		"left_on": shown("The day on which the person left. Null if the person did not."),
		"ignored": truth("Whether an entry of `ignore` names the account."),
		"own_key": truth("Whether the account holds the API key with which it is read, as far as the vendor says that."),
		"candidates": textList("The people that the account matches, if it matches more than one. " +
			"Otherwise the list is empty."),
	}
}

func missingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"vendor":  shown("Name of the vendor, as in the provider block."),
		"id":      shown("The ID in `people`."),
		"person":  shown("Email address of the person, as in `people`."),
		"name":    shown("Name of the person, as in `people`."),
		"left_on": shown("The day on which the person left or will leave. Null if there is none."),
	}
}

func cannotListAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"vendor": shown("Name of the vendor, as in the provider block."),
		"why":    shown("Why not all accounts are known."),
		"seen":   accountList("The accounts that are known all the same. They are in `accounts`, too."),
		"unseen": schema.ListNestedAttribute{
			MarkdownDescription: "The accounts in `people` of which the vendor shows nothing, or was not asked.",
			Computed:            true,
			NestedObject: typedOnce(map[string]schema.Attribute{
				"id":     shown("The ID in `people`."),
				"person": shown("Email address of the person, as in `people`."),
				"why":    shown("Why nothing is known of the account."),
			}),
		},
	}
}

// accountsConfig is what the configuration says beside the people.
type accountsConfig struct {
	accounts.List

	failOn []accounts.Verdict
}

func accountsConfigIn(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) (c accountsConfig) {
	var domain types.String
	for _, one := range []struct {
		name string
		into any
	}{{"managed", &c.Managed}, {"ignore", &c.Ignore}, {"fail_on", &c.failOn}, {"domain", &domain}} {
		diags.Append(config.GetAttribute(ctx, path.Root(one.name), one.into)...)
	}
	c.Domain = domain.ValueString()
	return c
}

// unfit says why the list of people cannot be used, or cannot give what fail_on looks for; nil if it can.
func (c *accountsConfig) unfit(given tftypes.Value, people []accounts.Person, problems []*rowError) diag.Diagnostic {
	columns := withoutLeftOn(given)
	switch {
	case len(problems) > 0:
		return unusablePeople(problems)
	case len(c.failOn) > 0 && len(people) == 0:
		return nobodyListed()
	case slices.Contains(c.failOn, accounts.Leaver) && columns != nil:
		return nobodyCanLeave(columns)
	}
	return nil
}

// Read implements datasource.DataSource.
func (d *accountsData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	c := accountsConfigIn(ctx, req.Config, &resp.Diagnostics)
	config := attributesOf(req.Config.Raw)
	people, problems := listedPeople(config["people"])
	if problem := c.unfit(config["people"], people, problems); problem != nil {
		resp.Diagnostics.Append(problem)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	c.People = people
	all := d.clients.listAccounts(ctx, &c.List)
	if !slices.ContainsFunc(all, func(l listing) bool { return l.asked }) {
		resp.Diagnostics.Append(noVendor())
		return
	}
	for _, l := range all {
		resp.Diagnostics.Append(l.problems...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	c.Day = d.clients.latest().Truncate(24 * time.Hour)
	found := compared(&c.List, all)
	found.Unmatched = d.clients.guards.Unmatched(namesIn(all))
	resp.State.Raw = accountsValue(resp.State.Schema.Type().TerraformType(ctx), config, found)
	if failing := found.With(c.failOn...); len(failing) > 0 {
		resp.Diagnostics.Append(failingAccounts(failing, found.Day))
	}
	if len(c.failOn) > 0 {
		for i := range all {
			resp.Diagnostics.Append(all[i].noAllClear(found.Accounts)...)
		}
	}
}
