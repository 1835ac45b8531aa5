package evidence_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

var words = evidence.Words{
	Vendor: func(name string) string { return strings.ToUpper(name[:1]) + name[1:] },
	Finding: func(vendor string, f offboard.Finding) string {
		return "what " + vendor + " calls " + string(f.Kind) + ": " + f.Subject
	},
}

// Everything that can come of a closing, at times that are the same in every run.
func TestReport(t *testing.T) {
	const golden = "testdata/report.md"
	var report string
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "offboarding.jsonl")
		everyResult(t, evidence.New(path))
		report = read(t, path).Report("offboarding.jsonl", words)
	})
	if os.Getenv("UPDATE_GOLDEN") != "" {
		must(t, os.WriteFile(golden, []byte(report), 0o600))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if report != string(want) {
		t.Errorf("got\n%s\nwant\n%s\n(UPDATE_GOLDEN=1 writes %s anew)", report, want, golden)
	}
}

func everyResult(t *testing.T, l *evidence.Log) {
	t.Helper()
	one := func(i evidence.Intent, o evidence.Outcome) {
		e, err := l.Begin(t.Context(), i)
		must(t, err)
		time.Sleep(1500 * time.Millisecond)
		if o.Result != "" {
			must(t, e.End(t.Context(), o))
		}
	}
	requests := []evidence.Request{
		{Time: time.Now(), Method: "GET", Path: "/openapi/v1/users/u1", Status: 200, RequestID: "req-1", DurationMS: 12},
		{Time: time.Now(), Method: "DELETE", Path: "/openapi/v1/users/u1", Change: true, Error: "no answer in time", DurationMS: 30000},
		{Time: time.Now(), Method: "GET", Path: "/openapi/v1/users/u1", Status: 404, RequestID: "req-3", DurationMS: 9, Proof: true},
	}
	one(intent("u1"), evidence.Outcome{Result: evidence.Closed, Proof: "Konstantly answers that it has no such user.", Requests: requests})
	hostile := intent("u2")
	hostile.Name, hostile.Email, hostile.Reason = "Bobby | <b>Tables</b>\n# [x](y)", "a|b_c_@acme.test", "`ticket`\n\n## 9. forged"
	one(hostile, evidence.Outcome{Result: evidence.Refused, Error: "refused before any closing call: balance 0.015 btc"})
	block := intent("u3")
	block.Action = evidence.Block
	one(block, evidence.Outcome{Result: evidence.Suspended, Proof: "Konstantly shows the user as suspended."})
	one(intent("u4"), evidence.Outcome{Result: evidence.Failed, Error: "delete: DELETE /users/u4: HTTP 422: no"})
	one(intent("u4"), evidence.Outcome{Result: evidence.AlreadyClosed, Proof: "Konstantly answers that it has no such user."})
	one(intent("u5"), evidence.Outcome{Result: evidence.Unproven, Error: "the answer was lost"})
	one(intent("u6"), evidence.Outcome{})
	one(intent("u6"), evidence.Outcome{Result: evidence.Closed})
	nameless := evidence.Intent{Account: evidence.Account{Vendor: "skillable", Tenant: "labondemand.com", ID: "emp-1"}, Action: evidence.Close}
	nameless.Findings = []offboard.Finding{{Kind: offboard.ExistenceUnprovable}}
	one(nameless, evidence.Outcome{Result: evidence.NotVisible})
	guarded := evidence.Outcome{Result: evidence.RefusedByGuard, Guard: "never_close", Error: "boss@acme.test is under never_close"}
	must(t, l.Record(t.Context(), intent("u8"), guarded))
	one(intent("u9"), evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Accepted, Error: "the list is empty"})
	one(intent("u7"), evidence.Outcome{})
}

func TestReport_ofABrokenLog(t *testing.T) {
	path := newLog(t)
	must(t, os.WriteFile(path, []byte(strings.Replace(strings.Join(lines(t, path), ""), "Ines", "Otto", 1)), 0o600))
	got := read(t, path).Report("log", words)
	if !strings.Contains(got, "**broken**") || !strings.Contains(got, "at line 2") || strings.Contains(got, "intact\n") {
		t.Errorf("got %s, want it to say where the chain is broken", got)
	}
}

func TestReport_ofAnEmptyLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	must(t, os.WriteFile(path, nil, 0o600))
	if got := read(t, path).Report("log", words); !strings.Contains(got, "no closings") || !strings.Contains(got, evidence.Start) {
		t.Errorf("got %s, want it to say that there is nothing", got)
	}
}

// Whatever stands in a file, reading it ends, and a report shows no line break and no markup of its making.
func FuzzRead(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"prev":"` + evidence.Start + `","time":"2026-01-02T03:04:05Z","intent":{"vendor":"x","id":"1","name":"<b>\n# y"}}` + "\n"))
	f.Add([]byte(`{"prev":"` + evidence.Start + `","time":"2026-01-02T03:04:05Z","outcome":{"intent":"?","result":"closed"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "log")
		must(t, os.WriteFile(path, data, 0o600))
		h := read(t, path)
		report := h.Report("log", words)
		if strings.Contains(report, "\n# ") || strings.ContainsAny(report, "\r\x00") || strings.Count(report, "\n## ") != len(h.Closings) {
			t.Errorf("got %q, want no heading beyond its own", report)
		}
		if len(data) > 0 && len(h.Closings) == 0 && h.Broken == nil {
			t.Errorf("got an intact log of %q, want a break", data)
		}
	})
}
