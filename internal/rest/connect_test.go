package rest_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// asked is a proxy that refuses every request and notes the first line of each.
func asked(t *testing.T) (address string, lines chan string) {
	t.Helper()
	lines = make(chan string, 100)
	return listen(t, func(conn net.Conn) {
		if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			lines <- req.Method + " " + req.RequestURI
			_, _ = conn.Write([]byte("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))
		}
	}), lines
}

// A change takes the way of the read before it: the same proxy, asked for the same host, or none.
// Otherwise the call reaches another host than the one that was read, which may have an account with
// the same ID.
func TestChange_takesTheWayOfTheReads(t *testing.T) {
	_, port, _ := net.SplitHostPort(listen(t, func(net.Conn) {})) // this machine, which answers nothing
	for _, test := range []struct {
		name, baseURL, exempt, want string
	}{
		{"a host", "https://vendor.test", "", "CONNECT vendor.test:443"},
		{"a host with a port", "https://vendor.test:8443", "", "CONNECT vendor.test:8443"},
		{"a host in capitals", "https://Vendor.test", "", "CONNECT vendor.test:443"},
		{"a host beyond ASCII", "https://B\u00fccher.test", "", "CONNECT xn--bcher-kva.test:443"},
		{"a port of zeros and digits", "https://vendor.test:0443", "", "CONNECT vendor.test:0443"},
		{"an empty port", "https://vendor.test:", "", "CONNECT vendor.test:443"},
		{"the dot of the root", "https://vendor.test.", "", "CONNECT vendor.test.:443"},
		{"loopback with the dot of the root", "https://localhost.:" + port, "", "CONNECT localhost.:" + port},
		{"an exemption of another port", "https://vendor.test:8443", "vendor.test:443", "CONNECT vendor.test:8443"},
		{"an exemption of the port", "https://0.0.0.0:" + port, "0.0.0.0:" + port, ""},
		{"an exemption of the default port", "https://0.0.0.0", "0.0.0.0:443", ""},
		{"an exemption of the host", "https://0.0.0.0:" + port, "0.0.0.0", ""},
		{"a range of IPv6", "https://[::]:" + port, "::/128", ""},
		{"a range of IPv6 that does not cover it", "https://[2001:db8::10]", "2001:db9::/32", "CONNECT [2001:db8::10]:443"},
		{"IPv6, not shortened", "https://[2001:db8:0:0:0:0:0:10]", "", "CONNECT [2001:db8:0:0:0:0:0:10]:443"},
		{"IPv4 in IPv6", "https://[::ffff:192.0.2.1]:8443", "", "CONNECT [::ffff:192.0.2.1]:8443"},
		{"loopback", "https://127.0.0.1:" + port, "", ""},
		{"loopback in IPv6", "https://[::1]:" + port, "", ""},
		{"loopback in IPv6, not shortened", "https://[0:0:0:0:0:0:0:1]:" + port, "", ""},
		{"loopback in plain HTTP", "http://[::1]:" + port, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy, lines := asked(t)
			t.Setenv("HTTPS_PROXY", "http://"+proxy)
			t.Setenv("HTTP_PROXY", "http://"+proxy)
			t.Setenv("NO_PROXY", test.exempt)
			for kind, do := range calls {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second) // too short for retries
				_, err := do(at(t, test.baseURL), ctx, get)
				cancel()
				got := ""
				if len(lines) > 0 {
					got = <-lines
				}
				if got != test.want || err == nil {
					t.Errorf("%s: the proxy got %q and the call ended in %v, want %q and an error", kind, got, err, test.want)
				}
			}
		})
	}
}

// A change reaches the vendor that was read, at an address that needs no proxy.
func TestChange_reachesALoopbackAddressOfIPv6(t *testing.T) {
	proxy, lines := asked(t)
	t.Setenv("HTTP_PROXY", "http://"+proxy)
	t.Setenv("NO_PROXY", "")
	listener, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	var paths []string
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(
		func(_ http.ResponseWriter, r *http.Request) { paths = append(paths, r.URL.Path) },
	)}}
	server.Start()
	t.Cleanup(server.Close)
	for kind, do := range calls {
		if _, err := do(
			at(t, server.URL),
			t.Context(),
			rest.Request{Method: http.MethodPost, Path: []string{kind}},
		); err != nil {
			t.Errorf("%s: got %v, want an answer", kind, err)
		}
	}
	if len(paths) != len(calls) || len(lines) > 0 {
		t.Errorf("got %s and %d requests through the proxy, want both and none", strings.Join(paths, " "), len(lines))
	}
}

// The run is stopped while the connection for a change is being made. Nothing has left, so nothing
// leaves.
func TestChange_doesNotLeaveAfterTheRunIsStopped(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"http/1.1", "h2"} {
		for name, limit := range map[string]time.Duration{"a cancel": time.Hour, "a deadline": 50 * time.Millisecond} {
			t.Run(name+", "+protocol, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				config, transport := certified(protocol)
				server := &frames{answer: func(*http2.Framer, uint32) error { return errHangUp }}
				host := listen(t, func(conn net.Conn) {
					if name == "a cancel" {
						cancel()
					}
					<-ctx.Done() // and then comes the handshake of TLS
					conn = tls.Server(conn, config)
					if protocol == "h2" {
						server.talk(conn)
					} else if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
						server.headers.Add(1)
					}
				})
				c := client(t, transport, func(config *rest.Config, _ *rest.API) { config.BaseURL = "https://" + host })
				_, err := c.Change(ctx, get)
				<-ctx.Done()
				stopped := errors.Is(err, ctx.Err()) || errors.Is(err, os.ErrDeadlineExceeded) // of the socket
				if !stopped || offboard.Ambiguous(err) || server.headers.Load() > 0 {
					t.Errorf("got %v and %d requests, want an unambiguous error and none", err, server.headers.Load())
				}
			})
		}
	}
}
