package provider

import (
	"fmt"
	"net/http/httptest"
	"os"
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
	kind  userKind
	id    string // of the one person that every such test is about
	other string // the id of another person, Otto Ostrander

	put      func(s *mock.Server, id, name, email string) // adds a person, open and closable
	has      func(s *mock.Server, id string) bool         // whether the account is open
	drop     func(s *mock.Server, id string)              // somebody else closes it
	email    func(s *mock.Server, id, email string)
	suspend  func(s *mock.Server, id string)        // nil where the vendor has no such state
	fact     func(s *mock.Server, id, value string) // changes something that makes a reviewed closing another one; nil where the e-mail address is all there is
	closing  string                                 // the route of the call that cannot be undone
	changes  []string                               // the mutating requests of a closing, in order
	requests int                                    // all requests of a closing, for the first user of a process
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

var vendorCases = []vendorCase{
	{
		kind: konstantlyKind, id: "u7k2m9", other: "u8x3p1",
		put: func(s *mock.Server, id, name, email string) {
			s.Konstantly.Add(mock.KonstantlyUser{ID: id, Name: name, Email: email, Role: "learner"})
		},
		has:  func(s *mock.Server, id string) bool { return s.Konstantly.Has(id) },
		drop: func(s *mock.Server, id string) { s.Konstantly.Drop(id) },
		email: func(s *mock.Server, id, email string) {
			s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Email = email })
		},
		suspend: func(s *mock.Server, id string) {
			s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Blocked = true })
		},
		fact: func(s *mock.Server, id, value string) {
			s.Konstantly.Update(id, func(u *mock.KonstantlyUser) { u.Role = value })
		},
		closing: "DELETE /users/{id}", changes: []string{"POST /users/blocked", "DELETE /users/{id}"}, requests: 5,
	},
	{
		kind: ecgridKind, id: "30417", other: "30418",
		put: func(s *mock.Server, id, name, email string) {
			s.ECGrid.Add(mock.ECGridUser{ID: number(id), Name: name, Email: email, Login: "login-" + id, AuthLevel: "MailboxUser", Status: "Active", NetworkID: 12, MailboxID: 880})
		},
		has:  func(s *mock.Server, id string) bool { return s.ECGrid.Has(number(id)) },
		drop: func(s *mock.Server, id string) { s.ECGrid.Drop(number(id)) },
		email: func(s *mock.Server, id, email string) {
			s.ECGrid.Update(number(id), func(u *mock.ECGridUser) { u.Email = email })
		},
		suspend: func(s *mock.Server, id string) {
			s.ECGrid.Update(number(id), func(u *mock.ECGridUser) { u.Status = "Suspended" })
		},
		fact: func(s *mock.Server, id, value string) {
			s.ECGrid.Update(number(id), func(u *mock.ECGridUser) { u.Login = value })
		},
		closing: "DELETE /users/{id}", changes: []string{"DELETE /users/{id}"}, requests: 4,
	},
	{
		kind: sfoxKind, id: "cust-7f31", other: "cust-7f32",
		put: func(s *mock.Server, id, name, email string) {
			s.SFOX.Add(mock.SFOXUser{ID: id, Name: name, Email: email})
		},
		has:     func(s *mock.Server, id string) bool { return s.SFOX.Has(id) },
		drop:    func(s *mock.Server, id string) { s.SFOX.Drop(id) },
		email:   func(s *mock.Server, id, email string) { s.SFOX.Update(id, func(u *mock.SFOXUser) { u.Email = email }) },
		closing: "DELETE /enterprise/account/{id}", changes: []string{"DELETE /enterprise/account/{id}"}, requests: 6,
	},
	{
		kind: skillableKind, id: "emp-3107", other: "emp-3108",
		put: func(s *mock.Server, id, name, email string) {
			s.Skillable.Add(mock.SkillableUser{ID: id, Name: name, Email: email, History: 2})
		},
		has:  func(s *mock.Server, id string) bool { return s.Skillable.Has(id) },
		drop: func(s *mock.Server, id string) { s.Skillable.Drop(id) },
		email: func(s *mock.Server, id, email string) {
			s.Skillable.Update(id, func(u *mock.SkillableUser) { u.Email = email })
		},
		closing: "GET /CloseUserAccount", changes: []string{"GET /CloseUserAccount", "GET /CloseUserAccount"}, requests: 4,
	},
}

// add adds Ines Varga and Otto Ostrander.
func (v vendorCase) add(s *mock.Server) {
	v.put(s, v.id, inesName, inesEmail)
	v.put(s, v.other, ottoName, ottoEmail)
}

// forEachVendor runs a test for every vendor, against mock vendors of its own that know Ines Varga and Otto Ostrander.
func forEachVendor(t *testing.T, f func(t *testing.T, v vendorCase, w *world)) {
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			v.add(w.mock)
			f(t, v, w)
		})
	}
}

// world is a set of mock vendors, and the configuration that points at them.
type world struct {
	mock *mock.Server
	url  string
}

func newWorld(t *testing.T) *world {
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
	return &world{mock: s, url: server.URL}
}

// prefixes are the paths under which the mock stands in for each vendor.
var prefixes = map[string]string{
	"konstantly": "/konstantly/openapi/v1", "ecgrid": "/ecgrid/v2", "sfox": "/sfox/v1", "skillable": "/skillable/api/v3",
}

// provider is the provider block, with further settings in it, followed by other blocks. Times are short, so that a closing that is
// never proven fails soon.
func (w *world) provider(settings string, blocks ...string) string {
	config := "provider \"offboard\" {\n" + settings + "\n"
	for name, prefix := range prefixes {
		config += fmt.Sprintf("  %s = {\n    api_key = %q\n    base_url = %q\n    requests_per_second = 100000\n  }\n", name, mockKey, w.url+prefix)
	}
	return config + "}\n\n" + strings.Join(blocks, "\n")
}

// block is the resource block of a user, named by the id.
func (v vendorCase) block(id, attributes string) string {
	return fmt.Sprintf("resource %q %q {\n  id = %q\n%s\n}\n", v.kind.typeName(), label(id), id, attributes)
}

// imports is an import block.
func (v vendorCase) imports(id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", v.address(id), id)
}

func (v vendorCase) address(id string) string { return v.kind.typeName() + "." + label(id) }

func label(id string) string { return "u-" + strings.NewReplacer("@", "-", ".", "-").Replace(id) }

// changes are the routes of the mutating requests so far.
func (w *world) changes() []string {
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
	return map[string]func() (tfprotov6.ProviderServer, error){"offboard": providerserver.NewProtocol6WithError(New("test")())}
}

// fail makes every request to the vendor end in this answer.
func (w *world) fail(v vendorCase, status int, body string) {
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
