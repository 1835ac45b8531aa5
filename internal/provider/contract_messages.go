package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The messages of the contract check.

// reportNotWritten is a report that cannot be written.
func reportNotWritten(k userKind, path string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot write the report about "+k.title, paragraphs(
		fmt.Sprintf("The report %q of the contract check could not be written. "+
			"Nothing was changed after that.", path),
		fmt.Sprintf("The reason: %v.", err),
		"Name a path in a directory that exists and can be written. Then run the check again."))
}

// answersOtherwise is a vendor that does not answer as the provider believes.
func answersOtherwise(k userKind, facts int, path string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(
		fmt.Sprintf("%s answers otherwise than expected: %d facts", k.title, facts),
		paragraphs(
			fmt.Sprintf("The report %q names them. For each, it says what came.", path),
			"1. Read the verdicts \"contrary\" and \"new\" of the report.\n"+
				"2. If a verdict is \"new\", send the report to the maintainers before you close an account. "+
				"It holds no value of a person."),
	)
}
