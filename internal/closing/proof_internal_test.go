package closing

import (
	"net/http"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
)

// The proof is what was asked after the last change and after the last answer that proves nothing.
func TestMarkProof(t *testing.T) {
	t.Parallel()
	request := func(kind string) evidence.Request {
		status := map[byte]int{
			'.': 200, '4': 404, '0': 0, '8': http.StatusRequestTimeout, '9': http.StatusTooManyRequests, '5': 500, '3': 503,
		}[kind[1]]
		return evidence.Request{Change: kind[0] == 'C', Status: status}
	}
	for name, c := range map[string]struct {
		requests string // R reads and C changes, each with its status
		unproven int
		want     string // P for each that is part of the proof
	}{
		"nothing was asked":                  {"", 0, ""},
		"a look, a call, an absence, a sign": {"R. C. R4 R.", 0, "- - P P"},
		"two calls":                          {"R. C. R. C. R4", 0, "- - - - P"},
		"the call is the last":               {"R. C. C.", 0, "- - P"},
		"no call":                            {"R. R4", 0, "P P"},
		"no call, the first one is unproven": {"R. R4", 1, "- P"},
		"unproven after the call":            {"C. R. R4 R.", 2, "- - P P"},
		"all is unproven":                    {"C. R.", 2, "- -"},
		"attempts that were repeated":        {"C. R5 R3 R9 R8 R0 R4", 0, "- - - - - - P"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests []evidence.Request
			for kind := range strings.FieldsSeq(c.requests) {
				requests = append(requests, request(kind))
			}
			markProof(requests, c.unproven)
			var got []string
			for _, r := range requests {
				got = append(got, map[bool]string{true: "P", false: "-"}[r.Proof])
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("got %q of %q, want %q", got, c.requests, c.want)
			}
		})
	}
}
