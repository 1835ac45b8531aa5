package mock_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func TestFail_answersAStatusWithoutEffect(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		s.Fail(mock.Fault{Status: 503, Header: http.Header{"Retry-After": {"7"}}, Body: "<html>down</html>"})
		g := ask(t, s, c.vendor, c.end(), "")
		equal(t, "status", g.status, 503)
		equal(t, "header", g.header.Get("Retry-After"), "7")
		equal(t, "body", g.body, "<html>down</html>")
		equal(t, "open", c.has(s), true)
		equal(t, "logged status", s.Requests()[0].Status, 503)
		s.Heal()
		equal(t, "status when healed", ask(t, s, c.vendor, c.end(), "").status, c.status)
		equal(t, "open when healed", c.has(s), false)
	})
}

func TestFail_losesAnAnswerAfterTheEffect(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		s.Fail(mock.Fault{Vendor: c.vendor, Route: c.route, Status: 500, Effect: true})
		equal(t, "status", ask(t, s, c.vendor, c.end(), "").status, 500)
		equal(t, "open", c.has(s), false)
	})
}

func TestFail_acceptsWithoutEffect(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		honest := mock.New(key)
		c.add(honest)
		truth := ask(t, honest, c.vendor, c.end(), "")

		s.Fail(mock.Fault{Pretend: true, Times: 1})
		lie := ask(t, s, c.vendor, c.end(), "")
		equal(t, "status", lie.status, truth.status)
		equal(t, "body", lie.body, truth.body)
		equal(t, "open", c.has(s), true)
		ask(t, s, c.vendor, c.end(), "")
		equal(t, "open after an honest answer", c.has(s), false)
	})
}

func TestFail_pretendsOutsideAllPrefixes(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Fail(mock.Fault{Pretend: true})
	equal(t, "status", ask(t, s, "", "GET /nowhere", "").status, 404)
}

func TestFail_dropsBeforeTheEffect(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		s.Fail(mock.Fault{Drop: true})
		if err := send(t.Context(), onLoopbackURL(t, s), c.vendor, c.end()); err == nil {
			t.Error("error: got none, want a broken connection")
		}
		equal(t, "open", c.has(s), true)
		equal(t, "logged status", s.Requests()[0].Status, 0)
	})
}

func TestFail_dropsAfterTheEffect(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, s *mock.Server, c *vendorCase) {
		s.Fail(mock.Fault{Drop: true, Effect: true})
		if err := send(t.Context(), onLoopbackURL(t, s), c.vendor, c.end()); err == nil {
			t.Error("error: got none, want a broken connection")
		}
		equal(t, "open", c.has(s), false)
		equal(t, "logged status", s.Requests()[0].Status, 0)
	})
}

func TestFail_dropsWithErrAbortHandler(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Fail(mock.Fault{Drop: true})
	defer func() {
		if got, _ := recover().(error); !errors.Is(got, http.ErrAbortHandler) {
			t.Errorf("panic: got %v, want http.ErrAbortHandler", got)
		}
	}()
	ask(t, s, "ecgrid", "GET /auth/version", "")
}

func TestFail_hitsAfterSomeAndForSoManyTimes(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Fail(mock.Fault{Vendor: "ecgrid", Route: "GET /users/me", After: 1, Times: 2, Status: 500})
	statuses := []int{}
	for range 5 {
		ask(t, s, "ecgrid", "GET /auth/version", "")
		statuses = append(statuses, ask(t, s, "ecgrid", "GET /users/me", "").status)
	}
	equal(t, "statuses", statuses, []int{200, 500, 500, 200, 200})
}

func TestFail_hitsInTheOrderOfAdding(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Fail(mock.Fault{Times: 1, Status: 500})
	s.Fail(mock.Fault{Times: 1, Status: 502})
	s.Fail(mock.Fault{After: 1, Status: 503})
	statuses := []int{}
	for range 4 {
		statuses = append(statuses, ask(t, s, "ecgrid", "GET /users/me", "").status)
	}
	equal(t, "statuses", statuses, []int{500, 502, 200, 503})
}

func TestFail_hitsOnlyItsVendorAndRoute(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.Fail(mock.Fault{Vendor: "sfox", Status: 500})
	s.Fail(mock.Fault{Route: "GET /users/{id}", Status: 501})
	equal(t, "ecgrid me", ask(t, s, "ecgrid", "GET /users/me", "").status, 200)
	equal(t, "ecgrid one", ask(t, s, "ecgrid", "GET /users/7", "").status, 501)
	equal(t, "konstantly one", ask(t, s, "konstantly", "GET /users/u1", "").status, 501)
	equal(t, "sfox unknown route", ask(t, s, "sfox", "GET /nowhere", "").status, 500)
}

func TestFail_waitsAfterTheEffect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(key)
		c := sfoxCase
		c.add(s)
		s.Latency(time.Second)
		s.Fail(mock.Fault{Delay: time.Minute})
		s.OnRequest(func(mock.Request) { equal(t, "open before the wait", c.has(s), false) })
		start := time.Now()
		equal(t, "status", ask(t, s, c.vendor, c.end(), "").status, c.status)
		equal(t, "waited", time.Since(start), 61*time.Second)
	})
}

func TestFail_stopsWaitingWithTheClient(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	c := konstantlyCase
	c.add(s)
	s.Fail(mock.Fault{Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	s.OnRequest(func(mock.Request) { cancel() })
	if err := send(ctx, onLoopbackURL(t, s), c.vendor, c.end()); !errors.Is(err, context.Canceled) {
		t.Errorf("error: got %v, want context.Canceled", err)
	}
	equal(t, "open", c.has(s), false)
}

func TestFail_pretendUndoesTokensToo(t *testing.T) {
	t.Parallel()
	s := mock.New(key)
	s.SFOX.Add(mock.SFOXUser{ID: "c1", Balances: map[string]string{"usd": "1"}})
	s.Fail(mock.Fault{Route: "POST /enterprise/user-tokens/{id}", Pretend: true, Times: 1})
	token := ask(t, s, "sfox", "POST /enterprise/user-tokens/c1", "").field(t, "data", "token").(string)
	equal(t, "status", askAs(t, s, "sfox", "GET /user/balance", "",
		[2]string{"Authorization", "Bearer " + token}).status, 401)
	equal(t, "routes", s.Routes(), []string{"POST /enterprise/user-tokens/{id}", "GET /user/balance"})
}

func TestFail_pretendUndoesACancel(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	before, _ := s.Skillable.Get("emp+1")
	s.Fail(mock.Fault{Route: "GET /cancel", Pretend: true})
	ask(t, s, "skillable", "GET /cancel?labinstanceid=1", "").want(t, 200, `{"Result":1,"Status":1}`)
	after, _ := s.Skillable.Get("emp+1")
	equal(t, "user", after, before)
}
