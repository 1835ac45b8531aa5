package declared_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

const (
	evenOff   = "POST /v1/people/" + inesRef + "/off"
	evenRead  = "GET /v1/people/" + inesRef
	evenEnd   = "DELETE /v1/people/" + inesRef
	evenList  = "GET /v1/people"
	evenAlive = "GET /v1/whoami"
	nobody    = `404 {"fault":{"kind":"no_person"}}`
)

// evenInes is an answer that shows somebody under the ID of Ines.
func evenInes(mail, state, role string) string {
	return `200 {"data":{"ref":` + inesRef + `,"mail":"` + mail + `","state":"` + state + `","role":"` + role + `"}}`
}

// inTwoSteps is a vendor whose users are suspended before they are ended, and have a role.
func inTwoSteps(script map[string][]string) *evening {
	e := newEvening()
	e.script = script
	e.definition = func(source string) string {
		return strings.NewReplacer(
			`record.state == "ended"`, `record.state == "off" ? "suspended" : record.state == "ended"`,
			"  email  = record.mail\n", "  email  = record.mail\n  facts  = { role = try(record.role, null) }\n",
			`step "end" {`, `step "off" {
  when       = user.status == "active"
  method     = "POST"
  path       = ["people", user.id, "off"]
  done       = user.status == "suspended"
  reversible = true
}

step "end" {
  gone     = answer.json.fault.kind == "no_person"`,
		).Replace(source)
	}
	return e
}

// A call may follow the read after a step. So that read passes the checks of the first one, and shows
// the same person, also if that account is closed.
func TestClose_theReadAfterAStepIsCheckedAsTheFirstOne(t *testing.T) {
	t.Parallel()
	errRole := errors.New("the role is another one")
	for name, c := range map[string]struct {
		shows string
		want  error
	}{
		"another role":                  {evenInes("p"+inesRef+"@acme.test", "off", "owner"), errRole},
		"another person, who is closed": {evenInes("otto@acme.test", "ended", ""), offboard.ErrAnotherPerson},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := inTwoSteps(map[string][]string{evenOff: {"200 {}"}, evenRead: {"", c.shows}})
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				ctx = offboard.WithCheck(ctx, func(_ context.Context, now declared.User) error {
					if now.Facts["role"] != "" {
						return errRole
					}
					return nil
				})
				proof, err := client.Close(ctx, u, "", offboard.NotSent)
				if !errors.Is(err, c.want) || proof != offboard.Open || slices.Contains(e.asked, evenEnd) {
					t.Errorf("got %v, %v and %q, want %v and no closing call", proof, err, e.asked, c.want)
				}
			})
		})
	}
}

// A suspension may change what the vendor shows of a user, and no call follows it.
func TestSuspend_isNoMatterOfTheChecksAfterIt(t *testing.T) {
	t.Parallel()
	shows := evenInes("p"+inesRef+"@acme.test", "off", "none")
	e := inTwoSteps(map[string][]string{evenOff: {"200 {}"}, evenRead: {"", shows}})
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		refuses := func(context.Context, declared.User) error { return errors.New("it is not as before") }
		if proof, err := c.Suspend(offboard.WithCheck(ctx, refuses), u); err != nil || proof != offboard.Done {
			t.Errorf("got %v and %v, want the user suspended", proof, err)
		}
	})
}

// An answer that says nothing of a user does not say either that there is none, whatever its body holds.
func TestClose_isNotProvenByGoneInAFailure(t *testing.T) {
	t.Parallel()
	for status, proven := range map[string]bool{
		"404": true, "401": false, "403": false, "429": false, "500": false, "503": false,
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			e := inTwoSteps(map[string][]string{
				evenOff: {"200 {}"}, evenRead: {"", nobody}, // as a vendor shows whom it suspended
				evenEnd:  {"500 {}", status + nobody[3:]},
				evenList: {`200 {"data":[` + person("90071992547409933") + `],"cursor":null}`},
			})
			e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
				u, err := c.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				proof, err := c.Close(ctx, u, "", offboard.NotSent)
				if (err == nil) != proven || (proof == offboard.Absent) != proven {
					t.Errorf("got %v and %v, want a proof %t", proof, err, proven)
				}
			})
		})
	}
}

