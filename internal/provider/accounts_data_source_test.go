package provider

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// valueOf is a value as yamldecode gives it: tuples and objects, and null without a type.
func valueOf(v any) tftypes.Value {
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	case []any:
		values, all := []tftypes.Value{}, tftypes.Tuple{ElementTypes: []tftypes.Type{}}
		for _, element := range v {
			values = append(values, valueOf(element))
			all.ElementTypes = append(all.ElementTypes, values[len(values)-1].Type())
		}
		return tftypes.NewValue(all, values)
	case row:
		values, all := fields{}, tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
		for name, field := range v {
			values[name] = valueOf(field)
			all.AttributeTypes[name] = values[name].Type()
		}
		return tftypes.NewValue(all, values)
	case int:
		return tftypes.NewValue(tftypes.Number, v)
	}
	return tftypes.NewValue(tftypes.String, v)
}

// row is a row of the list of people.
type row map[string]any

// peopleOf is a list of people for a configuration.
func peopleOf(rows ...row) tftypes.Value {
	all := []any{}
	for _, r := range rows {
		all = append(all, r)
	}
	return valueOf(all)
}

// messy are vendors with the accounts of testdata/people.
func messy(t *testing.T) *testEnv {
	t.Helper()
	w := newTestEnv(t)
	if err := w.mock.Seed(strings.NewReader(testFile(t, "testdata/people/seed.json"))); err != nil {
		t.Fatal(err)
	}
	return w
}

// messyPeople are the people of testdata/people/people.yaml, as yamldecode gives them.
var messyPeople = []row{
	{
		"name": "Ada Lovelace", "email": "ada@acme.test", "other_emails": []any{"a.lovelace@acme.test"}, "accounts": row{
			"konstantly": "k-ada", "sfox": row{"id": "s-ada", "email": "ada@fund.example"}, "skillable": "emp-3",
		},
	},
	{"name": nil, "email": "cleo@acme.test", "left_on": nil, "accounts": row{"ecgrid": "503", "skillable": "emp-2"}},
	{"name": "Uma", "email": "desk@acme.test"},
	{"name": "Vic", "email": "desk@acme.test"},
	{"name": "Bob Kaye", "email": "bob@acme.test", "left_on": "2026-11-02T00:00:00Z", "ticket": "HR-123", "accounts": row{
		"konstantly": "k-bob", "skillable": "emp-1", "sfox": "s-bob",
	}},
}

// verdictsIn are the accounts of an attribute in short form.
func verdictsIn(t *testing.T, list tftypes.Value) (all []string) {
	t.Helper()
	for _, a := range elements(t, list) {
		line := fmt.Sprint(
			shownAs(t, a["vendor"]), " ", shownAs(t, a["id"]), " ", shownAs(t, a["status"]), " ", shownAs(t, a["verdict"]), " ",
			shownAs(t, a["person"]),
		)
		if left := shownAs(t, a["left_on"]); left != "null" {
			line += " left " + left
		}
		if shownAs(t, a["own_key"]) == "true" {
			line += " holds the key"
		}
		if shownAs(t, a["ignored"]) == "true" {
			line += " ignored"
		}
		all = append(all, line)
	}
	return all
}

