//go:build linux

package main

import "time"

// promise is a limit with which a measurement is compared.
type promise struct {
	what     string
	limit    float64
	measured float64 // 0 if it was not measured
	format   string  // of both numbers
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

// promises returns the promises, with what was measured for each.
func promises(m *measured) []promise {
	begin := m.start.samples[planning]
	added := float64(median(begin[ours], wall)-median(begin[floor], wall)) / float64(time.Millisecond)
	planned := m.rates.of(rateCost{Vendor: "sFOX", Operation: "plan", Leavers: 12})
	requests, seconds := m.rates.againstBefore("Konstantly", 200)
	return []promise{
		{"plan of 1 user, with start and configuration of the provider, against nothing", 10, added, "%+.1f ms"},
		{
			"plan of 1,000 users, answers at once, against nothing",
			0.75, ratio(m.large.samples[planning], ours, floor, wall), "%.2f×",
		},
		{"destroy of 200 users, answers after 50 ms, against the limit", 0.95, m.slow.againstLimit(destroying), "%.2f×"},
		{
			"destroy of 200 users, answers after 50 ms, the vendor by a definition, against the built-in vendor",
			1.15, ratio(m.slow.samples[destroying], ours+withDefinition, ours, wall), "%.2f×",
		},
		{"plan of 10,000 users in ten blocks, against 1,000 users in one", 9, m.tenfold(), "%.2f×"},
		{"requests about one user in a destroy, without its refresh", 3, m.slow.requestsOfClosure(), "%.2f"},
		{"peak memory of the provider in the worst case, against nothing", 1.1, m.memory(), "%.2f×"},
		{"plan of 12 leavers at sFOX, at its real rate limits", 20, planned.Seconds, "%.1f s"},
		{"requests for 200 leavers at Konstantly, at its real rate limit, against before", 70, requests, "%.0f %%"},
		{"time for 200 leavers at Konstantly, at its real rate limit, against before", 70, seconds, "%.0f %%"},
	}
}

// againstLimit returns how many times as much time as the limit an operation needs, or 0 if one of
// them was not measured.
func (r *result) againstLimit(op operation) float64 {
	limit := r.limit(op)
	if limit == 0 {
		return 0
	}
	return float64(median(r.samples[op][ours], wall)) / float64(limit)
}

// requestsOfClosure returns the requests about one user in a destroy, after its refresh. It is 0 if
// that was not measured.
func (r *result) requestsOfClosure() float64 {
	costs := r.samples[destroying][ours]
	if len(costs) == 0 {
		return 0
	}
	return float64(median(costs, func(c cost) int { return c.single })) / float64(r.users)
}

// tenfold returns how many times as much time the plan of ten blocks needs as that of one, or 0 if
// one of them was not measured.
func (m *measured) tenfold() float64 {
	one := median(m.large.samples[planning][ours+withMap], wall)
	if one == 0 {
		return 0
	}
	return float64(median(m.huge.samples[planning][ours], wall)) / float64(one)
}

// memory returns the peak of the provider against that of one that does nothing, in the worst case.
func (m *measured) memory() (worst float64) {
	for _, r := range m.trials() {
		for _, op := range operations {
			worst = max(worst, ratio(r.samples[op], ours, floor, providerPeak))
		}
	}
	return worst
}
