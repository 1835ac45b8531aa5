//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// result is a trial with what it measured.
type result struct {
	trial
	samples
}

// measured is all that is reported.
type measured struct {
	machine                  string
	start, slow, large, huge result
	rates                    rates
}

// trials returns all results, in the order in which they are measured and reported.
func (m *measured) trials() []*result { return []*result{&m.start, &m.slow, &m.large, &m.huge} }

// median returns the median of what measure returns for the costs, or 0 if there are no costs.
func median[T int | int64 | time.Duration](costs []cost, measure func(cost) T) T {
	var values []T
	for _, c := range costs {
		values = append(values, measure(c))
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

func wall(c cost) time.Duration { return c.wall }

func providerPeak(c cost) int64 { return c.provider.Peak }

// ratio returns how many times as much a variant needs as another, or 0 if one of them was not
// measured.
func ratio[T int | int64 | time.Duration](costs map[string][]cost, name, other string, measure func(cost) T) float64 {
	base := median(costs[other], measure)
	if base == 0 {
		return 0
	}
	return float64(median(costs[name], measure)) / float64(base)
}

// times returns a ratio as text, or a dash if there is none.
func times(x float64) string {
	if x == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f×", x)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func megabytes(bytes int64) string {
	if bytes == 0 {
		return "–"
	}
	return fmt.Sprintf("%d MB", bytes/1_000_000)
}

// atOnce is how many users Terraform destroys at a time.
const atOnce = 10

// answersOfClosure is for how many answers a closure waits: it looks, it terminates, and it reads.
const answersOfClosure = 3

// answersInTurn returns for how many answers an operation waits, one after the other. A plan waits
// for the list. The user of the key is in it. A page has 25 users, and the last page is empty.
func (t *trial) answersInTurn(op operation) int {
	switch op {
	case planning:
		return (t.users+1+24)/25 + 1
	case destroying:
		return answersOfClosure * t.users / atOnce
	case importing:
	}
	return 0
}

// limit returns what a provider that does nothing took, and the waits for answers. It is 0 if that
// provider was not measured, or if nothing has to wait.
func (r *result) limit(op operation) time.Duration {
	nothing, waits := median(r.samples[op][floor], wall), r.latency*time.Duration(r.answersInTurn(op))
	if nothing == 0 || waits == 0 {
		return 0
	}
	return nothing + waits
}

// table writes what a trial measured.
func (r *result) table(w io.Writer) {
	title := r.size()
	if r.form != "" {
		title += " " + r.form
	}
	fmt.Fprintf(w, "## %s, each answer after %d ms\n\n", title, r.latency.Milliseconds())
	fmt.Fprintln(w, "| operation | with | wall | against nothing | against curl | first closed "+
		"| CPU of CLI | CPU of provider | peak of CLI | peak of provider | requests | n |")
	fmt.Fprintln(w, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, op := range operations {
		for i := range r.variants {
			v := &r.variants[i]
			switch {
			case v.missing != "" && r.repeats[op] > 0:
				fmt.Fprintf(w, "| %s | %s | not measured: %s | | | | | | | | | 0 |\n", op, v.name, v.missing)
			case len(r.samples[op][v.name]) > 0:
				r.row(w, op, v)
			}
		}
		if limit := r.limit(op); limit > 0 {
			against := float64(limit) / float64(median(r.samples[op][floor], wall))
			fmt.Fprintf(w, "| %s | the limit, computed | %s | %s | – | – | – | – | – | – | – | – |\n",
				op, seconds(limit), times(against))
		}
	}
	fmt.Fprintln(w)
}

func (r *result) row(w io.Writer, op operation, v *variant) {
	all := r.samples[op]
	costs := all[v.name]
	nothing, other := v.comparedWith()
	first := "–"
	if d := median(costs, func(c cost) time.Duration { return c.first }); d > 0 {
		first = seconds(d)
	}
	fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %d | %d |\n", op, v.name,
		seconds(median(costs, wall)),
		times(ratio(all, v.name, nothing, wall)), times(ratio(all, v.name, other, wall)), first,
		seconds(median(costs, func(c cost) time.Duration { return c.cli.CPU })),
		seconds(median(costs, func(c cost) time.Duration { return c.provider.CPU })),
		megabytes(median(costs, func(c cost) int64 { return c.cli.Peak })),
		megabytes(median(costs, providerPeak)),
		median(costs, func(c cost) int { return c.requests }), len(costs))
}

// report writes all tables in Markdown.
func report(w io.Writer, m *measured) {
	fmt.Fprint(w, introduction)
	fmt.Fprintf(w, "Measured with %s.\n\n", m.machine)
	fmt.Fprintf(w, "## What is promised\n\n%s| what | limit | measured | |\n|---|--:|--:|---|\n", whatIsPromised)
	for _, p := range promises(m) {
		found := "–"
		if p.measured != 0 {
			found = fmt.Sprintf(p.format, p.measured)
		}
		fmt.Fprintf(w, "| %s | "+p.format+" | %s | %s |\n", p.what, p.limit, found, p.verdict())
	}
	fmt.Fprintln(w)
	m.rates.table(w)
	for _, r := range m.trials() {
		r.table(w)
	}
}

const whatIsPromised = `The comparison with curl is in the tables and is not promised. It depends on what
starting a process costs on the machine.

- "Against nothing" compares with a provider that does nothing.
- "Against the limit" compares with the row "the limit, computed" below.
- "Against before" compares with the version before plans took the reading of the refresh.

`

const introduction = `# Benchmarks

This page says what it costs to import, plan and destroy users with this provider. It compares that
with what people do without a provider, and with what Terraform itself costs. The vendor is ECGrid,
except at the real rate limits.
` + "`make bench`" + ` prints these tables, and ` + "`make bench-docs`" + ` writes them here.

- **this provider** does all that it does elsewhere. Before it destroys a user, it reads the account
  and checks the guards. Then it closes the account and has the vendor prove it.
- **` + curl + `** is a ` + "`terraform_data`" + ` resource for each user. Its destroy
  provisioner sends one request with curl and checks nothing after it. Its import is only a note in
  the state. Its curl processes count as the CLI.
- **` + floor + `** has the same schema and makes no request. It shows what Terraform
  and the plugin protocol cost. It writes the log that every provider writes, and Terraform discards
  that log. This provider writes no log that nothing reads, so it can cost less.
- **the limit, computed** is the time of the provider that does nothing, and the answers that must be
  waited for one after the other. Each closure waits for three: it looks, it terminates, and it
  reads. Terraform destroys ten users at a time. So 200 users and 50 ms make 3 s. A plan waits for
  nothing but the pages of the list, which all users share. Terraform works meanwhile, so a plan can
  be faster than this.
- **the vendor by a definition** is ECGrid as a user of ` + "`vendors`" + ` declares it. Its users are
  ` + "`offboard_user`" + `.
- Users are separate blocks, as ` + "`terraform query`" + ` writes them. ` + "`for_each`" + ` over a set is slow
  in the CLI itself. ` + "`for_each`" + ` over a map is not, up to about 1,000 users. So 10,000 users are in ten
  blocks.

In a destroy, the blocks of the users are gone, as those of leavers are, and an apply closes the
accounts. With "blocks that stay" it is ` + "`terraform destroy`" + `. Then the CLI shows the block of each user
beside the warning of their closure. It parses the whole file for each warning, which takes seconds
with many users in a file. ` + "`-compact-warnings`" + ` avoids that.

Each vendor is a mock on the same machine. The variants take turns, and each number is the median of
n runs. CPU is the user and system time of all processes. Peak is the resident memory of the largest
process. "First closed" is the time until the vendor shows the first account closed. Requests are
those that the vendor received. The state is a local file, which Terraform writes again after each
user. That takes most of the time of the destroy of 1,000 users. With "remote state" it is in the
backend "http" on the same machine, which Terraform writes every 20 seconds.

`
