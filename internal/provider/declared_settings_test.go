package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// region is the block of a setting that has no default.
const region = "setting \"region\" {\n  description = \"The region of the account.\"\n}\n"

// Whatever is wrong with a vendor is said before any request, with no path: the CLI would print the
// lines of the provider block, and the API key with them.
func TestDeclaredSettings_areCheckedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	good, unknown := parleyText(t), tftypes.UnknownValue
	only := attributes{"definition": good}
	misspelled := strings.Replace(good, "method = \"DELETE\"", "metod = \"DELETE\"", 1) + "titel = \"X\"\n"
	withRegion := good + region
	for name, test := range map[string]struct {
		vendor string
		set    attributes
		want   []string // in the error; none for no error
	}{
		"a good one":            {"parley", attributes{"definition": good}, nil},
		"an unknown definition": {"parley", attributes{"definition": unknown, "api_key": unknown}, nil},
		"a setting": {
			"parley", attributes{"definition": withRegion, "settings": attributes{"region": "eu"}}, nil,
		},
		"a setting that is missing": {"parley", attributes{"definition": withRegion}, nil}, // the environment may have it
		"an unknown setting": {
			"parley", attributes{"definition": withRegion, "settings": attributes{"region": unknown}}, nil,
		},
		"a setting that nobody asks for": {
			"parley", attributes{"definition": withRegion, "settings": attributes{"regon": "secret-eu"}},
			[]string{"vendors.parley.settings.regon", "It has: region"},
		},
		"a setting of a vendor without": {
			"parley", attributes{"definition": good, "settings": attributes{"region": "secret-eu"}},
			[]string{"vendors.parley.settings.region", "It has: none"},
		},
		"two problems": {
			"parley", attributes{"definition": misspelled},
			[]string{"parley.vendor.hcl:64,", "metod = \"DELETE\"", "titel = \"X\""},
		},
		"an empty definition": {"parley", attributes{"definition": ""}, []string{"parley.vendor.hcl:1,1", "title"}},
		"upper case":          {"Parley", only, []string{"Cannot use the name", "lower-case letters"}},
		"a hyphen":            {"par-ley", only, []string{"Cannot use the name"}},
		"a built-in vendor":   {"ecgrid", only, []string{"the provider knows itself"}},
		"the name of others":  {"aws", only, []string{"is reserved"}},
		"the resource's name": {"user", only, []string{"is reserved"}},
		"an address with a key": {
			"parley", attributes{"definition": good, "base_url": "https://me:secret@a.test"},
			[]string{"vendors.parley.base_url", "user name or password"},
		},
		"a key with a line": {
			"parley", attributes{"definition": good, "api_key": "secret\n"},
			[]string{"vendors.parley.api_key", "line break"},
		},
		"no rate": {"parley", attributes{"definition": good, "requests_per_second": 0}, []string{"at least"}},
	} {
		said := validateBlock(t, attributes{"vendors": attributes{test.vendor: test.set}})
		for _, want := range test.want {
			if !strings.Contains(said.errors(), want) {
				t.Errorf("%s: got %q, want %q", name, said.errors(), want)
			}
		}
		if test.want == nil && said.errors() != "" {
			t.Errorf("%s: got %q, want no error", name, said.errors())
		}
		for _, d := range said {
			if d.Attribute != nil || strings.Contains(d.Detail, "secret") {
				t.Errorf("%s: got the path %v and %q, want no path and no secret", name, d.Attribute, d.Detail)
			}
		}
	}
}

