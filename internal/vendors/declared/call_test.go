package declared_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

const (
	evenOthers = `200 {"data":[{"ref":90071992547409933,"mail":"otto@acme.test","state":"on"}],"cursor":null}`
	evenTaken  = `202 {"data":{"job":"j1"}}`
)

// replacing returns a change of a definition, by pairs of texts.
func replacing(pairs ...string) func(string) string {
	return func(source string) string { return strings.NewReplacer(pairs...).Replace(source) }
}

// tokenServer is the vendor, whose token server fails from some time on.
type tokenServer struct {
	*evening
	failing int                       // how many requests for a token fail from now on
	fail    func(http.ResponseWriter) // how they fail
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" && s.failing > 0 {
		s.failing--
		s.fail(w)
		return
	}
	s.evening.ServeHTTP(w, r)
}

func down(w http.ResponseWriter) { write(w, 503, `{"error":"temporarily_unavailable"}`) }

// A call for which no token came has not left, however the request for the token ended. So no absence
// after it is its work.
func TestClose_sendsNothingWithoutAToken(t *testing.T) {
	t.Parallel()
	const forever = 1 << 30
	cutOff := func(w http.ResponseWriter) { write(w, 200, `{"access_token":`) }
	refused := func(w http.ResponseWriter) { write(w, 401, `{"error":"invalid_client"}`) }
	broken := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	for name, c := range map[string]struct {
		failing int
		fail    func(http.ResponseWriter)
		hidden  bool // the vendor hides the user meanwhile
		sent    int
	}{
		"a token server that is down":              {forever, down, false, 0},
		"a broken connection":                      {forever, broken, false, 0},
		"an answer that is cut off":                {forever, cutOff, false, 0},
		"a refusal":                                {forever, refused, false, 0},
		"down for a while":                         {6, down, false, 1},
		"down for a while, and the user is hidden": {6, down, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.expires = 90 // which is a minute, because a token is replaced before its end
			s := &tokenServer{evening: e, fail: c.fail}
			e.runBehind(t, s, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u := readAtTheEndOfAToken(ctx, t, client)
				s.failing = c.failing
				if c.hidden {
					e.override[evenRead], e.override[evenList] = nobody, evenOthers
				}
				_, err := client.Close(offboard.WithReadTime(ctx, time.Now()), u, "", offboard.NotSent)
				_, unsent := errors.AsType[*declared.NoRequestError](err)
				if unsent != (c.sent == 0) || (err == nil) == unsent || errors.Is(err, offboard.ErrNotVisible) != c.hidden {
					t.Errorf("got %v, want it not sent: %t, and the user not visible: %t", err, c.sent == 0, c.hidden)
				}
				if sent := count(e.asked, evenEnd); sent != c.sent || offboard.CallOf(err) != offboard.NotSent {
					t.Errorf("got %d closing calls and %q, want %d", sent, offboard.CallOf(err), c.sent)
				}
			})
		})
	}
}

// readAtTheEndOfAToken reads Ines, and waits until the token of that read is no longer good.
func readAtTheEndOfAToken(ctx context.Context, t *testing.T, c *declared.Client) declared.User {
	t.Helper()
	if _, err := c.User(ctx, inesRef); err != nil {
		t.Fatal(err)
	}
	time.Sleep(59 * time.Second)
	u, err := c.User(ctx, inesRef)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(1500 * time.Millisecond)
	return u
}

func count(all []string, one string) int {
	return len(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s != one }))
}

// A token is no reading of the account: while the vendor of tokens takes its time, the reading gets old.
func TestClose_readsAgainIfATokenTakesLong(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.expires = 90
	slow, read, sent := false, time.Time{}, time.Time{}
	vendor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch route := r.Method + " " + r.URL.Path; {
		case slow && r.URL.Path == "/token":
			time.Sleep(20 * time.Second)
		case slow && route == evenRead:
			time.Sleep(1500 * time.Millisecond) // until the token ends
			read = time.Now()
		case route == evenEnd:
			sent = time.Now()
		}
		e.ServeHTTP(w, r)
	})
	e.runBehind(t, vendor, func(ctx context.Context, t *testing.T, c *declared.Client) {
		if _, err := c.User(ctx, inesRef); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Second)
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		slow = true
		ctx = offboard.WithReadTime(ctx, time.Now().Add(-time.Minute)) // so that it is read again
		e.script = map[string][]string{evenEnd: {"422 {}"}}
		_, _ = c.Close(ctx, u, "", offboard.NotSent)
		if age := sent.Sub(read); sent.IsZero() || age > offboard.AbsencePause {
			t.Errorf("got a call %v after the read before it, want 2 seconds at most", age)
		}
	})
}

