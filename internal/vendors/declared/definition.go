package declared

import (
	"errors"
	"regexp"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Definition is a vendor as a page of HCL describes it. Parse makes it, and it does not change.
type Definition struct {
	Name  string // in the provider block
	Title string // as the vendor writes itself
	Docs  string // the address of the vendor's documentation

	baseURL     *expression
	idPattern   *regexp.Regexp // nil for any ID
	unknownID   string
	errorWords  *expression
	settings    []Setting
	credentials credentials
	rate        rate
	user        userBlock
	read        reading
	alive       alive
	list        *list
	find        *find
	obstacles   []obstacle
	steps       []step
	traces      []trace
	examples    []example

	set cty.Value // the settings that are no credentials
}

// Setting is a setting that a definition names.
type Setting struct {
	Name, Description string
	Default           *string // nil if it must be set
	Sensitive         bool    // it is a credential
}

type credentials struct {
	headers, query *expression
	oauth2         *oauth2 // nil for none
}

// oauth2 is the client credentials grant.
type oauth2 struct{ tokenURL, clientID, clientSecret, scopes *expression }

type rate struct {
	requests    int
	per         time.Duration
	left, reset *expression
}

// userBlock says how a record reads as a user.
type userBlock struct{ id, status, email, name, login, facts *expression }

// request is the request of a block.
type request struct {
	block                            string // for messages
	method                           string
	path, query, body, form, headers *expression
	ok                               *expression // nil for HTTP 2xx
}

type reading struct {
	request
	record, absent *expression
}

type alive struct {
	request
	works, self, record, records, rights *expression
}

type list struct {
	request
	records, first, next, total *expression
}

type find struct {
	request
	records, record, absent *expression
}

type obstacle struct {
	name        string
	request     *request // nil if it is found in the record
	found, says *expression
	remedy      string
	blocks      bool
}

type step struct {
	name string
	request
	when, accepted, refused, gone, shows, done *expression
	reversible                                 bool
	only                                       string // onlyClose or onlySuspend; empty for both
}

// The values of only.
const (
	onlyClose   = "close"
	onlySuspend = "suspend"
)

type trace struct {
	name string
	request
	found *expression
}

// Settings returns the settings that the definition names, in the order of the text.
func (d *Definition) Settings() []Setting { return d.settings }

// Lists reports whether the vendor can list its users.
func (d *Definition) Lists() bool { return d.list != nil }

// FindsByEmail reports whether the vendor can be asked for the users with an email address.
func (d *Definition) FindsByEmail() bool { return d.find != nil }

// Suspends reports whether an account can be suspended: a step can be undone.
func (d *Definition) Suspends() bool { return len(d.suspension()) > 0 }

// suspension returns the steps of a suspension: the reversible ones, up to the first other one.
func (d *Definition) suspension() (steps []*step) {
	for i := range d.steps {
		switch s := &d.steps[i]; {
		case s.only == onlyClose:
		case !s.reversible:
			return steps
		default:
			steps = append(steps, s)
		}
	}
	return steps
}

// closure returns the steps of a closure.
func (d *Definition) closure() (steps []*step) {
	for i := range d.steps {
		if d.steps[i].only != onlySuspend {
			steps = append(steps, &d.steps[i])
		}
	}
	return steps
}

// lastStep returns the step that ends a closure.
func (d *Definition) lastStep() *step {
	steps := d.closure()
	return steps[len(steps)-1]
}

// KeyInQuery reports whether the key is sent in the query of a URL, where proxies may log it.
func (d *Definition) KeyInQuery() bool { return d.credentials.query != nil }

// Steps returns the names of the calls of a closure, in order.
func (d *Definition) Steps() []string {
	var names []string
	for _, s := range d.closure() {
		names = append(names, s.name)
	}
	return names
}

// CheckID returns an error for an ID that the definition does not allow, or that cannot be one path
// segment.
func (d *Definition) CheckID(id string) error {
	if d.idPattern != nil && !d.idPattern.MatchString(id) {
		return errors.New("it does not match id_pattern of the definition")
	}
	return rest.CheckSegment(id)
}

// BaseURL returns the address of the vendor with these settings. The error is an *evaluationError.
func (d *Definition) BaseURL(settings map[string]string) (string, error) {
	return d.baseURL.text(variables{varSetting: settingsValue(settings)})
}
