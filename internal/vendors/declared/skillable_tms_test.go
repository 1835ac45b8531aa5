package declared_test

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

// The user of most tests of Skillable TMS, the rights of the key, and the commands of a closure.
const (
	tmsID      = "90417"
	tmsRights  = "0,7,9"
	tmsDisable = "GET /UpdateUser"
	tmsClose   = "GET /CloseUserAccountById/{id}"
)

// skillableTMS is the mock's Skillable TMS, reached by its definition. Ines has everything that is a
// finding.
func skillableTMS(t *testing.T) vendortest.Vendor[*declared.Client] {
	t.Helper()
	d := definition(t, "skillable_tms")
	return vendortest.Vendor[*declared.Client]{
		Connect: func(config rest.Config) (*declared.Client, error) {
			return declared.New(d, declared.Config{Config: config})
		},
		BaseURL: "https://vendor.test/skillable_tms/api/2.0", Timeout: 10 * time.Minute,
		Seed: func(server *mock.Server) {
			server.TMS.Add(mock.TMSUser{
				ID: 90417, Name: "Ines Varga", Email: "ines@acme.test", UserName: "ines.varga",
				Optional: map[string]string{
					"ExternalId": "emp/3107", "ManagerId": "88001", "CountryCode": "PT", "Country": "Portugal", "Phone": "+351 & 5",
				},
				Roles: []int64{0, 7, 12}, Managed: []int64{612}, Assignments: 2, Labs: 1,
				Enrollments: []mock.TMSEnrollment{
					{Class: "Mesh basics", Status: 60, Completion: 10}, {Class: "Backup drill", Status: 10},
				},
				Subscriptions: []string{"", "2027-01-31T00:00:00"},
			})
			server.TMS.Add(mock.TMSUser{ID: 90418, Name: "Otto Berg", Email: "otto@acme.test"})
		},
	}
}

// readInes reads the user of most tests.
func readInes(ctx context.Context, t *testing.T, c *declared.Client) declared.User {
	t.Helper()
	u, err := c.User(ctx, tmsID)
	facts := map[string]string{"external_id": "emp/3107", "organization": "612"}
	if err != nil || u.Email != "ines@acme.test" || u.Name != "Ines Varga" || u.Login != "ines.varga" ||
		!maps.Equal(u.Facts, facts) {
		t.Fatalf("got %+v and %v, want Ines", u, err)
	}
	return u
}

