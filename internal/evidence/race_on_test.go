//go:build race

package evidence_test

// underRace says that the race detector is on, which allocates for itself.
const underRace = true
