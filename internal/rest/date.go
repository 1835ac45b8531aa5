package rest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// leftKey carries the time when the last attempt of a request left.
type leftKey struct{}

// noteLeft notes when an attempt left.
func noteLeft(ctx context.Context, at time.Time) {
	if left, ok := ctx.Value(leftKey{}).(*time.Time); ok {
		*left = at
	}
}

// timeLeft returns when the last attempt of a request left.
func timeLeft(req *retryablehttp.Request) time.Time {
	left, _ := req.Context().Value(leftKey{}).(*time.Time)
	return *left
}

// A Date has no fraction. So it may be this much earlier than the answer.
const dateStep = time.Second

// oldestDate is how far the Date of a new answer may be behind: as long as an Age may be, the fraction
// that a Date lacks, and two seconds because the clocks of several servers behind one host differ.
const oldestDate = offboard.AbsencePause + dateStep + 2*time.Second

// datePause is the wait after which the Date of a new answer is another one.
const datePause = 3 * time.Second

// dates compares the Date of each answer with the clock of this machine. The zero value takes the two
// clocks for equal until an answer shows otherwise.
type dates struct {
	mu    sync.Mutex
	ahead time.Duration // by how much the vendor's clock is ahead, at least
	known bool          // the Date of a read that had to be new has passed
}

// behind returns how far the Date of an answer is behind the time at the vendor when its request left;
// 0 for an answer without a Date. A Date says nothing of a change if no read has shown whose clock is
// wrong, or if the change is one whose answer no cache keeps: then another server has answered.
func (d *dates) behind(a Answer, change bool) time.Duration {
	date, ok := a.dateHeader()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !ok || change && (!d.known || a.Method != http.MethodGet) {
		return 0
	}
	return a.left.Add(d.ahead).Sub(date)
}

// observe takes the Date of any answer that came just now: the vendor's clock has reached it.
func (d *dates) observe(a Answer) {
	if date, ok := a.dateHeader(); ok {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ahead = max(d.ahead, time.Until(date))
	}
}

// confirm takes the Date of an answer that is new. If it goes on, the vendor's clock is behind what was
// thought: that of this machine is wrong, or that of the vendor was, and is corrected.
func (d *dates) confirm(a Answer, goesOn bool) {
	date, ok := a.dateHeader()
	if !ok {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known = true
	if goesOn {
		d.ahead = time.Until(date)
	}
}

// compareDate returns the error of an answer that is old by its Date; nil if it is new. A cache may keep an
// answer and not tell its Age. A read whose answer seems old is made once more. If its Date has gone on with
// the time, it is new, and the vendor's clock is what differs. So a clock that was set back costs one read
// and no closure.
func (c *Client) compareDate(
	ctx context.Context, req *retryablehttp.Request, a Answer,
) (_ Answer, kept *AgeError, _ error) {
	age := c.dates.behind(a, isChange(ctx))
	goesOn := false
	if age > oldestDate && !isChange(ctx) && waitForDate(ctx) {
		again, err := c.exchange(req)
		if err != nil {
			return again, nil, err
		}
		if kept := again.keptAnswer(); kept != nil {
			return again, kept, nil
		}
		goesOn = again.goesOnFrom(a)
		a, age = again, c.dates.behind(again, false)
	}
	if age > oldestDate && !goesOn {
		return a, &AgeError{age.Truncate(dateStep)}, nil
	}
	if !isChange(ctx) {
		c.dates.confirm(a, goesOn)
	}
	return a, nil, nil
}

// goesOnFrom reports whether the Dates of two answers are as far apart as the answers are, and not as
// those that one cache, or two, have kept.
func (a Answer) goesOnFrom(earlier Answer) bool {
	was, dated := earlier.dateHeader()
	is, datedToo := a.dateHeader()
	ran := is.Sub(was)
	return dated && datedToo && ran >= datePause-dateStep && ran <= time.Since(earlier.left)+dateStep
}

// waitForDate waits for datePause. It reports whether there is time for that.
func waitForDate(ctx context.Context) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= datePause {
		return false
	}
	if !offboard.Sleep(ctx, datePause) {
		return false
	}
	offboard.ForgetOnlyAnswer(ctx)
	return true
}

// dateHeader returns the Date of the answer, and whether it has one that can be read.
// https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1
func (a Answer) dateHeader() (time.Time, bool) {
	date, err := http.ParseTime(a.Header.Get("Date"))
	return date, err == nil
}
