package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// vendorCase is one vendor as the tests that hold for all vendors see it.
type vendorCase struct {
	// twin is the definition that describes the vendor; empty for a vendor that the provider knows itself.
	twin      string
	setup     []string // the requests of the check before the first use; nil for none
	kind      userKind
	id        string // of the one person that every such test is about
	other     string // the id of another person, Otto Ostrander
	holder    string // the id of the user to whom the key belongs; empty where the key is nobody's
	noRead    bool   // the vendor cannot be asked whether an account is closed; only a further closing call proves it
	tombstone bool   // the vendor shows closed accounts as closed
	unique    bool   // no two users have the same e-mail address
	version1  bool   // version 1 of the provider knew the vendor

	put     func(s *mock.Server, id, name, email string) // adds a person, open and closable
	has     func(s *mock.Server, id string) bool         // whether the account is open
	drop    func(s *mock.Server, id string)              // somebody else closes it
	email   func(s *mock.Server, id, email string)
	suspend func(s *mock.Server, id string) // nil where the vendor has no such state
	// suspending is the route of the call that suspended = true makes. It is empty where there is none, and
	// then so are the two below: whether the account is suspended, and what enables it again.
	suspending string
	suspended  func(s *mock.Server, id string) bool
	enable     func(s *mock.Server, id string)
	// hide makes the vendor answer that there is no such account, as one does whose key may not see it;
	// nil where drop does that.
	hide func(s *mock.Server, id string)
	// fact changes something that makes a reviewed closing another one; nil where the e-mail address is
	// all there is.
	fact   func(s *mock.Server, id, value string)
	unseen func(s *mock.Server, id string) bool // whether a step of a closing hides an open account; nil where none does
	// unlisted is whether the list leaves out an open account; nil where it does not.
	unlisted func(s *mock.Server, id string) bool
	slow     func(s *mock.Server, looks int) // a closing is not proven before so many looks at it
	list     func(s *mock.Server, id string) // puts a person on a list that is partial; nil where all are on it

	closing string   // the route of the call that cannot be undone
	changes []string // the mutating requests of a closing, in order
	planned []string // all requests of the plan of a destroy, after the refresh of the same run
	asked   []string // all requests of a closure, for the first user of a process
	reads   int      // the requests that read one user
	search  string   // the route that finds a user by e-mail address; empty where none does

	pages func(users int) int                        // the requests that read the whole list; nil where it is partial
	row   string                                     // n@acme.test as the vendor writes a user, with %d for the id
	hall  func(h *manyUsers, r *http.Request) string // answers a request to very many users
	lossy lossyList                                  // a list that leaves something out; empty where the list is partial
	lists listCases                                  // empty where the list is partial

	numbered func(i int) string                           // an ID as the vendor has them
	rename   func(s *mock.Server, id, name, email string) // gives an account to a person; what is empty is not shown
	obstruct func(s *mock.Server, id string) (why string) // makes the vendor refuse a closure; nil where it never does
	// addStranger adds the account of another key with the same ID; nil where no two have one.
	addStranger func(s *mock.Server, id string)
	// identity is the person behind an account in one answer, and the role or login.
	identity func(e *exchange) (name, email, fact string)
	reading  reading             // how its answers are read a second time
	habits   func(s *simulation) // draws which of its switches are set

	switches  []switchCase // what a closing comes to where the documentation leaves an answer open; may be empty
	obstacles []obstacle   // what a plan says of an account
	// surprises are what may happen between a plan and its apply, beyond another person; empty where
	// there is no fact and no obstacle.
	surprises []surprise
}

var vendorCases = []vendorCase{konstantlyCase, ecgridCase, sfoxCase, skillableCase, konstantlyTwin, ecgridTwin}

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
	return vendorCases[(v.index()+1)%len(vendorCases)]
}

// index is the place of the vendor in vendorCases.
func (v vendorCase) index() int {
	return slices.IndexFunc(vendorCases, func(other vendorCase) bool { return other.kind.name == v.kind.name })
}

// hasList reports whether the vendor lists all its users.
func (v vendorCase) hasList() bool { return v.kind.partial == "" }

// textIDs reports whether an ID may be any text, such as an email address.
func (v vendorCase) textIDs() bool { return v.kind.checkID(inesEmail) == nil }

// hasOwnUser reports whether the vendor can be asked for the key's own user.
func (v vendorCase) hasOwnUser() bool { return v.holder != "" }

// hasStrict reports whether the vendor can have an obstacle that strict_plan makes an error.
func (v vendorCase) hasStrict() bool {
	return slices.ContainsFunc(v.obstacles, func(o obstacle) bool { return o.strict })
}

// addStrict adds the obstacles that strict_plan makes errors.
func (v vendorCase) addStrict(s *mock.Server) {
	for _, o := range v.obstacles {
		if o.strict {
			o.add(s)
		}
	}
}

