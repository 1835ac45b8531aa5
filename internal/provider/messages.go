package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Every sentence that the provider says to a person stands in this file and in causes.go. A summary says what cannot be done and where. A detail says who,
// what happened, and the next step. On the plan of a removed block Terraform prints no address, so each text names the person and the vendor itself.
// Warnings with the same summary are folded by Terraform into one: routine has one summary, and what must be read one by one has its own.

// describe names a user: as much as is known of the name, the e-mail address, the id, and the vendor.
func describe(k userKind, u offboard.User) string {
	text := fmt.Sprintf("id %q in %s", u.ID, k.title)
	switch {
	case u.Name != "" && u.Email != "":
		return fmt.Sprintf("%s <%s> (%s)", u.Name, u.Email, text)
	case u.Name != "" || u.Email != "":
		return fmt.Sprintf("%s (%s)", u.Name+u.Email, text)
	default:
		return "The user with " + text
	}
}

// short names a user in a summary.
func short(u offboard.User) string {
	switch {
	case u.Name != "":
		return u.Name + " (" + u.ID + ")"
	case u.Email != "":
		return u.Email + " (" + u.ID + ")"
	default:
		return u.ID
	}
}

func paragraphs(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}

func list(items []string) string { return "  - " + strings.Join(items, "\n  - ") }

const nothingClosed = "This account was not touched."

// --- settings and ids ---

func unusableValue(at path.Path, what string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "This value cannot be used as "+what, fmt.Sprintf("The value of %s is refused: %v.", at, err))
}

func unusableID(k userKind, id string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("This is no id of a user in "+k.title,
		fmt.Sprintf("The id %q is refused: %v. Give the id that %s itself uses for the user. No request was made.", id, err, k.title))
}

func notConfigured(k userKind, u offboard.User, p settingProblem) diag.Diagnostic {
	return diag.NewErrorDiagnostic(k.title+" cannot be reached with this configuration", fmt.Sprintf(
		"%s cannot be looked at, because the setting %s of the provider \"offboard\" cannot be used: %s.\n\n"+
			"Set %s in the provider block, or the environment variable %s. No request was made.",
		describe(k, u), p.setting, p.reason, p.setting, p.variable))
}

func wrongTenant(k userKind, u offboard.User, was, is string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The provider points at another "+k.title+" than the one this user was taken over from", fmt.Sprintf(
		"%s was taken over from %s, and the provider is configured for %s. The same id can belong to somebody else there. No request was made.\n\n"+
			"Point the provider (%s, %s) at %s again, or use a second provider block with an alias.",
		describe(k, u), was, is, k.name+".base_url", k.variable("base_url"), was))
}

func unreadablePrivateData(key string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The state holds private data that this version of the provider cannot read",
		fmt.Sprintf("The private data %q is damaged or was written by a newer version: %v. Use that version. %s", key, err, nothingClosed))
}

// --- taking over ---

func noSuchUser(k userKind, id, tenant string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("There is no open user with this id in "+k.title, fmt.Sprintf(
		"%s at %s answers that it has no open account with the id %q, so there is nothing to take over. Check the id, and that the provider is configured "+
			"for the right %s. If the person's account is closed already, leave the block and the import out.", k.title, tenant, id, k.title))
}

func seenNothing(k userKind, u offboard.User) diag.Diagnostics {
	if u.Status != offboard.Unknown {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("%s shows no trace of the user %q", k.title, u.ID), fmt.Sprintf(
		"%s cannot be asked whether a user exists; it only shows the labs of one, and there are none for the id %q. The user is taken over with the status "+
			"\"unknown\". Check the id letter by letter: closing an id that does not exist succeeds and closes nothing.", k.title, u.ID))}
}

func importFirst(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be created, only taken over", fmt.Sprintf(
		"%s exists and is not in the state. Take the user over by this block, with the name of your resource for NAME, and plan again:\n\n"+
			"  import {\n    to = %s.NAME\n    id = %q\n  }\n", describe(k, u), k.typeName(), u.ID))
}

func nothingToTakeOver(k userKind, id string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s has no user %q to take over", k.title, id), fmt.Sprintf(
		"The configuration has a block for the user with id %q in %s, the user is not in the state, and %s shows no open account with that id. Users are never "+
			"created, so an apply fails at this block. Remove the block if the user is closed; correct the id if it is wrong.", id, k.title, k.title))
}

func createRefused(k userKind, id string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be created, only taken over", fmt.Sprintf(
		"This provider never creates the user with id %q in %s, or any other. Remove the block if the user is closed. If the user exists, take them over:\n\n"+
			"  import {\n    to = %s.NAME\n    id = %q\n  }\n", id, k.title, k.typeName(), id))
}

