package mock_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func TestStale_showsWhatWasThere(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		l.sees(t, s, "") // two requests before she is closed
		l.drop(s)
		s.Fail(mock.Fault{Lie: mock.Stale{Requests: 1}, Times: 1})
		if got := ask(t, s, l.vendor, l.read, "").body; !strings.Contains(got, "Ines") {
			t.Errorf("stale read: got %s, want Ines in it", got)
		}
		read, _ := l.sees(t, s, "Ines")
		equal(t, "seen after one stale answer", read, l.tombstone)
		equal(t, "open", l.has(s), false)
	})
}

func TestStale_showsNoUserYet(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.Stale{Requests: 100}})
		read, list := l.sees(t, s, "Ines")
		equal(t, "seen", []bool{read, list}, []bool{false, false})
		if got := ask(t, s, l.vendor, l.read, "").body; !strings.Contains(got, l.absence) {
			t.Errorf("read: got %s, want %s in it", got, l.absence)
		}
		equal(t, "open", l.has(s), true)
		equal(t, "own user", ask(t, s, "ecgrid", "GET /users/me", "").status, 200)
	})
}

func TestStale_countsAChangeOfATestWithTheNextRequest(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	name := func(name string) { s.Konstantly.Update("u1", func(u *mock.KonstantlyUser) { u.Name = name }) }
	s.Konstantly.Add(mock.KonstantlyUser{ID: "u1", Name: "A"})
	for _, next := range []string{"B", "C", "D"} {
		ask(t, s, "konstantly", "GET /users/u1", "")
		name(next)
	}
	for _, c := range []struct {
		ago  int
		want string
	}{{0, "D"}, {1, "D"}, {2, "D"}, {3, "D"}, {5, "C"}, {7, "B"}, {9, "A"}} { // each answer is one more request
		s.Heal()
		s.Fail(mock.Fault{Lie: mock.Stale{Requests: c.ago}})
		ask(t, s, "konstantly", "GET /users/u1", "").want(t, 200, `{"name":"`+c.want+`"}`)
	}
}

func TestStale_goesBackByAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(key)
		ecgridCase.add(s)
		time.Sleep(time.Minute)
		ecgridCase.close(t, s)
		time.Sleep(5 * time.Second)
		for age, want := range map[time.Duration]string{4 * time.Second: "Terminated", 6 * time.Second: "Active"} {
			s.Heal()
			s.Fail(mock.Fault{Lie: mock.Stale{Age: age}})
			ask(t, s, "ecgrid", "GET /users/41", "").want(t, 200, `{"data":{"status":"`+want+`"}}`)
		}
	})
}

func TestStale_doesNotCountAsAReadOfALab(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	s.Skillable.SlowCancel = 2
	ask(t, s, "skillable", "GET /cancel?labinstanceid=1", "")
	s.Fail(mock.Fault{Lie: mock.Stale{Requests: 1}, Times: 3})
	for n, want := range []int{1, 1, 1, 1, 1, 0} { // three stale ones first
		g := ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=emp%2B1", "")
		equal(t, fmt.Sprint("labs at read ", n), rowCount(t, g, "RunningLabs"), want)
	}
}

func TestStale_doesChanges(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.Stale{Requests: 100}})
		equal(t, "accepted", l.close(t, s), true)
		equal(t, "open", l.has(s), false)
	})
}

func TestNotVisible_hidesAccountsOutsideLists(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.NotVisible{}})
		read, list := l.sees(t, s, "Ines")
		equal(t, "seen", []bool{read, list}, []bool{false, true})
		equal(t, "closing accepted", l.close(t, s), false)
		equal(t, "open", l.has(s), true)
		if got := ask(t, s, l.vendor, l.read, "").body; !strings.Contains(got, l.absence) {
			t.Errorf("read: got %s, want %s in it", got, l.absence)
		}
		s.Heal()
		read, _ = l.sees(t, s, "Ines")
		equal(t, "seen when healed", read, true)
	})
}

func TestNotVisible_isNotPartOfTheHistory(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.NotVisible{}})
		l.close(t, s)
		s.Heal()
		s.Fail(mock.Fault{Lie: mock.Stale{Requests: 1}})
		read, list := l.sees(t, s, "Ines")
		equal(t, "seen by a stale replica", []bool{read, list}, []bool{true, true})
	})
}

func TestNotVisible_emptiesLists(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.NotVisible{Lists: true}})
		read, list := l.sees(t, s, "Ines")
		equal(t, "seen", []bool{read, list}, []bool{false, false})
	})
}

