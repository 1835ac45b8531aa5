package provider

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// logged is a driver whose provider records into a file of its own.
func logged(t *testing.T, w *testEnv) (*driver, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "offboarding.jsonl")
	return loggedTo(t, w, path), path
}

// loggedTo is a further run with the same evidence log.
func loggedTo(t *testing.T, w *testEnv, path string) *driver {
	t.Helper()
	return newDriver(t, w, attributes{"evidence_log": path, "reason": "HR-1234"})
}

func readEvidence(t *testing.T, path string) evidence.History {
	t.Helper()
	h, err := evidence.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if h.Broken != nil {
		t.Fatal(h.Broken)
	}
	return h
}

// recordedResults are the results in the log, in order.
func recordedResults(t *testing.T, path string) []evidence.Result {
	t.Helper()
	var all []evidence.Result
	for _, c := range readEvidence(t, path).Closures {
		all = append(all, c.Outcome.Result)
	}
	return all
}

func TestEvidence_ofAClosing(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d, path := logged(t, w)
		m := d.mustImport(v.kind, v.id)
		var atFirstChange []evidence.Result
		w.mock.OnRequest(func(r mock.Request) {
			if r.Change && atFirstChange == nil {
				atFirstChange = recordedResults(t, path)
			}
		})
		p, _ := d.planDestroy(m)
		if _, err := os.Stat(path); err == nil {
			t.Error("got a log after the plan, want none before a closing")
		}
		w.mock.ForgetRequests()
		if after, diags := d.apply(t.Context(), p); !after.gone() {
			t.Fatalf("got %q, want the user closed", diags.errors())
		}
		if !slices.Equal(atFirstChange, []evidence.Result{evidence.Unfinished}) {
			t.Errorf("at the first change: got %v in the log, want the intent", atFirstChange)
		}
		closings := readEvidence(t, path).Closures
		if len(closings) != 1 {
			t.Fatalf("got %d closings, want 1", len(closings))
		}
		c := closings[0]
		want := evidence.Account{
			Vendor: v.kind.name,
			Tenant: strings.TrimPrefix(w.url, "http://") + v.prefix(),
			ID:     v.id,
		}
		if v.kind.KeyOwner != "" && c.KeyHash != "" {
			want.KeyHash = c.KeyHash // TestHostile_reportProvesNoAccountOfAnotherConsumer tells them apart
		}
		if c.Account != want || c.Email != inesEmail || c.Name != inesName || c.Status != "active" ||
			c.Action != evidence.Close {
			t.Errorf("got the intent %+v, want Ines Varga", c.Intent)
		}
		if c.Reason != "HR-1234" || c.ProviderVersion != "test" || c.Outcome.Result != evidence.Closed ||
			c.Outcome.Proof == "" {
			t.Errorf("got %+v and %+v, want the reason, the version, and the proof of %s", c.Intent, c.Outcome, v.kind.title)
		}
		requests := w.mock.Requests()
		if len(c.Outcome.Requests) != len(requests) {
			t.Fatalf("got %d requests recorded, want the %d that the vendor saw", len(c.Outcome.Requests), len(requests))
		}
		for i, r := range c.Outcome.Requests {
			seen := requests[i]
			plainPath, _, _ := strings.Cut(seen.Path, "?")
			if r.Method != seen.Method || r.Path != plainPath || r.Status != seen.Status || r.Change != seen.Change {
				t.Errorf("request %d: got %s, want %s %s: %d", i, r, seen.Method, plainPath, seen.Status)
			}
		}
		last := len(requests) - 1
		for i, r := range c.Outcome.Requests {
			changeBehind := slices.ContainsFunc(requests[i:], func(r mock.Request) bool { return r.Change })
			if want := !changeBehind || i == last; r.Proof != want {
				t.Errorf(
					"request %d of %d: got proof %t, want what follows the last change to be the proof, or the last change itself",
					i,
					last+1,
					r.Proof,
				)
			}
		}
	})
}

