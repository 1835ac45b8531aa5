package declared_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// examples is the folder of the definitions that users copy.
const examples = "../../../examples/vendors"

// definition reads a definition of the folder. It ends the test on a problem.
func definition(t *testing.T, name string) *declared.Definition {
	t.Helper()
	return parse(t, name, definitionText(t, name))
}

func definitionText(t *testing.T, name string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(examples, name+".vendor.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// parsed are the definitions that tests have parsed, by name and text: a definition does not change,
// and most tests begin with one of a few.
var parsed sync.Map

func parse(t *testing.T, name, source string) *declared.Definition {
	t.Helper()
	if d, ok := parsed.Load([2]string{name, source}); ok {
		return d.(*declared.Definition)
	}
	d, problems := declared.Parse(name, source)
	if len(problems) > 0 {
		t.Fatalf("got problems, want none:\n%s", shown(problems))
	}
	parsed.Store([2]string{name, source}, d)
	return d
}

func shown(problems []declared.Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.String())
	}
	return strings.Join(all, "\n")
}

// Every definition of the folder is good, with all its examples.
func TestExamples_areGood(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(examples, "*.vendor.hcl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v and %d definitions, want some", err, len(files))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".vendor.hcl")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			definition(t, name)
		})
	}
}

// konstantly is the mock's Konstantly, reached by its definition.
func konstantly(t *testing.T) vendortest.Vendor[*declared.Client] {
	d := definition(t, "konstantly")
	return vendortest.Vendor[*declared.Client]{
		Connect: func(config rest.Config) (*declared.Client, error) {
			return declared.New(d, declared.Config{Config: config, Settings: map[string]string{"site": "acme"}})
		},
		BaseURL: "https://vendor.test/konstantly/openapi/v1", Timeout: 10 * time.Minute,
		Seed: func(server *mock.Server) {
			server.Konstantly.Add(
				mock.KonstantlyUser{ID: "u7k2m9", Name: "Ines Varga", Email: "ines@acme.test", Role: "learner"},
			)
			server.Konstantly.Add(mock.KonstantlyUser{ID: "u1a2b3", Name: "Otto Berg", Email: "otto@acme.test"})
		},
	}
}

func TestKonstantly_isClosed(t *testing.T) {
	t.Parallel()
	konstantly(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		u, err := c.User(ctx, "u7k2m9")
		if err != nil || u.Email != "ines@acme.test" || u.Facts["role"] != "learner" {
			t.Fatalf("got %+v and %v, want Ines", u, err)
		}
		server.ForgetRequests()
		proof, err := c.Close(ctx, u, "", offboard.NotSent)
		if err != nil || proof != offboard.Absent || server.Konstantly.Has("u7k2m9") {
			t.Fatalf("got %v and %v, want the user closed", proof, err)
		}
		vendortest.WantRoutes(t, server, "POST /users/blocked", "DELETE /users/{id}", "GET /users/{id}", "GET /users")
	})
}

// ecgrid is the mock's ECGrid, reached by its definition.
func ecgrid(t *testing.T) vendortest.Vendor[*declared.Client] {
	d := definition(t, "ecgrid")
	return vendortest.Vendor[*declared.Client]{
		Connect: func(config rest.Config) (*declared.Client, error) {
			return declared.New(d, declared.Config{Config: config})
		},
		BaseURL: "https://vendor.test/ecgrid/v2", Timeout: 10 * time.Minute,
		Seed: func(server *mock.Server) {
			server.ECGrid.Add(mock.ECGridUser{
				ID: 98234, Login: "ivarga", Email: "ines@acme.test", Name: "Ines Varga", NetworkID: 712,
				AuthLevel: "MailboxUser",
			})
		},
	}
}

func TestECGrid_isClosed(t *testing.T) {
	t.Parallel()
	ecgrid(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		u, err := c.User(ctx, "98234")
		if err != nil || u.Name != "Ines Varga" || u.Login != "ivarga" {
			t.Fatalf("got %+v and %v, want Ines", u, err)
		}
		rights, err := c.Rights(ctx)
		if err != nil || rights == "" {
			t.Fatalf("got %q and %v, want the rights of the key", rights, err)
		}
		server.ForgetRequests()
		proof, err := c.Close(ctx, u, rights, offboard.NotSent)
		if err != nil || proof == offboard.Open || server.ECGrid.Has(98234) {
			t.Fatalf("got %v and %v, want the user closed", proof, err)
		}
	})
}

