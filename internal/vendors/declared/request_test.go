package declared_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// Some vendors want a slash at the end of a path. An ID that is empty makes none.
func TestClose_sendsTheSlashAtTheEndOfAPath(t *testing.T) {
	t.Parallel()
	const slash = "DELETE /v1/people/" + inesRef + "/"
	for name, c := range map[string]struct {
		path, want string
	}{
		"a slash that is written": {`["people", user.id, ""]`, slash},
		"none":                    {`["people", user.id]`, evenEnd},
		"a slash of a condition":  {`user.id == "" ? ["people"] : (["people", user.id, ""])`, slash},
		"none of a condition":     {`user.id != "" ? ["people", user.id] : ["people", ""]`, evenEnd},
		"empty in a condition":    {`user.id != "" ? ["people", user.id, try(user.facts.nick, "")] : ["people", ""]`, ""},
		"an empty value":          {`["people", user.id, try(user.facts.nick, "")]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(`path     = ["people", user.id]
  accepted`, "path = "+c.path+"\n  accepted")
			e.script = map[string][]string{slash: {"422 {}"}, evenEnd: {"422 {}"}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Close(ctx, u, "", offboard.NotSent)
				sent := slices.DeleteFunc(slices.Clone(e.asked), func(asked string) bool { return asked[:3] != "DEL" })
				if err == nil || (len(sent) > 0) != (c.want != "") || len(sent) != count(e.asked, c.want) {
					t.Errorf("got %q and %v, want %q", sent, err, c.want)
				}
			})
		})
	}
}

// Of two objects in a condition, the one that counts is sent as it is written. HCL would make texts of the values
// in both.
func TestAllUsers_sendsABodyAsItIsWritten(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`page == null ? { limit = 9, all = true } : { cursor = page }`: `{"all":true,"limit":9} {"cursor":"c1"}`,
		`{ q = (page == null ? { n = 5 } : { cursor = page, "n" = [null] }) }`: `{"q":{"n":5}} ` +
			`{"q":{"cursor":"c1","n":[null]}}`,
		`[page == null ? { limit = 5 } : page]`:                     `[{"limit":5}] ["c1"]`,
		`{ (page == null ? "first" : "after") = page, all = true }`: `{"all":true} {"after":"c1","all":true}`,
		`{ (page) = 1 }`:                `error`,
		`{ all = page ? true : false }`: `error`,
	} {
		e := newEvening()
		e.definition = replacing("  query   = { after = page }", "  method = \"POST\"\n  body = "+body)
		e.script = map[string][]string{"POST /v1/people": {
			strings.Replace(listOf(person("5")), "null}", `"c1"}`, 1), listOf(person("6")),
		}}
		var sent []string
		vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/people" {
				said, _ := io.ReadAll(r.Body)
				sent = append(sent, string(said))
			}
			e.ServeHTTP(w, r)
		})
		e.runBehind(t, vendor, func(ctx context.Context, t *testing.T, client *declared.Client) {
			for _, err := range client.AllUsers(ctx) {
				if err != nil {
					sent = append(sent, "error")
				}
			}
			if got := strings.Join(sent, " "); got != want {
				t.Errorf("%s: got %s, want %s", body, got, want)
			}
		})
	}
}

// A count is nothing if it is zero. A zero in a list may be an ID.
func TestPreflight_aCountOfZeroIsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		found string
		want  int
	}{
		"zero":                       {`answer.json.none`, 0},
		"a number":                   {`answer.json.some`, 1},
		"a zero in a list":           {`[answer.json.none]`, 1},
		"null and false in a list":   {`[null, false, ""]`, 0},
		"an object":                  {`answer.json`, 1},
		"an empty list":              {`answer.json.list`, 0},
		"a zero that is text":        {`tostring(answer.json.none)`, 1},
		"the sum of what is counted": {`answer.json.some - 2`, 0},
		"a false beside a text":      {`answer.json.some == 7 ? "seven" : false`, 0},
		"a text beside a false":      {`answer.json.some == 2 ? "two" : false`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.override["GET /v1/tickets"] = `200 {"none":0,"some":2,"list":[]}`
			e.definition = func(source string) string {
				const asked = "obstacle \"t\" {\n  path = [\"tickets\"]\n  ok = can(answer.json.none)\n  says = \"a ticket\"\n"
				return source + asked + "  found = " + c.found + "\n}\n"
			}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				if found, err := client.Preflight(ctx, u); err != nil || len(found) != c.want {
					t.Errorf("got %v and %v, want %d findings", found, err, c.want)
				}
			})
		})
	}
}
