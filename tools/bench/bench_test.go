//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
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

// took returns the costs of commands that took so long.
func took(walls ...time.Duration) []cost {
	var all []cost
	for _, d := range walls {
		all = append(all, cost{wall: d, provider: usage{Peak: 100}})
	}
	return all
}

func TestMedian_isTheValueInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		costs []cost
		want  time.Duration
	}{
		{nil, 0}, {took(7), 7}, {took(9, 1, 5), 5}, {took(10, 2, 4, 100), 7},
	} {
		if got := median(c.costs, wall); got != c.want {
			t.Errorf("got %v, want %v of %v", got, c.want, c.costs)
		}
	}
}

func TestReport_saysWhichPromisesAreMet(t *testing.T) {
	t.Parallel()
	planned := func(us, nothing time.Duration) samples {
		return samples{planning: {ours: took(us), floor: took(nothing)}}
	}
	slow := result{
		trial{users: 200, latency: 50 * time.Millisecond, variants: []variant{
			{name: ours}, {name: curl, missing: "it is not here"}, {name: floor},
		}},
		planned(3*time.Second, time.Second),
	}
	start := result{trial{users: 1}, planned(205*time.Millisecond, 200*time.Millisecond)}
	large := result{
		trial{users: 1000, variants: []variant{{name: ours}, {name: floor}}},
		planned(5*time.Second, 4*time.Second),
	}
	var out strings.Builder
	report(&out, "Terraform on a machine", &start, &slow, &large)
	for _, want := range []string{
		"Measured with Terraform on a machine.",
		"against nothing | +10.0 ms | +5.0 ms | met |",
		"answers at once, against nothing | 1.30× | 1.25× | met |",
		"answers after 50 ms, against nothing | 2.00× | 3.00× | **missed** |",
		"against curl | 2.50× | 0.00× | not measured |",
		"## 200 users, each answer after 50 ms",
		"## 1,000 users, each answer after 0 ms",
		"| plan | " + ours + " | 3.00 s | 3.00× | – |",
		"| plan | " + curl + " | not measured: it is not here |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in:\n%s", want, out.String())
		}
	}
}

func TestVariants_haveEveryUser(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func([]int64) (string, string){
		"blocks": blocks, "map": overMap, "set": overSet, "curl": provisioners,
	} {
		text, _ := config([]int64{30401, 30402})
		for _, id := range []string{"30401", "30402"} {
			if !strings.Contains(text, id) {
				t.Errorf("%s: got no %s in:\n%s", name, id, text)
			}
		}
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
	c, err := r.command(t.Context(), variant{name: ours}, dir, "-c", script)
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