func TestEvidence_withoutItNothingIsClosed(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d, path := logged(t, w)
		m := d.mustImport(v.kind, v.id)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		after, diags := d.destroy(m)
		if after.gone() || !strings.Contains(diags.errors(), "cannot write the evidence log") ||
			!strings.Contains(diags.errors(), inesName) {
			t.Errorf("got gone %t and %q, want a refusal that names the person", after.gone(), diags.errors())
		}
		if got := w.changes(); len(got) > 0 || !v.has(w.mock, v.id) {
			t.Fatalf("mutating requests: got %v, want none", got)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		d = newDriver(t, w, attributes{"evidence_log": path}) // another run
		if after, diags := d.destroy(after); !after.gone() || v.has(w.mock, v.id) {
			t.Errorf("with a log that can be written: got %q, want the user closed", diags.errors())
		}
	})
}

func TestEvidence_aTamperedLogIsNotContinued(t *testing.T) {
	t.Parallel()
	v := konstantlyCase
	w := newTestEnv(t)
	v.add(w.mock)
	d, path := logged(t, w)
	d.destroy(d.mustImport(v.kind, v.id))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), inesName, ottoName, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	d = newDriver(t, w, attributes{"evidence_log": path})
	if after, diags := d.destroy(d.mustImport(v.kind, v.other)); after.gone() ||
		!strings.Contains(diags.errors(), "at line 2") || !v.has(w.mock, v.other) {
		t.Errorf("got gone %t and %q, want a refusal that names the line", after.gone(), diags.errors())
	}
}

// A crash is a run of which the log ends somewhere after the intent. What it did at the vendor
// stands.
func TestEvidence_aCrashIsCompletedByTheNextRun(t *testing.T) {
	t.Parallel()
	for name, reached := range map[string]bool{"before the effect": false, "after the effect": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
				d, path := logged(t, w)
				m := d.mustImport(v.kind, v.id)
				var atCrash []byte
				w.mock.OnRequest(func(r mock.Request) {
					if r.Change && atCrash == nil {
						atCrash, _ = os.ReadFile(path)
					}
				})
				d.destroy(m)
				if err := os.WriteFile(path, atCrash, 0o600); err != nil {
					t.Fatal(err)
				}
				if !reached {
					v.add(w.mock)
				}
				if got := recordedResults(t, path); !slices.Equal(got, []evidence.Result{evidence.Unfinished}) {
					t.Fatalf("after the crash: got %v, want an intent alone", got)
				}
				next := newDriver(t, w, attributes{"evidence_log": path})
				if after, diags := next.destroy(m); !after.gone() || v.has(w.mock, v.id) {
					t.Fatalf("the next run: got %q, want the user closed", diags.errors())
				}
				want := []evidence.Result{evidence.Interrupted, evidence.Closed}
				switch {
				case reached && v.noRead:
					want[1] = evidence.NotVisible
				case reached:
					want[1] = evidence.AlreadyClosed
				}
				if got := recordedResults(t, path); !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
				if want[1] == evidence.NotVisible {
					return
				}
				if last := readEvidence(t, path).Closures[1]; last.Outcome.Proof == "" ||
					!last.Outcome.Requests[len(last.Outcome.Requests)-1].Proof {
					t.Errorf("got the outcome %+v, want a proof", last.Outcome)
				}
			})
		})
	}
}

