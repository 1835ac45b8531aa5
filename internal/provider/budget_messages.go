package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages of closure_budget.

func budgetWithoutLog() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("closure_budget"), "closure_budget needs evidence_log", paragraphs(
		"The closures of all runs are counted in the evidence log, and the provider block sets none. "+nothingChanged,
		steps("Set evidence_log in the provider block.", "Or remove closure_budget.")))
}

// overBudget is a closure that the budget refuses at apply.
func overBudget(k userKind, u offboard.User, e *evidence.BudgetError, g closing.EffectiveGuards) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: closure_budget is used up", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" was not closed. "+nothingClosed+" "+staysInState,
		budgetText(k, e, g), budgetSteps(e), guardsAgain(g)))
}

// budgetUsedUp is a closure that is planned while the budget is used up.
func budgetUsedUp(k userKind, u offboard.User, e *evidence.BudgetError, g closing.EffectiveGuards) diag.Diagnostic {
	summary := fmt.Sprintf("%s cannot be closed in %s: closure_budget is used up", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" would be closed. An apply would refuse it. "+nothingChanged,
		budgetText(k, e, g), budgetSteps(e), guardsAgain(g)))
}

// budgetTooSmall has one summary for all users, so that Terraform folds them.
func budgetTooSmall(k userKind, u offboard.User, t closing.ClosureCount, g closing.EffectiveGuards) diag.Diagnostic {
	return diag.NewWarningDiagnostic("More closures than closure_budget leaves now", fmt.Sprintf(
		"%s is number %d in this plan. closure_budget leaves %d now%s. The apply counts again, and refuses what is too many.",
		describe(k, u), t.Count, t.Limit, keptText(g)))
}

// budgetText says what a budget allows, and who used it up.
func budgetText(k userKind, e *evidence.BudgetError, g closing.EffectiveGuards) string {
	var used []string
	for _, last := range e.Last {
		used = append(used, usedText(k, last))
	}
	text := fmt.Sprintf("closure_budget allows %d within %s%s. The evidence log has %d. The last of them:\n%s",
		e.Budget.Count, timeSpan(e.Within), keptText(g), e.Spent.Count, list(used))
	if more := e.Spent.Count - len(used); more > 0 {
		text += fmt.Sprintf("\n  - and %d more", more)
	}
	return text
}

// usedText names an account that counts against a budget of the vendor k, as the log has it.
func usedText(k userKind, u evidence.Used) string {
	who, vendor := offboard.Text(u.Who), offboard.Text(kindNamed(u.Vendor).title)
	if who != "" {
		who += ", "
	}
	if k.name == u.Vendor { // it may be one that only the provider block knows
		vendor = k.title
	}
	return fmt.Sprintf("%sID %q in %s, %s", who, offboard.Text(u.ID), vendor, utc(u.At))
}

func budgetSteps(e *evidence.BudgetError) string {
	return steps(
		fmt.Sprintf("Find out whether all of these closures were meant. If so, plan and apply again after %s.", utc(e.Frees)),
		"Or raise closure_budget in a change that is reviewed.")
}

// timeSpan is a duration as a person writes it: 24h, not 24h0m0s.
func timeSpan(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// utc is a time for people.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
