package provider

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// seenCase is a check at a mock, and what its report says of some facts: the verdict, and a part of
// what was seen, or why not.
type seenCase struct {
	vendor string
	add    func(*mock.Server)
	ids    []string
	want   map[string]string
}

// said returns what a report says of a fact.
func (i *invoked) said(fact string) string {
	for _, line := range i.report.Facts {
		if line.Fact == fact {
			return string(line.Verdict) + ": " + line.Seen
		}
	}
	return ""
}

func runSeenCases(t *testing.T, cases map[string]seenCase) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				c.add(s)
				got := virtualDriver(t, s, nil).invoke(c.vendor, c.ids...)
				for fact, want := range c.want {
					verdict, seen, _ := strings.Cut(want, ": ")
					said := got.said(fact)
					if !strings.HasPrefix(said, verdict+": ") || !strings.Contains(said, seen) {
						t.Errorf("%s: got %q, want %q", fact, said, want)
					}
				}
			})
		})
	}
}

// all returns what adds users and changes how the mock answers.
func all(steps ...func(*mock.Server)) func(*mock.Server) {
	return func(s *mock.Server) {
		for _, step := range steps {
			step(s)
		}
	}
}

// A verdict says no more than what was tried: nothing is documented that no answer could contradict.
func TestContract_saysWhatWasNotTried(t *testing.T) {
	t.Parallel()
	ottosLabs := func(s *mock.Server) {
		s.Skillable.Add(mock.SkillableUser{ID: "emp-3107", Name: inesName, Email: inesEmail})
		s.Skillable.Add(mock.SkillableUser{ID: "emp-3108", Name: ottoName, Email: ottoEmail, Running: make(mock.Labs, 1)})
	}
	runSeenCases(t, map[string]seenCase{
		"no past lab": {"skillable", seedSkillableCheck, []string{"emp-3107"}, map[string]string{
			"closed-names":  "undecided: no past lab was found, so there was none to look at",
			"closed-search": "assumed: one was found before",
			"labs-of-user":  "documented: those of a known one have no lab of another",
			"search-page":   "undecided: not tried: only",
		}},
		"labs of one user": {"skillable", ottosLabs, []string{"emp-3107"}, map[string]string{
			"closed-search": "undecided: no search found a lab of the user before the closure either",
			"labs-of-user":  "undecided: not tried with a known user",
			"shared-labs":   "undecided: not tried: the search has one lab only",
		}},
		"one page": {"ecgrid", ecgridCase.add, nil, map[string]string{
			"list-filters": "undecided: obeyed: mailboxId, authLevel, status; not tried: pageNo (there is no second page)",
			"terminate":    "undecided: the check had no test user to change",
		}},
		"two pages": {"ecgrid", seedECGridCheck, []string{ecgridCase.numbered(0)}, map[string]string{
			"list-filters":       "documented: tried and obeyed: pageNo, mailboxId, authLevel, status",
			"terminated-at-once": `assumed: the first read after the termination shows the user as terminated: HTTP 200`,
		}},
		"one page of users": {"konstantly", konstantlyCase.add, nil, map[string]string{
			"list-total": "documented: totals 2 and 2, with 2 rows, and 1 rows from the second user on",
			"list-page":  "undecided: the list has no second page",
		}},
		"three pages of users": {"konstantly", seedKonstantlyCheck, nil, map[string]string{
			"list-total": "documented: totals 45 and 45, with 20 rows, and 20 rows from the second user on",
		}},
		"no orders": {"sfox", seedSFOXCheck(func(*mock.SFOXUser) {}), []string{"sacrificial"}, map[string]string{
			"orders":  "undecided: not tried: no test user had an open order",
			"pending": "undecided: not tried: no test user had an unfinished transaction",
			"clients": "undecided: not tried: no test user had a client",
		}},
	})
}

// What a check did not come to is no answer of the vendor. The report says why.
func TestContract_saysWhyItWentNoFurther(t *testing.T) {
	t.Parallel()
	const blocked = "undecided: not tried: the blocked user could not be read, so the check did not go on to close it"
	notFound := func(s *mock.Server) { s.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound = true }) }
	answers := func(how mock.ECGridTerminate) func(*mock.Server) {
		return func(s *mock.Server) { s.ECGrid.Set(func(e *mock.ECGrid) { e.Terminate = how }) }
	}
	ines := []string{ecgridCase.numbered(0)}
	runSeenCases(t, map[string]seenCase{
		"BlockedNotFound": {"konstantly", all(seedKonstantlyCheck, notFound), []string{konstantlyCase.numbered(0)},
			map[string]string{
				"block-again": blocked, "delete-again": blocked, "delete-body": blocked, "deleted-at-once": blocked,
				"blocked-readable": "contrary: HTTP 404",
			}},
		"TerminateFalseDone": {"ecgrid", all(seedECGridCheck, answers(mock.TerminateFalseDone)), ines, map[string]string{
			"terminated-at-once": "undecided: not counted: a later read shows the user as terminated, but",
		}},
		"TerminateFalse": {"ecgrid", all(seedECGridCheck, answers(mock.TerminateFalse)), ines, map[string]string{
			"terminated-at-once":  "undecided: not tried: the termination was not accepted",
			"terminated-readable": "undecided: not tried: the user was not terminated",
			"terminated-status":   "undecided: not tried: the user was not terminated",
			"terminated-listed":   "undecided: not tried: the user was not terminated",
		}},
	})
}

