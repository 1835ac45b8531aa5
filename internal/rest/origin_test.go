package rest_test

import (
	"bufio"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// certificateFile writes the certificate of a server to a file.
func certificateFile(t *testing.T, server *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "certificate.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAnswer_saysWhoRefused(t *testing.T) {
	t.Parallel()
	const page = "<!DOCTYPE html><html><title>Attention Required!</title></html>"
	for name, c := range map[string]struct {
		status     int
		kind, body string
		want       rest.Origin
		words      string
	}{
		"the vendor":                   {403, "application/json", `{"error":"no"}`, rest.Vendor, "HTTP 403: no"},
		"the vendor without a type":    {500, "", `{"error":"no"}`, rest.Vendor, "HTTP 500: no"},
		"a proxy":                      {407, "text/html", page, rest.Proxy, "HTTPS_PROXY"},
		"a proxy, JSON":                {407, "application/json", "{}", rest.Proxy, "not the vendor"},
		"a network that wants sign-in": {511, "text/html", page, rest.Network, "sign-in"},
		"a CDN":                        {403, "text/html; charset=UTF-8", page, rest.Gateway, "web page"},
		"a CDN with a broken type":     {403, "text/html;;", page, rest.Gateway, "web page"},
		"a page without its type":      {503, "text/plain", "\ufeff \r\n<HTML>busy", rest.Gateway, "web page"},
		"a page of XHTML":              {502, "application/xhtml+xml", "<?xml?>", rest.Gateway, "web page"},
		"a sign-in page in its place":  {200, "text/html", page, rest.Gateway, "web page"},
		"JSON in place of a page":      {403, "text/html", "\ufeff\n" + `{"error":"no"}`, rest.Vendor, "HTTP 403: no"},
		"a list in place of a page":    {403, "text/html; charset=UTF-8", `[]`, rest.Vendor, "HTTP 403"},
		"a part of JSON as a page":     {403, "text/html", `{"error":`, rest.Gateway, "web page"},
		"a text of JSON as a page":     {403, "text/html", `"no"`, rest.Gateway, "web page"},
		"a gateway that is down":       {502, "text/html", "", rest.Gateway, "web page"},
	} {
		v := &vendor{answer: func(*http.Request) (*http.Response, error) {
			return response(c.status, c.body, "Content-Type", c.kind), nil
		}}
		answer, err := client(t, v, nil).Change(t.Context(), get)
		if err != nil {
			t.Fatal(err)
		}
		fault := answer.Fault("", "no")
		if got := fault.Origin(); got != c.want || answer.Origin() != c.want {
			t.Errorf("%s: got %q and %q, want %q", name, got, answer.Origin(), c.want)
		}
		if !strings.Contains(fault.Error(), c.words) {
			t.Errorf("%s: got %q, want %q in it", name, fault, c.words)
		}
	}
}

// connectProxy answers every CONNECT with a status and gives its address.
func connectProxy(t *testing.T, status string) string {
	t.Helper()
	return listen(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status)
		}
	})
}

func TestCalls_aProxyThatRefuses(t *testing.T) {
	t.Setenv("NO_PROXY", "")
	for status, words := range map[string]string{
		"407 Proxy Authentication Required": "HTTP 407", "403 " + key: "HTTP 403", "502 Bad Gateway": "HTTP 502",
	} {
		for kind, do := range calls {
			t.Setenv("HTTPS_PROXY", "http://user:hush@"+connectProxy(t, status))
			c := client(t, rest.NewTransport(), nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second) // too short for retries
			_, err := do(c, ctx, get)
			cancel()
			wantProxyError(t, err)
			if text := fmt.Sprint(err); !strings.Contains(text, words) || strings.Contains(text, "hush") ||
				strings.Contains(text, key) {
				t.Errorf("%s, %s: got %q, want %q and no secret in it", kind, status, text, words)
			}
		}
	}
	for _, proxy := range []string{"http://127.0.0.1:1", "http://127.0.0.1:1/"} {
		t.Setenv("HTTPS_PROXY", proxy)
		_, err := client(t, rest.NewTransport(), nil).Change(t.Context(), get)
		wantProxyError(t, err)
	}
}

