package provider

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// parallel runs a call for each user, ten at a time as a CLI does, and returns what was said of
// each and how long all took.
func parallel(users []managed, call func(managed) diagnostics) ([]diagnostics, time.Duration) {
	began, said := time.Now(), make([]diagnostics, len(users))
	slots := make(chan struct{}, 10)
	var all sync.WaitGroup
	for i, m := range users {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			said[i] = call(m)
		})
	}
	all.Wait()
	return said, time.Since(began)
}

// count counts the errors, the summaries of the warnings and the lines of the errors.
func count(said []diagnostics) (failed int, warnings map[string]int, lines int) {
	warnings = map[string]int{}
	for _, diags := range said {
		for _, one := range diags {
			if one.Severity == tfprotov6.DiagnosticSeverityError {
				failed++
				lines += strings.Count(one.Summary+one.Detail, "\n") + 1
				continue
			}
			warnings[one.Summary]++
		}
	}
	return failed, warnings, lines
}

// unusable are vendors that nobody can ask, and how much longer than one user all may take.
// Attempts are repeated after random pauses.
var unusable = map[string]struct {
	fault mock.Fault
	extra time.Duration
}{
	"hangs":           {mock.Fault{Delay: 24 * time.Hour}, time.Second},
	"refuses the key": {mock.Fault{Status: 401}, time.Second},
	"refuses it all":  {mock.Fault{Status: 403}, time.Second},
	"has a fault":     {mock.Fault{Status: 503}, 5 * time.Second},
	"is unreachable":  {mock.Fault{Drop: true}, 5 * time.Second},
}

// together makes a call for one user, and in another process for all of them. That all take no
// longer than they may, it checks itself.
func together(
	t *testing.T,
	s *mock.Server,
	users []managed,
	extra time.Duration,
	what string,
	call func(*driver, managed) diagnostics,
) []diagnostics {
	t.Helper()
	alone, many := virtualDriver(t, s, attributes{"max_closures": -1}), virtualDriver(t, s, attributes{"max_closures": -1})
	_, one := parallel(users[:1], func(m managed) diagnostics { return call(alone, m) })
	said, all := parallel(users, func(m managed) diagnostics { return call(many, m) })
	if all > one+extra {
		t.Errorf("%s: got %v for %d users and %v for one, want at most %v between", what, all, len(users), one, extra)
	}
	return said
}

// forEachCrew runs a test for every vendor in virtual time, with a mock where n people are managed.
func forEachCrew(t *testing.T, n int, f func(t *testing.T, v vendorCase, s *mock.Server, users []managed)) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				f(t, v, s, v.crew(virtualDriver(t, s, nil), s, n))
			})
		})
	}
}

// forEachUnusable runs a test for every vendor and every way in which it cannot be asked, with
// twelve people who were imported before that.
func forEachUnusable(
	t *testing.T,
	f func(t *testing.T, v vendorCase, s *mock.Server, users []managed, extra time.Duration),
) {
	for name, c := range unusable {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachCrew(t, 12, func(t *testing.T, v vendorCase, s *mock.Server, users []managed) {
				fault := c.fault
				fault.Vendor = v.mockName()
				s.Fail(fault)
				f(t, v, s, users, c.extra)
			})
		})
	}
}

// However many users there are, a vendor that cannot be asked costs the time of one, and a person
// reads of it once.
func TestBreaker_tellsOnceAtRefreshAndPlan(t *testing.T) {
	t.Parallel()
	forEachUnusable(t, func(t *testing.T, v vendorCase, s *mock.Server, users []managed, extra time.Duration) {
		for what, call := range map[string]func(*driver, managed) diagnostics{
			"refresh": func(d *driver, m managed) diagnostics { _, diags := d.read(m); return diags },
			"plan":    func(d *driver, m managed) diagnostics { _, diags := d.planDestroy(m); return diags },
		} {
			failed, warnings, _ := count(together(t, s, users, extra, what, call))
			if summary := "More users in " + v.kind.title + " could not be read"; failed != 1 || warnings[summary] != 11 ||
				len(warnings) != 1 {
				t.Errorf("%s: got %d errors and warnings %v, want one error and eleven warnings of one summary",
					what, failed, warnings)
			}
		}
	})
}

// The request that opens the breaker and those that it stops end at the same time. Whichever is
// told of names the same way out.
func TestBreaker_namesTheWayOutForWhoeverIsTold(t *testing.T) {
	t.Parallel()
	refused := &rest.Error{Method: "GET", Path: "/users/1", Status: 401}
	stopped := &rest.Error{Method: "GET", Path: "/users/2", Err: &rest.BreakerError{Err: refused}}
	for name, err := range map[string]error{"the one that opened it": refused, "one that it stopped": stopped} {
		if got := cause(ecgridKind, err); !strings.Contains(got, "check ecgrid.api_key") ||
			!strings.Contains(got, "/users/1: HTTP 401") {
			t.Errorf("%s: got %q, want the answer and the setting of the key", name, got)
		}
	}
}

