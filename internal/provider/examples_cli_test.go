package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const examples = "../../examples"

// exampleCLI is the CLI under test, outside the test framework, so that an example is run as it
// stands: with its own terraform block, and with a provider that is built and started as people's
// are.
type exampleCLI struct {
	path, home string // home holds the CLI's configuration, and the CLI by the name of terraform
	tofu       bool   // it is OpenTofu
	env        []string
}

// newExampleCLI prepares the CLI for a provider built from this tree. It skips the test when
// acceptance tests are not asked for.
func newExampleCLI(t *testing.T) *exampleCLI {
	t.Helper()
	path := cliUnderTest(t)
	program, err := providerProgram()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	config := fmt.Sprintf(
		"provider_installation {\n  dev_overrides {\n    \"offboard/offboard\" = %q\n  }\n}\n",
		filepath.Dir(program),
	)
	write(t, filepath.Join(home, "cli.tfrc"), config)
	if err := os.Symlink(path, filepath.Join(home, "terraform")); err != nil { // the name by which import.sh calls it
		t.Fatal(err)
	}
	version, err := exec.CommandContext(t.Context(), path, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	return &exampleCLI{
		path: path,
		home: home,
		tofu: strings.HasPrefix(string(version), "OpenTofu"),
		env: append(os.Environ(), "CHECKPOINT_DISABLE=1",
			"TF_CLI_CONFIG_FILE="+filepath.Join(home, "cli.tfrc"), "PATH="+home+string(os.PathListSeparator)+os.Getenv("PATH")),
	}
}

// cliUnderTest is the program of the CLI. It skips the test when acceptance tests are not asked
// for.
func cliUnderTest(tb testing.TB) string {
	tb.Helper()
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if os.Getenv("TF_ACC") == "" || path == "" {
		tb.Skip("examples run with TF_ACC and TF_ACC_TERRAFORM_PATH set only")
	}
	return path
}

// needs skips a test whose commands came into the language later than the CLI under test.
func (c *exampleCLI) needs(tb testing.TB, minor int) {
	tb.Helper()
	if !c.isAtLeast(tb, minor) {
		tb.Skipf("%s is below minimum version 1.%d", c.name(), minor)
	}
}

// name is what the makers call the CLI.
func (c *exampleCLI) name() string {
	if c.tofu {
		return "OpenTofu"
	}
	return "Terraform"
}

// run runs a command in a directory, against the vendors of a test environment, and fails the test
// unless it succeeds.
func (c *exampleCLI) run(t *testing.T, w *testEnv, dir string, command ...string) []byte {
	t.Helper()
	output, err := c.try(t, w, dir, command...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, output)
	}
	return output
}

// try is run for a command that may fail.
func (c *exampleCLI) try(t *testing.T, w *testEnv, dir string, command ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(slices.Clone(c.env), w.environment()...)
	return cmd.CombinedOutput()
}

// isAtLeast tells whether the CLI calls itself 1.MINOR or later.
func (c *exampleCLI) isAtLeast(tb testing.TB, minor int) bool {
	tb.Helper()
	said, err := exec.CommandContext(tb.Context(), c.path, "version", "-json").Output()
	if err != nil {
		tb.Fatal(err)
	}
	var version struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(said, &version); err != nil {
		tb.Fatal(err)
	}
	var major, own int
	if _, err := fmt.Sscanf(version.Version, "%d.%d", &major, &own); err != nil {
		tb.Fatalf("the version %q: %v", version.Version, err)
	}
	return major > 1 || own >= minor
}

// copyExamples copies files from below examples/ into dir.
func copyExamples(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		write(t, filepath.Join(dir, filepath.Base(name)), example(t, name))
	}
}

// example is the text of a file below examples/.
func example(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
