package provider

import "github.com/offboard/terraform-provider-offboard/internal/offboard"

// contractSamples are the messages of the contract check.
func contractSamples(k userKind) samples {
	return samples{
		"reportNotWritten": one(reportNotWritten(k, "report.json", errSample)),
		"answersOtherwise": one(answersOtherwise(k, 3, "report.json")),
		"sacrificeShowsNobody": one(
			sacrificeShowsNobody(k, offboard.User{ID: "30417", Status: offboard.Active}),
		),
	}
}
