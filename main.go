// Command terraform-provider-offboard serves the provider to Terraform and OpenTofu.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/offboard/terraform-provider-offboard/internal/provider"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// version is set by the linker for a release.
var version = "dev"

func main() {
	// What net/http writes to this log passes nothing that hides a key: answers that no request waits
	// for, and frames with GODEBUG=http2debug.
	log.SetOutput(io.Discard)
	debug := flag.Bool("debug", false, "serve to a debugger such as delve")
	flag.Parse()
	if !*debug {
		if err := silence(); err != nil {
			fail(err)
		}
		outliveSignals()
		go endWithParent(os.Getppid())
	}
	serve := func() tfprotov6.ProviderServer { return provider.NewServer(provider.New(version)()) }
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	err := tf6server.Serve("registry.terraform.io/offboard/offboard", serve, options...)
	rest.Drain() // a second interrupt ends Serve in the middle of closing calls
	if err != nil {
		fail(err)
	}
}

// outliveSignals leaves it to the CLI what a signal means. One that goes to the whole process
// group, as a runner sends that ends a job, must not end the provider in the middle of a closing
// call. A closed standard output must not either.
func outliveSignals() { signal.Ignore(syscall.SIGPIPE, syscall.SIGTERM, syscall.SIGHUP) }

// fail ends the program with an error, which the standard log would swallow.
func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// parentPoll is how often to look whether the CLI is still there.
const parentPoll = time.Second

// endWithParent ends the provider after its CLI was killed: the calls under way come to their end,
// nothing further is begun. Without it the process would stay for good.
func endWithParent(parent int) {
	for range time.Tick(parentPoll) {
		if os.Getppid() != parent {
			rest.Drain()
			os.Exit(1)
		}
	}
}

// silence switches the log off where it cannot be seen. Terraform has every provider log everything
// and throws away what it was not asked for. With a thousand users, writing and reading those lines
// is a good third of the work of a plan.
func silence() error {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return nil
	}
	return errors.Join(os.Setenv("TF_LOG_SDK", "off"), os.Setenv("TF_LOG_PROVIDER_OFFBOARD", "off"))
}
