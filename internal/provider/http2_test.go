package provider

import (
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// secureFront serves a test environment over TLS and HTTP/2 behind a strict front, and counts what
// the front refuses.
type secureFront struct {
	*testEnv
	web     *mock.Web
	refused atomic.Int64
}

func newSecureFront(t *testing.T) *secureFront {
	t.Helper()
	f := &secureFront{testEnv: &testEnv{mock: mock.New(mockKey)}}
	passed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.refused.Add(-1)
		f.mock.ServeHTTP(w, r)
	})
	strict := mock.Strict(passed)
	web, err := mock.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.refused.Add(1)
		strict.ServeHTTP(w, r)
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	f.web, f.url = web, web.Secure
	return f
}

// transport trusts the front.
func (f *secureFront) transport(t *testing.T) *http.Transport {
	transport := &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: f.web.Pool(), MinVersion: tls.VersionTLS12},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// check is that everything came over HTTP/2 and was let in.
func (f *secureFront) check(t *testing.T) {
	t.Helper()
	requests := f.mock.Requests()
	if len(requests) == 0 {
		t.Error("got no request, want some")
	}
	for _, r := range requests {
		if r.Proto != "HTTP/2.0" {
			t.Errorf("%s %s: got %s, want HTTP/2.0", r.Vendor, r.Route, r.Proto)
		}
	}
	if got := f.refused.Load(); got != 0 {
		t.Errorf("got %d requests refused by the front, want none", got)
	}
}

func TestHTTP2_everyVendorsClosingPassesAStrictFront(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			f := newSecureFront(t)
			v.add(f.mock)
			d := driverOf(t, &offboardProvider{version: "test", transport: f.transport(t)}, f.url, nil)
			after, diags := d.destroy(d.mustImport(v.kind, v.id))
			if !after.gone() || v.has(f.mock, v.id) {
				t.Errorf("got gone %v, open %v, %s, want it closed", after.gone(), v.has(f.mock, v.id), diags.errors())
			}
			f.check(t)
		})
	}
}

// bodied is a way that gives each GET a body of unknown length, as a client does who does not mind.
type bodied struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bodied) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		req = req.Clone(req.Context())
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader("")), -1
	}
	return b.next.RoundTrip(req)
}

func TestHTTP2_aStrictFrontRefusesAClientThatSendsABodyFrameWithAGet(t *testing.T) {
	t.Parallel()
	v := skillableCase
	f := newSecureFront(t)
	v.add(f.mock)
	d := driverOf(t, &offboardProvider{version: "test", transport: bodied{f.transport(t)}}, f.url, nil)
	if _, diags := d.importUser(v.kind, v.id); !strings.Contains(diags.errors(), "HTTP 403") {
		t.Errorf("got %q, want HTTP 403", diags.errors())
	}
	if f.refused.Load() == 0 {
		t.Error("got no request refused by the front, want those that have a body")
	}
}

// TestHTTP2_onCLI closes users of all vendors with the transport of the provider itself, which
// trusts the front by SSL_CERT_FILE.
func TestHTTP2_onCLI(t *testing.T) {
	t.Parallel()
	f := newSecureFront(t)
	c := newCLI(t, f.testEnv, "")
	ca := filepath.Join(c.dir, "ca.pem")
	if err := os.WriteFile(ca, f.web.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	c.env = append(c.env, "SSL_CERT_FILE="+ca)
	var blocks []string
	vendors := allAtOnce()
	for _, v := range vendors {
		v.add(f.mock)
		blocks = append(blocks, v.imports(v.id), v.block(v.id, ""))
	}
	c.write("users.tf", blocks...)
	c.run("apply", "-auto-approve").want(0)
	c.write("users.tf", "")
	c.run("apply", "-auto-approve").want(0)
	for _, v := range vendors {
		if v.has(f.mock, v.id) || !v.has(f.mock, v.other) {
			t.Errorf("%s: got open %v and the other one open %v, want that one alone",
				v.kind.title, v.has(f.mock, v.id), v.has(f.mock, v.other))
		}
	}
	c.users()
	f.check(t)
}
