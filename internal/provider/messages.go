package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Every sentence that the provider says to a person stands in a file whose name ends in messages.go, or in causes.go. Here are those about settings, taking over
// and watching. A summary says what cannot be done and where. A detail says who, what happened, and the next step. On the plan of a removed block Terraform prints no
// address, so each text names the person and the vendor itself. Warnings with the same summary are folded by Terraform into one: routine has one summary, and
// what must be read one by one has its own.

// describe names a user: as much as is known of the name, the email address, the ID, and the vendor.
func describe(k userKind, u offboard.User) string {
	name, email := offboard.Text(u.Name), offboard.Text(u.Email)
	text := k.title
	if u.ID != "" || name+email == "" { // whoever is looked up by an address has none yet
		text = fmt.Sprintf("ID %q in %s", offboard.Text(u.ID), k.title)
	}
	switch {
	case name != "" && email != "":
		return fmt.Sprintf("%s <%s> (%s)", name, email, text)
	case name != "" || email != "":
		return fmt.Sprintf("%s (%s)", name+email, text)
	default:
		return "The user with " + text
	}
}

// short names a user in a summary.
func short(u offboard.User) string {
	id := offboard.Text(u.ID)
	switch {
	case u.Name != "":
		return offboard.Text(u.Name) + " (" + id + ")"
	case u.Email != "":
		return offboard.Text(u.Email) + " (" + id + ")"
	default:
		return id
	}
}

// lastSeen names a user of whom the vendor shows nothing now.
func lastSeen(k userKind, u offboard.User) string {
	if !u.Person().Known() {
		return describe(k, u)
	}
	return describe(k, u) + ", as last seen,"
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

// unusableEntry prints the entry with what cannot be seen in it written out.
func unusableEntry(at path.Path, entry string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "An entry of never_close cannot match anybody", fmt.Sprintf(
		"The entry %+q is refused: %v. An entry is the ID, the login or the email address of one user.", entry, err))
}

// unusableSetting names a setting below a vendor's object, without a path.
func unusableSetting(k userKind, p *rest.SettingError) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("The setting %s.%s cannot be used", k.name, p.Setting), fmt.Sprintf(
		"The value of %s.%s in the provider block is refused: %v. The value is not repeated here.", k.name, p.Setting, p.Err))
}

func unusableID(k userKind, id string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("This is no id of a user in "+k.title,
		fmt.Sprintf("The id %q is refused: %v. Give the id that %s itself uses for the user. No request was made.", id, err, k.title))
}

func notConfigured(k userKind, u offboard.User, p settingProblem) diag.Diagnostic {
	return diag.NewErrorDiagnostic(k.title+" cannot be reached with this configuration", fmt.Sprintf(
		"%s cannot be looked at, because the setting %s of the provider \"offboard\" cannot be used: %s.\n\n%s No request was made.",
		describe(k, u), p.setting, p.reason, p.advice(k)))
}

// advice says how to configure a vendor that cannot be used.
func (p settingProblem) advice(k userKind) string {
	if p.clash {
		return fmt.Sprintf("Unset the environment variable %s. Or write %s.base_url in the provider block instead of %s.", p.variable, k.name, p.setting)
	}
	return fmt.Sprintf("Set %s in the provider block, or the environment variable %s.", p.setting, p.variable)
}

func wrongTenant(k userKind, u offboard.User, was, is string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The provider points at another "+k.title+" than the one this user was imported from", fmt.Sprintf(
		"%s was imported from %s, and the provider is configured for %s. The same ID can belong to somebody else there. No request was made.\n\n"+
			"1. Point the provider (%s, %s) at %s again, or use a second provider block with an alias.\n2. If the address itself was renamed, stop managing the user and import it again.\n\n%s",
		describe(k, u), was, is, k.name+".base_url", k.variable("base_url"), was, stopManaging(k)))
}

