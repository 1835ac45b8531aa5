package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// The messages about vendors that the provider block declares.

// unusableDefinition has all problems of a definition, and no path, because the CLI would print the
// line of the provider block, with the API key in it.
func unusableDefinition(name string, problems []declared.Problem) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot use the definition of the vendor "+offboard.Text(name), paragraphs(
		fmt.Sprintf("The definition of vendors.%s in the provider block is refused. %s Correct each of these:",
			offboard.Text(name), nothingAsked),
		strings.Join(problemTexts(problems), "\n\n")))
}

// problemTexts are the problems of a definition, each with its position and its line.
func problemTexts(problems []declared.Problem) (texts []string) {
	for _, p := range problems {
		texts = append(texts, p.String())
	}
	return texts
}

func unusableVendorName(name string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot use the name of a vendor", fmt.Sprintf(
		"%s %s Write another name, in vendors and in the users of the vendor.",
		refused(fmt.Sprintf("The key %+q of vendors in the provider block", name), err), nothingAsked))
}

func variableClash(variable, first, second string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("One environment variable would set two settings", fmt.Sprintf(
		"%s would set both %s and %s. %s Rename the vendor, or the setting in its definition.",
		variable, first, second, nothingAsked))
}

// keyInQuery is one warning for all vendors.
func keyInQuery(titles []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The API key of a vendor is in the address of requests", paragraphs(
		"The definitions of these vendors put the API key into the query:", list(titles),
		"The provider masks it. A proxy, a gateway or the vendor may write addresses into a log. "+
			"If the vendor takes the API key in a header, write it there."))
}

// vendorNotDeclared is a user of a vendor that the provider block does not name.
func vendorNotDeclared(name string) diag.Diagnostic {
	named := offboard.Text(name)
	return diag.NewErrorDiagnostic(fmt.Sprintf("The provider block does not declare the vendor %q", named), paragraphs(
		fmt.Sprintf("A user belongs to the vendor %q, and vendors in the provider block has no such vendor. %s",
			named, nothingChanged),
		"1. Declare the vendor in the provider block:",
		fmt.Sprintf("  vendors = {\n    %[1]s = {\n      definition = file(\"%[1]s.vendor.hcl\")\n    }\n  }", named),
		"2. If the vendor has another name there, write the old one again.\n"+
			"3. To remove a vendor, first close its users, or stop managing them.",
		stopManaging(declaredKind)))
}

func vendorsUnknown(name string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("It is not known yet which vendors are declared", fmt.Sprintf(
		"A user belongs to the vendor %q. The value of vendors in the provider block comes from something that is not "+
			"applied. %s Apply that first, or write vendors out.", offboard.Text(name), nothingAsked))
}

func vendorUnknown() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(vendorAttribute), "The vendor of a user is not known yet",
		"The value of vendor comes from something that is not applied. "+nothingAsked+" Write the name of the vendor out.")
}

// vendorChanged is a block that manages a user of another vendor now.
func vendorChanged(k userKind, was offboard.User, planned types.String) diag.Diagnostic {
	is := "a vendor that is not known yet"
	if !planned.IsUnknown() {
		is = fmt.Sprintf("%q", offboard.Text(planned.ValueString()))
	}
	return diag.NewAttributeErrorDiagnostic(
		path.Root(vendorAttribute),
		"The vendor of a user cannot be changed",
		paragraphs(
			fmt.Sprintf("%s is managed by this block. The configuration now says %s, where it is another account. %s",
				describe(k, was), is, nothingChanged),
			steps("If the vendor was changed by mistake, write vendor = "+literal(k.name)+" again.",
				"If the name was changed in the provider block, write the old one there again.",
				"If you mean the other account, stop managing the first one. Write a block and an import for the other one."),
			stopManaging(k)),
	)
}

func importWithoutVendor(given string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot import a user without its vendor", fmt.Sprintf(
		"The import has the ID %q, which names no vendor. Nothing was imported. "+
			"Write the name of the vendor, a slash and the ID, such as id = \"parley/84120\".", offboard.Text(given)))
}

// cannotSuspend is for an attribute that asks for a suspension, and its value.
func cannotSuspend(k userKind, attribute, value string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(
		path.Root(attribute),
		"Users of "+k.title+" cannot be suspended",
		fmt.Sprintf(
			"%[1]s is %[2]s, and the definition of %[3]s has no step that can be undone. %[4]s "+
				"Remove %[1]s, or add such a step to the definition.", attribute, value, k.title, nothingChanged),
	)
}

func noSearch(k userKind) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("email"), cannotFindBy(k), fmt.Sprintf(
		"The definition of %s has no block find_by_email. %s Look the user up by the ID, or add the block to the definition.",
		k.title, nothingAsked))
}

func noList(k userKind) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot list the users of "+k.title, fmt.Sprintf(
		"The definition of %s has no block list. %s If the vendor can list its users, add the block to the definition.",
		k.title, nothingAsked))
}

// beforeFirstUse says which check of a declared vendor failed before anything of it was believed.
func beforeFirstUse(k userKind, e *declared.SetupError) string {
	check := "Correct the API key, the base URL, or the block alive of the definition."
	switch e.Block {
	case "unknown_id":
		check = "Correct the base URL, or unknown_id or absent of the definition."
	case "self of alive":
		check = "Correct self of the block alive of the definition."
	}
	return paragraphs(fmt.Sprintf("Before the first use, %s must pass its checks. The check of %s failed, "+
		"so nothing of %s is read or closed. %s", k.title, e.Block, k.title, check), cause(k, e.Err))
}
