package provider

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// onContract runs a test for every vendor that the provider knows, on a mock with Ines, who is
// sacrificial, and Otto, in virtual time.
func onContract(t *testing.T, f func(t *testing.T, v vendorCase, s *mock.Server)) {
	for _, v := range casesWhere(t, func(v vendorCase) bool { return v.twin == "" }) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				v.add(s)
				f(t, v, s)
			})
		})
	}
}

// changedIn are the changing requests in the log of a mock.
func changedIn(s *mock.Server) (all []mock.Request) {
	for _, r := range s.Requests() {
		if r.Change {
			all = append(all, r)
		}
	}
	return all
}

func TestContract_onlyReadsWithoutSacrificialUsers(t *testing.T) {
	t.Parallel()
	onContract(t, func(t *testing.T, v vendorCase, s *mock.Server) {
		got := virtualDriver(t, s, nil).invoke(v.kind.name)
		if changes := changedIn(s); len(changes) > 0 || got.errors() != "" {
			t.Errorf("got the changes %v and %q, want none", changes, got.errors())
		}
		seen := got.report.Count(contract.Documented) + got.report.Count(contract.Assumed)
		if seen < 4 || len(got.progress) < 2 {
			t.Errorf("got %q and the report %s, want progress and facts", got.progress, got.page)
		}
	})
}

func TestContract_closesTheSacrificialUserAlone(t *testing.T) {
	t.Parallel()
	onContract(t, func(t *testing.T, v vendorCase, s *mock.Server) {
		got := virtualDriver(t, s, nil).invoke(v.kind.name, v.id)
		if got.errors() != "" || v.has(s, v.id) || !v.has(s, v.other) {
			t.Errorf("got %q, Ines open %t, Otto open %t, want only Ines closed", got.errors(), v.has(s, v.id),
				v.has(s, v.other))
		}
		if r := got.report; r.Users != (contract.Users{Closed: 1}) || r.Answers < 6 || r.Version != "test" {
			t.Errorf("got %+v, %d answers and %q, want one user closed, and each answer counted", r.Users, r.Answers, r.Version)
		}
		for _, r := range changedIn(s) {
			if strings.Contains(r.Path, v.other) {
				t.Errorf("got the change %s %s, want none of another user", r.Method, r.Path)
			}
		}
	})
}

// A setting of the provider block that allows no closure of Ines.
func refusingSettings(v vendorCase, log string) map[string]attributes {
	return map[string]attributes{
		"read_only":      {"read_only": true},
		"never_close":    {"never_close": []string{v.id}},
		"max_closures":   {"max_closures": 0},
		"evidence_log":   {"evidence_log": filepath.Join(log, "no", "such", "directory.jsonl")},
		"closure_budget": budgeted(filepath.Join(log, v.kind.name+"-budget.jsonl"), 0),
	}
}

func TestContract_obeysEveryGuard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	onContract(t, func(t *testing.T, v vendorCase, s *mock.Server) {
		for guard, settings := range refusingSettings(v, dir) {
			got := virtualDriver(t, s, settings).invoke(v.kind.name, v.id)
			if got.errors() == "" || !v.has(s, v.id) {
				t.Errorf("%s: got %q and open %t, want a refusal", guard, got.errors(), v.has(s, v.id))
			}
			if changes := changedIn(s); len(changes) > 0 {
				t.Errorf("%s: got the changes %v, want none", guard, changes)
			}
		}
	})
}

func TestContract_recordsEachClosure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	onContract(t, func(t *testing.T, v vendorCase, s *mock.Server) {
		path := filepath.Join(dir, v.kind.name+".jsonl")
		got := virtualDriver(t, s, attributes{"evidence_log": path}).invoke(v.kind.name, v.id)
		if got.errors() != "" {
			t.Fatal(got.errors())
		}
		h, err := evidence.Read(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		var results []evidence.Result
		changes := 0
		for _, c := range h.Closures {
			results = append(results, c.Outcome.Result)
			for _, r := range c.Outcome.Requests {
				if r.Change {
					changes++
				}
			}
		}
		if want := len(changedIn(s)); changes != want {
			t.Errorf("got %d changing requests in the log, want %d", changes, want)
		}
		if !slices.Contains(results, evidence.Closed) || results[len(results)-1] != evidence.AlreadyClosed {
			t.Errorf("got the results %q, want a closure and a second call after it", results)
		}
		if again := h.Closures[len(h.Closures)-1]; v.kind.ShowsOpen(offboard.User{Status: offboard.Status(again.Status)}) &&
			again.Status != "" {
			t.Errorf("got the status %q before the second call, want that of a closed account", again.Status)
		}
	})
}

