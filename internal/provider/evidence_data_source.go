package provider

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

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

// evidenceModel is the state of an offboard_evidence.
type evidenceModel struct {
	File      types.String   `tfsdk:"file"`
	KnownHead types.String   `tfsdk:"known_head"`
	Intact    bool           `tfsdk:"intact"`
	Head      string         `tfsdk:"head"`
	BrokenAt  types.Int64    `tfsdk:"broken_at"`
	Problem   types.String   `tfsdk:"problem"`
	Closings  []closingModel `tfsdk:"closings"`
}

// closingModel is one closing in it.
type closingModel struct {
	Began           string            `tfsdk:"began"`
	Ended           types.String      `tfsdk:"ended"`
	Vendor          string            `tfsdk:"vendor"`
	Tenant          string            `tfsdk:"tenant"`
	ID              string            `tfsdk:"id"`
	Email           types.String      `tfsdk:"email"`
	Name            types.String      `tfsdk:"name"`
	Action          string            `tfsdk:"action"`
	Facts           map[string]string `tfsdk:"facts"`
	Findings        []string          `tfsdk:"findings"`
	Reason          types.String      `tfsdk:"reason"`
	ProviderVersion string            `tfsdk:"provider_version"`
	Result          string            `tfsdk:"result"`
	Error           types.String      `tfsdk:"error"`
	Proof           types.String      `tfsdk:"proof"`
	Requests        []requestModel    `tfsdk:"requests"`
}

// requestModel is one request of a closing.
type requestModel struct {
	Time       string       `tfsdk:"time"`
	Method     string       `tfsdk:"method"`
	Path       string       `tfsdk:"path"`
	Status     int64        `tfsdk:"status"`
	RequestID  types.String `tfsdk:"request_id"`
	DurationMS int64        `tfsdk:"duration_ms"`
	Error      types.String `tfsdk:"error"`
	Change     bool         `tfsdk:"change"`
	Proof      bool         `tfsdk:"proof"`
}

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
			"closings": schema.ListNestedAttribute{
				MarkdownDescription: "The closings, in the order in which they began. A closing that was tried again is there again.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: closingAttributes()},
			},
		},
	}
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
		"proof": shown("What the vendor's last answers say; null when nothing is proven."),
		"requests": schema.ListNestedAttribute{
			MarkdownDescription: "The requests of the closing, each attempt by itself.", Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"time": shown("When it left, in RFC 3339."), "method": shown("HTTP method."), "path": shown("Path without query; parts that hold an e-mail address are `***`."),
				"status":     schema.Int64Attribute{MarkdownDescription: "HTTP status; 0 when no answer came.", Computed: true},
				"request_id": shown("What the vendor calls the request; null when it does not say."), "error": shown("Why no answer came; null when one did."),
				"duration_ms": schema.Int64Attribute{MarkdownDescription: "How long the answer took, in milliseconds.", Computed: true},
				"change":      schema.BoolAttribute{MarkdownDescription: "Whether it asked the vendor to change something.", Computed: true},
				"proof":       schema.BoolAttribute{MarkdownDescription: "Whether its answer is part of the proof.", Computed: true},
			}},
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
	model := newEvidenceModel(h)
	model.File, model.KnownHead = file, known
	if head := known.ValueString(); !known.IsNull() && model.Intact && !h.Holds(head) {
		model.Intact, model.Problem = false, types.StringValue(lostHead(file.ValueString(), head))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func newEvidenceModel(h evidence.History) evidenceModel {
	m := evidenceModel{Intact: h.Broken == nil, Head: h.Head, Closings: []closingModel{}}
	var broken *evidence.BrokenError
	if errors.As(h.Broken, &broken) {
		m.BrokenAt, m.Problem = types.Int64Value(int64(broken.Line)), types.StringValue(broken.Error())
	}
	for _, c := range h.Closings {
		m.Closings = append(m.Closings, newClosingModel(c))
	}
	return m
}

func newClosingModel(c evidence.Closing) closingModel {
	m := closingModel{
		Began: moment(c.Begun), Ended: text(moment(c.Ended)), Vendor: c.Vendor, Tenant: c.Tenant, ID: c.ID, Email: text(c.Email), Name: text(c.Name), Action: c.Action,
		Facts: c.Facts, Findings: []string{}, Reason: text(c.Reason), ProviderVersion: c.ProviderVersion, Result: string(c.Outcome.Result),
		Error: text(c.Outcome.Error), Proof: text(c.Outcome.Proof), Requests: []requestModel{},
	}
	for _, f := range c.Findings {
		m.Findings = append(m.Findings, strings.TrimSpace(string(f.Kind)+" "+f.Subject))
	}
	for _, r := range c.Outcome.Requests {
		m.Requests = append(m.Requests, requestModel{
			Time: moment(r.Time), Method: r.Method, Path: r.Path, Status: int64(r.Status), RequestID: text(r.RequestID), DurationMS: r.DurationMS,
			Error: text(r.Error), Change: r.Change, Proof: r.Proof,
		})
	}
	return m
}

// moment is a time in RFC 3339; empty for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
