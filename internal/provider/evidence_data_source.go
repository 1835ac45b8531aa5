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
		MarkdownDescription: "Reads a file that `evidence_log` of the provider block has written: whether its chain of records is intact, and the closings in it. It shows " +
			"the file as it was before the closings of the same run; the next plan shows those.\n\nAn intact chain proves that nothing was changed only if a head was kept elsewhere: whoever can write the file " +
			"can write all of it anew, or cut off its end. Keep `head` in a place that the one who runs Terraform cannot write to, and give it back as `known_head`.",
		Attributes: map[string]schema.Attribute{
			"file": schema.StringAttribute{
				MarkdownDescription: "Path of the file. One that does not exist is read as empty, with a warning.", Required: true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"known_head": schema.StringAttribute{
				MarkdownDescription: "A head of this file that was kept elsewhere. When it is set, the file is intact only if it still has that record.", Optional: true,
			},
			"intact": schema.BoolAttribute{
				MarkdownDescription: "True when every record follows the one before it, the last line is whole, and `known_head`, if set, is found.", Computed: true,
			},
			"head":      shown("SHA-256 of the last record that the chain reaches: 64 hexadecimal digits, all of them 0 for an empty file."),
			"broken_at": schema.Int64Attribute{MarkdownDescription: "Number of the line at which the chain breaks, counted from 1; null when it does not.", Computed: true},
			"problem":   shown("Why the file is not intact; null when it is."),
			"after_known_head": schema.Int64Attribute{
				MarkdownDescription: "Number of records that come after `known_head`, so that it does not vouch for them; null when it is not set or not found.", Computed: true,
			},
			"closings": schema.ListNestedAttribute{
				MarkdownDescription: "The closings, in the order in which they began. A closing that was tried again is there again.", Computed: true,
				NestedObject: typedOnce(closingAttributes()),
			},
		},
	}
}

// typedOnce is an object with these attributes. The framework asks for its type at every value of a list, and would make it anew each time.
func typedOnce(attributes map[string]schema.Attribute) schema.NestedAttributeObject {
	object := schema.NestedAttributeObject{Attributes: attributes}
	object.CustomType = object.Type()
	return object
}

func closingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"began": shown("When the intent was written, just before the closing, in RFC 3339."), "ended": shown("When the outcome was written; null when it was not."),
		"vendor": shown("Name of the vendor, as in the provider block."), "tenant": shown("Host of the vendor."), "id": shown("The vendor's id of the user."),
		"email": shown("E-mail address of the user."), "name": shown("Full name of the user."), "action": shown("`close`, or `block` for what can be undone."),
		"facts":    schema.MapAttribute{MarkdownDescription: "What the reviewer of the plan was shown of the account.", ElementType: types.StringType, Computed: true},
		"findings": schema.ListAttribute{MarkdownDescription: "What the reviewer of the plan was told to know beforehand.", ElementType: types.StringType, Computed: true},
		"reason":   shown("The `reason` of the provider block."), "provider_version": shown("Version of the provider."),
		"result": shown(resultsText()), "error": shown("Why it failed or was refused; null when it did not and was not."),
		"guard": shown("The guard that refused it; null for every result but `refused by guard`."),
		"sent":  shown("What became of the closing call: `accepted` by the vendor, or `lost` with its answer; null when none was sent, or the vendor refused it."),
		"after_known_head": schema.BoolAttribute{
			MarkdownDescription: "Whether a record of the closing comes after `known_head`, so that it does not vouch for it; null when it is not set or not found.", Computed: true,
		},
		"proof": shown("What the vendor's last answers say; null when nothing is proven."),
		"requests": schema.ListNestedAttribute{
			MarkdownDescription: "The requests of the closing, each attempt by itself.", Computed: true,
			NestedObject: typedOnce(map[string]schema.Attribute{
				"time": shown("When it left, in RFC 3339."), "method": shown("HTTP method."), "path": shown("Path without query; parts that hold an e-mail address are `***`."),
				"status":     schema.Int64Attribute{MarkdownDescription: "HTTP status; 0 when no answer came.", Computed: true},
				"request_id": shown("What the vendor calls the request; null when it does not say."), "error": shown("Why no answer came; null when one did."),
				"duration_ms": schema.Int64Attribute{MarkdownDescription: "How long the answer took, in milliseconds.", Computed: true},
				"change":      schema.BoolAttribute{MarkdownDescription: "Whether it asked the vendor to change something.", Computed: true},
				"proof":       schema.BoolAttribute{MarkdownDescription: "Whether its answer is part of the proof.", Computed: true},
			}),
		},
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
	h, err := evidence.Read(ctx, file.ValueString())
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
