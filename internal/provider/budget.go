package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// budgetSetting is closure_budget of the provider block.
func budgetSetting() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How many accounts may be closed within a time, by all runs with the same `evidence_log`. " +
			"It needs `evidence_log`. Right before each closure, the provider counts the earlier ones in the log. " +
			"A closure over the budget is refused. If the budget is used up, a plan that closes an account fails. " +
			"An account counts once, even if its closure is tried again. " +
			"A closure does not count if no changing request was sent. By default there is no budget.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"count": schema.Int64Attribute{
				MarkdownDescription: "The maximum number of accounts, at least 1.",
				Required:            true,
				Validators:          []validator.Int64{int64validator.Between(1, maxBudget)},
			},
			"within": schema.StringAttribute{
				MarkdownDescription: "The time within which they are counted, such as `24h` or `90m`.",
				Required:            true,
				Validators:          []validator.String{check("a time of closure_budget", checkWithin)},
			},
		},
	}
}

// maxBudget is the highest count. A higher one limits nothing.
const maxBudget = 1_000_000

// shortestWithin is the shortest time of a budget. A shorter one limits nothing.
const shortestWithin = time.Minute

func checkWithin(within string) error {
	switch d, err := time.ParseDuration(within); {
	case err != nil:
		return errors.New(`it is not a time such as "24h" or "90m"`)
	case d < shortestWithin:
		return errors.New("it is shorter than one minute")
	}
	return nil
}

// budgetIn returns closure_budget, nil for none, and whether all of it is known.
func budgetIn(o types.Object) (budget *evidence.Budget, known bool) {
	count, _ := o.Attributes()["count"].(types.Int64)
	within, _ := o.Attributes()["within"].(types.String)
	if o.IsNull() || o.IsUnknown() || count.IsUnknown() || within.IsUnknown() {
		return nil, o.IsNull()
	}
	d, err := time.ParseDuration(within.ValueString())
	return &evidence.Budget{Count: int(count.ValueInt64()), Within: d}, err == nil
}

// checkBudget refuses a budget that could not be counted.
func checkBudget(m providerModel) (diags diag.Diagnostics) {
	if !m.Budget.IsNull() && m.EvidenceLog.IsNull() {
		diags.Append(budgetWithoutLog())
	}
	return diags
}

// planLog says why the evidence log will not record a planned closure, and what it tells of
// closure_budget: an error if that is used up, and a warning if this plan has more closures than it
// leaves. Other runs, and the time until the apply, can change that. The apply counts again.
func (r *userResource) planLog(
	ctx context.Context, u offboard.User, remembered *closing.Record, g closing.EffectiveGuards,
) (diags diag.Diagnostics) {
	if err := r.clients.evidence.Check(ctx); err != nil {
		diags.Append(cannotRecord(r.kind, u, err))
	}
	if g.ClosureBudget == nil {
		return diags
	}
	spent, read := r.clients.evidence.Spent(ctx, g.ClosureBudget, r.account(ctx, u.ID, remembered))
	if !read || spent.Again {
		return diags
	}
	left := max(0, g.ClosureBudget.Count-spent.Count)
	count := r.clients.guards.Budgeted.Plan(r.namedKey(u), describe(r.kind, u), int64(left))
	switch {
	case count.Allows():
	case left == 0 && !count.Again:
		diags.Append(budgetUsedUp(r.kind, u, &evidence.BudgetError{Budget: *g.ClosureBudget, Spent: spent}, g))
	default:
		diags.Append(budgetTooSmall(r.kind, u, count, g))
	}
	return diags
}