// validateBlock asks the provider whether its block is valid.
func validateBlock(t *testing.T, block attributes) diagnostics {
	t.Helper()
	d := &driver{t: t, server: providerserver.NewProtocol6(New("test")())(), schema: schemas()}
	resp, err := d.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
		Config: d.dynamic(object(d.schema.Provider.ValueType(), block)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// Two settings must not have the same environment variable: one value would go to two vendors.
func TestDeclaredSettings_variablesDoNotClash(t *testing.T) {
	t.Parallel()
	good := parleyText(t)
	asks := func(setting string) attributes {
		return attributes{"definition": good + strings.Replace(region, "region", setting, 1)}
	}
	for want, vendors := range map[string]attributes{
		"PARLEY_EU_API_KEY would set both vendors.parley.settings.eu_api_key and vendors.parley_eu.api_key": {
			"parley": asks("eu_api_key"), "parley_eu": attributes{"definition": good},
		},
		"SFOX_API_KEY would set both sfox.api_key and vendors.sfox_api.settings.key": {
			"sfox_api": asks("key"),
		},
	} {
		if got := validateBlock(t, attributes{"vendors": vendors}).errors(); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	apart := attributes{"parley": asks("region"), "parley_eu": asks("region")}
	if got := validateBlock(t, attributes{"vendors": apart}).errors(); got != "" {
		t.Errorf("got %q, want no error", got)
	}
}

func TestDeclaredSettings_comeFromTheEnvironment(t *testing.T) {
	w := newTestEnv(t)
	konstantlyCase.add(w.mock)
	block := attributes{"vendors": attributes{"parley": attributes{"definition": parleyText(t) + region}}}
	imported := func() string {
		return newDriver(t, w, block).importRaw("offboard_user", "parley/"+parleyInes).errors()
	}
	t.Setenv("PARLEY_BASE_URL", w.url+prefixes["konstantly"])
	if got, want := imported(), "vendors.parley.api_key in the provider block, or"; !strings.Contains(got, want) {
		t.Errorf("without a key: got %q, want %q", got, want)
	}
	t.Setenv("PARLEY_API_KEY", mockKey)
	if got, want := imported(), "vendors.parley.settings.region in the provider block, or the environment variable "+
		"PARLEY_REGION"; !strings.Contains(got, want) {
		t.Errorf("without a setting: got %q, want %q", got, want)
	}
	t.Setenv("PARLEY_REGION", "eu")
	if got := imported(); got != "" {
		t.Errorf("with all of them: got %q, want the user", got)
	}
}

// A vendor that is not known yet is no error until one of its users is touched.
func TestDeclaredSettings_unknownAtPlanIsNoErrorUntilAUserIsTouched(t *testing.T) {
	t.Parallel()
	w, known := parleyEnv(t)
	m := known.mustImport(parley, parleyInes)
	for setting, more := range map[string]attributes{
		"vendors.parley.definition":      {"definition": tftypes.UnknownValue},
		"vendors.parley.api_key":         {"api_key": tftypes.UnknownValue},
		"vendors.parley.settings.region": {"definition": parleyText(t) + region, "settings": tftypes.UnknownValue},
	} {
		d := newDriver(t, w, declares(w, parleyText(t), more))
		_, read := d.read(m)
		_, planned := d.planDestroy(m)
		_, listed := d.data("offboard_users", attributes{"vendor": "parley"})
		imported := d.importRaw("offboard_user", "parley/"+parleyInes)
		for _, diags := range []diagnostics{read, planned, listed, imported} {
			if !strings.Contains(diags.errors(), setting) || !strings.Contains(diags.errors(), "not known yet") ||
				strings.Contains(diags.errors(), "PARLEY_DEFINITION") {
				t.Errorf("%s: got %q, want that it is not known yet", setting, diags.errors())
			}
		}
	}
}

// configureParley configures the provider with a definition of Parley.
func configureParley(t *testing.T, definition string) diagnostics {
	t.Helper()
	d := &driver{t: t, server: NewServer(New("test")()), schema: schemas()}
	resp, err := d.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: d.dynamic(object(d.schema.Provider.ValueType(), attributes{
			"vendors": attributes{"parley": attributes{"definition": definition, "api_key": mockKey}},
		})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// A definition that was not known when the block was validated is checked when it is known.
func TestDeclaredSettings_areCheckedAgainWhenTheyAreKnown(t *testing.T) {
	t.Parallel()
	said := configureParley(t, parleyText(t)+"titel = \"X\"\n").errors()
	if want := "Cannot use the definition of the vendor parley"; !strings.Contains(said, want) {
		t.Errorf("got %q, want %q", said, want)
	}
}

func TestDeclaredSettings_keyInTheQueryIsAWarning(t *testing.T) {
	t.Parallel()
	inQuery := strings.Replace(parleyText(t), "headers = { X-API-KEY = key }", "query = { token = key }", 1)
	for _, test := range []struct {
		definition string
		want       bool
	}{{inQuery, true}, {parleyText(t), false}} {
		warned := configureParley(t, test.definition).warnings()
		if strings.Contains(warned, "put the API key into the query:\n\n  - Parley") != test.want {
			t.Errorf("got the warnings %q, want one %v", warned, test.want)
		}
	}
}

func TestVendorProblems_areThoseOfThePlan(t *testing.T) {
	t.Parallel()
	d := &driver{t: t, server: NewServer(New("test")()), schema: schemas()}
	call := func(definition string) []string {
		text := d.dynamic(tftypes.NewValue(tftypes.String, definition))
		resp, err := d.server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
			Name: "vendor_problems", Arguments: []*tfprotov6.DynamicValue{text},
		})
		if err != nil || resp.Error != nil {
			t.Fatal(err, resp.Error)
		}
		value, err := resp.Result.Unmarshal(tftypes.List{ElementType: tftypes.String})
		if err != nil {
			t.Fatal(err)
		}
		object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"all": value.Type()}}
		return managed{state: tftypes.NewValue(object, map[string]tftypes.Value{"all": value})}.texts("all")
	}
	if got := call(parleyText(t)); !slices.Equal(got, nil) {
		t.Errorf("got %q for a good definition, want none", got)
	}
	wrong := strings.Replace(parleyText(t), "method = \"DELETE\"", "metod = \"DELETE\"", 1)
	got := call(wrong)
	if len(got) == 0 {
		t.Fatal("got no problem, want some")
	}
	planned := validateBlock(t, attributes{"vendors": attributes{"definition": attributes{"definition": wrong}}})
	for _, problem := range got {
		if !strings.HasPrefix(problem, "definition.vendor.hcl:6") || !strings.Contains(planned.errors(), problem) {
			t.Errorf("got %q, want it at line 63 or 64, and in the message of the plan: %s", problem, planned.errors())
		}
	}
}
