package provider

// contractSamples are the messages of the contract check.
func contractSamples(k userKind) samples {
	return samples{
		"reportNotWritten": one(reportNotWritten(k, "report.json", errSample)),
		"answersOtherwise": one(answersOtherwise(k, 3, "report.json")),
	}
}
