package provider

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

func declaredSamples(k userKind, u offboard.User) samples {
	_, problems := declared.Parse(k.name, "title = \n")
	failed := &declared.SetupError{Block: "unknown_id", Err: errSample}
	return samples{
		"unusableDefinition":  one(unusableDefinition(k.name, problems)),
		"unusableVendorName":  one(unusableVendorName("Parley", checkVendorName("Parley"))),
		"variableClash":       one(variableClash("PARLEY_API_KEY", "vendors.parley.api_key", "konstantly.api_key")),
		"keyInQuery":          one(keyInQuery([]string{k.title})),
		"vendorNotDeclared":   one(vendorNotDeclared(k.name)),
		"vendorsUnknown":      one(vendorsUnknown(k.name)),
		"vendorUnknown":       one(vendorUnknown()),
		"vendorChanged":       {vendorChanged(k, u, types.StringValue("b")), vendorChanged(k, u, types.StringUnknown())},
		"importWithoutVendor": one(importWithoutVendor(u.ID)),
		"cannotSuspend":       one(cannotSuspend(k, "on_destroy", "\"suspend\"")),
		"noSearch":            one(noSearch(k)),
		"noList":              one(noList(k)),
		"beforeFirstUse": {
			cannotRead(k, u, failed), cannotCheck(k, u, &declared.SetupError{Block: "alive", Err: errSampleFault}),
		},
	}
}

// The answers to a key that is not right, and to too many requests.
var (
	errSampleKey  = &rest.Error{Method: "GET", Path: "/users/30417", Status: http.StatusUnauthorized}
	errSampleRate = &rest.Error{Method: "GET", Path: "/users/30417", Status: http.StatusTooManyRequests}
)

// What a message says of a declared vendor can be written as it stands.
func TestMessages_ofADeclaredVendorNameWhatIsWritten(t *testing.T) {
	t.Parallel()
	u := samplePeople[0]
	for name, test := range map[string]struct{ got, want string }{
		"the import block": {importFirst(parley, u).Detail(), "to = offboard_user.NAME\n    id = \"parley/30417\""},
		"the identity": {
			idAndEmail(parley, u.ID, u, u).Detail(), `identity = { vendor = "parley", id = "30417" }`,
		},
		"the API key": {
			cannotRead(parley, u, errSampleKey).Detail(), "vendors.parley.api_key in the provider block, or PARLEY_API_KEY",
		},
		"the base URL": {wrongTenant(parley, u, "a.test/", "b.test/").Detail(), "(vendors.parley.base_url, PARLEY_BASE_URL)"},
		"the removed block": {
			stopManaging(parley), "from = offboard_user.NAME",
		},
		"the budget": {
			usedText(parley, evidence.Used{Account: evidence.Account{Vendor: "parley", ID: "30417"}}), `ID "30417" in Parley, `,
		},
		"the rate": {cannotRead(parley, u, errSampleRate).Detail(), "vendors.parley.requests_per_second"},
	} {
		if !strings.Contains(test.got, test.want) {
			t.Errorf("%s: got %q, want %q", name, test.got, test.want)
		}
	}
}

// The proof of a closure says no more than the definition asks.
func TestKindDefined_provesNoMoreThanTheDefinitionAsks(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../vendors/declared/testdata/evening.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	before, listing, _ := strings.Cut(string(source), "list {\n")
	_, after, _ := strings.Cut(listing, "\n}\n")
	unlisted := before + after
	const self, sees, works = "  self  = tostring(answer.json.data.ref)\n", "sees what it should.", "still works."
	const closed = "Evening shows the account as closed."
	for name, c := range map[string]struct{ definition, absent, twice, done string }{
		"a list":  {string(source), sees, "still sees others.", closed},
		"self":    {unlisted, sees, "still sees others.", closed},
		"neither": {strings.Replace(unlisted, self, "", 1), works, "Whether it still sees others was not asked", closed},
		"another record": {
			strings.Replace(string(source), `user.status == "closed"`, `user.status == "closed" || record.state != null && `+
				`record.state != "" && lower(record.state) != lower(was.state)`, 1), sees, "still sees others.",
			"or shows another record under its ID, which is the end by `done` of the definition.",
		},
	} {
		d, problems := declared.Parse("evening", c.definition)
		if d == nil {
			t.Fatalf("%s: got the problems %v", name, problems)
		}
		k := kindDefined(d, types.ObjectNull(nil))
		absent, done := k.proofs[offboard.Absent].shows, k.proofs[offboard.Done].shows
		if !strings.HasSuffix(absent, c.absent) || !strings.HasSuffix(done, c.done) ||
			!strings.Contains(absentTwice(k), c.twice) {
			t.Errorf("%s: got %q, %q and %q, want %q, %q and %q", name, absent, done, absentTwice(k), c.absent, c.done, c.twice)
		}
	}
}
