package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lists answers the list of one vendor; other paths have their own answers.
type lists struct {
	users func(r *http.Request) string
	other map[string]string // by the end of the path
}

// ServeHTTP implements http.Handler.
func (l lists) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for end, body := range l.other {
		if strings.HasSuffix(r.URL.Path, end) {
			fmt.Fprint(w, body)
			return
		}
	}
	fmt.Fprint(w, l.users(r))
}

// konstantlyRows are the rows of a page, of the users k0 to k(n-1), as JSON.
func konstantlyRows(r *http.Request, page, n int) []string {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	rows := []string{}
	for i := offset; i < min(offset+page, n); i++ {
		rows = append(rows, fmt.Sprintf(`{"id":"k%d","name":"N %d","email":"k%d@acme.test","isBanned":false}`, i, i, i))
	}
	return rows
}

func konstantlyList(rows []string, total int) string {
	return fmt.Sprintf(`{"users":[%s],"totalCount":%d}`, strings.Join(rows, ","), total)
}

// What a list lacks is a warning in a query, which shows the rest, and an error in a data source,
// which is used without being looked at.
func TestList_saysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		users func(r *http.Request) string
		found int
		want  []string // in the diagnostic; none for a list that is whole
		all   bool     // the data source warns only
	}{
		"pages capped at ten": {
			users: func(r *http.Request) string { return konstantlyList(konstantlyRows(r, 10, 45), 45) }, found: 45,
		},
		"fewer than the total": {
			users: func(r *http.Request) string { return konstantlyList(konstantlyRows(r, 20, 40), 45) }, found: 40,
			want: []string{"The list of users of Konstantly is incomplete", "the vendor says 45, 40 were read"},
		},
		"rows that cannot be read": {
			users: func(r *http.Request) string {
				rows := konstantlyRows(r, 20, 30)
				if len(rows) > 1 {
					rows[1] = `{"name":"Otto"}`
				}
				return konstantlyList(rows, 30)
			}, found: 28,
			want: []string{
				"Some rows of the list of Konstantly cannot be read", "2 rows", "row 2 of page 1 cannot be read",
				"row 1 of page 2 cannot be read", "without an ID",
			},
		},
		"an ID that Terraform would change": {
			users: func(r *http.Request) string {
				rows := konstantlyRows(r, 20, 3)
				if len(rows) > 1 {
					rows[1] = "{\"id\":\"jose\u0301\",\"name\":\"Jose\",\"email\":\"j@acme.test\",\"isBanned\":false}"
				}
				return konstantlyList(rows, 3)
			}, found: 2, all: true,
			want: []string{"Some users of Konstantly cannot be managed", "Jose <j@acme.test>", `"jose\u0301"`, "NFC"},
		},
		"an ID that the vendor cannot be asked for": {
			users: func(r *http.Request) string {
				rows := konstantlyRows(r, 20, 3)
				if len(rows) > 1 {
					rows[1] = `{"id":"a\tb","isBanned":false}`
				}
				return konstantlyList(rows, 3)
			}, found: 2, all: true,
			want: []string{"Some users of Konstantly cannot be managed", `"a\tb"`, "control character"},
		},
		"nothing but rows that cannot be read": {
			users: func(r *http.Request) string {
				rows := konstantlyRows(r, 20, 25)
				for i := range rows {
					rows[i] = "null"
				}
				return konstantlyList(rows, 25)
			}, found: 0,
			want: []string{"25 rows", "row 10 of page 1", "and 15 more"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := virtualDriver(t, lists{users: c.users}, nil)
			found, diags := d.list(konstantlyKind, 0, nil)
			if len(found) != c.found || diags.errors() != "" || (len(diags) > 0) != (len(c.want) > 0) {
				t.Errorf("query: got %d users, %s, want %d and no error", len(found), diags.errors()+diags.warnings(), c.found)
			}
			data, problems := d.data("offboard_konstantly_users", nil)
			said, wrong := problems.errors(), problems.warnings()
			shown := 0
			if c.all || len(c.want) == 0 {
				said, wrong, shown = wrong, said, c.found
			}
			if got := len(data.texts("ids")); got != shown || wrong != "" {
				t.Errorf("data source: got %d users, %s, want %d", got, problems.errors()+problems.warnings(), shown)
			}
			for _, want := range c.want {
				if !strings.Contains(diags.warnings(), want) || !strings.Contains(said, want) {
					t.Errorf("got %q in the query and %q in the data source, want %q in both", diags.warnings(), said, want)
				}
			}
		})
	}
}

