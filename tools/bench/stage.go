//go:build linux

package main

import (
	"bytes"
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

// stage is where the CLI runs: a directory that is removed at the end, and mock vendors in this process.
type stage struct {
	cli, dir string
	address  string // of the mock vendors, the same for all runs, because a state remembers it
	vendors  atomic.Pointer[mock.Server]
	server   *http.Server
}

// newStage makes the stage in dir.
func newStage(ctx context.Context, cli, dir string) (*stage, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &stage{cli: cli, dir: dir, address: "http://" + listener.Addr().String()}
	s.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.vendors.Load().ServeHTTP(w, r)
	})}
	go func() { _ = s.server.Serve(listener) }() // ends when it is closed
	return s, s.prepare()
}

// prepare has the CLI find this program in the place of the provider.
func (s *stage) prepare() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	plugins := filepath.Join(s.dir, "plugins")
	settings := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"registry.terraform.io/offboard/offboard\" = %q\n  }\n  direct {}\n}\n", plugins)
	return errors.Join(
		os.Mkdir(plugins, 0o700),
		os.Symlink(self, filepath.Join(plugins, "terraform-provider-offboard")),
		os.WriteFile(s.settings(), []byte(settings), 0o600),
	)
}

func (s *stage) settings() string { return filepath.Join(s.dir, "cli.tfrc") }

// close ends the mock vendors.
func (s *stage) close() { _ = s.server.Close() }

// fill puts new mock vendors on the stage, with so many users in ECGrid, and returns the ids.
func (s *stage) fill(users int, latency time.Duration) []int64 {
	vendors := mock.New(key)
	vendors.Latency(latency)
	var ids []int64
	for i := range users {
		id := int64(30401 + i)
		ids = append(ids, id)
		vendors.ECGrid.Add(mock.ECGridUser{ID: id, Name: "Ines Varga", Email: email(id)})
	}
	s.vendors.Store(vendors)
	return ids
}

// open is how many of the users are still open.
func (s *stage) open() int { return len(s.vendors.Load().ECGrid.Open()) - 1 } // one holds the key

// cost is what one command took.
type cost struct {
	wall          time.Duration
	cli, provider usage
	requests      int // all requests to the vendor
	single        int // those among them that are about one user
}

// command runs the CLI on a variant's configuration, in its directory.
func (s *stage) command(ctx context.Context, v variant, dir string, args ...string) (cost, error) {
	used := filepath.Join(s.dir, "used")
	if err := errors.Join(os.RemoveAll(used), os.Mkdir(used, 0o700)); err != nil {
		return cost{}, err
	}
	s.vendors.Load().ForgetRequests()
	c := exec.CommandContext(ctx, s.cli, args...)
	c.Dir, c.Env = dir, append(s.environment(), programVariable+"="+v.provider, usageVariable+"="+used)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 15 * time.Second
	wall, cli, provider, err := run(c, used)
	if err != nil {
		return cost{}, fmt.Errorf("%s, %s: %w\n%s", v.name, strings.Join(args, " "), err, tail(output.String()))
	}
	all := cost{wall: wall, cli: cli, provider: provider}
	for _, r := range s.vendors.Load().Requests() {
		all.requests++
		if strings.HasSuffix(r.Route, "/users/{id}") {
			all.single++
		}
	}
	return all, nil
}

// tail is the end of an output: the CLI has a line for each user, and says last what went wrong.
func tail(output string) string { return output[max(0, len(output)-3000):] }

// environment is this process's own without whatever steers a CLI or the provider, and with the settings of the benchmarks.
func (s *stage) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return slices.ContainsFunc([]string{"TF_", "KONSTANTLY_", "ECGRID_", "SFOX_", "SKILLABLE_"}, func(prefix string) bool {
			return strings.HasPrefix(v, prefix)
		})
	})
	return append(env, "TF_CLI_CONFIG_FILE="+s.settings(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"ECGRID_API_KEY="+key, "ECGRID_BASE_URL="+s.address+"/ecgrid/v2")
}
