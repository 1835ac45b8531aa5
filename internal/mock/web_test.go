package mock_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// onLoopback starts a handler and returns where it is.
func onLoopback(t *testing.T, h http.Handler) *mock.Web {
	t.Helper()
	w, err := mock.Start(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// overTLS is a client that knows the certificate of w, by HTTP/2 or by HTTP/1.1 alone.
func overTLS(w *mock.Web, http2 bool) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(http2)
	protocols.SetHTTP1(!http2)
	return &http.Client{Transport: &http.Transport{Protocols: protocols, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: w.Pool(), MinVersion: tls.VersionTLS12}}}
}

// fetch sends a request with the key of Skillable and returns the answer.
func fetch(t *testing.T, c *http.Client, method, url string, body io.Reader) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["api_key"] = []string{key}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return readReply(t, answer)
}

func TestStart_servesHTTP2OverTLSAndPlainHTTP(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	w := onLoopback(t, s)
	path := s.Prefix("skillable") + "/stats"
	fetch(t, http.DefaultClient, "GET", w.Plain+path, nil).want(t, 200, `{"NumActive":1}`)
	fetch(t, overTLS(w, true), "GET", w.Secure+path, nil).want(t, 200, `{"NumActive":1}`)
	fetch(t, overTLS(w, false), "GET", w.Secure+path, nil).want(t, 200, `{"NumActive":1}`)
	protocols := []string{}
	for _, r := range s.Requests() {
		protocols = append(protocols, r.Proto)
	}
	equal(t, "protocols", protocols, []string{"HTTP/1.1", "HTTP/2.0", "HTTP/1.1"})
	if !strings.HasPrefix(string(w.CA), "-----BEGIN CERTIFICATE-----") {
		t.Errorf("CA: got %q, want PEM", w.CA)
	}
}

func TestStart_hasACertificateOfItsOwn(t *testing.T) {
	t.Parallel()
	w := onLoopback(t, mock.New(key))
	err := send(t.Context(), w.Secure, "skillable", "GET /stats")
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error: got %v, want one about the certificate", err)
	}
}

func TestStrict_answers403ToAGetWithABody(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	w := onLoopback(t, mock.Strict(s))
	path := s.Prefix("skillable") + "/CloseUserAccount?userId=idle"
	for _, c := range []struct {
		name string
		do   func() reply
	}{
		{"body over HTTP/1.1",
			func() reply { return fetch(t, http.DefaultClient, "GET", w.Plain+path, strings.NewReader("x")) }},
		{"chunks over HTTP/1.1", func() reply {
			return fetch(t, http.DefaultClient, "GET", w.Plain+path, io.MultiReader(strings.NewReader("x")))
		}},
		{"body over HTTP/2", func() reply {
			return fetch(t, overTLS(w, true), "GET", w.Secure+path,
				strings.NewReader("x"))
		}},
		{"open stream over HTTP/2",
			func() reply { return fetch(t, overTLS(w, true), "GET", w.Secure+path, io.MultiReader()) }},
	} {
		g := c.do()
		equal(t, c.name, g.status, 403)
		equal(t, c.name, g.header.Get("Content-Type"), "text/html; charset=utf-8")
	}
	equal(t, "open", s.Skillable.Has("idle"), true)
	fetch(t, http.DefaultClient, "POST", w.Plain+s.Prefix("skillable")+"/stats", strings.NewReader("x")).want(t, 200,
		`{"Status":1}`)
	fetch(t, overTLS(w, true), "GET", w.Secure+path, nil).want(t, 200, `{"RowsAffected":11}`)
}

func TestStrict_needsNoNetwork(t *testing.T) {
	t.Parallel()
	s := skillableServer()
	client := &http.Client{Transport: mock.Transport{Handler: mock.Strict(s)}}
	url := "http://vendor.test" + s.Prefix("skillable") + "/stats"
	equal(t, "body of unknown length", fetch(t, client, "GET", url, io.MultiReader()).status, 403)
	equal(t, "body", fetch(t, client, "GET", url, strings.NewReader("x")).status, 403)
	equal(t, "no body", fetch(t, client, "GET", url, nil).status, 200)
	equal(t, "no body, said so", fetch(t, client, "GET", url, http.NoBody).status, 200)
}

func TestPrefix_panicsForAnUnknownVendor(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := recover(); got != "mock: no vendor acme" {
			t.Errorf("panic: got %v, want one that names the vendor", got)
		}
	}()
	mock.New(key).Prefix("acme")
}