// The warnings come although Terraform stops listening at the limit.
func TestList_saysWhatIsMissingWithTheLastUser(t *testing.T) {
	t.Parallel()
	d := virtualDriver(t, lists{users: func(r *http.Request) string {
		rows := konstantlyRows(r, 20, 10)
		if len(rows) > 0 {
			rows[0] = `{}`
		}
		return konstantlyList(rows, 10)
	}}, nil)
	for limit, cut := range map[int64]bool{5: true, 100: false} {
		_, diags := d.list(konstantlyKind, limit, nil)
		if got := strings.Contains(diags.warnings(), "stops at its limit"); got != cut {
			t.Errorf("limit %d: got a warning of the limit %t, want %t", limit, got, cut)
		}
		if !cut && !strings.Contains(diags.warnings(), "row 1 of page 1") {
			t.Errorf("limit %d: got %q, want the row that cannot be read", limit, diags.warnings())
		}
	}
}

// A user beyond the limit whose ID cannot be used is named once.
func TestList_namesAUserBeyondTheLimitOnce(t *testing.T) {
	t.Parallel()
	d := virtualDriver(t, lists{users: func(r *http.Request) string {
		rows := konstantlyRows(r, 20, 5)
		if len(rows) > 2 {
			rows[2] = `{"id":"a\tb","isBanned":false}`
		}
		return konstantlyList(rows, 5)
	}}, nil)
	_, diags := d.list(konstantlyKind, 2, nil)
	if got := strings.Count(diags.warnings(), `"a\tb"`); got != 1 {
		t.Errorf("got the ID %d times in %q, want it once", got, diags.warnings())
	}
}

// A list that breaks off shows those who were read, and says that it broke off.
func TestList_showsWhoWasReadBeforeItBrokeOff(t *testing.T) {
	t.Parallel()
	d := virtualDriver(t, lists{users: func(r *http.Request) string {
		if r.URL.Query().Get("offset") != "0" {
			return "<html>"
		}
		return konstantlyList(konstantlyRows(r, 20, 45), 45)
	}}, nil)
	found, diags := d.list(konstantlyKind, 0, nil)
	if len(found) != 20 || !strings.Contains(diags.errors(), "Cannot list the users of Konstantly") {
		t.Errorf("got %d users, %q, want 20 and an error", len(found), diags.errors())
	}
}

// A vendor that never ends a list, or takes very long for it, does not hold a run up for ever.
func TestList_endsAtItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		slow := lists{users: func(r *http.Request) string {
			select {
			case <-time.After(7 * time.Second):
			case <-r.Context().Done():
			}
			n++
			return fmt.Sprintf(`{"users":[{"id":"k%d","isBanned":false}]}`, n)
		}}
		for name, read := range map[string]func(*driver) diagnostics{
			"the query": func(d *driver) diagnostics {
				_, diags := d.list(konstantlyKind, 0, nil)
				return diags
			},
			"the data source": func(d *driver) diagnostics {
				_, diags := d.data("offboard_konstantly_users", nil)
				return diags
			},
		} {
			d := virtualDriver(t, slow, nil) // of its own, because a vendor that has failed is not asked again
			started := time.Now()
			diags := read(d)
			if took := time.Since(started); took > readTimeout+time.Second ||
				!strings.Contains(diags.errors(), "Cannot list the users of Konstantly") {
				t.Errorf("%s: got %q after %s, want an error after %s", name, diags.errors(), took, readTimeout)
			}
		}
	})
}

