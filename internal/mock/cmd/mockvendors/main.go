// Mockvendors serves the mock vendors over HTTP, for the demo and for
// people who want to try something without an account to lose. It prints the
// base addresses, the key and some user ids, and runs until it is interrupted.
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
	"strings"
	"syscall"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// invented is the number of people when neither -users nor -seed says whom to serve.
const invented = 8

// options is the command line, read.
type options struct {
	addr    string
	key     string
	seed    string
	users   int
	latency time.Duration
	verbose bool
	strict  bool
	ca      string
}

// usageError is a command line that cannot be obeyed.
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

// run serves the mock vendors until ctx is done, which is no error. It returns a
// usageError for a command line that cannot be obeyed.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return usageError{err}
	}
	vendors, err := people(o)
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
		if secure, err = certificate(o.ca); err != nil {
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
	return serve(ctx, handler, listener, secure, o.latency)
}

// certificate makes a certificate and writes it to a file, which those who want to trust it read.
func certificate(file string) (*tls.Config, error) {
	made, ca, err := mock.NewCertificate()
	if err == nil {
		err = os.WriteFile(file, ca, 0o644)
	}
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{made}, MinVersion: tls.VersionTLS12}, nil
}

// parse reads the command line. Asked for help, it prints that and returns flag.ErrHelp.
func parse(args []string, stdout io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("mockvendors", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8900", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&o.key, "api-key", "mock-key", "the one `key` that all vendors accept")
	flags.StringVar(&o.seed, "seed", "", "`file` with the users, in JSON")
	flags.IntVar(&o.users, "users", invented, "`number` of invented people at each vendor, the same on every start; with -seed none unless given")
	flags.DurationVar(&o.latency, "latency", 0, "`time` every answer waits")
	flags.StringVar(&o.ca, "ca", "", "serve HTTPS with HTTP/2, and write the certificate to trust to this `file`")
	flags.BoolVar(&o.strict, "strict", false, "answer 403 to a GET with a body, as some proxies do")
	flags.BoolVar(&o.verbose, "verbose", false, "log every request to standard error")
	err := flags.Parse(args)
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		flags.Usage()
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("unknown argument %q", flags.Arg(0))
	case o.users < 0:
		err = fmt.Errorf("-users is %d and cannot be negative", o.users)
	case o.latency < 0:
		err = fmt.Errorf("-latency is %s and cannot be negative", o.latency)
	case o.key == "":
		err = errors.New("-api-key cannot be empty")
	case given["seed"] && o.seed == "":
		err = errors.New("-seed cannot be empty")
	case given["ca"] && o.ca == "":
		err = errors.New("-ca cannot be empty")
	}
	if given["seed"] && !given["users"] {
		o.users = 0
	}
	return o, err
}

// people returns a server with the users that the command line asks for.
func people(o options) (*mock.Server, error) {
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

// warn says so when others than this machine can reach an address.
func warn(w io.Writer, addr net.Addr) {
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		fmt.Fprintf(w, "mockvendors: warning: %s is not loopback; whoever can reach this machine can use the mock\n", addr)
	}
}

// greet prints what somebody needs to know to use the server: for each vendor the
// base address and the ids of the first few users.
func greet(w io.Writer, vendors *mock.Server, base, key string) {
	fmt.Fprintf(w, "Mock vendors are listening. The key of all is %s\n", key)
	for _, v := range vendors.Vendors() {
		ids := strings.Join(v.IDs[:min(4, len(v.IDs))], " ")
		if len(v.IDs) > 4 {
			ids += fmt.Sprintf(" … (%d in all)", len(v.IDs))
		}
		fmt.Fprintf(w, "  %-10s  %s\n%14susers %s\n", v.Name, base+v.Prefix, "", ids)
	}
	fmt.Fprintln(w, "Interrupt to stop.")
}

// logTo returns what writes a request as a line: no values of the query, which
// may say who somebody is, and not the key, which may stand in a path.
func logTo(w io.Writer, key string) func(mock.Request) {
	lines := log.New(w, "", 0)
	return func(r mock.Request) {
		path, query, _ := strings.Cut(r.Path, "?")
		if values, _ := url.ParseQuery(query); len(values) > 0 {
			path += "?" + strings.Join(slices.Sorted(maps.Keys(values)), "&")
		}
		path = strings.ReplaceAll(path, url.PathEscape(key), "KEY")
		status := fmt.Sprint(r.Status)
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

// serve answers requests, with TLS if secure says how, until ctx is done, then lets the ones under way finish.
func serve(ctx context.Context, vendors http.Handler, listener net.Listener, secure *tls.Config, latency time.Duration) error {
	server := &http.Server{
		Handler:           vendors,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30*time.Second + latency,
		IdleTimeout:       2 * time.Minute,
		TLSConfig:         secure,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(limit)
	})
	answering := server.Serve
	if secure != nil {
		answering = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := answering(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
