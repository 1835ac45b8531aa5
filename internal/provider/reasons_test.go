package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// Each record says why, since when and by whose word, also the record of a refusal by a guard.
func TestReasons_areThoseOfThePerson(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		path := filepath.Join(t.TempDir(), "offboarding.jsonl")
		settings := attributes{
			"evidence_log": path, "reason": "the rest", "never_close": []string{v.other},
			"reasons": attributes{strings.ToUpper(labelOfInes): "HR-1", inesEmail: "not for her", "gone@acme.test": "HR-3"},
			"left_on": attributes{labelOfInes: "2026-11-27"},
			"run": attributes{
				"actor": "ada", "url": "https://ci:s3cret@ci.test/17?s3cret", "commit": "c0ffee", "approved_by": "otto",
			},
		}
		d := newDriver(t, w, settings)
		ines := labeled(d, v, d.mustImport(v.kind, v.id), labelOfInes)
		otto := d.mustImport(v.kind, v.other)
		after, diags := newDriver(t, w, settings).destroy(ines)
		if !after.gone() || !strings.Contains(diags.warnings(), `The reason in the evidence log: "HR-1".`) {
			t.Fatalf("got %q and %q, want the account closed, and the reason in the plan", diags.errors(), diags.warnings())
		}
		newDriver(t, w, settings).apply(t.Context(), reviewed(otto))
		all := readEvidence(t, path).Closures
		if len(all) != 2 || all[1].Outcome.Result != evidence.RefusedByGuard {
			t.Fatalf("got %+v, want a closure and a refusal by a guard", all)
		}
		run := evidence.Run{Actor: "ada", URL: "https://ci.test/17", Commit: "c0ffee", ApprovedBy: "otto"}
		for i, want := range []evidence.Intent{
			{Person: labelOfInes, Reason: "HR-1", LeftOn: "2026-11-27"}, {Reason: "the rest"},
		} {
			got := all[i].Intent
			if got.Person != want.Person || got.Reason != want.Reason || got.LeftOn != want.LeftOn ||
				got.Run == nil || *got.Run != run {
				t.Errorf("closure %d: got %+v with the run %+v, want %+v with %+v", i, got, got.Run, want, run)
			}
		}
	})
}

func TestReasons_keysAndValuesAreChecked(t *testing.T) {
	t.Parallel()
	null := any(nil)
	for name, c := range map[string]struct {
		settings attributes
		want     string // empty if they can be used
	}{
		"usable": {attributes{
			"reasons": attributes{"Ines Varga": "HR-1", "30417": "HR-2"}, "left_on": attributes{inesEmail: "2026-11-29"},
			"run": attributes{"actor": "ada", "url": "https://ci.test/17"},
		}, ""},
		"unknown":           {attributes{"reasons": attributes{inesEmail: tftypes.UnknownValue}}, ""},
		"a blank":           {attributes{"reasons": attributes{" ": "HR-1"}}, "an entry of reasons"},
		"two addresses":     {attributes{"left_on": attributes{"a@b.test, c@d.test": "2026-11-29"}}, "an entry of left_on"},
		"null":              {attributes{"reasons": attributes{inesEmail: null}}, "its value is null"},
		"an empty reason":   {attributes{"reasons": attributes{inesEmail: "\u200b "}}, "its value is empty"},
		"no day":            {attributes{"left_on": attributes{inesEmail: "29.11.2026"}}, "is not a day"},
		"a day that is not": {attributes{"left_on": attributes{inesEmail: "2026-02-30"}}, "is not a day"},
		"one key twice":     {attributes{"reasons": attributes{inesEmail: "1", "INES.varga@acme.test.": "2"}}, "the same"},
		"no URL":            {attributes{"run": attributes{"url": "17"}}, "must be an http or https URL"},
		"an empty actor":    {attributes{"run": attributes{"actor": ""}}, "must be at least 1"},
	} {
		if got := checkBlock(t, c.settings); got != "" && c.want == "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// checkBlock validates a provider block, and returns its errors.
func checkBlock(t *testing.T, settings attributes) string {
	t.Helper()
	d := driverOf(t, New("test")(), "http://127.0.0.1:1", nil)
	config := d.dynamic(object(d.schema.Provider.ValueType(), settings))
	resp, err := d.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	return diagnostics(resp.Diagnostics).errors()
}

// What a job knows is recorded without a word in the configuration, and none of its secrets.
func TestReasons_theRunComesFromTheJob(t *testing.T) {
	for name, value := range map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "ada", "GITHUB_SERVER_URL": "https://github.test",
		"GITHUB_REPOSITORY": "acme/accounts", "GITHUB_RUN_ID": "17", "GITHUB_SHA": "c0ffee",
		"GITHUB_REF": "refs/pull/8/merge", "CI_JOB_TOKEN": "s3cret-of-the-job",
		"TFC_WORKLOAD_IDENTITY_TOKEN": "s3cret-of-the-job",
	} {
		t.Setenv(name, value)
	}
	t.Setenv("GITHUB_TOKEN", "s3cret-of-the-job")
	w, v := newTestEnv(t), ecgridCase
	v.add(w.mock)
	d, path := logged(t, w)
	d.destroy(d.mustImport(v.kind, v.id))
	want := evidence.Run{
		Actor: "ada", URL: "https://github.test/acme/accounts/actions/runs/17", Commit: "c0ffee",
		Request: "https://github.test/acme/accounts/pull/8",
	}
	if got := readEvidence(t, path).Closures[0].Run; got == nil || *got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if text, err := os.ReadFile(path); err != nil || strings.Contains(string(text), "s3cret") {
		t.Errorf("got %s, want no secret: %v", text, err)
	}
}
