package provider

import (
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const mockKey = "mock-key-4711"

const (
	inesEmail = "ines.varga@acme.test"
	inesName  = "Ines Varga"
	ottoEmail = "otto.ostrander@acme.test"
	ottoName  = "Otto Ostrander"
)

func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// forEachVendor runs a test for every vendor, against mock vendors of its own that know Ines Varga
// and Otto Ostrander.
func forEachVendor(t *testing.T, f func(t *testing.T, v vendorCase, w *testEnv)) {
	forEachWhere(t, func(vendorCase) bool { return true }, f)
}

// forEachWhere is forEachVendor for the vendors of which something is true. For the others there is
// no test that could pass or be skipped.
func forEachWhere(t *testing.T, holds func(vendorCase) bool, f func(t *testing.T, v vendorCase, w *testEnv)) {
	for _, v := range casesWhere(t, holds) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			f(t, v, v.env(t))
		})
	}
}

// casesWhere are the vendors of which something is true.
func casesWhere(t *testing.T, holds func(vendorCase) bool) []vendorCase {
	t.Helper()
	vendors := slices.DeleteFunc(slices.Clone(vendorCases), func(v vendorCase) bool { return !holds(v) })
	if len(vendors) == 0 {
		t.Error("got no vendor to test, want some")
	}
	return vendors
}

// testEnv is a set of mock vendors, and the configuration that points at them.
type testEnv struct {
	mock *mock.Server
	url  string
	only *vendorCase // in the provider block of a CLI; nil for all vendors
}

// env is an environment of this vendor, which knows Ines Varga and Otto Ostrander.
func (v vendorCase) env(t *testing.T) *testEnv {
	t.Helper()
	w := newTestEnv(t)
	w.only = &v
	v.add(w.mock)
	return w
}

func newTestEnv(t *testing.T) *testEnv {
	t.Helper()
	s := mock.New(mockKey)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		for _, r := range s.Requests() {
			if r.Route == "" {
				t.Errorf("request to a route that no vendor has: %s %s", r.Method, r.Path)
			}
		}
	})
	return &testEnv{mock: s, url: server.URL}
}

// prefixes are the paths under which the mock stands in for each vendor that has a setting of its
// own in the provider block. A vendor that only a definition describes has none.
var prefixes = func() map[string]string {
	all, s := map[string]string{}, mock.New(mockKey)
	for _, k := range kinds {
		all[k.name] = s.Prefix(k.name)
	}
	return all
}()

// mockPrefixes are those paths of all vendors in the mock.
var mockPrefixes = func() map[string]string {
	all := map[string]string{}
	for _, v := range mock.New(mockKey).Vendors() {
		all[v.Name] = v.Prefix
	}
	return all
}()

// tenant is the address that the accounts of the vendor belong to in this environment.
func (v vendorCase) tenant(w *testEnv) string {
	return strings.TrimPrefix(w.url, "http://") + v.prefix()
}

// changes are the routes of the mutating requests so far.
func (w *testEnv) changes() []string {
	var routes []string
	for _, r := range w.mock.Requests() {
		if r.Change {
			routes = append(routes, r.Route)
		}
	}
	return routes
}

// acceptance runs steps on a real CLI, with the provider in this process.
func acceptance(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}

func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"offboard": providerserver.NewProtocol6WithError(New("test")()),
	}
}

// fail makes every request to the vendor end in this answer.
func (w *testEnv) fail(v vendorCase, status int, body string) {
	w.mock.Fail(mock.Fault{Vendor: v.mockName(), Status: status, Body: body})
}

// nullOf is the planned state of a destroy.
func nullOf(m managed) tftypes.Value { return tftypes.NewValue(m.state.Type(), nil) }

func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		for _, k := range kinds {
			if strings.HasPrefix(name, strings.ToUpper(k.name)+"_") {
				_ = os.Unsetenv(name) // a key of the person who runs the tests must not reach them
			}
		}
	}
	for _, name := range closing.RunVariables {
		_ = os.Unsetenv(name) // the evidence of a test says nothing of the job that runs the test
	}
	if lacks := incompleteCases(); len(lacks) > 0 { // no test could say what is wrong
		fmt.Fprintln(os.Stderr, strings.Join(lacks, "\n"))
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(programDir) // nothing when it is empty
	os.Exit(code)
}
