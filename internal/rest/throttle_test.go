package rest_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// paced sets the rate of a client.
func paced(perSecond float64) func(*rest.Config, *rest.API) {
	return func(c *rest.Config, _ *rest.API) { c.RequestsPerSecond = perSecond }
}

// gaps are the times between the requests that left.
func (v *vendor) gaps() []time.Duration {
	var all []time.Duration
	for i := range v.at[1:] {
		all = append(all, v.at[i+1].Sub(v.at[i]))
	}
	return all
}

// A change whose place in the rate limit comes too long after the read of the account does not
// leave, and gives its place back.
func TestChange_doesNotLeaveAfterAStaleRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		perSecond float64
		sent      bool
	}{"a second": {1, true}, "three seconds": {1.0 / 3, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := always(200)
				api := client(t, v, paced(c.perSecond))
				_, _ = api.Read(t.Context(), get)
				_, err := api.Change(offboard.WithReadTime(t.Context(), time.Now()), get)
				if (err == nil) != c.sent || offboard.Delayed(err) == c.sent || offboard.Ambiguous(err) {
					t.Errorf("got %v, want it sent: %t, or else delayed", err, c.sent)
				}
				_, _ = api.Read(t.Context(), get)
				for _, gap := range v.gaps() {
					want := time.Duration(float64(time.Second) / c.perSecond)
					if gap.Round(time.Millisecond) != want.Round(time.Millisecond) {
						t.Errorf("got %s between two requests, want %s", gap, want)
					}
				}
			})
		})
	}
}

// A connection that takes so long that the read is stale carries the change after the next read, if
// that comes soon.
func TestChange_doesNotLeaveOnASlowConnection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		took, later time.Duration // how long a connection takes, and when the next read comes
		dials       int32         // the connections for both changes
	}{
		"a second":                           {time.Second, 0, 0},
		"three seconds":                      {3 * time.Second, 0, 1},
		"three seconds, and a read too late": {3 * time.Second, time.Minute, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var requests, dials atomic.Int32
				transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
					dials.Add(1)
					time.Sleep(c.took)
					near, far := net.Pipe()
					t.Cleanup(func() { _ = far.Close() })
					go func() {
						defer func() { _ = far.Close() }()
						if _, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
							requests.Add(1)
							_, _ = io.WriteString(far, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
						}
					}()
					return near, nil
				}}
				sent := c.dials == 0
				api := client(t, transport, func(c *rest.Config, _ *rest.API) { c.BaseURL = "http://localhost" })
				_, err := api.Change(offboard.WithReadTime(t.Context(), time.Now()), get)
				if (err == nil) != sent || offboard.Delayed(err) == sent || offboard.Ambiguous(err) {
					t.Errorf("got %v, want it sent: %t, or else delayed", err, sent)
				}
				synctest.Wait()
				if got := requests.Load() == 1; got != sent {
					t.Errorf("got %d requests, want it sent: %t", requests.Load(), sent)
				}
				if sent {
					return
				}
				time.Sleep(c.later)
				_, err = api.Change(offboard.WithReadTime(t.Context(), time.Now()), get)
				first := c.dials == 1
				if (err == nil) != first || dials.Load() != c.dials || (requests.Load() == 1) != first {
					t.Errorf("after the next read: got %v, %d connections and %d requests, want the change on the first one: %t",
						err, dials.Load(), requests.Load(), first)
				}
			})
		})
	}
}

// While a change waits, the vendor tells another request to wait longer.
func TestChange_doesNotLeaveAfterAWaitOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := always(200)
		api := client(t, v, nil)
		read := time.Now()
		v.answer = func(*http.Request) (*http.Response, error) { return response(429, "{}", "Retry-After", "60"), nil }
		_, _ = api.Change(t.Context(), get)
		_, err := api.Change(offboard.WithReadTime(t.Context(), read), get)
		if !offboard.Delayed(err) || len(v.at) != 1 {
			t.Errorf("got %v and %d requests, want the second one delayed", err, len(v.at))
		}
	})
}

// A read and the call after it leave together however slow the rate is and however many others
// wait, and all together no more often than the rate allows.
func TestTurn_leavesTogether(t *testing.T) {
	t.Parallel()
	for name, perSecond := range map[string]float64{
		"fast": 1.6, "one in two seconds": 0.5, "slow": 0.001,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := always(200)
				api := client(t, v, paced(perSecond))
				wait := time.Duration(float64(time.Second) / perSecond)
				ctx, cancel := context.WithTimeout(t.Context(), 30*wait)
				defer cancel()
				for range 10 {
					go func() { _, _ = api.Read(ctx, get) }()
				}
				synctest.Wait()
				started := time.Now()
				turn := offboard.WithTurn(ctx)
				_, err := api.Read(turn, get)
				read := time.Now()
				_, failed := api.Change(turn, get)
				if gap := time.Since(read); errors.Join(err, failed) != nil || gap > offboard.TurnGap || gap > wait {
					t.Errorf("got %v and the call %s after the read, want no more than %s", errors.Join(err, failed), gap, wait)
				}
				if took := time.Since(started).Round(time.Millisecond); took < (11 * wait).Round(time.Millisecond) {
					t.Errorf("got 12 requests in %s, want no more than one in %s", took, wait)
				}
			})
		})
	}
}

