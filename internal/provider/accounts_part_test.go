package provider

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The key of a user of a mailbox may see that mailbox alone. So its list is not that of all accounts, and
// whom it does not show is not missing.
func TestAccountsData_theKeyOfAMailboxListsAPart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		level, place string
		part         bool
	}{
		"a network":              {"NetworkAdmin", `,"networkId":12,"mailboxId":0`, false},
		"a mailbox":              {"NetworkAdmin", `,"networkId":12,"mailboxId":77`, true},
		"a level of the mailbox": {"MailboxAdmin", `,"networkId":12,"mailboxId":0`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, ecgridCase)
				f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
					return at == "/users/me" && say(w, 200, ecgridShown("7", "svc", "svc@acme.test", c.level, c.place))
				}
				values, diags := virtualDriver(t, f, nil).dataSource("offboard_accounts", attributes{
					"people": peopleOf(row{"email": inesEmail, "accounts": row{"ecgrid": "30999"}}),
				})
				if diags.errors() != "" {
					t.Fatal(diags.errors())
				}
				whole := strings.Contains(values["vendors"].String(), `"ecgrid"`)
				why := ""
				for _, p := range elements(t, values["cannot_list"]) {
					if shownAs(t, p["vendor"]) == "ecgrid" {
						why = shownAs(t, p["why"])
					}
				}
				missing := len(elements(t, values["missing"]))
				if whole == c.part || strings.Contains(why, "a part of the accounts") != c.part || (missing > 0) == c.part {
					t.Errorf("got a whole list %t, %q and %d missing, want a part %t", whole, why, missing, c.part)
				}
			})
		})
	}
}

// The list of a site may leave out who is blocked, and shows nothing of who was deleted. So the accounts of
// the list of people that it does not show are read, each once.
func TestAccountsData_readsWhomAWholeListDoesNotShow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *mock.Server)
		id     string
		fails  bool
		reads  int
	}{
		"blocked": {func(s *mock.Server) {
			konstantlyCase.suspend(s, konstantlyCase.id)
			s.Konstantly.Set(func(k *mock.Konstantly) { k.HideBlocked = true })
		}, konstantlyCase.id, true, 1},
		"listed":                         {func(*mock.Server) {}, konstantlyCase.id, true, 0},
		"listed, in another letter case": {func(*mock.Server) {}, strings.ToUpper(konstantlyCase.id), true, 0},
		"beside one whose ID differs in letter case": {func(s *mock.Server) {
			other := strings.ToUpper(konstantlyCase.id)
			konstantlyCase.put(s, other, ottoName, ottoEmail)
			konstantlyCase.suspend(s, konstantlyCase.id)
			s.Konstantly.Set(func(k *mock.Konstantly) { k.HideBlocked = true })
		}, konstantlyCase.id, true, 1},
		"deleted":                        {func(*mock.Server) {}, "u-gone", false, 1},
		"no ID that an account can have": {func(*mock.Server) {}, "byEmail", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				for _, v := range vendorCases {
					v.put(s, v.other, ottoName, ottoEmail)
				}
				if c.fails {
					konstantlyCase.put(s, konstantlyCase.id, inesName, inesEmail)
				}
				c.change(s)
				people := []row{{"email": inesEmail, "left_on": "1999-01-01", "accounts": row{"konstantly": c.id}}}
				if upper := strings.ToUpper(c.id); c.id != upper {
					people = append(people, row{"email": ottoEmail, "accounts": row{"konstantly": upper}})
				}
				config := attributes{"fail_on": []string{"leaver"}, "people": peopleOf(people...)}
				_, diags := virtualDriver(t, s, nil).dataSource("offboard_accounts", config)
				if got := strings.Contains(diags.errors(), "leaver: Konstantly ID "+konstantlyCase.id); got != c.fails {
					t.Errorf("got %q, want a leaver %t", diags.errors(), c.fails)
				}
				reads := 0
				for _, r := range s.Requests() {
					if strings.HasSuffix(r.Path, "/users/"+c.id) {
						reads++
					}
				}
				if reads != c.reads {
					t.Errorf("got %d reads of the account, want %d", reads, c.reads)
				}
			})
		})
	}
}

// The clock of the machine is behind, so that the last day of a person seems to be one of the future. Those
// of the vendors show that it has come. One that is behind itself changes nothing.
func TestAccountsData_whoLeftByTheLaterClock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ahead int // how many days the clocks of the vendors are ahead
		day   string
	}{
		"ahead": {31, "2000-02-01"}, "behind": {-31, "2000-01-01"}, "the same": {0, "2000-01-01"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				for _, v := range vendorCases {
					v.add(s)
				}
				dated := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Date", time.Now().AddDate(0, 0, c.ahead).UTC().Format(http.TimeFormat))
					s.ServeHTTP(w, r)
				})
				values, diags := virtualDriver(t, dated, nil).dataSource("offboard_accounts", attributes{
					"people": peopleOf(row{"email": inesEmail, "left_on": "2000-02-01"}, row{"email": ottoEmail}),
				})
				if diags.errors() != "" {
					t.Fatal(diags.errors())
				}
				left := len(elements(t, values["leaver"])) > 0
				if day := shownAs(t, values["as_of"]); day != c.day || left != (c.day == "2000-02-01") {
					t.Errorf("got the day %s and leavers: %t, want %s", day, left, c.day)
				}
			})
		})
	}
}

// A cache gives a list that it kept for a day, and says so. The leaver has an account since then.
func TestAccountsData_aListOutOfACacheIsAnError(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{konstantlyCase, ecgridCase, sfoxCase} {
		synctest.Test(t, func(t *testing.T) {
			s := mock.New(mockKey)
			v.put(s, v.other, ottoName, ottoEmail)
			kept := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Age", "86400")
				s.ServeHTTP(w, r)
			})
			d := virtualDriver(t, kept, onlyVendors("http://127.0.0.1:1", v))
			_, accounts := d.dataSource("offboard_accounts", attributes{"people": peopleOf()})
			_, users := d.data(v.kind.typeName()+"s", nil)
			for _, diags := range []diagnostics{accounts, users} {
				if !strings.Contains(diags.errors(), "from a cache") {
					t.Errorf("%s: got %q, want an error of a list out of a cache", v.kind.name, diags.errors())
				}
			}
		})
	}
}