func TestNotVisible_changesTheLevelOfTheKey(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	ecgridCase.add(s)
	ask(t, s, "ecgrid", "GET /users/me", "").want(t, 200, `{"data":{"authLevel":"NetworkAdmin","networkId":12}}`)
	s.Fail(mock.Fault{Lie: mock.NotVisible{Level: "General", Network: 99}})
	ask(t, s, "ecgrid", "GET /users/me", "").want(t, 200, `{"data":{"userId":7,"authLevel":"General","networkId":99}}`)
	ask(t, s, "ecgrid", "GET /users/41", "").want(t, 404, `{"errorCode":"ObjectNotFound"}`)
	ask(t, s, "ecgrid", "DELETE /users/41", "").want(t, 403, `{"errorCode":"AccessDenied"}`)
	equal(t, "ids", userIDs(t, ask(t, s, "ecgrid", "POST /users/list", "")), []int{7, 41})
	s.Heal()
	ask(t, s, "ecgrid", "GET /users/me", "").want(t, 200, `{"data":{"authLevel":"NetworkAdmin","networkId":12}}`)
}

func TestOtherPerson_showsAnotherPerson(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		for _, c := range []struct {
			lie         mock.OtherPerson
			otto, email bool
		}{
			{mock.OtherPerson{Name: "Otto Berg", Email: "otto@acme.test"}, true, true},
			{mock.OtherPerson{Name: "Otto Berg"}, true, false},
			{mock.OtherPerson{}, false, false},
		} {
			s.Heal()
			s.Fail(mock.Fault{Lie: c.lie})
			for _, g := range []reply{ask(t, s, l.vendor, l.read, ""), ask(t, s, l.vendor, l.list, l.body)} {
				equal(t, "Ines in "+g.body, strings.Contains(g.body, "Ines"), false)
				equal(t, "Otto in "+g.body, strings.Contains(g.body, "Otto"), c.otto)
				equal(t, "address in "+g.body, strings.Contains(g.body, "otto@acme.test"), c.email)
			}
		}
		s.Heal()
		read, _ := l.sees(t, s, "Ines")
		equal(t, "seen when healed", read, true)
	})
}

func TestOtherPerson_showsAnotherPersonForOneID(t *testing.T) {
	t.Parallel()
	s := ecgridServer()
	s.Fail(mock.Fault{Lie: mock.OtherPerson{ID: "30417", Name: "Otto Berg"}})
	ask(t, s, "ecgrid", "GET /users/30417", "").want(t, 200, `{"data":{"firstName":"Otto","email":""}}`)
	ask(t, s, "ecgrid", "GET /users/30418", "").want(t, 200, `{"data":{"firstName":"Ola"}}`)
	ask(t, s, "ecgrid", "GET /users/me", "").want(t, 200, `{"data":{"firstName":"Service"}}`)
}

func TestAbsent_hasTheVendorsForm(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.Absent{Status: 410, Text: "Gone"}})
		for _, path := range []string{"GET /nowhere", "DELETE /users/u1"} {
			ask(t, s, c.vendor, path, "").want(t, 410, c.gone)
		}
	})
}

func TestAbsent_mayHaveASuccessAsHTTPStatus(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.Absent{Status: 200}})
		ask(t, s, c.vendor, "GET /users/u1", "").want(t, 200, c.notFound)
	})
}

func TestAbsent_mayComeAfterTheEffect(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		s.Fail(mock.Fault{Only: mock.Close, Lie: mock.Absent{Status: 404}})
		equal(t, "status", ask(t, s, c.vendor, c.end(), "").status, 404)
		equal(t, "open", c.has(s), true)
		s.Heal()
		s.Fail(mock.Fault{Only: mock.Close, Lie: mock.Absent{Status: 404}, Effect: true})
		equal(t, "status", ask(t, s, c.vendor, c.end(), "").status, 404)
		equal(t, "open after the effect", c.has(s), false)
	})
}

func TestQueue_acceptsAndDoesNothing(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.Queue{}})
		equal(t, "accepted", l.close(t, s), true)
		for range 3 {
			read, list := l.sees(t, s, "Ines")
			equal(t, "seen", []bool{read, list}, []bool{true, true})
		}
		equal(t, "open", l.has(s), true)
		s.Heal()
		equal(t, "accepted when healed", l.close(t, s), true)
		equal(t, "open when healed", l.has(s), false)
	})
}