// tmsSwitches are the answers that the documentation leaves open, and what a closure and a suspension
// come to where Skillable TMS gives them.
var tmsSwitches = map[string]struct {
	set       func(*mock.TMS)
	proof     offboard.Observation // what proves the closure; Open where nothing does
	open      bool                 // whether the account is open then
	suspended bool                 // whether a suspension is proven
}{
	"no switch": {func(*mock.TMS) {}, offboard.Absent, false, true},
	"a closed user is a record": {
		func(s *mock.TMS) { s.Closed = mock.TMSClosedAnonymized },
		offboard.Done,
		false,
		true,
	},
	"a closed user is null":        {func(s *mock.TMS) { s.Closed = mock.TMSClosedNull }, offboard.Open, false, true},
	"a second closure has no rows": {func(s *mock.TMS) { s.Again = mock.TMSAgainNoRows }, offboard.Absent, false, true},
	"a second closure has rows":    {func(s *mock.TMS) { s.Again = mock.TMSAgainRows }, offboard.Absent, false, true},
	"a second closure is an error": {func(s *mock.TMS) { s.Again = mock.TMSAgainError }, offboard.Absent, false, true},
	"a closure counts no rows":     {func(s *mock.TMS) { s.NoRows = true }, offboard.Absent, false, true},
	"a closure takes a while":      {func(s *mock.TMS) { s.SlowClose = 3 }, offboard.Absent, false, true},
	"no read finds a disabled user": {
		func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHidden },
		offboard.Absent,
		false,
		false,
	},
	"no email finds a disabled user": {
		func(s *mock.TMS) { s.HideDisabled = mock.TMSDisabledHiddenByEmail },
		offboard.Absent,
		false,
		true,
	},
	"an update clears what is omitted": {func(s *mock.TMS) { s.ClearOmitted = true }, offboard.Absent, false, true},
	"an update does not disable":       {func(s *mock.TMS) { s.DisableIgnored = true }, offboard.Absent, false, false},
	"an enrollment blocks":             {func(s *mock.TMS) { s.EnrolledBlocks = true }, offboard.Open, true, true},
	"a managed organization blocks":    {func(s *mock.TMS) { s.ManagingBlocks = true }, offboard.Open, true, true},
	"a lab blocks":                     {func(s *mock.TMS) { s.LabsBlock = true }, offboard.Open, true, true},
	"no user can be deleted":           {func(s *mock.TMS) { s.DeleteRefused = true }, offboard.Absent, false, true},
	"a bad key is HTTP 401": {
		func(s *mock.TMS) { s.BadKey = mock.BadKeyUnauthorized },
		offboard.Absent,
		false,
		true,
	},
	"the other letter case":        {func(s *mock.TMS) { s.FlippedCase = true }, offboard.Absent, false, true},
	"a success with an error":      {func(s *mock.TMS) { s.ErrorOnSuccess = true }, offboard.Open, false, false},
	"no status":                    {func(s *mock.TMS) { s.NoStatus = true }, offboard.Open, false, false},
	"web pages with HTTP 200":      {func(s *mock.TMS) { s.HTML = 200 }, offboard.Open, true, false},
	"web pages with HTTP 500":      {func(s *mock.TMS) { s.HTML = 500 }, offboard.Open, true, false},
	"bad parameters are web pages": {func(s *mock.TMS) { s.BadParameter = 404 }, offboard.Absent, false, true},
	"empty lists are null":         {func(s *mock.TMS) { s.Lists = mock.TMSListsNull }, offboard.Absent, false, true},
	"empty lists are missing": {
		func(s *mock.TMS) { s.Lists = mock.TMSListsMissing },
		offboard.Absent,
		false,
		true,
	},
	"emails are found as written":  {func(s *mock.TMS) { s.EmailExact = true }, offboard.Absent, false, true},
	"outside the key":              {outsideTheKey(mock.TMSOutsideNotFound), offboard.Open, true, false},
	"outside the key is an error":  {outsideTheKey(mock.TMSOutsideError), offboard.Open, true, false},
	"outside the key is a bad key": {outsideTheKey(mock.TMSOutsideBadKey), offboard.Open, true, false},
}

// outsideTheKey hides Ines from the key.
func outsideTheKey(answer mock.TMSOutside) func(*mock.TMS) {
	return func(s *mock.TMS) { s.Hidden, s.Outside = map[int64]bool{90417: true}, answer }
}

func TestSkillableTMS_hasARowForEachSwitch(t *testing.T) {
	t.Parallel()
	vendor := func(server *mock.Server) *mock.TMS { return server.TMS }
	vendortest.WantAllSwitches(t, vendor, func(set func(func(*mock.TMS))) {
		for _, c := range tmsSwitches {
			set(c.set)
		}
	})
}

// A closure is proven, or the account stays in the state with an error. The colleague stays as he is.
func TestSkillableTMS_decidesWhatProvesAClosure(t *testing.T) {
	t.Parallel()
	for name, c := range tmsSwitches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *declared.Client) {
				u := readInes(ctx, t, client)
				server.TMS.Set(c.set)
				proof, err := client.Close(ctx, u, tmsRights, offboard.NotSent)
				if proof != c.proof || (err == nil) != (c.proof != offboard.Open) {
					t.Errorf("got %v and %v, want the proof %v", proof, err, c.proof)
				}
				if otto, _ := server.TMS.Get(90418); server.TMS.Has(90417) != c.open || otto.Disabled || !server.TMS.Has(90418) {
					t.Errorf("got Ines open %t and Otto %+v, want Ines open %t", server.TMS.Has(90417), otto, c.open)
				}
			})
		})
	}
}

