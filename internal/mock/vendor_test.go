package mock_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// vendorCase is one vendor as the tests that hold for all vendors see it, with one user, Ines
// Varga. A vendor without a list leaves the fields of the list empty.
type vendorCase struct {
	vendor     string
	prefix     string
	credential [2]string // a header and its value
	id         string    // of Ines
	holder     string    // the ID of the user who owns the key, if any
	tombstone  bool      // a read shows who is closed

	add   func(*mock.Server) // adds Ines, who can be closed by the last step alone
	has   func(*mock.Server) bool
	drop  func(*mock.Server)
	crowd func(s *mock.Server, i int, name, email string) // adds person number i

	steps  [][2]string // the calls that close her, as ask takes them, with their bodies
	route  string      // of the last step, as the log names it
	status int         // of the answer to the last step

	read       string // a call that reads her
	list, body string // a call that lists users, with its body
	lists      []listCase

	// Fields of answers.
	absence      string // a text in the answer to a read of an unknown user
	noRoute      string // the fields of the answer to an unknown route
	notFound     string // the fields of the vendor's own absence
	gone         string // the same with the text "Gone" and HTTP 410
	unauthorized string // the fields of HTTP 200 for a wrong key; empty if the answer is HTTP 401
}

// listCase is a list of 45 people, or a page of it that is not the first one.
type listCase struct {
	what, body  string
	first       [2]string // the call and the body that get the first page; empty if there is one page
	rows, total string    // the fields with the rows and with the total; no total if there is none
	n           int       // the number of rows in a true answer
}

var vendorCases = []vendorCase{konstantlyCase, ecgridCase, sfoxCase, skillableCase, tmsCase}

var prefixes, credentials = func() (map[string]string, map[string][2]string) {
	paths, keys := map[string]string{}, map[string][2]string{}
	for i := range vendorCases {
		c := &vendorCases[i]
		paths[c.vendor], keys[c.vendor] = c.prefix, c.credential
	}
	return paths, keys
}()

// end is the last step of a closure, as ask takes it.
func (c *vendorCase) end() string { return c.steps[len(c.steps)-1][0] }

// lacks returns the fields that a vendor must have and this case does not.
func (c *vendorCase) lacks() []string {
	var all []string
	for field, there := range map[string]bool{
		"prefix": c.prefix != "", "credential": c.credential[0] != "", "id": c.id != "", "add": c.add != nil,
		"has": c.has != nil, "drop": c.drop != nil, "crowd": c.crowd != nil, "steps": len(c.steps) > 0,
		"route": c.route != "", "status": c.status != 0, "read": c.read != "", "absence": c.absence != "",
		"noRoute": c.noRoute != "", "notFound": c.notFound != "", "gone": c.gone != "",
		"list or lists, of which it has one": (c.list == "") == (len(c.lists) == 0),
	} {
		if !there {
			all = append(all, field)
		}
	}
	slices.Sort(all)
	return all
}

// TestMain runs no test if a vendor has no case, or one with an empty field: a test would panic, or
// fail by something else.
func TestMain(m *testing.M) {
	cases := map[string]*vendorCase{}
	for i := range vendorCases {
		cases[vendorCases[i].vendor] = &vendorCases[i]
	}
	wrong := false
	for _, v := range mock.New(key).Vendors() {
		c := cases[v.Name]
		if c == nil {
			fmt.Fprintf(os.Stderr, "%[1]s has no vendorCase: write one in %[1]s_test.go, and name it in vendorCases\n", v.Name)
			wrong = true
			continue
		}
		for _, field := range c.lacks() {
			fmt.Fprintf(os.Stderr, "the vendorCase of %s lacks %s\n", v.Name, field)
			wrong = true
		}
	}
	if wrong {
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// forEachVendor runs a test against each vendor with Ines.
func forEachVendor(t *testing.T, test func(t *testing.T, s *mock.Server, c *vendorCase)) {
	t.Helper()
	forEachWhere(t, func(*vendorCase) bool { return true }, test)
}

// forEachList is forEachVendor for the vendors that list their users.
func forEachList(t *testing.T, test func(t *testing.T, s *mock.Server, c *vendorCase)) {
	t.Helper()
	forEachWhere(t, func(c *vendorCase) bool { return c.list != "" }, test)
}

func forEachWhere(
	t *testing.T,
	holds func(*vendorCase) bool,
	test func(t *testing.T, s *mock.Server, c *vendorCase),
) {
	t.Helper()
	for i := range vendorCases {
		c := &vendorCases[i]
		if !holds(c) {
			continue
		}
		t.Run(c.vendor, func(t *testing.T) {
			t.Parallel()
			s := mock.New(key)
			c.add(s)
			test(t, s, c)
		})
	}
}

// sees reports whether a read of Ines and the list have this text.
func (c *vendorCase) sees(t *testing.T, s *mock.Server, text string) (read, list bool) {
	t.Helper()
	return strings.Contains(ask(t, s, c.vendor, c.read, "").body, text),
		c.list != "" && strings.Contains(ask(t, s, c.vendor, c.list, c.body).body, text)
}

// close sends the steps of a closure and reports whether all were accepted.
func (c *vendorCase) close(t *testing.T, s *mock.Server) bool {
	t.Helper()
	for _, step := range c.steps {
		g := ask(t, s, c.vendor, step[0], step[1])
		if g.status/100 != 2 || strings.Contains(g.body, `"RowsAffected":0`) {
			return false
		}
	}
	return true
}

// manyUsers is a server with 45 people at each vendor.
func manyUsers() *mock.Server {
	s := mock.New(key)
	for i := range 45 {
		for j := range vendorCases {
			vendorCases[j].crowd(s, i, fmt.Sprintf("Person %02d", i), fmt.Sprintf("p%02d@acme.test", i))
		}
	}
	return s
}
