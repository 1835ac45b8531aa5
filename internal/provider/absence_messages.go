package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages of accounts that are to be closed and are not visible.

// vanished is an account that the plan showed and that is not visible at apply.
func vanished(k userKind, u offboard.User) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not visible in %s any more since the plan", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		lastSeen(k, u)+" "+absentTwice(k)+" When the plan was made, the account was visible. "+doubt(k),
		nothingClosed+" "+staysInState+" Plan again. The plan says what a destroy would do then."))
}

// notVisible is an absence of which nothing can be concluded, where a closure was planned.
func notVisible(k userKind, u offboard.User, err error) diag.Diagnostic {
	summary := notVisibleSummary(k, u, err)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		notVisibleText(k, u, err), nothingClosed+" "+staysInState,
		"If the account is closed, or does not belong to you any more, stop managing it. "+stopManaging(k)))
}

// notVisibleProtected is an account that is not visible, under a guard.
func notVisibleProtected(k userKind, u offboard.User, guard string) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not visible in %s, and a guard protects it", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		lastSeen(k, u)+" is not visible any more, and nothing proves that the account is closed. "+
			"The user stays in the state because of "+guard+". "+nothingClosed,
		"If the account is closed, stop managing it. "+stopManaging(k)))
}

// keptUnproven is an account that is not visible after a closing call that nothing proves, under a
// guard. accepted says that the vendor accepted the call. Otherwise it had nothing to close.
func keptUnproven(k userKind, u offboard.User, accepted bool, guard string) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not visible in %s, and a guard keeps the user", short(u), k.title)
	came := k.title + " answered that it has no record to close."
	if accepted {
		came = k.title + " accepted the closing call. Its list was read twice, and shows no other person of the same kind."
	}
	return diag.NewErrorDiagnostic(summary, paragraphs(
		lastSeen(k, u)+" is not visible. "+came+" Nothing proves that the account is closed. "+
			"The user stays in the state because of "+guard+".",
		"Check at "+k.title+" whether the account is closed. If it is, stop managing it. "+stopManaging(k)))
}

// notVisiblePlanned is what a plan says of an account that leaves the state without a call.
func notVisiblePlanned(k userKind, u offboard.User) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not visible in %s, and will leave the state", short(u), k.title)
	return diag.NewWarningDiagnostic(summary, paragraphs(
		lastSeen(k, u)+" "+absentTwice(k)+" The destroy makes no closing call.", doubt(k)))
}

// notVisibleLeft is what an apply says of it.
func notVisibleLeft(k userKind, u offboard.User) diag.Diagnostic {
	summary := fmt.Sprintf("%s left the state without a closing call to %s", short(u), k.title)
	return diag.NewWarningDiagnostic(summary, paragraphs(
		lastSeen(k, u)+" is not visible, as the plan said. No closing call was made. Nothing proves that the account is "+
			"closed.", doubt(k)))
}

// unprovenPlanned is what a plan says of a closure that an earlier run had accepted and that
// nothing can prove.
func unprovenPlanned(k userKind, u offboard.User) diag.Diagnostic {
	summary := fmt.Sprintf("%s leaves the state as unproven: %s lists no one else", short(u), k.title)
	return diag.NewWarningDiagnostic(summary, paragraphs(
		fmt.Sprintf("%s is not visible any more. In an earlier run %s accepted the closing call. "+
			"The list shows no other person of the same kind, so nothing proves the closure. The destroy makes no closing call.",
			lastSeen(k, u), k.title), doubt(k)))
}