func TestQueue_worksAfterSoManyRequests(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		s.Fail(mock.Fault{Lie: mock.Queue{Requests: 3}})
		equal(t, "accepted", l.close(t, s), true)
		for range 2 {
			ask(t, s, l.vendor, l.read, "")
			equal(t, "open", l.has(s), true)
		}
		s.Heal()
		ask(t, s, l.vendor, l.read, "")
		equal(t, "open after the work", l.has(s), false)
		late := 0
		for _, r := range s.Requests() {
			late += r.Late
		}
		equal(t, "calls done late", late, len(l.steps))
	})
}

func TestQueue_worksAfterATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(key)
		konstantlyCase.add(s)
		s.Fail(mock.Fault{Lie: mock.Queue{Wait: time.Minute}})
		equal(t, "accepted", konstantlyCase.close(t, s), true)
		for _, open := range []bool{true, false} {
			time.Sleep(59 * time.Second)
			ask(t, s, "konstantly", "GET /users", "")
			equal(t, "open", s.Konstantly.Has("u1"), open)
		}
	})
}

func TestQueue_countsWhatItAcceptedAsDone(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	skillableCase.add(s)
	s.Fail(mock.Fault{Lie: mock.Queue{}})
	ask(t, s, "skillable", "GET /CloseUserAccount?userId=e1", "").want(t, 200, `{"RowsAffected":14}`)
	ask(t, s, "skillable", "GET /CloseUserAccount?userId=e1", "").want(t, 200, `{"RowsAffected":0}`)
	equal(t, "open", s.Skillable.Has("e1"), true)
}

func TestQueue_isForgottenWhenHealedIfItNeverWorks(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	skillableCase.add(s)
	for range 2 {
		s.Fail(mock.Fault{Lie: mock.Queue{}})
		ask(t, s, "skillable", "GET /CloseUserAccount?userId=e1", "").want(t, 200, `{"RowsAffected":14}`)
		s.Heal()
	}
}

func TestMalformedText_changesEveryTextOfAPerson(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		for _, malformed := range mock.AllMalformed {
			s.Heal()
			honest := ask(t, s, l.vendor, l.read, "")
			s.Fail(mock.Fault{Lie: mock.MalformedText{Way: malformed}})
			g := ask(t, s, l.vendor, l.read, "")
			equal(t, "status", g.status, 200)
			if g.body == honest.body || malformed.Of("Łukasz") == "Łukasz" {
				t.Errorf("%s: got %s, want it malformed", malformed, g.body)
			}
		}
		equal(t, "own user", strings.Contains(ask(t, s, "ecgrid", "GET /users/me", "").body, `"svc-offboard"`), true)
	})
}

func TestMalformedText_changesNamesOfLabs(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	s.Fail(mock.Fault{Lie: mock.MalformedText{Way: mock.MalformedBidi}})
	got := ask(t, s, "skillable", "GET /userrunningandsavedlabs?userid=emp%2B1", "").body
	if !strings.Contains(got, "\u202e\u2066Drill") {
		t.Errorf("labs: got %s, want the name of one malformed", got)
	}
}

func TestFail_hitsOnlyOneKind(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, s *mock.Server, l *vendorCase) {
		s.Fail(mock.Fault{Only: mock.List, Status: 503})
		s.Fail(mock.Fault{Only: mock.Change, Status: 500})
		equal(t, "read", ask(t, s, l.vendor, l.read, "").status, 200)
		equal(t, "list", ask(t, s, l.vendor, l.list, l.body).status, 503)
		equal(t, "close", ask(t, s, l.vendor, l.steps[0][0], l.steps[0][1]).status, 500)
	})
}

func TestFail_hitsForATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(key)
		s.Fail(mock.Fault{After: 1, For: 8 * time.Second, Status: 503})
		statuses := []int{}
		for range 4 {
			statuses = append(statuses, ask(t, s, "ecgrid", "GET /users/me", "").status)
			time.Sleep(5 * time.Second)
		}
		equal(t, "statuses", statuses, []int{200, 503, 503, 200})
	})
}

func TestLies_haveNamesAndNeverPanic(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, _ *mock.Server, l *vendorCase) {
		names := []string{}
		for _, lie := range mock.Lies() {
			names = append(names, lie.Name)
			s := mock.New(key)
			l.add(s)
			s.Fail(lie.Fault)
			l.sees(t, s, "")
			l.close(t, s)
			ask(t, s, l.vendor, "GET /nowhere", "")
			ask(t, s, "", "GET /nowhere", "")
			equal(t, lie.Name+": the own user of the key", s.ECGrid.Has(7), true)
		}
		slices.Sort(names)
		equal(t, "names that are there once", len(slices.Compact(names)), len(mock.Lies()))
	})
}