// A suspension is proven, or there is an error. It never closes.
func TestSkillableTMS_decidesWhatProvesASuspension(t *testing.T) {
	t.Parallel()
	for name, c := range tmsSwitches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, client *declared.Client) {
				u := readInes(ctx, t, client)
				server.TMS.Set(c.set)
				proof, err := client.Suspend(ctx, u)
				if (err == nil) != c.suspended || (proof == offboard.Done) != c.suspended {
					t.Errorf("got %v and %v, want the suspension proven %t", proof, err, c.suspended)
				}
				ines, _ := server.TMS.Get(90417)
				if c.suspended && !ines.Disabled || !server.TMS.Has(90417) {
					t.Errorf("got %+v, want her disabled and not closed", ines)
				}
			})
		})
	}
}

func TestSkillableTMS_isNotAbsentIfOnlyTheKeyIsBad(t *testing.T) {
	t.Parallel()
	for _, answer := range []mock.SkillableBadKey{mock.BadKeyInBody, mock.BadKeyUnauthorized, mock.BadKeyForbidden} {
		v := skillableTMS(t)
		v.Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, _ *declared.Client) {
			server.TMS.BadKey = answer
			c := vendortest.NewClient(t, v.Connect, v.BaseURL, "another-key", mock.Transport{Handler: server})
			if _, err := c.User(ctx, tmsID); err == nil || errors.Is(err, offboard.ErrNotFound) {
				t.Errorf("got %v, want an error that is not ErrNotFound", err)
			}
		})
	}
}

func TestSkillableTMS_sendsTheWholePersonBack(t *testing.T) {
	t.Parallel()
	skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		server.TMS.Update(90417, func(u *mock.TMSUser) {
			for _, field := range []string{
				"MiddleName", "Title", "Phone2", "Address1", "Address2", "City", "State", "Zip", "ProfileImageUrl", "TimeZoneId",
			} {
				u.Optional[field] = field + " & more"
			}
			u.Optional["CompanyId"] = "17"
		})
		u := readInes(ctx, t, c)
		before, _ := server.TMS.Get(90417)
		server.TMS.Set(func(s *mock.TMS) { s.ClearOmitted = true })
		server.ForgetRequests()
		if proof, err := c.Suspend(ctx, u); err != nil || proof != offboard.Done {
			t.Fatalf("got %v and %v, want the user suspended", proof, err)
		}
		vendortest.WantRoutes(t, server, "GET /UpdateUser", "GET /GetUser/{id}")
		_, query, _ := strings.Cut(server.Requests()[0].Path, "?")
		values, err := url.ParseQuery(query)
		want := "address1 address2 city companyId countryCode disabled email externalId firstName id lastName managerId " +
			"middleName organizationId phone phone2 profileImageUrl state timeZoneId title userName zip"
		if got := strings.Join(slices.Sorted(maps.Keys(values)), " "); err != nil || got != want {
			t.Errorf("got the parameters %q and %v, want %q", got, err, want)
		}
		after, _ := server.TMS.Get(90417)
		delete(before.Optional, "Country") // the code wins over it
		if !after.Disabled || after.Email != before.Email || !maps.Equal(after.Optional, before.Optional) {
			t.Errorf("got %+v, want only disabled, and as before %+v", after, before)
		}
	})
}

// An update that changes more than it was asked to is not the suspension that was wanted.
func TestSkillableTMS_isNotSuspendedIfSomethingElseChanges(t *testing.T) {
	t.Parallel()
	skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		u := readInes(ctx, t, c)
		server.OnRequest(func(r mock.Request) {
			if r.Route == tmsDisable {
				server.TMS.Update(90417, func(u *mock.TMSUser) { delete(u.Optional, "ManagerId") })
			}
		})
		if proof, err := c.Suspend(ctx, u); err == nil {
			t.Errorf("got %v and no error, want an error", proof)
		}
	})
}

func TestSkillableTMS_closesWhoIsDisabled(t *testing.T) {
	t.Parallel()
	skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		server.TMS.Update(90417, func(u *mock.TMSUser) { u.Disabled = true })
		u := readInes(ctx, t, c)
		server.ForgetRequests()
		proof, err := c.Close(ctx, u, tmsRights, offboard.NotSent)
		if err != nil || proof != offboard.Absent {
			t.Errorf("got %v and %v, want the user closed", proof, err)
		}
		vendortest.WantRoutes(
			t,
			server,
			tmsClose,
			"GET /GetUser/{id}",
			"GET /GetUserByEmail",
			"GET /GetUserByExternalId/{id}",
			"GET /GetUserRoles",
		)
	})
}