func unreadablePrivateData(key string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The state holds private data that this version of the provider cannot read",
		fmt.Sprintf("The private data %q is damaged or was written by a newer version: %v. Use that version. Or run terraform state rm with the address of the user, and import it again. %s",
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
	return fmt.Sprintf("  import {\n    to = %s.NAME\n    id = %s\n  }", k.typeName(), literal(id))
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
	return diag.NewAttributeErrorDiagnostic(path.Root("id"), "The ID of a user in "+k.title+" cannot be changed", fmt.Sprintf(
		"This block manages %s, and the configuration now says %q, which is another account. Nothing is replaced, because that would close an account.\n\n"+
			"1. If the ID was changed by mistake, write id = %s again.\n2. If the other user is meant, stop managing the first one, and give the other "+
			"user a block and an import of its own.\n\n%s", describe(k, was), offboard.Text(id), literal(was.ID), stopManaging(k)))
}

func hiddenChange(k userKind, was offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("ignore_changes hides another ID or email in "+k.title, fmt.Sprintf(
		"The state manages %s. The block is written with another id or email, and lifecycle.ignore_changes keeps Terraform from seeing it. Nothing was changed.\n\n"+
			"1. If the block is wrong, write id = %s and the right email.\n2. If the state is wrong, stop managing the user and import the right one.\n\n%s",
		describe(k, was), literal(was.ID), stopManaging(k)))
}

func emailMismatch(k userKind, live offboard.User, configured string) diag.Diagnostic {
	if live.Email == "" {
		return diag.NewAttributeErrorDiagnostic(path.Root("email"), "The e-mail address of a user in "+k.title+" cannot be checked", fmt.Sprintf(
			"The configuration says that %s has the e-mail address %q, and %s shows no address for that id. Check the id; if it is right, remove email from the block.",
			describe(k, live), configured, k.title))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("email"), "Another person stands behind this id in "+k.title, fmt.Sprintf(
		"The configuration says that the id %q has the e-mail address %q; the live account is %s.\n\nIf the ID was changed by mistake, put the old one back. If the person's address has changed, "+
			"write email = %s.", live.ID, configured, describe(k, live), literal(live.Email)))
}

// --- watching ---

func cannotRead(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot read a user in "+k.title, paragraphs(describe(k, u)+" could not be read, and nothing was changed.", cause(k, err)))
}

func closedElsewhere(k userKind, u offboard.User, sight offboard.Observation, earlier closing.Progress) diag.Diagnostic {
	detail := lastSeen(k, u) + " is closed: " + k.title + " says so itself."
	if sight == offboard.Absent && earlier.Call != offboard.NotSent {
		detail = lastSeen(k, u) + " is closed by an earlier run: its closing call left, and " + k.title + " does not show the account any more."
	} else if sight == offboard.Absent {
		detail = lastSeen(k, u) + " is not shown any more: asked twice, " + k.title + " has no such account, and the key still sees others. " + doubt(k)
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is closed in %s already", short(u), k.title), detail+" Remove the block: destroying it makes no closing call.")
}

// doubt goes with an account that is not shown any more.
func doubt(k userKind) string {
	return k.title + " answers the same for an account that the key may not see any more. Make sure at " + k.title + " that the account is closed."
}

// notVisibleNow is a refresh that cannot tell whether the account is there.
func notVisibleNow(k userKind, u offboard.User, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("%s is not visible in %s, which proves nothing", short(u), k.title), paragraphs(
		lastSeen(k, u)+" is not shown, and nothing vouches for that. The state stays as it was. "+why(err), doubt(k)))
}

// why words what speaks against believing an absence.
func why(err error) string {
	switch {
	case errors.Is(err, offboard.ErrListed):
		return "The list of users shows the account as open."
	case errors.Is(err, offboard.ErrEmptyList):
		return "The list of users is empty, so nothing shows that the key still sees what it should."
	case errors.Is(err, offboard.ErrAccessUnproven):
		return "Nothing shows that the key still sees what it should: it has other rights than before, and sees nobody of the same kind."
	}
	return fmt.Sprintf("The reason: %v.", err)
}

// drift tells of changes made elsewhere that matter for a closing, at every plan as long as they last.
func drift(k userKind, r closing.Record, before, now offboard.User, facts closing.Facts) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case now.Status == offboard.Suspended && r.Status != offboard.Suspended:
		diags.AddWarning(fmt.Sprintf("%s is suspended in %s", short(now), k.title),
			describe(k, now)+" was suspended elsewhere. Nothing re-enables the account; remove the block to close it for good.")
	case now.Status == offboard.Active && (before.Status == offboard.Suspended || r.Status == offboard.Suspended):
		diags.AddWarning(fmt.Sprintf("%s is active again in %s", short(now), k.title),
			describe(k, now)+" was suspended and is active again: somebody re-enabled the account. Remove the block to close it.")
	case before.Status == offboard.Closed:
		diags.AddWarning(fmt.Sprintf("%s is open again in %s", short(now), k.title),
			describe(k, now)+" was closed, and the account is open. Find out who it belongs to now before you close it.")
	}
	if !k.Unseen(now) && !r.Person.Is(now.Person()) {
		diags.AddWarning(fmt.Sprintf("%s may be another person in %s", short(now), k.title), fmt.Sprintf(
			"The account was imported as %s and is now %s. Destroying it is refused, because the ID may belong to another person now. %s",
			personText(r.Person), describe(k, now), samePersonAdvice(k, now)))
	}
	for _, fact := range slices.Sorted(maps.Keys(r.Facts)) {
		if was, is := r.Facts[fact], facts[fact]; was != "" && !offboard.Same(was, is) {
			diags.AddWarning(fmt.Sprintf("%s has another %s in %s", short(now), fact, k.title),
				fmt.Sprintf("The %s of %s was %q and is now %q; it was changed elsewhere.", fact, describe(k, now), was, is))
		}
	}
	return diags
}

