package rest_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// trusting is the transport for a server of httptest, with its certificate.
func trusting(t *testing.T, server *httptest.Server) (http.RoundTripper, string) {
	t.Helper()
	certificates := x509.NewCertPool()
	certificates.AddCert(server.Certificate())
	return trustedBy(certificates), server.URL
}

// trustedBy is a transport that trusts other certificates.
func trustedBy(certificates *x509.CertPool) *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: certificates, MinVersion: tls.VersionTLS12},
		Protocols:       &protocols,
	}
}

// serve starts a server that speaks one version of HTTP over TLS.
func serve(t *testing.T, version int, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = version == 2
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

var changes = []rest.Request{
	{Method: http.MethodGet, Path: []string{"close"}},
	{Method: http.MethodDelete, Path: []string{"users", "u1"}},
	{Method: http.MethodPost, Path: []string{"users", "blocked"}, Body: map[string]string{"id": "u1"}},
	{Method: http.MethodPost, Path: []string{"users", "u1", "close"}},
}

// strict is a gateway that answers 403 to a request with a body that its method does not have.
func strict(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	bodiless := r.Method == http.MethodGet || r.Method == http.MethodDelete
	if err != nil ||
		bodiless &&
			(r.ContentLength != 0 || len(body) > 0 || len(r.TransferEncoding) > 0 || r.Header.Get("Content-Type") != "") {
		w.WriteHeader(http.StatusForbidden)
	}
	_, _ = fmt.Fprintf(w, "%s %d", r.Proto, r.ContentLength)
}

func TestChange_passesAStrictGateway(t *testing.T) {
	t.Parallel()
	for version := 1; version <= 2; version++ {
		for _, r := range changes {
			transport, address := trusting(t, serve(t, version, strict))
			c := client(t, transport, func(config *rest.Config, _ *rest.API) { config.BaseURL = address })
			for range 2 {
				answer, err := c.Change(t.Context(), r)
				if err != nil || answer.Status != 200 || !strings.HasPrefix(string(answer.Body), fmt.Sprintf("HTTP/%d", version)) {
					t.Errorf(
						"%s over HTTP/%d: got HTTP %d, %q and %v, want it to pass", r.Method, version, answer.Status, answer.Body, err,
					)
				}
			}
		}
	}
}

// A server that answers a read on a connection and breaks the next one that comes on it, or every
// one, gets each change once.
func TestChange_isSentOnceAfterAnyFault(t *testing.T) {
	t.Parallel()
	for version := 1; version <= 2; version++ {
		for _, r := range changes {
			var sent atomic.Int32
			server := serve(t, version, func(w http.ResponseWriter, req *http.Request) {
				if strings.HasSuffix(req.URL.Path, "/read") {
					_, _ = io.WriteString(w, "{}")
					return
				}
				_, _ = io.Copy(io.Discard, req.Body)
				sent.Add(1)
				panic(http.ErrAbortHandler)
			})
			transport, address := trusting(t, server)
			c := client(t, transport, func(config *rest.Config, _ *rest.API) { config.BaseURL = address })
			if _, err := c.Read(t.Context(), rest.Request{Method: http.MethodGet, Path: []string{"read"}}); err != nil {
				t.Fatal(err)
			}
			_, err := c.Change(t.Context(), r)
			if err == nil || !offboard.Ambiguous(err) || sent.Load() != 1 {
				t.Errorf(
					"%s over HTTP/%d: got %v and %d requests, want an ambiguous error and 1", r.Method, version, err, sent.Load(),
				)
			}
		}
	}
}

// frames is an HTTP/2 server that counts the requests, notes those that have a frame for the body,
// and answers none: it refuses the stream, goes away, or closes the connection.
type frames struct {
	headers, data atomic.Int32
	answer        func(*http2.Framer, uint32) error
}

var errHangUp = errors.New("hang up")

var refusals = map[string]func(*http2.Framer, uint32) error{
	"a stream that is refused": func(f *http2.Framer, stream uint32) error {
		return f.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
	},
	"a server that goes away": func(f *http2.Framer, _ uint32) error {
		if err := f.WriteGoAway(0, http2.ErrCodeNo, nil); err != nil {
			return err
		}
		return errHangUp
	},
	"a connection that breaks": func(*http2.Framer, uint32) error { return errHangUp },
	"a protocol error": func(f *http2.Framer, stream uint32) error {
		return f.WriteRSTStream(stream, http2.ErrCodeProtocol)
	},
}

// listen starts the server and gives its address and a transport that trusts it.
func (s *frames) listen(t *testing.T) (string, *http.Transport) {
	t.Helper()
	config, transport := certified("h2")
	host := listen(t, func(conn net.Conn) { s.talk(tls.Server(conn, config)) })
	return "https://" + host, transport
}

// certified is what a server of a protocol needs for TLS, and a transport that trusts it.
func certified(protocol string) (*tls.Config, *http.Transport) {
	model := httptest.NewUnstartedServer(nil) // only its certificate is used
	model.StartTLS()
	model.Close()
	config := model.TLS.Clone()
	config.NextProtos = []string{protocol}
	certificates := x509.NewCertPool()
	certificates.AddCert(model.Certificate())
	return config, trustedBy(certificates)
}

func (s *frames) talk(conn net.Conn) {
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if framer.WriteSettings() != nil {
		return
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		ended := false
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				err = framer.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			s.headers.Add(1)
			ended = frame.StreamEnded()
		case *http2.DataFrame:
			s.data.Add(1)
			ended = frame.StreamEnded()
		}
		if ended {
			err = s.answer(framer, frame.Header().StreamID)
		}
		if err != nil {
			return
		}
	}
}

