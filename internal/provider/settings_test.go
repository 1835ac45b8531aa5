package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// validate asks the provider whether its block is valid, with these settings of one vendor and
// nothing else.
func validate(t *testing.T, vendor string, settings attributes) diagnostics {
	t.Helper()
	d := &driver{t: t, server: providerserver.NewProtocol6(New("test")())(), schema: schemas()}
	resp, err := d.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
		Config: d.dynamic(object(d.schema.Provider.ValueType(), attributes{vendor: settings})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

func TestSettings_areCheckedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	unknown := tftypes.UnknownValue
	cases := map[string]struct {
		settings attributes
		want     string // in the error; empty for none
	}{
		"https":               {attributes{"base_url": "https://gateway.acme.test/vendor"}, ""},
		"http on loopback":    {attributes{"base_url": "http://127.0.0.1:8900/x"}, ""},
		"http on localhost":   {attributes{"base_url": "http://localhost/x"}, ""},
		"http on IPv6":        {attributes{"base_url": "http://[::1]:8900/x"}, ""},
		"unknown values":      {attributes{"base_url": unknown, "api_key": unknown, "requests_per_second": unknown}, ""},
		"http elsewhere":      {attributes{"base_url": "http://api.acme.test"}, "plain http"},
		"loopback look-alike": {attributes{"base_url": "http://127.0.0.1.acme.test"}, "plain http"},
		"no scheme":           {attributes{"base_url": "api.acme.test/v1"}, "must begin with"},
		"another scheme":      {attributes{"base_url": "ftp://api.acme.test"}, "must begin with"},
		"a password":          {attributes{"base_url": "https://me:secret@api.acme.test"}, "user name or password"},
		"a query":             {attributes{"base_url": "https://api.acme.test/?a=b"}, "query"},
		"an empty key":        {attributes{"api_key": ""}, "it is empty"},
		"a key with a line":   {attributes{"api_key": "secret-4711\n"}, "line break"},
		"no rate":             {attributes{"requests_per_second": 0}, "at least"},
	}
	for _, k := range kinds {
		for name, c := range cases {
			diags := validate(t, k.name, c.settings)
			for _, d := range diags {
				if d.Attribute != nil {
					t.Errorf("%s, %s: got the path %s, want none: the CLI prints the source line, and the key with it",
						k.name, name, d.Attribute)
				}
			}
			text := diags.errors()
			if c.want == "" && text != "" || !strings.Contains(text, c.want) {
				t.Errorf("%s, %s: got %q, want %q", k.name, name, text, c.want)
			}
			if strings.Contains(text, "secret") {
				t.Errorf("%s, %s: the message repeats a secret: %s", k.name, name, text)
			}
		}
	}
	for site, want := range map[string]string{
		"acme": "", "acme.konstant.ly": "site's name alone", "https://acme": "site's name alone", "": "site's name alone",
	} {
		if text := validate(t, "konstantly", attributes{"site": site}).errors(); want == "" && text != "" ||
			!strings.Contains(text, want) {
			t.Errorf("site %q: got %q, want %q", site, text, want)
		}
	}
}

func TestSettings_comeFromTheEnvironmentAlone(t *testing.T) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			w := newTestEnv(t)
			v.add(w.mock)
			t.Setenv(v.kind.variable("api_key"), mockKey)
			t.Setenv(v.kind.variable("base_url"), w.url+v.prefix())
			if _, diags := newDriver(t, w, v.settings(nil, nil)).importUser(v.kind, v.id); diags.errors() != "" {
				t.Errorf("got %q, want the user", diags.errors())
			}
			t.Setenv(v.kind.variable("api_key"), "another key")
			t.Setenv(v.kind.variable("base_url"), "http://api.acme.test")
			d := newDriver(t, w, v.settings(nil, nil))
			if _, diags := d.importUser(v.kind, v.id); !strings.Contains(diags.errors(), v.kind.variable("base_url")) &&
				!strings.Contains(diags.errors(), v.kind.variable("api_key")) {
				t.Errorf("got %q, want the name of the variable that is wrong", diags.errors())
			}
			if _, diags := newDriver(t, w, nil).importUser(v.kind, v.id); diags.errors() != "" {
				t.Errorf("got %q, want the configuration to come before the environment", diags.errors())
			}
		})
	}
}

func TestSettings_siteMakesTheAddress(t *testing.T) {
	t.Setenv("KONSTANTLY_SITE", "acme")
	t.Setenv("KONSTANTLY_API_KEY", mockKey)
	p := &offboardProvider{version: "test", transport: mock.Transport{Handler: newTestEnv(t).mock}}
	d := driverOf(t, p, "http://127.0.0.1:1", attributes{"konstantly": nil})
	resp, err := d.server.ImportResourceState(
		t.Context(),
		&tfprotov6.ImportResourceStateRequest{TypeName: "offboard_konstantly_user", ID: "u1"},
	)
	if err != nil || len(resp.ImportedResources) != 1 {
		t.Fatalf("got %v, %v", err, diagnostics(resp.Diagnostics).errors())
	}
	m := managed{
		typeName: "offboard_konstantly_user", state: d.value("offboard_konstantly_user", resp.ImportedResources[0].State),
	}
	if got, want := m.text("tenant"), "acme.konstant.ly/openapi/v1"; got != want {
		t.Errorf("tenant: got %q, want %q", got, want)
	}
}

func TestSettings_unknownAtPlanIsNoErrorUntilAUserIsTouched(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		w := newTestEnv(t)
		d := newDriver(t, w, v.settings(attributes{"api_key": tftypes.UnknownValue}, nil))
		if _, diags := d.importUser(v.kind, v.id); !strings.Contains(diags.errors(), "not known yet") {
			t.Errorf("%s: got %q, want that the key is not known yet", v.kind.name, diags.errors())
		}
	}
}

func TestSettings_revokedKeyIsNamed(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		w := newTestEnv(t)
		v.add(w.mock)
		d := newDriver(
			t,
			w,
			v.settings(attributes{"api_key": "revoked", "base_url": w.url + v.prefix()}, nil),
		)
		_, diags := d.importUser(v.kind, v.id)
		if text := diags.errors(); !strings.Contains(text, v.kind.variable("api_key")) || strings.Contains(text, "revoked.") {
			t.Errorf("%s: got %q, want the setting that holds the key", v.kind.name, text)
		}
	}
}

// A block of a vendor without an API key is checked as far as that goes, and asks nothing.
func TestSettings_aBlockOfAVendorWithoutAKeyIsChecked(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		w.mock.ForgetRequests()
		newDriver(t, w, v.settings(nil, nil)).written(m, attributes{"id": v.id, "email": ottoEmail})
		if got := w.mock.Requests(); len(got) > 0 {
			t.Errorf("got the requests %v, want none", got)
		}
	})
}
