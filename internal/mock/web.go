package mock

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"time"
)

// Web is a handler on loopback, under two base URLs to which a vendor's prefix is added.
type Web struct {
	Plain  string // HTTP/1.1 without TLS
	Secure string // TLS with HTTP/2, or HTTP/1.1 where a client wants no other
	CA     []byte // the certificate of Secure in PEM, which is its own authority

	servers []*http.Server
}

// Start serves a handler, a Server or a Strict one, on free ports of loopback until Close.
func Start(h http.Handler) (*Web, error) {
	certificate, ca, err := NewCertificate()
	if err != nil {
		return nil, err
	}
	w := &Web{CA: ca}
	for _, front := range []struct {
		scheme string
		base   *string
	}{{"http", &w.Plain}, {"https", &w.Secure}} {
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			w.Close()
			return nil, err
		}
		*front.base = front.scheme + "://" + listener.Addr().String()
		server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
		w.servers = append(w.servers, server)
		serve := server.Serve
		if front.scheme == "https" {
			server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
			serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
		}
		go func() { _ = serve(listener) }() // ends with Close
	}
	return w, nil
}

// Close ends both at once, with whatever is under way.
func (w *Web) Close() {
	for _, server := range w.servers {
		_ = server.Close()
	}
}

// Pool are the authorities by which a client knows Secure.
func (w *Web) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.CA)
	return pool
}

// NewCertificate makes a certificate for loopback that is its own authority, and gives it in PEM too.
func NewCertificate() (certificate tls.Certificate, ca []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mock vendors"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:        true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, ca, err
}

// Strict is a front, as CDNs are, that answers a GET or HEAD with a body 403 in HTML and lets nothing
// of it through. Over HTTP/2 a request counts as one with a body as soon as its headers do not end
// the stream, even if no byte follows; so does one that a Transport hands over with a body of unknown length.
func Strict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		get := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == ""
		unknown := r.ProtoMajor < 2 && r.Body != nil && r.Body != http.NoBody
		if get && (r.ContentLength != 0 || unknown) {
			page(http.StatusForbidden).write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
