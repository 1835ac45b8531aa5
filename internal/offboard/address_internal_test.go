package offboard

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// What isSimple spares says nothing else than the whole way does.
func TestIsSimple_sparesNothing(t *testing.T) {
	t.Parallel()
	parts := []string{"a", "X", "1", ".", "-", " ", "@", "@", "at", "EXT", ".test", ".INVALID", "_"}
	tried := 0
	for range 50_000 {
		s := ""
		for range rand.IntN(12) {
			s += parts[rand.IntN(len(parts))]
		}
		if !isSimple(s) {
			continue
		}
		tried++
		if got := namesIn(s); !slices.Equal(got, []string{s}) {
			t.Fatalf("%q: got the names %q, want itself", s, got)
		}
		if words := wordsOf(s); !isAddress(s) && slices.ContainsFunc(words, isAddress) {
			t.Fatalf("%q: got the words %q, want no address", s, words)
		}
	}
	if tried < 1000 {
		t.Errorf("got %d simple texts, want thousands", tried)
	}
}
