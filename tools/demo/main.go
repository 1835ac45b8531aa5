// Command demo shows what the provider does. A real CLI imports the users of four mock vendors, and
// closes those of a person who leaves. Everything happens on this machine, in a temporary directory
// and on a loopback port. Nothing of it is left at the end.
//
//	demo CLI PROVIDER
//
// CLI is Terraform 1.5 or newer or OpenTofu 1.7 or newer. PROVIDER is the built provider. The demo
// checks what it shows. It exits with 0 only if every command had the expected exit code, and the
// vendors' own lists show exactly the right accounts as closed.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: demo CLI PROVIDER")
		os.Exit(2)
	}
	// If the reader of the output ends first (| head), the demo cleans up, as after Ctrl-C.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	err := run(ctx, os.Args[1], os.Args[2])
	if ctx.Err() != nil {
		err = errors.New("interrupted; everything that it made is removed")
	}
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		os.Exit(1)
	}
}

// run makes what the demo needs, runs it, and removes everything again.
func run(ctx context.Context, cli, provider string) (err error) {
	started := time.Now()
	dir, err := os.MkdirTemp("", "offboard-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	vendors := mock.New(key)
	address, closeVendors, err := serve(ctx, vendors)
	if err != nil {
		return err
	}
	defer closeVendors()

	terraform, err := newTerraform(dir, cli, provider, environment(dir, address, vendors.Vendors()))
	if err != nil {
		return err
	}
	d := &demo{
		mock: vendors, lists: newLists(address, vendors), terraform: terraform, dir: filepath.Join(dir, "acme"),
	}
	if err := d.run(ctx); err != nil {
		return err
	}
	say("Done in %d seconds. The vendors were mocks, and everything is removed again.", int(time.Since(started).Seconds()))
	return nil
}

// serve starts the mock vendors on a free loopback port. It returns their address and how to stop
// them.
func serve(ctx context.Context, vendors http.Handler) (address string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: vendors, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends when it is closed
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}
