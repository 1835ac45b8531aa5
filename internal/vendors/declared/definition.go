package declared

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
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
	credentials credentialsBlock
	rate        rateBlock
	user        userBlock
	read        readBlock
	alive       aliveBlock
	list        *listBlock
	find        *findBlock
	obstacles   []obstacleBlock
	steps       []stepBlock
	traces      []traceBlock
	examples    []exampleBlock

	words  map[string]bool // that it names outside its examples
	fields map[string]bool // the names of fields in JSON that it names

	set cty.Value // the settings that are no credentials
}

// Setting is a setting that a definition names.
type Setting struct {
	Name, Description string
	Default           *string // nil if it must be set
	Sensitive         bool    // it is a credential
}

type credentialsBlock struct {
	headers, query *expression
	oauth2         *oauth2Block // nil for none
}

// oauth2Block is the client credentials grant.
type oauth2Block struct {
	tokenURL, clientID, clientSecret, scopes, form *expression

	basic bool // the client is named in a header, and not in the form
}

type rateBlock struct {
	requests    int
	per         time.Duration
	left, reset *expression
}

// userBlock says how a record reads as a user.
type userBlock struct{ id, status, email, name, login, facts *expression }

// requestBlock is the request of a block.
type requestBlock struct {
	block                            string // for messages
	method                           string
	path, query, body, form, headers *expression
	ok                               *expression // nil for HTTP 2xx
	whole                            bool        // only the definition leaves something out of it
	sendsBack                        bool        // a call that can be undone may send the whole record back
}

// sent returns the parts of the request that are sent; nil for one that is not written.
func (r *requestBlock) sent() []*expression {
	return []*expression{r.path, r.query, r.body, r.form, r.headers}
}

// uses reports whether a part of the request that is sent uses a variable.
func (r *requestBlock) uses(name string) bool {
	return slices.ContainsFunc(r.sent(), func(e *expression) bool { return e.uses(name) })
}

type readBlock struct {
	requestBlock
	record, absent *expression
	forbidden      bool // an example says that HTTP 403 can be an absence
}

// saysAbsent reports whether an answer says that there is no such user. HTTP 403 does only if an example
// says so.
func (b *readBlock) saysAbsent(a answerValue) bool {
	return (a.Status != http.StatusForbidden || b.forbidden) && a.informs() &&
		b.absent.holds(variables{varAnswer: a.value})
}

// informs reports whether an answer can say something of a user, or that there is none. That of a vendor
// that is down, busy or refuses the key never does.
func (v answerValue) informs() bool {
	return v.usable() && v.Status < http.StatusInternalServerError && !slices.Contains(neverInforming, v.Status)
}

// neverInforming are the statuses that say nothing of a user.
var neverInforming = []int{
	http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusTooEarly,
	http.StatusTooManyRequests,
}

type aliveBlock struct {
	requestBlock
	works, self, record, records, rights *expression
}

// looks returns what looks at the answer.
func (b *aliveBlock) looks() []*expression {
	return []*expression{b.works, b.self, b.record, b.records, b.rights}
}

type listBlock struct {
	requestBlock
	listShape

	records, first, next, total *expression
}

type findBlock struct {
	requestBlock
	records, record, absent *expression
}

// saysAbsent reports whether an answer says that no user has the email address.
func (b *findBlock) saysAbsent(a answerValue) bool {
	return b.absent != nil && a.Status != http.StatusForbidden && a.informs() &&
		b.absent.holds(variables{varAnswer: a.value})
}

type obstacleBlock struct {
	name        string
	request     *requestBlock // nil if it is found in the record
	found, says *expression
	remedy      string
	blocks      bool
}

type stepBlock struct {
	name string
	requestBlock
	when, accepted, refused, gone, shows, done *expression
	reversible                                 bool
	only                                       string // onlyClose or onlySuspend; empty for both
}

// The values of only.
const (
	onlyClose   = "close"
	onlySuspend = "suspend"
)

type traceBlock struct {
	name string
	requestBlock
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
func (d *Definition) suspension() (steps []*stepBlock) {
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
func (d *Definition) closure() (steps []*stepBlock) {
	for i := range d.steps {
		if d.steps[i].only != onlySuspend {
			steps = append(steps, &d.steps[i])
		}
	}
	return steps
}

// lastStep returns the step that ends a closure.
func (d *Definition) lastStep() *stepBlock {
	steps := d.closure()
	return steps[len(steps)-1]
}

// EndsAtAnotherRecord reports whether a closure may end at an account that the vendor shows as open, with
// another record than before.
func (d *Definition) EndsAtAnotherRecord() bool {
	done := d.lastStep().done
	return done.uses(varWas) && done.uses(varRecord)
}

// ChecksSight reports whether anything shows, after an absence, that the key still sees users, and not only
// that it works.
func (d *Definition) ChecksSight() bool {
	return d.list != nil || d.alive.records != nil || d.alive.rights != nil || d.alive.self != nil
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

// BaseURL returns the address of the vendor with these settings. The error is an *EvaluationError.
func (d *Definition) BaseURL(settings map[string]string) (string, error) {
	return d.baseURL.text(variables{varSetting: settingsValue(settings)})
}
