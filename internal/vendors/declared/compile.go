package declared

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// compile makes a definition of its blocks, whose form is checked.
func compile(p *problems, name string, root *written) *Definition {
	d := &Definition{
		Name: name, Title: root.text("title"), Docs: root.text("docs"),
		baseURL: root.expression("base_url"), unknownID: root.text("unknown_id"), errorWords: root.expression("error"),
		rate: rateBlock{requests: 5, per: time.Second},
	}
	p.compilePattern(d, root)
	for _, w := range root.blocks["setting"] {
		p.compileSetting(d, w)
	}
	d.credentials = compileCredentials(root.first("credentials"))
	if w := root.first("rate"); w != nil {
		p.compileRate(d, w)
	}
	w := root.first("user")
	d.user = userBlock{
		id: w.expression("id"), status: w.expression("status"), email: w.expression("email"), name: w.expression("name"),
		login: w.expression("login"), facts: w.expression("facts"),
	}
	p.compileReads(d, root)
	for _, w := range root.blocks["obstacle"] {
		d.obstacles = append(d.obstacles, p.compileObstacle(w))
	}
	for _, w := range root.blocks["step"] {
		d.steps = append(d.steps, p.compileStep(w))
	}
	for _, w := range root.blocks["trace"] {
		d.traces = append(d.traces, traceBlock{w.label, p.request(w), w.expression("found")})
	}
	for _, w := range root.blocks["example"] {
		d.examples = append(d.examples, compileExample(w))
	}
	return d
}

func compileExample(w *written) exampleBlock {
	return exampleBlock{
		name: w.label, of: w.text("of"), at: w.at,
		answer: w.expression("answer"), expect: w.expression("expect"), user: w.expression("user"),
	}
}

func compileCredentials(w *written) credentialsBlock {
	c := credentialsBlock{headers: w.expression("headers"), query: w.expression("query")}
	if w := w.first("oauth2"); w != nil {
		c.oauth2 = &oauth2Block{
			tokenURL: w.expression("token_url"), clientID: w.expression("client_id"),
			clientSecret: w.expression("client_secret"), scopes: w.expression("scopes"),
			form: w.expression("form"), basic: w.truth("basic"),
		}
	}
	return c
}

// compileReads makes the blocks that read.
func (p *problems) compileReads(d *Definition, root *written) {
	w := root.first("read")
	d.read = readBlock{requestBlock: p.request(w), record: w.expression("record"), absent: w.expression("absent")}
	w = root.first("alive")
	d.alive = aliveBlock{
		requestBlock: p.request(w), works: w.expression("works"), self: w.expression("self"), record: w.expression("record"),
		records: w.expression("records"), rights: w.expression("rights"),
	}
	if w := root.first("list"); w != nil {
		d.list = newList(
			p.request(w), w.expression("records"), w.expression("first"), w.expression("next"), w.expression("total"),
		)
	}
	if w := root.first("find_by_email"); w != nil {
		d.find = &findBlock{p.request(w), w.expression("records"), w.expression("record"), w.expression("absent")}
	}
}

func (p *problems) compileStep(w *written) stepBlock {
	s := stepBlock{
		name: w.label, requestBlock: p.request(w), when: w.expression("when"), accepted: w.expression("accepted"),
		refused: w.expression("refused"), gone: w.expression("gone"), shows: w.expression("shows"),
		done: w.expression("done"), reversible: w.truth("reversible"), only: w.text("only"),
	}
	s.whole, s.sendsBack = true, s.reversible

	if attr := w.attrs["only"]; attr != nil && s.only != onlyClose && s.only != onlySuspend {
		p.add(attr.Expr.Range(), "only must be \"close\" or \"suspend\"")
	}
	if s.only == onlySuspend && !s.reversible {
		p.add(w.at, "a step that only suspends must be reversible")
	}
	return s
}

func (p *problems) compileObstacle(w *written) obstacleBlock {
	o := obstacleBlock{
		name: w.label, found: w.expression("found"), says: w.expression("says"), remedy: visible(w.text("remedy")),
		blocks: w.truth("blocks"),
	}
	if w.attrs["path"] != nil {
		r := p.request(w)
		r.whole = true
		o.request = &r
	} else {
		for _, name := range []string{"method", "query", "body", "form", "headers", "ok"} {
			if attr := w.attrs[name]; attr != nil {
				p.add(attr.NameRange, "%s without path: an obstacle without a request is found in the record", name)
			}
		}
		if o.found.uses(varAnswer) {
			p.add(o.found.expr.Range(), "there is no answer without a request: found looks at record")
		}
	}
	return o
}