// The record is another one. Before a call, that is another person or a change of this one. After a call
// it may be the end, as the definition says.
func TestClose_anotherRecordIsNoEndBeforeACall(t *testing.T) {
	t.Parallel()
	const when = "  when     = user.email == \"\"\n"
	for name, c := range map[string]struct {
		when  string
		age   time.Duration // of the read before the call
		sent  offboard.Call // in an earlier run
		said  string        // to the call
		proof offboard.Observation
	}{
		"before a call":          {"", time.Minute, offboard.NotSent, evenTaken, offboard.Open},
		"after a declined call":  {"", 0, offboard.NotSent, `409 {"fault":{"kind":"busy"}}`, offboard.Open},
		"a call that is skipped": {when, 0, offboard.NotSent, evenTaken, offboard.Open},
		"after an accepted call": {"", 0, offboard.NotSent, evenTaken, offboard.Done},
		"after a lost call":      {"", 0, offboard.NotSent, `500 {}`, offboard.Done},
		"after an earlier call":  {"", time.Minute, offboard.Accepted, evenTaken, offboard.Done},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(`  done     = user.absent || user.status == "closed"`,
				c.when+"  done     = "+evenOtherMail)
			e.script = map[string][]string{evenRead: {"", evenInes("otto@acme.test", "on", "")}, evenEnd: {c.said}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				ctx = offboard.WithReadTime(ctx, time.Now().Add(-c.age))
				proof, err := client.Close(ctx, u, "", c.sent)
				if proof != c.proof || errors.Is(err, offboard.ErrAnotherPerson) != (proof == offboard.Open) {
					t.Errorf("got %v and %v, want %v", proof, err, c.proof)
				}
			})
		})
	}
}

