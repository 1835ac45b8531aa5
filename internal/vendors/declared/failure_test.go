package declared_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

const orNull = evenAbsent + " || answer.status == 200 && "

// An answer that says beside its data that the request failed shows neither an absence nor a user. What
// the definition looks at, it has judged.
func TestUser_isNotReadInAnAnswerThatReportsAFailure(t *testing.T) {
	t.Parallel()
	flat := []string{evenRecord, "record = answer.json\n  absent", evenSame, evenFlat, evenSelf, ""}
	ended := `"ref":` + inesRef + `,"mail":"ines@acme.test","state":"ended"`
	for name, c := range map[string]struct {
		absent string // in an answer with HTTP 200
		said   string
		want   error // nil for an error that says neither
		change []string
	}{
		"nobody": {`answer.json.data == null`, `{"data":null}`, offboard.ErrNotFound, nil},
		"nobody, in words": {
			`answer.json.data == null`, `{"data":null,"ok":true,"message":"None"}`, offboard.ErrNotFound, nil,
		},
		"nobody beside errors":    {`answer.json.data == null`, `{"data":null,"errors":[{"message":"Timeout"}]}`, nil, nil},
		"nobody beside a failure": {`answer.json.data == null`, `{"data":null,"success":false}`, nil, nil},
		"nobody beside words":     {`answer.json.data == null`, `{"data":null,"detail":"Too many requests"}`, nil, nil},
		"nobody by a kind of error": {
			`answer.json.code == "none"`, `{"code":"none","error":"None"}`, offboard.ErrNotFound, nil,
		},
		"the user all the same": {
			`answer.json.total == 0`, `{"total":0,"data":{` + ended + `}}`, nil, nil,
		},
		"nobody on a part": {`answer.json.data == null`, `{"data":null,"has_more":true}`, nil, nil},
		"nobody on a part that absent looks at": {
			`(answer.json.has_more || answer.json.data == null)`, `{"data":null,"has_more":true}`, offboard.ErrNotFound, nil,
		},
		"nobody on an empty page": {
			`length(answer.json.data) == 0`, `{"data":[],"@odata.nextLink":"/x"}`, nil, nil,
		},
		"nobody on an empty page that is the last": {
			`length(answer.json.data) == 0`, `{"data":[],"@odata.nextLink":null}`, offboard.ErrNotFound, nil,
		},
		"another user": {`answer.json.total == 0`, `{"total":0,"data":{"ref":5}}`, offboard.ErrNotFound, nil},
		"closed":       {`answer.json.data == null`, `{"data":{` + ended + `},"detail":"Hi"}`, offboard.ErrClosed, nil},
		"closed beside an error": {
			`answer.json.data == null`, `{"data":{` + ended + `},"error":{"code":"stale"}}`, nil, nil,
		},
		"closed beside an error that absent looks at": {
			`answer.json.error.code == "none"`, `{"data":{` + ended + `},"error":{"code":"stale"}}`, nil, nil,
		},
		"closed beside an error that ok looks at": {
			`answer.json.data == null`, `{"data":{` + ended + `},"error":"none"}`, offboard.ErrClosed,
			[]string{evenRecord, "ok = try(answer.json.error, \"none\") == \"none\"\n" + evenRecord},
		},
		"closed, with a status of its own": {
			`answer.json.data == null`, `{"status":"inactive",` + ended + `}`, offboard.ErrClosed, flat,
		},
		"closed, with an error in it": {`answer.json.data == null`, `{"error":"stale",` + ended + `}`, nil, flat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(append([]string{evenAbsent, orNull + c.absent}, c.change...)...)
			e.override[evenRead] = "200 " + c.said
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				_, err := client.User(ctx, inesRef)
				ended := errors.Is(err, offboard.ErrNotFound) || errors.Is(err, offboard.ErrClosed)
				if err == nil || ended != (c.want != nil) || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v, or else an error that says neither", err, c.want)
				}
			})
		})
	}
}

// searches are blocks that may find nothing, beside those of the evening.
const searches = `
obstacle "bills" {
  path  = ["bills"]
  found = answer.json.data
  says  = "a bill"
}

find_by_email {
  path    = ["by-mail"]
  query   = { mail = user.email }
  records = answer.json.data
}
`