func TestChosen_endsLike(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		email, suffix string
		want          bool
	}{
		"no filter":                     {"ines@acme.test", "", true},
		"no filter, no address":         {"", "", true},
		"no address":                    {"", "@acme.test", false},
		"the domain":                    {"ines@acme.test", "@acme.test", true},
		"letter case":                   {"Ines@ACME.test", "@acme.TEST", true},
		"a blank at the end":            {"ines@acme.test ", "@acme.test", true},
		"another domain":                {"ines@acme.example", "@acme.test", false},
		"a domain in Unicode":           {"ines@xn--bcher-kva.test", "@b\u00fccher.test", true},
		"a domain in Unicode, no at":    {"ines@xn--bcher-kva.test", "b\u00fccher.test", true},
		"the dot of the root":           {"ines@acme.test", "@acme.test.", true},
		"a part of a domain":            {"ines@acme.test", ".test", true},
		"a part of a name":              {"ines+ext@acme.test", "+ext@acme.test", true},
		"a longer domain of another":    {"ines@notacme.test", "@acme.test", false},
		"composed and decomposed":       {"jose\u0301@acme.test", "jos\u00e9@acme.test", true},
		"a character that nobody sees":  {"ines@ac\u200bme.test", "@acme.test", true},
		"an address without the suffix": {"acme.test@other.test", "acme.test", false},
		"a second address behind it":    {"ines@acme.test, edi@other.test", "@acme.test", true},
		"a name before it":              {"Ines <ines@acme.test>", "acme.test", true},
		"a word behind it":              {"ines@acme.test (EDI)", "@acme.test", true},
		"two addresses, neither ends":   {"ines@other.test, acme.test@third.test", "acme.test", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := endsLike(c.email, c.suffix); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
	for _, s := range []string{"", " ", "\u200b"} {
		if notBlank(s) == nil {
			t.Errorf("got %q accepted as a filter, want it refused: it would pass everybody", s)
		}
	}
}

// ECGrid and sFOX may ignore what they were asked to filter by.
func TestList_comparesTheFiltersItself(t *testing.T) {
	t.Parallel()
	ecgrid := lists{
		users: func(r *http.Request) string {
			var asked struct {
				PageNo int `json:"pageNo"`
			}
			if err := json.NewDecoder(r.Body).Decode(&asked); err == nil && asked.PageNo > 1 {
				return `{"success":true,"data":[]}`
			}
			return `{"success":true,"data":[
				{"userId":1,"networkId":12,"mailboxId":880,"authLevel":"mailboxadmin","status":"Suspended"},
				{"userId":2,"networkId":12,"mailboxId":881,"authLevel":"MailboxUser","status":"Active"},
				{"userId":3,"networkId":13,"mailboxId":880,"authLevel":"MailboxUser","status":"Active"},
				{"userId":4,"networkId":12,"mailboxId":880,"authLevel":"MailboxUser","status":"Terminated"},
				{"userId":5,"networkId":12,"mailboxId":880,"authLevel":"MailboxUser","status":"Limbo"}]}`
		},
		other: map[string]string{"/users/me": `{"success":true,"data":{"userId":7,"networkId":12}}`},
	}
	sfox := lists{users: func(*http.Request) string {
		return `{"data":[{"user_id":"a","account_role":"ADVISOR"},{"user_id":"b","account_role":"Client"}]}`
	}}
	for name, c := range map[string]struct {
		kind   userKind
		at     lists
		config attributes
		want   []string
	}{
		"ECGrid, the key's network":      {ecgridKind, ecgrid, nil, []string{"1", "2", "5"}},
		"ECGrid, another network":        {ecgridKind, ecgrid, attributes{"network_id": int64(13)}, []string{"3"}},
		"ECGrid, a mailbox":              {ecgridKind, ecgrid, attributes{"mailbox_id": int64(880)}, []string{"1", "5"}},
		"ECGrid, a level, in other case": {ecgridKind, ecgrid, attributes{"auth_level": "MAILBOXADMIN"}, []string{"1"}},
		"ECGrid, suspended":              {ecgridKind, ecgrid, attributes{"status": "suspended"}, []string{"1"}},
		"ECGrid, active":                 {ecgridKind, ecgrid, attributes{"status": "active"}, []string{"2"}},
		"ECGrid, without one by the ID": {
			ecgridKind, ecgrid, attributes{"exclude_ids": []string{"1", "02"}}, []string{"2", "5"},
		},
		"sFOX, advisors":                   {sfoxKind, sfox, attributes{"account_role": "advisor"}, []string{"a"}},
		"sFOX, without one in other case":  {sfoxKind, sfox, attributes{"exclude_ids": []string{"A"}}, []string{"a", "b"}},
		"sFOX, nobody has such an address": {sfoxKind, sfox, attributes{"email_suffix": "@acme.test"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := virtualDriver(t, c.at, nil)
			found, diags := d.list(c.kind, 0, c.config)
			if !slices.Equal(ids(found), c.want) || diags != nil {
				t.Errorf("got %v, %s, want %v", ids(found), diags.errors()+diags.warnings(), c.want)
			}
		})
	}
}