func TestChange_isNotReplayedOverHTTP2(t *testing.T) {
	t.Parallel()
	for name, refuse := range refusals {
		for _, r := range changes {
			server := &frames{answer: refuse}
			address, transport := server.listen(t)
			c := client(t, transport, func(config *rest.Config, _ *rest.API) { config.BaseURL = address })
			_, err := c.Change(t.Context(), r)
			if err == nil || !offboard.Ambiguous(err) || server.headers.Load() != 1 {
				t.Errorf(
					"%s, %s: got %v and %d requests, want an ambiguous error and 1", r.Method, name, err, server.headers.Load(),
				)
			}
			if (server.data.Load() > 0) != (r.Body != nil) {
				t.Errorf("%s, %s: got %d frames of a body, want one only for a body", r.Method, name, server.data.Load())
			}
		}
	}
}

// net/http itself would send again: the test above would be empty if the server did not provoke
// that.
func TestChange_wouldBeReplayedByNetHTTP(t *testing.T) {
	t.Parallel()
	server := &frames{answer: refusals["a stream that is refused"]}
	address, transport := server.listen(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if resp, err := transport.RoundTrip(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	for server.headers.Load() < 2 {
		if t.Context().Err() != nil {
			t.Fatalf("got %d requests, want net/http to repeat a DELETE", server.headers.Load())
		}
	}
}

// The child process makes a read and a change over TLS at a server that speaks HTTP/2, with
// net/http logging that.
func TestNewTransport_neverLogsCredentials(t *testing.T) {
	t.Parallel()
	if address := os.Getenv("REST_TEST_ADDRESS"); address != "" {
		c := client(t, rest.NewTransport(), func(config *rest.Config, _ *rest.API) { config.BaseURL = address })
		for name, do := range calls {
			if answer, err := do(c, t.Context(), get); err != nil || answer.Status != 200 {
				t.Errorf("%s: got HTTP %d and %v, want 200", name, answer.Status, err)
			}
		}
		return
	}
	var seen atomic.Int32
	server := serve(t, 2, func(_ http.ResponseWriter, r *http.Request) { seen.Add(int32(r.ProtoMajor)) })
	file := certificateFile(t, server)
	for setting, protocols := range map[string]int32{
		"http2debug=1": 2, "http2debug=2": 2, "netdns=go,http2debug=2": 2, "netdns=go": 4,
	} {
		seen.Store(0)
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNewTransport_neverLogsCredentials$")
		child.Env = append(os.Environ(), "REST_TEST_ADDRESS="+server.URL, "SSL_CERT_FILE="+file, "GODEBUG="+setting)
		output, err := child.CombinedOutput()
		if err != nil {
			t.Errorf("GODEBUG=%s: got %v, want two answers\n%s", setting, err, output)
		}
		if strings.Contains(string(output), key) {
			t.Errorf("GODEBUG=%s: got\n%s\nwant no key in it", setting, output)
		}
		if got := seen.Load(); got != protocols {
			t.Errorf("GODEBUG=%s: got versions of HTTP that add up to %d, want %d", setting, got, protocols)
		}
	}
}

func TestChange_endsItsConnection(t *testing.T) {
	t.Parallel()
	for version := 1; version <= 2; version++ {
		closed := make(chan struct{})
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		server.EnableHTTP2 = version == 2
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				close(closed)
			}
		}
		server.StartTLS()
		transport, address := trusting(t, server)
		c := client(t, transport, func(config *rest.Config, _ *rest.API) { config.BaseURL = address })
		if _, err := c.Change(t.Context(), get); err != nil {
			t.Fatal(err)
		}
		select {
		case <-closed:
		case <-time.After(5 * time.Second):
			t.Errorf("HTTP/%d: got the connection still open, want it closed with the answer", version)
		}
		server.Close()
	}
}

// A connection that breaks before TLS is agreed on has carried no request.
func TestChange_isNotAmbiguousWithoutTLS(t *testing.T) {
	t.Parallel()
	_, err := at(t, "https://"+listen(t, func(net.Conn) {})).Change(t.Context(), get)
	if err == nil || offboard.Ambiguous(err) {
		t.Errorf("got %v, want an error that is sure that nothing was done", err)
	}
}

// A connection on which no TLS comes any more in place of the answer has carried the request.
func TestChange_isAmbiguousIfTheAnswerIsNotTLS(t *testing.T) {
	t.Parallel()
	config, transport := certified("http/1.1")
	host := listen(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(tls.Server(conn, config))); err == nil {
			_, _ = io.WriteString(conn, "a proxy that gave up\r\n")
			_, _ = io.Copy(io.Discard, conn)
		}
	})
	c := client(t, transport, func(config *rest.Config, _ *rest.API) { config.BaseURL = "https://" + host })
	if _, err := c.Change(t.Context(), get); !offboard.Ambiguous(err) {
		t.Errorf("got %v, want an ambiguous error", err)
	}
}
