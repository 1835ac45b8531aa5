// Mockvendors serves the mock vendors over HTTP, for people who want to try something without real
// accounts. It prints the base addresses, the key and some user IDs, and runs until it is
// interrupted.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// usageError is what is wrong with a command line.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "mockvendors:", err)
	if errors.As(err, new(usageError)) {
		os.Exit(2)
	}
	os.Exit(1)
}

// run serves the mock vendors until ctx is done, which is not an error. It returns a usageError for
// an invalid command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return usageError{err}
	}
	vendors, err := newVendors(o)
	if err != nil {
		return err
	}
	vendors.Latency(o.latency)
	if o.verbose {
		vendors.OnRequest(logTo(stderr, o.key))
	}
	scheme, secure := "http", (*tls.Config)(nil)
	if o.ca != "" {
		scheme = "https"
		if secure, err = newTLSConfig(o.ca); err != nil {
			return err
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", o.addr, err)
	}
	warn(stderr, listener.Addr())
	greet(stdout, vendors, scheme+"://"+listener.Addr().String(), o.key)
	var handler http.Handler = vendors
	if o.strict {
		handler = mock.Strict(vendors)
	}
	return serve(ctx, newHTTPServer(ctx, handler, secure, o.latency), listener)
}

// newTLSConfig makes a certificate, and writes it to a file for the clients that are to trust it.
func newTLSConfig(file string) (*tls.Config, error) {
	certificate, ca, err := mock.NewCertificate()
	if err == nil {
		err = os.WriteFile(file, ca, 0o644)
	}
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, nil
}

// newVendors returns a server with the users that the command line asks for.
func newVendors(o *options) (*mock.Server, error) {
	vendors := mock.New(o.key)
	if o.seed != "" {
		text, err := os.ReadFile(o.seed)
		if err != nil {
			return nil, fmt.Errorf("seed file: %w", err)
		}
		if err := vendors.Seed(bytes.NewReader(text)); err != nil {
			return nil, fmt.Errorf("seed file %s: %w", o.seed, err)
		}
	}
	vendors.Invent(o.users)
	return vendors, nil
}

// warn prints a warning if other machines can reach an address.
func warn(w io.Writer, addr net.Addr) {
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		fmt.Fprintf(w, "mockvendors: warning: %s is not loopback; anyone who can reach this machine can use the mock\n", addr)
	}
}

// greet prints what people need to use the server: the key, and for each vendor the base address
// and the IDs of the first users.
func greet(w io.Writer, vendors *mock.Server, base, key string) {
	fmt.Fprintf(w, "Mock vendors are listening. The key of all is %s\n", key)
	for _, v := range vendors.Vendors() {
		ids := strings.Join(v.IDs[:min(4, len(v.IDs))], " ")
		if len(v.IDs) > 4 {
			ids += fmt.Sprintf(" … (%d in all)", len(v.IDs))
		}
		fmt.Fprintf(w, "  %-13s  %s\n%17susers %s\n", v.Name, base+v.Prefix, "", ids)
	}
	fmt.Fprintln(w, "Interrupt to stop.")
}

// logTo returns a function that writes a request as a line. The line has no values of the query,
// which may name a person. It does not have the key, which may be in a path.
func logTo(w io.Writer, key string) func(mock.Request) {
	lines := log.New(w, "", 0)
	return func(r mock.Request) {
		path, query, _ := strings.Cut(r.Path, "?")
		if values, _ := url.ParseQuery(query); len(values) > 0 {
			path += "?" + strings.Join(slices.Sorted(maps.Keys(values)), "&")
		}
		path = strings.ReplaceAll(path, url.PathEscape(key), "KEY")
		status := strconv.Itoa(r.Status)
		if r.Status == 0 {
			status = "no answer"
		}
		vendor := r.Vendor
		if vendor == "" {
			vendor = "-"
		}
		lines.Printf("%s %-10s %-6s %s %s", r.At.Format("15:04:05.000"), vendor, r.Method, path, status)
	}
}

// newHTTPServer returns an HTTP server for a handler. A nil secure is plain HTTP.
func newHTTPServer(ctx context.Context, h http.Handler, secure *tls.Config, latency time.Duration) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30*time.Second + latency,
		IdleTimeout:       2 * time.Minute,
		TLSConfig:         secure,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
}

// serve answers requests until ctx is done. Then it waits for those that are in progress.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(limit)
	})
	serving := server.Serve
	if server.TLSConfig != nil {
		serving = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := serving(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
