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

// table writes what a trial measured.
func (r *result) table(w io.Writer) {
	fmt.Fprintf(w, "## %s, each answer after %d ms\n\n", r.size(), r.latency.Milliseconds())
	fmt.Fprintln(w, "| operation | with | wall | against nothing | against curl "+
		"| CPU of CLI | CPU of provider | peak of CLI | peak of provider | requests | n |")
	fmt.Fprintln(w, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, op := range operations {
		for _, v := range r.variants {
			switch {
			case v.missing != "":
				fmt.Fprintf(w, "| %s | %s | not measured: %s | | | | | | | | 0 |\n", op, v.name, v.missing)
			case len(r.samples[op][v.name]) > 0:
				r.row(w, op, v.name)
			}
		}
	}
	fmt.Fprintln(w)
}

func (r *result) row(w io.Writer, op operation, name string) {
	all := r.samples[op]
	costs := all[name]
	fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %d | %d |\n", op, name,
		seconds(median(costs, wall)),
		times(ratio(all, name, floor, wall)), times(ratio(all, name, curl, wall)),
		seconds(median(costs, func(c cost) time.Duration { return c.cli.CPU })),
		seconds(median(costs, func(c cost) time.Duration { return c.provider.CPU })),
		megabytes(median(costs, func(c cost) int64 { return c.cli.Peak })),
		megabytes(median(costs, providerPeak)),
		median(costs, func(c cost) int { return c.requests }), len(costs))
}

// promise is a limit with which a measurement is compared.
type promise struct {
	what     string
	limit    float64
	measured float64 // 0 if it was not measured
	format   string  // of both numbers
}

// promises returns the promises, with what was measured for each.
func promises(start, slow, large *result) []promise {
	begin := start.samples[planning]
	closing := slow.samples[destroying]
	single := func(op operation) int {
		return median(slow.samples[op][ours], func(c cost) int { return c.single })
	}
	plan := func(r *result) float64 { return ratio(r.samples[planning], ours, floor, wall) }
	added := float64(median(begin[ours], wall)-median(begin[floor], wall)) / float64(time.Millisecond)
	perUser := float64(single(destroying)-single(planning)) / float64(slow.users)
	var memory float64
	for _, r := range []*result{slow, large} {
		for _, op := range operations {
			memory = max(memory, ratio(r.samples[op], ours, floor, providerPeak))
		}
	}
	return []promise{
		{"plan of 1 user, with start and configuration of the provider, against nothing", 10, added, "%+.1f ms"},
		{"plan of 1,000 users, answers at once, against nothing", 1.3, plan(large), "%.2f×"},
		{"plan of 200 users, answers after 50 ms, against nothing", 2, plan(slow), "%.2f×"},
		{"destroy of 200 users, answers after 50 ms, against curl", 2.5, ratio(closing, ours, curl, wall), "%.2f×"},
		{"requests about one user in a destroy, without its refresh", 4, perUser, "%.2f"},
		{"peak memory of the provider in the worst case, against nothing", 1.25, memory, "%.2f×"},
	}
}

// verdict returns whether a promise was met, as a word.
func (p *promise) verdict() string {
	switch {
	case p.measured == 0:
		return "not measured"
	case p.measured > p.limit:
		return "**missed**"
	}
	return "met"
}

// report writes all tables in Markdown.
func report(w io.Writer, machine string, start, slow, large *result) {
	fmt.Fprint(w, introduction)
	fmt.Fprintf(w, "Measured with %s.\n\n", machine)
	fmt.Fprintf(w, "## What is promised\n\n%s| what | limit | measured | |\n|---|--:|--:|---|\n", comparedWith)
	for _, p := range promises(start, slow, large) {
		fmt.Fprintf(w, "| %s | "+p.format+" | "+p.format+" | %s |\n", p.what, p.limit, p.measured, p.verdict())
	}
	fmt.Fprintln(w)
	for _, r := range []*result{start, slow, large} {
		r.table(w)
	}
}

const comparedWith = `"Against nothing" compares with a provider that does nothing, and "against curl" with curl.

`

const introduction = `# Benchmarks

This page says what it costs to import, plan and destroy users of ECGrid with this provider. It
compares that with what people do without a provider, and with what Terraform itself costs.
` + "`make bench`" + ` prints these tables, and ` + "`make bench-docs`" + ` writes them here.

- **this provider** does all that it does elsewhere. Before it destroys a user, it reads the account
  and checks the guards. Then it closes the account and has the vendor prove it.
- **` + curl + `** is a ` + "`terraform_data`" + ` resource for each user. Its destroy
  provisioner sends one request with curl and checks nothing after it. Its import is only a note in
  the state. Its curl processes count as the CLI.
- **` + floor + `** has the same schema and makes no request. It shows what Terraform
  and the plugin protocol cost. It writes the log that every provider writes, and Terraform discards
  that log. This provider writes no log that nothing reads, so it can cost less.
- Users are separate blocks, as ` + "`terraform query`" + ` writes them. ` + "`for_each`" + ` over a set is slow
  in the CLI itself. ` + "`for_each`" + ` over a map is not.

The vendor is a mock on the same machine. The variants take turns, and each number is the median of
n runs. CPU is the user and system time of all processes. Peak is the resident memory of the largest
process. Requests are those that the vendor received. The state is a local file, which Terraform
writes again after each user. That takes most of the time of the destroy of 1,000 users.

A destroy waits for four answers about each user, one after the other. Terraform destroys ten users
at a time. With 200 users and 50 ms, these waits take 4 s on any machine, and 1 s with curl. The
faster the machine, the larger is their part of the comparison.

`