func idChanged(k userKind, was offboard.User, id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("id"), "The id of a user in "+k.title+" cannot be changed", fmt.Sprintf(
		"This block manages %s, and the configuration now says %q, which is another person. Nothing is replaced, because that would close an account.\n\n"+
			"To let go of the first without closing anything, move them out of the configuration by this block, with the name of your resource for NAME, and give the "+
			"other user a block and an import of their own:\n\n"+
			"  removed {\n    from = %s.NAME\n    lifecycle {\n      destroy = false\n    }\n  }\n", describe(k, was), id, k.typeName()))
}

func emailMismatch(k userKind, live offboard.User, configured string) diag.Diagnostic {
	if live.Email == "" {
		return diag.NewAttributeErrorDiagnostic(path.Root("email"), "The e-mail address of a user in "+k.title+" cannot be checked", fmt.Sprintf(
			"The configuration says that %s has the e-mail address %q, and %s shows no address for that id. Check the id; if it is right, remove email from the block.",
			describe(k, live), configured, k.title))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("email"), "Another person stands behind this id in "+k.title, fmt.Sprintf(
		"The configuration says that the id %q has the e-mail address %q; the live account is %s.\n\nIf the id is wrong, correct it. If the person's address has changed, "+
			"write email = %q.", live.ID, configured, describe(k, live), live.Email))
}

// --- watching ---

func cannotRead(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot read a user in "+k.title, paragraphs(describe(k, u)+" could not be read, and nothing was changed.", cause(k, err)))
}

func closedElsewhere(k userKind, u offboard.User, doubtful bool) diag.Diagnostic {
	detail := describe(k, u) + " has no open account any more. Remove the block: destroying it makes no closing call."
	if doubtful {
		detail += " " + doubt(k)
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is closed in %s already", short(u), k.title), detail)
}

// doubt goes with an account that is not shown any more.
func doubt(k userKind) string {
	return k.title + " gives the same answer for an account that the key has lost the right to see: make sure at " + k.title + " that it is closed, and not only out of sight."
}

// notShown warns that nothing is closed because nothing is seen, where that can have another reason than a closed account.
func notShown(k userKind, u offboard.User, err error) diag.Diagnostics {
	if !errors.Is(err, offboard.ErrNotShown) {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("%s does not show %s any more", k.title, short(u)),
		describe(k, u)+" is taken for closed, and destroying makes no closing call. "+doubt(k))}
}

// drift tells of changes made elsewhere that matter for a closing.
func drift(k userKind, p person, before, now offboard.User, factsBefore, facts map[string]string) diag.Diagnostics {
	var diags diag.Diagnostics
	if now.Status == offboard.Suspended && before.Status == offboard.Active {
		diags.AddWarning(fmt.Sprintf("%s was suspended in %s", short(now), k.title),
			describe(k, now)+" was suspended elsewhere. Nothing re-enables the account; remove the block to close it for good.")
	}
	if !p.is(now) {
		diags.AddWarning(fmt.Sprintf("%s has another e-mail address in %s", short(now), k.title), fmt.Sprintf(
			"The account was taken over as <%s> and is now %s. Destroying it is refused, for the id may have passed to another person. If it is the same person, "+
				"have a block with email = %q, and apply that before the block goes.", p.Email, describe(k, now), now.Email))
	}
	for fact, was := range factsBefore {
		if is := facts[fact]; was != "" && is != "" && was != is {
			diags.AddWarning(fmt.Sprintf("%s has another %s in %s", short(now), fact, k.title),
				fmt.Sprintf("The %s of %s was %q and is now %q; it was changed elsewhere.", fact, describe(k, now), was, is))
		}
	}
	return diags
}

// --- planning a closing ---

func cannotCheck(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot check a user in "+k.title+" before closing",
		paragraphs(describe(k, u)+" is to be closed, and the live account could not be looked at first. "+nothingClosed, cause(k, err)))
}

func protectedUser(k userKind, u offboard.User, entry string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s is never closed", short(u), k.title), fmt.Sprintf(
		"%s is protected by the entry %q of never_close in the provider block. %s\n\nPut the user's block back, or let go of the user by a removed block with "+
			"destroy = false. If the account is to be closed after all, take the entry out of never_close first.", describe(k, u), entry, nothingClosed))
}

func anotherPerson(k userKind, u offboard.User, taken string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("Another person than the one taken over stands behind the id %q in %s", u.ID, k.title), fmt.Sprintf(
		"The account was taken over as <%s>; behind the same id there is now %s. %s\n\nIf it is the same person with a new address, put the block back with "+
			"email = %q and apply, then remove it. If it is somebody else, let go of the id by a removed block with destroy = false.", taken, describe(k, u), nothingClosed, u.Email))
}

