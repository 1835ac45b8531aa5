package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages about a suspension that the block of a user asks for. Those about a closure hold for
// it, too.

// aboutSuspension says of an error about a closure that it is about a suspension.
func aboutSuspension(k userKind, d diag.Diagnostic) diag.Diagnostic {
	if d.Severity() != diag.SeverityError {
		return d
	}
	return diag.NewErrorDiagnostic(d.Summary(), paragraphs(
		"This is about a suspension, because the block has suspended = true. The same guards and proofs hold as for a "+
			"closure. The user stays in the state. If you do not want to suspend the account in "+k.title+
			", remove that line.", d.Detail()))
}

// willBeSuspended is what a reviewer reads of a suspension.
func willBeSuspended(k userKind, u offboard.User) (summary, detail string) {
	return fmt.Sprintf("%s will be suspended in %s, which can be undone", short(u), k.title),
		describe(k, u) + " will be suspended, because the block has suspended = true. The user stays managed. " +
			"This can be undone in " + k.title + "."
}

// willBeSuspendedUnread is the same if the plan has not read the account. Terraform shows it once
// more at the apply, so it holds for both.
func willBeSuspendedUnread(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic(
		fmt.Sprintf("%s: the apply suspends the account in %s", short(u), k.title),
		paragraphs(
			describe(k, u)+" is suspended at the apply, because the block has suspended = true. "+
				"The user stays managed. This can be undone in "+k.title+".",
			"If this is a plan with -refresh=false, it has not read the account. "+
				"The apply reads it, and suspends it only if it is as the state has it."),
	)
}

// staysSuspended is for a block that does not ask for a suspension any more.
func staysSuspended(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s stays suspended in %s", short(u), k.title), paragraphs(
		describe(k, u)+" is suspended, and the block does not ask for that any more. "+
			"This changes only the state: the provider never enables an account.",
		steps(
			fmt.Sprintf("To enable the account, first apply this. Then sign in at %s, and enable the account by hand.", k.title),
			"To close it, remove the block.",
		),
	))
}

// suspensionUnknown is for a value that the plan does not show.
func suspensionUnknown(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("suspended of %s in %s is not known", short(u), k.title), paragraphs(
		describe(k, u)+" may be suspended or not: the value of suspended comes from something that is not applied yet. "+
			"A suspension must be in the plan. "+nothingClosed,
		steps("Write the value out.", "Or first apply what the value comes from.")))
}

// closedAlready is for an account that was closed since the plan.
func closedAlready(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is already closed in %s", short(u), k.title),
		describe(k, u)+" cannot be suspended, because the account is closed. "+k.title+" says so itself. "+nothingClosed+
			" Remove the block. Its destroy makes no closing call.")
}

// notSuspendedButClosed is for an account that was open before the call that was to suspend it.
func notSuspendedButClosed(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is closed in %s, and not suspended", short(u), k.title),
		describe(k, u)+" was open before the suspension. After it "+k.title+" itself shows the account as closed. "+
			"The user stays in the state. Find out there whether the call closed it, or somebody else. Then remove the block. "+
			"Its destroy makes no closing call.")
}