func TestAccountsData_judgesEveryAccount(t *testing.T) {
	t.Parallel()
	w := messy(t)
	values, diags := newDriver(t, w, attributes{
		"vendors": attributes{}, "never_close": []string{"edi@acme.test", "K-ADA", "boss@acme.test"},
	}).dataSource("offboard_accounts", attributes{
		"people": peopleOf(messyPeople...), "domain": "acme.test", "ignore": []string{"edi@acme.test"},
		"managed": attributes{"konstantly": texts("k-ada"), "sfox": texts()},
	})
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	want := []string{
		"ecgrid 501 suspended unmanaged ada@acme.test",
		"ecgrid 502 suspended leaver bob@acme.test left 2026-11-02",
		"ecgrid 503 closed closed cleo@acme.test",
		"ecgrid 504 active ok null ignored",
		"ecgrid 505 active stranger null",
		"ecgrid 7 active stranger null holds the key",
		"konstantly k-ada active ok ada@acme.test",
		"konstantly k-bob active leaver bob@acme.test left 2026-11-02",
		"konstantly k-cleo suspended unmanaged cleo@acme.test",
		"konstantly k-desk active ambiguous null",
		"konstantly k-fund active outside null",
		"konstantly k-gil active outside null",
		"konstantly k-kiosk active stranger null",
		"sfox s-ada active unmanaged ada@acme.test",
		"sfox s-hal active stranger null",
		"skillable emp-1 active leaver bob@acme.test left 2026-11-02",
		"skillable emp-2 active unmanaged cleo@acme.test",
		"skillable emp-9 active stranger null",
	}
	if got := verdictsIn(t, values["accounts"]); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, v := range listedVerdicts {
		got := verdictsIn(t, values[string(v)])
		if want := having(want, " "+string(v)+" "); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", v, got, want)
		}
	}
	if got := (managed{state: tftypes.NewValue(tftypes.Object{
		AttributeTypes: map[string]tftypes.Type{"never_close_unmatched": tftypes.List{ElementType: tftypes.String}},
	}, fields{"never_close_unmatched": values["never_close_unmatched"]})}).texts("never_close_unmatched"); !slices.Equal(
		got, []string{"boss@acme.test"},
	) {
		t.Errorf("got the unmatched entries %q, want boss@acme.test", got)
	}
	missing := elements(t, values["missing"])
	if len(missing) != 1 || shownAs(t, missing[0]["id"]) != "s-bob" || shownAs(t, missing[0]["left_on"]) != "2026-11-02" {
		t.Errorf("got the missing accounts %v, want Bob's at sFOX", missing)
	}
	partial := elements(t, values["cannot_list"])
	if len(partial) != 1 || shownAs(t, partial[0]["vendor"]) != "skillable" || len(elements(t, partial[0]["seen"])) != 3 {
		t.Fatalf("got %v, want Skillable alone, with three accounts", partial)
	}
	unseen := elements(t, partial[0]["unseen"])
	if len(unseen) != 1 || shownAs(t, unseen[0]["id"]) != "emp-3" || shownAs(t, unseen[0]["person"]) != "ada@acme.test" {
		t.Errorf("got the unseen accounts %v, want Ada's", unseen)
	}
	if got, want := shownAs(t, values["as_of"]), time.Now().UTC().Format(time.DateOnly); got != want {
		t.Errorf("got the day %s, want %s", got, want)
	}
}

// having are the lines with a text in them.
func having(lines []string, text string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.Contains(line, text) })
}

// texts is a list of strings for a configuration.
func texts(all ...string) []tftypes.Value {
	list := []tftypes.Value{}
	for _, text := range all {
		list = append(list, tftypes.NewValue(tftypes.String, text))
	}
	return list
}

// A list that cannot be read is an error, and never one without accounts.
func TestAccountsData_aListThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		for name, fault := range map[string]mock.Fault{
			"a wrong key": {Status: 401, Body: `{"message":"no"}`}, "no answer": {Drop: true},
			"a fault": {Status: 500}, "not found": {Status: 404}, "an empty answer": {Status: 200, Body: `{}`},
		} {
			t.Run(v.kind.name+", "+name, func(t *testing.T) {
				t.Parallel()
				w := newTestEnv(t)
				for _, v := range vendorCases {
					v.add(w.mock)
				}
				fault.Vendor = v.mockName()
				w.mock.Fail(fault)
				synctest.Test(t, func(t *testing.T) {
					values, diags := virtualDriver(t, w.mock, nil).dataSource("offboard_accounts", attributes{"people": peopleOf()})
					if !strings.Contains(diags.errors(), v.kind.title) {
						t.Errorf("got %q, want an error about %s", diags.errors(), v.kind.title)
					}
					if !values["accounts"].IsNull() {
						t.Errorf("got the accounts %s, want none", values["accounts"])
					}
				})
			})
		}
	}
}

