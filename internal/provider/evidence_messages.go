package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages about the evidence log.

func cannotRecord(k userKind, u offboard.User, err error) diag.Diagnostic {
	if reason := endOfWait(err); reason != "" {
		summary := fmt.Sprintf("%s is not closed in %s: no lock on the evidence log", short(u), k.title)
		if inStore(err) {
			summary = fmt.Sprintf("%s is not closed in %s: no answer of the evidence log", short(u), k.title)
		}
		return diag.NewErrorDiagnostic(summary, paragraphs(
			describe(k, u)+" was not closed. "+nothingClosed+" "+staysInState, reason))
	}
	if errors.As(err, new(*evidence.HeadError)) {
		return headLost(k, u, err)
	}
	summary := fmt.Sprintf("%s is not closed in %s: cannot write the evidence log", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" was not closed. The provider block sets evidence_log, so each closure is recorded before it "+
			"begins. "+nothingClosed,
		fmt.Sprintf("The reason: %v.", err), repairOf(err)))
}

// headLost is a log that does not have the record of evidence_head.
func headLost(k userKind, u offboard.User, err error) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: evidence_head not found", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" was not closed. The log must hold the record that evidence_head names. "+nothingClosed,
		fmt.Sprintf("The reason: %v.", err), repairHead))
}

// inStore reports whether an error is of a log in a bucket.
func inStore(err error) bool { return errors.As(err, new(*evidence.StoreError)) }

// endOfWait says why the wait for the evidence log ended; empty if another reason keeps the log from
// use.
func endOfWait(err error) string {
	switch {
	case inStore(err) && errors.Is(err, context.Canceled):
		return "The run was interrupted before the bucket of the evidence log had answered. Apply again."
	case inStore(err) && errors.Is(err, context.DeadlineExceeded):
		return "The time was up before the bucket of the evidence log had answered. A long log takes time to read. " +
			"Apply again. " + moreTime
	case errors.Is(err, context.Canceled):
		return "The run was interrupted before it could lock the evidence log. Apply again."
	case errors.Is(err, context.DeadlineExceeded):
		return "The time was up before this closure could lock the evidence log. Another closure or another process may " +
			"hold the lock. Apply again. " + moreTime
	}
	return ""
}

// anotherLog is an open account, where the evidence log is not the one that the plan read.
func anotherLog(k userKind, u offboard.User, changes []closing.Change) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: the evidence log changed", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" is open. "+planOnce+" The file of evidence_log is not the one that the plan read.",
		"What the two tell of the account:\n\n"+changesText(changes), nothingClosed, steps(
			"If the file was lost, moved or replaced, put it back. Otherwise let plan and apply use the same file.",
			"Plan again, and review the account as it is now.")))
}

// planOnce is why a plan is compared with the evidence log.
const planOnce = "A plan may be applied once, and the evidence log shows whether a closure has used it."

// logSincePlan is an open account, where the plan found no evidence log, and the log of the apply
// tells of a closure.
func logSincePlan(k userKind, u offboard.User, changes []closing.Change) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: the plan may be used already", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" is open. "+planOnce+" The plan found no evidence log. Now the log tells of a closure of this "+
			"account, so a run may have used the plan, for example one that was killed.",
		changesText(changes), nothingClosed, steps(
			"Plan again, and review the account as it is now.",
			"If the plan finds no evidence log again, let plan and apply use the same file.")))
}

// planWithoutLog is an open account, where the plan could not read the evidence log, which tells of
// a closure.
func planWithoutLog(k userKind, u offboard.User, changes []closing.Change) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: the plan did not read the log", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" is open. "+planOnce+" The plan could not read the log, for example because the value of "+
			"evidence_log was not known. The log tells of a closure of this account, which may have used the plan.",
		changesText(changes), nothingClosed, steps(
			knownLog, "Plan again, and review the account as it is now.")))
}

// logNotRead is what a plan says that cannot read the evidence log. It has one summary for all users,
// so that Terraform folds them.
func logNotRead(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The plan cannot read the evidence log: its path is not known", paragraphs(
		describe(k, u)+" is planned without the evidence log, because the value of evidence_log is not known. "+
			"If the log tells of an earlier closure of the account, the apply refuses to close it.", knownLog))
}

// knownLog is what to do if a plan cannot read the evidence log.
const knownLog = "Give evidence_log a value that is known at plan, such as a path that is written out."

