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

// The sentences about a closing itself.

func readOnly(k userKind, u offboard.User, g closing.InForce) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The provider is read-only: "+short(u)+" is not closed in "+k.title, paragraphs(fmt.Sprintf(
		"%s was to be closed, and the provider is read-only: %s. %s To close accounts, apply with a provider that is not read-only.", describe(k, u), g.ReadOnlyBy, nothingClosed),
		guardsAgain(g)))
}

func unreadableGuard(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not closed in %s: a guard cannot be read", short(u), k.title), fmt.Sprintf(
		"%s was to be closed, and %v. %s Correct the environment variable, or unset it.", describe(k, u), err, nothingClosed))
}

func evidenceLost(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not closed in %s: evidence_log is gone", short(u), k.title), paragraphs(fmt.Sprintf(
		"%s was to be closed. At the last refresh the provider block said by evidence_log that every closing is recorded, and now the configuration says nothing. %s",
		describe(k, u), nothingClosed), guardsAgain(closing.InForce{Kept: true})))
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
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s stopped showing %s after the plan was made", k.title, short(u)), paragraphs(
		lastSeen(k, u)+" was there when the plan was made, and is not visible now: asked twice, "+k.title+" has no such account. "+doubt(k),
		nothingClosed+" The user stays in the state. Plan again: the plan says what destroying would do then."))
}

// notVisible is an absence of which nothing can be concluded, where a closing was planned.
func notVisible(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not visible in %s, which proves nothing", short(u), k.title), paragraphs(
		lastSeen(k, u)+" is not shown, and nothing vouches for that. "+why(err)+" "+doubt(k), nothingClosed+" The user stays in the state.",
		"If the account is closed, or is none of yours any more, stop managing it. "+stopManaging(k)))
}

// notVisibleProtected is an account that is not visible, under a guard.
func notVisibleProtected(k userKind, u offboard.User, guard string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not visible in %s and stands under a guard", short(u), k.title), paragraphs(
		lastSeen(k, u)+" is not shown any more, and nothing proves that the account is closed. It stays in the state because of "+guard+". "+nothingClosed,
		"If the account is closed, stop managing it. "+stopManaging(k)))
}

// notVisiblePlanned is what a plan says of an account that leaves the state without a call.
func notVisiblePlanned(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is not visible in %s: it leaves the state and no call is made", short(u), k.title), paragraphs(
		lastSeen(k, u)+" is not shown any more: asked twice, "+k.title+" has no such account, and the key still sees others. Destroying makes no closing call.", doubt(k)))
}

// notVisibleLeft is what an apply says of it.
func notVisibleLeft(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s left the state without a closing call to %s", short(u), k.title), paragraphs(
		lastSeen(k, u)+" is not visible, as the plan said. No closing call was made, and nothing proves that the account is closed.", doubt(k)))
}

// unvouchedPlanned is what a plan says of a closing that an earlier run had accepted and that nothing can vouch for.
func unvouchedPlanned(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s leaves the state as unproven: the list of %s is empty", short(u), k.title), paragraphs(
		lastSeen(k, u)+" is not shown any more. An earlier run had its closing accepted, and the list of users is empty, so nothing vouches for it. Destroying makes no closing call.", doubt(k)))
}

// unvouched is a closing that was accepted and that nothing can vouch for.
func unvouched(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s: closing accepted by %s; its list is empty, so nothing vouches for it", short(u), k.title), fmt.Sprintf(
		"%s accepted the closing call for %s. Its list of users is empty now, read twice, so nothing shows that the key still sees anybody. The user leaves the state as "+
			"unproven. Make sure at %s that the account is closed.", k.title, describe(k, u), k.title))
}

func changedSinceReview(k userKind, u offboard.User, changes []closing.Change) diag.Diagnostic {
	var lines []string
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%s: was %q, is now %q", c.Fact, c.Was, c.Is))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s is not as it was when the plan was made", short(u), k.title), paragraphs(
		describe(k, u)+" changed after the plan was made:\n\n"+list(lines), nothingClosed+" Plan again and review the account as it is now."))
}

func tooManyClosed(k userKind, u offboard.User, t closing.Tally, g closing.InForce) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not closed in %s: the limit of %d closings is reached", short(u), k.title, t.Limit), paragraphs(fmt.Sprintf(
		"%s would be number %d in this run, and max_closures allows %d%s. %s Raise max_closures, or apply again to go on.",
		describe(k, u), t.Count, t.Limit, keptText(g), nothingClosed), guardsAgain(g)))
}

func nothingWasThere(k userKind, u offboard.User, findings []offboard.Finding) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, f := range findings {
		if f.Kind == offboard.NothingThere {
			diags.AddWarning(fmt.Sprintf("%s had nothing to close for %s", k.title, short(u)), paragraphs(fmt.Sprintf(
				"%s answered that it has no record to close. %s is not visible, and leaves the state. That is no proof of a closing: the account was closed before, or it never existed, or "+
					"it belongs to another key.", k.title, lastSeen(k, u)), "If you meant a person with labs, check the ID letter by letter, and the key."))
		}
	}
	return diags
}

// notClosed words every way in which a closing fails. The order matters: the most certain knowledge first.
func notClosed(k userKind, u offboard.User, err error, shown closing.Review) diag.Diagnostic {
	var refused *offboard.RefusedError
	if errors.As(err, &refused) {
		return refusedHere(k, u, refused, shown)
	}
	who, done := describe(k, u), stepsDone(err)
	again := "The user stays in the state; the next apply looks at the account and goes on from there."
	var unproven *offboard.UnprovenError
	var fault *rest.Error
	switch {
	case closing.RefusedAgain(err) != nil:
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s is not closed in %s: the account changed meanwhile", short(u), k.title),
			paragraphs(who+" is not closed.", done, cause(k, closing.RefusedAgain(err)), "The user stays in the state. Plan again and review the account as it is now."))
	case errors.Is(err, offboard.ErrNotVisible):
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s does not show %s, and accepted no closing call", k.title, short(u)),
			paragraphs(lastSeen(k, u)+" is not visible, and no closing call was accepted. Do not count this account as closed. "+doubt(k), done, cause(k, err), again))
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

func refusedHere(k userKind, u offboard.User, refused *offboard.RefusedError, shown closing.Review) diag.Diagnostic {
	var lines []string
	added := shown.Added(refused.Findings)
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
	var declined *offboard.DeclinedError
	switch {
	case errors.As(e.Sent, &declined):
		sent = k.title + " did not accept the call: " + e.Sent.Error() + "."
	case e.Sent != nil:
		sent = "The answer to the call did not come: " + e.Sent.Error() + "."
	}
	return paragraphs(sent, "Looking at the account afterwards did not help. "+cause(k, e.Look))
}