// Of a list with a gap, nothing says who is missing. An account that nothing can manage is no gap.
func TestAccountsData_aListWithAGapIsAnError(t *testing.T) {
	t.Parallel()
	alone := attributes{"vendors": attributes{}, "ecgrid": nil, "sfox": nil, "skillable": nil}
	for name, c := range map[string]struct {
		last []string // in place of the last row
		want string   // in the error; empty for none
	}{
		"whole":                     {konstantlyRows(httptest.NewRequest("", "/?offset=44", nil), 1, 45), ""},
		"fewer than the total":      {nil, "is incomplete"},
		"a row that cannot be read": {[]string{`{"name":"Otto"}`}, "cannot be read"},
		"an ID that cannot be used": {[]string{`{"id":"a\tb","isBanned":false}`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler := lists{users: func(r *http.Request) string {
				rows := konstantlyRows(r, 20, 45)
				if at := len(rows) - 1; at >= 0 && strings.Contains(rows[at], `"k44"`) {
					rows = append(rows[:at], c.last...)
				}
				return konstantlyList(rows, 45)
			}}
			values, diags := virtualDriver(t, handler, alone).dataSource("offboard_accounts", attributes{"people": peopleOf()})
			if c.want != "" {
				if !strings.Contains(diags.errors(), c.want) || !values["accounts"].IsNull() {
					t.Errorf("got %q and %s, want the error %q and no accounts", diags.errors(), values["accounts"], c.want)
				}
				return
			}
			if got := len(elements(t, values["accounts"])); got != 45 || diags.errors() != "" {
				t.Errorf("got %d accounts and %q, want 45 and no error", got, diags.errors())
			}
		})
	}
}

// Every vendor is asked at the same time, and by each of its names.
func TestAccountsData_asksVendorsSideBySide(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New(mockKey)
		for _, v := range vendorCases {
			v.add(s)
		}
		s.Latency(time.Second)
		d, started := virtualDriver(t, s, nil), time.Now()
		values, diags := d.dataSource("offboard_accounts", attributes{"people": peopleOf()})
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		if took := time.Since(started); took > 6*time.Second {
			t.Errorf("got %s, want no more than the slowest vendor takes alone", took)
		}
		vendors, holders := map[string]int{}, map[string]string{}
		for _, a := range elements(t, values["accounts"]) {
			vendors[shownAs(t, a["vendor"])]++
			if shownAs(t, a["own_key"]) == "true" {
				holders[shownAs(t, a["vendor"])] += shownAs(t, a["id"])
			}
		}
		for _, v := range vendorCases {
			if got := holders[v.kind.name]; got != v.holder {
				t.Errorf("%s: got %q as the holder of the key, want %q", v.kind.name, got, v.holder)
			}
			if twin := v.twin; v.hasList() &&
				(vendors[v.kind.name] == 0 || twin != "" && vendors[v.kind.name] != vendors[twin]) {
				t.Errorf("got the accounts %v, want those of %s too", vendors, v.kind.name)
			}
		}
	})
}

// A comparison costs no more than two readings of each list.
func TestAccountsData_costsTwoReadingsAtMost(t *testing.T) {
	t.Parallel()
	const users = 1000
	w := newTestEnv(t)
	most := 0
	for _, v := range vendorCases {
		if v.twin == "" {
			for i := range users {
				v.put(w.mock, v.numbered(i), fmt.Sprintf("Person %d", i), fmt.Sprintf("person%d@acme.test", i))
			}
		}
		if v.hasList() {
			most += 2 * v.pages(users)
		}
	}
	most++ // Skillable's list of labs
	if _, diags := newDriver(
		t,
		w,
		nil,
	).dataSource("offboard_accounts", attributes{"people": peopleOf()}); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	if got := len(w.mock.Requests()); got > most {
		t.Errorf("got %d requests, want %d at the most", got, most)
	}
	t.Logf("%d requests for %d users at each vendor", len(w.mock.Requests()), users)
}

func TestAccountsData_needsAVendor(t *testing.T) {
	t.Parallel()
	w, none := messy(t), attributes{"vendors": attributes{}}
	for _, k := range kinds {
		none[k.name] = nil
	}
	_, diags := newDriver(t, w, none).dataSource("offboard_accounts", attributes{"people": peopleOf(messyPeople...)})
	if !strings.Contains(diags.errors(), "no vendor is configured") {
		t.Errorf("got %q, want that no vendor is configured", diags.errors())
	}
	if len(w.mock.Requests()) > 0 {
		t.Errorf("got the requests %v, want none", w.mock.Requests())
	}
}