// A closing command that is accepted and does nothing is no closure, whoever is hidden.
func TestSkillableTMS_isNotClosedWithoutAnEffect(t *testing.T) {
	t.Parallel()
	for _, hidden := range []mock.TMSDisabled{
		mock.TMSDisabledShown, mock.TMSDisabledHidden, mock.TMSDisabledHiddenByEmail,
	} {
		for _, fault := range []mock.Fault{
			{Route: tmsClose, Pretend: true}, {Route: tmsClose, Drop: true}, {Only: mock.Close, Lie: mock.Queue{}},
		} {
			skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
				u := readInes(ctx, t, c)
				server.TMS.Set(func(s *mock.TMS) { s.HideDisabled = hidden })
				server.Fail(fault)
				if proof, err := c.Close(ctx, u, tmsRights, offboard.NotSent); err == nil || !server.TMS.Has(90417) {
					t.Errorf("hidden %v, fault %+v: got %v and no error, want an error", hidden, fault, proof)
				}
			})
		}
	}
}

// The answer to the closing command is lost, and the command was done.
func TestSkillableTMS_isClosedByACommandWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		u := readInes(ctx, t, c)
		server.Fail(mock.Fault{Route: tmsClose, Drop: true, Effect: true, Times: 1})
		proof, err := c.Close(ctx, u, tmsRights, offboard.NotSent)
		if err != nil || proof != offboard.Absent || vendortest.Count(server, tmsClose) != 1 {
			t.Errorf("got %v and %v by %q, want the user closed by one command", proof, err, server.Routes())
		}
	})
}

// The vendor says that there is no such user, and the email or the external ID still finds one.
func TestSkillableTMS_isNotClosedIfALookUpFindsTheUser(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]mock.TMSUser{
		"email": {ID: 90500, Name: "Ines V", Email: "ines@acme.test", UserName: "iv"},
		"external ID": {
			ID: 90500, Name: "Ines V", Email: "iv@acme.test", Optional: map[string]string{"ExternalId": "emp/3107"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
				u := readInes(ctx, t, c)
				server.OnRequest(func(r mock.Request) {
					if r.Route == tmsClose {
						server.TMS.Add(other)
					}
				})
				if proof, err := c.Close(ctx, u, tmsRights, offboard.NotSent); err == nil {
					t.Errorf("got %v and no error, want an error", proof)
				}
			})
		})
	}
}

