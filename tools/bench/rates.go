//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// rateCost is what one command costs at a vendor's real rate limits, as TestCost_atTheRealRateLimits
// writes it.
type rateCost struct {
	Vendor    string
	Operation string // plan or apply
	Leavers   int
	Requests  int
	Seconds   float64
	First     float64 // seconds until the first account was closed; 0 if none was
}

type rates []rateCost

// before is what the version after v0.1.0 cost in which plans did not take the reading of the
// refresh. The same test measured it.
var before = rates{
	{"Konstantly", "plan", 12, 14, 8.2, 0},
	{"Konstantly", "apply", 12, 86, 53.2, 25.6},
	{"Konstantly", "plan", 50, 54, 33.2, 0},
	{"Konstantly", "apply", 50, 365, 227.5, 25.6},
	{"Konstantly", "plan", 200, 212, 131.9, 0},
	{"Konstantly", "apply", 200, 1501, 937.5, 25.6},
	{"sFOX", "plan", 12, 62, 123.6, 0},
	{"sFOX", "apply", 12, 83, 25.5, 1.2},
	{"sFOX", "plan", 50, 252, 545.8, 0},
	{"sFOX", "apply", 50, 349, 109.9, 1.2},
	{"sFOX", "plan", 200, 1002, 2212.5, 0},
	{"sFOX", "apply", 200, 1399, 443.3, 1.2},
}

// readRates reads what the test has written.
func readRates(file string) (all rates, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, c := range before {
		if all.of(c).Requests == 0 {
			return nil, fmt.Errorf("%s has no %s of %d leavers at %s", file, c.Operation, c.Leavers, c.Vendor)
		}
	}
	return all, nil
}

// of returns the cost of the same command, or the zero value.
func (r rates) of(command rateCost) rateCost {
	for _, c := range r {
		if c.Vendor == command.Vendor && c.Operation == command.Operation && c.Leavers == command.Leavers {
			return c
		}
	}
	return rateCost{}
}

// againstBefore returns what plan and apply cost together, in percent of what they cost before. It is
// 0 if that was not measured.
func (r rates) againstBefore(vendor string, leavers int) (requests, seconds float64) {
	var now, then rateCost
	for _, operation := range []string{"plan", "apply"} {
		command := rateCost{Vendor: vendor, Operation: operation, Leavers: leavers}
		now.add(r.of(command))
		then.add(before.of(command))
	}
	if then.Requests == 0 {
		return 0, 0
	}
	return 100 * float64(now.Requests) / float64(then.Requests), 100 * now.Seconds / then.Seconds
}

func (c *rateCost) add(other rateCost) {
	c.Requests += other.Requests
	c.Seconds += other.Seconds
}

// table writes what commands cost at the real rate limits.
func (r rates) table(w io.Writer) {
	fmt.Fprint(w, atRealRates)
	for _, c := range r {
		then := before.of(c)
		first, firstBefore := "–", "–"
		if c.First > 0 {
			first, firstBefore = fmt.Sprintf("%.1f s", c.First), fmt.Sprintf("%.1f s", then.First)
		}
		fmt.Fprintf(w, "| %s | %d | %s | %d | %d | %.1f s | %.1f s | %s | %s |\n", c.Vendor, c.Leavers, c.Operation,
			c.Requests, then.Requests, c.Seconds, then.Seconds, first, firstBefore)
	}
	fmt.Fprintln(w)
}

const atRealRates = `## Leavers at the real rate limits

Time is virtual here, so these numbers do not depend on the machine. Each answer comes after 50 ms.
The plan is the refresh and the plan of each leaver, ten at a time. The apply closes the accounts, in
a process of its own. Two more users stay. At sFOX, the plan skips the checks for which a rate limit
would make it wait longer than 20 s. The apply reads the balances in any case. "Before" is the version
before plans took the reading of the refresh.

| vendor | leavers | command | requests | before | time | before | first closed | before |
|---|--:|---|--:|--:|--:|--:|--:|--:|
`