// shownByARead reports whether a read shows that an account is closed, by an absence or a tombstone.
func (v vendorCase) shownByARead() bool { return !v.noRead }

// provenByAbsence reports whether only an absence can prove a closing, and only another account in
// the list vouches for it.
func (v vendorCase) provenByAbsence() bool { return !v.noRead && !v.tombstone && !v.hasOwnUser() }

// vanish makes the vendor answer that Ines has no account.
func (v vendorCase) vanish(s *mock.Server) {
	if v.hide != nil {
		v.hide(s, v.id)
		return
	}
	v.drop(s, v.id)
}

// isAt reports whether a request is one of a route. Its path is without the prefix.
func isAt(route string, r *http.Request, path string) bool {
	method, pattern, _ := strings.Cut(route, " ")
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	return r.Method == method && slices.EqualFunc(want, got, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{")
	})
}

// changedBy reports whether a request is a mutating one of a closing.
func (v vendorCase) changedBy(r *http.Request, path string) bool {
	return slices.ContainsFunc(v.changes, func(route string) bool { return isAt(route, r, path) })
}

// lacks are the fields of the case that a vendor like this one must have, and that are empty.
func (v vendorCase) lacks() []string {
	var all []string
	for field, there := range map[string]bool{
		"id": v.id != "", "other": v.other != "", "put": v.put != nil, "has": v.has != nil, "drop": v.drop != nil,
		"email": v.email != nil, "slow": v.slow != nil, "closing": v.closing != "", "changes": len(v.changes) > 0,
		"asked": len(v.asked) > 0, "reads": v.reads > 0, "row": v.row != "", "hall": v.hall != nil,
		"numbered": v.numbered != nil, "rename": v.rename != nil, "identity": v.identity != nil, "habits": v.habits != nil,
		"obstacles, at least what a plan always says": len(v.obstacles) > 0,

		"reading.shows":  v.reading.shows != nil,
		"reading.closes": v.reading.closes != nil,
		"reading.life":   v.reading.life != nil,
		"reading.empty":  v.reading.empty != nil,

		"hide, for its tombstone":                         v.hide != nil || !v.tombstone,
		"surprises, for its fact":                         len(v.surprises) > 0 || v.fact == nil,
		"surprises, for its obstacles":                    len(v.surprises) > 0 || !v.hasStrict(),
		"list, as its list is partial":                    v.list != nil || v.hasList(),
		"pages, as it lists its users":                    v.pages != nil || !v.hasList(),
		"lossy, as it lists its users":                    v.lossy.list != "" || !v.hasList(),
		"filters, as it lists its users":                  len(v.lists.filters) > 0 || !v.hasList(),
		"limits, as it lists its users":                   len(v.lists.limits) > 0 || !v.hasList(),
		"suspended, as suspended = true suspends":         v.suspended != nil || v.suspending == "",
		"enable, as suspended = true suspends":            v.enable != nil || v.suspending == "",
		"reading.suspends, as suspended = true suspends":  v.reading.suspends != nil || v.suspending == "",
		"reading.suspended, as suspended = true suspends": v.reading.suspended != nil || v.suspending == "",
		"search, as it finds by email":                    v.search != "" || !v.kind.findsByEmail,
	} {
		if !there {
			all = append(all, field)
		}
	}
	slices.Sort(all)
	return all
}

// incompleteCases say which vendor has no case, and which case lacks what. A test that needs an empty
// field would panic, or fail by something else.
func incompleteCases() []string {
	var all []string
	for _, k := range kinds {
		if !slices.ContainsFunc(vendorCases, func(v vendorCase) bool { return v.kind.name == k.name }) {
			all = append(all, fmt.Sprintf(
				"%[1]s has no vendorCase: write one in %[2]s_user_test.go, and name it in vendorCases", k.title, k.name))
		}
	}
	for _, v := range vendorCases {
		for _, field := range v.lacks() {
			all = append(all, fmt.Sprintf("the vendorCase of %s lacks %s", v.kind.title, field))
		}
	}
	return all
}

// A vendor that is registered and has no case would go untested in silence, and so would a switch of
// its mock that no test of its client sets.
func TestVendorCases_areThereForEveryKind(t *testing.T) {
	t.Parallel()
	var got, want []string
	for _, v := range vendorCases {
		if v.twin == "" {
			got = append(got, v.kind.name)
		}
	}
	for _, k := range kinds {
		want = append(want, k.name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got cases for %q, want them for %q", got, want)
	}
	for _, name := range want {
		if text, err := os.ReadFile(filepath.Join("..", "vendors", name, "switches_test.go")); err != nil ||
			!strings.Contains(string(text), "vendortest.WantAllSwitches(") {
			t.Errorf("got no test of all switches in internal/vendors/%s/switches_test.go, want one", name)
		}
	}
}