// A vendor that counts pages or rows can be asked for a later page first. What comes is what a read
// from the beginning shows.
func TestPage_isReadWithoutTheOneBefore(t *testing.T) {
	t.Parallel()
	konstantly(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		server.Invent(100)
		var all []string
		for u, err := range c.Users(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, u.ID)
		}
		for _, rows := range []int{60, 20, 0} {
			page, err := c.Page(ctx, rest.Place{Pages: rows / 20, Rows: rows})
			if err != nil || len(page.Items) != 20 || page.Items[0].ID != all[rows] {
				t.Errorf("after %d rows: got %+v and %v, want the page that begins with %s", rows, page.Items, err, all[rows])
			}
		}
	})
	ecgrid(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		server.Invent(100)
		second, err := c.Page(ctx, rest.Place{Pages: 1, Rows: 25})
		first, firstErr := c.Page(ctx, rest.Place{})
		if err != nil || firstErr != nil || len(first.Items) != 25 || len(second.Items) != 25 ||
			first.Items[0].ID == second.Items[0].ID {
			t.Errorf("got %v, %v and %v, %v, want two pages of 25", second.Items, err, first.Items, firstErr)
		}
	})
}

// A key whose rights are others than before still works. It may see fewer users, or those of another
// organization. So another user in the list does not prove the access. Whatever the rights, a row of
// the account beats its absence.
func TestCheckAccess_needsTheSameRights(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		demoted, colleague, listed bool
		want                       error
	}{
		"the same rights":                   {want: nil},
		"the same rights, and her row":      {listed: true, want: offboard.ErrListed},
		"the same rights, and another user": {colleague: true, want: nil},
		"other rights, nobody else":         {demoted: true, want: offboard.ErrAccessUnproven},
		"other rights, and another user":    {demoted: true, colleague: true, want: offboard.ErrAccessUnproven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ecgrid(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *declared.Client) {
				server.ECGrid.Drop(98234)
				if c.listed {
					server.ECGrid.Add(mock.ECGridUser{ID: 98234, Login: "i", Email: "ines@acme.test", Name: "Ines Varga"})
				}
				if c.colleague {
					server.ECGrid.Add(mock.ECGridUser{ID: 500, Login: "o", Email: "otto@acme.test", Name: "Otto Berg"})
				}
				then, err := client.Rights(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if c.demoted {
					server.ECGrid.Update(7, func(u *mock.ECGridUser) { u.AuthLevel = "MailboxUser" })
				}
				ines := offboard.User{ID: "98234", Email: "ines@acme.test", Status: offboard.Active}
				if err := client.CheckAccess(ctx, ines, then); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// A row whose ID differs in letter case may be of the account itself, whoever else is in the list.
func TestCheckAccess_ofARowThatMayBeTheUser(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]error{"U7K2M9": offboard.ErrAccessUnproven, "u7k2m8": nil} {
		konstantly(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *declared.Client) {
			server.Konstantly.Drop("u7k2m9")
			server.Konstantly.Add(mock.KonstantlyUser{ID: id, Name: "Ina Lund", Email: "ina@acme.test"})
			server.Konstantly.Add(mock.KonstantlyUser{ID: "u8x3p1", Name: "Otto Berg", Email: "otto@acme.test"})
			ines := offboard.User{ID: "u7k2m9", Email: "ines@acme.test", Status: offboard.Active}
			if err := client.CheckAccess(ctx, ines, ""); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", id, err, want)
			}
		})
	}
}

// The answer to the call that suspends an account is no proof: a later read is.
func TestSuspend_isProvenByARead(t *testing.T) {
	t.Parallel()
	for name, pretend := range map[string]bool{"done": false, "answered and not done": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			konstantly(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
				u, err := c.User(ctx, "u7k2m9")
				if err != nil {
					t.Fatal(err)
				}
				server.ForgetRequests()
				if pretend {
					server.Fail(mock.Fault{Route: "POST /users/blocked", Pretend: true})
				}
				proof, err := c.Suspend(ctx, u)
				if (proof == offboard.Done) == pretend || (err == nil) == pretend {
					t.Errorf("got %v and %v, want the suspension proven: %t", proof, err, !pretend)
				}
				if !pretend {
					vendortest.WantRoutes(t, server, "POST /users/blocked", "GET /users/{id}")
				}
			})
		})
	}
}

// A user whom the vendor does not show as suspended is not, although no step was needed.
func TestSuspend_ofAUserWhoNeedsNoStepIsNoSuspension(t *testing.T) {
	t.Parallel()
	d := parse(t, "konstantly", strings.Replace(definitionText(t, "konstantly"),
		`status = record.isBanned ? "suspended" : "active"`,
		`status = try(record.name, "") == "Otto Berg" ? "unknown" : record.isBanned ? "suspended" : "active"`, 1))
	v := konstantly(t)
	v.Connect = func(config rest.Config) (*declared.Client, error) {
		return declared.New(d, declared.Config{Config: config, Settings: map[string]string{"site": "acme"}})
	}
	v.Run(t, func(ctx context.Context, t *testing.T, _ *mock.Server, c *declared.Client) {
		u, err := c.User(ctx, "u1a2b3")
		if err != nil {
			t.Fatal(err)
		}
		if proof, err := c.Suspend(ctx, u); !errors.Is(err, offboard.ErrStillOpen) || proof != offboard.Open {
			t.Errorf("got %v and %v, want no suspension", proof, err)
		}
	})
}
