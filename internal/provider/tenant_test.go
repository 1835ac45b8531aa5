package provider

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// tenants are two sets of vendors on one host, below a path each.
func tenants(t *testing.T, v vendorCase) (staging, prod *testEnv) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	below := func(path string) *testEnv {
		w := &testEnv{mock: mock.New(mockKey), url: server.URL + path}
		v.add(w.mock)
		mux.Handle(path+"/", http.StripPrefix(path, w.mock))
		return w
	}
	return below("/staging"), below("/prod")
}

func TestTenant_isTheBasePathToo(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			staging, prod := tenants(t, v)
			m := newDriver(t, staging, nil).mustImport(v.kind, v.id)
			d := newDriver(t, prod, nil)
			_, read := d.read(m)
			_, plan := d.planDestroy(m)
			after, apply := d.apply(t.Context(), reviewed(m))
			v.stays(t, prod, "destroy", after, apply, "/staging")
			for what, diags := range map[string]diagnostics{"read": read, "plan": plan, "destroy": apply} {
				if text := diags.errors(); !strings.Contains(text, "/staging"+v.prefix()) ||
					!strings.Contains(text, "/prod"+v.prefix()) {
					t.Errorf("%s: got %q, want a refusal that names both addresses", what, text)
				}
			}
			if got := prod.mock.Requests(); len(got) > 0 {
				t.Errorf("requests to the other tenant: got %v, want none", got)
			}
			if after, diags := newDriver(t, staging, nil).destroy(m); !after.gone() {
				t.Errorf("the tenant of the import: got %q, want the user closed", diags.errors())
			}
		})
	}
}

// addressed is a driver of a provider whose vendors answer at any address.
func addressed(t *testing.T, v vendorCase, s *mock.Server, base string) *driver {
	t.Helper()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = v.prefix() + strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/api"), "/API")
		r.URL.RawPath = ""
		s.ServeHTTP(w, r)
	})
	return driverOf(
		t,
		&offboardProvider{version: "test", transport: mock.Transport{Handler: handler}},
		"http://127.0.0.1:1",
		v.settings(attributes{"api_key": mockKey, "base_url": base, "requests_per_second": 100000}, nil),
	)
}

func TestTenant_isTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			s := mock.New(mockKey)
			v.add(s)
			m := addressed(t, v, s, "https://b\u00fccher.acme.test/api").mustImport(v.kind, v.id)
			for base, same := range map[string]bool{
				"https://b\u00fccher.acme.test/api":         true,
				"https://b\u00fccher.acme.test:443/api":     true,
				"https://B\u00dcCHER.ACME.test/api":         true,
				"https://xn--bcher-kva.acme.test/api":       true,
				"https://b\u00fccher.acme.test./api":        true,
				"https://XN--BCHER-KVA.acme.test.:443/api/": true,
				"https://b\u00fccher.acme.test/%61pi":       true,
				"https://b\u00fccher.acme.test/API":         false,
				"https://b\u00fccher.acme.test":             false,
				"https://b\u00fccher.acme.test/api/v2":      false,
				"https://b\u00fccher.acme.test:8443/api":    false,
				"https://bucher.acme.test/api":              false,
			} {
				_, diags := addressed(t, v, s, base).planDestroy(m)
				if refused := strings.Contains(diags.errors(), "This user was imported from another address of"); refused == same ||
					same && diags.errors() != "" {
					t.Errorf("%s: got %q, want it taken for the same tenant: %v", base, diags.errors(), same)
				}
			}
		})
	}
}

// The settings that tell two organizations apart are a part of the tenant, also if only one side has any.
func TestSameTenant_comparesTheSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		was, here string
		same      bool
	}{
		{"acme.test/v1#org=1", "acme.test/v1#org=1", true},
		{"acme.test/v1#org=1", "acme.test/v1#org=2", false},
		{"acme.test/v1#org=1", "acme.test/v1", false},
		{"acme.test/v1", "acme.test/v1#org=1", false},
		{"acme.test", "acme.test/v1#org=1", true}, // of a person who names the host alone
	} {
		if got := sameTenant(c.was, c.here); got != c.same {
			t.Errorf("%q at %q: got %v, want %v", c.was, c.here, got, c.same)
		}
	}
}

