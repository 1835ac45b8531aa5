package provider

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// runSettings are the attributes of the provider block that say of a closure why, and by whose word.
func runSettings() map[string]schema.Attribute {
	const keys = "Each key is an ID, an email address, or the `person` of a resource. " +
		"Letter case and invisible characters do not matter. "
	return map[string]schema.Attribute{
		"reason": schema.StringAttribute{
			MarkdownDescription: "Why accounts are closed, for example the number of a ticket. It is written to each " +
				"record of `evidence_log` for which `reasons` has no entry.",
			Optional: true,
		},
		"reasons": schema.MapAttribute{
			MarkdownDescription: "Why each person's accounts are closed. " + keys +
				"If several keys match an account, the `person` comes first, then the email address, then the ID. " +
				"A key that matches no account is no error.",
			ElementType: types.StringType,
			Optional:    true,
			Validators:  []validator.Map{byPerson{setting: "reasons", check: checkReason}},
		},
		"left_on": schema.MapAttribute{
			MarkdownDescription: "The day on which people left, such as `2026-11-29`, for the evidence log. " + keys,
			ElementType:         types.StringType,
			Optional:            true,
			Validators:          []validator.Map{byPerson{setting: "left_on", check: checkDay}},
		},
		"run": schema.SingleNestedAttribute{
			MarkdownDescription: "Who runs Terraform, where, and by whose approval, for the evidence log. " +
				"What is not set comes from the variables of GitHub Actions, GitLab or HCP Terraform, except `approved_by`.",
			Optional: true,
			Attributes: map[string]schema.Attribute{
				"actor": runPart("Who started the run."),
				"url": schema.StringAttribute{
					MarkdownDescription: "The page of the run. The URL is recorded without user name, password, query and fragment.",
					Optional:            true,
					Validators:          []validator.String{check("the page of a run", closing.CheckURL)},
				},
				"commit":      runPart("The commit of the configuration."),
				"approved_by": runPart("Who approved the closures."),
			},
		},
	}
}

func runPart(description string) schema.Attribute {
	return schema.StringAttribute{
		MarkdownDescription: description, Optional: true,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// runInfo reads these settings. The error says that a value is not known yet.
func runInfo(m providerModel, version string) (closing.RunInfo, error) {
	reasons, reasonsKnown := textsIn(m.Reasons)
	days, daysKnown := textsIn(m.LeftOn)
	given, runKnown := runIn(m.Run)
	if m.Reason.IsUnknown() || !reasonsKnown || !daysKnown || !runKnown {
		return closing.RunInfo{}, errUnknown
	}
	return closing.RunInfo{
		Reason: m.Reason.ValueString(), Reasons: closing.NewByPerson(reasons), LeftOn: closing.NewByPerson(days),
		Run: closing.RunOf(&given), Version: version,
	}, nil
}

// textsIn returns the texts of a map, and whether all of it is known.
func textsIn(m types.Map) (texts map[string]string, known bool) {
	texts, known = map[string]string{}, !m.IsUnknown()
	for key, element := range m.Elements() {
		text, ok := element.(types.String)
		known = known && ok && !text.IsUnknown()
		texts[key] = text.ValueString()
	}
	return texts, known
}

// runIn returns what the provider block says of the run, and whether all of it is known.
func runIn(o types.Object) (run evidence.Run, known bool) {
	known = !o.IsUnknown()
	for name, into := range map[string]*string{
		"actor": &run.Actor, "url": &run.URL, "commit": &run.Commit, "approved_by": &run.ApprovedBy,
	} {
		text, _ := o.Attributes()[name].(types.String)
		known = known && !text.IsUnknown()
		*into = text.ValueString()
	}
	return run, known
}

// byPerson refuses a map of which a key cannot match anybody, or of which a value cannot be used.
type byPerson struct {
	setting string
	check   func(value string) error
}

// Description implements validator.Map.
func (b byPerson) Description(context.Context) string {
	return "each key must be the person of a resource, an email address or an ID"
}

// MarkdownDescription implements validator.Map.
func (b byPerson) MarkdownDescription(ctx context.Context) string { return b.Description(ctx) }

// ValidateMap implements validator.Map. Two keys that are compared as one would leave it open which
// of them counts.
func (b byPerson) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	elements, seen := req.ConfigValue.Elements(), map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		err := closing.CheckEntry(key)
		if normal := offboard.Normal(key); err == nil && seen[normal] {
			err = errors.New("another key is the same, apart from letter case and invisible characters")
		} else {
			seen[normal] = true
		}
		text, ok := elements[key].(types.String)
		switch {
		case err != nil || ok && text.IsUnknown():
		case !ok || text.IsNull():
			err = errors.New("its value is null")
		default:
			err = b.check(text.ValueString())
		}
		if err != nil {
			resp.Diagnostics.Append(unusableKey(req.Path, b.setting, key, err))
		}
	}
}

func checkReason(reason string) error {
	if offboard.Text(reason) == "" {
		return errors.New("its value is empty")
	}
	return nil
}

func checkDay(day string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return errors.New("its value is not a day such as 2026-11-29")
	}
	return nil
}
