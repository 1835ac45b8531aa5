package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// The sentences about lists of users, and about finding a user by the e-mail address.

// displayName is how a list shows a user.
func displayName(u offboard.User) string {
	switch {
	case u.Name != "" && u.Email != "":
		return u.Name + " <" + u.Email + ">"
	case u.Name+u.Email != "":
		return u.Name + u.Email
	default:
		return u.ID
	}
}

func listNotConfigured(k userKind, p settingProblem) diag.Diagnostic {
	return diag.NewErrorDiagnostic(k.title+" cannot be reached with this configuration", fmt.Sprintf(
		"The users of %s cannot be listed, because the setting %s of the provider \"offboard\" cannot be used: %s.\n\n"+
			"Set %s in the provider block, or the environment variable %s. No request was made.", k.title, p.setting, p.reason, p.setting, p.variable))
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

func cannotFind(k userKind, email string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot find a user of "+k.title+" by the e-mail address",
		paragraphs(fmt.Sprintf("The user with the e-mail address %q in %s could not be looked up, and nothing was changed.", email, k.title), cause(k, err)))
}

func noSuchUserOrEmail(k userKind, given, tenant string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("There is no open user with this id or e-mail address in "+k.title, fmt.Sprintf(
		"%s at %s has no open account with the id %q, and shows this key no user with that e-mail address; both were tried. So there is nothing to take over. Check the spelling, and that the "+
			"provider is configured for the right %s. If the person's account is closed already, leave the block and the import out.", k.title, tenant, given, k.title))
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
