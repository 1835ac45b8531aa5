package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages about lists of users, and about finding a user by email.

func cannotList(k userKind, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot list the users of "+k.title, paragraphs(
		"The list of users of "+k.title+" could not be read to its end, so it is incomplete. "+nothingChanged, cause(k, err)))
}

func listCut(k userKind, limit int64) diag.Diagnostic {
	summary := fmt.Sprintf("The list of users of %s stops at its limit of %d", k.title, limit)
	return diag.NewWarningDiagnostic(summary, fmt.Sprintf(
		"%s may have more users that match the filters. They were not read. To read more, write a higher limit into the "+
			"list block, "+
			"for example limit = %d. Without a limit, Terraform stops at 100.", k.title, 10*limit))
}

// mostLines is how many lines a message lists.
const mostLines = 10

// some lists the first lines, and says how many more there are.
func some(lines []string) string {
	if more := len(lines) - mostLines; more > 0 {
		lines = append(slices.Clone(lines[:mostLines]), fmt.Sprintf("and %d more", more))
	}
	return list(lines)
}

func rowsNotRead(k userKind, severity diag.Severity, rows []string) diag.Diagnostic {
	return diagnostic(severity, "Some rows of the list of "+k.title+" cannot be read", paragraphs(
		fmt.Sprintf("%d rows of the list of users of %s cannot be read, so these users are missing "+
			"here:", len(rows), k.title), some(rows),
		"All other rows were read. Check these users at "+k.title+". If you know the ID of a user, import it with the ID."))
}

func listNotWhole(k userKind, severity diag.Severity, err error) diag.Diagnostic {
	return diagnostic(severity, "The list of users of "+k.title+" is incomplete", fmt.Sprintf(
		"The list was read, and its parts do not agree: %v. Users may be missing here. Run it again, because the list "+
			"may have changed "+
			"while it was read. If this repeats, compare with the list at %s itself.", err, k.title))
}

// idRefused is a listed user whose ID cannot be used, in one line.
func idRefused(u offboard.User, err error) string {
	return u.Label() + ": " + strings.TrimSuffix(badID(u.ID, err), ".")
}

func idsNotUsable(k userKind, ids []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Some users of "+k.title+" cannot be managed", paragraphs(
		"These users are left out of the list, because their IDs cannot be used:", some(ids),
		"Manage these accounts at "+k.title+" itself."))
}

// searchedText says that a search was incomplete.
func searchedText(k userKind, email string, gaps error) string {
	return paragraphs(fmt.Sprintf("The list of users of %s was searched for %q, and not all of it could be read. "+
		"Another user may have the same address:", k.title, email), some(gapLines(gaps)))
}

// searchNotWhole refuses an import by an email address that a second user may have.
func searchNotWhole(k userKind, email string, gaps error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(cannotFindBy(k), paragraphs(
		searchedText(k, email, gaps), "Import the user with the ID instead. "+nothingChanged))
}

// searchMayMiss warns of the same where nothing follows from the answer but the answer.
func searchMayMiss(k userKind, email string, gaps error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("A search of the users of "+k.title+" is incomplete", paragraphs(
		searchedText(k, email, gaps), "To be sure, look the user up by ID."))
}

func gapLines(gaps error) []string {
	var lines []string
	for line := range strings.Lines(gaps.Error()) {
		lines = append(lines, offboard.Text(line))
	}
	return lines
}

func foundAnother(k userKind, email string, live offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The search by email found another user of "+k.title, fmt.Sprintf(
		"%s was found by the address %q, and does not have it when it is read. The answer to the search may be older "+
			"than the "+
			"account. %s Run it again, or write the ID of the user that you mean.", describe(k, live), email, nothingChanged))
}

func absenceUnproven(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("It is not known whether a user of "+k.title+" exists", fmt.Sprintf(
		"%s is not visible. %s So exists is null. Check the API key and the base URL, or check at %s itself.",
		describe(k, u), why(k, err), k.title))
}

// cannotFindBy is the summary of a search that failed.
func cannotFindBy(k userKind) string { return "Cannot find a user of " + k.title + " by email" }

func cannotFind(k userKind, email string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(cannotFindBy(k), paragraphs(
		fmt.Sprintf("The search for the user with the email address %q in %s "+
			"failed. %s", email, k.title, nothingChanged), cause(k, err)))
}

func noSuchUserOrEmail(k userKind, given, tenant string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("No open account with this ID or email in "+k.title, paragraphs(
		fmt.Sprintf("%s at %s has no open account with the ID %q. It shows this API key no user with that email address "+
			"either. "+
			"Nothing was imported.", k.title, tenant, given), importAdvice(k)))
}

// idAndEmail is an import of what is the ID of one account and may be the email address of another.
func idAndEmail(k userKind, given string, byID, byEmail offboard.User) diag.Diagnostic {
	other := "It may be the email address of another account too, because the list of users is incomplete."
	if byEmail.ID != "" {
		other = "It is also the email address of " + describe(k, byEmail) + "."
	}
	return diag.NewErrorDiagnostic("The import may mean two users of "+k.title, paragraphs(
		fmt.Sprintf("%s has the ID %q. %s Nothing was imported.", describe(k, byID), offboard.Text(given), other),
		steps("To import the account with this ID, import by identity: "+k.identityText(given)+".",
			"To import the other account, use its own ID.")))
}

func severalWithEmail(k userKind, email string, found []offboard.User) diag.Diagnostic {
	var candidates []string
	for _, u := range found {
		candidates = append(candidates, describe(k, u))
	}
	return diag.NewErrorDiagnostic("Several users of "+k.title+" have this email", paragraphs(
		fmt.Sprintf("More than one user has the email address %q:", email), list(candidates),
		nothingChanged+" Write the ID of the one that you mean instead of the address."))
}

func cannotShow(k userKind, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot show a user of "+k.title, fmt.Sprintf(
		"What %s shows of the user does not fit the data source: %v. %s Report this as an "+
			"issue.", k.title, err, nothingChanged))
}