// cannotRecordLeaving is what a plan says of a user who is closed already, or not visible any more.
func cannotRecordLeaving(k userKind, u offboard.User, err error) diag.Diagnostic {
	summary := short(u) + " cannot leave the state: cannot write the evidence log"
	return diag.NewErrorDiagnostic(summary, paragraphs(
		lastSeen(k, u)+" needs no closing call. The provider block sets evidence_log, so what was found is recorded "+
			"before the user leaves the state. "+nothingChanged,
		fmt.Sprintf("The reason: %v.", err), repairOf(err)))
}

// notRecorded is a result that the evidence log does not have. It claims no more than the result
// does.
func notRecorded(k userKind, u offboard.User, result evidence.Result, err error) diag.Diagnostic {
	var state string
	switch result {
	case evidence.Closed, evidence.AlreadyClosed:
		state = "is closed."
	case evidence.Suspended:
		state = "is suspended."
	case evidence.NotVisible:
		state = "is not visible, which proves no closure."
	default:
		state = "has the result that another message of this run describes."
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("The closure of %s in %s is not recorded", short(u), k.title), paragraphs(
		describe(k, u)+" "+state+" The evidence log cannot be written. "+staysInState+
			" The next apply reads the account again, and records what it finds.",
		fmt.Sprintf("The reason: %v.", err), repairOf(err)))
}

// proofText is what proves a closing. killed says that no call is known, only a run that was killed.
func proofText(words proofWords, killed bool) string {
	switch {
	case words.call == "":
		return words.shows
	case killed:
		return "An earlier run was about to send the closing call, and ended before it recorded an answer. " + words.shows
	}
	return words.call + " " + words.shows
}

func noEvidence(file string) diag.Diagnostic {
	missing := "The file " + file + " does not exist"
	if s3store.Is(file) {
		missing = "There is no object of a log at " + file
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("file"), "There is no evidence log yet",
		missing+", so it is read as a log without closures. If closures were recorded in it, find out where it is.")
}

func unreadableEvidence(file string, err error) diag.Diagnostic {
	if s3store.Is(file) {
		return diag.NewAttributeErrorDiagnostic(path.Root("file"), "Cannot read the evidence log", fmt.Sprintf(
			"The log at %s cannot be read: %v. Check the address and the credentials.", file, err))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("file"), "Cannot read the evidence log", fmt.Sprintf(
		"The file %s cannot be read: %v. Check the path. A relative path begins at the directory in which Terraform "+
			"runs.", file, err))
}

func lostHead(file, head string) string {
	return fmt.Sprintf("%s has no record with the known head %q: its end was cut off, it was rewritten, or the head "+
		"is that of another file",
		file, head)
}

// repairLog is what to do about a log that cannot be written.
const repairLog = "1. Make the file that evidence_log names writable, and apply again.\n" +
	"2. If the file is not as it was written, keep it as it is, and find out who changed it. Then name another file."

// repairStore is repairLog for a log in a bucket.
const repairStore = "1. Make sure that Terraform can read and write the bucket that evidence_log names. " +
	"Then apply again.\n" +
	"2. If an object is not as it was written, keep the bucket as it is, and find out who changed it. " +
	"Then name another prefix."

// repairHead is what to do about a log without the record of evidence_head.
const repairHead = "1. If the log was lost, replaced or cut off, put it back, and apply again.\n" +
	"2. If evidence_head is that of another log, correct it."

// repairOf is what to do about an error of the log.
func repairOf(err error) string {
	switch {
	case errors.As(err, new(*evidence.HeadError)):
		return repairHead
	case inStore(err):
		return repairStore
	}
	return repairLog
}

// logBeginsAgain is an evidence log that is not the one of the last refresh. It has one summary for all
// users, so that Terraform folds them.
func logBeginsAgain(k userKind, u offboard.User, noLog bool) diag.Diagnostic {
	found := "Now evidence_log names another log."
	if noLog {
		found = "Now there is no log, so the next closure begins one."
	}
	return diag.NewWarningDiagnostic("The evidence log is not the one of the last run", paragraphs(
		describe(k, u)+" was seen last with an evidence log. "+found+" An auditor who sees the new log alone misses "+
			"the closures in the other one.", steps(
			"If the log was lost, for example with the machine of a job, put it back.",
			"Keep the log where it outlives the run, such as in a bucket. Set evidence_head, so that the next run refuses "+
				"another log.")))
}
