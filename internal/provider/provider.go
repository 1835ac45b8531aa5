// Package provider is what Terraform sees: the provider block, and the users of each vendor with
// the one life they all have. A user is imported by import, watched, and closed by destroy.
package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fwlist "github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// kinds are the kinds of users, one a vendor. Everything that goes over all vendors goes over this
// list.
var kinds = []userKind{konstantlyKind, ecgridKind, sfoxKind, skillableKind}

// New returns a function that makes the provider. The version goes into the User-Agent of every
// request. All providers that the function makes share one rate budget for each vendor.
func New(version string) func() provider.Provider {
	budgets := &rest.Budgets{}
	return func() provider.Provider {
		return &offboardProvider{version: version, transport: rest.NewTransport(), budgets: budgets}
	}
}

type offboardProvider struct {
	version   string
	transport http.RoundTripper
	budgets   *rest.Budgets
	openLog   func(name string) (*evidence.Log, error) // for tests; nil for openLog
}

// Metadata implements provider.Provider.
func (p *offboardProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "offboard"
	resp.Version = p.version
}

// providerModel is the provider block.
type providerModel struct {
	Konstantly   types.Object `tfsdk:"konstantly"`
	ECGrid       types.Object `tfsdk:"ecgrid"`
	SFOX         types.Object `tfsdk:"sfox"`
	Skillable    types.Object `tfsdk:"skillable"`
	NeverClose   types.Set    `tfsdk:"never_close"`
	MaxClosures  types.Int64  `tfsdk:"max_closures"`
	ReadOnly     types.Bool   `tfsdk:"read_only"`
	StrictPlan   types.Bool   `tfsdk:"strict_plan"`
	EvidenceLog  types.String `tfsdk:"evidence_log"`
	EvidenceHead types.String `tfsdk:"evidence_head"`
	Budget       types.Object `tfsdk:"closure_budget"`
	Reason       types.String `tfsdk:"reason"`
	Reasons      types.Map    `tfsdk:"reasons"`
	LeftOn       types.Map    `tfsdk:"left_on"`
	Run          types.Object `tfsdk:"run"`
	Vendors      types.Map    `tfsdk:"vendors"`
}

// Schema implements provider.Provider.
func (p *offboardProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"never_close": schema.SetAttribute{
			MarkdownDescription: "IDs, sign-in names and email addresses of users whose accounts are never closed. " +
				"Letter case, invisible characters and a tag such as `+lab` do not matter. A plan that would destroy such a " +
				"user fails, and so does the apply. Unlike `prevent_destroy`, it holds when the user's block is gone. " +
				"The entries of the environment variable `OFFBOARD_NEVER_CLOSE`, separated by commas, are added.",
			ElementType: types.StringType,
			Optional:    true,
			Validators:  []validator.Set{entries{}},
		},
		"max_closures": schema.Int64Attribute{
			MarkdownDescription: "The maximum number of closures in one plan, and in one apply. A plan with more closures " +
				"fails. Each provider configuration counts separately. Users who are already closed do not count. " +
				"The default is 10. -1 means no limit. If `OFFBOARD_MAX_CLOSURES` is set, the stricter of both holds.",
			Optional:   true,
			Validators: []validator.Int64{int64validator.AtLeast(closing.Unlimited)},
		},
		"read_only": schema.BoolAttribute{
			MarkdownDescription: "If true, no account is closed. Import, refresh and plan work. " +
				"Every closure is refused before a request is sent. " +
				"The default is false. `OFFBOARD_READ_ONLY=true` in the environment sets it too, and the block cannot undo that.",
			Optional: true,
		},
		"strict_plan": schema.BoolAttribute{
			MarkdownDescription: "If true, a finding that blocks or may block a closure, such as a balance or a running " +
				"lab, fails the plan. Otherwise it is a warning. The default is false.",
			Optional: true,
		},
	}
	attributes["closure_budget"], attributes["vendors"] = budgetSetting(), vendorsSetting()
	maps.Copy(attributes, evidenceSettings())
	maps.Copy(attributes, runSettings())
	for _, k := range kinds {
		attributes[k.name] = k.settings()
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Imports user accounts at vendors that SCIM does not reach, watches them, " +
			"and closes an account when its block leaves the configuration.",
		Attributes: attributes,
	}
}

// settings is the part of the provider block for one vendor.
func (k userKind) settings() schema.Attribute {
	attributes := map[string]schema.Attribute{
		"api_key": schema.StringAttribute{
			MarkdownDescription: "The " + k.keyName + ". " +
				"If it is not set, the environment variable `" + k.variable("api_key") + "` is used.",
			Optional:  true,
			Sensitive: true,
		},
		"base_url": schema.StringAttribute{
			MarkdownDescription: "The part of the URL before the vendor's resource paths. " +
				"The default is the environment variable `" + k.variable("base_url") + "`, or else `" +
				k.baseURL + "`. Plain http is refused except for loopback.",
			Optional: true,
		},
		"requests_per_second": schema.Float64Attribute{
			MarkdownDescription: "How many requests a second are sent at most. The default is " + k.rate + ". " +
				"If the vendor asks for fewer, fewer are sent.",
			Optional: true,
		},
	}
	maps.Copy(attributes, k.extraSettings)
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How to reach " + k.title + ". Leave it out if the environment variables are set, or if no " +
			"user of " + k.title + " is managed.",
		Optional:   true,
		Attributes: attributes,
	}
}

