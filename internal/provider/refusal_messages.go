package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// refusalMessage words a refusal of the policy.
func refusalMessage(k userKind, u offboard.User, g closing.EffectiveGuards, r *closing.Refusal) diag.Diagnostic {
	switch r.Reason {
	case closing.NotReviewed:
		return notReviewed(k, u)
	case closing.GuardUnreadable:
		return unreadableGuard(k, u, r.Err)
	case closing.EvidenceLost:
		return evidenceLost(k, u)
	case closing.GuardUnknown:
		return guardUnknown(k, u, r.Unknown)
	case closing.NeverClose:
		return protectedUser(k, u, r, g)
	case closing.TooEarly:
		return tooEarly(k, u, r.Early)
	case closing.AnotherPerson, closing.OtherPeople:
		return notThePerson(k, r)
	case closing.AnotherKey:
		return anotherKeyRefused(k, u)
	case closing.OtherRights,
		closing.PlanTooOld,
		closing.LogNotRead,
		closing.NoLogAtPlan,
		closing.AnotherLog,
		closing.ChangedSinceReview:
		return notAsReviewed(k, u, r)
	case closing.TooMany, closing.OverBudget:
		return overLimit(k, u, g, r)
	default: // closing.ReadOnly
		return readOnly(k, u, g)
	}
}

// notThePerson words a refusal because the imported person is not shown.
func notThePerson(k userKind, r *closing.Refusal) diag.Diagnostic {
	if r.Reason == closing.OtherPeople {
		return otherPeople(k, r.Shown, r.Person)
	}
	return anotherPerson(k, r.Shown, r.Person)
}

// overLimit words a refusal because of how many closures there are.
func overLimit(k userKind, u offboard.User, g closing.EffectiveGuards, r *closing.Refusal) diag.Diagnostic {
	if r.Reason == closing.OverBudget {
		return overBudget(k, u, r.Budget, g)
	}
	return tooManyClosed(k, u, r.ClosureCount, g)
}

// notAsReviewed words a refusal because the review does not hold any more.
func notAsReviewed(k userKind, u offboard.User, r *closing.Refusal) diag.Diagnostic {
	switch r.Reason {
	case closing.OtherRights:
		return otherRights(k, u)
	case closing.PlanTooOld:
		return planTooOld(k, u)
	case closing.LogNotRead:
		return planWithoutLog(k, u, r.Changes)
	case closing.NoLogAtPlan:
		return logSincePlan(k, u, r.Changes)
	case closing.AnotherLog:
		return anotherLog(k, u, r.Changes)
	default: // closing.ChangedSinceReview
		return changedSinceReview(k, u, r.Changes)
	}
}

// guardInWords names the guard under which an account that is not visible stays in the state.
func guardInWords(g closing.EffectiveGuards, r *closing.Refusal) string {
	switch r.Reason {
	case closing.NeverClose:
		return fmt.Sprintf("the entry %q of never_close", offboard.Text(r.Entry))
	case closing.TooEarly:
		return fmt.Sprintf("close_not_before = %q", offboard.Text(r.Early.NotBefore))
	case closing.StrictPlan:
		return "strict_plan = true in the provider block"
	case closing.GuardUnreadable:
		return r.Err.Error()
	case closing.GuardUnknown:
		return r.Unknown + ", whose value is not known yet"
	default: // closing.ReadOnly
		return readOnlyText(g)
	}
}

// planTooOld says that a saved plan was approved or kept for too long.
func planTooOld(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(short(u)+" is not closed in "+k.title+": the plan is too old", paragraphs(
		fmt.Sprintf("%s was reviewed more than %d days ago, or the clock was wrong then. "+
			"The configuration may keep the account again since then, and Terraform does not notice that. ",
			describe(k, u), closing.MaxPlanAge/(24*time.Hour))+nothingClosed,
		"Plan again, and apply that plan. If this comes again, compare the clocks of the machines that plan and apply, "+
			"and that of "+k.title+"."))
}

// otherRights says that the key is not as it was at the plan.
func otherRights(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(short(u)+" is not closed in "+k.title+": API key has other rights", paragraphs(
		describe(k, u)+" was reviewed with other rights of the API key. The block alive of the definition reads them. "+
			"A key with other rights may be that of another organization, which can have another user with the same ID. "+
			nothingClosed,
		steps("Apply with the API key of the plan, set in "+k.block()+".api_key.", "Or plan again with this API key.")))
}
