package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages about comparing all accounts with a list of people.

func unusablePeople(problems []*rowError) diag.Diagnostic {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Error())
	}
	return diag.NewErrorDiagnostic("Cannot use the list of people", paragraphs(
		fmt.Sprintf("people has %d rows that cannot be used. %s", len(problems), nothingAsked), some(lines),
		"Correct them. The first row is row 1, and the header of a CSV file is no row."))
}

// nobodyListed is a list without people under fail_on.
func nobodyListed() diag.Diagnostic {
	return diag.NewErrorDiagnostic("The list of people is empty", paragraphs(
		"people has no row. So no verdict in fail_on says anything about a person. "+nothingAsked,
		"Check the file from which people is read. A table may have a header alone."))
}

// nobodyCanLeave is a table of which no row can say that a person left.
func nobodyCanLeave(columns fields) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The list of people cannot say who left", paragraphs(
		"fail_on has the verdict leaver, and people has no column left_on. So no person can have it. "+nothingAsked,
		fmt.Sprintf("Its columns are %s.", quotedKeys(columns)),
		"Name the column with the last day left_on. It can be empty for a person who is present. "+
			"If no column has that day, because all are present, write left_on = null into each row."))
}

func noVendor() diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot list accounts, because no vendor is configured", paragraphs(
		"No vendor has an API key, neither in the provider block nor in the environment. "+nothingAsked,
		"Set the key of each vendor whose accounts you want to see, for example "+konstantlyKind.variable("api_key")+"."))
}

// failingAccounts has a line for each account, however many they are.
func failingAccounts(failing []accounts.Judged, day time.Time) diag.Diagnostic {
	var lines []string
	for i := range failing {
		lines = append(lines, accountLine(&failing[i], day))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("%d accounts have a verdict in fail_on", len(failing)), paragraphs(
		list(lines), "Close these accounts, or correct the list of people. "+nothingChanged))
}

// accountLine says in one line what an account is.
func accountLine(a *accounts.Judged, day time.Time) string {
	line := fmt.Sprintf("%s: %s ID %s, %s", a.Verdict, kindNamed(a.Vendor).title, offboard.Text(a.ID), a.Status)
	if label := a.User.Person().Label(); label != "" {
		line += ", " + label
	}
	if len(a.Candidates) > 0 {
		line += ", matches " + strings.Join(a.Candidates, " and ")
	}
	if days, left := a.Days(day); left {
		line += fmt.Sprintf(", left on %s (%s)", accounts.DayText(a.LeftOn), daysAgo(days))
	}
	return line
}

func daysAgo(days int) string {
	switch days {
	case 0:
		return "today"
	case 1:
		return "1 day ago"
	}
	return fmt.Sprintf("%d days ago", days)
}

// listsNobody is about a vendor whose list has no account of a person. Its accounts have no verdict,
// so that those in fail_on do not tell.
func listsNobody(k userKind, why string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot tell who has an account in "+k.title, paragraphs(noVerdict(k, why), steps(
		"Check the key: whether it is that of the right organization, and may list all users.",
		"If "+k.title+" really has no other accounts, take its key out of this configuration.",
	)))
}

// notAsked is listsNobody for a vendor that is named, and that cannot be asked.
func notAsked(k userKind, why string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot tell who has an account in "+k.title, paragraphs(noVerdict(k, why),
		"If you do not use "+k.title+", take it out of the provider block, people, managed and the environment."))
}

func noVerdict(k userKind, why string) string {
	return why + " So no verdict in fail_on says anything about " + k.title + ". " + nothingChanged
}

// unclearAccounts is about accounts in the list of people of which it cannot be said whose they are.
// why has the reason for each ID.
func unclearAccounts(k userKind, why map[string]string) diag.Diagnostic {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(why)) {
		lines = append(lines, fmt.Sprintf("ID %s: %s", offboard.Text(id), why[id]))
	}
	return diag.NewErrorDiagnostic("Cannot tell whose accounts in "+k.title+" these are", paragraphs(
		"people has these IDs, and no verdict in fail_on says anything about them:", list(lines),
		"Correct the IDs, or look at these accounts in "+k.title+". "+nothingChanged))
}

// idsNotClear says why a whole list does not tell whose all accounts are.
func idsNotClear(k userKind) string {
	return "people has IDs of " + k.title + " of which nothing tells whose accounts they are."
}

// nobodyShown says why a list without an account proves nothing.
func nobodyShown(k userKind, owner bool) string {
	except := ""
	if owner {
		except = " except the one that holds the API key"
	}
	return k.title + " shows no account" + except + ". An API key that may see no account gets the same answer."
}

// addressesHidden is about a list that does not tell whose an account is.
func addressesHidden(k userKind, why string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot tell whose accounts in "+k.title+" these are", paragraphs(
		noVerdict(k, why),
		"Use an API key that may see email addresses, or write the IDs of the accounts into people. "+
			"Write the ID of an account that belongs to no person into ignore."))
}

// addressesNotShown says why a list does not tell whose an account is.
func addressesNotShown(k userKind) string {
	return k.title + " shows few email addresses, or one for all, and people does not have the IDs of all accounts."
}

// namesakeHidden says the same of an account that has the name of a leaver.
func namesakeHidden(k userKind, u offboard.User) string {
	return fmt.Sprintf(
		"%s shows no email address of %s. The name, or the address, of a person who has left or will leave fits it.",
		k.title,
		short(u),
	)
}

// addressMasked says the same of an account that shows a mask.
func addressMasked(k userKind, u offboard.User) string {
	return fmt.Sprintf("%s shows a mask, %s, in the place of an email address. It may be that of a person who left.",
		k.title, offboard.Text(u.Email))
}

// partShown says why the list that an API key shows is not that of all accounts.
func partShown(k userKind) string {
	return "The API key of " + k.title + " may see a part of the accounts alone. Only those that it shows were read."
}

// whyNotListed says why a vendor does not show all its accounts.
func whyNotListed(k userKind) string {
	if k.noList {
		return "The definition of " + k.title + " has no list of users. Only the accounts in people were read."
	}
	return k.title + " cannot list all its users. Only users that it shows, and the accounts in people, were read."
}

// lacksAccount says why a list that was read to its end is not that of all accounts.
func lacksAccount(k userKind) string {
	return "The list of " + k.title + " lacks an active account that a read shows. So it may lack others."
}

// keyNotSet says why a vendor was not asked that the configuration or a person names.
func keyNotSet(k userKind, p settingProblem) string {
	return fmt.Sprintf("%s was not asked, because it has no API key. %s", k.title, p.advice(k))
}

// vendorNotKnown is keyNotSet for a vendor that only a person names.
func vendorNotKnown(name string) string {
	return fmt.Sprintf("The vendor %+q was not asked, because the provider block does not declare it. "+
		"Check the spelling in the list of people.", name)
}

// nothingShown is what is known of an account that may exist.
func nothingShown(k userKind) string {
	return k.title + " shows nothing of this ID, which proves neither that the account exists nor that it is closed."
}
