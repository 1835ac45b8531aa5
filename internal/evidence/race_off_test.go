//go:build !race

package evidence_test

const underRace = false
