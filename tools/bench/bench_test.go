//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain makes the test program run a provider, as the program itself does.
func TestMain(m *testing.M) {
	if program := os.Getenv(programVariable); program != "" {
		os.Exit(wrapProvider(program, os.Getenv(usageVariable)))
	}
	os.Exit(m.Run())
}

// busy is a script that takes some CPU time.
const busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"

// shell returns a command that replaces the CLI. It can start a shell that replaces a provider, as
// "$PROVIDER" -c …
func shell(t *testing.T, used, script string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("/bin/sh", "-c", script)
	c.Env = append(os.Environ(), "PROVIDER="+self, "BUSY="+busy, programVariable+"=/bin/sh", usageVariable+"="+used)
	return c
}

func TestRun_measuresCLIAndProviderSeparately(t *testing.T) {
	t.Parallel()
	used := t.TempDir()
	wall, cli, provider, err := run(shell(t, used, `"$PROVIDER" -c "$BUSY" && "$PROVIDER" -c "$BUSY"`), used)
	if err != nil {
		t.Fatal(err)
	}
	if provider.CPU < cli.CPU || provider.CPU > 2*wall {
		t.Errorf("got %v of CPU for the provider, %v for the CLI, in %v; want most for the provider",
			provider.CPU, cli.CPU, wall)
	}
	if cli.Peak < 100_000 || provider.Peak < 100_000 {
		t.Errorf("got peaks of %d and %d bytes, want those of two programs", cli.Peak, provider.Peak)
	}
}

func TestRun_countsWhatTheCLIStartsAsItsOwn(t *testing.T) {
	t.Parallel()
	used := t.TempDir()
	_, cli, provider, err := run(shell(t, used, `sh -c "$BUSY"`), used)
	if err != nil {
		t.Fatal(err)
	}
	if cli.CPU < 10*time.Millisecond || provider.CPU != 0 {
		t.Errorf("got %v of CPU for the CLI and %v for the provider, want all for the CLI", cli.CPU, provider.CPU)
	}
}

func TestRun_failsIfAProviderWasKilled(t *testing.T) {
	t.Parallel()
	used := t.TempDir()
	_, _, _, err := run(shell(t, used, `"$PROVIDER" -c 'kill -9 $PPID'; true`), used)
	if err == nil {
		t.Error("got no error, want one that says that a provider is missing")
	}
}

func TestRun_failsIfTheCLIFails(t *testing.T) {
	t.Parallel()
	used := t.TempDir()
	if _, _, _, err := run(shell(t, used, "exit 3"), used); err == nil {
		t.Error("got no error, want that of the CLI")
	}
}

func TestHighWater_readsTheStatusOfAProcess(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]int64{
		"Name:\tterraform\nVmPeak:\t  900 kB\nVmHWM:\t   75004 kB\nVmRSS:\t   70000 kB\n": 75004 << 10,
		"Name:\tterraform\nState:\tZ (zombie)\n":                                          0,
	} {
		if got := highWater([]byte(status)); got != want {
			t.Errorf("got %d, want %d of %q", got, want, status)
		}
	}
}

func TestVariants_haveEveryUser(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func([]int64) (string, string){
		"blocks": blocks, "map": overMaps, "set": overASet, "curl": provisioners,
	} {
		text, _ := config([]int64{30401, 30402})
		for _, id := range []string{"30401", "30402"} {
			if !strings.Contains(text, id) {
				t.Errorf("%s: got no %s in:\n%s", name, id, text)
			}
		}
		if name != "curl" && !strings.Contains(text, "max_closures = -1") {
			t.Errorf("%s: got no max_closures = -1 in:\n%s", name, text)
		}
	}
}

