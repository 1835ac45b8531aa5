package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The messages about a closure itself, and about how it can fail.

func changedSinceReview(k userKind, u offboard.User, changes []closing.Change) diag.Diagnostic {
	summary := fmt.Sprintf("%s in %s is not as it was when the plan was made", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" changed after the plan was made:\n\n"+changesText(changes),
		nothingClosed+" Plan again, and review the account as it is now."))
}

// changesText lists changes; empty if there are none.
func changesText(changes []closing.Change) string {
	if len(changes) == 0 {
		return ""
	}
	var lines []string
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%s: was %q, is now %q", c.Fact, c.Was, c.Is))
	}
	return list(lines)
}

func nothingWasThere(k userKind, u offboard.User, findings []offboard.Finding) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, f := range findings {
		if f.Kind == offboard.NothingThere {
			diags.AddWarning(fmt.Sprintf("%s had nothing to close for %s", k.title, short(u)), paragraphs(
				fmt.Sprintf("%s is not visible, and %s answered that it has no record to close. "+
					"The user leaves the state. This is no proof of a closure. "+
					"The account was closed before, or never existed, or belongs to another API key.", lastSeen(k, u), k.title),
				"If you meant a person with labs, check the ID letter by letter, and the API key."))
		}
	}
	return diags
}

// closureUnproven is a closure that was accepted and that nothing can prove.
func closureUnproven(k userKind, u offboard.User) diag.Diagnostic {
	summary := fmt.Sprintf("%s: %s accepted the closure, and nothing proves it", short(u), k.title)
	return diag.NewWarningDiagnostic(summary, fmt.Sprintf(
		"%[2]s is not proven to be closed. %[1]s accepted the closing call. Its list was read twice, and shows no other "+
			"person of the same kind. So nothing shows that the API key still sees other users. The user leaves the state as "+
			"unproven. Check at %[1]s that the account is closed.",
		k.title,
		describe(k, u),
	))
}

const (
	notClosedYet = "Do not count this account as closed."
	staysInState = "The user stays in the state."
	applyAgain   = staysInState + " The next apply reads the account, and continues from there."
)

// notClosed words every way in which a closure fails. The order matters: what is most certain comes
// first.
func notClosed(k userKind, u offboard.User, err error, shown closing.Review) diag.Diagnostic {
	if refused, ok := errors.AsType[*offboard.RefusedError](err); ok {
		return refusedHere(k, u, refused, shown)
	}
	who, done := describe(k, u), stepsDone(err)
	var unproven *offboard.UnprovenError
	var fault *rest.Error
	switch {
	case closing.RefusedAgain(err) != nil:
		return diag.NewErrorDiagnostic(
			fmt.Sprintf("%s is not closed in %s: the account changed meanwhile", short(u), k.title),
			paragraphs(
				who+" is not closed.",
				done,
				cause(k, closing.RefusedAgain(err)), changesText(closing.RefusedAgain(err).Changes),
				"The user stays in the state. Plan again and review the account as it is now.",
			),
		)
	case errors.Is(err, offboard.ErrNotVisible):
		summary := fmt.Sprintf("%s is not visible in %s, and no call was accepted", short(u), k.title)
		return diag.NewErrorDiagnostic(summary,
			paragraphs(lastSeen(k, u)+" is not visible, and no closing call was accepted. "+notClosedYet+" "+doubt(k),
				done, cause(k, err), applyAgain))
	case errors.As(err, &unproven):
		return resultUnknown(k, u, unproven, done)
	case errors.Is(err, offboard.ErrStillOpen):
		return stillOpen(k, u, err)
	case errors.Is(err, context.Canceled):
		return diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted: %s is not closed in %s", short(u), k.title),
			paragraphs(who+" is not closed. The run was interrupted between two steps.", done, applyAgain))
	case errors.As(err, &fault) && !fault.Ambiguous():
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s did not close %s", k.title, short(u)),
			paragraphs(who+" is not closed.", done, cause(k, err), applyAgain))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s could not be closed in %s", short(u), k.title),
			paragraphs(who+" is still open, as far as "+k.title+" shows.", done, cause(k, err), applyAgain))
	}
}