// What the vendor itself takes to answer does not make a read too old for a call: otherwise nobody
// could be closed at a slow vendor.
func TestTurn_ofASlowVendor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{answer: func(*http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Second)
			return response(200, "{}"), nil
		}}
		api := client(t, v, nil)
		turn := offboard.WithTurn(t.Context())
		for range 2 {
			_, _ = api.Read(turn, get)
		}
		if _, err := api.Change(turn, get); err != nil {
			t.Errorf("got %v, want the call sent", err)
		}
	})
}

// What a wait between two reads, or between a read and the call, does to a turn.
func TestTurn_thatIsHeldUp(t *testing.T) {
	t.Parallel()
	limited := func() *http.Response { return response(429, "{}", "Retry-After", "60") }
	for name, c := range map[string]struct {
		at   int // which request is told to wait
		sent bool
	}{"before the first read": {1, true}, "between two reads": {2, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				v := &vendor{answer: func(*http.Request) (*http.Response, error) {
					if asked++; asked == c.at {
						return limited(), nil
					}
					return response(200, "{}"), nil
				}}
				api := client(t, v, nil)
				turn := offboard.WithTurn(t.Context())
				for range 2 {
					if _, err := api.Read(turn, get); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := api.Change(turn, get); (err == nil) != c.sent || offboard.Delayed(err) == c.sent {
					t.Errorf("got %v, want the call sent: %t", err, c.sent)
				}
			})
		})
	}
}

// The answer to the read says that the quota is used up. The call leaves all the same: after the
// next reset the read would be too old, and so on for ever.
func TestTurn_isNotHeldUpByTheQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{answer: func(*http.Request) (*http.Response, error) {
			return response(200, "{}", "X-Left", "0", "X-Reset", strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)), nil
		}}
		api := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
		_, _ = api.Read(t.Context(), get)
		turn := offboard.WithTurn(t.Context())
		_, err := api.Read(turn, get)
		_, failed := api.Change(turn, get)
		if gaps := v.gaps(); errors.Join(err, failed) != nil || gaps[0] < 59*time.Second || gaps[1] > 0 {
			t.Errorf("got %v and the gaps %s, want the read after a minute and the call at once", errors.Join(err, failed), gaps)
		}
	})
}

// A read that has no time for its call gives both places back, and further reads of a turn take
// theirs from those who come after.
func TestTurn_countsItsPlaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		turn func(context.Context, *rest.Client)
		want time.Duration // before the next request; one may leave in ten seconds
	}{
		"no time": {func(ctx context.Context, api *rest.Client) {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			_, _ = api.Read(offboard.WithTurn(ctx), get)
		}, 10 * time.Second},
		"a read and the call": {func(ctx context.Context, api *rest.Client) {
			ctx = offboard.WithTurn(ctx)
			_, _ = api.Read(ctx, get)
			_, _ = api.Change(ctx, get)
		}, 30 * time.Second},
		"two reads and the call": {func(ctx context.Context, api *rest.Client) {
			ctx = offboard.WithTurn(ctx)
			_, _ = api.Read(ctx, get)
			_, _ = api.Read(ctx, get)
			_, _ = api.Change(ctx, get)
		}, 40 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := always(200)
				api := client(t, v, paced(0.1))
				_, _ = api.Read(t.Context(), get)
				started := time.Now()
				c.turn(t.Context(), api)
				_, _ = api.Read(t.Context(), get)
				if took := time.Since(started).Round(time.Second); took != c.want {
					t.Errorf("got the next request after %s, want it after %s", took, c.want)
				}
			})
		})
	}
}

// The quota has one place left, and a read and its call need two. They wait until an answer tells
// of more, or until the reset.
func TestTurn_takesTwoPlacesOfTheQuota(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]bool{"a reset": false, "an answer": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				left, want := "1", time.Minute
				v := &vendor{answer: func(r *http.Request) (*http.Response, error) {
					told := left
					if r.Method == http.MethodHead {
						time.Sleep(10 * time.Second)
						told = "9"
					}
					reset := strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)
					return response(200, "{}", "X-Left", told, "X-Reset", reset), nil
				}}
				api := client(t, v, func(_ *rest.Config, api *rest.API) { api.Quota = quota })
				if more {
					want = 10 * time.Second
					go func() { _, _ = api.Read(t.Context(), rest.Request{Method: http.MethodHead, Path: get.Path}) }()
					synctest.Wait()
				}
				_, _ = api.Read(t.Context(), get)
				started := time.Now()
				_, _ = api.Read(offboard.WithTurn(t.Context()), get)
				if took := time.Since(started).Round(time.Second); took != want {
					t.Errorf("got the read after %s, want it after %s", took, want)
				}
			})
		})
	}
}

// The pause that leaves a slow vendor its time is no part of the age of the read.
func TestTurn_doesNotAgeByItsPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := client(t, always(200), nil)
		turn := offboard.WithTurn(t.Context())
		_, _ = api.Read(turn, get)
		time.Sleep(time.Second)
		if !offboard.PauseInTurn(turn) {
			t.Fatal("got no pause")
		}
		if _, err := api.Change(turn, get); err != nil {
			t.Errorf("got %v, want the call sent", err)
		}
	})
}
