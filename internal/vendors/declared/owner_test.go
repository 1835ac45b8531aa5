package declared_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// selfIs makes the vendor one that says in another form who owns the key.
func selfIs(expression string, more ...string) func(string) string {
	return replacing(append([]string{
		evenWorks, "answer.json.data.ref != null", evenSelf, "  self  = " + expression + "\n",
	}, more...)...)
}

// The owner of the key is known by the ID, the email address or the sign-in name, and never closed.
func TestClose_refusesTheOwnerByAnyName(t *testing.T) {
	t.Parallel()
	login := "  login  = try(record.nick, \"\")\n  status ="
	ref, record := selfIs(`tostring(answer.json.data.ref)`), "\n  record = answer.json"
	const mail = "p" + inesRef + "@acme.test"
	for name, c := range map[string]struct {
		definition func(string) string
		alive      string // empty for the ID of another user
		own        bool
	}{
		"the address":          {selfIs(`"P` + inesRef + `@acme.test"`), "", true},
		"another address":      {selfIs(`"otto@acme.test"`), "", false},
		"the sign-in name":     {selfIs(`"Ines.V"`, "  status =", login), "", true},
		"another sign-in name": {selfIs(`"otto"`, "  status =", login), "", false},
		"the ID":               {selfIs(`"` + inesRef + `"`), "", true},

		"another kind of ID beside the address": {ref, `{"data":{"ref":7,"mail":"P` + inesRef + `@acme.test"}}`, true},
		"an address further away":               {ref, `{"data":{"ref":7,"org":{"mail":"` + mail + `"}}}`, false},
		"an address in an element": {
			selfIs(`tostring(answer.json.list[0].ref)`),
			`{"list":[{"ref":7,"mail":"` + mail + `"},{"ref":6,"mail":"una@acme.test"}],"data":{"ref":7}}`, true,
		},
		"an address in another element": {
			selfIs(`tostring(answer.json.list[0].ref)`),
			`{"list":[{"ref":7,"mail":"una@acme.test"},{"ref":6,"mail":"` + mail + `"}],"data":{"ref":7}}`, false,
		},
		"an address in the element of a loop": {
			selfIs(`[for u in answer.json.list : tostring(u.ref) if try(u.me, false)][0]`),
			`{"list":[{"ref":6,"me":false},{"ref":7,"me":true,"mail":"` + mail + `"},null],"data":{"ref":7}}`, true,
		},
		"an address in one of two elements of a loop": {
			selfIs(`[for u in answer.json.list : tostring(u.ref) if try(u.me, false)][0]`),
			`{"list":[{"ref":7,"me":true},{"ref":6,"me":false,"boss":7,"mail":"` + mail + `"}],"data":{"ref":7}}`, false,
		},
		"an address beside a list of IDs": {
			selfIs(`tostring(answer.json.data.refs[0])`), `{"data":{"ref":7,"refs":[7],"mail":"` + mail + `"}}`, true,
		},
		"an address in a list of them": {
			ref, `{"data":{"ref":7,"userEmails":[{"value":"una@acme.test"},{"value":"` + mail + `"}]}}`, true,
		},
		"an address in a list of others": {ref, `{"data":{"ref":7,"team":[{"mail":"` + mail + `"}]}}`, false},
		"an address in the record": {
			selfIs(`tostring(answer.json.data.ref)` + record),
			`{"ref":7,"mail":"` + mail + `","state":"on","data":{"ref":7}}`, true,
		},
		"the ID in the record": {
			selfIs(`answer.json.mail` + record),
			`{"ref":` + inesRef + `,"mail":"old@acme.test","state":"on","data":{"ref":7}}`, true,
		},
		"the sign-in name in the record": {
			selfIs(`tostring(answer.json.data.ref)`+record, "  status =", login),
			`{"ref":7,"mail":"key@acme.test","nick":"INES.V","state":"on","data":{"ref":7}}`, true,
		},
		"an address beside a name": {
			selfIs(`answer.json.data.mail`, "record.mail", `"Ines Varga <${record.mail}>"`),
			`{"data":{"ref":7,"mail":"` + mail + `"}}`, true,
		},
		"an address beside another one": {
			selfIs(`tostring(answer.json.data.ref)`, "record.mail", `"una@acme.test, ${record.mail}"`),
			`{"data":{"ref":7,"mail":"` + mail + `"}}`, true,
		},
		"the address of both accounts": {ref, `{"data":{"ref":8,"mail":"` + mail + `"}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = c.definition
			e.override["GET /v1/people/8"] = `200 {"data":{"ref":8,"mail":"` + mail + `","state":"on"}}`
			if c.alive != "" {
				e.override[evenAlive] = "200 " + c.alive
			}
			e.override[evenRead] = `200 {"data":{"ref":` + inesRef + `,"mail":"p` + inesRef + `@acme.test","nick":"ines.v",` +
				`"state":"on"}}`
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				var refused *offboard.RefusedError
				if _, err := client.Close(ctx, u, "", offboard.NotSent); errors.As(err, &refused) != c.own {
					t.Errorf("got %v, want the owner of the key refused %t", err, c.own)
				}
			})
		})
	}
}

// The row of the owner is no sign that the key sees others, whatever names the owner.
func TestCheckAccess_theOwnersRowShowsNoOtherUser(t *testing.T) {
	t.Parallel()
	const login, record = "  login  = try(record.nick, \"\")\n  status =", "\n  record = answer.json.data"
	byNick := selfIs(`answer.json.data.nick`, "  status =", login)
	byMail := selfIs(`answer.json.data.mail`+record, "record.mail", `try(record.mail, "")`)
	for name, c := range map[string]struct {
		definition func(string) string
		row        string
		other      bool // the row counts as another user
	}{
		"the address":            {selfIs(`"key@acme.test"`), rowOf("7", "KEY@acme.test", "on"), false},
		"the address in a text":  {selfIs(`"key@acme.test"`), rowOf("7", "Key <key@acme.test>", "on"), false},
		"another address":        {selfIs(`"key@acme.test"`), rowOf("7", "otto@acme.test", "on"), true},
		"no address, by an ID":   {byMail, `{"ref":7,"state":"on"}`, false},
		"no address, another ID": {byMail, `{"ref":6,"state":"on"}`, true},
		"no address": {
			selfIs(`"key@acme.test"`, "record.mail", `try(record.mail, "")`), `{"ref":7,"state":"on"}`, false,
		},
		"a sign-in name, and no address": {
			selfIs(`"key@acme.test"`, "record.mail", `try(record.mail, "")`, "  status =", login),
			`{"ref":7,"nick":"otto","state":"on"}`, false,
		},
		"another address as the sign-in name": {
			selfIs(`"key@acme.test"`, "record.mail", `try(record.mail, "")`, "  status =", login),
			`{"ref":6,"nick":"una@acme.test","state":"on"}`, true,
		},
		"a mask":                   {selfIs(`"key@acme.test"`), rowOf("7", "k***@acme.test", "on"), false},
		"an address beside a name": {selfIs(`"key@acme.test"`), rowOf("6", "Una <una@acme.test>", "on"), true},
		"no sign-in name":          {selfIs(`"otto"`, "  status =", login), rowOf("7", "key@acme.test", "on"), false},
		"no sign-in name, by mail": {byNick, rowOf("7", "key@acme.test", "on"), false},
		"another by mail":          {byNick, rowOf("6", "una@acme.test", "on"), true},
		"no sign-in name, by an ID": {
			selfIs(`answer.json.data.nick`+record, "  status =", login), rowOf("7", "new@acme.test", "on"), false,
		},
		"another sign-in name": {
			selfIs(`"otto"`, "  status =", login), `{"ref":6,"mail":"una@acme.test","nick":"una","state":"on"}`, true,
		},
		"the address beside another ID": {
			selfIs(`tostring(answer.json.data.ref + 1)`), rowOf("7", "key@acme.test", "on"), false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = c.definition
			e.override[evenAlive] = `200 {"data":{"ref":7,"mail":"key@acme.test","nick":"otto","state":"on"}}`
			e.override["GET /v1/people/8"] = `200 {"data":{"ref":8,"mail":"una@acme.test","state":"on"}}`
			e.override[evenList] = listOf(c.row)
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				ines := offboard.User{ID: "5", Email: "ines@acme.test", Status: offboard.Active}
				err := client.CheckAccess(ctx, ines, "")
				if c.other && err != nil || !c.other && !errors.Is(err, offboard.ErrEmptyList) {
					t.Errorf("got %v, want another user in the list %t", err, c.other)
				}
			})
		})
	}
}

// An address beside self that another account has as well does not hide that account, once self reads as the
// user who has it.
func TestCheckAccess_anAddressOfTheOwnerHidesNoOtherUser(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.definition = selfIs(`tostring(answer.json.data.ref)`)
	e.override[evenAlive] = `200 {"data":{"ref":7,"mail":"p7@acme.test","boss":"una@acme.test"}}`
	e.override[evenList] = listOf(rowOf("6", "una@acme.test", "on"))
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		if _, err := c.User(ctx, inesRef); err != nil {
			t.Fatal(err)
		}
		ines := offboard.User{ID: "5", Email: "ines@acme.test", Status: offboard.Active}
		if err := c.CheckAccess(ctx, ines, ""); err != nil {
			t.Errorf("got %v, want another user in the list", err)
		}
	})
}

// Rights that are empty cannot be compared with any later ones, so they fail the check before the first use.
func TestClient_needsRightsThatAreNotEmpty(t *testing.T) {
	t.Parallel()
	for said, good := range map[string]bool{`"77001"`: true, `""`: false, `null`: false, `0`: true, `[]`: true} {
		e := newEvening()
		e.definition = replacing(evenSelf, "  rights = answer.json.company\n")
		e.override[evenAlive] = `200 {"data":{"ref":7},"company":` + said + `}`
		e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
			_, err := client.Rights(ctx)
			var setup *declared.SetupError
			if (err == nil) != good || errors.As(err, &setup) == good {
				t.Errorf("%s: got %v, want the rights good %t", said, err, good)
			}
		})
	}
}

// A self that is compared with nothing fails the check before the first use.
func TestClient_needsAnOwnerWhoIsAUser(t *testing.T) {
	t.Parallel()
	const record = "\n  record = answer.json.data"
	login := []string{"  status =", "  login  = try(record.nick, \"\")\n  status ="}
	noList := []string{evenListing, ""}
	for name, c := range map[string]struct {
		definition func(string) string
		asked      bool // a request shows who the owner is
		good       bool
	}{
		"an ID":                      {selfIs(`"7"`), true, true},
		"the ID of no user":          {selfIs(`"8"`), true, false},
		"an ID, and a record":        {selfIs(`"7"` + record), true, true},
		"the sign-in name":           {selfIs(`"otto"`, login...), false, true},
		"an ID beside sign-in names": {selfIs(`"8"`, login...), true, false},
		"an ID without a list":       {selfIs(`"7"`, noList...), true, true},
		"an address without a list":  {selfIs(`"key@acme.test"`, noList...), true, false},
		"an address, and no absence": {
			selfIs(`"key@acme.test"`, append(noList, evenDone, `user.status == "closed"`)...), false, true,
		},
		"a URL":                     {selfIs(`"https://api.evening.example/people/7"`), true, false},
		"a name that is no ID":      {selfIs(`"bot"`), true, false},
		"an ID in another form":     {selfIs(`"b-7"`, "tostring(record.ref)", "tostring(record.ref)"), true, true},
		"an ID with an @":           {selfIs(`"8C98@AdobeOrg"`), true, false},
		"an @ beside sign-in names": {selfIs(`"8C98@AdobeOrg"`, login...), true, false},
		"a masked address":          {selfIs(`"k***@acme.test"`), true, false},
		"an address without a dot": {
			selfIs(`"key@acme"`+record, "record.mail", `split(".", record.mail)[0]`), false, true,
		},
		"the address in the record":    {selfIs(`"key@acme.test"` + record), false, true},
		"no address in the record":     {selfIs(`"bot@acme.test"` + record), false, false},
		"another number in the record": {selfIs(`"8"` + record), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = c.definition
			e.override[evenAlive] = `200 {"data":{"ref":7,"mail":"key@acme.test","state":"on"}}`
			e.override["GET /v1/people/b-7"] = `200 {"data":{"ref":"b-7","mail":"key@acme.test","state":"on"}}`
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				_, err := client.User(ctx, inesRef)
				var setup *declared.SetupError
				noSight := strings.HasSuffix(name, "without a list") && !c.good
				if noSight && err != nil && !strings.Contains(err.Error(), "Write the block list") {
					t.Errorf("got %v, want the block list asked for", err)
				}
				if (err == nil) != c.good || errors.As(err, &setup) == c.good {
					t.Errorf("got %v, want the owner good %t", err, c.good)
				}
				wanted := 3 // alive, unknown_id and the user, without the token
				if c.asked && c.good {
					wanted = 4
				}
				if got := len(e.asked) - 1; c.good && got != wanted {
					t.Errorf("got %d requests, want %d: %q", got, wanted, e.asked)
				}
			})
		})
	}
}