// A vendor without a key is not asked. If the configuration or a person names it, that is told.
func TestAccountsData_tellsWhichVendorsWereNotAsked(t *testing.T) {
	t.Parallel()
	w := messy(t)
	some := attributes{"vendors": attributes{}, "sfox": nil, "skillable": nil, "ecgrid": attributes{"base_url": w.url}}
	config := attributes{
		"people":  peopleOf(row{"email": "ada@acme.test", "accounts": row{"ecgird": "7", "sfox": "s-ada", "ecgrid": "501"}}),
		"managed": attributes{"skillable": texts()},
	}
	values, diags := newDriver(t, w, some).dataSource("offboard_accounts", config)
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}

	got := map[string]string{}
	for _, p := range elements(t, values["cannot_list"]) {
		vendor := shownAs(t, p["vendor"])
		got[vendor] = shownAs(t, p["why"])
		if unseen := elements(t, p["unseen"]); len(unseen) != 1 && vendor != "skillable" {
			t.Errorf("got the unseen accounts %v at %s, want one", unseen, vendor)
		}
	}
	config["fail_on"] = []string{"rehired"}
	_, diags = newDriver(t, w, some).dataSource("offboard_accounts", config)
	for vendor, want := range map[string]string{
		"ecgird": "does not declare it", "sfox": "SFOX_API_KEY", "ecgrid": "ECGRID_API_KEY", "skillable": "SKILLABLE_API_KEY",
	} {
		if !strings.Contains(got[vendor], want) || !strings.Contains(diags.errors(), got[vendor]) {
			t.Errorf("%s: got %q and the errors %q, want %q in both", vendor, got[vendor], diags.errors(), want)
		}
	}
	if len(got) != 4 || len(elements(t, values["missing"])) > 0 {
		t.Errorf("got %v and %v missing, want the four vendors, and none missing", got, values["missing"])
	}
}

// A key that is not known yet may be one.
func TestAccountsData_aVendorThatCannotBeUsedIsAnError(t *testing.T) {
	t.Parallel()
	w := messy(t)
	for name, block := range map[string]attributes{
		"an unknown key":  {"api_key": tftypes.UnknownValue},
		"a wrong address": {"api_key": mockKey, "base_url": "http://elsewhere.test"},
	} {
		_, diags := newDriver(
			t,
			w,
			attributes{"sfox": block},
		).dataSource("offboard_accounts", attributes{"people": peopleOf()})
		if !strings.Contains(diags.errors(), "Cannot reach sFOX") {
			t.Errorf("%s: got %q, want that sFOX cannot be reached", name, diags.errors())
		}
	}
}

func TestAccountsData_failsOnVerdicts(t *testing.T) {
	t.Parallel()
	w := messy(t)
	d := newDriver(t, w, attributes{"vendors": attributes{}})
	_, diags := d.dataSource("offboard_accounts", attributes{
		"people": peopleOf(messyPeople...), "fail_on": []string{"leaver", "ambiguous"},
	})
	for _, want := range []string{
		"4 accounts have a verdict in fail_on",
		"  - leaver: ECGrid ID 502, suspended, Bob Kaye <bob@acme.test>, left on 2026-11-02 (",
		"  - ambiguous: Konstantly ID k-desk, active, Front Desk <desk@acme.test>, matches Uma <desk@acme.test> and Vic",
	} {
		if !strings.Contains(diags.errors(), want) {
			t.Errorf("got %q, want %q in it", diags.errors(), want)
		}
	}
	_, diags = d.dataSource("offboard_accounts", attributes{
		"people": peopleOf(messyPeople...), "fail_on": []string{"rehired"},
	})
	if diags.errors() != "" {
		t.Errorf("got %q, want no error, because there is no such account", diags.errors())
	}
}

