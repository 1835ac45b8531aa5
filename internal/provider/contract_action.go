package provider

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// contractTimeout is how long the questions of a check may take. A closure has the time that a destroy
// has, beside it.
const contractTimeout = 15 * time.Minute

// Actions implements provider.ProviderWithActions.
func (p *offboardProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return &contractAction{version: p.version} }}
}

var _ provider.ProviderWithActions = &offboardProvider{}

// contractAction compares what a vendor answers with what the provider believes of it.
type contractAction struct {
	version string // of the provider
	clients *clients
}

// contractModel is the configuration of the action.
type contractModel struct {
	Vendor      types.String `tfsdk:"vendor"`
	Sacrificial types.Set    `tfsdk:"sacrificial_ids"`
	Report      types.String `tfsdk:"report"`
}

// Metadata implements action.Action.
func (a *contractAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "offboard_contract"
}

// Schema implements action.Action.
func (a *contractAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Compares what a vendor answers with what the provider believes of it, and writes a report. " +
			"Run it at your own tenant before the first closure: " +
			"`terraform apply -invoke=action.offboard_contract.NAME`. " +
			"Without `sacrificial_ids` it only reads. It needs Terraform 1.14 or newer.",
		Attributes: map[string]schema.Attribute{
			"vendor": schema.StringAttribute{
				MarkdownDescription: "`konstantly`, `ecgrid`, `sfox`, `skillable`, or the name of a vendor in `vendors` of " +
					"the provider block.",
				Required: true,
			},
			"sacrificial_ids": schema.SetAttribute{
				MarkdownDescription: "IDs of test users that may be closed, which cannot be undone. " +
					"The check suspends each of them if the vendor can, closes it as a destroy does, and makes the call " +
					"of the closure once more. All guards of the provider block hold, and the evidence log records each " +
					"closure. Settings of a resource, such as `person` and `close_not_before`, do not hold. No other " +
					"user is changed. If it is not set, the check only reads.",
				ElementType: types.StringType,
				Optional:    true,
				Validators:  []validator.Set{setvalidator.NoNullValues()},
			},
			"report": schema.StringAttribute{
				MarkdownDescription: "Path of the report, which must end in `.json`. A page of the same name that ends in " +
					"`.md` is written beside it. The report holds no name, no email address, no ID of a user and no key. " +
					"If it cannot be written, nothing is closed.",
				Required:   true,
				Validators: []validator.String{check("the path of a report", contract.CheckPath)},
			},
		},
	}
}

// Configure implements action.ActionWithConfigure.
func (a *contractAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.clients, _ = req.ProviderData.(*clients) // nil while Terraform only validates
}

// Invoke implements action.Action.
func (a *contractAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model contractModel
	var ids []string
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	resp.Diagnostics.Append(model.Sacrificial.ElementsAs(ctx, &ids, false)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r, problem := a.users(model.Vendor)
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	if !r.reachable(&resp.Diagnostics) {
		return
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := r.kind.usable(id); err != nil {
			resp.Diagnostics.Append(unusableID(r.kind, id, err))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	run := &contractRun{
		userResource: r, asks: r.vendor().Contract(), path: model.Report.ValueString(), diags: &resp.Diagnostics,
		version:  a.version,
		progress: func(text string) { resp.SendProgress(action.InvokeProgressEvent{Message: text}) },
	}
	run.check(ctx, ids)
}

// users is the resource for the users of a vendor, which the provider knows or the provider block
// declares.
func (a *contractAction) users(name types.String) (*userResource, diag.Diagnostic) {
	if i := slices.IndexFunc(kinds, func(k userKind) bool { return k.name == name.ValueString() }); i >= 0 {
		return &userResource{kind: kinds[i], clients: a.clients}, nil
	}
	k, problem := a.clients.declared.kind(name)
	if problem != nil {
		return nil, problem
	}
	return &userResource{kind: k, clients: a.clients}, nil
}

// contractRun is one check under way.
type contractRun struct {
	*userResource
	asks     contract.Vendor
	path     string
	diags    *diag.Diagnostics
	progress func(string)
	version  string // of the provider
	came     contract.Transcript
	changed  contract.Users
}

// check asks, and closes the sacrificial users. The report is written before anything is closed, so
// that a path that cannot be written closes nothing.
func (c *contractRun) check(ctx context.Context, ids []string) {
	ctx = c.came.With(ctx)
	c.progress(onlyAsking(c.kind))
	asking, cancel := context.WithTimeout(ctx, contractTimeout)
	c.asks.Ask(asking)
	cancel()
	report, ok := c.write()
	for i, id := range ids {
		if !ok {
			return
		}
		c.progress(closingSacrificial(c.kind, i+1, len(ids)))
		s := sacrifice{contractRun: c, id: id}
		s.play(contract.Of(ctx, id))
		s.count()
		report, ok = c.write()
	}
	if ok {
		c.tell(report)
	}
}

// report is what the answers so far say.
func (c *contractRun) report() *contract.Report {
	report := &contract.Report{
		Vendor:  c.kind.name,
		Tenant:  c.tenant(),
		At:      time.Now().UTC(),
		Facts:   c.came.Judge(slices.Concat(c.asks.Facts(), c.kind.facts)),
		Version: c.version,
		Answers: c.came.Answers(),
		Users:   c.changed,
	}
	if e, ok := c.asks.(interface {
		Examples(t *contract.Transcript) []string
	}); ok {
		report.Examples = e.Examples(&c.came)
	}
	return report
}

// write writes the report, and reports whether it could.
func (c *contractRun) write() (*contract.Report, bool) {
	report := c.report()
	if err := report.Write(c.path); err != nil {
		c.diags.Append(reportNotWritten(c.kind, c.path, err))
		return nil, false
	}
	return report, true
}

// tell says what the report holds.
func (c *contractRun) tell(report *contract.Report) {
	c.progress(reportSays(report, c.path))
	if others := report.Count(contract.Contrary) + report.Count(contract.New); others > 0 {
		c.diags.Append(answersOtherwise(c.kind, others, c.path))
	}
}
