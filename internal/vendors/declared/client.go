package declared

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// attemptTimeout is how long one attempt of a request may take.
const attemptTimeout = 30 * time.Second

// Config is what the configuration sets for one declared vendor. An empty BaseURL stands for that of
// the definition.
type Config struct {
	rest.Config

	Settings map[string]string // by name; one without a default must be there
}

// Client reads and closes users of a declared vendor. It is safe for use by several goroutines.
type Client struct {
	def    *Definition // with the settings
	rest   *rest.Client
	setup  setup
	pages  pages
	access *rest.Shared[aliveAnswer]
	shown  *rest.Once[User]
	tokens *tokens  // nil if the key itself is sent
	begun  sync.Map // users whose closure began here, by ID, as read before it: for the traces
	ended  sync.Map // users whom their last read shows as closed, by ID, if the ID alone does not prove that
}

// New returns a client, or a *rest.SettingError. It makes no request.
func New(d *Definition, config Config) (*Client, error) {
	settings, err := d.resolve(config.Settings)
	if err != nil {
		return nil, err
	}
	if config.BaseURL == "" {
		if config.BaseURL, err = d.BaseURL(settings); err != nil {
			return nil, &rest.SettingError{Setting: "definition", Err: err}
		}
	}
	api, err := d.api(config.APIKey, settings)
	if err != nil {
		return nil, &rest.SettingError{Setting: "definition", Err: err}
	}
	client, err := rest.New(config.Config, api)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(settings)
	for _, s := range d.settings {
		if s.Sensitive {
			client.AddSecret(settings[s.Name])
			delete(settings, s.Name)
		}
	}
	bound := *d
	bound.set = settingsValue(settings)
	c := &Client{
		def: &bound, rest: client,
		setup: setup{turn: make(chan struct{}, 1)}, pages: newPages(), access: rest.NewShared[aliveAnswer](client),
		shown: rest.NewOnce[User](),
	}
	if d.credentials.oauth2 != nil {
		c.tokens, err = d.credentials.oauth2.connect(config.Config, all)
	}
	return c, err
}

