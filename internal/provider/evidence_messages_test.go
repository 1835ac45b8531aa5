package provider

import (
	"context"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// evidenceSamples are the messages about the evidence log.
func evidenceSamples(k userKind, u offboard.User) samples {
	return samples{
		"cannotRecord": {
			cannotRecord(k, u, errSample),
			cannotRecord(k, u, context.Canceled),
			cannotRecord(k, u, context.DeadlineExceeded),
			cannotRecord(k, u, &evidence.StoreError{Err: context.Canceled}),
			cannotRecord(k, u, &evidence.StoreError{Err: context.DeadlineExceeded}),
			cannotRecord(k, u, &evidence.StoreError{Err: errSample}),

			cannotRecord(k, u, &evidence.HeadError{Name: "log.jsonl", Head: evidence.Start}),
		},
		"anotherLog":          one(anotherLog(k, u, sampleClosure)),
		"logSincePlan":        one(logSincePlan(k, u, sampleClosure)),
		"otherRights":         one(otherRights(k, u)),
		"planTooOld":          one(planTooOld(k, u)),
		"planWithoutLog":      one(planWithoutLog(k, u, sampleClosure)),
		"logNotRead":          one(logNotRead(k, u)),
		"cannotRecordLeaving": one(cannotRecordLeaving(k, u, errSample)),
		"notRecorded": {
			notRecorded(k, u, evidence.Closed, errSample), notRecorded(k, u, evidence.Suspended, errSample),
			notRecorded(k, u, evidence.NotVisible, errSample), notRecorded(k, u, evidence.Failed, errSample),
		},
		"headLost":       one(headLost(k, u, &evidence.HeadError{Name: "log.jsonl", Head: evidence.Start})),
		"logBeginsAgain": {logBeginsAgain(k, u, true), logBeginsAgain(k, u, false)},
		"noEvidence":     {noEvidence("log.jsonl"), noEvidence("s3://evidence/acme")},
		"unreadableEvidence": {
			unreadableEvidence("log.jsonl", errSample),
			unreadableEvidence("s3://evidence/acme", errSample),
		},
	}
}