// A look-up or a search that fails has found nothing out.
func TestSkillableTMS_believesNoSearchThatFails(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"Status":10,"Error":"Failed"}`, `{"Status":30,"Error":"Bad key"}`, `{}`} {
		for _, route := range []string{
			"GET /GetUserByEmail", "GET /GetUserByExternalId/{id}", "GET /SearchClassEnrollments",
			"GET /SearchCourseAssignments", "GET /SearchLabInstances", "GET /SearchSubscriptions",
		} {
			skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
				u := readInes(ctx, t, c)
				server.Fail(mock.Fault{Route: route, Status: 200, Body: body})
				if strings.Contains(route, "Search") {
					if findings, err := c.Preflight(ctx, u); err == nil {
						t.Errorf("%s %s: got %v and no error, want an error", route, body, findings)
					}
					return
				}
				if proof, err := c.Close(ctx, u, tmsRights, offboard.NotSent); err == nil {
					t.Errorf("%s %s: got %v and no error, want an error", route, body, proof)
				}
			})
		}
	}
}

func TestSkillableTMS_findsAUserByEmail(t *testing.T) {
	t.Parallel()
	skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		for email, want := range map[string]string{
			"INES@acme.test": tmsID, "otto@acme.test": "90418", "none@acme.test": "",
		} {
			found, err := c.FindByEmail(ctx, email)
			if err != nil || (len(found) == 1) != (want != "") || len(found) == 1 && found[0].ID != want {
				t.Errorf("%s: got %+v and %v, want %q", email, found, err, want)
			}
		}
		server.Fail(mock.Fault{Route: "GET /GetUserByEmail", Status: 200, Body: `{"Status":10,"Error":"x","User":null}`})
		if found, err := c.FindByEmail(ctx, "ines@acme.test"); err == nil {
			t.Errorf("got %+v and no error, want an error", found)
		}
	})
}

func TestSkillableTMS_closesAUserWithoutAnExternalID(t *testing.T) {
	t.Parallel()
	for _, optional := range []map[string]string{nil, {"ExternalId": ""}, {"ExternalId": " "}} {
		skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
			server.TMS.Update(90418, func(u *mock.TMSUser) { u.Optional = optional })
			u, err := c.User(ctx, "90418")
			if err != nil {
				t.Fatal(err)
			}
			proof, err := c.Close(ctx, u, tmsRights, offboard.NotSent)
			if err != nil || proof != offboard.Absent || server.TMS.Has(90418) {
				t.Errorf("%v: got %v and %v, want the user closed", optional, proof, err)
			}
		})
	}
}

// An absence proves nothing after the key became one with other rights.
func TestSkillableTMS_isNotClosedIfTheRightsChanged(t *testing.T) {
	t.Parallel()
	skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, _ *mock.Server, c *declared.Client) {
		u := readInes(ctx, t, c)
		proof, err := c.Close(ctx, u, "0,1", offboard.NotSent)
		if proof != offboard.Open || !errors.Is(err, offboard.ErrAccessUnproven) ||
			offboard.CallOf(err) != offboard.Accepted {
			t.Errorf("got %v and %v, want an accepted call and no proof", proof, err)
		}
	})
}

func TestSkillableTMS_suspendsOnce(t *testing.T) {
	t.Parallel()
	skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
		server.TMS.Update(90417, func(u *mock.TMSUser) { u.Disabled = true })
		u := readInes(ctx, t, c)
		proof, err := c.Suspend(ctx, u)
		if err != nil || proof != offboard.Done || vendortest.Count(server, tmsDisable) != 0 {
			t.Errorf("got %v and %v by %q, want no update of a disabled user", proof, err, server.Routes())
		}
	})
}

func TestSkillableTMS_findsWhatAPersonShouldKnow(t *testing.T) {
	t.Parallel()
	skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, _ *mock.Server, c *declared.Client) {
		findings, err := c.Preflight(ctx, readInes(ctx, t, c))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range findings {
			if f.Kind != offboard.Warning {
				t.Errorf("got %v, want warnings alone", f)
			}
			got = append(got, f.Subject)
		}
		want := []string{
			"roles beside that of every user: 7, 12; named by the vendor: Instructor", "the user manages the organization 612",
			"the user is enrolled in the class Mesh basics", "courses that are assigned and not completed: 2",
			"labs in progress: 1", "the user has the subscription Subscription 1 (no end)",
			"the user has the subscription Subscription 2 (ends 2027-01-31T00:00:00)",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestSkillableTMS_findsNothingAboutAPlainUser(t *testing.T) {
	t.Parallel()
	for _, lists := range []mock.TMSLists{mock.TMSListsEmpty, mock.TMSListsNull, mock.TMSListsMissing} {
		skillableTMS(t).Run(t, func(ctx context.Context, t *testing.T, server *mock.Server, c *declared.Client) {
			server.TMS.Lists = lists
			server.TMS.Update(90418, func(u *mock.TMSUser) { u.Roles = []int64{} })
			u, err := c.User(ctx, "90418")
			if err != nil {
				t.Fatal(err)
			}
			if findings, err := c.Preflight(ctx, u); err != nil || len(findings) > 0 {
				t.Errorf("lists %v: got %v and %v, want none", lists, findings, err)
			}
		})
	}
}

func TestSkillableTMS_refusesAnIDThatOnlyOneCommandTakes(t *testing.T) {
	t.Parallel()
	d := definition(t, "skillable_tms")
	for id, good := range map[string]bool{
		"1": true, "90417": true, "1999999999": true, "2147483648": false, "0": false, "007": false, "-1": false, "": false,
		"90417x": false,
	} {
		if err := d.CheckID(id); (err == nil) != good {
			t.Errorf("%q: got %v, want good %t", id, err, good)
		}
	}
}