// personText names a person who was imported.
func personText(p offboard.Person) string {
	return offboard.User{ID: "nobody that was shown", Name: offboard.Text(p.Name), Email: offboard.Text(p.Email)}.Label()
}

// samePersonAdvice is the way out for a person who really changed.
func samePersonAdvice(k userKind, now offboard.User) string {
	if now.Email == "" {
		return "If it is the same person, import it again after this. " + stopManaging(k)
	}
	return fmt.Sprintf("If it is the same person, write email = %s into the block and apply that before the block is removed.", literal(offboard.Text(now.Email)))
}

func anotherKey(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The key of "+k.title+" is another one than the one that saw "+short(u), anotherKeyText(k, u))
}

// anotherKeyAccepted is folded into one for all users of a vendor.
func anotherKeyAccepted(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The API key of "+k.title+" is not the one that saw its users before", fmt.Sprintf(
		"%s was last seen with another API key. This key shows the same person, so it is accepted. Another %s can have another account of the same person, with the same "+
			"ID. If the key was not changed on purpose, check provider in the block, and %s.api_key.", describe(k, u), k.KeyOwner, k.name))
}

func anotherKeyRefused(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The key of "+k.title+" is another one than the one that saw "+short(u), anotherKeyText(k, u)+" "+nothingClosed)
}

func anotherKeyText(k userKind, u offboard.User) string {
	return fmt.Sprintf("%[1]s was seen with another key. Users belong to the %[2]s of their key, and another %[2]s can have another user with the same ID. "+
		"Use the first key again in %[3]s.api_key. If the key was replaced for the same %[2]s, plan again; if the key still shows nobody, stop managing the user and import it again.\n\n%[4]s",
		lastSeen(k, u), k.KeyOwner, k.name, stopManaging(k))
}

func timeoutTooShort(at path.Path, value string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "This timeout is too short", fmt.Sprintf(
		"The value %q is shorter than a second, in which no vendor can be asked and answer. Write a longer one, such as \"30s\".", value))
}

// alsoNotRead has one summary for all users of a vendor that cannot be asked, so that Terraform folds them.
func alsoNotRead(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewWarningDiagnostic("More users in "+k.title+" could not be read", describe(k, u)+" is as last seen. The reason is the same as for the first one.")
}

func alsoNotClosed(k userKind, u offboard.User) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s in %s is not closed", short(u), k.title), describe(k, u)+" was not asked for either. "+nothingClosed)
}
