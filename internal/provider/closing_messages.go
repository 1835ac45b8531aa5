package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The sentences about planning a closing, and those that a plan and the closing itself share.

func cannotCheck(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot check a user in "+k.title+" before closing",
		paragraphs(describe(k, u)+" is to be closed, and the live account could not be looked at first. "+nothingClosed, cause(k, err)))
}

func protectedUser(k userKind, u offboard.User, entry string, g closing.InForce) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s is never closed", short(u), k.title), paragraphs(fmt.Sprintf(
		"%s is protected by the entry %q of never_close%s. %s", describe(k, u), offboard.Text(entry), keptText(g), nothingClosed),
		"1. Put the user's block back.\n2. Or stop managing the account.\n3. If the account is to be closed after all, take the entry out of never_close first.",
		guardsAgain(g), stopManaging(k)))
}

// keptText says where guards come from that the configuration does not say.
func keptText(g closing.InForce) string {
	if g.Kept {
		return ", as the provider block said at the last refresh"
	}
	return ""
}

// guardsAgain is the way out of guards that hold although the configuration says nothing.
func guardsAgain(g closing.InForce) string {
	if !g.Kept {
		return ""
	}
	return "The configuration has no guards now, as when its provider block is lost, so the guards of the last refresh hold. Write the provider block with its guards again. " +
		"If they are to go, write max_closures = 10 alone."
}

func anotherPerson(k userKind, u offboard.User, imported offboard.Person) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("The ID %q in %s may belong to another person now", offboard.Text(u.ID), k.title), fmt.Sprintf(
		"The account was imported as %s; behind the same ID there is now %s. %s\n\n%s\n\nIf it is somebody else, stop managing the ID. %s",
		personText(imported), describe(k, u), nothingClosed, samePersonAdvice(k, u), stopManaging(k)))
}

func perhapsKeptAndClosed(k userKind) diag.Diagnostic {
	return diag.NewErrorDiagnostic("This plan closes a user in "+k.title+" and keeps one whose ID is not known yet", fmt.Sprintf(
		"A block of %s has an id that is known after apply only, and the same plan closes an account there. It may be the same account. %s\n\n"+
			"Write the ID out, or apply what it comes from first.", k.title, nothingClosed))
}

func keptAndClosed(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("This plan keeps %s in %s and closes the same account", short(u), k.title), fmt.Sprintf(
		"%s is managed by one block and destroyed at another address in the same plan. An apply would close somebody who stays. %s\n\n1. If a block or a key of for_each was "+
			"renamed, write a moved block (from the old address, to the new one).\n2. If two blocks manage the same account, stop managing one.\n\n%s",
		describe(k, u), nothingClosed, stopManaging(k)))
}

func replaceRefused(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be replaced", fmt.Sprintf(
		"This plan would close the user with id %q in %s and then create them again, which is never done. %s\n\n%s", u.ID, k.title, nothingClosed, unreplace))
}

const unreplace = "Plan without -replace, take replace_triggered_by out of the block, or clear the mark by terraform untaint. To close the account, remove the block."

func tooManyPlanned(k userKind, u offboard.User, t closing.Tally, g closing.InForce) diag.Diagnostic {
	if t.Count > t.Limit+1 {
		return diag.NewWarningDiagnostic("More closures than max_closures allows",
			fmt.Sprintf("%s is number %d in this plan, and max_closures allows %d.", describe(k, u), t.Count, t.Limit))
	}
	names := "Planned to be closed, as far as counted:\n" + list(t.First)
	if t.Count > len(t.First) {
		names += fmt.Sprintf("\n  - and %d more", t.Count-len(t.First))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("This plan closes more users than max_closures = %d allows", t.Limit), paragraphs(
		fmt.Sprintf("At least %d users would be closed, and max_closures allows %d in one run%s.", t.Count, t.Limit, keptText(g)), names,
		"1. Check that the configuration has not lost users by mistake.\n"+fmt.Sprintf(
			"2. If all of them are to be closed, write max_closures = %d, or the number that you expect, into the provider block, in the same change that removes the users. "+
				"%s in the environment must allow it too.", t.Count, closing.MaxClosuresVariable), guardsAgain(g)))
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

// closingOutlook is what a reviewer is told of a closing beside who it is.
type closingOutlook struct {
	reversible bool
	earlier    closing.Progress
	readOnly   string // where read_only is written; empty when it is not set
	unseen     bool   // the vendor shows nothing of the person now
}

// willBeClosed is what a reviewer reads of each closing. Each has a summary of its own, so that nothing that differs is folded and -compact-warnings is a list of
// what will be done. What is to be known of it stands in it.
func willBeClosed(k userKind, u offboard.User, findings []offboard.Finding, o closingOutlook) diag.Diagnostic {
	var notes, general []string
	if len(o.earlier.Done) > 0 {
		notes = append(notes, "an earlier run has done: "+strings.Join(o.earlier.Done, ", "))
	}
	if o.unseen && u.Person().Known() {
		notes = append(notes, k.title+" shows nothing of the person now; name and email are as last seen")
	}
	for _, f := range findings {
		switch {
		case f.Kind == offboard.RefusalNotKnowable || f.Kind == offboard.FileTransfers:
			general = append(general, sentence(k, f)) // true of every user of the vendor
		case gradeOf(f.Kind) == note:
			notes = append(notes, sentence(k, f))
		}
	}
	summary, detail := fmt.Sprintf("%s will be closed at %s, for good", short(u), k.title), describe(k, u)+" will be closed. This cannot be undone."
	if o.reversible {
		summary, detail = fmt.Sprintf("%s will be blocked at %s, reversibly", short(u), k.title), describe(k, u)+" will be blocked. Blocking can be undone at the vendor."
	}
	if o.readOnly != "" {
		detail += " An apply with " + o.readOnly + " still set refuses that."
	}
	if len(notes) > 0 {
		summary += " (" + strings.Join(notes, "; ") + ")"
	}
	if notes = append(notes, general...); len(notes) > 0 {
		detail += "\n\nTo know before:\n\n" + list(notes)
	}
	return diag.NewWarningDiagnostic(summary, detail)
}
