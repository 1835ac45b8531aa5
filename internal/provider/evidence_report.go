package provider

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

var _ provider.ProviderWithFunctions = (*offboardProvider)(nil)

// Functions implements provider.ProviderWithFunctions. Terraform has them since 1.8, OpenTofu since
// 1.7; older ones do not ask.
func (p *offboardProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		func() function.Function { return evidenceReport },
		func() function.Function { return evidencePage },
		func() function.Function { return accountsPage },
		func() function.Function { return peopleFile },
		func() function.Function { return vendorProblems{} },
	}
}

// evidenceFunction is a function that makes a document of an evidence log.
type evidenceFunction struct {
	name, summary, description string
	make                       func(h evidence.History, name string) (string, error)
}

// evidenceReport is provider::offboard::evidence_report.
var evidenceReport = evidenceFunction{
	name:    "evidence_report",
	summary: "A report for auditors on a file that evidence_log has written.",
	description: "Renders a file that `evidence_log` of the provider block has written as a Markdown document. " +
		"It says whether the chain of records is intact. It has one row for each person: since when each account is " +
		"closed, what cannot be proven, why, by whose approval, and in which run. " +
		"For each closure it says who, where, when, how it was proven, and what failed.",
	make: func(h evidence.History, name string) (string, error) { return h.Report(name, reportWords), nil },
}

// evidencePage is provider::offboard::evidence_page.
var evidencePage = evidenceFunction{
	name:    "evidence_page",
	summary: "A page for auditors on a file that evidence_log has written.",
	description: "Renders a file that `evidence_log` of the provider block has written as one HTML file. " +
		"It says what `evidence_report` says, and can be printed. The page reads nothing from the network. " +
		"It holds the log, and a script in it computes the chain of records again when a browser opens it. " +
		"So the page itself shows up to which head the chain is intact, or at which line it breaks. " +
		"Everything else can be read without a script.",
	make: func(h evidence.History, name string) (string, error) { return h.Page(name, reportWords) },
}

// Metadata implements function.Function.
func (f evidenceFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

// Definition implements function.Function.
func (f evidenceFunction) Definition(
	_ context.Context,
	_ function.DefinitionRequest,
	resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: f.summary,
		MarkdownDescription: f.description + "\n\nIt shows the file as it is when Terraform calls it. " +
			"In the configuration that closes users, that may be before or during a closure. " +
			"So call it in a separate configuration, or in `terraform console`. It needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "file", MarkdownDescription: "Path of the file, or `s3://BUCKET/PREFIX`."},
		},
		Return: function.StringReturn{},
	}
}

// Run implements function.Function.
func (f evidenceFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var file, text string
	if resp.Error = req.Arguments.Get(ctx, &file); resp.Error != nil {
		return
	}
	h, err := readLog(ctx, file)
	if err == nil {
		text, err = f.make(h, reportName(file))
	}
	if err != nil {
		resp.Error = function.NewArgumentFuncError(
			0,
			strings.TrimSuffix(unreadableEvidence(file, err).Detail(), "."),
		) // Terraform sets a full stop of its own
		return
	}
	resp.Error = resp.Result.Set(ctx, text)
}

// reportName is what the report calls the log.
func reportName(log string) string {
	if s3store.Is(log) {
		return log
	}
	return filepath.Base(log)
}

// reportWords call vendors and findings in a report as the messages do.
var reportWords = evidence.Words{
	Vendor:  func(name string) string { return kindNamed(name).title },
	Finding: func(vendor string, f offboard.Finding) string { return sentence(kindNamed(vendor), f) },
	Guard:   whyGuardRefuses,
}

// kindNamed is the kind of users at the vendor with this name. One that this version does not know
// has its name as the title.
func kindNamed(name string) userKind {
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	return userKind{name: name, title: name}
}