func TestAccountsData_namesTheRowsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	d := newDriver(t, messy(t), nil)
	ada := row{"email": "ada@acme.test"}
	with := func(name string, value any) row {
		r := maps.Clone(ada)
		r[name] = value
		return r
	}
	for name, c := range map[string]struct {
		people tftypes.Value
		want   string
	}{
		"text":         {valueOf("ada@acme.test"), "people: it is not a list of objects"},
		"an object":    {valueOf(row{"ada": ada}), "people: it is not a list of objects"},
		"a text in it": {valueOf([]any{ada, "x"}), "row 2: it is not an object"},
		"no email": {
			peopleOf(ada, row{"e-mail": "x@acme.test", "name": "X"}),
			`row 2: it has no email. Its fields are "e-mail", "name"`,
		},
		"null":           {peopleOf(ada, row{"email": nil}), "row 2: it has no email"},
		"an empty email": {peopleOf(ada, ada, row{"email": " "}), "row 3: it has no email"},
		"a display name": {peopleOf(row{"email": "Ada <ada@acme.test>"}), "row 1: its email address"},
		"two addresses":  {peopleOf(row{"email": "ada@acme.test,bob@acme.test"}), "row 1: its email address"},
		"no address":     {peopleOf(row{"email": "ada"}), "it has no @"},
		"a number":       {peopleOf(row{"email": 7}), "row 1: email is not text"},
		"a bad day": {
			peopleOf(ada, with("left_on", "02.11.2026")), `row 2: its left_on "02.11.2026" is not a day`,
		},
		"a number as the day":       {peopleOf(with("left_on", 2026)), "row 1: left_on is not text"},
		"a bad alias":               {peopleOf(with("other_emails", []any{"a b@acme.test"})), "row 1: its email address"},
		"an alias that is a number": {peopleOf(with("other_emails", []any{7})), "row 1: other_emails is not text"},
		"aliases that are a number": {peopleOf(with("other_emails", 7)), "row 1: other_emails is not text"},
		"a name that is a number":   {peopleOf(with("name", 7)), "row 1: name is not text"},
		"accounts that are text":    {peopleOf(with("accounts", "k-ada")), "row 1: its accounts are not an object"},
		"an ID that is a number": {
			peopleOf(with("accounts", row{"ecgrid": 7})), "row 1: in its accounts, ecgrid is not text",
		},
		"an ID in it that is one": {peopleOf(with("accounts", row{"ecgrid": row{"id": 7}})), "ecgrid: id is not text"},
		"an address in it that is one": {
			peopleOf(with("accounts", row{"ecgrid": row{"id": "7", "email": 7}})), "ecgrid: email is not text",
		},
	} {
		_, diags := d.dataSource("offboard_accounts", attributes{"people": c.people})
		if !strings.Contains(diags.errors(), c.want) {
			t.Errorf("%s: got %q, want %q", name, diags.errors(), c.want)
		}
	}
}

// csvdecode gives text for everything, and empty text for nothing.
func TestAccountsData_takesATable(t *testing.T) {
	t.Parallel()
	column := func(email, others, left string) tftypes.Value {
		return valueOf(row{"email": email, "other_emails": others, "left_on": left, "accounts": "", "name": "", "Team": "x"})
	}
	first := column(" ADA@acme.test\u200b", "x@acme.test; a.lovelace@acme.test", "")
	people := tftypes.NewValue(
		tftypes.List{ElementType: first.Type()},
		[]tftypes.Value{first, column("bob@acme.test", "", "2026-11-02")},
	)
	values, diags := newDriver(t, messy(t), attributes{"vendors": attributes{}}).dataSource(
		"offboard_accounts", attributes{"people": people},
	)
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	want := []string{
		"ecgrid 502 suspended leaver bob@acme.test left 2026-11-02",
		"konstantly k-bob active leaver bob@acme.test left 2026-11-02",
	}
	if got := verdictsIn(t, values["leaver"]); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, id := range []string{"501", "k-ada"} {
		if len(having(verdictsIn(t, values["accounts"]), " "+id+" suspended ok"))+
			len(having(verdictsIn(t, values["accounts"]), " "+id+" active ok")) != 1 {
			t.Errorf("got %q, want that %s is Ada's", verdictsIn(t, values["accounts"]), id)
		}
	}
}
