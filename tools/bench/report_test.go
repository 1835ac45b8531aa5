//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

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

// sample returns measurements in which each promise is met or missed by a little.
func sample() *measured {
	const s, ms = time.Second, time.Millisecond
	once := map[operation]int{importing: 1, planning: 1, destroying: 1}
	planned := func(us, nothing time.Duration) samples {
		return samples{planning: {ours: took(us), floor: took(nothing)}}
	}
	m := &measured{machine: "Terraform on a machine", rates: slices.Clone(before)}
	for i := range m.rates {
		m.rates[i].Requests /= 2
		m.rates[i].Seconds /= 5
	}
	m.start = result{trial{users: 1, repeats: once}, planned(205*ms, 200*ms)}
	m.slow = result{
		trial{users: 200, latency: 50 * ms, repeats: once, variants: []variant{
			{name: ours}, {name: curl, missing: "it is not here"}, {name: floor},
			{name: ours + withTofu}, {name: floor + withTofu, missing: "there is no OpenTofu"},
		}},
		planned(3*s, s),
	}
	m.slow.samples[destroying] = map[string][]cost{
		ours + withDefinition: took(7370 * ms),
		ours:                  {{wall: 6700 * ms, first: 1500 * ms, single: 600, provider: usage{Peak: 112e6}}},
		floor:                 {{wall: 4 * s, provider: usage{Peak: 100e6}}},
	}
	m.slow.samples[planning][ours+withTofu] = took(4 * s)
	m.slow.samples[planning][floor+withTofu] = took(8 * s)
	m.large = result{
		trial{users: 1000, repeats: once, variants: []variant{{name: ours}, {name: floor}}},
		planned(3*s, 4*s),
	}
	m.large.samples[planning][ours+withMap] = took(5 * s)
	m.huge = result{
		trial{users: 10_000, form: "in ten blocks", repeats: once, variants: []variant{{name: ours}, {name: floor}}},
		planned(46*s, 50*s),
	}
	return m
}

// wantLines fails unless a report has all lines or parts of lines.
func wantLines(t *testing.T, m *measured, lines ...string) {
	t.Helper()
	var out strings.Builder
	report(&out, m)
	for _, want := range lines {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got no %q in:\n%s", want, out.String())
		}
	}
}

func TestReport_saysWhichPromisesAreMet(t *testing.T) {
	t.Parallel()
	wantLines(t, sample(),
		"Measured with Terraform on a machine.",
		"of the provider, against nothing | +10.0 ms | +5.0 ms | met |",
		"answers at once, against nothing | 0.75× | 0.75× | met |",
		"against the limit | 0.95× | 0.96× | **missed** |",
		"by a definition, against the built-in vendor | 1.15× | 1.10× | met |",
		"against 1,000 users in one | 9.00× | 9.20× | **missed** |",
		"without its refresh | 3.00 | 3.00 | met |",
		"in the worst case, against nothing | 1.10× | 1.12× | **missed** |",
		"12 leavers at sFOX, at its real rate limits | 20.0 s | 24.7 s | **missed** |",
		"requests for 200 leavers at Konstantly, at its real rate limit, against before | 70 % | 50 % | met |",
		"time for 200 leavers at Konstantly, at its real rate limit, against before | 70 % | 20 % | met |",
	)
}

func TestReport_saysWhatWasNotMeasured(t *testing.T) {
	t.Parallel()
	wantLines(t, &measured{},
		"against nothing | +10.0 ms | – | not measured |",
		"answers at once, against nothing | 0.75× | – | not measured |",
		"against the limit | 0.95× | – | not measured |",
		"by a definition, against the built-in vendor | 1.15× | – | not measured |",
		"against 1,000 users in one | 9.00× | – | not measured |",
		"without its refresh | 3.00 | – | not measured |",
		"in the worst case, against nothing | 1.10× | – | not measured |",
		"at its real rate limits | 20.0 s | – | not measured |",
		"time for 200 leavers at Konstantly, at its real rate limit, against before | 70 % | – | not measured |",
	)
	wantLines(t, sample(),
		"| plan | "+curl+" | not measured: it is not here |",
		"| plan | "+floor+", OpenTofu | not measured: there is no OpenTofu |",
	)
}

func TestReport_hasATableOfEachTrial(t *testing.T) {
	t.Parallel()
	wantLines(t, sample(),
		"## 1 user, each answer after 0 ms",
		"## 200 users, each answer after 50 ms",
		"## 1,000 users, each answer after 0 ms",
		"## 10,000 users in ten blocks, each answer after 0 ms",
		"| plan | "+ours+" | 3.00 s | 3.00× | – | – |",
		"| plan | "+ours+", OpenTofu | 4.00 s | 0.50× | – | – |",
		"| destroy | "+ours+" | 6.70 s | 1.68× | – | 1.50 s |",
		"| destroy | "+floor+" | 4.00 s | 1.00× | – | – |",
		"| plan | the limit, computed | 1.50 s | 1.50× | – | – |",
		"| destroy | the limit, computed | 7.00 s | 1.75× | – | – |",
	)
}

func TestLimit_isZeroWhereNothingWaits(t *testing.T) {
	t.Parallel()
	m := sample()
	for name, got := range map[string]time.Duration{
		"import":               m.slow.limit(importing),
		"answers at once":      m.large.limit(planning),
		"nothing was measured": (&result{trial{users: 200, latency: time.Second}, nil}).limit(destroying),
	} {
		if got != 0 {
			t.Errorf("got the limit %s for %s, want none", got, name)
		}
	}
}

func TestRates_areComparedWithBefore(t *testing.T) {
	t.Parallel()
	wantLines(t, sample(),
		"| Konstantly | 200 | plan | 106 | 212 | 26.4 s | 131.9 s | – | – |",
		"| Konstantly | 200 | apply | 750 | 1501 | 187.5 s | 937.5 s | 25.6 s | 25.6 s |",
		"| sFOX | 12 | plan | 31 | 62 | 24.7 s | 123.6 s | – | – |",
	)
}

func TestReadRates_wantsEveryCommand(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "rates.json")
	if _, err := readRates(file); err == nil {
		t.Error("got no error without a file, want one")
	}
	for last, want := range map[int]string{len(before): "", len(before) - 1: "has no apply of 200 leavers at sFOX"} {
		text, err := json.Marshal(before[:last])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readRates(file)
		if want == "" && (err != nil || !slices.Equal(got, before)) {
			t.Errorf("got %v, %v, want what was written", got, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got the error %v, want one that has %q", err, want)
		}
	}
}