// resultUnknown is a call that nothing settled, unless the last read shows the account open after a
// call that was not accepted.
func resultUnknown(k userKind, u offboard.User, err *offboard.UnprovenError, done string) diag.Diagnostic {
	who := describe(k, u)
	if err.Open && err.Sent != nil {
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s could not be closed in %s", short(u), k.title),
			paragraphs(who+" is still open, as far as "+k.title+" shows.", done, outcome(k, err), applyAgain))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("It is not known whether %s is closed in %s", short(u), k.title),
		paragraphs(who+" may be closed. A closing call was sent, and its result is not known. "+notClosedYet,
			done, outcome(k, err), applyAgain))
}

// stillOpen is a closure that the vendor accepted and whose effect it did not show.
func stillOpen(k userKind, u offboard.User, err error) diag.Diagnostic {
	accepted := fmt.Sprintf("%s is still open, as far as %s shows. The closing call was "+
		"accepted. ", describe(k, u), k.title)
	if errors.Is(err, context.Canceled) {
		summary := fmt.Sprintf("Interrupted: %s does not show %s as closed yet", k.title, short(u))
		return diag.NewErrorDiagnostic(summary, paragraphs(
			accepted+"Then the run was interrupted. One more read did not show the effect. "+notClosedYet,
			stepsDone(err), applyAgain))
	}
	summary := fmt.Sprintf("%s accepted the closure of %s but still shows it open", k.title, short(u))
	return diag.NewErrorDiagnostic(summary, paragraphs(
		accepted+"The later answers did not show the effect. "+notClosedYet, stepsDone(err), applyAgain,
		steps(fmt.Sprintf("If %s is slow, put the block back with timeouts = { delete = \"30m\" }. Apply, and remove it "+
			"again.", k.title),
			"If the account stays open, ask "+k.title+".")))
}

func refusedHere(k userKind, u offboard.User, refused *offboard.RefusedError, shown closing.Review) diag.Diagnostic {
	var added []string
	for _, f := range shown.Added(refused.Findings) {
		added = append(added, sentence(k, f))
	}
	lines := findingLines(k, refused.Findings)
	for i, line := range lines {
		if slices.ContainsFunc(added, func(text string) bool { return strings.HasSuffix(line, ": "+text) }) {
			lines[i] += " (the plan did not show this)"
		}
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s cannot be closed yet", short(u), k.title), paragraphs(
		describe(k, u)+" has these findings:\n\n"+list(lines), remedies(refused.Findings),
		nothingClosed+" "+staysInState+" When this is cleared, run plan and apply again."))
}

// stepsDone says which steps of a closure the vendor has confirmed.
func stepsDone(err error) string {
	var stopped *offboard.StepError
	if !errors.As(err, &stopped) {
		return ""
	}
	done := ""
	if len(stopped.Done) > 0 {
		done = "Done and confirmed: " + strings.Join(stopped.Done, ", ") + ". "
	}
	return done + fmt.Sprintf("It stopped at the step %q.", stopped.Step)
}

// outcome says what came of a call that nothing settles.
func outcome(k userKind, e *offboard.UnprovenError) string {
	sent := "The call was accepted."
	if e.Sent != nil {
		sent = "The answer to the call was lost: "
		if _, ok := errors.AsType[*offboard.DeclinedError](e.Sent); ok {
			sent = k.title + " did not accept the call: "
		}
		if fault, ok := errors.AsType[*rest.Error](e.Sent); ok {
			sent += answerText(k, fault)
		} else {
			sent += e.Sent.Error() + "."
		}
	}
	held, obstructed := errors.AsType[*offboard.ObstacleError](e.Read)
	switch {
	case obstructed:
		return paragraphs(sent, "No further closing call was made, because of these findings:\n\n"+
			list(findingLines(k, held.Findings)), remedies(held.Findings))
	case e.Open:
		shown := "The last read of this run shows the account open. The reads before it did not settle the call."
		if !errors.Is(e.Read, offboard.ErrHidden) { // which says how the account was before that read
			shown += " " + cause(k, e.Read)
		}
		return paragraphs(sent, shown)
	case errors.Is(e.Read, offboard.ErrHidden), errors.Is(e.Read, offboard.ErrListed):
		return paragraphs(sent, cause(k, e.Read))
	}
	if again, ok := errors.AsType[*offboard.FurtherCallError](e.Read); ok {
		return paragraphs(sent, "The call was sent again, and was not accepted. "+cause(k, again.Err))
	}
	return paragraphs(sent, "The account could not be read afterwards. "+cause(k, e.Read))
}
