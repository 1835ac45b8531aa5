package provider

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// recordKey is the key of the private data that Terraform keeps beside the state of a user. It
// holds one record.
const recordKey = "offboard"

// The keys of version 1, which kept three pieces beside each other. They are read for states
// written before, and removed.
const (
	oldPersonKey   = "person"
	oldReviewKey   = "review"
	oldProgressKey = "progress"
)

// privateData is what Terraform gives back of the private data; privateStore takes it.
type (
	privateData interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateStore interface {
		privateData
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

// readRecord reads the private data of a user, and reports whether there is any: a resource that
// was never imported has none.
func readRecord(ctx context.Context, private privateData, diags *diag.Diagnostics) (r closing.Record, there bool) {
	if decode(ctx, private, recordKey, &r, diags) {
		if r.Version != closing.RecordVersion {
			diags.Append(unreadablePrivateData(recordKey, errNewerRecord))
		}
		return r, true
	}
	var old struct {
		Email string `json:"email"`
	}
	there = decode(ctx, private, oldPersonKey, &old, diags)
	r = closing.Record{Version: closing.RecordVersion, Old: true, Person: offboard.Person{Email: offboard.Text(old.Email)}}
	var shown closing.Review
	if decode(ctx, private, oldReviewKey, &shown, diags) {
		r.Review, there = &shown, true
	}
	return r, decode(ctx, private, oldProgressKey, &r.Progress, diags) || there
}

var errNewerRecord = errors.New("it has another version")

// writeRecord puts a record into the private data, and takes out what version 1 left there.
func writeRecord(ctx context.Context, r closing.Record, private privateStore) (diags diag.Diagnostics) {
	r.Version = closing.RecordVersion
	diags.Append(private.SetKey(ctx, recordKey, encode(r))...)
	for _, key := range []string{oldPersonKey, oldReviewKey, oldProgressKey} {
		if old, _ := private.GetKey(ctx, key); old != nil {
			diags.Append(private.SetKey(ctx, key, nil)...)
		}
	}
	return diags
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("private data of plain structs always encodes: " + err.Error())
	}
	return data
}

// decode reads a key of the private data into v, and reports whether the key is there. If not, v
// stays as it is.
func decode(ctx context.Context, private privateData, key string, v any, diags *diag.Diagnostics) (there bool) {
	data, problems := private.GetKey(ctx, key)
	diags.Append(problems...)
	if data == nil {
		return false
	}
	if err := json.Unmarshal(data, v); err != nil {
		diags.Append(unreadablePrivateData(key, err))
	}
	return true
}
