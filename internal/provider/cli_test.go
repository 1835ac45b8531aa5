package provider

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// cliProgram is the CLI under test.
type cliProgram struct {
	path         string
	name         string // Terraform or OpenTofu
	major, minor int    // its version; OpenTofu counts as the Terraform of the same number
}

// registries are those of both CLIs. A folder without configuration is read with the CLI's own.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// programDir holds what prepareCLI has made; empty when no test has asked for it.
var programDir string

// cliUnderTest is the CLI, with a provider that is built once for all tests. Like other acceptance
// tests, a test that asks for it needs TF_ACC.
func cliUnderTest(tb testing.TB) *cliProgram {
	tb.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		tb.Skipf("acceptance tests run with %s set only", resource.EnvTfAcc)
	}
	p, err := prepareCLI()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// prepareCLI finds the CLI, prepares programDir for it, and asks for its version.
var prepareCLI = sync.OnceValues(func() (*cliProgram, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		return nil, err
	}
	if programDir, err = os.MkdirTemp("", "offboard-provider"); err != nil {
		return nil, err
	}
	overrides := ""
	for _, registry := range registries {
		overrides += fmt.Sprintf("    \"%s/offboard/offboard\" = %q\n", registry, programDir)
	}
	config := "provider_installation {\n  dev_overrides {\n" + overrides + "  }\n}\n"
	if err := errors.Join(
		providerProgram(),
		os.WriteFile(filepath.Join(programDir, "cli.rc"), []byte(config), 0o600),
		os.Symlink(path, filepath.Join(programDir, "terraform")), // the name by which examples and pages call it
	); err != nil {
		return nil, err
	}
	ask, p := exec.Command(path, "version"), &cliProgram{path: path}
	ask.Env = cleanEnvironment(programDir)
	said, err := ask.Output()
	if err == nil {
		_, err = fmt.Sscanf(string(said), "%s v%d.%d.", &p.name, &p.major, &p.minor)
	}
	if err != nil {
		return nil, fmt.Errorf("%s version: %w in %q", path, err, said)
	}
	return p, nil
})

// providerProgram builds the provider into programDir.
func providerProgram() error {
	program := filepath.Join(programDir, "terraform-provider-offboard")
	if said, err := exec.Command("go", "build", "-o", program, "../..").CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, said)
	}
	return nil
}

// cleanEnvironment is the environment of every process. Nothing of the person who runs the tests
// reaches it.
func cleanEnvironment(home string) []string {
	return []string{
		"PATH=" + programDir + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + home,
		"TF_CLI_CONFIG_FILE=" + filepath.Join(programDir, "cli.rc"),
		"CHECKPOINT_DISABLE=1",
		// Half of the time of a short run is new TLS keys between the CLI and its provider, and garbage.
		"TF_DISABLE_PLUGIN_TLS=1",
		"GOGC=400",
	}
}

func (p *cliProgram) isTofu() bool { return p.name == "OpenTofu" }

// cli is a directory with a configuration, in which the real CLI runs with the provider as a
// program of its own. It shows what terraform-plugin-testing does not: what a person reads, saved
// plans in several processes, and processes that are killed.
type cli struct {
	*cliProgram

	t   testing.TB
	dir string
	env []string // further variables
}

// cliTime is how long one run of the CLI may take before the test gives up on it.
const cliTime = 3 * time.Minute

// emptyCLI makes an empty directory, in which the vendors are those of the environment.
func emptyCLI(tb testing.TB, w *testEnv) *cli {
	tb.Helper()
	return &cli{cliProgram: cliUnderTest(tb), t: tb, dir: tb.TempDir(), env: w.environment()}
}

// newCLI makes a directory with the environment's provider block and these further settings in it.
func newCLI(tb testing.TB, w *testEnv, settings string) *cli {
	tb.Helper()
	c := emptyCLI(tb, w)
	c.env = nil // the block has it
	c.write("versions.tf", required("registry.terraform.io/offboard/offboard"))
	c.write("provider.tf", w.provider(settings))
	return c
}

// required is a terraform block that names the source of the provider.
func required(source string) string {
	return fmt.Sprintf("terraform {\n  required_providers {\n    offboard = {\n      source = %q\n    }\n  }\n}\n", source)
}

// imported is a CLI that has imported users of one vendor. Their blocks stand in users.tf, with
// these further attributes.
func (w *testEnv) imported(tb testing.TB, v vendorCase, settings, attributes string, ids ...string) *cli {
	tb.Helper()
	c := newCLI(tb, w, settings)
	var blocks []string
	for _, id := range ids {
		blocks = append(blocks, v.imports(id), v.block(id, attributes))
	}
	c.write("users.tf", blocks...)
	c.run("apply", "-auto-approve").want(0)
	c.users(ids...)
	w.mock.ForgetRequests()
	return c
}

// write puts texts into a file of the directory.
func (c *cli) write(name string, texts ...string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(strings.Join(texts, "\n")), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// read returns the text of a file in the directory.
func (c *cli) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// needs skips a test whose commands or language came later than the CLI under test, whose version
// is then below 1.MINOR.
func (c *cli) needs(minor int) {
	c.t.Helper()
	if c.major == 1 && c.minor < minor {
		c.t.Skipf("%s is below minimum version 1.%d", c.name, minor)
	}
}

// state are the attributes of the users in the state, by id. Their identity is under that name.
func (c *cli) state() map[string]map[string]any {
	c.t.Helper()
	if _, err := os.Stat(filepath.Join(c.dir, "terraform.tfstate")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var file struct {
		Resources []struct {
			Type      string
			Instances []struct{ Attributes, Identity map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(c.read("terraform.tfstate")), &file); err != nil {
		c.t.Fatal(err)
	}
	users := map[string]map[string]any{}
	for _, r := range file.Resources {
		for _, i := range r.Instances {
			if id, ok := i.Attributes["id"].(string); ok && strings.HasPrefix(r.Type, "offboard_") {
				i.Attributes["identity"] = i.Identity
				users[id] = i.Attributes
			}
		}
	}
	return users
}

// users checks that exactly the users with these ids are in the state.
func (c *cli) users(ids ...string) {
	c.t.Helper()
	got := c.state()
	for _, id := range ids {
		if got[id] == nil {
			c.t.Errorf("user %s is not in the state, want it there", id)
		}
	}
	if len(got) != len(ids) {
		c.t.Errorf("got %d users in the state, want %d: %v", len(got), len(ids), got)
	}
}

// result is how a run of the CLI ended and what it said.
type result struct {
	t    testing.TB
	args []string
	code int    // -1 when the process was killed
	raw  string // what was printed, both streams
	text string // raw with one blank for each run of white space, so that a sentence is found however it is wrapped
}

// run runs the CLI to its end. Questions get no answer.
func (c *cli) run(args ...string) result {
	c.t.Helper()
	return c.start(args...).wait()
}

// want checks the exit code, and that all these texts were said. It returns the result.
func (r result) want(code int, texts ...string) result {
	r.t.Helper()
	if r.code != code {
		r.t.Errorf("%s ended with %d, want %d. It said:\n%s", strings.Join(r.args, " "), r.code, code, r.raw)
	}
	for _, text := range texts {
		if !strings.Contains(r.text, text) {
			r.t.Errorf("%s did not say %q. It said:\n%s", strings.Join(r.args, " "), text, r.raw)
		}
	}
	return r
}

// silent checks that none of these texts was said.
func (r result) silent(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.text, text) {
			r.t.Errorf("%s said %q, want it not to:\n%s", strings.Join(r.args, " "), text, r.raw)
		}
	}
}
