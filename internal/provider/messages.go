package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Every sentence that the provider says to a person stands in a file whose name ends in messages.go, or in causes.go. Here are those about settings, taking over
// and watching. A summary says what cannot be done and where. A detail says who, what happened, and the next step. On the plan of a removed block Terraform prints no
// address, so each text names the person and the vendor itself. Warnings with the same summary are folded by Terraform into one: routine has one summary, and
// what must be read one by one has its own.

// describe names a user: as much as is known of the name, the e-mail address, the id, and the vendor.
func describe(k userKind, u offboard.User) string {
	text := fmt.Sprintf("id %q in %s", u.ID, k.title)
	switch {
	case u.Name != "" && u.Email != "":
		return fmt.Sprintf("%s <%s> (%s)", u.Name, u.Email, text)
	case u.Name != "" || u.Email != "":
		return fmt.Sprintf("%s (%s)", u.Name+u.Email, text)
	default:
		return "The user with " + text
	}
}

// short names a user in a summary.
func short(u offboard.User) string {
	switch {
	case u.Name != "":
		return u.Name + " (" + u.ID + ")"
	case u.Email != "":
		return u.Email + " (" + u.ID + ")"
	default:
		return u.ID
	}
}

func paragraphs(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}

func list(items []string) string { return "  - " + strings.Join(items, "\n  - ") }

const nothingClosed = "This account was not touched."

// --- settings and ids ---

func unusableValue(at path.Path, what string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "This value cannot be used as "+what, fmt.Sprintf("The value of %s is refused: %v.", at, err))
}

func unusableID(k userKind, id string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("This is no id of a user in "+k.title,
		fmt.Sprintf("The id %q is refused: %v. Give the id that %s itself uses for the user. No request was made.", id, err, k.title))
}

func notConfigured(k userKind, u offboard.User, p settingProblem) diag.Diagnostic {
	return diag.NewErrorDiagnostic(k.title+" cannot be reached with this configuration", fmt.Sprintf(
		"%s cannot be looked at, because the setting %s of the provider \"offboard\" cannot be used: %s.\n\n"+
			"Set %s in the provider block, or the environment variable %s. No request was made.",
		describe(k, u), p.setting, p.reason, p.setting, p.variable))
}

func wrongTenant(k userKind, u offboard.User, was, is string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The provider points at another "+k.title+" than the one this user was taken over from", fmt.Sprintf(
		"%s was taken over from %s, and the provider is configured for %s. The same id can belong to somebody else there. No request was made.\n\n"+
			"Point the provider (%s, %s) at %s again, or use a second provider block with an alias. If the host itself was renamed, let go of the user by terraform state rm and import "+
			"them again.",
		describe(k, u), was, is, k.name+".base_url", k.variable("base_url"), was))
}

func unreadablePrivateData(key string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The state holds private data that this version of the provider cannot read",
		fmt.Sprintf("The private data %q is damaged or was written by a newer version: %v. Use that version; or let go of the user by terraform state rm and import them again. %s",
			key, err, nothingClosed))
}

// --- taking over ---

func noSuchUser(k userKind, id, tenant string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("There is no open user with this id in "+k.title, fmt.Sprintf(
		"%s at %s answers that it has no open account with the id %q, so there is nothing to take over. Check the id, and that the provider is configured "+
			"for the right %s. If the person's account is closed already, leave the block and the import out.", k.title, tenant, id, k.title))
}

func seenNothing(k userKind, u offboard.User) diag.Diagnostics {
	if u.Status != offboard.Unknown {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("%s shows no trace of the user %q", k.title, u.ID), fmt.Sprintf(
		"%s cannot be asked whether a user exists; it only shows the labs of one, and there are none for the id %q. The user is taken over with the status "+
			"\"unknown\". Check the id letter by letter: closing an id that does not exist succeeds and closes nothing.", k.title, u.ID))}
}

func importBlock(k userKind, id string) string {
	return fmt.Sprintf("  import {\n    to = %s.NAME\n    id = %q\n  }", k.typeName(), id)
}

func importFirst(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be created, only taken over", fmt.Sprintf(
		"%s exists. Take the user over by this block, with the name of your resource for NAME, and plan again:\n\n%s\n\nIf the user is in the state already, the resource is tainted "+
			"or to be replaced, and nobody is ever replaced: clear the mark by terraform untaint, or plan without -replace.", describe(k, u), importBlock(k, u.ID)))
}

