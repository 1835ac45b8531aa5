package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// vendorProblems is provider::offboard::vendor_problems.
type vendorProblems struct{}

// Metadata implements function.Function.
func (vendorProblems) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "vendor_problems"
}

// Definition implements function.Function.
func (vendorProblems) Definition(
	_ context.Context,
	_ function.DefinitionRequest,
	resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "What is wrong with the definition of a vendor.",
		MarkdownDescription: "Checks the definition of a vendor, and runs its examples. " +
			"It returns one text for each problem, with the position and the line. " +
			"For a definition that can be used, the list is empty. " +
			"These are the problems with which a plan would fail. No request is made, and no API key is needed.\n\n" +
			"It needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "text",
				MarkdownDescription: "The text of the definition, such as `file(\"parley.vendor.hcl\")`.",
			},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

// definitionName is what the positions call a definition of which only the text is known.
const definitionName = "definition"

// Run implements function.Function.
func (vendorProblems) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	_, problems := parseDefinition(definitionName, text)
	texts := problemTexts(problems)
	if texts == nil {
		texts = []string{} // a nil one is null
	}
	resp.Error = resp.Result.Set(ctx, texts)
}
