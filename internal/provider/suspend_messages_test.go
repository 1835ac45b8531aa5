package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func suspendSamples(k userKind, u offboard.User) samples {
	return samples{
		"aboutSuspension": {aboutSuspension(k, readOnly(k, u, sampleGuards)), aboutSuspension(k, keptLifted(k, u))},
		"willBeSuspended": one(
			willBeClosed(k, u, nil, closingOutlook{suspends: true, readOnly: readOnlyText(sampleGuards)}),
		),
		"willBeSuspendedUnread":  one(willBeSuspendedUnread(k, u)),
		"staysSuspended":         one(staysSuspended(k, u)),
		"suspensionUnknown":      one(suspensionUnknown(k, u)),
		"closedAlready":          one(closedAlready(k, u)),
		"notSuspendedButClosed":  one(notSuspendedButClosed(k, u)),
		"closedAlready, at plan": one(aboutSuspension(k, closedAlready(k, u))),
	}
}

// A warning about a closure says what it is about, and an error says what to do about the line.
func TestMessages_ofASuspensionSayWhatItIs(t *testing.T) {
	t.Parallel()
	warning := diag.NewWarningDiagnostic("X", "Y.")
	if got := aboutSuspension(konstantlyKind, warning); got != warning {
		t.Errorf("got %q, want the warning as it was", got)
	}
	got := aboutSuspension(konstantlyKind, diag.NewErrorDiagnostic("X", "Y."))
	if got.Severity() != diag.SeverityError || got.Summary() != "X" || !strings.HasSuffix(got.Detail(), "\n\nY.") ||
		!strings.Contains(got.Detail(), "suspended = true") {
		t.Errorf("got %q, want the error with the line that asks for the suspension", got)
	}
}
