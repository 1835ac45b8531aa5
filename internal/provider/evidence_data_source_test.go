package provider

import (
	"math/big"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestEvidenceData_recordsAfterTheKnownHead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "offboarding.jsonl")
	l := evidence.New(path)
	record := func(id string, o evidence.Outcome) {
		t.Helper()
		account := evidence.Account{Vendor: "konstantly", Tenant: "acme.konstant.ly", ID: id}
		if err := l.Record(t.Context(), evidence.Intent{Account: account, Action: evidence.Close}, o); err != nil {
			t.Fatal(err)
		}
	}
	record(
		"u1",
		evidence.Outcome{
			Result:   evidence.Closed,
			Sent:     evidence.Accepted,
			Requests: []evidence.Request{{Method: "DELETE", Change: true}},
		},
	)
	head := readEvidence(t, path).Head
	record("u2", evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close"})
	for name, c := range map[string]struct {
		known any
		want  string
	}{
		"no known head":           {nil, "after null: u1 null, u2 null"},
		"a head in the middle":    {head, "after 2: u1 false, u2 true"},
		"the last head":           {readEvidence(t, path).Head, "after 0: u1 false, u2 false"},
		"a head of another file":  {strings.Repeat("f", 64), "after null: u1 null, u2 null"},
		"the start of every file": {evidence.Start, "after 4: u1 true, u2 true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDriver(t, newTestEnv(t), nil)
			values, diags := d.dataSource("offboard_evidence", attributes{"file": path, "known_head": c.known})
			if diags.errors() != "" {
				t.Fatal(diags.errors())
			}
			var closings []string
			for _, closing := range elements(t, values["closures"]) {
				closings = append(closings, shownAs(t, closing["id"])+" "+shownAs(t, closing["after_known_head"]))
			}
			if got := "after " + shownAs(t, values["after_known_head"]) + ": " + strings.Join(closings, ", "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	values, _ := newDriver(t, newTestEnv(t), nil).dataSource("offboard_evidence", attributes{"file": path})
	var told []string
	for _, closing := range elements(t, values["closures"]) {
		for _, name := range []string{"result", "guard", "sent", "facts", "ended"} {
			told = append(told, strings.Split(shownAs(t, closing[name]), "T")[0])
		}
	}
	day := time.Now().UTC().Format(time.DateOnly)
	want := "closed null accepted null " + day + " refused by guard never_close null null " + day
	if got := strings.Join(told, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	request := elements(t, elements(t, values["closures"])[0]["requests"])[0]
	if shownAs(t, request["method"]) != "DELETE" || shownAs(t, request["change"]) != "true" ||
		shownAs(t, request["error"]) != "null" {
		t.Errorf("got the request %v, want the DELETE", request)
	}
}

// A log of an older version, or of somebody else, may hold names as a vendor sent them.
func TestEvidenceData_showsNoTextRaw(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "offboarding.jsonl")
	const raw, shown = "Otto\u001b[2J\nPlan: 0 to add", "Otto Plan: 0 to add"
	intent := evidence.Intent{
		Account: evidence.Account{Vendor: raw, Tenant: raw, ID: raw, KeyHash: raw}, Action: raw, Reason: raw,
		ProviderVersion: raw, Email: raw, Name: raw, Facts: map[string]string{raw: raw},
		Findings: []offboard.Finding{{Subject: raw}}, Person: raw, LeftOn: raw,
		Run: &evidence.Run{Actor: raw, URL: raw, Commit: raw, Request: raw, ApprovedBy: raw},
	}
	failed := evidence.Outcome{
		Result: raw, Error: raw, Guard: raw, Sent: raw, Proof: raw,
		Requests: []evidence.Request{{RequestID: raw, Error: raw, Method: raw, Path: raw}},
	}
	if err := evidence.New(path).Record(t.Context(), intent, failed); err != nil {
		t.Fatal(err)
	}
	values, diags := newDriver(t, newTestEnv(t), nil).dataSource("offboard_evidence", attributes{"file": path})
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	closing := elements(t, values["closures"])[0]
	request := elements(t, closing["requests"])[0]
	var facts map[string]tftypes.Value
	var findings []tftypes.Value
	if closing["facts"].As(&facts) != nil || closing["findings"].As(&findings) != nil || len(findings) != 1 {
		t.Fatalf("got %v and %v, want facts and one finding", closing["facts"], closing["findings"])
	}
	all := map[string]tftypes.Value{"fact": facts[shown], "finding": findings[0]}
	for name := range strings.FieldsSeq("vendor tenant id key_hash email name person action reason left_on " +
		"provider_version result guard sent error proof") {
		all[name] = closing[name]
	}
	var run map[string]tftypes.Value
	if err := closing["run"].As(&run); err != nil || len(run) != 5 {
		t.Fatalf("got the run %v, want five parts: %v", closing["run"], err)
	}
	for name, value := range run {
		all[name+" of the run"] = value
	}
	for name := range strings.FieldsSeq("method path request_id error") {
		all[name+" of the request"] = request[name]
	}
	for name, value := range all {
		if got := shownAs(t, value); got != shown {
			t.Errorf("%s: got %q, want %q", name, got, shown)
		}
	}
}

// elements are the objects in a list.
func elements(t *testing.T, list tftypes.Value) []map[string]tftypes.Value {
	t.Helper()
	var values []tftypes.Value
	if err := list.As(&values); err != nil {
		t.Fatal(err)
	}
	all := make([]map[string]tftypes.Value, len(values))
	for i, value := range values {
		if err := value.As(&all[i]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// shownAs is a simple value as Terraform shows it.
func shownAs(t *testing.T, v tftypes.Value) string {
	t.Helper()
	if v.IsNull() {
		return "null"
	}
	var (
		text   string
		number big.Float
		is     bool
	)
	switch {
	case v.As(&text) == nil:
		return text
	case v.As(&is) == nil:
		return strconv.FormatBool(is)
	case v.As(&number) == nil:
		return number.String()
	}
	t.Fatalf("%s is not a simple value", v)
	return ""
}

func TestEvidenceReport_namesAreSentences(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	for _, vendor := range []string{"sfox", "somebody new"} {
		i := evidence.Intent{
			Account: evidence.Account{Vendor: vendor, Tenant: "api.sfox.com", ID: "1"}, Action: evidence.Close,
			Findings: []offboard.Finding{{Kind: offboard.Balance, Subject: "0.015 btc"}, {Kind: offboard.RefusalNotKnowable}},
		}
		if err := evidence.New(path).Record(t.Context(), i, evidence.Outcome{Result: evidence.Refused}); err != nil {
			t.Fatal(err)
		}
	}
	i := evidence.Intent{
		Account: evidence.Account{Vendor: "sfox", Tenant: "api.sfox.com", ID: "2"},
		Action:  evidence.Close,
	}
	for _, guard := range []string{"review", "somebody's"} {
		refused := evidence.Outcome{Result: evidence.RefusedByGuard, Guard: guard}
		if err := evidence.New(path).Record(t.Context(), i, refused); err != nil {
			t.Fatal(err)
		}
	}
	got := readEvidence(t, path).Report("log", reportWords)
	for _, want := range []string{
		"sFOX, ID 1", "somebody new, ID 1", "Reviewed finding: it holds 0.015 btc", "Guard: somebody's\n",
		"Guard: review: no plan showed the closure, or it is older than 7 days",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %q in it", got, want)
		}
	}
	if strings.Contains(got, string(offboard.RefusalNotKnowable)) {
		t.Errorf("got %s, want no name of a kind", got)
	}
}
