package rest

import (
	"context"
	"sync"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Shared is an offboard.Singleflight of requests. The trace of each caller gets the requests that
// its answer took, as if they had been made for it alone. Callers with and without the breaker share
// nothing, because the breaker may cut the requests of the first ones.
type Shared[T any] struct {
	fresh offboard.Singleflight[*traced[T]]
}

// NewShared returns a Shared for requests of c. With a rate limit they give way to the others of c
// for a while, so that more callers share them.
func NewShared[T any](c *Client) *Shared[T] {
	return &Shared[T]{offboard.Singleflight[*traced[T]]{Gather: c.pace.giveWay}}
}

// traced is an answer with the requests that it took.
type traced[T any] struct {
	mu        sync.Mutex
	value     T
	exchanges []Exchange
}

// Do returns the result of ask, which may have been called by another caller after this one asked.
func (s *Shared[T]) Do(ctx context.Context, key string, ask func(context.Context) (T, error)) (T, error) {
	asked := false
	if skipsBreaker(ctx) {
		key += "\x00without breaker"
	}
	got, err := s.fresh.Do(ctx, key, func(ctx context.Context) (*traced[T], error) {
		asked = true
		var err error
		all, outer := &traced[T]{}, traceOf(ctx)
		all.value, err = ask(WithTrace(ctx, func(x Exchange) {
			all.mu.Lock()
			defer all.mu.Unlock()
			all.exchanges = append(all.exchanges, x)
			outer(x)
		}))
		return all, err
	})
	if got == nil {
		var none T
		return none, err
	}
	if trace := traceOf(ctx); !asked {
		for _, x := range got.exchanges {
			trace(x)
		}
	}
	return got.value, err
}

// traceOf returns the function of WithTrace, or one that does nothing.
func traceOf(ctx context.Context) func(Exchange) {
	if trace, ok := ctx.Value(traceKey{}).(func(Exchange)); ok {
		return trace
	}
	return func(Exchange) {}
}