// At an apply each user who is not closed has an error, in one line but for the first one.
func TestBreaker_tellsOfEachUserAtApply(t *testing.T) {
	t.Parallel()
	forEachUnusable(t, func(t *testing.T, _ vendorCase, s *mock.Server, users []managed, extra time.Duration) {
		said := together(t, s, users, extra, "apply", func(d *driver, m managed) diagnostics {
			after, diags := d.apply(t.Context(), reviewed(m))
			if after.gone() || !strings.Contains(diags.errors(), m.text("id")) {
				t.Errorf("got gone %v and %q, want the user kept and an error that names the ID", after.gone(), diags.errors())
			}
			return diags
		})
		long := 0
		for _, diags := range said {
			if failed, _, lines := count([]diagnostics{diags}); failed != 1 {
				t.Errorf("got %d errors of a user, want one", failed)
			} else if lines > 2 {
				long++
			}
		}
		if long != 1 {
			t.Errorf("got %d long errors, want one with the cause", long)
		}
	})
}

// Blocks with an email are looked up when they are validated, which must not take longer either.
func TestBreaker_holdsForTheLooksOfTheValidation(t *testing.T) {
	t.Parallel()
	forEachCrew(t, 12, func(t *testing.T, v vendorCase, s *mock.Server, users []managed) {
		s.Fail(mock.Fault{Vendor: v.mockName(), Delay: 24 * time.Hour})
		said := together(t, s, users, time.Second, "validation", func(d *driver, m managed) diagnostics {
			config := d.dynamic(object(
				d.typeOf(m.typeName), m.configOf(attributes{"id": m.text("id"), "email": m.text("email")}),
			))
			resp, err := d.server.ValidateResourceConfig(
				t.Context(),
				&tfprotov6.ValidateResourceConfigRequest{TypeName: m.typeName, Config: config},
			)
			if err != nil {
				t.Error(err)
			}
			return resp.Diagnostics
		})
		if failed, _, _ := count(said); failed > 0 {
			t.Errorf("got %d errors, want what cannot be asked to be told by the refresh", failed)
		}
	})
}

// An absence is no reason to stop asking.
func TestBreaker_staysClosedForWhoIsNotThere(t *testing.T) {
	t.Parallel()
	forEachCrew(t, 12, func(t *testing.T, v vendorCase, s *mock.Server, users []managed) {
		for _, m := range users[:11] {
			v.drop(s, m.text("id"))
		}
		d := virtualDriver(t, s, attributes{"max_closures": -1})
		said, _ := parallel(users, func(m managed) diagnostics { _, diags := d.read(m); return diags })
		if failed, warnings, _ := count(said); failed != 0 ||
			warnings["More users in "+v.kind.title+" could not be read"] != 0 {
			t.Errorf("got %d errors and warnings %v, want each user read", failed, warnings)
		}
	})
}

// One vendor that is down keeps nobody from being closed at another one.
func TestBreaker_isOfOneVendor(t *testing.T) {
	t.Parallel()
	forEachCrew(t, 3, func(t *testing.T, v vendorCase, s *mock.Server, users []managed) {
		elsewhere := v.elsewhere()
		elsewhere.add(s)
		d := virtualDriver(t, s, nil)
		leaver := d.mustImport(elsewhere.kind, elsewhere.id)
		s.Fail(mock.Fault{Vendor: v.mockName(), Delay: 24 * time.Hour})
		parallel(users, func(m managed) diagnostics { _, diags := d.read(m); return diags })
		if after, diags := d.destroy(leaver); !after.gone() || elsewhere.has(s, elsewhere.id) {
			t.Errorf("got %q, want the leaver at %s closed", diags.errors(), elsewhere.kind.title)
		}
	})
}

// Only an error that fails the run is told in the place of others. The error of a data source does
// not fail it, if the data source is in a check block. So it tells nobody of a planned destroy.
func TestBreaker_countsNoDataSource(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		leaver := newDriver(t, w, nil).mustImport(v.kind, v.id)
		w.mock.Fail(mock.Fault{Vendor: v.mockName(), Status: 401, Body: `{"message":"bad key"}`})
		lookups := []attributes{{"id": v.other}, {"id": v.id}}
		if v.kind.findsByEmail {
			lookups = append(lookups, attributes{"email": ottoEmail})
		}
		d := newDriver(t, w, nil)
		look := func() {
			for _, by := range lookups {
				if _, diags := d.data(v.kind.typeName(), v.kind.configOf(by)); !strings.Contains(diags.errors(), "HTTP 401") {
					t.Errorf("a data source by %v: got %q %q, want an error", by, diags.errors(), diags.warnings())
				}
			}
		}
		look()
		if _, plan := d.planDestroy(leaver); !strings.Contains(plan.errors(), "HTTP 401") {
			t.Errorf("the planned destroy: got %q %q, want an error", plan.errors(), plan.warnings())
		}
		look() // what is told of a user is no result of a data source
		if _, diags := d.read(leaver); !strings.Contains(diags.warnings(), "More users in "+v.kind.title) {
			t.Errorf("the next read: got %q %q, want that it is one of more users", diags.errors(), diags.warnings())
		}
		if !v.kind.findsByEmail {
			return
		}
		if _, diags := d.importUser(v.kind, ottoEmail); !strings.Contains(diags.errors(), "HTTP 401") {
			t.Errorf("an import by an address: got %q %q, want an error of its own", diags.errors(), diags.warnings())
		}
	})
}