func TestEvidence_anOutcomeThatCannotBeWrittenKeepsTheUserInTheState(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d, path := logged(t, w)
		m := d.mustImport(v.kind, v.id)
		aside := path + ".aside"
		w.mock.OnRequest(func(r mock.Request) {
			if _, err := os.Stat(aside); r.Change && err != nil {
				_ = os.Rename(path, aside)
				_ = os.Mkdir(path, 0o700)
			}
		})
		after, diags := d.destroy(m)
		if after.gone() || v.has(w.mock, v.id) || !strings.Contains(diags.errors(), "is not recorded") {
			t.Fatalf("got gone %t, open %t and %q, want a closed account and an error",
				after.gone(), v.has(w.mock, v.id), diags.errors())
		}
		if got := after.text("status"); got == "active" {
			t.Errorf("got the status %s in the state, want what the vendor shows now", got)
		}
		w.mock.OnRequest(nil)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(aside, path); err != nil {
			t.Fatal(err)
		}
		if after, diags := loggedTo(t, w, path).destroy(after); !after.gone() {
			t.Errorf("the next run: got %q, want success", diags.errors())
		}
		want := []evidence.Result{evidence.Interrupted, evidence.AlreadyClosed}
		if v.noRead {
			want[1] = evidence.Closed // by another closing call, which no record of the first spares
		}
		if got := recordedResults(t, path); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestEvidence_ofWhoWasClosedElsewhere(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d, path := logged(t, w)
		m := d.mustImport(v.kind, v.id)
		v.drop(w.mock, v.id)
		if after, diags := loggedTo(t, w, path).destroy(m); !after.gone() {
			t.Fatalf("got %q, want success", diags.errors())
		}
		want := evidence.NotVisible // an absence alone proves no closing
		if v.tombstone {
			want = evidence.AlreadyClosed
		}
		if got := recordedResults(t, path); !slices.Equal(got, []evidence.Result{want}) {
			t.Errorf("got %v, want %s", got, want)
		}
	})
}

func TestEvidence_ofWhatDoesNotWork(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		d, path := logged(t, w)
		m := d.mustImport(v.kind, v.id)
		p, _ := d.planDestroy(m)

		w.mock.Fail(
			mock.Fault{
				Vendor: v.mockName(),
				Route:  v.closing,
				Status: 422,
				Body:   `{"error":"not now","success":false,"Status":0,"Error":"no"}`,
			},
		)
		d.apply(t.Context(), p)
		w.mock.Heal()

		ctx, cancel := context.WithCancel(t.Context())
		w.mock.OnRequest(func(r mock.Request) {
			if r.Change && r.Route == v.closing {
				w.mock.Heal()
				w.mock.Fail(
					mock.Fault{
						Vendor: v.mockName(),
						Status: 401,
						Body:   `{"error":"who are you","success":false,"Status":0,"Error":"no"}`,
					},
				)
				cancel() // no further steps: what became of the call cannot be asked
			}
		})
		w.mock.Fail(mock.Fault{Vendor: v.mockName(), Route: v.closing, Drop: true})
		d.apply(ctx, p)
		w.mock.OnRequest(nil)
		w.mock.Heal()
		newDriver(t, w, attributes{"evidence_log": path}).destroy(m) // another run: in this one the key was refused

		got := recordedResults(t, path)
		if want := []evidence.Result{evidence.Failed, evidence.Unproven, evidence.Closed}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for i, c := range readEvidence(t, path).Closures[:2] {
			if c.Outcome.Error == "" || c.Outcome.Proof != "" || c.Resumes != "" {
				t.Errorf("closing %d: got %+v, want an error and no proof", i, c.Outcome)
			}
		}
	})
}

func TestEvidence_ofARefusal(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	w.mock.SFOX.Add(
		mock.SFOXUser{ID: "cust-1", Name: inesName, Email: inesEmail, Balances: map[string]string{"btc": "0.015"}},
	)
	d, path := logged(t, w)
	d.destroy(d.mustImport(sfoxKind, "cust-1"))
	c := readEvidence(t, path).Closures[0]
	if c.Outcome.Result != evidence.Refused || !strings.Contains(c.Outcome.Error, "0.015 btc") || len(c.Findings) != 1 {
		t.Errorf("got %+v and the findings %v, want a refusal for the balance that the plan showed", c.Outcome, c.Findings)
	}
}

func TestEvidence_aRefusalThatIsNotRecordedIsTold(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		path := filepath.Join(t.TempDir(), "log.jsonl")
		if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
			t.Fatal(err)
		}
		d := newDriver(t, w, attributes{"evidence_log": path, "read_only": true})
		after, diags := d.apply(t.Context(), reviewed(m))
		v.stays(t, w, "read_only", after, diags, "The provider is read-only")
		if !strings.Contains(diags.errors(), "is not recorded") {
			t.Errorf("got %q, want that the refusal is not recorded", diags.errors())
		}
	})
}

