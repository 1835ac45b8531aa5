package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// The labels of what is asked of each vendor that a definition describes.
const (
	WrongKey    = "a wrong key"
	SameCase    = "the user by address"
	OtherCase   = "the user by address in other case"
	AtSuspended = "a suspended user by address"
)

// Exchange is one answer, and what it answers.
type Exchange struct {
	Label  string // what was asked
	Block  string // the block of a definition whose request it answers; empty for none
	User   string // the sacrificial user that it is about; empty for none
	Change bool   // whether it was to change something
	Method string
	Path   string // escaped
	Status int
	At     time.Time // when it came
	Header http.Header
	Empty  bool // no body came
	JSON   bool // the body is JSON
	Body   any  // the JSON; numbers are json.Number
}

// Transcript is what came in one check. It is kept in memory only, and holds no key and no token.
type Transcript struct {
	mu      sync.Mutex
	all     []*Exchange
	stopped string
}

// scope is what a context says of the requests that are made with it.
type scope struct {
	transcript  *Transcript
	label, user string
	block       string
}

type scopeKey struct{}

// With returns a context whose answers go to the transcript.
func (t *Transcript) With(ctx context.Context) context.Context {
	return enter(ctx, scope{transcript: t})
}

// As returns a context whose answers have a label. The transcript of ctx gets them.
func As(ctx context.Context, label string) context.Context {
	s, _ := ctx.Value(scopeKey{}).(scope)
	s.label = label
	return enter(ctx, s)
}

// In returns a context whose answers are to the request of a block of a definition.
func In(ctx context.Context, block string) context.Context {
	s, _ := ctx.Value(scopeKey{}).(scope)
	s.block = block
	return enter(ctx, s)
}

// Of returns a context whose answers are about a sacrificial user.
func Of(ctx context.Context, id string) context.Context {
	s, _ := ctx.Value(scopeKey{}).(scope)
	s.user = id
	return enter(ctx, s)
}

func enter(ctx context.Context, s scope) context.Context {
	if s.transcript == nil {
		return ctx
	}
	return rest.WithAnswers(context.WithValue(ctx, scopeKey{}, s), func(a rest.Kept) { s.transcript.add(s, &a) })
}

func (t *Transcript) add(s scope, a *rest.Kept) {
	x := Exchange{
		Label: s.label, Block: s.block, User: s.user, Change: a.Change, Method: a.Method, Path: a.Path, Status: a.Status,
		At: time.Now(), Header: a.Header, Empty: len(bytes.TrimSpace(a.Body)) == 0,
	}
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(a.Body, []byte("\ufeff"))))
	d.UseNumber()
	x.JSON = d.Decode(&x.Body) == nil
	x.Body = withoutSecrets(x.Body)
	if a.Secret {
		x.Body, x.Header = withoutTexts(x.Body), nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, &x)
}

// withoutTexts returns JSON in which every text is empty, except a time: one of them is a token.
func withoutTexts(v any) any {
	switch v := v.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			return ""
		}
	case map[string]any:
		for name := range v {
			v[name] = withoutTexts(v[name])
		}
	case []any:
		for i := range v {
			v[i] = withoutTexts(v[i])
		}
	}
	return v
}

// secretField matches the name of a field that may hold a password or a token.
var secretField = regexp.MustCompile(`(?i)password|passwd|secret|token|credential|api_?key`)

// withoutSecrets returns JSON in which the fields that may hold a password or a token have no texts.
func withoutSecrets(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			if secretField.MatchString(name) {
				v[name] = withoutTexts(field)
			} else {
				v[name] = withoutSecrets(field)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutSecrets(v[i])
		}
	}
	return v
}

// All returns the answers for which a function holds, in the order in which they came.
func (t *Transcript) All(is func(*Exchange) bool) (found []*Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range t.all {
		if is(x) {
			found = append(found, x)
		}
	}
	return found
}

// After returns the answers after one, about the same sacrificial user, for which a function holds.
func (t *Transcript) After(first *Exchange, is func(*Exchange) bool) []*Exchange {
	after := false
	return t.All(func(x *Exchange) bool {
		later := after
		after = after || x == first
		return later && x.User == first.User && is(x)
	})
}

// Last returns the last answer with a label, or nil. An earlier one was an attempt that was repeated.
func (t *Transcript) Last(label string) *Exchange {
	found := t.All(func(x *Exchange) bool { return x.Label == label })
	if len(found) == 0 {
		return nil
	}
	return found[len(found)-1]
}

// At returns what is below the names in JSON, in any letter case, and whether it is there.
func At(v any, names ...string) (any, bool) {
	for _, name := range names {
		fields, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = fields[name]; ok {
			continue
		}
		found := false
		for other := range fields {
			if strings.EqualFold(other, name) {
				v, found = fields[other], true
			}
		}
		if !found {
			return nil, false
		}
	}
	return v, true
}

// Rows returns the elements of the list below the names.
func (x *Exchange) Rows(names ...string) []any {
	if x == nil {
		return nil
	}
	v, _ := At(x.Body, names...)
	rows, _ := v.([]any)
	return rows
}

// HasList reports whether a success came with a list below the names. Without it, that no row is there
// says nothing.
func (x *Exchange) HasList(names ...string) bool {
	if !x.OK() {
		return false
	}
	v, _ := At(x.Body, names...)
	_, ok := v.([]any)
	return ok
}

// Has reports whether the names are there.
func (x *Exchange) Has(names ...string) bool {
	if x == nil {
		return false
	}
	_, ok := At(x.Body, names...)
	return ok
}

// Text returns a text or a number below the names; empty if there is none.
func Text(v any, names ...string) string {
	v, _ = At(v, names...)
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Text returns the JSON of the body as text; empty if none came, and no JSON for anything else.
func (x *Exchange) Text() []byte {
	switch {
	case x.Empty:
		return nil
	case !x.JSON:
		return []byte("no JSON")
	}
	text, _ := json.Marshal(x.Body) // what was decoded always encodes
	return text
}

// OK reports whether a success came. A body that is not JSON is that of a gateway, and not of the vendor.
func (x *Exchange) OK() bool {
	return x != nil && x.Status >= 200 && x.Status < 300 && (x.Empty || x.JSON)
}

// Find returns the row in which a field has a value.
func Find(rows []any, field, value string) (any, bool) {
	i := slices.IndexFunc(rows, func(row any) bool { return Text(row, field) == value })
	if i < 0 {
		return nil, false
	}
	return rows[i], true
}