// A call without what names the account may be about every account. So it is not sent, unless the
// definition itself says that the value may be missing.
func TestClose_leavesOutOnlyWhatTheDefinitionLeavesOut(t *testing.T) {
	t.Parallel()
	const form, left = `form = { user = user.id, member = record.member }`, `[{"id":"5","left":1}]`
	for name, c := range map[string]struct {
		call   string // what the definition says of it
		member string // in the record
		want   string // the part of the definition that is named; empty for a call that is sent
	}{
		"a query":              {`query = { member = record.member }`, `null`, "step end.query.member"},
		"a query of no values": {`query = { member = record.member }`, `[]`, "step end.query.member"},
		"a query of a null": {
			`query = { member = record.member }`, `[5, null]`, "step end.query.member",
		},
		"a query that is a record": {`query = record.member`, `{}`, "step end.query"},
		"a query of two branches": {
			`query = user.id == "" ? {} : { member = record.member }`, `null`, "step end.query.member",
		},
		"a form": {form, `null`, "step end.form.member"},
		"a body": {
			`body = { member = { id = record.member } }`, `null`, "step end.body.member.id",
		},
		"a list in a body": {
			`body = { all = [user.id, record.member] }`, `null`, "step end.body.all",
		},
		"a part of a body": {
			`body = { member = record.member }`, `{"id":null}`, "step end.body.member",
		},
		"a header": {
			`headers = { X-User = record.member }`, `null`, "step end.headers.X-User",
		},
		"an empty header": {
			`headers = { X-User = record.member }`, `""`, "step end.headers.X-User",
		},
		"a null beside another value": {
			`query = { note = null, member = (record.member) }`, `null`, "step end.query.member",
		},

		"an empty text in a path":  {`path = ["people", user.id, record.member]`, `""`, "step end.path"},
		"an empty text in a query": {`query = { member = record.member }`, `""`, "step end.query.member"},
		"an empty text in a form":  {form, `""`, "step end.form.member"},
		"an empty text in a body":  {`body = { member = record.member }`, `""`, "step end.body.member"},
		"a fact that is not shown": {
			`query = { member = user.facts.member }`, `null`, "step end.query.member",
		},
		"an empty part of a text": {
			`query = { member = "m/${user.facts.member}" }`, `null`, "step end.query.member",
		},
		"an empty part of a path": {
			`path = ["people", user.id, "m-${record.member}"]`, `""`, "step end.path",
		},
		"an empty argument": {
			`query = { member = urlencode("${record.member}@") }`, `""`, "step end.query.member",
		},
		"an empty part in a loop": {
			`query = { m = [for m in record.member : "m/${m}"] }`, `["5", ""]`, "step end.query.m",
		},
		"an empty part that is added": {
			`query = { m = join(",", record.member[*].id) }`, `[{"id":"5"},{"id":""}]`, "step end.query.m",
		},
		"a text of an empty list": {
			`query = { m = join(",", record.member[*].id) }`, `[]`, "step end.query.m",
		},
		"a loop over nothing": {
			`query = { m = [for m in record.member : m.id if m.left == null] }`, left, "step end.query.m",
		},
		"a form of a loop": {
			`form = { m = [for m in record.member : m.id if m.left == null] }`, left, "step end.form.m",
		},
		"a header of a loop": {
			`headers = { X-M = join("", [for m in record.member : m.id if m.left == null]) }`, left, "step end.headers.X-M",
		},
		"names of a loop": {
			`query = { for m in record.member : m.id => "1" if m.left == null }`, left, "step end.query",
		},
		"a body of a loop": {
			`body = { m = [for m in record.member : m.id if m.left == null] }`, left, "step end.body.m",
		},
		"a body of a list":     {`body = { m = record.member[*].id }`, `[]`, "step end.body.m"},
		"a null beside a loop": {`body = { m = try(record.member[*].id, null) }`, `[]`, "step end.body.m"},
		"a null that is compared": {
			`query = { m = lookup({ "true" = "" }, record.member == null, "5") }`, `null`, "step end.query.m",
		},

		"an account of two": {`path = user.facts.member == "" ? ["people", user.id] : ["people"]`, `5`, "step end.path"},

		"a value that is there": {`query = { member = record.member }`, `5`, ""},
		"a null that is written": {
			`query = { id = user.id, member = try(record.member, null) }`, `null`, "",
		},
		"a branch that is a null": {
			`query = { id = user.id, member = record.member == 5 ? 5 : null }`, `null`, "",
		},
		"a list that is empty":          {`body = { id = user.id, all = record.member }`, `[]`, ""},
		"a header that may be null":     {`headers = { X-User = try(record.member, null) }`, `null`, ""},
		"an empty text that is written": {`query = { note = "", member = record.member }`, `5`, ""},
		"a text that may be empty":      {`query = { member = try(record.member, null) }`, `""`, ""},
		"a loop that finds something": {
			`query = { m = [for m in record.member : m.id if m.left == null] }`, `[{"id":"5","left":null}]`, "",
		},
		"a loop that may find nothing": {
			`query = { m = length(record.member) == 0 ? null : record.member[*].id }`, `[]`, "",
		},
		"a condition of an empty text": {
			`query = { m = record.member == "" ? "none" : record.member }`, `""`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			where, call := "  accepted = ", "  "+c.call+"\n  accepted = "
			if strings.HasPrefix(c.call, "path") {
				where, call = `path     = ["people", user.id]`, c.call
			}
			e.definition = replacing(where, call,
				"  email  = record.mail\n", "  email  = record.mail\n  facts  = { member = try(record.member, null) }\n")
			e.script = map[string][]string{evenRead: {
				`200 {"data":{"ref":` + inesRef + `,"mail":"p@acme.test","state":"on","member":` + c.member + `}}`,
			}, evenEnd: {"422 {}"}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Close(ctx, u, "", offboard.NotSent)
				_, unsent := errors.AsType[*declared.NoRequestError](err)
				if sent := slices.Contains(e.asked, evenEnd); sent != (c.want == "") || unsent == sent ||
					c.want != "" && !strings.Contains(err.Error(), c.want+" in line") {
					t.Errorf("got a call %t and %v, want the error of %q", sent, err, c.want)
				}
			})
		})
	}
}