// A failure is no page of a list, whatever its body holds.
func TestClient_takesNoFailureForASuccess(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"401", "403", "407", "408", "425", "429", "500", "503"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = func(source string) string {
				return strings.Replace(source, evenRecords, "ok = can(answer.json.data)\n  "+evenRecords, 1)
			}
			e.script = map[string][]string{
				evenList: {`200 {"data":[` + person("5") + `],"cursor":"c1"}`, status + ` {"data":[],"cursor":null}`},
			}
			e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
				var got []error
				for u, err := range c.AllUsers(ctx) {
					if u.ID != "5" {
						got = append(got, err)
					}
				}
				if len(got) != 1 || got[0] == nil {
					t.Errorf("got %v, want an error after the first page", got)
				}
			})
		})
	}
}

// A page that shows no other open user is no empty list if the list goes on.
func TestCheckAccess_aPageIsNoEmptyListIfThereAreMore(t *testing.T) {
	t.Parallel()
	const ended = `{"ref":5,"mail":"x@acme.test","state":"ended"}`
	for name, c := range map[string]struct {
		page  string
		empty bool
	}{
		"ended users, and more pages": {`200 {"data":[` + ended + `],"cursor":"c1"}`, false},
		"ended users, and no more":    {`200 {"data":[` + ended + `],"cursor":null}`, true},
		"nobody, and more pages":      {`200 {"data":[],"cursor":"c1"}`, false},
		"nobody":                      {`200 {"data":[],"cursor":null}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.override[evenList] = c.page
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				ines := offboard.User{ID: inesRef, Email: "p" + inesRef + "@acme.test", Status: offboard.Active}
				err := client.CheckAccess(ctx, ines, "")
				if !errors.Is(err, offboard.ErrAccessUnproven) || errors.Is(err, offboard.ErrEmptyList) != c.empty {
					t.Errorf("got %v, want no access, and an empty list: %t", err, c.empty)
				}
			})
		})
	}
}

// Without the owner of the key, nothing would keep the owner's account from being closed.
func TestClient_needsTheOwnerWhomTheDefinitionNames(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.definition = func(source string) string {
		return strings.Replace(source, "answer.json.data.ref > 0", "answer.status == 200", 1)
	}
	e.override[evenAlive] = `200 {"data":{"ref":null}}`
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		var setup *declared.SetupError
		if _, err := c.User(ctx, inesRef); !errors.As(err, &setup) || setup.Block != "alive" {
			t.Errorf("got %v, want the check of alive to fail", err)
		}
	})
}

// A definition that accepts a call by the status alone does not take an error with HTTP 2xx for an
// acceptance. One that looks at the body has judged it.
func TestParse_acceptedByTheStatusNeedsABodyWithoutAnError(t *testing.T) {
	t.Parallel()
	for accepted, want := range map[string]bool{
		`answer.status == 202`:                                 false,
		`answer.status == 202 && answer.json.data.job != null`: false,
		`answer.json.data.job != null && contains(["", "too many requests"], try(answer.json.error, ""))`: true,
	} {
		source := eveningText(t, parts{`answer.status == 202 && answer.json.data.job != null`, accepted}) + `
example "busy" {
  of     = "step end"
  answer = { status = 202, json = { error = "too many requests", data = { job = "j1" } } }
  expect = { accepted = ` + strconv.FormatBool(want) + ` }
}
`
		if _, problems := declared.Parse("evening", source); len(problems) > 0 {
			t.Errorf("%s: got the problems %v, want that the call is accepted %t", accepted, problems, want)
		}
	}
}