func (p *problems) compilePattern(d *Definition, root *written) {
	pattern := root.text("id_pattern")
	if pattern == "" {
		return
	}
	var err error
	if d.idPattern, err = regexp.Compile(`^(?:` + pattern + `)$`); err != nil {
		p.add(root.attrs["id_pattern"].Expr.Range(), "id_pattern is no regular expression")
	}
}

func (p *problems) compileSetting(d *Definition, w *written) {
	s := Setting{Name: w.label, Description: w.text("description"), Sensitive: w.truth("sensitive")}
	if w.attrs["default"] != nil {
		value := w.text("default")
		s.Default = &value
	}
	if !CheckName(s.Name) ||
		slices.Contains([]string{"api_key", "base_url", "definition", "requests_per_second"}, s.Name) {
		p.add(w.at, "%q is no name for a setting: lower-case letters, digits and underscores, and none of the provider's",
			s.Name)
	}
	d.settings = append(d.settings, s)
}

func (p *problems) compileRate(d *Definition, w *written) {
	value, _ := w.attrs["requests"].Expr.Value(nil)
	d.rate.requests, _ = intOf(value)
	var err error
	if d.rate.per, err = time.ParseDuration(w.text("per")); err != nil || d.rate.per <= 0 {
		p.add(w.attrs["per"].Expr.Range(), "per must be a duration such as \"1s\" or \"1m\"")
		d.rate.per = time.Second
	}
	d.rate.left, d.rate.reset = w.expression("left"), w.expression("reset")
	if (d.rate.left == nil) != (d.rate.reset == nil) {
		p.add(w.at, "rate needs left and reset together")
	}
}

// methods are the HTTP methods that a request may have.
var methods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
}

// request makes the request of a block.
func (p *problems) request(w *written) requestBlock {
	r := requestBlock{
		block: w.where, method: http.MethodGet, path: w.expression("path"), query: w.expression("query"),
		body: w.expression("body"), form: w.expression("form"), headers: w.expression("headers"), ok: w.expression("ok"),
	}
	p.checkSegments(r.path)
	if attr := w.attrs["method"]; attr != nil {
		r.method = w.text("method")
		switch changes := strings.HasPrefix(w.where, "step "); {
		case !slices.Contains(methods, r.method):
			p.add(attr.Expr.Range(), "method must be one of GET, POST, PUT, PATCH, DELETE")
		case !changes && r.method != http.MethodGet && r.method != http.MethodPost:
			p.add(attr.Expr.Range(), "only a step changes something: another block has the method GET or POST")
		}
	}
	if r.body != nil && r.form != nil {
		p.add(r.form.expr.Range(), "a request has body or form, and not both")
	}
	return r
}

// requests returns the requests of all blocks.
func (d *Definition) requests() []*requestBlock {
	all := []*requestBlock{&d.read.requestBlock, &d.alive.requestBlock}
	if d.list != nil {
		all = append(all, &d.list.requestBlock)
	}
	if d.find != nil {
		all = append(all, &d.find.requestBlock)
	}
	for i := range d.obstacles {
		if r := d.obstacles[i].request; r != nil {
			all = append(all, r)
		}
	}
	for i := range d.steps {
		all = append(all, &d.steps[i].requestBlock)
	}
	for i := range d.traces {
		all = append(all, &d.traces[i].requestBlock)
	}
	return all
}

// expressions returns all expressions of a definition that an answer or a setting goes into.
func (d *Definition) expressions() []*expression {
	all := []*expression{d.baseURL, d.errorWords, d.credentials.headers, d.credentials.query}
	for _, r := range d.requests() {
		all = append(all, r.sent()...)
	}
	return slices.DeleteFunc(all, func(e *expression) bool { return e == nil })
}

// first returns the first block of a kind, or nil.
func (w *written) first(name string) *written {
	if len(w.blocks[name]) == 0 {
		return nil
	}
	return w.blocks[name][0]
}

// expression returns the value of an attribute; nil if it is not written.
func (w *written) expression(name string) *expression {
	attr := w.attrs[name]
	if attr == nil {
		return nil
	}
	compareTyped(attr.Expr)
	return &expression{block: w.where, name: name, expr: attr.Expr}
}

// text returns the text of an attribute; empty if it is not written.
func (w *written) text(name string) string {
	v := w.constant(name)
	if v == cty.NilVal || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

// truth returns the truth value of an attribute; false if it is not written.
func (w *written) truth(name string) bool {
	v := w.constant(name)
	return v != cty.NilVal && truthOf(v)
}

// constant returns the value of an attribute that is written out.
func (w *written) constant(name string) cty.Value {
	attr := w.attrs[name]
	if attr == nil {
		return cty.NilVal
	}
	v, diags := attr.Expr.Value(nil)
	if diags.HasErrors() || v.IsNull() {
		return cty.NilVal
	}
	return v
}
