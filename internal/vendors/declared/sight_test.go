package declared_test

import (
	"context"
	"errors"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// The first page of the list is read whatever else shows that the key works, because a row of the account beats
// its absence. A list of nobody else takes nothing from what shows it.
func TestClose_aRowOfTheListBeatsWhatAliveShows(t *testing.T) {
	t.Parallel()
	open, closed := person(inesRef), rowOf(inesRef, "p"+inesRef+"@acme.test", "ended")
	for name, c := range map[string]struct {
		alive, list string
		want        error
	}{
		"self":                        {"", listOf(person("5"), open), offboard.ErrListed},
		"records":                     {"  records = answer.json.admins\n", listOf(person("5"), open), offboard.ErrListed},
		"rights":                      {"  rights = answer.json.org\n", listOf(person("5"), open), offboard.ErrListed},
		"records, and a list of one":  {"  records = answer.json.admins\n", listOf(open), offboard.ErrListed},
		"records, and no list":        {"  records = answer.json.admins\n", "500 {}", errFailed},
		"records, and nobody":         {"  records = answer.json.admins\n", listOf(), nil},
		"records, and others":         {"  records = answer.json.admins\n", listOf(person("5")), nil},
		"records, and the closed row": {"  records = answer.json.admins\n", listOf(closed), nil},
		"records of the owner alone":  {"  records = answer.json.owners\n", listOf(open), offboard.ErrListed},
		"the owner alone, and others": {"  records = answer.json.owners\n", listOf(person("5")), errFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(evenSelf, "  self  = tostring(answer.json.data.ref)\n"+c.alive)
			owner := person("7")
			e.override[evenAlive] = `200 {"data":{"ref":7},"org":"o1","admins":[` + owner + `,` + person("5") +
				`],"owners":[` + owner + `]}`
			e.override["GET /v1/people/7"] = `200 {"data":` + owner + `}`
			e.script = map[string][]string{evenRead: {"", nobody}, evenEnd: {evenTaken}, evenList: {c.list}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				then, err := client.Rights(ctx)
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Close(ctx, u, then, offboard.NotSent)
				if isSo := errors.Is(err, c.want) || errors.Is(c.want, errFailed) && err != nil; !isSo {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// errFailed stands for any error.
var errFailed = errors.New("any error")

// A key with other rights may be that of another organization, whose closed account with the ID may show nobody.
func TestCheckAccess_aClosedRowThatShowsNobodyNeedsTheSameRights(t *testing.T) {
	t.Parallel()
	ines := offboard.User{ID: inesRef, Email: "p" + inesRef + "@acme.test", Status: offboard.Active}
	blank, named := `{"ref":`+inesRef+`,"mail":null,"state":"ended"}`, rowOf(inesRef, ines.Email, "ended")
	for name, c := range map[string]struct {
		row, then string
		want      error
	}{
		"the same rights":           {blank, "o1", offboard.ErrClosed},
		"no rights before":          {blank, "", offboard.ErrClosed},
		"other rights":              {blank, "o2", offboard.ErrAccessUnproven},
		"other rights, and a name":  {named, "o2", offboard.ErrClosed},
		"the same rights, and both": {named + "," + blank, "o1", offboard.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(evenSelf, evenSelf+"  rights = answer.json.org\n")
			e.override[evenAlive] = `200 {"data":{"ref":7},"org":"o1"}`
			e.override["GET /v1/people/7"] = `200 {"data":` + person("7") + `}`
			e.override[evenList] = listOf(person("5"), c.row)
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				if err := client.CheckAccess(ctx, ines, c.then); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}
