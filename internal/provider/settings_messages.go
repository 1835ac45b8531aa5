package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The messages about settings and IDs.

// refused says that a value cannot be used, and why.
func refused(what string, err error) string { return fmt.Sprintf("%s is refused: %v.", what, err) }

// badID is the refusal of an ID. It prints the ID with what cannot be seen in it written out.
func badID(id string, err error) string { return refused(fmt.Sprintf("The ID %+q", id), err) }

func unusableValue(at path.Path, what string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Cannot use this value as "+what, fmt.Sprintf(
		"%s %s Correct it.", refused(fmt.Sprintf("The value of %s", at), err), nothingAsked))
}

// unusableEntry prints the entry with what cannot be seen in it written out.
func unusableEntry(at path.Path, entry string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Cannot use an entry of never_close", fmt.Sprintf(
		"%s %s Write the ID, the sign-in name or the email address of one user.",
		refused(fmt.Sprintf("The entry %+q", entry), err), nothingAsked))
}

// unusableKey prints the key of a map with what cannot be seen in it written out.
func unusableKey(at path.Path, setting, key string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Cannot use an entry of "+setting, fmt.Sprintf(
		"%s %s Write the person of a resource, an email address or an ID as the key.",
		refused(fmt.Sprintf("The entry with the key %+q", key), err), nothingAsked))
}

// unusableSetting names a setting below a vendor's object, without a path.
func unusableSetting(k userKind, p *rest.SettingError) diag.Diagnostic {
	setting := k.block() + "." + p.Setting
	return diag.NewErrorDiagnostic("Cannot use the setting "+setting, fmt.Sprintf(
		"%s The value is not repeated here. %s Correct it.",
		refused(fmt.Sprintf("The value of %s in the provider block", setting), p.Err), nothingAsked))
}

func unusableID(k userKind, id string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot use this ID of a user in "+k.title, fmt.Sprintf(
		"%s %s Write the ID that %s itself uses for the user.", badID(id, err), nothingAsked, k.title))
}

// cannotReach is the summary for a vendor that the configuration does not reach.
func cannotReach(k userKind) string {
	return "Cannot reach " + k.title + " with this configuration"
}

func notConfigured(k userKind, u offboard.User, p settingProblem) diag.Diagnostic {
	return diag.NewErrorDiagnostic(cannotReach(k), paragraphs(
		describe(k, u)+" cannot be read, because "+p.text()+" "+nothingAsked, p.advice(k)))
}

func listNotConfigured(k userKind, p settingProblem) diag.Diagnostic {
	return diag.NewErrorDiagnostic(cannotReach(k), paragraphs(
		"The users of "+k.title+" cannot be listed, because "+p.text()+" "+nothingAsked, p.advice(k)))
}

// text says which setting cannot be used, and why.
func (p settingProblem) text() string {
	return fmt.Sprintf("the setting %s of the provider block cannot be used: %s.", p.setting, p.reason)
}

// advice says how to configure a vendor that cannot be used.
func (p settingProblem) advice(k userKind) string {
	if p.clash {
		return steps("Unset the environment variable "+p.variable+".", fmt.Sprintf(
			"Or write %s.base_url in the provider block instead of %s.", k.block(), p.setting))
	}
	if p.variable == "" {
		return fmt.Sprintf("Set %s in the provider block to a value that can be used.", p.setting)
	}
	return fmt.Sprintf("Set %s in the provider block, or the environment variable %s.", p.setting, p.variable)
}

func wrongTenant(k userKind, u offboard.User, was, is string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("This user was imported from another address of "+k.title, paragraphs(
		fmt.Sprintf("%s was imported from %s. The provider is configured for %s. "+
			"The same ID can belong to another person there. %s", describe(k, u), was, is, nothingAsked),
		steps(
			fmt.Sprintf("Point the provider (%s.base_url, %s) at %s again, or use a second provider block with an alias.",
				k.block(), k.variable("base_url"), was),
			"If only the address was renamed, stop managing the user and import it again.",
		), stopManaging(k)))
}

func unreadablePrivateData(key string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot read the private data in the state", paragraphs(
		fmt.Sprintf("The private data %q is damaged, or a newer version of the provider wrote it: %v. %s",
			key, err, nothingClosed),
		steps(
			"If a newer version wrote it, use that version.",
			"If it is damaged, run terraform state rm with the address of the user, and import it again.",
		)))
}

func timeoutTooShort(at path.Path, value string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "This timeout is too short", fmt.Sprintf(
		"The value %q is shorter than one second. No vendor can answer in that time. %s "+
			"Write a longer one, such as \"30s\".", value, nothingAsked))
}
