package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages of guards.

// guardText says of a guard, by the name that the evidence log has for it, when it is checked and
// why it refuses a closure.
type guardText struct{ name, checked, why string }

// guardTexts are all guards. The page of guards has the same table.
var guardTexts = []guardText{
	{"never_close", "at plan and at apply", "an entry of `never_close` protects the account"},
	{"close_not_before", "at plan and at apply", "`close_not_before` of the user is not reached"},
	{"max_closures", "at plan and at apply", "the run has made as many closures as `max_closures` allows"},
	{"closure_budget", "at plan and at apply", "all runs with this evidence log have made as many closures as " +
		"`closure_budget` allows within its time"},
	{"read_only", "at apply, with a warning at plan", "the provider is read-only"},
	{"strict_plan", "at plan and at apply", "the account is not visible, and `strict_plan` is set"},
	{"tenant", "at plan and at apply", "the provider is configured for another host or base path than that of the import"},
	{"person", "at plan and at apply", "the ID shows another person than the one who was imported"},
	{"key", "at plan and at apply", "the account was last seen with another API key"},
	{
		"review",
		"at apply",
		"no plan showed the closure, or it is older than 7 days, or something changed after the plan, " +
			"or the evidence log is not the one that the plan read",
	},
	{"kept guards", "at plan and at apply", "a guard cannot be read, or its provider block is lost"},
}

// guardsText is the description of the attribute that names a guard.
func guardsText() string {
	var all []string
	for _, g := range guardTexts {
		all = append(all, fmt.Sprintf("`%s` (%s)", g.name, g.why))
	}
	return "The guard that refused it: " + strings.Join(all, ", ") + ". Null unless `result` is `refused by guard`."
}

// whyGuardRefuses says why a guard refuses closures, as far as its name tells; empty for a guard of
// another version.
func whyGuardRefuses(name string) string {
	for _, g := range guardTexts {
		if g.name == name {
			return strings.ReplaceAll(g.why, "`", "")
		}
	}
	return ""
}

func protectedUser(k userKind, u offboard.User, r *closing.Refusal, g closing.EffectiveGuards) diag.Diagnostic {
	var former string
	if r.Former {
		former = "The account had this name before. If it belongs to another person now, stop managing the account and " +
			"import it again."
	}
	var kept string
	if g.Kept {
		kept = " It holds" + keptText(g) + "."
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s is never closed", short(u), k.title), paragraphs(
		fmt.Sprintf("%s is protected by the entry %q of never_close.%s %s",
			describe(k, u), offboard.Text(r.Entry), kept, nothingClosed), former,
		steps("Put the user's block back.", "Or stop managing the account.",
			"Or, to close the account, first remove the entry from never_close."),
		guardsAgain(g), stopManaging(k)))
}

// keptText says where guards come from that the configuration does not set.
func keptText(g closing.EffectiveGuards) string {
	if g.Kept {
		return ", as the provider block said at the last refresh"
	}
	return ""
}

// guardsAgain is what to do about guards that hold although the configuration sets none.
func guardsAgain(g closing.EffectiveGuards) string {
	if !g.Kept {
		return ""
	}
	return "The configuration sets no guards now, for example because its provider block is lost. " +
		"So the guards of the last refresh hold. Write the provider block with its guards again. " +
		"To remove the guards, write only max_closures = 10."
}

// keptLifted has one summary for all users, so that Terraform folds them.
func keptLifted(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The environment lifts the guards of the last refresh", paragraphs(
		describe(k, u)+" would be destroyed under the guards of the environment alone. The provider block sets no guards "+
			"now, for example because it is lost. At the last refresh it set some. They do not hold, because the "+
			"environment sets a guard.",
		steps("Write the provider block with its guards again.", "Or, to remove the guards, write only max_closures = 10.")))
}

// comparesNoAddress has one summary for all users, so that Terraform folds them.
func comparesNoAddress(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("never_close names addresses, and an account shows none", paragraphs(
		describe(k, u)+" is shown without an email address. So no address in never_close protects the account.",
		steps("If never_close must protect this person, keep the block, and set person to the address.",
			"Or write the ID into never_close.")))
}

// readOnlyText says where read_only is set; empty if it is not.
func readOnlyText(g closing.EffectiveGuards) string {
	switch {
	case !g.ReadOnly:
		return ""
	case g.ReadOnlyByEnvironment:
		return closing.ReadOnlyVariable + " in the environment"
	case g.Kept:
		return "read_only = true in the provider block of the last refresh"
	default:
		return "read_only = true in the provider block"
	}
}

// tooEarly is a closure that close_not_before of the user holds back.
func tooEarly(k userKind, u offboard.User, e *closing.Early) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s yet: close_not_before", short(u), k.title)
	why := "The provider cannot read this value."
	if !e.Now.IsZero() {
		clock := "By the clock of this machine"
		if e.ByVendor {
			clock = "By the Date header of " + k.title
		}
		why = fmt.Sprintf("%s it is %s.", clock, e.Now.UTC().Format(time.RFC3339))
	}
	return diag.NewErrorDiagnostic(summary, paragraphs(
		fmt.Sprintf("%s is not closed, because the state has close_not_before = %q. %s %s",
			describe(k, u), offboard.Text(e.NotBefore), why, nothingClosed),
		steps("Put the user's block back, and remove it when that time has come.",
			"Or, to close the account earlier, put the block back with an earlier close_not_before. Apply that before you "+
				"remove the block.")))
}

func readOnly(k userKind, u offboard.User, g closing.EffectiveGuards) diag.Diagnostic {
	summary := fmt.Sprintf("The provider is read-only: %s is not closed in %s", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		fmt.Sprintf("%s was not closed, because of %s. %s To close it, apply with a provider that is not read-only.",
			describe(k, u), readOnlyText(g), nothingClosed), guardsAgain(g)))
}

func unreadableGuard(k userKind, u offboard.User, err error) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: a guard cannot be read", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
		"%s was not closed, because a guard cannot be read: %v. %s Correct the environment variable, or unset it.",
		describe(k, u), err, nothingClosed))
}

func evidenceLost(k userKind, u offboard.User) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: evidence_log is missing", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" was not closed. At the last refresh the provider block set evidence_log, which records every "+
			"closure. "+
			"Now the configuration does not set it. "+nothingClosed, guardsAgain(closing.EffectiveGuards{Kept: true})))
}

func guardUnknown(k userKind, u offboard.User, guard string) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: %s is not known", short(u), k.title, guard)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		fmt.Sprintf("%s was not closed, because the value of %s in the provider block is not known. "+
			"It comes from something that is not applied or read yet. %s", describe(k, u), guard, nothingClosed),
		steps("Apply what it comes from first.", "Or plan without -refresh=false.", "Or write the value out.")))
}

func notReviewed(k userKind, u offboard.User) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: no plan said that it would be", short(u), k.title)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		describe(k, u)+" was not closed. The plan was to create it again, because of -replace, replace_triggered_by or "+
			"a tainted resource. "+
			neverCreated+" "+nothingClosed, unreplace))
}

func tooManyClosed(k userKind, u offboard.User, t closing.ClosureCount, g closing.EffectiveGuards) diag.Diagnostic {
	summary := fmt.Sprintf("%s is not closed in %s: max_closures = %d is reached", short(u), k.title, t.Limit)
	return diag.NewErrorDiagnostic(summary, paragraphs(
		fmt.Sprintf("%s would be closure number %d in this run. max_closures allows %d%s. %s Raise max_closures, or "+
			"apply again to continue.",
			describe(k, u), t.Count, t.Limit, keptText(g), nothingClosed), guardsAgain(g)))
}