// resolve returns the values of all settings that the definition names. The error is a
// *rest.SettingError.
func (d *Definition) resolve(set map[string]string) (map[string]string, error) {
	known := map[string]string{}
	for _, s := range d.settings {
		value, ok := set[s.Name]
		switch {
		case ok:
			known[s.Name] = value
		case s.Default != nil:
			known[s.Name] = *s.Default
		default:
			return nil, &rest.SettingError{Setting: s.Name, Err: errors.New("it is not set")}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if _, ok := known[name]; !ok {
			return nil, &rest.SettingError{Setting: name, Err: errors.New("the definition has no setting of this name")}
		}
	}
	return known, nil
}

// api is what is particular to the vendor's API.
func (d *Definition) api(key string, settings map[string]string) (rest.API, error) {
	vars := variables{varKey: cty.StringVal(key), varSetting: settingsValue(settings)}
	headers, err := headersOf(d.credentials.headers, vars)
	if err != nil {
		return rest.API{}, err
	}
	query, err := parametersOf(d.credentials.query, vars)
	if err != nil {
		return rest.API{}, err
	}
	api := rest.API{
		Credentials: headers, Query: query, Timeout: attemptTimeout,
		Public: append(d.publicIn(d.credentials.headers, headers), d.publicIn(d.credentials.query, query)...),
		Rate:   float64(d.rate.requests) / d.rate.per.Seconds(),
	}
	if d.rate.left != nil {
		api.Quota, api.Pause = d.quota, d.pause
	}
	if d.credentials.oauth2 == nil { // a ping has no token
		api.Ping, err = d.alive.build(variables{varSetting: settingsValue(settings), varFresh: newFresh()})
	}
	return api, err
}

// quota returns what an answer says of the rate limit.
func (d *Definition) quota(a rest.Answer) (rest.Quota, bool) {
	vars := variables{varAnswer: newAnswer(a).value}
	left, err := d.rate.left.text(vars)
	n, bad := strconv.Atoi(left)
	wait, ok := d.reset(a, vars)
	return rest.Quota{Left: n, Reset: time.Now().Add(wait)}, ok && err == nil && bad == nil
}

// pause returns the wait until the reset after a 429.
func (d *Definition) pause(a rest.Answer) time.Duration {
	if a.Status != http.StatusTooManyRequests {
		return 0
	}
	wait, _ := d.reset(a, variables{varAnswer: newAnswer(a).value})
	return wait
}

// firstUnixTime is the number from which seconds are a Unix time, and not a wait.
const firstUnixTime = 1_000_000_000

// reset returns how long it is until the count of requests begins again, twice the period of the
// limit at most.
func (d *Definition) reset(a rest.Answer, vars variables) (time.Duration, bool) {
	said, err := d.rate.reset.text(vars)
	if err != nil {
		return 0, false
	}
	seconds, err := strconv.ParseInt(said, 10, 64)
	if err != nil || seconds < 0 {
		return 0, false
	}
	wait := a.Until(seconds)
	if seconds < firstUnixTime {
		wait = time.Duration(seconds) * time.Second
	}
	return min(wait, 2*d.rate.per), true
}

// Tenant returns the host and the base path of the vendor's API, and the settings that requests, tokens, the
// readings of users and the end of a closure depend on: another organization is another tenant, even at the same
// address.
func (c *Client) Tenant() string { return c.rest.Tenant() + c.def.tenantSettings() }

// tenantSettings returns the settings that are used outside base_url, and that are no credentials.
func (d *Definition) tenantSettings() string {
	u := &d.user
	used, all := url.Values{}, append(d.expressions(), u.id, u.email, u.name, u.login, u.facts, u.status)
	for _, s := range d.steps {
		all = append(all, s.when, s.done)
	}
	if o := d.credentials.oauth2; o != nil {
		all = append(all, o.tokenURL, o.clientID, o.scopes, o.form)
	}
	for _, e := range all {
		if e == nil || e == d.baseURL {
			continue
		}
		for _, traversal := range e.expr.Variables() {
			if traversal.RootName() != varSetting {
				continue
			}
			name := nameIn(traversal)
			if value, ok := attributeOf(d.set, name); ok {
				said, _ := textOf(value)
				used.Set(name, said)
			}
		}
	}
	if len(used) == 0 {
		return ""
	}
	return "#" + used.Encode()
}

// exchange makes the reading request of a block, and returns the answer whatever it says. The error is
// an *rest.Error, or an *EvaluationError.
func (c *Client) exchange(ctx context.Context, r *requestBlock, vars variables) (answerValue, error) {
	for again := false; ; again = true {
		made, err := c.build(ctx, r, vars)
		if err != nil {
			return answerValue{}, err
		}
		answer, err := c.rest.Read(contract.In(ctx, r.block), made)
		if err != nil {
			return answerValue{}, err
		}
		if again || c.tokens == nil || answer.Status != http.StatusUnauthorized {
			a := newAnswer(answer)
			a.ok, a.asked = r.ok, rest.Request{Query: made.Query, Form: made.Form, Body: made.Body}
			return a, nil
		}
		c.tokens.drop(made.Header)
	}
}

// build makes the request of a block, with a token if the vendor wants one.
func (c *Client) build(ctx context.Context, r *requestBlock, vars variables) (rest.Request, error) {
	all := variables{varSetting: c.def.set, varSelf: c.setup.self(), varFresh: newFresh()}
	maps.Copy(all, vars)
	made, err := r.build(all)
	if err != nil || c.tokens == nil {
		return made, err
	}
	made.Header, err = c.tokens.header(ctx)
	return made, err
}

// newFresh is a text that no other request has, so that no cache has the answer.
func newFresh() cty.Value { return cty.StringVal(rand.Text()) }

// succeeds reports whether the answer to a request is a success. That of a vendor that is down, busy or
// refuses never is, whatever its body holds.
func (r *requestBlock) succeeds(a answerValue) bool {
	if !a.informs() || a.Status == http.StatusForbidden {
		return false
	}
	if r.ok == nil {
		return a.OK()
	}
	return r.ok.holds(variables{varAnswer: a.value})
}

// fault returns the error of an answer that is not a success, with the vendor's own words. Without them, it
// says of an HTTP 2xx that ok does not hold, or why it has no value.
func (d *Definition) fault(a answerValue) error {
	if a.OK() && a.problem != nil && !a.foreign() {
		return a.problem
	}
	words := ""
	if d.errorWords != nil {
		words, _ = d.errorWords.text(variables{varAnswer: a.value})
	}
	if words == "" && a.OK() && !a.foreign() && a.ok != nil {
		switch held, err := a.ok.truth(variables{varAnswer: a.value}); {
		case err != nil:
			return a.Malformed("%w", err)
		case !held:
			return a.Malformed("%s of the block %s does not hold for the answer", a.ok.name, a.ok.block)
		}
	}
	return a.Fault("", words)
}

// unreadable returns the error of an answer that an expression cannot be evaluated with.
func (v answerValue) unreadable(err error) error {
	if v.problem != nil {
		return v.problem
	}
	if malformed, ok := errors.AsType[*rest.Error](err); ok {
		return malformed
	}
	return v.Malformed("%w", err)
}