func keptAndClosed(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("This plan keeps %s in %s and closes the same account", short(u), k.title), fmt.Sprintf(
		"%s is managed by one block and destroyed at another address in the same plan; an apply would close somebody who stays. %s\n\nIf a block or a key of for_each was "+
			"renamed, say so by a moved block (from the old address, to the new one). If two blocks manage the same user, let go of one by a removed block with "+
			"destroy = false, or by terraform state rm.", describe(k, u), nothingClosed))
}

func readOnlyPlan(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The provider is read-only and refuses to close anybody", fmt.Sprintf(
		"%s is planned to be closed. An apply with read_only = true in the provider block refuses that before a request is made.", describe(k, u)))
}

func tooManyPlanned(k userKind, u offboard.User, t tally) diag.Diagnostic {
	if t.count > t.limit+1 {
		return diag.NewWarningDiagnostic("More closings than max_closures allows",
			fmt.Sprintf("%s is number %d in this plan, and max_closures allows %d.", describe(k, u), t.count, t.limit))
	}
	names := "Planned to be closed, as far as counted:\n" + list(t.first)
	if t.count > len(t.first) {
		names += fmt.Sprintf("\n  - and %d more", t.count-len(t.first))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("This plan closes more users than max_closures = %d allows", t.limit), paragraphs(
		fmt.Sprintf("At least %d users would be closed, and the provider block allows %d in one run.", t.count, t.limit), names,
		"Check that the configuration has not lost users by mistake. If all of them are to be closed, raise max_closures, or close them in several runs with -target."))
}

// obstacles are findings that stop a closing: errors for what no run can fix, one warning a person for what somebody can still clear.
func obstacles(k userKind, u offboard.User, findings []offboard.Finding, strict bool) diag.Diagnostics {
	var diags diag.Diagnostics
	var lines, notes []string
	for _, f := range findings {
		switch gradeOf(f.Kind) {
		case grave:
			diags.AddError(fmt.Sprintf("%s in %s cannot be closed", short(u), k.title), paragraphs(describe(k, u)+": "+sentence(k, f)+".", nothingClosed))
		case blocking, risky:
			lines = append(lines, sentence(k, f))
		case note:
			notes = append(notes, sentence(k, f))
		}
	}
	if len(lines) == 0 {
		return diags
	}
	summary, outlook := fmt.Sprintf("%s may refuse to close %s", k.title, short(u)), k.title+" decides at the closing; what is unfinished there can make it refuse."
	if stopped(findings) {
		summary, outlook = fmt.Sprintf("%s in %s cannot be closed yet", short(u), k.title), "The closing looks again and refuses while this stands in its way."
	}
	detail := paragraphs(describe(k, u)+":\n\n"+list(append(lines, notes...)), remedies(findings), outlook)
	if strict {
		diags.AddError(summary, detail+"\n\nIt is an error because the provider is set to strict_plan.")
	} else {
		diags.AddWarning(summary, detail)
	}
	return diags
}

// routine is what is true of every closing. All of them have one summary: Terraform folds those that belong to a line of the configuration.
func routine(k userKind, u offboard.User, findings []offboard.Finding, reversible bool, earlier progress) diag.Diagnostic {
	var notes []string
	if len(earlier.Done) > 0 {
		notes = append(notes, "an earlier run has done: "+strings.Join(earlier.Done, ", "))
	}
	for _, f := range findings {
		if gradeOf(f.Kind) == note {
			notes = append(notes, sentence(k, f))
		}
	}
	detail := describe(k, u)
	if reversible {
		detail += " will be blocked. Blocking can be undone at the vendor."
	} else {
		detail += " will be closed. This cannot be undone."
	}
	if len(notes) > 0 {
		detail += "\n\nTo know beforehand:\n\n" + list(notes)
	}
	return diag.NewWarningDiagnostic("Applying this plan closes accounts at vendors", detail)
}

// --- closing ---

func readOnly(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The provider is read-only: "+short(u)+" is not closed in "+k.title, fmt.Sprintf(
		"%s was to be closed, and the provider block says read_only = true. %s To close accounts, apply with a provider that is not read-only.", describe(k, u), nothingClosed))
}

func changedSinceReview(k userKind, u offboard.User, changes []change) diag.Diagnostic {
	var lines []string
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%s: was %q, is now %q", c.fact, c.was, c.is))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s is not as it was when the plan was made", short(u), k.title), paragraphs(
		describe(k, u)+" changed after the plan was made:\n\n"+list(lines), nothingClosed+" Plan again and review the account as it is now."))
}