// A call names the account, and by nothing that may change after the plan unseen.
func TestParse_refusesACallThatMayBeAboutAnotherAccount(t *testing.T) {
	t.Parallel()
	const fact = "  email  = record.mail\n  facts  = { member = try(record.member.id, null) }\n"
	const end, off = `path     = ["people", user.id]`, `path       = ["people", user.id, "off"]`
	const none = "the same for another ID, email and login"
	two := inTwoSteps(nil).definition
	for name, c := range map[string]struct{ source, step, path, facts, want string }{
		"no account": {
			eveningText(t, nil), end, `["people"]`, "", "the call of a step must use user or record",
		},
		"the record": {
			eveningText(t, nil), end, `["members", record.member.id]`, "", "may change after the plan",
		},
		"more than a fact": {
			eveningText(t, nil), end, `["members", record.member]`, fact, "may change after the plan",
		},
		"another fact": {
			eveningText(t, nil), end, `["members", record.member.no]`, fact, "may change after the plan",
		},

		"whether there is one": {
			eveningText(t, nil), end, `["members", record.member.id]`,
			strings.Replace(fact, "try(record.member.id, null)", "record.member != null", 1), "may change after the plan",
		},
		"a token's header": {
			eveningText(t, nil), end, `["people", user.id]
  headers = { AUTHORIZATION = user.id }`, "", `"AUTHORIZATION" of the block step end is also a name in credentials`,
		},
		"a fact":            {eveningText(t, nil), end, `["people", user.id, record.member.id]`, fact, ""},
		"a part of a fact":  {eveningText(t, nil), end, `["people", user.id, record.member.id[0]]`, fact, ""},
		"the address":       {eveningText(t, nil), end, `["by-mail", record.mail]`, "", ""},
		"a reversible step": {two(eveningText(t, nil)), off, `["people", user.id, record.member.id, "off"]`, "", ""},

		"the status":           {eveningText(t, nil), end, "[user.status]", "", none},
		"whether it is absent": {eveningText(t, nil), end, "[tostring(user.absent)]", "", none},
		"a name": {eveningText(t, nil), end, `["people"]
  query = { name = user.name }`, "  email  = record.mail\n  name = \"Ines\"\n", none},
		"a reason": {eveningText(t, nil), end, `["people"]
  body = { reason = user.facts.state }`, "  email  = record.mail\n  facts = { state = record.state }\n", none},
		"a fact alone":              {eveningText(t, nil), end, `["members", record.member.id]`, fact, none},
		"a part of the ID":          {eveningText(t, nil), end, `["people", substr(user.id, 0, 9)]`, "", none},
		"a part of the address":     {eveningText(t, nil), end, `["people", split("@", user.email)[0]]`, "", none},
		"a step that can be undone": {two(eveningText(t, nil)), off, `["people", user.status]`, "", ""},
		"a part of a body": {eveningText(t, nil), end, `["people", user.id]
  body = { query = "end(mail: '${user.email}')" }`, "", "inside a longer text, which a quote could change"},
		"a part of a body in a loop": {eveningText(t, nil), end, `["people", user.id]
  body = { all = [for m in [record.mail] : "'${m}'"] }`, "", "inside a longer text, which a quote could change"},

		"the address in lower case":   {eveningText(t, nil), end, `["people", lower(user.email)]`, "", ""},
		"the number in the record":    {eveningText(t, nil), end, `["people", record.ref]`, "", ""},
		"beside the owner of the key": {eveningText(t, nil), end, `["orgs", self.org, user.id]`, "", ""},
		"beside the owner in a text": {
			eveningText(t, nil), end, `["people", "${self.org}-${user.id}"]`, "", "",
		},
		"a sign-in name": {
			eveningText(t, nil), end, `["people", user.login]`, "  email = record.mail\n  login = record.state\n", "",
		},
		"a header": {eveningText(t, nil), end, `["people"]
  headers = { X-User = user.id }`, "", ""},
		"the ID in a body": {eveningText(t, nil), end, `["people"]
  body = { query = "end(${user.id})" }`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := replacing(c.step, "path = "+c.path)(c.source)
			if c.facts != "" {
				source = replacing("  email  = record.mail\n", c.facts)(source)
			}
			_, problems := declared.Parse("evening", source)
			if got := shown(problems); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A step that can be undone may send the whole record back, with what is null in it.
func TestSuspend_sendsTheRecordBackWithItsNulls(t *testing.T) {
	t.Parallel()
	e := inTwoSteps(map[string][]string{
		evenRead: {`200 {"data":{"ref":` + inesRef + `,"mail":"p@acme.test","state":"on","phone":null}}`},
		evenOff:  {"422 {}"},
	})
	two := e.definition
	e.definition = func(source string) string {
		return strings.Replace(two(source), `path       = ["people", user.id, "off"]`,
			`path       = ["people", user.id, "off"]
  body       = merge(record, { active = false })`, 1)
	}
	e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
		u, err := client.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = client.Suspend(ctx, u); !slices.Contains(e.asked, evenOff) {
			t.Errorf("got the requests %q and %v, want the call", e.asked, err)
		}
	})
}

// A text that holds a key is masked, so that never_close could not compare it.
func TestUser_hasNoNameWithACredential(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]string{
		"email": `"mail":"ines-mock-key@acme.test"`, "login": `"mail":"ines@acme.test","nick":"ines-mock-key"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing("  email  = record.mail\n", "  email = record.mail\n  login = try(record.nick, \"\")\n")
			e.script = map[string][]string{evenRead: {`200 {"data":{"ref":` + inesRef + `,` + said + `,"state":"on"}}`}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				want := "the user's " + name + " holds a part of a credential"
				if err == nil || strings.Count(err.Error(), "HTTP 200") != 1 || !strings.Contains(err.Error(), want) {
					t.Errorf("got %+v and %v, want the error %q once", u, err, want)
				}
			})
		})
	}
}

// A text that is safe to print may be the sign-in name of somebody else.
func TestClose_sendsNoTextThatTheVendorWritesOtherwise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sends, nick, want string }{
		"a sign-in name":        {"user.login", `"ines\u200b"`, "user.login"},
		"a name":                {"user.name", `"ines "`, "user.name"},
		"an address":            {"user.email", `"ines\u00ad"`, "user.email"},
		"a fact":                {"user.facts.nick", `"in\u202ees"`, "user.facts.nick"},
		"one of all facts":      {"jsonencode(user.facts)", `"in\u202ees"`, "user.facts"},
		"one of the whole user": {"jsonencode(user)", `"ines  v"`, "user"},
		"a text that is cut":    {"user.login", `"` + strings.Repeat("ines", 100) + `"`, "user.login"},
		"another normal form":   {"record.login", `"ines\u0301"`, "record.login"},
		"a part of a record":    {"jsonencode(record.all)", `"ines\u0301"`, "record.all"},

		"as the vendor writes it":  {"user.login", `"ines"`, ""},
		"as it is in the record":   {"record.login", `"ines\u200b"`, ""},
		"another text is cleaned":  {"user.facts.other", `"ines\u200b"`, ""},
		"nothing but the ID of it": {"user.id", `"ines\u0301"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing("  accepted = ", "  query = { of = "+c.sends+" }\n  accepted = ",
				"  email  = record.mail\n", `  email = try(record.login, "p@acme.test")
  name  = try(record.login, "")
  login = try(record.login, "")
  facts = { nick = try(record.login, ""), other = "other", all = try(record.all, "") }
`)
			e.script = map[string][]string{evenEnd: {"422 {}"}, evenRead: {
				`200 {"data":{"ref":` + inesRef + `,"login":` + c.nick + `,"all":[` + c.nick + `],"state":"on"}}`,
			}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Close(ctx, u, "", offboard.NotSent)
				want := "evaluated: " + c.want + " is not as the vendor writes it"
				sent := slices.Contains(e.asked, evenEnd)
				if sent != (c.want == "") || err == nil || !sent && !strings.Contains(err.Error(), want) ||
					strings.Contains(err.Error(), "ines") {
					t.Errorf("got a call %t and %v, want the error of %q", sent, err, c.want)
				}
			})
		})
	}
}
