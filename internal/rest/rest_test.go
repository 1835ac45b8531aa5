package rest_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

const (
	key   = "key-0123456789"
	token = "token-abcdefghij"
)

// vendor answers requests inside the process and remembers them, so that tests can also run in the
// time of a synctest bubble.
type vendor struct {
	answer func(*http.Request) (*http.Response, error)

	mu   sync.Mutex
	sent []*http.Request
	at   []time.Time
}

func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	v.mu.Lock()
	v.sent, v.at = append(v.sent, req), append(v.at, time.Now())
	v.mu.Unlock()
	resp, err := v.answer(req)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

func (v *vendor) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.sent)
}

func response(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// always gives the same status to every request.
func always(status int, header ...string) *vendor {
	return &vendor{answer: func(*http.Request) (*http.Response, error) { return response(status, "{}", header...), nil }}
}

// client makes a client whose settings change may alter.
func client(t *testing.T, transport http.RoundTripper, change func(*rest.Config, *rest.API)) *rest.Client {
	t.Helper()
	config := rest.Config{
		APIKey:    key,
		BaseURL:   "https://vendor.test/api",
		UserAgent: "offboard/test",
		Transport: transport,
	}
	api := rest.API{Credentials: http.Header{"X-API-KEY": {key}}, Timeout: 30 * time.Second}
	if change != nil {
		change(&config, &api)
	}
	c, err := rest.New(config, api)
	if err != nil {
		t.Fatalf("got %v, want a client", err)
	}
	return c
}

// at makes a client for a server on the loopback interface.
func at(t *testing.T, address string) *rest.Client {
	t.Helper()
	transport := rest.NewTransport()
	return client(t, transport, func(config *rest.Config, _ *rest.API) { config.BaseURL = address })
}

var get = rest.Request{Method: http.MethodGet, Path: []string{"users", "u1"}}

// call is Read or Change.
type call func(*rest.Client, context.Context, rest.Request) (rest.Answer, error)

var calls = map[string]call{"read": (*rest.Client).Read, "change": (*rest.Client).Change}

func TestNew_refusesSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config  rest.Config
		setting string
	}{
		"no key":                 {rest.Config{BaseURL: "https://vendor.test"}, "api_key"},
		"a key with a newline":   {rest.Config{BaseURL: "https://vendor.test", APIKey: "secret\n"}, "api_key"},
		"a key with a blank":     {rest.Config{BaseURL: "https://vendor.test", APIKey: "sec ret"}, "api_key"},
		"a key beyond ASCII":     {rest.Config{BaseURL: "https://vendor.test", APIKey: "secreté"}, "api_key"},
		"no base URL":            {rest.Config{APIKey: key}, "base_url"},
		"plain http to a host":   {rest.Config{BaseURL: "http://vendor.test", APIKey: key}, "base_url"},
		"credentials in the URL": {rest.Config{BaseURL: "https://u:secret@vendor.test", APIKey: key}, "base_url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rest.New(c.config, rest.API{})
			var setting *rest.SettingError
			if !errors.As(err, &setting) || setting.Setting != c.setting {
				t.Fatalf("got %v, want a SettingError about %s", err, c.setting)
			}
			if strings.Contains(err.Error(), "sec") {
				t.Errorf("got %q, want no secret in it", err)
			}
		})
	}
}

