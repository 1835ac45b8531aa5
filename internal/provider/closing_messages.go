package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages about a planned closure, and those that a plan and the closure itself share.

func cannotCheck(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot check a user in "+k.title+" before the closure", paragraphs(
		describe(k, u)+" could not be read before the closure. "+nothingClosed, cause(k, err)))
}

func anotherPerson(k userKind, u offboard.User, imported offboard.Person) diag.Diagnostic {
	return diag.NewErrorDiagnostic(mayBeAnothers(k, u), paragraphs(
		importedAs(k, imported, u)+" "+nothingClosed, samePersonAdvice(u), stopManaging(k)))
}

// otherPeople is for an ID that shows several people, or one who may not be the user, and not the
// imported person. An address in the block confirms nothing there, because no address is believed.
func otherPeople(k userKind, u offboard.User, imported offboard.Person) diag.Diagnostic {
	return diag.NewErrorDiagnostic(mayBeAnothers(k, u), paragraphs(
		fmt.Sprintf("%s shows %s under this ID, and does not show the imported person, %s. %s",
			k.title, personText(u.Person()), personText(imported), nothingClosed),
		samePersonAdvice(offboard.User{}), stopManaging(k)))
}

func mayBeAnothers(k userKind, u offboard.User) string {
	return fmt.Sprintf("The ID %q in %s may belong to another person now", offboard.Text(u.ID), k.title)
}

func perhapsKeptAndClosed(k userKind) diag.Diagnostic {
	return diag.NewErrorDiagnostic("This plan may keep and close the same account in "+k.title, paragraphs(
		fmt.Sprintf("A block of %s has an ID that is known only after the apply. The same plan closes an account there. "+
			"The two may be one account. %s", k.title, nothingChanged),
		steps("Write the ID out.", "Or first apply what the ID comes from.")))
}

func keptAndClosed(k userKind, u offboard.User) diag.Diagnostic {
	summary := fmt.Sprintf("This plan keeps %s in %s and closes the same account", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" is managed by one block, and destroyed at another address in the same plan. "+
			"An apply would close the account of a person who stays. "+nothingClosed,
		steps("If a block or a key of for_each was renamed, write a moved block from the old address to the new one.",
			"If two blocks manage the same account, stop managing one.",
			"If vendors has the same host under two names, stop managing the account at the old name.",
			"If the person leaves only one of two organizations at that host, use two provider blocks."), stopManaging(k)))
}

func replaceRefused(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be replaced", paragraphs(
		fmt.Sprintf("This plan would close the user with the ID %q in %s, and then create it. %s %s",
			u.ID, k.title, neverCreated, nothingClosed), unreplace))
}

// unreplace is what to do about a replacement.
const unreplace = "1. Plan without -replace, remove replace_triggered_by from the block, or run terraform untaint.\n" +
	"2. To close the account, remove the block."

func tooManyPlanned(k userKind, u offboard.User, t closing.ClosureCount, g closing.EffectiveGuards) diag.Diagnostic {
	if t.Again {
		return diag.NewWarningDiagnostic("More closures than max_closures allows", fmt.Sprintf(
			"%s is number %d in this plan. max_closures allows %d.", describe(k, u), t.Count, t.Limit))
	}
	names := "Planned closures so far:\n" + list(t.First)
	if t.Count > len(t.First) {
		names += fmt.Sprintf("\n  - and %d more", t.Count-len(t.First))
	}
	summary := fmt.Sprintf("This plan closes more users than max_closures = %d allows", t.Limit)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		fmt.Sprintf("At least %d users would be closed. max_closures allows %d in one run%s. %s",
			t.Count, t.Limit, keptText(g), nothingChanged), names,
		steps("Check that the configuration has not lost users by mistake.", fmt.Sprintf(
			"If all of them leave, write max_closures = %d, or the number that you expect, into the provider block. "+
				"Do it in the change that removes the users. %s in the environment must allow it too.",
			t.Count, closing.MaxClosuresVariable)), guardsAgain(g)))
}

