package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages about accounts as they are read.

func cannotRead(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot read a user in "+k.title, paragraphs(
		describe(k, u)+" could not be read. "+nothingChanged, cause(k, err)))
}

// closedElsewhere is a refresh that shows the account closed; sent says that a call of an earlier run can
// explain that.
func closedElsewhere(k userKind, u offboard.User, seen offboard.Observation, sent bool) diag.Diagnostic {
	who, found := lastSeen(k, u), fmt.Sprintf("is closed. %s says so itself.", k.title)
	if seen == offboard.Absent && sent {
		found = fmt.Sprintf("is closed. An earlier run sent the closing call, and the account is not visible in %s any "+
			"more.", k.title)
	} else if seen == offboard.Absent {
		found = absentTwice(k) + " " + doubt(k)
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is already closed in %s", short(u), k.title),
		who+" "+found+" Remove the block. Its destroy makes no closing call.")
}

// absentTwice says what was found of an account whose absence the vendor has confirmed.
func absentTwice(k userKind) string {
	key := "The API key still sees others."
	if k.noSight {
		key = "The API key still works. Whether it still sees others was not asked, because the definition has no `list`."
	}
	return fmt.Sprintf("is not visible any more. Asked twice, %s answered that it has no such account. %s", k.title, key)
}

// doubt goes with an account that is not visible any more.
func doubt(k userKind) string {
	return k.title + " answers the same for an account that the API key may not see. Check at " + k.title +
		" whether the account is closed."
}

// notVisibleText says that an absence, or what is shown of a closed account, proves nothing, and why.
func notVisibleText(k userKind, u offboard.User, err error) string {
	if errors.Is(err, offboard.ErrClosedUnproven) {
		return lastSeen(k, u) + " is shown as closed, and nothing confirms that. A trace of the definition " +
			"needs what only the run that closes an account knows. Check at " + k.title +
			" whether the account is closed."
	}
	absent := lastSeen(k, u) + " is not visible, and nothing proves that the account is closed. "
	return absent + why(k, err) + " " + doubt(k)
}

// notVisibleSummary is the summary of notVisibleText.
func notVisibleSummary(k userKind, u offboard.User, err error) string {
	if errors.Is(err, offboard.ErrClosedUnproven) {
		return fmt.Sprintf("%s is shown as closed in %s, which nothing confirms", short(u), k.title)
	}
	return fmt.Sprintf("%s is not visible in %s, which proves nothing", short(u), k.title)
}

// notVisibleNow is a refresh that cannot tell whether the account is there.
func notVisibleNow(k userKind, u offboard.User, err error) diag.Diagnostic {
	summary := notVisibleSummary(k, u, err)
	return diag.NewWarningDiagnostic(summary, paragraphs(
		notVisibleText(k, u, err), "The state was not changed."))
}

// why says why an absence is not believed.
func why(k userKind, err error) string {
	switch {
	case errors.Is(err, offboard.ErrListed):
		return "The list of users shows the account as open."
	case errors.Is(err, offboard.ErrEmptyList):
		return "The list shows no other person of the same kind, so nothing shows that the API key still sees what it should."
	case errors.Is(err, offboard.ErrPlaceUnknown):
		return "No answer shows where the account is. So nothing says whether the API key sees accounts there."
	case errors.Is(err, errAnotherKey):
		return fmt.Sprintf("The account was last seen with another API key, and another %s can have other accounts.",
			k.KeyOwner)
	case errors.Is(err, offboard.ErrPerhapsListed):
		return "The list of users shows an account that may be this one."
	case errors.Is(err, offboard.ErrAbsenceNoEnd):
		return "The definition does not take an absence for a closure."
	case errors.Is(err, offboard.ErrAccessUnproven):
		return "Nothing shows that the API key still sees what it should. " +
			"Either it has other rights than before, or no list shows another user of the same kind."
	case errors.Is(err, offboard.ErrListNotWhole):
		return "The list of users was not read to its end, so the account may be on a page that is missing. " + cause(k, err)
	}
	return cause(k, err)
}

// drift tells of changes made elsewhere that matter for a closure, at every plan as long as they
// last.
func drift(k userKind, r closing.Record, before, now offboard.User, facts closing.Facts) diag.Diagnostics {
	diags, who := statusDrift(k, r.Status, before, now), describe(k, now)
	if !k.Unseen(now) && !r.Person.Is(now.Person()) {
		diags.Append(perhapsAnotherPerson(k, r.Person, now))
	}
	for _, fact := range slices.Sorted(maps.Keys(r.Facts)) {
		if was, is := r.Facts[fact], facts[fact]; was != "" && !offboard.Same(was, is) {
			diags.AddWarning(fmt.Sprintf("%s has another %s in %s", short(now), fact, k.title),
				fmt.Sprintf("%s was changed elsewhere. The %s was %q and is now %q.", who, fact, was, is))
		}
	}
	return diags
}

