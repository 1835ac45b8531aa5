package rest_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// A whole list that does not show an account as open confirms its absence.
func TestCheckAbsent_needsTheWholeList(t *testing.T) {
	t.Parallel()
	const ines = "ines@acme.test"
	u := offboard.User{ID: "u7", Email: ines, Name: "Ines Varga"}
	row := func(id, email string, status offboard.Status) offboard.User {
		return offboard.User{ID: id, Email: email, Status: status}
	}
	zoe := row("u1", "zoe@acme.test", offboard.Active)
	hers, otto := row("u7", ines, offboard.Active), row("u7", "otto@acme.test", offboard.Active)
	suspended := row("u7", ines, offboard.Suspended)
	for name, c := range map[string]struct {
		rows  []offboard.User
		err   error  // at the end of the list
		want  error  // in the error
		words string // in the error; empty for an absence that is confirmed
	}{
		"not listed":                {[]offboard.User{zoe}, nil, nil, ""},
		"nobody is listed":          {nil, nil, nil, ""},
		"listed as open":            {[]offboard.User{zoe, hers}, nil, offboard.ErrListed, "as open"},
		"listed as suspended":       {[]offboard.User{suspended}, nil, offboard.ErrListed, "as open"},
		"listed as closed":          {[]offboard.User{row("u7", ines, offboard.Closed)}, nil, nil, ""},
		"another person has the ID": {[]offboard.User{otto}, nil, offboard.ErrAnotherPerson, "another person"},
		"another account of hers":   {[]offboard.User{row("u8", ines, offboard.Active)}, nil, nil, ""},
		"the ID in another case":    {[]offboard.User{row("U7", "", offboard.Active)}, nil, nil, "another letter case"},
		"the ID in another case, then listed": {
			[]offboard.User{row("U7", "", offboard.Active), hers}, nil, offboard.ErrListed, "as open",
		},
		"a row that cannot be read": {
			[]offboard.User{zoe}, &rest.RowError{Row: 2, Err: errors.New("no ID")}, nil, "row 2 cannot be read",
		},
		"a row of another user that cannot be read": {
			[]offboard.User{zoe}, &rest.RowError{Row: 2, ID: "u9", Err: errors.New("no role")}, nil, "",
		},
		"not to its end": {
			[]offboard.User{zoe}, &rest.PartialError{Read: 1, Total: 42}, nil, "not whole: the vendor says 42",
		},
		"a page fails": {[]offboard.User{zoe}, errPage, errPage, "no page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := rest.Whole(listOf(c.rows, c.err))
			if err == nil {
				err = rest.CheckAbsent(t.Context(), list, u)
			}
			if (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) ||
				c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %q and %v", err, c.words, c.want)
			}
		})
	}
}

// A vendor may give its accounts new IDs. After an absence that no call explains, an open row with the address may
// be the account.
func TestCheckAbsent_underAnotherID(t *testing.T) {
	t.Parallel()
	u := offboard.User{ID: "u7", Email: "ines@acme.test", Name: "Ines Varga"}
	for name, c := range map[string]struct {
		row  offboard.User
		want error
	}{
		"her name":      {offboard.User{ID: "u8", Email: "Ines@acme.test", Name: "Ines Varga"}, offboard.ErrPerhapsListed},
		"no name":       {offboard.User{ID: "u8", Email: "<ines@acme.test>"}, offboard.ErrPerhapsListed},
		"her mask":      {offboard.User{ID: "u8", Email: "i***@acme.test", Name: "Ines Varga"}, offboard.ErrPerhapsListed},
		"no address":    {offboard.User{ID: "u8", Name: "Ines Varga"}, offboard.ErrPerhapsListed},
		"nobody":        {offboard.User{ID: "u8"}, nil},
		"another name":  {offboard.User{ID: "u8", Email: "ines@acme.test", Name: "Otto Berg"}, offboard.ErrPerhapsListed},
		"a closed one":  {offboard.User{ID: "u8", Email: "ines@acme.test", Status: offboard.Closed}, nil},
		"another's row": {offboard.User{ID: "u8", Email: "otto@acme.test", Name: "Ines Varga"}, nil},
	} {
		check := func(ctx context.Context) error {
			return rest.CheckAbsent(ctx, rest.Page[offboard.User]{Items: []offboard.User{c.row}}, u)
		}
		nothing := func(context.Context) error { return nil }
		unexplained := offboard.Verifier{CheckAccess: nothing, CheckShown: check}.Unexplained()
		if err := unexplained.CheckAccess(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		lost := offboard.Verifier{CheckAccess: nothing, CheckList: check}.AfterLost()
		if err := lost.CheckAccess(t.Context()); err != nil {
			t.Errorf("%s, after a lost call: got %v", name, err)
		}
	}
}

// Somebody without an ID is looked for by the email address, which a row may show beside something else.
func TestCheckAbsent_byEmail(t *testing.T) {
	t.Parallel()
	u := offboard.User{Email: "ines@acme.test"}
	for shown, want := range map[string]bool{
		"otto@acme.test": true, "ines@acme.test": false, "Ines <ines@acme.test>": false, "i***@acme.test": false,
	} {
		list := rest.Page[offboard.User]{Items: []offboard.User{
			{ID: "u1", Email: "zoe@acme.test", Status: offboard.Active}, {ID: "u2", Email: shown, Status: offboard.Active},
		}}
		if err := rest.CheckAbsent(t.Context(), list, u); (err == nil) != want {
			t.Errorf("%q: got %v, want an absence: %t", shown, err, want)
		}
	}
}

// listOf is a list with these rows, and an error after them.
func listOf(rows []offboard.User, err error) iter.Seq2[offboard.User, error] {
	return func(yield func(offboard.User, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			yield(offboard.User{}, err)
		}
	}
}
