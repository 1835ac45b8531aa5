package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages of the contract check.

// Why the check went no further with a test user, as the end of a sentence of the report.
const (
	stoppedUnread      = "the test user could not be read, so the check did not go on to change it"
	stoppedAtPlan      = "the plan of the closure failed, so the check did not go on to close the user"
	stoppedUnconfirmed = "the closure was not confirmed, so the check did not go on to a second call"
)

// stoppedAtSuspended is one of these, of a user who was suspended.
func stoppedAtSuspended(k userKind) string {
	return "the " + k.suspension.is + " user could not be read, so the check did not go on to close it"
}

// onlyAsking is progress: the check asks, and changes nothing.
func onlyAsking(k userKind) string {
	return "Asking " + k.title + " what it answers. Nothing is changed."
}

// closingSacrificial is progress: the check closes one of the sacrificial users.
func closingSacrificial(k userKind, user, users int) string {
	return fmt.Sprintf("Closing sacrificial user %d of %d in %s.", user, users, k.title)
}

// reportSays is progress: what the report holds.
func reportSays(r *contract.Report, path string) string {
	return fmt.Sprintf("%d facts as documented, %d as assumed, %d otherwise, %d undecided. The report is %s.",
		r.Count(contract.Documented), r.Count(contract.Assumed),
		r.Count(contract.Contrary)+r.Count(contract.New), r.Count(contract.Undecided), path)
}

// reportNotWritten is a report that cannot be written.
func reportNotWritten(k userKind, path string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot write the report about "+k.title, paragraphs(
		fmt.Sprintf("The report %q of the contract check could not be written. "+
			"Nothing was changed after that.", path),
		fmt.Sprintf("The reason: %v.", err),
		"Name a path in a directory that exists and can be written. Then run the check again."))
}

// sacrificeShowsNobody is a sacrificial user without an address, which never_close may name.
func sacrificeShowsNobody(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The contract check does not close "+short(u)+" in "+k.title, paragraphs(
		describe(k, u)+" is shown without an email address. So nothing shows whether an address in never_close is that "+
			"of this person. A block could say so in person, and the check has no block. "+nothingClosed,
		"Use a test user with an address that "+k.title+" shows. Or run the check without addresses in never_close, "+
			"in a directory of its own."))
}

// answersOtherwise is a vendor that does not answer as the provider believes.
func answersOtherwise(k userKind, facts int, path string) diag.Diagnostic {
	next := "2. If a verdict is \"new\", send the report to the maintainers before you close an account. " +
		"It holds no value of a person."
	if k.declared {
		next = "2. If a verdict is \"new\", compare the answer with the documentation of " + k.title +
			" before you close an account. Then paste the example from the report into the definition."
	}
	return diag.NewWarningDiagnostic(
		k.title+" answers otherwise than expected",
		paragraphs(
			fmt.Sprintf("Facts that differ: %d. The report %q names them. For each, it says what came.", facts, path),
			"1. Read the verdicts \"contrary\" and \"new\" of the report.\n"+next),
	)
}
