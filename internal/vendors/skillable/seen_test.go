package skillable_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/vendortest"
)

const routeAll = "GET /runningandsavedlabs"

func TestSeen_areThoseWithLabsEachOnce(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Skillable.Add(
			mock.SkillableUser{
				ID:      "emp-1",
				Name:    "Noor Marin",
				Email:   "noor@acme.test",
				Running: mock.Labs{basics, drill},
				Saved:   mock.Labs{exam},
			},
		)
		m.Skillable.Add(
			mock.SkillableUser{ID: "emp-2", Name: "Rosa Keller", Email: "rosa@acme.test", Saved: mock.Labs{{ID: 1, Name: "x"}}},
		)
		var got []offboard.User
		for u, err := range c.Seen(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, u)
		}
		want := []offboard.User{
			{ID: "emp-1", Name: "Noor Marin", Status: offboard.Active},
			{ID: "emp-2", Name: "Rosa Keller", Status: offboard.Active},
		}
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("got %+v, want %+v", got, want)
		}
		vendortest.WantRoutes(t, m, routeAll)
	})
}

func TestSeen_rowsWithoutAUserAndNullListsAreEmpty(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"RunningLabs":[{"UserId":null},{"UserId":""},{}],"SavedLabs":[],"Status":1,"Error":null}`,
		`{"RunningLabs":null,"SavedLabs":null,"Status":1,"Error":null}`,
	} {
		oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
			m.Fail(mock.Fault{Status: http.StatusOK, Body: answer})
			for u, err := range c.Seen(ctx) {
				t.Errorf("got %+v, %v, want none", u, err)
			}
		})
	}
}

func TestSeen_aRowThatCannotBeReadHidesNoOther(t *testing.T) {
	t.Parallel()
	oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
		m.Fail(
			mock.Fault{
				Status: http.StatusOK,
				Body:   `{"RunningLabs":[{"UserId":"a"},{"UserId":{}}],"SavedLabs":[7,{"UserId":8}],"Status":1,"Error":null}`,
			},
		)
		var got, bad []string
		for u, err := range c.Seen(ctx) {
			if err != nil {
				bad = append(bad, err.Error())
				continue
			}
			got = append(got, u.ID)
		}
		if !slices.Equal(got, []string{"a", "8"}) || len(bad) != 2 || !strings.HasPrefix(bad[0], "row 2 of page 1 ") ||
			!strings.HasPrefix(bad[1], "row 3 of page 1 ") {
			t.Errorf("got %v and %q, want a and 8, and the two rows between them named", got, bad)
		}
	})
}

func TestSeen_unusableAnswersAreErrors(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]mock.Fault{
		"a refusal": {Status: http.StatusOK, Body: `{"Status":0,"Error":"Invalid integration key"}`},
		"status and word": {
			Status: http.StatusOK, Body: `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":"Invalid integration key"}`,
		},
		"no status":     {Status: http.StatusOK, Body: `{"RunningLabs":[],"SavedLabs":[]}`},
		"no lists":      {Status: http.StatusOK, Body: `{"Status":1,"Error":null}`},
		"good, but 409": {Status: http.StatusConflict, Body: `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}`},
		"two values":    {Status: http.StatusOK, Body: `{"RunningLabs":[],"SavedLabs":[],"Status":1,"Error":null}{}`},
		"one list":      {Status: http.StatusOK, Body: `{"RunningLabs":[],"Status":1,"Error":null}`},
		"HTML":          {Status: http.StatusOK, Body: vendortest.HTML},
		"a bad key":     {Status: http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oneUser.Run(t, func(ctx context.Context, t *testing.T, m *mock.Server, c *skillable.Client) {
				m.Fail(f)
				failed := false
				for u, err := range c.Seen(ctx) {
					if err == nil {
						t.Fatalf("got %+v, want an error", u)
					}
					vendortest.WantFault(t, err)
					failed = true
				}
				if !failed {
					t.Error("got no user, want an error")
				}
			})
		})
	}
}
