package rest

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A caller that gets an answer that another one asked for has the request in the trace as well:
// evidence names what proves it.
func TestShared_isInTheTraceOfEachCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shared Shared[int]
		var all sync.WaitGroup
		traces := make([][]Exchange, 5)
		asked := 0
		for i := range traces {
			ctx := WithTrace(t.Context(), func(x Exchange) { traces[i] = append(traces[i], x) })
			all.Go(func() {
				_, err := shared.Do(ctx, "list", func(ctx context.Context) (int, error) {
					asked++
					time.Sleep(time.Second)
					traceOf(ctx)(Exchange{Path: "/users"})
					return 1, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if asked >= len(traces) {
			t.Fatalf("got %d requests for %d callers, want them shared", asked, len(traces))
		}
		for i, trace := range traces {
			if len(trace) != 1 || trace[0].Path != "/users" {
				t.Errorf("caller %d: got the trace %v, want the one request", i, trace)
			}
		}
	})
}
