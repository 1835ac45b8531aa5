package provider

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const examples = "../../examples"

// exampleCLI is the CLI under test, outside the test framework, so that an example is run as it stands: with its own terraform block,
// and with a provider that is built and started as people's are.
type exampleCLI struct {
	path, home string // home holds the provider and the CLI's configuration
	env        []string
}

// newExampleCLI builds the provider. It returns nil when acceptance tests are not asked for.
func newExampleCLI(t *testing.T) *exampleCLI {
	t.Helper()
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if os.Getenv("TF_ACC") == "" || path == "" {
		t.Log("the CLI is left out: TF_ACC and TF_ACC_TERRAFORM_PATH are not set")
		return nil
	}
	home := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(home, "terraform-provider-offboard"), "../..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, output)
	}
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"offboard/offboard\" = %q\n  }\n}\n", home)
	write(t, filepath.Join(home, "cli.tfrc"), config)
	if err := os.Symlink(path, filepath.Join(home, "terraform")); err != nil { // the name by which import.sh calls it
		t.Fatal(err)
	}
	return &exampleCLI{path: path, home: home, env: append(os.Environ(), "CHECKPOINT_DISABLE=1",
		"TF_CLI_CONFIG_FILE="+filepath.Join(home, "cli.tfrc"), "PATH="+home+string(os.PathListSeparator)+os.Getenv("PATH"))}
}

// run runs a command in a directory, against the vendors of a world, and fails the test unless it succeeds.
func (c *exampleCLI) run(t *testing.T, w *world, dir string, command ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, slices.Clone(c.env)
	for name, prefix := range prefixes {
		cmd.Env = append(cmd.Env, strings.ToUpper(name)+"_API_KEY="+mockKey, strings.ToUpper(name)+"_BASE_URL="+w.url+prefix)
	}
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, output)
	}
	return output
}

// knowsIdentity tells whether the CLI can import by identity: Terraform and OpenTofu can from 1.12 on.
func (c *exampleCLI) knowsIdentity(t *testing.T, w *world) bool {
	t.Helper()
	return c.isAtLeast(t, w, 12)
}

// isAtLeast tells whether the CLI calls itself 1.MINOR or later.
func (c *exampleCLI) isAtLeast(t *testing.T, w *world, minor int) bool {
	t.Helper()
	var version struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(c.run(t, w, c.home, c.path, "version", "-json"), &version); err != nil {
		t.Fatal(err)
	}
	var major, own int
	if _, err := fmt.Sscanf(version.Version, "%d.%d", &major, &own); err != nil {
		t.Fatalf("the version %q: %v", version.Version, err)
	}
	return major > 1 || own >= minor
}

// TestExamples_areAllKnown keeps an example from standing there untested, and a kind of user from having none.
func TestExamples_areAllKnown(t *testing.T) {
	want := []string{"leavers/main.tf", "leavers/people.yaml", "provider/provider.tf"}
	for _, k := range kinds {
		for _, file := range []string{"resource.tf", "import.sh", "import-by-string-id.tf", "import-by-identity.tf"} {
			want = append(want, "resources/"+k.typeName()+"/"+file)
		}
	}
	var got []string
	err := fs.WalkDir(os.DirFS(examples), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			got = append(got, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got the examples\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestExamples_takeOverWhatTheySay plans and applies each example with each way to import, and then finds nothing left to do.
func TestExamples_takeOverWhatTheySay(t *testing.T) {
	c := newExampleCLI(t)
	if c == nil {
		return
	}
	c.run(t, newWorld(t), examples, c.path, "fmt", "-check", "-recursive", "-diff")
	forEachVendor(t, func(t *testing.T, v vendorCase, w *world) {
		forms := []string{"import.sh", "import-by-string-id.tf"}
		if c.knowsIdentity(t, w) {
			forms = append(forms, "import-by-identity.tf")
		}
		for _, form := range forms {
			dir := t.TempDir()
			of := "resources/" + v.kind.typeName()
			copyExamples(t, dir, "provider/provider.tf", of+"/resource.tf", of+"/"+form)
			if form == "import.sh" {
				c.run(t, w, dir, "sh", "-e", form)
			}
			c.run(t, w, dir, c.path, "apply", "-auto-approve", "-input=false")
			c.run(t, w, dir, c.path, "plan", "-detailed-exitcode", "-input=false")
			if changes := w.changes(); len(changes) > 0 {
				t.Errorf("%s: got the changes %v at the vendor, want none", form, changes)
			}
		}
	})
}

// TestExamples_leaverIsClosedEverywhere takes a person out of the file of people, as the guide says.
func TestExamples_leaverIsClosedEverywhere(t *testing.T) {
	c := newExampleCLI(t)
	if c == nil {
		return
	}
	w, dir := newWorld(t), t.TempDir()
	for _, v := range vendorCases {
		v.add(w.mock)
	}
	copyExamples(t, dir, "leavers/main.tf", "leavers/people.yaml")
	c.run(t, w, dir, c.path, "apply", "-auto-approve", "-input=false")
	c.run(t, w, dir, c.path, "plan", "-detailed-exitcode", "-input=false")

	write(t, filepath.Join(dir, "people.yaml"), "otto: {email: "+ottoEmail+", konstantly: u8x3p1, ecgrid: \"30418\"}\n")
	c.run(t, w, dir, c.path, "apply", "-auto-approve", "-input=false")
	for _, v := range vendorCases {
		if v.has(w.mock, v.id) {
			t.Errorf("%s: the leaver's account is open", v.kind.title)
		}
		if !v.has(w.mock, v.other) {
			t.Errorf("%s: the account of somebody who stays is closed", v.kind.title)
		}
	}
}

// copyExamples copies files from below examples/ into dir.
func copyExamples(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(examples, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Base(name)), string(text))
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