// with is the user with another value of a string attribute in the state.
func (m managed) with(t *testing.T, name, value string) managed {
	t.Helper()
	var all map[string]tftypes.Value
	if err := m.state.As(&all); err != nil {
		t.Fatal(err)
	}
	all = maps.Clone(all)
	all[name] = tftypes.NewValue(tftypes.String, value)
	m.state = tftypes.NewValue(m.state.Type(), all)
	return m
}

// readWithIdentity refreshes a user whose state has an identity, and returns the tenant in the
// identity afterwards.
func (d *driver) readWithIdentity(m managed, tenant string) (managed, string) {
	d.t.Helper()
	identity := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "tenant": tftypes.String}}
	values := attributes{"id": m.text("id"), "tenant": tenant}
	if m.vendor != "" {
		identity.AttributeTypes[vendorAttribute], values[vendorAttribute] = tftypes.String, m.vendor
	}
	have := object(identity, values)
	resp, err := d.server.ReadResource(d.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName:        m.typeName,
		CurrentState:    d.dynamic(m.state),
		Private:         m.private,
		CurrentIdentity: &tfprotov6.ResourceIdentityData{IdentityData: d.dynamic(have)},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	if text := diagnostics(resp.Diagnostics).errors(); text != "" {
		d.t.Fatal(text)
	}
	m.state, m.private = d.value(m.typeName, resp.NewState), resp.Private
	after, err := resp.NewIdentity.IdentityData.Unmarshal(identity)
	if err != nil {
		d.t.Fatal(err)
	}
	return m, managed{state: after}.text("tenant")
}

// A state of an older version names the host alone. It gains the path at its next refresh. Its
// identity must stay as it is: the CLI refuses another one.
func TestTenant_ofAnOlderVersionGainsThePath(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			staging, prod := tenants(t, v)
			host, _, _ := strings.Cut(strings.TrimPrefix(staging.url, "http://"), "/")
			fresh := newDriver(t, staging, nil).mustImport(v.kind, v.id)
			old := fresh.with(t, "tenant", host)
			if _, diags := newDriver(t, staging, nil).planDestroy(old); diags.errors() != "" {
				t.Errorf("before the refresh: got %q, want a plan", diags.errors())
			}
			m, identity := newDriver(t, staging, nil).readWithIdentity(old, host)
			if got, want := m.text("tenant"), fresh.text("tenant"); got != want || !strings.Contains(got, "/staging") {
				t.Errorf("after the refresh: got the tenant %q, want %q", got, want)
			}
			if identity != host {
				t.Errorf("identity: got the tenant %q, want it unchanged, %q", identity, host)
			}
			if _, identity = newDriver(t, staging, nil).readWithIdentity(m, identity); identity != host {
				t.Errorf("identity after another refresh: got the tenant %q, want it unchanged, %q", identity, host)
			}
			_, diags := newDriver(t, prod, nil).planDestroy(m)
			if !strings.Contains(diags.errors(), "imported from another address of") {
				t.Errorf("another path after the refresh: got %q, want a refusal", diags.errors())
			}
			if after, diags := newDriver(t, staging, nil).destroy(m); !after.gone() || v.has(staging.mock, v.id) {
				t.Errorf("got %q, want the user closed", diags.errors())
			}
		})
	}
}

// Older versions wrote the host as the base URL had it.
func TestTenant_ofAnOlderVersionIsTheSameHoweverItWasWritten(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		s := mock.New(mockKey)
		v.add(s)
		m := addressed(t, v, s, "https://b\u00fccher.acme.test/api").mustImport(v.kind, v.id)
		for host, same := range map[string]bool{
			"b\u00fccher.acme.test": true, "b\u00fccher.acme.test:443": true, "b\u00fccher.acme.test.": true,
			"xn--bcher-kva.acme.test.:443": true,
			"B\u00dcCHER.acme.test":        true, "b\u00fccher.acme.test:8443": false, "acme.test": false, "": false,
			"b\u00fccher.acme.test./api": true, "b\u00fccher.acme.test:443/api/": true, "b\u00fccher.acme.test/": false,
			"b\u00fccher.acme.test/API": false,
		} {
			_, diags := addressed(t, v, s, "https://xn--bcher-kva.acme.test/api").planDestroy(m.with(t, "tenant", host))
			if refused := strings.Contains(diags.errors(), "This user was imported from another address of"); refused == same ||
				same && diags.errors() != "" {
				t.Errorf("%s, %q: got %q, want it taken for the same tenant: %v", v.kind.name, host, diags.errors(), same)
			}
		}
	}
}