// slowestRate is the lowest requests_per_second: one in a thousand seconds.
const slowestRate = 0.001

// ValidateConfig implements provider.ProviderWithValidateConfig. It checks what is below a vendor's
// object, without saying where it stands: a diagnostic with an attribute path has the CLI print the
// source line, and the key with it.
func (p *offboardProvider) ValidateConfig(
	ctx context.Context,
	req provider.ValidateConfigRequest,
	resp *provider.ValidateConfigResponse,
) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	resp.Diagnostics.Append(checkBudget(model)...)
	for _, k := range kinds {
		for _, problem := range k.checkSettings(model.settings()[k.name]) {
			resp.Diagnostics.Append(unusableSetting(k, problem))
		}
	}
	resp.Diagnostics.Append(checkDeclarations(declarations(model.Vendors))...)
}

// checkSettings finds the settings of a vendor that are written and cannot be used.
func (k userKind) checkSettings(settings types.Object) (problems []*rest.SettingError) {
	checks := map[string]func(string) error{"api_key": rest.CheckKey, "base_url": func(raw string) error {
		_, err := rest.ParseBaseURL(raw)
		return err
	}}
	maps.Copy(checks, k.settingChecks)
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		value, ok := settings.Attributes()[name].(types.String)
		if !ok || value.IsNull() || value.IsUnknown() {
			continue
		}
		if err := checks[name](value.ValueString()); err != nil {
			problems = append(problems, &rest.SettingError{Setting: name, Err: err})
		}
	}
	if rate, ok := settings.Attributes()["requests_per_second"].(types.Float64); ok && !rate.IsNull() &&
		!rate.IsUnknown() &&
		rate.ValueFloat64() < slowestRate {
		problems = append(
			problems,
			&rest.SettingError{Setting: "requests_per_second", Err: fmt.Errorf("it must be at least %v", slowestRate)},
		)
	}
	return problems
}

// settings are the vendors' objects by the name of the vendor.
func (m providerModel) settings() map[string]types.Object {
	return map[string]types.Object{
		"konstantly": m.Konstantly,
		"ecgrid":     m.ECGrid,
		"sfox":       m.SFOX,
		"skillable":  m.Skillable,
	}
}

// Configure implements provider.Provider. A vendor that cannot be used is no error until one of its
// users is touched.
func (p *offboardProvider) Configure(
	ctx context.Context,
	req provider.ConfigureRequest,
	resp *provider.ConfigureResponse,
) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	resp.Diagnostics.Append(checkBudget(model)...)
	further := declarations(model.Vendors)
	resp.Diagnostics.Append(checkDeclarations(further)...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := &clients{
		guards:   closing.NewGuards(blockGuards(model)),
		evidence: p.newRecorder(model),
		vendors:  map[string]vendor{},
		problems: map[string]*settingProblem{},
		clocks:   map[string]*rest.Clock{},
	}
	config := rest.Config{
		Transport: p.transport,
		Budgets:   p.budgets,
		UserAgent: "terraform-provider-offboard/" + p.version + " (Terraform " + req.TerraformVersion + ")",
	}
	for _, k := range kinds {
		c.problems[k.name] = k.configure(c, model.settings()[k.name], config)
	}
	c.declare(model.Vendors, further, config)
	if titles := keysInQuery(further); len(titles) > 0 {
		resp.Diagnostics.Append(keyInQuery(titles))
	}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = c, c, c, c
}

// Resources implements provider.Provider.
func (p *offboardProvider) Resources(context.Context) []func() resource.Resource {
	all := []func() resource.Resource{
		func() resource.Resource { return &declaredResource{userResource{kind: declaredKind}} },
	}
	for _, k := range kinds {
		all = append(all, func() resource.Resource { return &userResource{kind: k} })
	}
	return all
}

// DataSources implements provider.Provider.
func (p *offboardProvider) DataSources(context.Context) []func() datasource.DataSource {
	all := []func() datasource.DataSource{
		newEvidenceData,
		func() datasource.DataSource { return &accountsData{} },
		func() datasource.DataSource { return &declaredData{userData{userResource{kind: declaredKind}}} },
		func() datasource.DataSource { return &declaredUsersData{usersData{userResource{kind: declaredKind}}} },
	}
	for _, k := range kinds {
		all = append(all,
			func() datasource.DataSource { return &userData{userResource{kind: k}} },
			func() datasource.DataSource { return &usersData{userResource{kind: k}} },
		)
	}
	return all
}

// ListResources implements provider.ProviderWithListResources. A vendor that cannot list all its
// users has none.
func (p *offboardProvider) ListResources(context.Context) []func() fwlist.ListResource {
	all := []func() fwlist.ListResource{
		func() fwlist.ListResource { return &declaredList{userList{userResource{kind: declaredKind}}} },
	}
	for _, k := range kinds {
		if k.partial == "" {
			all = append(all, func() fwlist.ListResource { return &userList{userResource{kind: k}} })
		}
	}
	return all
}
