package provider

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Every sentence that the provider says to a person is in a file whose name ends in messages.go, in
// causes.go or in findings.go. Here is what all messages share.
//
// A summary says what failed or will happen, and where. It has at most 60 characters without names.
// A detail says who, what was found, what to do next, and whether anything was changed. On the plan
// of a removed block Terraform prints no address, so each text names the person and the vendor
// itself. Terraform folds warnings with the same summary into one. So a warning that must be read
// for each user has the name in its summary.

// describe names a user: what is known of the name, the email address and the ID, and the vendor.
// The person in the configuration is told if that says something else.
func describe(k userKind, u offboard.User) string {
	name, where := u.Person().Label(), k.title
	if u.ID != "" || name == "" { // a user who was looked up by email has no ID yet
		where = fmt.Sprintf("ID %q in %s", offboard.Text(u.ID), k.title)
	}
	switch whose := offboard.Text(u.Whose); {
	case name == "" && whose == "":
		return "The user with " + where
	case name == "":
		name, where = whose, where+", named by the configuration"
	case whose != "" && !offboard.Same(whose, u.Email) && !offboard.Same(whose, u.Name):
		where += fmt.Sprintf(", person %q", whose)
	}
	return name + " (" + where + ")"
}

// personText names a person who was imported.
func personText(p offboard.Person) string {
	return cmp.Or(p.Label(), "a person whose name and email are not known")
}

// short names a user in a summary.
func short(u offboard.User) string {
	id := offboard.Text(u.ID)
	if name := cmp.Or(offboard.Text(u.Name), offboard.Text(u.Email), offboard.Text(u.Whose)); name != "" {
		return name + " (" + id + ")"
	}
	return id
}

// lastSeen names a user who is not visible now.
func lastSeen(k userKind, u offboard.User) string {
	if !u.Person().Known() {
		return describe(k, u)
	}
	return describe(k, u) + ", as last seen,"
}

// paragraphs joins the parts that are not empty.
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

// steps numbers what a person can do.
func steps(items ...string) string {
	var lines []string
	for i, item := range items {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, item))
	}
	return strings.Join(lines, "\n")
}

// diagnostic is an error or a warning.
func diagnostic(severity diag.Severity, summary, detail string) diag.Diagnostic {
	if severity == diag.SeverityError {
		return diag.NewErrorDiagnostic(summary, detail)
	}
	return diag.NewWarningDiagnostic(summary, detail)
}

// What a message says of changes.
const (
	nothingClosed  = "This account was not changed."
	nothingChanged = "Nothing was changed."
	nothingAsked   = "No request was made."
)