// wantProxyError wants an error of a proxy, after which nothing was done.
func wantProxyError(t *testing.T, err error) {
	t.Helper()
	var fault *rest.Error
	if !errors.As(err, &fault) || fault.Origin() != rest.Proxy || offboard.Ambiguous(err) {
		t.Errorf("got %v, want an unambiguous error of the proxy", err)
	}
}

func TestCalls_aProxyThatCannotBeParsed(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		for _, value := range []string{
			"http://user:hush@proxy.test:abc", "user:hush@", "://hush", "ftp://hush.test", "http://user:hush#@proxy.test",
			"http://user:hu/sh@proxy.test:1",
			"http://hush proxy.test", "http://proxy.test:", "http://%zzhush", "hush:hush:hush", "http://proxy.test/hush?x=1",
			"http://proxy.test?", "http://proxy.test?hush", "http://proxy.test#hush",
		} {
			for kind, do := range calls {
				t.Setenv("HTTPS_PROXY", "")
				t.Setenv(name, value)
				t.Setenv("NO_PROXY", "exempt.test")
				_, err := do(client(t, rest.NewTransport(), nil), t.Context(), get)
				var variable *rest.VariableError
				if !errors.As(err, &variable) || variable.Variable != name || offboard.Ambiguous(err) {
					t.Errorf("%s with %s=%q: got %v, want an unambiguous error that names the variable", kind, name, value, err)
				}
				if text := fmt.Sprint(err); strings.Contains(text, "hu/sh") || strings.Contains(text, "hush") ||
					!strings.Contains(text, name) {
					t.Errorf("%s with %s=%q: got %q, want the name and nothing of the value", kind, name, value, text)
				}
			}
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	t.Setenv("HTTP_PROXY", "://")
	if _, err := at(t, server.URL).Change(t.Context(), get); err != nil {
		t.Errorf("got %v, want a loopback address to need no proxy", err)
	}
}

func TestCalls_aProxyMayHaveAnotherScheme(t *testing.T) {
	t.Setenv("NO_PROXY", "")
	for _, scheme := range []string{"https", "socks5", "socks5h"} {
		t.Setenv("HTTPS_PROXY", scheme+"://127.0.0.1:1")
		_, err := client(t, rest.NewTransport(), nil).Change(t.Context(), get)
		if variable := new(rest.VariableError); err == nil || errors.As(err, &variable) || offboard.Ambiguous(err) {
			t.Errorf("%s: got %v, want an unambiguous error of a proxy that does not listen", scheme, err)
		}
	}
}

func TestCalls_anUnknownAuthorityNamesTheVariable(t *testing.T) {
	t.Parallel()
	server := serve(t, 1, func(http.ResponseWriter, *http.Request) {})
	for kind, do := range calls {
		_, err := do(at(t, server.URL), t.Context(), get)
		if err == nil || !strings.Contains(err.Error(), "SSL_CERT_FILE") || offboard.Ambiguous(err) {
			t.Errorf("%s: got %v, want an unambiguous error that names SSL_CERT_FILE", kind, err)
		}
	}
}

func TestCalls_nameAnEncodingThatWasNotRequested(t *testing.T) {
	t.Parallel()
	for coding, ok := range map[string]bool{
		"br": false, "gzip, br": false, "zstd": false, "identity": true, "Identity": true, "": true,
	} {
		v := &vendor{answer: func(*http.Request) (*http.Response, error) {
			return response(200, "{}", "Content-Encoding", coding), nil
		}}
		_, err := client(t, v, nil).Read(t.Context(), get)
		if answer, err := client(t, always204(coding), nil).Read(t.Context(), get); err != nil || answer.Status != 204 {
			t.Errorf("%q: got HTTP %d and %v, want an answer without a body accepted", coding, answer.Status, err)
		}
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), fmt.Sprintf("%q", coding)) {
			t.Errorf("%q: got %v, want it accepted: %t, or named", coding, err, ok)
		}
	}
}

// always204 answers without a body, and names an encoding all the same.
func always204(coding string) *vendor {
	return &vendor{
		answer: func(*http.Request) (*http.Response, error) { return response(204, "", "Content-Encoding", coding), nil },
	}
}