// The users of a definition have the resource of all definitions, and their vendor is declared after
// their blocks are gone, too.
func TestVariants_byADefinition(t *testing.T) {
	t.Parallel()
	v := variant{config: blocks, provider: "provider", definition: "/vendors/a.hcl"}
	config, imports := v.users([]int64{30401})
	for _, want := range []string{
		`resource "offboard_user" "all_30401"`, `vendor   = "ecgrid_declared"`, `definition = file("/vendors/a.hcl")`,
		"max_closures = -1",
	} {
		if !strings.Contains(config, want) {
			t.Errorf("got no %s in:\n%s", want, config)
		}
	}
	if !strings.Contains(imports, "to = offboard_user.all_30401\n  id = \"ecgrid_declared/30401\"") {
		t.Errorf("got the imports:\n%s", imports)
	}
	dir := t.TempDir()
	_, err := v.destroy(dir)
	left, readErr := os.ReadFile(filepath.Join(dir, configFile))
	if err := errors.Join(
		err,
		readErr,
	); err != nil || string(left) != v.head() ||
		!strings.Contains(v.head(), "vendors = {") {
		t.Errorf("got %v and, for the destroy, %q", err, left)
	}
}

func TestRunner_countsRequestsAndUsers(t *testing.T) {
	dir := t.TempDir()
	r, err := newRunner(t.Context(), "/bin/sh", dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	ids := r.newVendors(3, 0)
	vendors := r.vendors.Load()
	t.Setenv("TF_VAR_stray", "x")
	script := fmt.Sprintf("! env | grep -q TF_VAR_ && test \"$ECGRID_BASE_URL\" = %s/ecgrid/v2", r.address)
	c, err := r.command(t.Context(), &variant{name: ours}, dir, "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	if c.requests != 0 || r.openUsers() != len(ids) {
		t.Errorf("got %d requests and %d open users, want 0 and %d", c.requests, r.openUsers(), len(ids))
	}
	vendors.ECGrid.Drop(ids[0])
	if got, want := r.openUsers(), 2; got != want {
		t.Errorf("got %d open users after one was closed, want %d", got, want)
	}
}

// send sends a request to ECGrid.
func (r *runner) send(t *testing.T, method, path string) {
	t.Helper()
	ask, err := http.NewRequestWithContext(t.Context(), method, r.address+"/ecgrid/v2"+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("X-API-Key", key)
	resp, err := http.DefaultClient.Do(ask)
	if err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v for %s, want HTTP 200", resp, err, method)
	}
}

// The commands are a shell that waits until the test has sent the requests.
func TestRunner_notesWhenTheFirstAccountIsClosed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, err := newRunner(t.Context(), "/bin/false", dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	started, done := filepath.Join(dir, "started"), filepath.Join(dir, "done")
	if err := errors.Join(syscall.Mkfifo(started, 0o600), syscall.Mkfifo(done, 0o600)); err != nil {
		t.Fatal(err)
	}
	for method, closes := range map[string]bool{http.MethodGet: false, http.MethodDelete: true} {
		r.newVendors(3, 0)
		ended := make(chan cost, 1)
		go func() {
			shell := &variant{name: ours, cli: "/bin/sh"}
			c, err := r.command(t.Context(), shell, dir, "-c", `echo >"$0" && cat "$1"`, started, done)
			if err != nil {
				t.Error(errors.Join(err, os.WriteFile(started, nil, 0o600)))
			}
			ended <- c
		}()
		if said, err := os.ReadFile(started); err != nil || len(said) == 0 {
			t.Fatalf("got %q, %v, want the shell started", said, err)
		}
		r.send(t, http.MethodGet, "/users/30401")
		r.send(t, http.MethodPost, "/users/list")
		r.send(t, method, "/users/30401")
		if err := os.WriteFile(done, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if c := <-ended; (c.first > 0) != closes || c.first > c.wall {
			t.Errorf("got the first account closed after %s of %s by %s, want it noted: %t", c.first, c.wall, method, closes)
		} else if c.requests != 3 || c.single != 1 {
			t.Errorf("got %d requests, %d about one user after the list, want 3 and 1", c.requests, c.single)
		}
	}
}

func TestTrials_saysWhyOpenTofuIsNotMeasured(t *testing.T) {
	t.Parallel()
	for tofu, want := range map[string]string{
		"":          "there is no OpenTofu on this machine (`make .bin/tofu` builds it)",
		"/bin/tofu": "",
	} {
		_, slow, _, huge := trials(&programs{cli: "/bin/terraform", tofu: tofu})
		var names []string
		for i := range slow.variants {
			v := &slow.variants[i]
			if !strings.HasSuffix(v.name, withTofu) {
				continue
			}
			names = append(names, v.name)
			if nothing, other := v.comparedWith(); nothing != floor+withTofu || other != "" {
				t.Errorf("got %s compared with %q and %q, want OpenTofu", v.name, nothing, other)
			}
			if v.cli != tofu || v.missing != want || v.takesPart(destroying, 0) != (want == "") {
				t.Errorf("got the CLI %q, not measured because of %q; want %q, %q", v.cli, v.missing, tofu, want)
			}
		}
		if len(names) != 2 {
			t.Errorf("got %q with OpenTofu, want two", names)
		}
		if huge.users != 10*mapSize || huge.repeats[destroying] > 0 {
			t.Errorf("got %d users, destroyed %d times, want ten blocks, not destroyed", huge.users, huge.repeats[destroying])
		}
	}
}

func TestTakesPart_dependsOnTheForm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v    variant
		op   operation
		turn int
		want bool
	}{
		"any":           {variant{}, destroying, 1, true},
		"slow":          {variant{slow: true}, planning, 0, true},
		"slow, again":   {variant{slow: true}, planning, 1, false},
		"kept":          {variant{kept: true}, planning, 1, true},
		"kept, destroy": {variant{kept: true}, destroying, 0, false},
		"missing":       {variant{missing: "why"}, planning, 0, false},
	} {
		if got := c.v.takesPart(c.op, c.turn); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

func TestOverMaps_hasAThousandUsersInABlock(t *testing.T) {
	t.Parallel()
	var ids []int64
	for i := range 2*mapSize + 1 {
		ids = append(ids, int64(30401+i))
	}
	config, imports := overMaps(ids)
	for _, text := range []string{"locals {", "resource \"offboard_ecgrid_user\" \"from_"} {
		if got := strings.Count(config, text); got != 3 {
			t.Errorf("got %q %d times, want 3", text, got)
		}
	}
	if got := strings.Count(imports, "import {"); got != 3 {
		t.Errorf("got %d import blocks, want 3", got)
	}
	if !strings.Contains(config, "from_32401 = {\n    \"32401\" = \"u32401@acme.test\"\n  }") {
		t.Error("got no third map with the last user alone, want one")
	}
}

func TestTrial_removesTheBlocksOfLeavers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cli := filepath.Join(dir, "cli")
	r, err := newRunner(t.Context(), cli, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	_, slow, _, _ := trials(&programs{provider: "provider"})
	err = errors.Join(
		os.WriteFile(cli, []byte("#!/bin/sh\necho \"$@\" >args\n"), 0o700),
		os.WriteFile(filepath.Join(dir, importedFile), nil, 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	for want, command := range map[string]string{ours: "apply ", ours + withBlocks: "destroy ", curl: "destroy "} {
		if err := os.WriteFile(filepath.Join(dir, configFile), []byte("blocks"), 0o600); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(slow.variants, func(v variant) bool { return v.name == want })
		if i < 0 {
			t.Fatalf("got no variant %q, want it", want)
		}
		v := slow.variants[i]
		v.closes = false // the script closes nobody
		if _, err := slow.once(t.Context(), r, destroying, &v, dir); err != nil {
			t.Fatal(err)
		}
		args, err := os.ReadFile(filepath.Join(dir, "args"))
		config, configErr := os.ReadFile(filepath.Join(dir, configFile))
		gone := string(config) == providerBlock
		if err := errors.Join(err, configErr); err != nil || !strings.HasPrefix(string(args), command) ||
			gone != (command == "apply ") {
			t.Errorf("%s: got the arguments %q and the configuration %q, %v, want %s", want, args, config, err, command)
		}
	}
}
