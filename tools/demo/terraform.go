package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The exit codes that commands are expected to end with. A plan with -detailed-exitcode ends with 2 when there is something to change.
const (
	succeeds = 0
	fails    = 1
)

// terraform is a CLI in a directory of its own: it sees no setting of the person who runs the demo, and finds the provider in a mirror
// on disk, so that it needs no network.
type terraform struct {
	cli, dir string
	env      []string
}

func newTerraform(dir, cli, provider, address string) (*terraform, error) {
	cli, err := filepath.Abs(cli)
	if err != nil {
		return nil, err
	}
	mirror := filepath.Join(dir, "mirror")
	into := filepath.Join(mirror, "registry.terraform.io", "offboard", "offboard", "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(into, 0o700); err != nil {
		return nil, err
	}
	program, err := os.ReadFile(provider)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(into, filepath.Base(provider)), program, 0o700); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return &terraform{cli: cli, dir: filepath.Join(dir, "acme"), env: environment(config, address)}, nil
}

// environment is this process's own without whatever steers a CLI or the provider, and with the settings of the demo.
func environment(config, address string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return slices.ContainsFunc([]string{"TF_", "KONSTANTLY_", "ECGRID_", "SFOX_", "SKILLABLE_"}, func(prefix string) bool {
			return strings.HasPrefix(v, prefix)
		})
	})
	if !colored() {
		env = append(env, "TF_CLI_ARGS=-no-color")
	}
	return append(env,
		"TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"KONSTANTLY_API_KEY="+key, "KONSTANTLY_BASE_URL="+address+"/konstantly/openapi/v1",
		"ECGRID_API_KEY="+key, "ECGRID_BASE_URL="+address+"/ecgrid/v2",
		"SFOX_API_KEY="+key, "SFOX_BASE_URL="+address+"/sfox/v1",
		"SKILLABLE_API_KEY="+key, "SKILLABLE_BASE_URL="+address+"/skillable/api/v3",
	)
}

// run shows a command and its output, and returns an error when it does not end with the exit code that is wanted.
func (t *terraform) run(ctx context.Context, want int, args ...string) error {
	command(filepath.Base(t.cli) + " " + strings.Join(args, " "))
	c := t.command(ctx, args)
	c.Stdout, c.Stderr = os.Stdout, os.Stdout
	return ended(ctx, c, c.Run(), want)
}

// quiet shows a command, and its output only when it fails.
func (t *terraform) quiet(ctx context.Context, args ...string) error {
	command(filepath.Base(t.cli) + " " + strings.Join(args, " "))
	c := t.command(ctx, args)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	if err := ended(ctx, c, c.Run(), succeeds); err != nil {
		return fmt.Errorf("%w\n%s", err, output.String())
	}
	return nil
}

func (t *terraform) command(ctx context.Context, args []string) *exec.Cmd {
	c := exec.CommandContext(ctx, t.cli, args...)
	c.Dir, c.Env = t.dir, t.env
	c.Cancel = func() error { return nil } // the terminal hands Ctrl-C to the CLI as well; a second signal would make it drop everything
	c.WaitDelay = 15 * time.Second
	return c
}

// ended is nil when a command ended with the exit code that is wanted, and was not interrupted.
func ended(ctx context.Context, c *exec.Cmd, err error, want int) error {
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && !errors.As(err, &exit):
		return err
	}
	if got := c.ProcessState.ExitCode(); got != want {
		return fmt.Errorf("%s ended with exit code %d, and %d was expected", strings.Join(c.Args, " "), got, want)
	}
	return nil
}