// A token that was not seen to work before the deactivation says nothing after it.
func TestContract_judgesNoTokenThatDidNotWorkBefore(t *testing.T) {
	t.Parallel()
	const want = "undecided: not tried: the token was not seen to work before the deactivation"
	said := map[string]int{}
	for after := range 6 { // one of them is the read of the balance before
		synctest.Test(t, func(t *testing.T) {
			s := mock.New(mockKey)
			seedSFOXCheck(func(*mock.SFOXUser) {})(s)
			s.SFOX.Set(func(s *mock.SFOX) { s.TokensDie = true })
			s.Fail(mock.Fault{Vendor: "sfox", Route: "GET /user/balance", After: after, Times: 1, Status: 403, Body: "{}"})
			got := virtualDriver(t, s, nil).invoke("sfox", "sacrificial")
			said[got.said("tokens-live-on")]++
		})
	}
	if said[want] != 1 || said["contrary: the earlier token: HTTP 401 with an object"] == 0 {
		t.Errorf("got %v, want once %q", said, want)
	}
}

// One setting of the mock is named for all that it causes, and nothing is called new beside it.
func TestContract_namesTheSettingForAnUnknownUserToo(t *testing.T) {
	t.Parallel()
	for gone, want := range map[mock.SFOXGone]string{
		mock.GoneNull: "data is null", mock.GoneObject: "data is an empty object", mock.GoneArray: "data is an empty list",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := mock.New(mockKey)
			seedSFOXCheck(func(*mock.SFOXUser) {})(s)
			s.SFOX.Set(func(s *mock.SFOX) { s.Gone = gone })
			got := virtualDriver(t, s, nil).invoke("sfox", "sacrificial")
			if said := got.said("unknown-user"); said != "contrary: HTTP 200, "+want || got.report.Count(contract.New) > 0 {
				t.Errorf("got %q, want it contrary with %q, and nothing new\n%s", said, want, got.page)
			}
		})
	}
}

// An answer that cannot be read is no contrary one, wherever it comes.
func TestContract_callsNoUnreadableAnswerContrary(t *testing.T) {
	t.Parallel()
	for vendor, c := range map[string]struct {
		add  func(*mock.Server)
		id   string
		from int // the first number of answers; a switch of Skillable TMS plays that no answer at all can be read
	}{
		"ecgrid":     {seedECGridCheck, ecgridCase.numbered(0), 0},
		"konstantly": {seedKonstantlyCheck, konstantlyCase.numbered(0), 0},
		"sfox":       {seedSFOXCheck(func(*mock.SFOXUser) {}), "sacrificial", 0},
		"skillable":  {seedSkillableCheck, "emp-3107", 0},
		"skillable_tms": {func(s *mock.Server) {
			s.TMS.Add(mock.TMSUser{ID: 90417, Name: inesName, Email: inesEmail})
		}, "90417", 1},
	} {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			for i := 2 * c.from; i < 60; i++ { // once after each number of answers, and from there on
				synctest.Test(t, func(t *testing.T) {
					s := mock.New(mockKey)
					c.add(s)
					s.Fail(mock.Fault{Vendor: vendor, After: i / 2, Times: i % 2, Status: 200, Body: "<html>"})
					got := tmsDriver(t, s).invoke(vendor, c.id)
					if names := got.contrary(); len(names) > 0 {
						t.Errorf("after %d answers: got the switches %q, want none", i/2, names)
					}
				})
			}
		})
	}
}

// Skillable has nothing to close for an ID that it does not have, which is no closure: no second call
// is made, and no record of the log calls the account closed.
func TestContract_doesNotCountAnIDOfWhichNothingWasClosed(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"EMP-3107", "no-such-user"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s, v, path := mock.New(mockKey), skillableCase, filepath.Join(dir, "log.jsonl")
				v.add(s)
				got := virtualDriver(t, s, attributes{"evidence_log": path}).invoke(v.kind.name, id)
				if want := (contract.Users{Unconfirmed: 1}); got.report.Users != want {
					t.Errorf("got %+v, want %+v", got.report.Users, want)
				}
				all := readEvidence(t, path).Closures
				if len(all) != 1 || all[0].Outcome.Result != evidence.NotVisible {
					t.Errorf("got the closures %+v, want one, not visible", all)
				}
				if !slices.ContainsFunc(got.diagnostics, func(d *tfprotov6.Diagnostic) bool {
					return strings.Contains(d.Summary, "had nothing to close")
				}) {
					t.Errorf("got the diagnostics %v, want one that there was nothing to close", got.diagnostics)
				}
			})
		})
	}
}
