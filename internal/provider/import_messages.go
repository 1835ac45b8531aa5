package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The messages about imports, and about blocks that do not fit the account.

func noSuchUser(k userKind, id, tenant string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("No open account with this ID in "+k.title, paragraphs(
		fmt.Sprintf("%s at %s answers that it has no open account with the ID %q. Nothing was imported.",
			k.title, tenant, id), importAdvice(k)))
}

// importAdvice is what to do if there is no account to import.
func importAdvice(k userKind) string {
	return steps(
		"Check the ID, and that the provider is configured for the right "+k.title+".",
		"If the account is closed already, remove the block and the import.",
	)
}

func seenNothing(k userKind, u offboard.User) diag.Diagnostics {
	if u.Status != offboard.Unknown {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(
		fmt.Sprintf("The user %q is not visible in %s", u.ID, k.title), fmt.Sprintf(
			"%[1]s has no call that reads a user. It shows only the labs of a user, and none for the ID %[2]q. "+
				"The user is imported with the status \"unknown\". Check the ID letter by letter. "+
				"If the ID does not exist, destroying it succeeds and closes nothing.", k.title, u.ID))}
}

func importBlock(k userKind, id string) string {
	return fmt.Sprintf("  import {\n    to = %s.NAME\n    id = %s\n  }", k.typeName(), literal(k.importID(id)))
}

const neverCreated = "A user is never created or replaced."

func importFirst(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be created, only imported", paragraphs(
		describe(k, u)+" exists. "+neverCreated+" "+nothingChanged,
		"1. Import the user with this block, with the name of your resource for NAME. Then plan again:",
		importBlock(k, u.ID),
		"2. If the user is in the state already, it is tainted or -replace was used. "+
			"Run terraform untaint, or plan without -replace."))
}

func nothingToImport(k userKind, id string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s has no user %q to import", k.title, id), paragraphs(
		fmt.Sprintf("The configuration has a block for the user with the ID %[1]q in %[2]s. The user is not in the state, "+
			"and %[2]s shows no open account with that ID. %[3]s So an apply fails at this block.",
			id, k.title, neverCreated),
		steps("If the user is closed, remove the block.", "If the ID is wrong, correct it.",
			"If there is an account that is not visible, import it:"), importBlock(k, id)))
}

func createRefused(k userKind, id string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be created, only imported", paragraphs(
		fmt.Sprintf("The user with the ID %q in %s was not created. %s", id, k.title, neverCreated),
		steps("If the user is closed, remove the block.", "If the user exists, import it:"), importBlock(k, id)))
}

const idByMistake = "If the ID was changed by mistake, "

func idChanged(k userKind, was offboard.User, id string) diag.Diagnostic {
	summary := "The ID of a user in " + k.title + " cannot be changed"
	return diag.NewAttributeErrorDiagnostic(path.Root("id"), summary, paragraphs(
		fmt.Sprintf("%s is managed by this block. The configuration now says %q, which is another account. "+
			"%s A replacement would close an account.", describe(k, was), offboard.Text(id), nothingChanged),
		steps(idByMistake+"write id = "+literal(was.ID)+" again.",
			"If you mean the other user, stop managing the first one. Write a block and an import for the other user."),
		stopManaging(k)))
}

func hiddenChange(k userKind, was offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("ignore_changes hides another ID or email in "+k.title, paragraphs(
		fmt.Sprintf("%s is managed in the state. The block is written with another ID or email. "+
			"lifecycle.ignore_changes hides that from Terraform. %s", describe(k, was), nothingChanged),
		steps("If the block is wrong, write id = "+literal(was.ID)+" and the right email.",
			"If the state is wrong, stop managing the user and import the right one."), stopManaging(k)))
}

// hiddenSettings are settings that a block says and that the plan has not.
func hiddenSettings(k userKind, was offboard.User, names []string) diag.Diagnostic {
	said := strings.Join(names, ", ")
	return diag.NewErrorDiagnostic("ignore_changes hides what a block says in "+k.title, paragraphs(
		fmt.Sprintf("%s is managed in the state. The block is written with another value of %s than the state has, "+
			"or with one that is not known yet. lifecycle.ignore_changes hides that from Terraform, "+
			"so that it would have no effect at a closure. %s",
			describe(k, was), said, nothingChanged),
		steps("If the block is right, remove from ignore_changes: "+said+". If it is all, name the others instead.",
			"If the block is wrong, correct it.")))
}

func emailMismatch(k userKind, live offboard.User, configured string) diag.Diagnostic {
	if live.Email == "" {
		summary := "Cannot check the email of a user in " + k.title
		return diag.NewAttributeErrorDiagnostic(path.Root("email"), summary, fmt.Sprintf(
			"%s shows no email address. The block sets %q. %s Check the ID. If it is right, remove email from the block.",
			describe(k, live), configured, nothingChanged))
	}
	summary := "The account in " + k.title + " has another email than the block"
	return diag.NewAttributeErrorDiagnostic(path.Root("email"), summary, paragraphs(
		fmt.Sprintf("%s is the account with this ID. The block sets another email, %q. %s",
			describe(k, live), configured, nothingChanged),
		steps(idByMistake+"write the old one again.",
			"If the person's address has changed, write email = "+literal(live.Email)+".")))
}
