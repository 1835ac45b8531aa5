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

// Web serves a handler on loopback, under two base URLs. A vendor's prefix is added to them.
type Web struct {
	Plain  string // HTTP/1.1 without TLS
	Secure string // TLS with HTTP/2, or HTTP/1.1 if a client wants no other
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
	if w.Plain, err = w.listen(h, nil); err == nil {
		w.Secure, err = w.listen(h, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// listen serves a handler on a free port, and returns its base URL. A nil secure is plain HTTP.
func (w *Web) listen(h http.Handler, secure *tls.Config) (base string, err error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler: h, TLSConfig: secure, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
	}
	w.servers = append(w.servers, server)
	scheme, serve := "http", server.Serve
	if secure != nil {
		scheme, serve = "https", func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	go func() { _ = serve(listener) }() // ends with Close
	return scheme + "://" + listener.Addr().String(), nil
}

// Close stops both servers at once, and breaks their open connections.
func (w *Web) Close() {
	for _, server := range w.servers {
		_ = server.Close()
	}
}

// Pool returns the authorities with which a client trusts Secure.
func (w *Web) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.CA)
	return pool
}

// NewCertificate returns a certificate for loopback that is its own authority, also in PEM.
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

// Strict returns a handler that works as some CDNs do. It answers a GET or HEAD with a body with
// 403 in HTML, and does not pass it on. Over HTTP/2 a request has a body as soon as its headers do
// not end the stream, even if no byte follows. A request that a Transport passes on with a body of
// unknown length has a body, too.
func Strict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		get := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == ""
		unknown := r.ProtoMajor < 2 && r.Body != nil && r.Body != http.NoBody
		if get && (r.ContentLength != 0 || unknown) {
			forbidden := htmlPage(http.StatusForbidden)
			forbidden.write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
