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

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// The expected exit codes of commands. A plan with -detailed-exitcode exits with 2 if there is
// something to change.
const (
	succeeds = 0
	fails    = 1
)

// terraform is a CLI in a directory of its own. It has no setting of the person who runs the demo.
// It finds the provider in a mirror on disk, so it needs no network.
type terraform struct {
	cli, dir string
	env      []string
}

func newTerraform(dir, cli, provider string, env []string) (*terraform, error) {
	cli, err := filepath.Abs(cli)
	if err != nil {
		return nil, err
	}
	mirror := filepath.Join(dir, "mirror")
	platform := runtime.GOOS + "_" + runtime.GOARCH
	into := filepath.Join(mirror, "registry.terraform.io", "offboard", "offboard", "0.0.1", platform)
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
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(configPath(dir), []byte(text), 0o600); err != nil {
		return nil, err
	}
	return &terraform{cli: cli, dir: filepath.Join(dir, "acme"), env: env}, nil
}

// configPath returns the path of the CLI's configuration.
func configPath(dir string) string { return filepath.Join(dir, "cli.tfrc") }

// environment returns that of this process with the settings of the demo. It leaves out every other
// setting of a CLI or of the provider.
func environment(dir, address string, vendors []mock.Vendor) []string {
	prefixes := []string{"TF_"}
	settings := []string{"TF_CLI_CONFIG_FILE=" + configPath(dir), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"}
	for _, v := range vendors {
		prefix := strings.ToUpper(v.Name) + "_"
		prefixes = append(prefixes, prefix)
		settings = append(settings, prefix+"API_KEY="+key, prefix+"BASE_URL="+address+v.Prefix)
	}
	if !isColored() {
		settings = append(settings, "TF_CLI_ARGS=-no-color")
	}
	own := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(v, prefix) })
	})
	return append(own, settings...)
}

// run shows a command and its output. It returns an error if the command has another exit code than
// the wanted one.
func (t *terraform) run(ctx context.Context, want int, args ...string) error {
	command(filepath.Base(t.cli) + " " + strings.Join(args, " "))
	c := t.command(ctx, args)
	c.Stdout, c.Stderr = os.Stdout, os.Stdout
	return checkExit(ctx, c, c.Run(), want)
}

// quiet shows a command, and its output only if it fails.
func (t *terraform) quiet(ctx context.Context, args ...string) error {
	command(filepath.Base(t.cli) + " " + strings.Join(args, " "))
	c := t.command(ctx, args)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	if err := checkExit(ctx, c, c.Run(), succeeds); err != nil {
		return fmt.Errorf("%w\n%s", err, output.String())
	}
	return nil
}

func (t *terraform) command(ctx context.Context, args []string) *exec.Cmd {
	c := exec.CommandContext(ctx, t.cli, args...)
	c.Dir, c.Env = t.dir, t.env
	// The terminal sends Ctrl-C to the CLI as well. A second signal would stop the CLI at once.
	c.Cancel = func() error { return nil }
	c.WaitDelay = 15 * time.Second
	return c
}

// checkExit returns an error if a command was interrupted, or has another exit code than the wanted
// one.
func checkExit(ctx context.Context, c *exec.Cmd, err error, want int) error {
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
