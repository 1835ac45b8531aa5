package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// evidenceSettings are the attributes of the provider block that are about evidence.
func evidenceSettings() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"evidence_log": schema.StringAttribute{
			MarkdownDescription: "Path of a file in JSON Lines that records every closure. " +
				"Each closure has two records. " +
				"The first one, written before anything is changed, says who, where and why. " +
				"The second one has each request and the proof. Each record holds the SHA-256 of the record before it. " +
				"If the first record cannot be written, nothing is closed. " +
				"If the second one cannot be written, the account may be closed already, and the user stays in the state. " +
				"The next apply writes the record. " +
				"The file holds names and email addresses, and no API key. " +
				"A relative path begins at the directory in which Terraform runs. By default nothing is recorded.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	}
}

// newRecorder returns the recorder that the provider block asks for; nil for none.
func newRecorder(m providerModel, version string) *closing.Recorder {
	switch {
	case m.EvidenceLog.IsNull():
		return nil
	case m.EvidenceLog.IsUnknown():
		return closing.UnusableRecorder(nil, errUnknown)
	}
	log := evidence.New(m.EvidenceLog.ValueString())
	info, err := runInfo(m, version)
	if err != nil {
		return closing.UnusableRecorder(log, err)
	}
	return closing.NewRecorder(log, info)
}

// account is what the log calls an account. Where two owners of keys can have accounts with the
// same ID, it is the one of the key that last saw the account, or of this key if none has.
func (r *userResource) account(ctx context.Context, id string, remembered *closing.Record) evidence.Account {
	a := evidence.Account{Vendor: r.kind.name, Tenant: r.tenant(), ID: id}
	if r.kind.KeyOwner == "" {
		return a
	}
	if a.KeyHash = remembered.Key; a.KeyHash == "" {
		a.KeyHash, _ = r.vendor().key(ctx, id) // a key that cannot be told is that of no call before
	}
	return a
}

// intent is the closure that is about to begin, with what the reviewer of the plan was shown.
func (d *destruction) intent(ctx context.Context) evidence.Intent {
	user := d.state.common().user()
	intent := evidence.Intent{
		Account: d.account(
			ctx,
			user.ID,
			&d.remembered,
		),
		Email:    user.Email,
		Name:     user.Name,
		Person:   user.Whose,
		Status:   string(user.Status),
		Action:   evidence.Close,
		Facts:    d.shown.Facts,
		Findings: d.shown.Findings,
		Seen:     d.seen,
	}
	if d.readAt.IsZero() || d.absent || user.Status == offboard.Unknown && d.kind.Indirect {
		intent.Status = "" // nothing was shown, while an unknown status is one of an account that was
	}
	intent.Seen.Now = d.remembered.Look
	if d.state.reversible() {
		intent.Action = evidence.Block
	}
	return intent
}
