package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store"
)

// openLog returns the log that evidence_log names: a file, or a prefix in a bucket. It reads nothing.
func openLog(name string) (*evidence.Log, error) {
	if !s3store.Is(name) {
		return evidence.New(name), nil
	}
	store, err := s3store.New(name)
	if err != nil {
		return nil, err
	}
	return evidence.NewInStore(store), nil
}

// readLog is evidence.Read for a log in a file or in a bucket.
func readLog(ctx context.Context, name string) (evidence.History, error) {
	if !s3store.Is(name) {
		return evidence.Read(ctx, name)
	}
	store, err := s3store.New(name)
	if err != nil {
		return evidence.History{}, err
	}
	return evidence.ReadStore(ctx, store)
}

// logName checks the name of a log.
type logName struct{}

// Description implements validator.Describer.
func (logName) Description(context.Context) string {
	return "must be the path of a file, or s3://BUCKET/PREFIX"
}

// MarkdownDescription implements validator.Describer.
func (v logName) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (logName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := openLog(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.Append(unusableValue(req.Path, "an evidence log", err))
	}
}
