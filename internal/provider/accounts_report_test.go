package provider

import (
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// What the functions read of a data source is what it found, also of two people with one address.
func TestReportIn_readsWhatWasFound(t *testing.T) {
	t.Parallel()
	people := valueOf([]any{
		row{"email": "desk@acme.test", "name": "Uma"},
		row{
			"email": "desk@acme.test", "name": "Vic", "left_on": "2026-11-01", "accounts": row{"ecgrid": "8", "sfox": "s-vic"},
		},
		row{"email": "ada@acme.test", "name": "Ada", "accounts": row{"skillable": "emp-1"}},
		row{"email": "bot@acme.test", "left_on": "2026-10-01"},
	})
	list := accounts.List{
		Day: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), Ignore: []string{"bot@acme.test"},
		Managed: map[string][]string{},
	}
	var problems []*rowError
	if list.People, problems = listedPeople(people); len(problems) > 0 {
		t.Fatal(problems)
	}
	shown := func(id, email string, status offboard.Status) accounts.Account {
		return accounts.Account{
			User: offboard.User{ID: id, Email: email, Name: "x", Status: status}, Vendor: "ecgrid", OwnKey: id == "1",
		}
	}
	byLogin := shown("7", "", offboard.Active)
	byLogin.Logins = []string{"bot@acme.test"}
	want := compared(&list, []listing{
		{kind: ecgridKind, asked: true, accounts: []accounts.Account{
			shown("1", "ada@acme.test", offboard.Active), shown("2", "desk@acme.test", offboard.Active),
			shown("3", "bot@acme.test", offboard.Active), shown("4", "", offboard.Closed), byLogin,
			shown("8", "desk@acme.test", offboard.Suspended), shown("9", "desk@acme.test", offboard.Closed),
		}},
		{kind: sfoxKind, asked: true},
		{kind: skillableKind, asked: true, why: "It cannot list.", unseen: map[string]string{"emp-1": "Nothing."}},
	})
	want.Unmatched = []string{"boss@acme.test"}
	if who := want.Accounts[5].Person; who == nil || who.Name != "Vic" || len(want.Missing) != 1 {
		t.Fatalf("got %+v, want an account of Vic and one that is missing", want)
	}
	want.Accounts[4].Logins = nil // the state has none
	var resp datasource.SchemaResponse
	(&accountsData{}).Schema(t.Context(), datasource.SchemaRequest{}, &resp)
	of, config := resp.Schema.Type().TerraformType(t.Context()).(tftypes.Object), fields{}
	for name := range accountsInputs() {
		config[name] = tftypes.NewValue(of.AttributeTypes[name], nil)
	}
	config["people"] = people
	got, err := reportIn(accountsValue(of, config, want))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}