// asksForNothing are the requests from whose answers it may follow that there is nothing, by their route. What
// they return is nil if it does.
func asksForNothing() map[string]func(context.Context, *declared.Client) error {
	return map[string]func(context.Context, *declared.Client) error{
		"GET /v1/bills": func(ctx context.Context, c *declared.Client) error {
			_, err := c.Preflight(ctx, declared.User{User: offboard.User{ID: inesRef}})
			return err
		},
		"GET /v1/by-mail": func(ctx context.Context, c *declared.Client) error {
			_, err := c.FindByEmail(ctx, "ines@acme.test")
			return err
		},
		"GET /v1/sign-ins": func(ctx context.Context, c *declared.Client) error {
			if _, err := c.User(ctx, "5"); !errors.Is(err, offboard.ErrClosed) {
				return err
			}
			return nil
		},
	}
}

// Nothing is found in an answer that says beside its data that the request failed, and no list ends there.
func TestClient_findsNotNothingInAnAnswerThatReportsAFailure(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.definition = func(source string) string { return withTrace("user.id")(source + searches) }
	e.override["GET /v1/people/5"] = `200 {"data":{"ref":5,"mail":"otto@acme.test","state":"ended"}}`
	ask := asksForNothing()
	ask[evenList] = func(ctx context.Context, c *declared.Client) error {
		for _, err := range c.AllUsers(ctx) {
			return err
		}
		return nil
	}
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		for route, ask := range ask {
			for body, whole := range map[string]bool{
				`{"data":[],"cursor":null}`: true, `{"data":[],"cursor":null,"success":true,"message":"None"}`: true,
				`{"data":[],"cursor":null,"error":{"code":"down"}}`: false, `{"data":[],"cursor":null,"detail":"Busy"}`: false,
				`{"data":[],"cursor":null,"status":"failed"}`: false, `{"errcode":45009,"data":[],"cursor":null}`: false,
				`{"data":[],"cursor":null,"meta":{"status":"failure"}}`: false, `{"errcode":0,"data":[],"cursor":null}`: true,
				`{"data":[],"cursor":null,"links":{"self":"/x"}}`: true,
			} {
				e.override[route] = "200 " + body
				if err := ask(ctx, c); (err == nil) != whole {
					t.Errorf("%s %s: got %v, want an answer to believe %t", route, body, err, whole)
				}
			}
		}
	})
}

// Nothing is found in an answer that says that there is more, unless the definition has looked at that.
func TestClient_findsNotNothingInAPartOfAnAnswer(t *testing.T) {
	t.Parallel()
	for ok, answers := range map[string]map[string]bool{
		"answer.status == 200": {
			`{"data":[],"meta":{"has_more":false},"links":{"next":"/x"}}`: true,

			`{"data":[]}`: true, `{"data":[],"has_more":false,"cursor":null,"total":0}`: true,
			`{"data":[],"has_more":true}`: false, `{"data":[],"total":3}`: false, `{"data":[],"links":{"next":"/x"}}`: false,
		},
		"answer.status == 200 && answer.json != null": {
			`{"data":[]}`: true, `{"data":[],"has_more":true}`: false, `{"data":[],"status":"failed"}`: false,
		},
		"answer.status == 200 && can(answer.json.total)": {
			`{"data":[],"total":3}`: true, `{"data":[],"total":3,"incomplete":true}`: false,
		},
	} {
		e := newEvening()
		e.definition = func(source string) string {
			looks := "\n  ok = " + ok + "\n"
			return strings.NewReplacer("\n  found =", looks+"  found =", "user.email }\n", "user.email }"+looks).
				Replace(withTrace("user.id")(source + searches))
		}
		e.override["GET /v1/people/5"] = `200 {"data":{"ref":5,"mail":"otto@acme.test","state":"ended"}}`
		e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
			for route, ask := range asksForNothing() {
				for body, whole := range answers {
					e.override[route] = "200 " + body
					if err := ask(ctx, c); (err == nil) != whole {
						t.Errorf("%s %s %s: got %v, want an answer to believe %t", ok, route, body, err, whole)
					}
				}
			}
		})
	}
}