// obstacles are findings that stop a closure: errors for what no run can fix, and one warning for
// each person for what somebody can still clear.
func obstacles(k userKind, u offboard.User, findings []offboard.Finding, strict bool) diag.Diagnostics {
	var diags diag.Diagnostics
	open := false
	for _, f := range findings {
		switch kind := findingOf(f.Kind); kind.severity {
		case severityFatal:
			diags.AddError(fmt.Sprintf("%s in %s cannot be closed", short(u), k.title), paragraphs(
				foundText(k, u, []offboard.Finding{f}), kind.remedy, nothingClosed))
		case severityBlocks, severityMayBlock:
			open = true
		case severityInfo:
		}
	}
	if !open {
		return diags
	}
	summary := fmt.Sprintf("%s may refuse to close %s", k.title, short(u))
	outlook := k.title + " decides at the closure, and may refuse it."
	if stopped(findings) {
		summary = fmt.Sprintf("%s in %s cannot be closed yet", short(u), k.title)
		outlook = "The apply checks this again, and refuses the closure until it is cleared."
	}
	detail := paragraphs(foundText(k, u, findings), remedies(findings), outlook)
	if strict {
		diags.AddError(summary, detail+"\n\nThis is an error because strict_plan is set. "+nothingClosed)
	} else {
		diags.AddWarning(summary, detail)
	}
	return diags
}

// foundText lists findings with their severities, those that can stop a closure first.
func foundText(k userKind, u offboard.User, findings []offboard.Finding) string {
	return describe(k, u) + " has these findings:\n\n" + list(findingLines(k, findings))
}

// closingOutlook is what a reviewer is told of a closure beside who it is.
type closingOutlook struct {
	reversible bool
	suspends   bool // the user stays managed
	earlier    closing.Progress
	readOnly   string // where read_only is written; empty when it is not set
	unseen     bool   // the vendor shows nothing of the person now
	reopened   bool   // the account was closed before
	reason     string // which the evidence log will give; empty for none
}

// end says how the account will end.
func (o *closingOutlook) end(k userKind, u offboard.User) (summary, detail string) {
	switch {
	case o.suspends:
		return willBeSuspended(k, u)
	case o.reversible:
		return fmt.Sprintf("%s will be %s in %s, which can be undone", short(u), k.suspension.is, k.title),
			describe(k, u) + " will be " + k.suspension.is + ". This can be undone in " + k.title + "."
	}
	return fmt.Sprintf("%s will be closed permanently in %s", short(u), k.title),
		describe(k, u) + " will be closed. This cannot be undone."
}

// willBeClosed is what a reviewer reads of each closure. Each has a summary of its own, so that
// nothing that differs is folded, and so that -compact-warnings lists what will be done. What is
// particular to this account is in the summary too.
func willBeClosed(k userKind, u offboard.User, findings []offboard.Finding, o closingOutlook) diag.Diagnostic {
	summary, detail := o.end(k, u)
	if o.readOnly != "" {
		detail += " An apply refuses it because of " + o.readOnly + "."
	}
	var notes, own []string
	if len(o.earlier.Done) > 0 {
		notes = append(notes, "an earlier run has done: "+strings.Join(o.earlier.Done, ", "))
	}
	if o.reopened {
		notes = append(notes, "it was closed before, and is open again")
	}
	if o.unseen && u.Person().Known() {
		notes = append(notes, "the person is not visible in "+k.title+" now, and name and email are as last seen")
	}
	for _, f := range findings {
		if kind := findingOf(f.Kind); kind.severity == severityInfo && !kind.general {
			own = append(own, kind.sentence(k, f))
		}
	}
	if particular := slices.Concat(notes, own); len(particular) > 0 {
		summary += " (" + strings.Join(particular, "; ") + ")"
	}
	var found string
	if len(findings)+len(notes) > 0 {
		found = "Findings:\n\n" + list(append(findingLines(k, findings), notes...))
	}
	return diag.NewWarningDiagnostic(summary, paragraphs(detail, reasonText(o.reason), found))
}

// reasonText says which reason the evidence log will give; empty if it gives none.
func reasonText(reason string) string {
	if reason == "" {
		return ""
	}
	return fmt.Sprintf("The reason in the evidence log: %q.", offboard.Text(reason))
}
