package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const cookie = "cookie-5b1946ac"

var mintedToken = regexp.MustCompile(`"token":\s*"([^"]+)"`)

// secretSeeker is a way to the mock that knows every secret which travels on it. It sets a cookie
// with every answer, and can change the answer to one request so that it repeats the credentials of
// that request.
type secretSeeker struct {
	next   http.RoundTripper
	at     int   // which request goes wrong, counted from 0
	err    error // instead of an answer
	change func(resp *http.Response, credentials string) error

	mu      sync.Mutex
	seen    int
	secrets map[string]bool
}

// RoundTrip implements http.RoundTripper.
func (s *secretSeeker) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	here := s.seen == s.at
	s.seen++
	if here && s.err != nil {
		return nil, s.err
	}
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.Header.Set("Set-Cookie", "session="+cookie)
	for _, token := range mintedToken.FindAllSubmatch(body, -1) {
		s.secrets[string(token[1])] = true
	}
	if s.change == nil || !here {
		return resp, nil
	}
	return resp, s.change(resp, credentials(req))
}

// credentials are the headers of a request that say who makes it.
func credentials(req *http.Request) string {
	var all []string
	for name, values := range req.Header {
		if name = strings.ToLower(name); name == "authorization" || strings.Contains(name, "key") {
			all = append(all, strings.TrimPrefix(values[0], "Bearer "))
		}
	}
	return strings.Join(all, " ")
}

func answer(resp *http.Response, status int, body string) {
	resp.StatusCode, resp.Body = status, io.NopCloser(strings.NewReader(body))
}

// changes are the ways in which a vendor, or what stands before it, repeats the credentials.
var changes = map[string]func(resp *http.Response, credentials string) error{
	"in an error": func(resp *http.Response, c string) error {
		const body = `{"status":422,"success":false,"errorCode":%q,"error":%q,"message":%[1]q,"Status":0,"Error":%[1]q}`
		answer(resp, 422, fmt.Sprintf(body, c, c))
		return nil
	},
	"in a success": func(resp *http.Response, c string) error {
		const body = `{"status":500,"success":false,"errorCode":%q,"error":%q,"message":%[1]q,"Status":0,"Error":%[1]q}`
		answer(resp, 200, fmt.Sprintf(body, c, c))
		return nil
	},
	"in a page": func(resp *http.Response, c string) error {
		answer(resp, 502, "<html>"+c+"</html>")
		return nil
	},
	"as the content type": func(resp *http.Response, c string) error {
		answer(resp, 200, "<html>")
		resp.Header.Set("Content-Type", c)
		return nil
	},
	"as the request id": func(resp *http.Response, c string) error {
		resp.Header.Set("X-Request-Id", c)
		return nil
	},
	"in a redirect": func(resp *http.Response, c string) error {
		answer(resp, 302, "")
		resp.Header.Set("Location", "https://elsewhere.test/"+c+"?key="+c)
		return nil
	},
	"in a broken connection": func(_ *http.Response, c string) error { return errors.New("malformed HTTP response " + c) },
	"in half of an answer": func(resp *http.Response, _ string) error {
		body, _ := io.ReadAll(resp.Body)
		answer(resp, resp.StatusCode, string(body[:len(body)*2/3]))
		return nil
	},
	"in an answer of another form": func(resp *http.Response, _ string) error {
		body, _ := io.ReadAll(resp.Body)
		answer(resp, resp.StatusCode, "["+string(body)+"]")
		return nil
	},
}

// logging is a test whose context writes the provider's log, at every level, into a buffer.
type logging struct {
	testing.TB
	ctx context.Context
}

// Context implements testing.TB.
func (l logging) Context() context.Context { return l.ctx }

// secretsRun is one operation, with a fault or a changed answer at one request.
type secretsRun struct {
	name   string
	v      vendorCase
	op     matrixOperation
	at     int
	fault  matrixFault
	change func(*http.Response, string) error
}

// check does the operation, and looks through everything that leaves the provider. It returns how
// many tokens of users were there to be found.
func (r secretsRun) check(t *testing.T) (tokens int) {
	path := filepath.Join(t.TempDir(), "evidence")
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := &testEnv{mock: mock.New(mockKey)}
		r.v.add(w.mock)
		way := &secretSeeker{
			next:    mock.Transport{Handler: w.mock},
			at:      -1,
			change:  r.change,
			secrets: map[string]bool{mockKey: true, cookie: true},
		}
		tb := logging{t, tflogtest.RootLogger(t.Context(), &log)}
		d := driverOf(
			tb,
			&offboardProvider{version: "test", transport: way},
			"http://127.0.0.1:1",
			attributes{"evidence_log": path},
		)
		m := d.mustImport(r.v.kind, r.v.id)
		way.at, way.err = way.seen+r.at, r.fault.err
		if r.fault.fault.Status != 0 || r.fault.fault.Drop || r.fault.fault.Pretend {
			fault := r.fault.fault
			fault.After, fault.Times = r.at, 1
			w.mock.Fail(fault)
		}
		after, diags := r.op.run(d, r.v, m)
		p, more := d.planDestroy(m)
		evidence, _ := os.ReadFile(path)
		private := []map[string][]byte{piecesOf(m.private), piecesOf(after.private), piecesOf(p.private)}
		everything := fmt.Sprint(
			log.String(), diags.errors(), diags.warnings(), more.errors(), more.warnings(),
			m.state, after.state, p.state, fmt.Sprintf("%s", private), string(evidence), d.shown,
		)
		for secret := range way.secrets {
			if i := strings.Index(everything, secret); i >= 0 {
				t.Errorf("%s: got the secret %s in …%s…", r.name, secret, everything[max(0, i-300):min(len(everything), i+100)])
			}
		}
		if !strings.Contains(log.String(), "request to the vendor") {
			t.Errorf("%s: got the log %q, want the requests in it", r.name, log.String())
		}
		tokens = len(way.secrets) - 2 // besides the key and the cookie
	})
	return tokens
}

// TestSecrets_leaveTheProviderNowhere lets every request of every operation fail in every way, and
// repeat the credentials in every way.
func TestSecrets_leaveTheProviderNowhere(t *testing.T) {
	t.Parallel()
	cases, tokens := 0, 0
	for _, v := range vendorCases {
		for _, op := range matrixOperations {
			for at := range matrixRequests(t, v, op) {
				for _, f := range matrixFaults {
					name := fmt.Sprintf("%s %s, request %d, %s", v.kind.name, op.name, at, f.name)
					cases++
					tokens += secretsRun{name: name, v: v, op: op, at: at, fault: f}.check(t)
				}
				for how, change := range changes {
					name := fmt.Sprintf("%s %s, request %d, credentials %s", v.kind.name, op.name, at, how)
					cases++
					tokens += secretsRun{name: name, v: v, op: op, at: at, change: change}.check(t)
				}
			}
		}
	}
	if tokens == 0 {
		t.Error("got no token of a user at all, want those that sFOX makes")
	}
	t.Logf("%d cases, with %d tokens of users", cases, tokens)
}