// statusDrift is drift for the status. was is the status that is remembered.
func statusDrift(k userKind, was offboard.Status, before, now offboard.User) (diags diag.Diagnostics) {
	who := describe(k, now)
	switch {
	case now.Status == offboard.Suspended && was != offboard.Suspended:
		diags.AddWarning(fmt.Sprintf("%s is suspended in %s", short(now), k.title),
			who+" is suspended, and this configuration does not ask for it. The provider never re-enables an account. "+
				"To close it, remove the block.")
	case now.Status == offboard.Active && (before.Status == offboard.Suspended || was == offboard.Suspended):
		diags.AddWarning(fmt.Sprintf("%s is active again in %s", short(now), k.title),
			who+" was suspended, and somebody re-enabled the account. To close it, remove the block.")
	case was == offboard.Closed && k.ShowsOpen(now):
		diags.AddWarning(fmt.Sprintf("%s is open again in %s", short(now), k.title),
			who+" was closed, and the account is open now. Find out who uses it before you close it. "+
				"To end this warning, stop managing the account and import it again.")
	}
	return diags
}

func perhapsAnotherPerson(k userKind, imported offboard.Person, now offboard.User) diag.Diagnostic {
	detail := paragraphs(
		importedAs(k, imported, now)+" A destroy is refused, because the ID may belong to another person now.",
		samePersonAdvice(now))
	if !canConfirm(now.Email) {
		detail = paragraphs(detail, stopManaging(k))
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s may be another person in %s", short(now), k.title), detail)
}

// importedAs says who was imported and who has the ID now.
func importedAs(k userKind, imported offboard.Person, now offboard.User) string {
	return describe(k, now) + " was imported as " + personText(imported) + "."
}

// samePersonAdvice is what to do for a person who really changed, and for another one.
func samePersonAdvice(now offboard.User) string {
	same := "If it is the same person, stop managing the account and import it again."
	if canConfirm(now.Email) {
		same = fmt.Sprintf("If it is the same person, write email = %s into the block. Apply that before you remove the "+
			"block.",
			literal(offboard.Text(now.Email)))
	}
	return steps(same, "If it is another person, stop managing the account.")
}

func anotherKey(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic(short(u)+" was seen with another API key of "+k.title, anotherKeyText(k, u, ""))
}

// anotherKeyAccepted has one summary for all users of a vendor, so that Terraform folds them.
func anotherKeyAccepted(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Users in "+k.title+" were seen with another API key", paragraphs(
		fmt.Sprintf("%s was last seen with another API key. This API key shows the same person, so it is accepted. "+
			"Another %s can have its own account of the same person with the same ID.", describe(k, u), k.KeyOwner),
		fmt.Sprintf("If you did not replace the API key, check provider in the block, and %s.api_key.", k.block())))
}

// rightsChanged has one summary for all users of a vendor, as anotherKeyAccepted.
func rightsChanged(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The API key of "+k.title+" has other rights than before", paragraphs(
		fmt.Sprintf("%s was last seen by an API key with other rights, or of another owner. "+
			"A vendor can show another account with the same ID to such an API key.", describe(k, u)),
		fmt.Sprintf("If you did not replace the API key or change its rights, check %s.api_key.", k.block())))
}

func anotherKeyRefused(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(short(u)+" was seen with another API key "+
		"of "+k.title, anotherKeyText(k, u, " "+nothingClosed))
}

func anotherKeyText(k userKind, u offboard.User, changed string) string {
	return paragraphs(fmt.Sprintf("%[1]s was seen with another API key. Users belong to the %[2]s of their API key. "+
		"Another %[2]s can have another user with the same ID.%[3]s", lastSeen(k, u), k.KeyOwner, changed),
		steps(fmt.Sprintf("Use the first API key again in %s.api_key.", k.block()),
			fmt.Sprintf("If the API key was replaced for the same %s, plan again.", k.KeyOwner),
			"If the new API key still does not show the person, stop managing the user and import it again."),
		stopManaging(k))
}

// alsoNotRead has one summary for all users of a vendor that cannot be asked, so that Terraform
// folds them.
func alsoNotRead(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("More users in "+k.title+" could not be read",
		describe(k, u)+" was not read, and its state was not changed. The reason is the same as for the first user.")
}

func alsoNotClosed(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s is not closed", short(u), k.title),
		describe(k, u)+" was not read either. The reason is the same as for the first user. "+nothingClosed)
}
