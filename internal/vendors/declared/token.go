package declared

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// tokens gets the tokens of the client credentials grant, and keeps the last one while it is good.
// https://www.rfc-editor.org/rfc/rfc6749#section-4.4
type tokens struct {
	rest   *rest.Client
	form   url.Values
	client http.Header // which names the client; nil if the form does

	turn  chan struct{} // full while a token is fetched
	mu    sync.Mutex
	value string
	until time.Time
}

// tokenMargin is how long before its end a token is replaced, and shortestToken how long one without
// an end is used.
const (
	tokenMargin   = 30 * time.Second
	shortestToken = time.Minute
)

// connect returns the source of tokens. It makes no request. The error is a *rest.SettingError.
func (o *oauth2Block) connect(config rest.Config, settings map[string]string) (*tokens, error) {
	vars := variables{varKey: cty.StringVal(config.APIKey), varSetting: settingsValue(settings)}
	fail := func(err error) (*tokens, error) { return nil, &rest.SettingError{Setting: "definition", Err: err} }
	id, err := o.clientID.text(vars)
	if err != nil {
		return fail(err)
	}
	secret, err := o.clientSecret.text(vars)
	if err != nil {
		return fail(err)
	}
	form, err := o.fields(vars)
	if err != nil {
		return fail(err)
	}
	address, err := o.tokenURL.text(vars)
	if err != nil {
		return fail(err)
	}
	config.BaseURL, config.Vendor, config.Budgets, config.Clock = address, config.Vendor+" token", nil, nil
	client, err := rest.New(config, rest.API{Timeout: attemptTimeout})
	if setting, ok := errors.AsType[*rest.SettingError](err); ok && setting.Setting == "base_url" {
		return fail(fmt.Errorf("token_url of credentials oauth2: %w", setting.Err))
	}
	if err != nil {
		return nil, err
	}
	client.AddSecret(secret)
	t := &tokens{rest: client, form: form, turn: make(chan struct{}, 1)}
	if o.basic {
		t.client = basic(id, secret)
		return t, nil
	}
	form.Set("client_id", id)
	form.Set("client_secret", secret)
	return t, nil
}

// basic returns the header that names a client. https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
func basic(id, secret string) http.Header {
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}}
}

// fields returns what the form holds beside the client.
func (o *oauth2Block) fields(vars variables) (url.Values, error) {
	form, err := parametersOf(o.form, vars)
	if err != nil {
		return nil, err
	}
	if !form.Has("grant_type") {
		form.Set("grant_type", "client_credentials")
	}
	if o.scopes == nil {
		return form, nil
	}
	scopes, err := o.scopes.elements(vars)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, scope := range scopes {
		s, _ := textOf(scope)
		all = append(all, s)
	}
	form.Set("scope", strings.Join(all, " "))
	return form, nil
}

// header returns the header with a good token. The error is an *rest.Error.
func (t *tokens) header(ctx context.Context) (http.Header, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if token := t.current(); token != "" {
		return bearer(token), nil
	}
	// A token is no reading of the account: the time that it takes makes none younger.
	answer, err := t.rest.Read(
		offboard.WithoutTurn(ctx),
		rest.Request{Method: http.MethodPost, Form: t.form, Header: t.client, Secret: true},
	)
	if err != nil {
		return nil, err
	}
	if !answer.OK() {
		return nil, answer.Fault("", refusedToken(answer))
	}
	var body struct {
		Token   string                     `json:"access_token"`
		Expires rest.Optional[json.Number] `json:"expires_in"` // some write a text
	}
	if err := answer.JSON(&body); err != nil {
		return nil, err
	}
	if body.Token == "" {
		return nil, answer.Malformed("the answer holds no token (access_token)")
	}
	seconds, _ := body.Expires.Value.Int64() // 0 for what is no number
	good := max(time.Duration(min(seconds, 1<<20))*time.Second-tokenMargin, shortestToken)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.value, t.until = body.Token, time.Now().Add(good)
	return bearer(body.Token), nil
}

// refusedToken returns the words of an answer that gives no token; empty for none.
// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
func refusedToken(answer rest.Answer) string {
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if answer.JSON(&body) != nil || body.Error == "" || body.Description == "" {
		return body.Error
	}
	return body.Error + ": " + body.Description
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// current returns the token if it is still good.
func (t *tokens) current() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Now().After(t.until) {
		return ""
	}
	return t.value
}

// drop forgets a token that the vendor refused, so that the next request gets another one.
func (t *tokens) drop(header http.Header) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if header.Get("Authorization") == "Bearer "+t.value {
		t.value, t.until = "", time.Time{}
	}
}
