package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
)

// accountsFunction is a function that makes a document of what an offboard_accounts shows.
type accountsFunction struct {
	name, summary, description string
	make                       func(r *accounts.Report) (string, error)
}

// accountsPage is provider::offboard::accounts_page.
var accountsPage = accountsFunction{
	name:    "accounts_page",
	summary: "A page that shows who still has an account.",
	description: "Renders what `data.offboard_accounts` shows as one HTML file. " +
		"It has a number for each verdict, the leavers with the days since they left, and the accounts of each vendor. " +
		"The page reads nothing from the network, and can be printed. " +
		"It can be read without a script. A script in it sorts the tables.",
	make: func(r *accounts.Report) (string, error) {
		return r.Page(func(vendor string) string { return kindNamed(vendor).title })
	},
}

// peopleFile is provider::offboard::people_file.
var peopleFile = accountsFunction{
	name:    "people_file",
	summary: "A file of people, made of the accounts that the vendors show.",
	description: "Renders what `data.offboard_accounts` shows as YAML: the people on the list, each with their accounts, " +
		"and the leavers. If the list is empty, each email address that a vendor shows is a person. " +
		"What a person must decide is a comment with the word `CHECK`: two accounts at one vendor, " +
		"an account that matches two people or no person on the list, an account without an address. " +
		"An account that is closed, or that holds the API key, is left out. " +
		"Use it to begin such a file, because it keeps no other fields of a file that you have.",
	make: func(r *accounts.Report) (string, error) { return r.File(), nil },
}

// Metadata implements function.Function.
func (f accountsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

// Definition implements function.Function.
func (f accountsFunction) Definition(
	_ context.Context,
	_ function.DefinitionRequest,
	resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary:             f.summary,
		MarkdownDescription: f.description + "\n\nNo request is made. It needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "accounts",
				MarkdownDescription: "The data source itself, such as `data.offboard_accounts.all`, " +
					"and not one of its attributes.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run implements function.Function.
func (f accountsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var given types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &given); resp.Error != nil {
		return
	}
	var text string
	value, err := given.ToTerraformValue(ctx)
	if err == nil {
		var report *accounts.Report
		if report, err = reportIn(value); err == nil {
			text, err = f.make(report)
		}
	}
	if err != nil {
		why := strings.TrimSuffix(err.Error(), ".") // Terraform sets a full stop of its own
		resp.Error = function.NewArgumentFuncError(0, why)
		return
	}
	resp.Error = resp.Result.Set(ctx, text)
}