func nothingToTakeOver(k userKind, id string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s has no user %q to take over", k.title, id), fmt.Sprintf(
		"The configuration has a block for the user with id %q in %s, the user is not in the state, and %s shows no open account with that id. Users are never "+
			"created, so an apply fails at this block. Remove the block if the user is closed; correct the id if it is wrong. If there is an account that %s does not show, "+
			"take it over:\n\n%s", id, k.title, k.title, k.title, importBlock(k, id)))
}

func createRefused(k userKind, id string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("A user in "+k.title+" cannot be created, only taken over", fmt.Sprintf(
		"This provider never creates the user with id %q in %s, or any other. Remove the block if the user is closed. If the user exists, take them over:\n\n%s",
		id, k.title, importBlock(k, id)))
}

func idChanged(k userKind, was offboard.User, id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("id"), "The id of a user in "+k.title+" cannot be changed", fmt.Sprintf(
		"This block manages %s, and the configuration now says %q, which is another person. Nothing is replaced, because that would close an account.\n\n"+
			"To let go of the first without closing anything, move them out of the configuration by this block, with the name of your resource for NAME, and give the "+
			"other user a block and an import of their own:\n\n"+
			"  removed {\n    from = %s.NAME\n    lifecycle {\n      destroy = false\n    }\n  }\n", describe(k, was), id, k.typeName()))
}

func emailMismatch(k userKind, live offboard.User, configured string) diag.Diagnostic {
	if live.Email == "" {
		return diag.NewAttributeErrorDiagnostic(path.Root("email"), "The e-mail address of a user in "+k.title+" cannot be checked", fmt.Sprintf(
			"The configuration says that %s has the e-mail address %q, and %s shows no address for that id. Check the id; if it is right, remove email from the block.",
			describe(k, live), configured, k.title))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("email"), "Another person stands behind this id in "+k.title, fmt.Sprintf(
		"The configuration says that the id %q has the e-mail address %q; the live account is %s.\n\nIf the id is wrong, correct it. If the person's address has changed, "+
			"write email = %q.", live.ID, configured, describe(k, live), live.Email))
}

// --- watching ---

func cannotRead(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot read a user in "+k.title, paragraphs(describe(k, u)+" could not be read, and nothing was changed.", cause(k, err)))
}

func closedElsewhere(k userKind, u offboard.User, doubtful bool) diag.Diagnostic {
	detail := describe(k, u) + " has no open account any more. Remove the block: destroying it makes no closing call."
	if doubtful {
		detail += " " + doubt(k)
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is closed in %s already", short(u), k.title), detail)
}

// doubt goes with an account that is not shown any more.
func doubt(k userKind) string {
	return k.title + " gives the same answer for an account that the key has lost the right to see: make sure at " + k.title + " that it is closed, and not only out of sight."
}

// notShown warns that nothing is closed because nothing is seen, where that can have another reason than a closed account.
func notShown(k userKind, u offboard.User, err error) diag.Diagnostics {
	if !errors.Is(err, offboard.ErrNotShown) {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("%s does not show %s any more", k.title, short(u)),
		describe(k, u)+" is taken for closed, and destroying makes no closing call. "+doubt(k))}
}

// drift tells of changes made elsewhere that matter for a closing.
func drift(k userKind, p person, before, now offboard.User, factsBefore, facts map[string]string) diag.Diagnostics {
	var diags diag.Diagnostics
	if now.Status == offboard.Suspended && before.Status == offboard.Active {
		diags.AddWarning(fmt.Sprintf("%s was suspended in %s", short(now), k.title),
			describe(k, now)+" was suspended elsewhere. Nothing re-enables the account; remove the block to close it for good.")
	}
	if !p.is(now) {
		diags.AddWarning(fmt.Sprintf("%s has another e-mail address in %s", short(now), k.title), fmt.Sprintf(
			"The account was taken over as <%s> and is now %s. Destroying it is refused, for the id may have passed to another person. If it is the same person, "+
				"have a block with email = %q, and apply that before the block goes.", p.Email, describe(k, now), now.Email))
	}
	for fact, was := range factsBefore {
		if is := facts[fact]; was != "" && is != "" && was != is {
			diags.AddWarning(fmt.Sprintf("%s has another %s in %s", short(now), fact, k.title),
				fmt.Sprintf("The %s of %s was %q and is now %q; it was changed elsewhere.", fact, describe(k, now), was, is))
		}
	}
	return diags
}
