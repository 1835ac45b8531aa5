package provider

import (
	"context"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
)

// refusal is why the account that is there now must not be closed; nil when nothing speaks against
// it.
func (d *destruction) refusal(ctx context.Context, read account) *closing.Refusal {
	if refusal := d.guards.RefusesAll(); refusal != nil {
		return refusal // an account that the state had as closed is open
	}
	c := d.candidate(d.state, read, d.before, &d.remembered)
	c.Last, c.Suspends = d.last, d.suspends
	if refusal := d.guards.Refuses(ctx, c); refusal != nil {
		return refusal
	}
	if refusal := closing.Reopened(
		d.kind.VendorTraits,
		d.clients.locks.Left(d.key(d.before)),
		read.user(),
	); refusal != nil {
		return refusal
	}
	if refusal := d.shown.TooOld(time.Now(), c.VendorTime); refusal != nil {
		return refusal
	}
	if refusal := d.shown.UsedUp(&d.logged); refusal != nil && !d.ownClosure {
		return refusal
	}
	return c.SinceReview(ctx, &d.shown)
}

// firstRefusal is refusal before the first call. The calls must hold what they held at the plan. After a
// step that need not be, because the account is not as it was reviewed.
func (d *destruction) firstRefusal(ctx context.Context, read account) *closing.Refusal {
	if refusal := d.refusal(ctx, read); refusal != nil {
		return refusal
	}
	calls, err := callsFor(ctx, read)
	if err != nil {
		calls = err.Error()
	}
	return d.shown.OtherCalls(calls)
}

// checkAgain is the refusal of an account that was read again before a call, as an error. The first
// reading passed the same checks. The log is compared again, too, as it was where the intent was
// written.
func (d *destruction) checkAgain(ctx context.Context, read account) error {
	d.kind.fill(d.state, read)
	err := d.recorded.Overtaken(ctx, d.logged.Used)
	refusal := closing.UsedMeanwhile(err)
	switch {
	case refusal != nil:
		d.remembered.InvalidateCall(time.Now()) // the account may be open after the call of the other run
	case err != nil:
		return err
	default:
		refusal = d.refusal(ctx, read)
	}
	if refusal != nil {
		return &closing.RefusalError{Refusal: refusal, Live: named(d.state, read.user())}
	}
	return nil
}