func TestEvidence_ofBlockingIsNotOfClosing(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	v := konstantlyCase
	v.add(w.mock)
	d, path := logged(t, w)
	m := d.mustImport(v.kind, v.id)
	p, _ := d.planBlock(m, attributes{"id": v.id, "on_destroy": onDestroyBlock})
	m, _ = d.apply(t.Context(), p)
	d = newDriver(t, w, attributes{"evidence_log": path}) // another run
	if after, diags := d.destroy(m); !after.gone() {
		t.Fatalf("got %q, want the user blocked", diags.errors())
	}
	c := readEvidence(t, path).Closures[0]
	if c.Action != evidence.Block || c.Outcome.Result != evidence.Suspended || !v.has(w.mock, v.id) {
		t.Errorf("got %s and %s, want an account that is blocked and recorded as blocked", c.Action, c.Outcome.Result)
	}
}

func TestEvidence_ofAnIDThatNobodyMayHaveHad(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	d, path := logged(t, w)
	m, _ := d.importUser(skillableKind, "typo")
	d.destroy(m)
	if got := recordedResults(t, path); !slices.Equal(got, []evidence.Result{evidence.NotVisible}) {
		t.Errorf("got %v, want nothing there: that somebody is closed is not proven", got)
	}
	for _, r := range readEvidence(t, path).Closures[0].Outcome.Requests {
		if r.Proof {
			t.Errorf("%s: got a proof, want none", r)
		}
	}
}

func TestEvidence_unknownSettingsCloseNothing(t *testing.T) {
	t.Parallel()
	unknown := any(tftypes.UnknownValue)
	for setting, value := range map[string]any{
		"evidence_log": unknown, "reason": unknown, "reasons": unknown, "left_on": unknown, "run": unknown,
		"reasons of one": attributes{ottoEmail: unknown}, "left_on of one": attributes{ottoEmail: unknown},
		"run with one": attributes{"approved_by": unknown},
	} {
		w := newTestEnv(t)
		v := konstantlyCase
		v.add(w.mock)
		settings := attributes{"evidence_log": filepath.Join(t.TempDir(), "log")}
		name, _, _ := strings.Cut(setting, " ")
		settings[name] = value
		d := newDriver(t, w, settings)
		after, diags := d.destroy(d.mustImport(v.kind, v.id))
		if after.gone() || len(w.changes()) > 0 || !strings.Contains(diags.errors(), "not known yet") {
			t.Errorf("%s: got gone %t, %v and %q, want a refusal", setting, after.gone(), w.changes(), diags.errors())
		}
	}
}

// dataSource reads a data source.
func (d *driver) dataSource(typeName string, config attributes) (map[string]tftypes.Value, diagnostics) {
	d.t.Helper()
	m, diags := d.data(typeName, config)
	values := map[string]tftypes.Value{}
	if err := m.state.As(&values); err != nil {
		d.t.Fatal(err)
	}
	return values, diags
}

func TestEvidenceData_knownHead(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	v := konstantlyCase
	v.add(w.mock)
	d, path := logged(t, w)
	intact := func(known any) bool {
		t.Helper()
		values, diags := d.dataSource("offboard_evidence", attributes{"file": path, "known_head": known})
		var is bool
		if err := values["intact"].As(&is); err != nil || diags.errors() != "" {
			t.Fatal(err, diags.errors())
		}
		if problem := values["problem"]; problem.IsNull() != is {
			t.Errorf("got intact %t and the problem %v, want a problem for what is not intact", is, problem)
		}
		return is
	}
	_, diags := d.dataSource("offboard_evidence", attributes{"file": path})
	if !strings.Contains(diags.warnings(), "no evidence log yet") {
		t.Errorf("got %q, want a warning that there is no file", diags.warnings())
	}
	d.destroy(d.mustImport(v.kind, v.id))
	head := readEvidence(t, path).Head
	d.destroy(d.mustImport(v.kind, v.other))
	if !intact(nil) || !intact(head) || intact(strings.Repeat("f", 64)) || intact("") {
		t.Error("want the file intact without a known head and with one that it has, and with no other")
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if !intact(nil) || intact(head) {
		t.Error("want an emptied file to be found out by the known head alone")
	}
}
