package ecgrid

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// A gateway that is down shows no terminated user, whatever its body says.
func TestIsNotFound_needsAStatusThatSaysSo(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{200: true, 404: true, 410: true, 400: false, 403: false, 503: false} {
		x := &contract.Exchange{Status: status, JSON: true, Body: map[string]any{"errorCode": "ObjectNotFound"}}
		if got := isNotFound(x); got != want {
			t.Errorf("HTTP %d: got %t, want %t", status, got, want)
		}
	}
}
