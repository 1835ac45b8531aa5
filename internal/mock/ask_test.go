package mock_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const key = "test-key"

// reply is an answer as a test reads it.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask calls the server as a vendor's client does, with the right credential. The parameter what is
// "METHOD path", without the prefix.
func ask(t *testing.T, s http.Handler, vendor, what, body string) reply {
	t.Helper()
	return askAs(t, s, vendor, what, body, credentials[vendor])
}

// askAs is ask with another credential: a header and its value.
func askAs(t *testing.T, s http.Handler, vendor, what, body string, credential [2]string) reply {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, prefixes[vendor]+path, strings.NewReader(body))
	if credential[0] != "" {
		r.Header[credential[0]] = []string{credential[1]} // as the client spells it
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

// readReply reads the answer of an HTTP client.
func readReply(t *testing.T, answer *http.Response) reply {
	t.Helper()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(text)}
}

// want fails the test unless the answer has this status, and a JSON body that contains these
// fields. A nested object may have more fields, too.
func (g reply) want(t *testing.T, status int, fields string) {
	t.Helper()
	if g.status != status {
		t.Errorf("status: got %d, want %d (body %s)", g.status, status, g.body)
	}
	var has, wanted any
	if err := json.Unmarshal([]byte(g.body), &has); err != nil {
		t.Fatalf("body: got %q, want JSON: %v", g.body, err)
	}
	if err := json.Unmarshal([]byte(fields), &wanted); err != nil {
		t.Fatal(err)
	}
	if !contains(has, wanted) {
		t.Errorf("body: got %s, want in it %s", g.body, fields)
	}
}

// contains reports whether a decoded JSON value has everything that another one has. Lists must
// have the same length.
func contains(has, wanted any) bool {
	switch w := wanted.(type) {
	case map[string]any:
		in, ok := has.(map[string]any)
		for k, v := range w {
			value, there := in[k]
			ok = ok && there && contains(value, v)
		}
		return ok && (len(w) > 0 || len(in) == 0)
	case []any:
		in, ok := has.([]any)
		return ok && slices.EqualFunc(in, w, contains)
	}
	return has == wanted
}

// field returns one value of a JSON body, reached through these names.
func (g reply) field(t *testing.T, path ...string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(g.body), &v); err != nil {
		t.Fatalf("body: got %q, want JSON: %v", g.body, err)
	}
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("body: got %s, want an object with %q in it", g.body, name)
		}
		v = object[name]
	}
	return v
}

// equal fails the test unless two values are the same.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// onLoopbackURL starts the server on loopback and returns its address.
func onLoopbackURL(t *testing.T, s *mock.Server) string {
	t.Helper()
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return web.URL
}

// send makes one request over the network and returns its error.
func send(ctx context.Context, url, vendor, what string) error {
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(ctx, method, url+prefixes[vendor]+path, nil)
	if err != nil {
		return err
	}
	r.Header[credentials[vendor][0]] = []string{credentials[vendor][1]}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return errors.Join(err, answer.Body.Close())
}