func TestNew_usesTheVendorsOwnBaseURL(t *testing.T) {
	t.Parallel()
	c, err := rest.New(rest.Config{APIKey: key}, rest.API{BaseURL: "https://API.vendor.test:8443/v1"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Host(), "api.vendor.test:8443"; got != want {
		t.Errorf("got host %q, want %q", got, want)
	}
}

func TestRead_onTheWire(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request      rest.Request
		want, absent []string
	}{
		"without a body": {get,
			[]string{
				"GET /api/users/u1 HTTP/1.1", "X-API-KEY: " + key, "Accept: application/json", "Cache-Control: no-cache",
				"User-Agent: offboard/test",
			},
			[]string{"Content-Type", "Transfer-Encoding", "Content-Length"}},
		"with a body": {rest.Request{Method: http.MethodPost, Path: []string{"users"}, Body: map[string]string{"id": "u1"}},
			[]string{"POST /api/users HTTP/1.1", "Content-Type: application/json", "Content-Length: 11", `{"id":"u1"}`}, nil},
		"with a query": {rest.Request{Method: http.MethodGet, Path: []string{"users"}, Query: url.Values{"q": {"a b&c"}}},
			[]string{"GET /api/users?q=a+b%26c HTTP/1.1"}, nil},
		"with a slash at the end": {rest.Request{Method: http.MethodGet, Path: []string{"users", "u1"}, Slash: true},
			[]string{"GET /api/users/u1/ HTTP/1.1"}, nil},
		"with its own type in small letters": {
			rest.Request{Method: http.MethodPost, Path: []string{"users"}, Body: 1, Plain: http.Header{
				"content-type": {"application/scim+json"}, "user-agent": {"mine"}, "x-Small": {"1"},
			}},
			[]string{"Content-Type: application/scim+json", "User-Agent: mine", "x-Small: 1"},
			[]string{"content-type", "offboard/test", "user-agent"},
		},
		"with a credential of its own": {rest.Request{
			Method: http.MethodGet, Path: []string{"me"}, Header: http.Header{"X-API-KEY": {token}},
		},
			[]string{"X-API-KEY: " + token}, []string{key}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, requests := rawServer(t, func(int) string { return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" })
			if _, err := at(t, address+"/api").Read(t.Context(), c.request); err != nil {
				t.Fatal(err)
			}
			sent := <-requests
			for _, want := range c.want {
				if !strings.Contains(sent, want) {
					t.Errorf("got request\n%s\nwant %q in it", sent, want)
				}
			}
			for _, absent := range c.absent {
				if strings.Contains(sent, absent) {
					t.Errorf("got request\n%s\nwant no %q in it", sent, absent)
				}
			}
		})
	}
}

// listen accepts connections on the loopback interface, has talk serve each of them until it
// returns, and gives the host and port.
func listen(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				talk(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// rawServer answers the nth request, counted from 1 over all connections, with answer(n) as it is;
// an empty answer closes the connection. It gives its address and what it received.
func rawServer(t *testing.T, answer func(n int) string) (address string, requests chan string) {
	t.Helper()
	requests = make(chan string, 100)
	host := listen(t, func(conn net.Conn) {
		var received bytes.Buffer
		reader := bufio.NewReader(io.TeeReader(conn, &received))
		for {
			req, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, req.Body)
			requests <- received.String()
			received.Reset()
			text := answer(len(requests))
			if text == "" {
				return
			}
			_, _ = io.WriteString(conn, text)
		}
	})
	return "http://" + host, requests
}

func TestCalls_returnEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 204, 400, 401, 402, 403, 404, 409, 410, 418, 422, 500, 501, 503} {
		for name, do := range calls {
			c := client(t, always(status), nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second) // too short for retries
			answer, err := do(c, ctx, get)
			cancel()
			if err != nil || answer.Status != status || answer.OK() != (status < 300) || string(answer.Body) != "{}" {
				t.Errorf(
					"%s, HTTP %d: got status %d, OK %t, body %q, error %v", name, status, answer.Status, answer.OK(), answer.Body,
					err,
				)
			}
		}
	}
}

func TestCalls_followNoRedirect(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the second host was asked, want nothing to reach it")
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308, 300, 304} {
		hits := 0
		first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			hits++
			w.Header().Set("Location", other.URL+"/take/"+key+"?k="+key)
			w.WriteHeader(status)
		}))
		for name, do := range calls {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
				hits = 0
				_, err := do(at(t, first.URL), t.Context(), rest.Request{Method: method, Path: []string{"users", "u1"}})
				var fault *rest.Error
				if !errors.As(err, &fault) || fault.Status != status || strings.Contains(err.Error(), key) {
					t.Errorf("%s %s, HTTP %d: got %v, want an Error with that status and without the key", name, method, status, err)
				}
				if !offboard.Ambiguous(err) {
					t.Errorf("%s %s, HTTP %d: got an error that is not ambiguous, want it left open", name, method, status)
				}
				if hits != 1 {
					t.Errorf("%s %s, HTTP %d: got %d requests, want 1", name, method, status, hits)
				}
			}
		}
		first.Close()
	}
}

func TestCalls_sendNothingForABadPath(t *testing.T) {
	t.Parallel()
	for name, do := range calls {
		for _, id := range []string{"", ".", "..", "a\x00b", "a\nb", "a\xffb"} {
			v := always(200)
			_, err := do(client(t, v, nil), t.Context(), rest.Request{Method: http.MethodDelete, Path: []string{"users", id}})
			var fault *rest.Error
			if !errors.As(err, &fault) || v.count() != 0 {
				t.Errorf("%s of %q: got %v and %d requests, want an Error and none", name, id, err, v.count())
			}
			if offboard.Ambiguous(err) {
				t.Errorf("%s of %q: got an ambiguous error, want an unambiguous one", name, id)
			}
		}
	}
}

func TestCalls_sendNothingForABodyThatIsNotJSON(t *testing.T) {
	t.Parallel()
	v := always(200)
	request := rest.Request{Method: http.MethodPost, Path: []string{"users"}, Body: func() {}}
	_, err := client(t, v, nil).Change(t.Context(), request)
	if err == nil || offboard.Ambiguous(err) || v.count() != 0 {
		t.Errorf("got %v and %d requests, want an unambiguous error and none", err, v.count())
	}
}

// A credential would replace the parameter that names the account, so that the call is about another one.
func TestCalls_sendNothingThatACredentialReplaces(t *testing.T) {
	t.Parallel()
	withCredentials := func(_ *rest.Config, api *rest.API) { api.Query = url.Values{"user": {"robot"}} }
	for name, request := range map[string]rest.Request{
		"a parameter":                 {Query: url.Values{"user": {"u1"}}},
		"a parameter in another case": {Query: url.Values{"User": {"u1"}}},
		"a header":                    {Plain: http.Header{"X-API-KEY": {"u1"}}},
		"a header in another case":    {Plain: http.Header{"x-api-key": {"u1"}}},
		"a header that a token replaces": {
			Plain: http.Header{"authorization": {"u1"}}, Header: http.Header{"Authorization": {token}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := always(200)
			request.Method, request.Path = http.MethodDelete, []string{"users"}
			_, err := client(t, v, withCredentials).Change(t.Context(), request)
			if err == nil || offboard.Ambiguous(err) || v.count() != 0 || strings.Contains(err.Error(), "u1") {
				t.Errorf("got %v and %d requests, want an unambiguous error and none", err, v.count())
			}
		})
	}
}
