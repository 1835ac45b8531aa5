package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The sentences about lists of users, and about finding a user by the e-mail address.

func listNotConfigured(k userKind, p settingProblem) diag.Diagnostic {
	return diag.NewErrorDiagnostic(k.title+" cannot be reached with this configuration", fmt.Sprintf(
		"The users of %s cannot be listed, because the setting %s of the provider \"offboard\" cannot be used: %s.\n\n%s No request was made.",
		k.title, p.setting, p.reason, p.advice(k)))
}

func cannotList(k userKind, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot list the users of "+k.title, paragraphs(
		"The list of users of "+k.title+" could not be read to its end. What was read of it is not to be taken for all.", cause(k, err)))
}

func listCut(k userKind, limit int64) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("The list of users of %s stops at its limit of %d", k.title, limit), fmt.Sprintf(
		"%s may have more users that pass the filters; they were not read. Write a higher limit into the list block (limit = %d, for example) if you want them all. "+
			"Terraform's own limit is 100 where none is written.", k.title, 10*limit))
}

// diagnostic is an error or a warning.
func diagnostic(severity diag.Severity, summary, detail string) diag.Diagnostic {
	if severity == diag.SeverityError {
		return diag.NewErrorDiagnostic(summary, detail)
	}
	return diag.NewWarningDiagnostic(summary, detail)
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
	return diagnostic(severity, "Some rows of the list of "+k.title+" cannot be read", fmt.Sprintf(
		"%d rows of the list of users of %s cannot be read, so these users are missing here:\n\n%s\n\n"+
			"All other rows were read. Look at these users at %s. A user whose ID you know can be imported by it.", len(rows), k.title, some(rows), k.title))
}

func listNotWhole(k userKind, severity diag.Severity, err error) diag.Diagnostic {
	return diagnostic(severity, "The list of users of "+k.title+" is not whole", fmt.Sprintf(
		"The list was read and does not add up: %v. Users may be missing here. Run it again: the list may have changed "+
			"while it was read. If this stays, compare with the list at %s itself.", err, k.title))
}

// idRefused prints the ID with what cannot be seen in it written out.
func idRefused(u offboard.User, err error) string {
	return fmt.Sprintf("%s: the ID %+q is refused: %v", offboard.Text(u.Label()), u.ID, err)
}

func idsNotUsable(k userKind, ids []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Some users of "+k.title+" cannot be managed", fmt.Sprintf(
		"These users are left out of the list, because their IDs cannot be used:\n\n%s\n\n"+
			"Manage these accounts at %s itself.", some(ids), k.title))
}

// searchNotWhole refuses an import by an email address that a second user may have.
func searchNotWhole(k userKind, email string, gaps error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot find a user of "+k.title+" by the email address", fmt.Sprintf(
		"The list of users of %s was searched for %q, and not all of it could be read. Another user may have the same address:"+
			"\n\n%s\n\nImport the user by the ID instead. Nothing was changed.", k.title, email, some(gapLines(gaps))))
}

// searchMayMiss warns of the same where nothing follows from the answer but the answer.
func searchMayMiss(k userKind, email string, gaps error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("A search of the users of "+k.title+" is not whole", fmt.Sprintf(
		"The list of users of %s was searched for %q, and not all of it could be read. Other users may have this address:"+
			"\n\n%s\n\nLook the user up by the ID to be sure.",
		k.title, email, some(gapLines(gaps))))
}

func gapLines(gaps error) []string {
	var lines []string
	for line := range strings.Lines(gaps.Error()) {
		lines = append(lines, offboard.Text(line))
	}
	return lines
}

func foundAnother(k userKind, email string, live offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The search by email address finds another user of "+k.title, fmt.Sprintf(
		"%s was found by the address %q and does not have it when it is read. The answer to the search may be older than the "+
			"account. Nothing was changed. Run it again, or give the ID of the user you mean.", describe(k, live), email))
}

func absenceUnproven(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Whether a user of "+k.title+" exists cannot be told", fmt.Sprintf(
		"%s does not show %s. %s So exists is null. Check the key and the base URL, or look at %s itself.",
		k.title, who(u), why(err), k.title))
}

// who names a user by what is asked for: the ID or the email address.
func who(u offboard.User) string {
	if u.ID == "" {
		return fmt.Sprintf("a user with the email address %q", u.Email)
	}
	return fmt.Sprintf("a user with the ID %q", u.ID)
}

func cannotFind(k userKind, email string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot find a user of "+k.title+" by the e-mail address",
		paragraphs(fmt.Sprintf("The user with the e-mail address %q in %s could not be looked up, and nothing was changed.", email, k.title), cause(k, err)))
}

func noSuchUserOrEmail(k userKind, given, tenant string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("There is no open user with this id or e-mail address in "+k.title, fmt.Sprintf(
		"%s at %s has no open account with the id %q, and shows this key no user with that e-mail address; both were tried. So there is nothing to take over. Check the spelling, and that the "+
			"provider is configured for the right %s. If the person's account is closed already, leave the block and the import out.", k.title, tenant, given, k.title))
}

// idAndEmail is an import of what is the ID of one account and may be the email address of another.
func idAndEmail(k userKind, given string, byID, byEmail offboard.User) diag.Diagnostic {
	other := "another account may have it as its email address: the list of users is not whole"
	if byEmail.ID != "" {
		other = "it is the email address of " + describe(k, byEmail)
	}
	return diag.NewErrorDiagnostic("What is to be imported may be two users of "+k.title, fmt.Sprintf(
		"%q is the ID of %s, and %s. Nothing was imported.\n\nImport by an identity, which holds an ID and nothing else: identity = { id = %s }. Or import the other one by its own ID.",
		offboard.Text(given), describe(k, byID), other, literal(given)))
}

func severalWithEmail(k userKind, email string, found []offboard.User) diag.Diagnostic {
	var candidates []string
	for _, u := range found {
		candidates = append(candidates, describe(k, u))
	}
	return diag.NewErrorDiagnostic("Several users of "+k.title+" have this e-mail address", fmt.Sprintf(
		"The e-mail address %q does not say who is meant:\n\n%s\n\nGive the id of the one you mean instead of the address.", email, list(candidates)))
}

func cannotShow(k userKind, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user of "+k.title+" cannot be shown", fmt.Sprintf("What %s shows of the user does not fit the data source: %v.", k.title, err))
}