// The second call may bring the account back, or nothing vouches for its absence after it. Either is no
// proof.
func TestContract_provesNothingByASecondCallAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, test := range map[string]struct {
		v      vendorCase
		after  mock.Fault // what the vendor answers after the second call
		isBack bool
	}{
		"the list shows it": {
			konstantlyCase,
			mock.Fault{Route: "GET /users/{id}", Status: 404, Body: `{"status":404,"message":"Not found"}`},
			true,
		},
		"the list of Konstantly is down": {konstantlyCase, mock.Fault{Route: "GET /users", Status: 503}, false},
		"the list of sFOX is down":       {sfoxCase, mock.Fault{Route: "GET /enterprise/users", Status: 503}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, v := mock.New(mockKey), test.v
				v.add(s)
				path := filepath.Join(dir, name+".jsonl")
				calls := 0
				s.OnRequest(func(r mock.Request) {
					switch {
					case r.Route == v.closing:
						calls++
					case calls == 2:
						calls++
						s.Fail(test.after)
						if test.isBack {
							v.put(s, v.id, inesName, inesEmail)
						}
					}
				})
				virtualDriver(t, s, attributes{"evidence_log": path}).invoke(v.kind.name, v.id)
				h, err := evidence.Read(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				last := h.Closures[len(h.Closures)-1].Outcome
				if calls != 3 || last.Result != evidence.Unproven || last.Proof != "" || last.Open != test.isBack {
					t.Errorf("got %+v, want no proof, and an open account: %t", last, test.isBack)
				}
			})
		})
	}
}

// The check has no block that could name the person. So it closes nobody without an address, while
// never_close names addresses.
func TestContract_closesNobodyOfWhomNoAddressIsShown(t *testing.T) {
	t.Parallel()
	for entry, refused := range map[string]bool{"boss@acme.test": true, "emp-1": false} {
		onContract(t, func(t *testing.T, v vendorCase, s *mock.Server) {
			v.rename(s, v.id, "Ines Varga", "")
			got := virtualDriver(t, s, attributes{"never_close": []string{entry}}).invoke(v.kind.name, v.id)
			if strings.Contains(got.errors(), "is shown without an email address") != refused || v.has(s, v.id) != refused {
				t.Errorf("%s: got %q and open %t, want it closed: %t", entry, got.errors(), v.has(s, v.id), !refused)
			}
		})
	}
}

// A vendor that takes its time gets the second calls too: each follows a read of its own.
func TestContract_makesTheSecondCallsAtASlowVendor(t *testing.T) {
	t.Parallel()
	onContract(t, func(t *testing.T, v vendorCase, s *mock.Server) {
		s.Latency(400 * time.Millisecond)
		got := virtualDriver(t, s, nil).invoke(v.kind.name, v.id)
		want := len(v.changes) + 1
		if v.kind.suspension.is != "" {
			want++
		}
		if changes := changedIn(s); len(changes) != want || got.errors() != "" {
			t.Errorf("got the changes %v and %q, want %d changes", changes, got.errors(), want)
		}
	})
}

// A report that cannot be written is an error before anything is closed.
func TestContract_closesNobodyWithoutAReport(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing", "report.json")
	onContract(t, func(t *testing.T, v vendorCase, s *mock.Server) {
		_, said := virtualDriver(t, s, nil).invokeTo(path, v.kind.name, v.id)
		if !strings.Contains(said.errors(), "Cannot write the report") || !v.has(s, v.id) {
			t.Errorf("got %q and open %t, want an error and nobody closed", said.errors(), v.has(s, v.id))
		}
	})
}

// The report holds no value of a person, whatever a vendor answers, and nobody else is closed.
func TestContract_tellsNothingOfPeople(t *testing.T) {
	t.Parallel()
	onContract(t, func(t *testing.T, v vendorCase, _ *mock.Server) {
		for _, lie := range mock.Lies() {
			s := mock.New(mockKey)
			v.add(s)
			s.Fail(lie.Fault)
			got := virtualDriver(t, s, nil).invoke(v.kind.name, v.id)
			for _, secret := range []string{
				mockKey, v.id, v.other, "Ines", "Varga", "Otto", "Ostrander", "acme.test", "invented-only", "svc-offboard",
			} {
				if strings.Contains(strings.ToLower(got.page), strings.ToLower(secret)) {
					t.Errorf("%s: got %q in the report\n%s", lie.Name, secret, got.page)
				}
			}
			if !v.has(s, v.other) {
				t.Errorf("%s: Otto is closed, want only Ines", lie.Name)
			}
		}
	})
}

// Whatever one answer says, a report is written.
func TestContract_survivesAnyAnswer(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, func(v vendorCase) bool { return v.twin == "" }) {
		for _, body := range []string{
			``, `null`, `{}`, `[]`, `[null]`, `{"data":[null,1,"x"]}`, `{"users":[1],"totalCount":{}}`, `<html>`, `"x"`,
			`{"Status":1,"Results":[1],"TotalResults":-1,"RunningLabs":1}`, `{"success":true,"data":{"userId":"x"}}`,
		} {
			synctest.Test(t, func(t *testing.T) {
				p := &offboardProvider{version: "test", transport: &mock.Canned{Status: 200, Body: body}}
				got := driverOf(t, p, "http://127.0.0.1:1", nil).invoke(v.kind.name, v.id)
				if len(got.report.Facts) == 0 {
					t.Errorf("%s, %s: got no facts, want all", v.kind.name, body)
				}
			})
		}
	}
}

func TestContract_refusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	s := mock.New(mockKey)
	d := virtualDriver(t, s, nil)
	path := filepath.Join(t.TempDir(), "report.json")
	for want, ids := range map[string][2]string{
		"does not declare": {"parley", "1"}, "ID": {"ecgrid", "007"},
	} {
		if _, said := d.invokeTo(path, ids[0], ids[1]); !strings.Contains(said.errors(), want) {
			t.Errorf("got %q, want an error with %q", said.errors(), want)
		}
	}
	if _, err := os.Stat(path); err == nil || len(s.Requests()) > 0 {
		t.Errorf("got the report %v and %d requests, want none", err, len(s.Requests()))
	}
}
