package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The sentences about the evidence log.

func cannotRecord(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not closed in %s: the evidence log cannot be written", short(u), k.title), paragraphs(
		fmt.Sprintf("%s was to be closed, and the provider block says by evidence_log that every closing is recorded before it begins. %s", describe(k, u), nothingClosed),
		fmt.Sprintf("The reason: %v.", err), mendLog))
}

// notRecorded is a result that the evidence log does not have. It claims no more than the result does.
func notRecorded(k userKind, u offboard.User, result evidence.Result, err error) diag.Diagnostic {
	state := "was to be closed, with the outcome told beside this,"
	switch result {
	case evidence.Closed, evidence.AlreadyClosed:
		state = "is closed"
	case evidence.Suspended:
		state = "is suspended"
	case evidence.NotVisible:
		state = "is not visible, which proves no closing"
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("The closing of %s in %s is not recorded", short(u), k.title), paragraphs(
		fmt.Sprintf("%s %s, and the evidence log cannot be written. The user stays in the state, so that the next apply looks at the account again and records what it finds.",
			describe(k, u), state), fmt.Sprintf("The reason: %v.", err), mendLog))
}

func noEvidence(file string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("file"), "There is no evidence log yet",
		fmt.Sprintf("The file %s does not exist, so it is read as one without closings. If closings were recorded in it, find out where it is.", file))
}

func unreadableEvidence(file string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("file"), "Cannot read the evidence log",
		fmt.Sprintf("The file %s cannot be read: %v. A relative path begins at the directory in which Terraform runs.", file, err))
}

func lostHead(file, head string) string {
	return fmt.Sprintf("%s has no record with the known head %q: its end was cut off, it was written anew, or the head belongs to another file", file, head)
}

const mendLog = "Make the file that evidence_log names writable, and apply again. If it is not as it was written, keep it as it is, find out who changed it, and name another file."
