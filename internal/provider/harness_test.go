package provider

import (
	"fmt"
	"net/http"
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

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const mockKey = "mock-key-4711"

// vendorCase is one vendor as the tests that hold for all vendors see it.
type vendorCase struct {
	kind      userKind
	id        string // of the one person that every such test is about
	other     string // the id of another person, Otto Ostrander
	holder    string // the id of the user to whom the key belongs; empty where the key is nobody's
	noRead    bool   // the vendor cannot be asked whether an account is closed; only a further closing call proves it
	tombstone bool   // the vendor shows closed accounts as closed
	unique    bool   // no two users have the same e-mail address

	put     func(s *mock.Server, id, name, email string) // adds a person, open and closable
	has     func(s *mock.Server, id string) bool         // whether the account is open
	drop    func(s *mock.Server, id string)              // somebody else closes it
	email   func(s *mock.Server, id, email string)
	suspend func(s *mock.Server, id string) // nil where the vendor has no such state
	// changes something that makes a reviewed closing another one; nil where the e-mail address is all
	// there is
	fact func(s *mock.Server, id, value string)
	slow func(s *mock.Server, looks int) // a closing is not proven before so many looks at it
	list func(s *mock.Server, id string) // puts a person on a list that is partial; nil where all are on it

	closing string   // the route of the call that cannot be undone
	changes []string // the mutating requests of a closing, in order
	planned []string // all requests of the plan of a destroy, after the refresh of the same run
	asked   []string // all requests of a closure, for the first user of a process
	reads   int      // the requests that read one user
	search  string   // the route that finds a user by e-mail address; empty where none does

	pages func(users int) int                        // the requests that read the whole list; nil where it is partial
	row   string                                     // a user as the vendor writes one, with %d for the id
	hall  func(h *manyUsers, r *http.Request) string // answers a request to very many users
	lossy lossyList                                  // a list that leaves something out; empty where the list is partial

	numbered func(i int) string                           // an ID as the vendor has them
	rename   func(s *mock.Server, id, name, email string) // gives an account to a person; what is empty is not shown
	obstruct func(s *mock.Server, id string) (why string) // makes the vendor refuse a closure; nil where it never does
	// addStranger adds the account of another key with the same ID; nil where no two have one.
	addStranger func(s *mock.Server, id string)
	// identity is the person behind an account in one answer, and the role or login.
	identity func(e *exchange) (name, email, fact string)

	obstacles []obstacle // what a plan says of an account
	surprises []surprise // what may happen between a plan and its apply
}

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

var vendorCases = []vendorCase{konstantlyCase, ecgridCase, sfoxCase, skillableCase}

// add adds Ines Varga and Otto Ostrander.
func (v vendorCase) add(s *mock.Server) {
	v.put(s, v.id, inesName, inesEmail)
	v.put(s, v.other, ottoName, ottoEmail)
}

// crew adds n further people, who are managed by what it returns.
func (v vendorCase) crew(d *driver, s *mock.Server, n int) (all []managed) {
	d.t.Helper()
	for i := range n {
		id := v.numbered(i)
		v.put(s, id, fmt.Sprintf("Leaver %02d", i), fmt.Sprintf("leaver%02d@acme.test", i))
		all = append(all, d.mustImport(v.kind, id))
	}
	return all
}

// elsewhere is another vendor.
func (v vendorCase) elsewhere() vendorCase {
	at := slices.IndexFunc(vendorCases, func(other vendorCase) bool { return other.kind.name == v.kind.name })
	return vendorCases[(at+1)%len(vendorCases)]
}

// A vendor that is registered and has no case would go untested in silence.
func TestVendorCases_areThereForEveryKind(t *testing.T) {
	var got, want []string
	for _, v := range vendorCases {
		got = append(got, v.kind.name)
	}
	for _, k := range kinds {
		want = append(want, k.name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got cases for %q, want them for %q", got, want)
	}
}

// forEachVendor runs a test for every vendor, against mock vendors of its own that know Ines Varga
// and Otto Ostrander.
func forEachVendor(t *testing.T, f func(t *testing.T, v vendorCase, w *testEnv)) {
	forEachWhere(t, func(vendorCase) bool { return true }, f)
}

// forEachWhere is forEachVendor for the vendors of which something is true. For the others there is
// no test that could pass or be skipped.
func forEachWhere(t *testing.T, holds func(vendorCase) bool, f func(t *testing.T, v vendorCase, w *testEnv)) {
	vendors := slices.DeleteFunc(slices.Clone(vendorCases), func(v vendorCase) bool { return !holds(v) })
	if len(vendors) == 0 {
		t.Error("got no vendor to test, want some")
	}
	for _, v := range vendors {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(t)
			v.add(w.mock)
			f(t, v, w)
		})
	}
}

// testEnv is a set of mock vendors, and the configuration that points at them.
type testEnv struct {
	mock *mock.Server
	url  string
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

// prefixes are the paths under which the mock stands in for each vendor.
var prefixes = func() map[string]string {
	all := map[string]string{}
	for _, v := range mock.New(mockKey).Vendors() {
		all[v.Name] = v.Prefix
	}
	return all
}()

// provider is the provider block, with further settings in it, followed by other blocks. Times are
// short, so that a closing that is never proven fails soon.
func (w *testEnv) provider(settings string, blocks ...string) string {
	config := "provider \"offboard\" {\n" + settings + "\n"
	for name, prefix := range prefixes {
		config += fmt.Sprintf("  %s = {\n    api_key = %q\n    base_url = %q\n    requests_per_second = 100000\n  }\n",
			name, mockKey, w.url+prefix)
	}
	return config + "}\n\n" + strings.Join(blocks, "\n")
}

// block is the resource block of a user, named by the id.
func (v vendorCase) block(id, attributes string) string {
	return fmt.Sprintf("resource %q %q {\n  id = %q\n%s\n}\n", v.kind.typeName(), label(id), id, attributes)
}

// tenant is the address that the accounts of the vendor belong to in this environment.
func (v vendorCase) tenant(w *testEnv) string {
	return strings.TrimPrefix(w.url, "http://") + prefixes[v.kind.name]
}

// imports is an import block.
func (v vendorCase) imports(id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", v.address(id), id)
}

func (v vendorCase) address(id string) string { return v.kind.typeName() + "." + label(id) }

func label(id string) string { return "u-" + strings.NewReplacer("@", "-", ".", "-").Replace(id) }

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
	w.mock.Fail(mock.Fault{Vendor: v.kind.name, Status: status, Body: body})
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
	code := m.Run()
	_ = os.RemoveAll(programDir) // nothing when it is empty
	os.Exit(code)
}
