package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// tableOf is what csvdecode makes of a table: a list of objects with the same fields.
func tableOf(columns []string, rows ...[]string) tftypes.Value {
	types := map[string]tftypes.Type{}
	for _, column := range columns {
		types[column] = tftypes.String
	}
	list := []tftypes.Value{}
	for _, row := range rows {
		values := fields{}
		for i, column := range columns {
			values[column] = valueOf(row[i])
		}
		list = append(list, tftypes.NewValue(tftypes.Object{AttributeTypes: types}, values))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.Object{AttributeTypes: types}}, list)
}

// A nightly check does not pass because a list cannot say who left. Bob left, and has accounts.
func TestAccountsData_aListThatCannotSayWhoLeftIsAnError(t *testing.T) {
	t.Parallel()
	w := messy(t)
	bob := func(column string) tftypes.Value {
		return tableOf([]string{"email", column}, []string{"bob@acme.test", "2026-11-02"})
	}
	both := peopleOf(row{"email": "ada@acme.test"}, row{"email": "bob@acme.test", "left on": "2026-11-02"})
	account := func(ref any) tftypes.Value {
		return peopleOf(row{"email": "bob@acme.test", "left_on": "2026-11-02", "accounts": row{"ecgrid": ref}})
	}
	for name, c := range map[string]struct {
		people tftypes.Value
		want   string
	}{
		"an ID in capitals": {account(row{"ID": "30417"}), `ecgrid: its field "ID" is not read. Write id`},
		"no ID, no address": {account(row{"user": "30417"}), `ecgrid: it has neither id nor email`},
		"two addresses":     {account(row{"email": "b@acme.test;c@acme.test"}), `"b@acme.test;c@acme.test" is refused`},
		"no account":        {account("n/a"), "leaver: ECGrid ID 502"},
		"no account object": {account(row{"id": "-", "email": "None"}), "leaver: ECGrid ID 502"},
		"an empty object":   {account(row{}), "leaver: ECGrid ID 502"},
		"an unusable ID":    {account("030417"), `The ID "030417" is refused`},
		"a table":           {bob("left_on"), "leaver: Konstantly ID k-bob"},
		"a mark before":     {bob("\ufeffleft_on"), "leaver: Konstantly ID k-bob"},
		"a blank before":    {bob(" left_on"), `row 1: its field " left_on" is not read. Write left_on`},
		"a capital":         {bob("Left_on"), `row 1: its field "Left_on" is not read. Write left_on`},
		"a blank":           {bob("left on"), `row 1: its field "left on" is not read. Write left_on`},
		"a hyphen":          {bob("left-on"), `row 1: its field "left-on" is not read. Write left_on`},
		"nothing":           {bob("lefton"), `row 1: its field "lefton" is not read. Write left_on`},
		"an invisible one":  {bob("\u200bleft_on"), `row 1: its field "\u200bleft_on" is not read. Write left_on`},
		"in one row":        {both, `row 2: its field "left on" is not read. Write left_on`},
		"another field":     {bob("Other E-Mails"), `its field "Other E-Mails" is not read. Write other_emails`},
		"no such column":    {bob("last_day"), `Its columns are "email", "last_day".`},
		"in a loop": {
			peopleOf(row{"email": "bob@acme.test", "last_day": "2026-11-02"}, row{"email": "ada@acme.test", "last_day": ""}),
			`Its columns are "email", "last_day".`,
		},
		"a field that is not read": {
			peopleOf(row{"email": "bob@acme.test", "end": "2. Mai 2026"}), `Its columns are "email", "end".`,
		},
		"a number": {peopleOf(row{"email": "bob@acme.test", "end": 46328}), `Its columns are "email", "end".`},
		"in one row alone": {
			peopleOf(row{"email": "ada@acme.test"}, row{"email": "bob@acme.test", "end": "Nov 26"}),
			`Its columns are "email", "end".`,
		},
		"all are present": {peopleOf(row{"email": "ada@acme.test", "team": "x", "left_on": nil}), ""},
		"fields that are read, or no day": {peopleOf(row{
			"email": "ada@acme.test", "name": "Ada", "close_not_before": "2030-01-01", "team": "Sales", "suspended": nil,
		}), ""},
		"a padded ID":        {account("\t502\u00a0\u200b"), "leaver: ECGrid ID 502"},
		"a hidden sign":      {account("5\u200b02"), `its ID "5\u200b02" has a sign that cannot be seen`},
		"a header alone":     {tableOf([]string{"email", "left_on"}), "The list of people is empty"},
		"no rows":            {peopleOf(), "The list of people is empty"},
		"nobody left so far": {peopleOf(row{"email": "ada@acme.test"}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := newDriver(t, w, attributes{"vendors": attributes{}}).dataSource(
				"offboard_accounts", attributes{"people": c.people, "fail_on": []string{"leaver"}},
			)
			if c.want == "" && diags.errors() != "" || !strings.Contains(diags.errors(), c.want) {
				t.Errorf("got %q, want %q", diags.errors(), c.want)
			}
		})
	}
}

// Another setting of a vendor, or an address in the list of people, tells that its key is missing.
func TestAccountsData_aVendorIsNamedWithoutAnID(t *testing.T) {
	w := messy(t)
	withoutKey := attributes{"vendors": attributes{}, "konstantly": nil}
	const missing = "Cannot tell who has an account in Konstantly"
	person := row{"email": "ada@acme.test", "accounts": row{"konstantly": row{"email": "ada@acme.test"}}}
	for name, c := range map[string]struct {
		site, address string
		emptyKey      bool
		person        row
		want          string
	}{
		"not at all":      {"", "", false, row{"email": "ada@acme.test"}, ""},
		"by an address":   {"", "", false, person, missing},
		"by its site":     {"acme", "", false, row{"email": "ada@acme.test"}, missing},
		"by its base URL": {"", "https://a.test", false, row{"email": "ada@acme.test"}, missing},
		"by an empty key": {"", "", true, row{"email": "ada@acme.test"}, missing},
	} {
		t.Run(name, func(t *testing.T) {
			if c.emptyKey {
				t.Setenv("KONSTANTLY_API_KEY", "")
			}
			t.Setenv("KONSTANTLY_SITE", c.site)
			t.Setenv("KONSTANTLY_BASE_URL", c.address)
			_, diags := newDriver(t, w, withoutKey).dataSource(
				"offboard_accounts", attributes{"people": peopleOf(c.person), "fail_on": []string{"rehired"}},
			)
			if c.want == "" && diags.errors() != "" || !strings.Contains(diags.errors(), c.want) {
				t.Errorf("got %q, want %q", diags.errors(), c.want)
			}
		})
	}
}