const secondKey = "mock-key-4712"

// consumers are two keys on one host: the first one of the mock, and a second one, of the same API
// consumer or of another.
func consumers(t *testing.T, first, second *mock.Server) (byFirst, bySecond func() *driver) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := first
		if r.Header.Get("api_key") == secondKey {
			r.Header.Set("api_key", mockKey)
			s = second
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	w := &testEnv{url: server.URL}
	by := func(key string) func() *driver {
		return func() *driver {
			return newDriver(
				t,
				w,
				attributes{"skillable": attributes{"api_key": key, "base_url": server.URL + prefixes["skillable"]}},
			)
		}
	}
	return by(mockKey), by(secondKey)
}

// What a key of another API consumer shows behind the same ID is another user.
func TestTenant_keyOfSkillable(t *testing.T) {
	t.Parallel()
	v := skillableCase
	ines := mock.SkillableUser{ID: v.id, Name: inesName, Email: inesEmail, History: 1}
	hidden := mock.SkillableUser{ID: v.id, Name: inesName, Email: inesEmail}
	otto := mock.SkillableUser{ID: v.id, Name: ottoName, Email: ottoEmail, History: 1}
	const refused = "was seen with another API key"
	for name, c := range map[string]struct {
		first, second mock.SkillableUser
		refreshes     int  // by the second key
		again         bool // imported again by the second key
		closed        bool
	}{
		"shows the person in a refresh":       {ines, ines, 1, false, true},
		"shows the person, without a refresh": {ines, ines, 0, false, false},
		"shows nobody":                        {ines, hidden, 2, false, false},
		"shows somebody else":                 {ines, otto, 2, false, false},
		"shows somebody, the first nobody":    {hidden, otto, 3, false, false},
		"shows nobody, imported again":        {ines, hidden, 0, true, true},
		"shows the person, imported again":    {ines, ines, 0, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two := mock.New(mockKey), mock.New(mockKey)
			one.Skillable.Add(c.first)
			two.Skillable.Add(c.second)
			byFirst, bySecond := consumers(t, one, two)
			m := byFirst().mustImport(v.kind, v.id)
			if c.again {
				m = bySecond().mustImport(v.kind, v.id)
			}
			for range c.refreshes {
				var diags diagnostics
				if m, diags = bySecond().read(m); !c.closed && !strings.Contains(diags.warnings(), refused) {
					t.Errorf("refresh: got %q, want a warning of the key", diags.warnings())
				}
			}
			_, plan := bySecond().planDestroy(m)
			after, apply := bySecond().apply(t.Context(), reviewed(m))
			if got := !two.Skillable.Has(v.id); got != c.closed || after.gone() != c.closed ||
				(plan.errors() == "") != c.closed {
				t.Errorf("got closed %v, %q at plan and %q at apply, want closed %v",
					got, plan.errors(), apply.errors(), c.closed)
			}
			if text := plan.errors(); !c.closed && !strings.Contains(text, refused) &&
				!strings.Contains(text, "another person") {
				t.Errorf("plan: got %q, want a refusal because of the key or the person", text)
			}
			if !one.Skillable.Has(v.id) {
				t.Error("the user of the first consumer is closed, want them open")
			}
			if kept := fmt.Sprintf("%s %s", piecesOf(m.private), m.state); strings.Contains(kept, mockKey) ||
				strings.Contains(kept, secondKey) {
				t.Error("got a key in the state, want it nowhere")
			}
		})
	}
}

// What was reviewed was shown by the key of the plan.
func TestTenant_keyOfSkillableIsNotChangedBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	v := skillableCase
	one, two := mock.New(mockKey), mock.New(mockKey)
	v.add(one)
	v.add(two)
	byFirst, bySecond := consumers(t, one, two)
	m := byFirst().mustImport(v.kind, v.id)
	p, diags := byFirst().planDestroy(m)
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	after, diags := bySecond().apply(t.Context(), p)
	v.stays(t, &testEnv{mock: two}, "another key at apply", after, diags, "was seen with another API key")
	if after, diags := byFirst().apply(t.Context(), p); !after.gone() {
		t.Errorf("the key of the plan: got %q, want the user closed", diags.errors())
	}
}
