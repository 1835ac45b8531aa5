package provider

import (
	"path/filepath"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// wantRefused checks that the log has one record, of a refusal by this guard.
func wantRefused(t *testing.T, path, guard string) {
	t.Helper()
	all := readEvidence(t, path).Closures
	if len(all) != 1 || all[0].Outcome.Result != evidence.RefusedByGuard || all[0].Outcome.Guard != guard {
		t.Errorf("got %+v, want one refusal by %q", all, guard)
	}
}

// A guard that keeps an account in the state that is not visible leaves a record, as every guard.
func TestRefusedRecord_ofWhoIsNotVisible(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	for guard, settings := range map[string]attributes{
		"never_close": {"never_close": []string{v.id}}, "strict_plan": {"strict_plan": true},
	} {
		t.Run(guard, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(t)
			v.add(w.mock)
			path := filepath.Join(t.TempDir(), "log.jsonl")
			m := loggedTo(t, w, path).mustImport(v.kind, v.id)
			v.vanish(w.mock)
			p := loggedTo(t, w, path).mustPlanDestroy(m)
			settings["evidence_log"] = path
			if after, diags := newDriver(t, w, settings).apply(t.Context(), p); after.gone() || diags.errors() == "" {
				t.Fatalf("got gone %t and %q, want a refusal", after.gone(), diags.errors())
			}
			wantRefused(t, path, guard)
		})
	}
}

// The record of a refusal at another address is about the account at the address of the import.
func TestRefusedRecord_ofAnotherTenant(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			staging, prod := tenants(t, v)
			path := filepath.Join(t.TempDir(), "log.jsonl")
			m := loggedTo(t, staging, path).mustImport(v.kind, v.id)
			after, diags := loggedTo(t, prod, path).apply(t.Context(), reviewed(m))
			v.stays(t, prod, "destroy", after, diags, "/staging")
			wantRefused(t, path, "tenant")
			if got := readEvidence(t, path).Closures[0].Tenant; got != v.tenant(staging) {
				t.Errorf("got a record about %s, want one about %s", got, v.tenant(staging))
			}
			if got := prod.mock.Requests(); len(got) > 0 {
				t.Errorf("requests to the other tenant: got %v, want none", got)
			}
		})
	}
}
