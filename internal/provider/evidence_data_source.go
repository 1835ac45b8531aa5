package provider

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// evidenceData reads a file that evidence_log has written.
type evidenceData struct{}

func newEvidenceData() datasource.DataSource { return evidenceData{} }

// Metadata implements datasource.DataSource.
func (evidenceData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "offboard_evidence"
}

// Schema implements datasource.DataSource.
func (evidenceData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a file that `evidence_log` of the provider block has written. " +
			"It says whether the chain of records is intact, and lists the closures. " +
			"It shows the file as it was before the closures of the same run. The next plan shows those.\n\n" +
			"An intact chain proves that nothing was changed only if a head was kept elsewhere. " +
			"A person who can write the file can rewrite all of it, or cut off its end. " +
			"Keep `head` where the person who runs Terraform cannot write, and give it back as `known_head`.",
		Attributes: evidenceAttributes(),
	}
}

func evidenceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"file": schema.StringAttribute{
			MarkdownDescription: "Path of the file, or `s3://BUCKET/PREFIX`. " +
				"A log that does not exist is read as empty, with a warning.",
			Required:   true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1), logName{}},
		},
		"known_head": schema.StringAttribute{
			MarkdownDescription: "A head of this file that was kept elsewhere. " +
				"If it is set, the file is intact only if it still has that record.",
			Optional: true,
		},
		"intact": schema.BoolAttribute{
			MarkdownDescription: "True if every record follows the one before it, the last line is whole, " +
				"and `known_head`, if set, is found.",
			Computed: true,
		},
		"head": shown("SHA-256 of the last record that the chain reaches: " +
			"64 hexadecimal digits, all of them 0 for an empty file."),
		"broken_at": schema.Int64Attribute{
			MarkdownDescription: "Number of the line at which the chain breaks, counted from 1. Null if it does not.",
			Computed:            true,
		},
		"problem": shown("Why the file is not intact. Null if it is."),
		"after_known_head": schema.Int64Attribute{
			MarkdownDescription: "Number of records after `known_head`, which it does not prove. " +
				"Null if it is not set or not found.",
			Computed: true,
		},
		"closures": schema.ListNestedAttribute{
			MarkdownDescription: "The closures, in the order in which they began. " +
				"A closure that was tried again is listed again.",
			Computed:     true,
			NestedObject: typedOnce(closureAttributes()),
		},
	}
}

// typedOnce is an object with these attributes. The framework asks for its type at every value of a
// list, and would make it again each time.
func typedOnce(attributes map[string]schema.Attribute) schema.NestedAttributeObject {
	object := schema.NestedAttributeObject{Attributes: attributes}
	object.CustomType = object.Type()
	return object
}

func closureAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"began":  shown("When the intent was written, just before the closure, in RFC 3339."),
		"ended":  shown("When the outcome was written. Null if it was not."),
		"vendor": shown("Name of the vendor, as in the provider block."),
		"tenant": shown("Host of the vendor."),
		"id":     shown("The vendor's ID of the user."),
		"key_hash": shown("A hash that tells API keys apart whose owners can have users with the same ID. " +
			"Null for a vendor where no two can."),
		"email":  shown("Email address of the user."),
		"name":   shown("Full name of the user."),
		"person": shown("Whose account it is, as the configuration said. Null if it said nothing."),
		"action": shown("`close`, or `block` for a suspension, which can be undone."),
		"facts": schema.MapAttribute{
			MarkdownDescription: "What the reviewer of the plan was shown of the account.",
			ElementType:         types.StringType, Computed: true,
		},
		"findings": schema.ListAttribute{
			MarkdownDescription: "The findings that the reviewer of the plan was shown.",
			ElementType:         types.StringType, Computed: true,
		},
		"reason":           shown("The reason that the provider block gave, in `reasons` or in `reason`."),
		"left_on":          shown("The day on which the person left, as the provider block said. Null if it did not."),
		"run":              runOfClosure(),
		"provider_version": shown("Version of the provider."),
		"result":           shown(resultsText()),
		"error":            shown("Why it failed or was refused. Null otherwise."),
		"guard":            shown(guardsText()),
		"sent": shown("What came of the closing call: `accepted` by the vendor, or `lost` if its answer was lost. " +
			"Null if none was sent, or if the vendor refused it."),
		"after_known_head": schema.BoolAttribute{
			MarkdownDescription: "Whether a record of the closure comes after `known_head`, which does not prove it then. " +
				"Null if it is not set or not found.",
			Computed: true,
		},
		"proof": shown("What the vendor's last answers say. Null if nothing is proven."),
		"requests": schema.ListNestedAttribute{
			MarkdownDescription: "The requests of the closure. Each attempt is listed separately.", Computed: true,
			NestedObject: typedOnce(requestAttributes()),
		},
	}
}

// runOfClosure is who made a closure, and where.
func runOfClosure() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Who ran Terraform, where, and by whose approval. Null if nothing was known.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"actor":       shown("Who started the run."),
			"url":         shown("The page of the run. At HCP Terraform it is the path of the page, without the host."),
			"commit":      shown("The commit of the configuration."),
			"request":     shown("The pull request or merge request."),
			"approved_by": shown("Who approved the closures, as the provider block said."),
		},
	}
}

func requestAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"time":       shown("When it was sent, in RFC 3339."),
		"method":     shown("HTTP method."),
		"path":       shown("Path without query. Parts that hold an email address are `***`."),
		"status":     schema.Int64Attribute{MarkdownDescription: "HTTP status. 0 if no answer came.", Computed: true},
		"request_id": shown("The vendor's ID of the request. Null if it gives none."),
		"error":      shown("Why no answer came. Null if one came."),
		"duration_ms": schema.Int64Attribute{
			MarkdownDescription: "How long the answer took, in milliseconds.",
			Computed:            true,
		},
		"change": schema.BoolAttribute{
			MarkdownDescription: "Whether it asked the vendor to change something.",
			Computed:            true,
		},
		"proof": schema.BoolAttribute{MarkdownDescription: "Whether its answer is part of the proof.", Computed: true},
	}
}

// shown is a string that the file sets.
func shown(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

// resultsText lists every result with its meaning.
func resultsText() string {
	var all []string
	for _, r := range evidence.Results {
		all = append(all, "`"+string(r)+"` ("+r.Meaning()+")")
	}
	return "What came of it: " + strings.Join(all, ", ") + "."
}

// Read implements datasource.DataSource.
func (evidenceData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var file, known types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("file"), &file)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("known_head"), &known)...)
	if resp.Diagnostics.HasError() {
		return
	}
	h, err := readLog(ctx, file.ValueString())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		h = evidence.History{Head: evidence.Start}
		resp.Diagnostics.Append(noEvidence(file.ValueString()))
	case err != nil:
		resp.Diagnostics.Append(unreadableEvidence(file.ValueString(), err))
		return
	}
	resp.State.Raw = evidenceValue(resp.State.Schema.Type().TerraformType(ctx), h, file, known)
}

// intact reports whether the file is as it was written, and the place and the reason if it is not.
func intact(h evidence.History, file, known types.String) (ok bool, at *int64, problem string) {
	var broken *evidence.BrokenError
	switch head := known.ValueString(); {
	case errors.As(h.Broken, &broken):
		line := int64(broken.Line)
		return false, &line, broken.Error()
	case !known.IsNull() && !h.Holds(head):
		return false, nil, lostHead(file.ValueString(), head)
	}
	return true, nil, ""
}
