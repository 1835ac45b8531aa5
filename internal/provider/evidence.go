package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
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
				"`s3://BUCKET/PREFIX` keeps the log in a bucket of Amazon S3, or of a server with the same API. " +
				"Each closure has two records. " +
				"The first one, written before anything is changed, says who, where and why. " +
				"The second one has each request and the proof. Each record holds the SHA-256 of the record before it. " +
				"If the first record cannot be written, nothing is closed. " +
				"If the second one cannot be written, the account may be closed already, and the user stays in the state. " +
				"The next apply writes the record. " +
				"The file holds names and email addresses, and no API key. " +
				"A relative path begins at the directory in which Terraform runs. " +
				"The credentials for a bucket come from the environment, as for the AWS CLI. " +
				"`AWS_ENDPOINT_URL_S3` names another server. By default nothing is recorded.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1), logName{}},
		},
		"evidence_head": schema.StringAttribute{
			MarkdownDescription: "The SHA-256 (64 hexadecimal digits) of the last record in `evidence_log`, " +
				"taken after an earlier run. You keep it outside the log. " +
				"An older value works, too, and protects the records up to it. " +
				"Leave it out for a new log. If the log does not have that record, " +
				"nothing is closed. So a run cannot continue a log that was lost, cut off, replaced or rewritten.",
			Optional: true,
			Validators: []validator.String{
				stringvalidator.RegexMatches(headDigits, "must be 64 hexadecimal digits in lower case"),
				stringvalidator.AlsoRequires(path.MatchRoot("evidence_log")),
			},
		},
	}
}

// headDigits matches the hash of a record.
var headDigits = regexp.MustCompile("^[0-9a-f]{64}$")

// newRecorder returns the recorder that the provider block asks for; nil for none.
func (p *offboardProvider) newRecorder(m providerModel) *closing.Recorder {
	switch {
	case m.EvidenceLog.IsNull():
		return nil
	case m.EvidenceLog.IsUnknown():
		return closing.UnusableRecorder(nil, errUnknown)
	}
	open := openLog
	if p.openLog != nil {
		open = p.openLog
	}
	log, err := open(m.EvidenceLog.ValueString())
	if err != nil {
		return closing.UnusableRecorder(nil, err)
	}
	log.Require(m.EvidenceHead.ValueString())
	info, err := runInfo(m, p.version)
	switch {
	case err != nil:
		return closing.UnusableRecorder(log, err)
	case m.EvidenceHead.IsUnknown():
		return closing.UnusableRecorder(log, errUnknown)
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
	switch {
	case d.listed:
		intent.Status = string(offboard.Active)
	case d.readAt.IsZero() && d.kind.ShowsOpen(d.shown.User) && d.shown.UsedUp(&d.logged) == nil:
		intent.Status = string(d.shown.User.Status) // as the plan saw it, after all that the log tells
	}
	intent.Seen.Now = d.remembered.Look
	if d.reversible() {
		intent.Action = evidence.Block
	}
	return intent
}