func tooManyClosed(k userKind, u offboard.User, t tally) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not closed in %s: the limit of %d closings is reached", short(u), k.title, t.limit), fmt.Sprintf(
		"%s would be number %d in this run, and max_closures in the provider block allows %d. The account is as it was. Raise max_closures, or apply again to go on.",
		describe(k, u), t.count, t.limit))
}

func nothingWasThere(k userKind, u offboard.User, findings []offboard.Finding, before progress) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, f := range findings {
		if f.Kind == offboard.NothingThere && before.Sent == "" {
			diags.AddWarning(fmt.Sprintf("%s had nothing to close for %q", k.title, u.ID), fmt.Sprintf(
				"%s answered that no record belonged to the id %q: it was closed before, or it never existed. If you meant a person with labs, check the id letter by letter.",
				k.title, u.ID))
		}
	}
	return diags
}

// notClosed words every way in which a closing fails. The order matters: the most certain knowledge first.
func notClosed(k userKind, u offboard.User, err error, shown review) diag.Diagnostic {
	var refused *offboard.RefusedError
	if errors.As(err, &refused) {
		return refusedHere(k, u, refused, shown)
	}
	who, done := describe(k, u), stepsDone(err)
	again := "The user stays in the state; the next apply looks at the account and goes on from there."
	var unproven *offboard.UnprovenError
	var fault *rest.Error
	switch {
	case errors.As(err, &unproven):
		return diag.NewErrorDiagnostic(fmt.Sprintf("It is not known whether %s is closed in %s", short(u), k.title),
			paragraphs(who+" was sent a closing call, and what became of it cannot be told now.", done, outcome(k, unproven), again))
	case errors.Is(err, offboard.ErrStillOpen):
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s accepted the closing of %s and still shows the account", k.title, short(u)), paragraphs(
			fmt.Sprintf("%s: %s said yes to the call, and until the timeout its own later answers did not show the effect. Do not count this account as closed.", who, k.title),
			done, again+" If it stays so, ask "+k.title+"; a longer time can be given by timeouts = { delete = \"30m\" }."))
	case errors.Is(err, context.Canceled):
		return diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted: %s is not closed in %s", short(u), k.title), paragraphs(who+": stopped between two steps.", done, again))
	case errors.As(err, &fault) && !fault.Ambiguous():
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s did not close %s", k.title, short(u)), paragraphs(who+" is not closed.", done, cause(k, err), again))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s could not be closed in %s", short(u), k.title),
			paragraphs(who+" is still open, as far as "+k.title+" tells.", done, cause(k, err), again))
	}
}

func refusedHere(k userKind, u offboard.User, refused *offboard.RefusedError, shown review) diag.Diagnostic {
	var lines []string
	added := shown.added(refused.Findings)
	for _, f := range refused.Findings {
		line := sentence(k, f)
		if slices.Contains(added, f) {
			line += " (the plan did not show this)"
		}
		lines = append(lines, line)
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s cannot be closed yet", short(u), k.title),
		paragraphs(describe(k, u)+":\n\n"+list(lines), remedies(refused.Findings), nothingClosed+" The user stays in the state; apply again when this is cleared."))
}

// stepsDone says which steps of a closing the vendor has confirmed.
func stepsDone(err error) string {
	var stopped *offboard.StepError
	if !errors.As(err, &stopped) {
		return ""
	}
	if len(stopped.Done) == 0 {
		return fmt.Sprintf("It stopped at the step %q.", stopped.Step)
	}
	return fmt.Sprintf("Done and confirmed: %s. It stopped at the step %q.", strings.Join(stopped.Done, ", "), stopped.Step)
}

func outcome(k userKind, e *offboard.UnprovenError) string {
	sent := "The call was accepted."
	if e.Sent != nil {
		sent = "The answer to the call did not come: " + e.Sent.Error() + "."
	}
	return paragraphs(sent, "Looking at the account afterwards did not help. "+cause(k, e.Look))
}

// --- evidence ---

func cannotRecord(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not closed in %s: the evidence log cannot be written", short(u), k.title), paragraphs(
		fmt.Sprintf("%s was to be closed, and the provider block says by evidence_log that every closing is recorded before it begins. %s", describe(k, u), nothingClosed),
		fmt.Sprintf("The reason: %v.", err), mendLog))
}

func notRecorded(k userKind, u offboard.User, closed bool, err error) diag.Diagnostic {
	state := "is closed"
	if !closed {
		state = "was to be closed, with the outcome told beside this,"
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
