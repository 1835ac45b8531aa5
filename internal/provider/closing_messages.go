package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The sentences about planning a closing, and about the closing itself.

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

func replaceRefused(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be replaced", fmt.Sprintf(
		"This plan would close the user with id %q in %s and then create them again, which is never done. %s\n\n%s", u.ID, k.title, nothingClosed, unreplace))
}

const unreplace = "Plan without -replace, take replace_triggered_by out of the block, or clear the mark by terraform untaint. To close the account, remove the block."

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

func readOnly(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The provider is read-only: "+short(u)+" is not closed in "+k.title, fmt.Sprintf(
		"%s was to be closed, and the provider block says read_only = true. %s To close accounts, apply with a provider that is not read-only.", describe(k, u), nothingClosed))
}

func guardUnknown(k userKind, u offboard.User, guard string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not closed in %s: the value of %s is not known", short(u), k.title, guard), fmt.Sprintf(
		"%s was to be closed, and %s in the provider block comes from something that is not applied or read yet, so it cannot be asked. %s\n\nApply what it comes from first, "+
			"plan without -refresh=false, or write the value out.", describe(k, u), guard, nothingClosed))
}

func notReviewed(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(short(u)+" is not closed in "+k.title+": no plan said that it would be", fmt.Sprintf(
		"%s was to be closed in order to be created again, as -replace, replace_triggered_by or a tainted resource ask for. Nobody is ever replaced. %s\n\n%s",
		describe(k, u), nothingClosed, unreplace))
}

func vanished(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s stopped showing %s after the plan was made", k.title, short(u)), fmt.Sprintf(
		"%s was there when the plan was made. %s %s Plan again: the plan will say that the account is taken for closed.", describe(k, u), doubt(k), nothingClosed))
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
	case errors.Is(err, offboard.ErrStillOpen) && errors.Is(err, context.Canceled):
		return diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted: %s does not show %s as closed yet", k.title, short(u)), paragraphs(
			fmt.Sprintf("%s: %s said yes to the call, the run was interrupted, and one look did not show the effect. Do not count this account as closed.", who, k.title), done, again))
	case errors.Is(err, offboard.ErrStillOpen):
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s accepted the closing of %s and still shows the account", k.title, short(u)), paragraphs(
			fmt.Sprintf("%s: %s said yes to the call, and its own later answers did not show the effect. Do not count this account as closed.", who, k.title),
			done, again+" If it stays so, ask "+k.title+"; if it is slow, give it more time by timeouts = { delete = \"30m\" }."))
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
