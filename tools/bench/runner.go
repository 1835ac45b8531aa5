//go:build linux

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

const key = "bench-key"

// runner runs the CLI against mock vendors in this process.
type runner struct {
	cli, dir string // the CLI, and a directory that is removed at the end
	address  string // of the mock vendors, the same for all runs, because a state has it
	vendors  atomic.Pointer[mock.Server]
	state    remoteState
	server   *http.Server
}

// newRunner returns a runner that works in dir.
func newRunner(ctx context.Context, cli, dir string) (*runner, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &runner{cli: cli, dir: dir, address: "http://" + listener.Addr().String()}
	routes := http.NewServeMux()
	routes.Handle(statePath, &r.state)
	routes.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) { r.vendors.Load().ServeHTTP(w, req) })
	r.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: routes}
	go func() { _ = r.server.Serve(listener) }() // ends when it is closed
	return r, r.overrideProvider()
}

// overrideProvider makes the CLI start this program instead of the provider.
func (r *runner) overrideProvider() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	plugins := filepath.Join(r.dir, "plugins")
	settings := fmt.Sprintf(`provider_installation {
  dev_overrides {
    "registry.terraform.io/offboard/offboard" = %q
  }
  direct {}
}
`, plugins)
	return errors.Join(
		os.Mkdir(plugins, 0o700),
		os.Symlink(self, filepath.Join(plugins, "terraform-provider-offboard")),
		os.WriteFile(r.settings(), []byte(settings), 0o600),
	)
}

func (r *runner) settings() string { return filepath.Join(r.dir, "cli.tfrc") }

// close stops the mock vendors.
func (r *runner) close() { _ = r.server.Close() }

// newVendors makes new mock vendors with so many users in ECGrid, and returns the IDs.
func (r *runner) newVendors(users int, latency time.Duration) []int64 {
	vendors := mock.New(key)
	vendors.Latency(latency)
	var ids []int64
	for i := range users {
		id := int64(30401 + i)
		ids = append(ids, id)
		vendors.ECGrid.Add(mock.ECGridUser{ID: id, Name: "Ines Varga", Email: email(id)})
	}
	r.vendors.Store(vendors)
	return ids
}

// openUsers returns how many of the users are still open. One more user owns the key.
func (r *runner) openUsers() int { return len(r.vendors.Load().ECGrid.Open()) - 1 }

// firstClosed begins to watch ECGrid. What it returns ends that, and returns the time until ECGrid
// first showed fewer open users, or 0 if it never did.
func (r *runner) firstClosed() func() time.Duration {
	vendors, open, began := r.vendors.Load(), r.openUsers(), time.Now()
	var first atomic.Int64
	vendors.OnRequest(func(request mock.Request) {
		if request.Change && first.Load() == 0 && r.openUsers() < open {
			first.CompareAndSwap(0, int64(time.Since(began)))
		}
	})
	return func() time.Duration {
		vendors.OnRequest(nil)
		return time.Duration(first.Load())
	}
}

// cost is what one command needed.
type cost struct {
	wall          time.Duration
	cli, provider usage
	first         time.Duration // until the first account was closed; 0 if none was
	requests      int           // all requests to the vendor
	single        int           // those of them that are about one user, after the last page of the list
}

// command runs the CLI on a variant's configuration, in its directory.
func (r *runner) command(ctx context.Context, v *variant, dir string, args ...string) (cost, error) {
	used := filepath.Join(r.dir, "used")
	if err := errors.Join(os.RemoveAll(used), os.Mkdir(used, 0o700)); err != nil {
		return cost{}, err
	}
	r.vendors.Load().ForgetRequests()
	c := exec.CommandContext(ctx, cmp.Or(v.cli, r.cli), args...)
	c.Dir, c.Env = dir, append(r.environment(), programVariable+"="+v.provider, usageVariable+"="+used)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 15 * time.Second
	first := r.firstClosed()
	wall, cli, provider, err := run(c, used)
	if err != nil {
		return cost{}, fmt.Errorf("%s, %s: %w\n%s", v.name, strings.Join(args, " "), err, tail(output.String()))
	}
	all := cost{wall: wall, cli: cli, provider: provider, first: first()}
	for _, request := range r.vendors.Load().Requests() {
		all.requests++
		switch {
		case request.Kind == mock.List:
			all.single = 0 // a refresh reads some users before it reads the list
		case strings.HasSuffix(request.Route, "/users/{id}"):
			all.single++
		}
	}
	return all, nil
}

// tail returns the end of an output. The CLI prints a line for each user, and what failed last.
func tail(output string) string { return output[max(0, len(output)-3000):] }

// environment returns that of this process with the settings of the benchmarks. It leaves out every
// other setting of a CLI or of the provider.
func (r *runner) environment() []string {
	vendors := r.vendors.Load()
	prefixes := []string{"TF_", "OFFBOARD_"}
	for _, v := range vendors.Vendors() {
		prefixes = append(prefixes, strings.ToUpper(v.Name)+"_")
	}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(v, prefix) })
	})
	env = append(env, "TF_CLI_CONFIG_FILE="+r.settings(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	for _, name := range []string{"ecgrid", declaredVendor} {
		name = strings.ToUpper(name)
		env = append(env, name+"_API_KEY="+key, name+"_BASE_URL="+r.address+vendors.Prefix("ecgrid"))
	}
	return env
}