// A search that brings others, and says that there are more, may not have come to the one who is asked for. One
// who shows no address may be that one.
func TestFindByEmail_findsNotNothingInAPartOfTheUsers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows, beside string
		found        int
		believed     bool
	}{
		"others, and no more":      {person("5"), `"more":false`, 0, true},
		"others, and more":         {person("5"), `"more":true`, 0, false},
		"her, whoever else":        {person(inesRef), `"more":true`, 1, true},
		"her, closed, and others":  {rowOf("5", "p"+inesRef+"@acme.test", "ended"), `"more":true`, 0, false},
		"one without an address":   {rowOf("5", "", "on"), `"more":false`, 0, false},
		"one behind a mask":        {person("6") + "," + rowOf("5", "p***@acme.test", "on"), `"more":false`, 0, false},
		"one without, and closed":  {rowOf("5", "", "ended"), `"more":false`, 0, true},
		"her, and one without":     {person(inesRef) + "," + rowOf("5", "", "on"), `"more":false`, 1, true},
		"one beside a name":        {rowOf("5", "Otto <otto@acme.test>", "on"), `"more":false`, 0, true},
		"more than the total says": {person("5"), `"total":7`, 0, false},
	} {
		e := newEvening()
		e.definition = func(source string) string { return source + searches }
		e.override["GET /v1/by-mail"] = `200 {"data":[` + c.rows + `],` + c.beside + `}`
		e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
			found, err := client.FindByEmail(ctx, "p"+inesRef+"@acme.test")
			if len(found) != c.found || (err == nil) != c.believed {
				t.Errorf("%s: got %v and %v, want %d found, believed %t", name, found, err, c.found, c.believed)
			}
		})
	}
}

// An answer that says that no user has an address must be whole, too. A look at an object as a whole judges
// none of its fields.
func TestFindByEmail_believesNoAbsenceInAPart(t *testing.T) {
	t.Parallel()
	for looks, answers := range map[string]map[string]bool{
		"  record = answer.json.data[0]\n  absent = answer.status == 200 && length(answer.json.data) == 0\n": {
			`{"data":[],"next":null}`: true, `{"data":[],"next":"/x"}`: false,
		},
		"  records = answer.json.of.rows\n  ok = answer.status == 200 && answer.json.of != null\n": {
			`{"of":{"rows":[]}}`: true, `{"of":{"rows":[],"has_more":true}}`: false,
			`{"of":{"rows":[],"status":"error"}}`: false, `{"of":{"rows":[],"cursor":"c1"}}`: false,
		},
	} {
		e := newEvening()
		e.definition = func(source string) string {
			return source + strings.Replace(searches, "  records = answer.json.data\n", looks, 1)
		}
		e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
			for body, believed := range answers {
				e.override["GET /v1/by-mail"] = "200 " + body
				if found, err := c.FindByEmail(ctx, "ines@acme.test"); len(found) > 0 || (err == nil) != believed {
					t.Errorf("%s: got %v and %v, want nobody, believed %t", body, found, err, believed)
				}
			}
		})
	}
}

// A header leads to a further page, too.
func TestParse_aTraceIsNotWholeBesideALink(t *testing.T) {
	t.Parallel()
	for link, fails := range map[string]string{
		`<https://x.example/?page=2>; rel=\"next\"`: "true", `nonsense`: "true",
		`<https://x.example/>; rel=\"prev\"`: "false", `<https://x.example/>; rel=\"next\"; results=\"false\"`: "false",
	} {
		source := withTrace("user.id")(eveningText(t, nil)) + `
example "a page" {
  of     = "trace sign-ins"
  answer = { status = 200, json = { data = [] }, headers = { Link = "` + link + `" } }
  expect = { error = ` + fails + ` }
}
`
		if _, problems := declared.Parse("evening", source); len(problems) > 0 {
			t.Errorf("%s: got the problems %v, want an error %s", link, problems, fails)
		}
	}
}

func TestParse_aTraceIsNotWholeBesideAHeaderOfATotal(t *testing.T) {
	t.Parallel()
	for total, fails := range map[string]string{"3": "true", "0": "false"} {
		const isList = "answer.status == 200 && startswith(jsonencode(answer.json), \"[\")"
		for data, body := range map[string]string{
			"answer.json.data": "{ data = [] }",
			"[for r in answer.json : r.id]\n  ok = " + isList:           "[]",
			"answer.json.data\n  ok = answer.headers.accept == \"any\"": "{ data = [] }",
		} {
			source := replacing("found = answer.json.data", "found = "+data)(withTrace("user.id")(eveningText(t, nil))) + `
example "a page" {
  of     = "trace sign-ins"
  answer = { status = 200, json = ` + body + `, headers = { X-Total = "` + total + `", Accept = "any" } }
  expect = { error = ` + fails + ` }
}
`
			if _, problems := declared.Parse("evening", source); len(problems) > 0 {
				t.Errorf("%s: got the problems %v, want an error %s", total, problems, fails)
			}
		}
	}
}
