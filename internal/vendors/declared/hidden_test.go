package declared_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// A vendor may hide an account that is not active, so that no absence proves a call whose answer was lost.
// A status that is unknown may be any.
func TestClose_anAbsenceOfAnAccountThatIsNotActiveProvesNoLostCall(t *testing.T) {
	t.Parallel()
	for state, proven := range map[string]bool{"on": true, "off": false, "locked": false} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(
				evenStatus, `record.state == "off" ? "suspended" : record.state == "on" ? "active" : "unknown"`,
				`user.status == "closed"`, `user.absent`,
			)
			e.script = map[string][]string{
				evenRead: {evenInes("p"+inesRef+"@acme.test", state, ""), evenInes("p"+inesRef+"@acme.test", state, ""), nobody},
				evenEnd:  {"500 {}"},
				evenList: {`200 {"data":[` + person("90071992547409933") + `],"cursor":null}`},
			}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				if proof, err := client.Close(ctx, u, "", offboard.NotSent); (err == nil) != proven {
					t.Errorf("got %v and %v, want a proof %t", proof, err, proven)
				}
			})
		})
	}
}

// The owner of the key is compared with IDs and addresses, so that anything else would keep nobody from being
// closed. An address need not have the form of an ID.
func TestClient_needsAnIDOfTheOwner(t *testing.T) {
	t.Parallel()
	for self, good := range map[string]bool{`7`: true, `"key@acme.test"`: true, `"bot"`: false, `"a/b"`: false} {
		t.Run(self, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(
				"answer.json.data.ref > 0", "answer.json.data.ref != null", "unknown_id =", "id_pattern = \"[0-9]+\"\nunknown_id =",
			)
			e.override[evenAlive] = `200 {"data":{"ref":` + self + `}}`
			e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
				var setup *declared.SetupError
				if _, err := c.User(ctx, inesRef); errors.As(err, &setup) == good || (err == nil) != good {
					t.Errorf("got %v, want the check of alive to pass %t", err, good)
				}
			})
		})
	}
}

// An open row with the address of the account, under another ID or beside a name, may be the account. So it
// takes back an absence that no call explains, and no other one.
func TestCheckAccess_aRowWithTheAddressMayBeTheAccount(t *testing.T) {
	t.Parallel()
	const mail = "ines@acme.test"
	row := func(mail, state, name string) string {
		return `{"ref":88,"mail":"` + mail + `","state":"` + state + `","name":` + name + `}`
	}
	searched := offboard.User{Email: mail}
	ines := offboard.User{ID: inesRef, Email: mail, Name: "Ines"}
	for name, c := range map[string]struct {
		u         offboard.User
		row       string
		explained bool
		want      error
	}{
		"another ID":               {ines, row(mail, "on", `"Ines"`), false, offboard.ErrPerhapsListed},
		"another ID, no name":      {ines, row(mail, "on", "null"), false, offboard.ErrPerhapsListed},
		"another ID, after a call": {ines, row(mail, "on", `"Ines"`), true, nil},
		"another name":             {ines, row(mail, "on", `"Otto"`), false, offboard.ErrPerhapsListed},
		"closed":                   {ines, row(mail, "ended", `"Ines"`), false, nil},
		"another address":          {ines, row("otto@acme.test", "on", `"Ines"`), false, nil},
		"searched":                 {searched, row(mail, "on", `"Ines"`), false, offboard.ErrListed},
		"searched, beside a name":  {searched, row("Ines <"+mail+">", "on", `"Ines"`), false, offboard.ErrPerhapsListed},
		"searched, beside another": {
			searched, row("i@acme.test, "+mail, "on", "null"), false, offboard.ErrPerhapsListed,
		},
		"searched, beside a longer one": {searched, row("x"+mail, "on", "null"), false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing("  email  = record.mail\n", "  email  = record.mail\n  name   = try(record.name, null)\n")
			e.override[evenList] = listOf(person("5"), c.row)
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				w := client.Verifier(c.u, "")
				if !c.explained {
					w = w.Unexplained()
				}
				if err := w.CheckAccess(ctx); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// Some libraries write a number with an exponent, in a field at which the definition may not even look. Only one
// that would be very long without it is refused.
func TestUser_hasNumbersWithExponents(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		"1.073741824E10": true, "1e-05": true, "1.7976931348623157E308": true, "1e99999999": false,
		"1e-99999999": false, "1e99999999999999999999": false, strings.Repeat("9", 500): false,
	} {
		e := newEvening()
		e.override[evenRead] = `200 {"data":{"ref":` + inesRef + `,"mail":"i@acme.test","state":"on","quota":` + number + `}}`
		e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
			if _, err := c.User(ctx, inesRef); (err == nil) != want {
				t.Errorf("%.20s: got %v, want a user %t", number, err, want)
			}
		})
	}
}
