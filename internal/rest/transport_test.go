package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

var errBroken = errors.New("connection reset by peer")

// failing gives no answer at all.
func failing() *vendor {
	return &vendor{answer: func(*http.Request) (*http.Response, error) { return nil, errBroken }}
}

func TestCalls_repeatWhatIsSafe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		vendor                 func() *vendor
		reads, changes         int
		ambiguous, lostOutcome bool
	}{
		"200":             {func() *vendor { return always(200) }, 1, 1, false, false},
		"401":             {func() *vendor { return always(401) }, 1, 1, false, false},
		"404":             {func() *vendor { return always(404) }, 1, 1, false, false},
		"422":             {func() *vendor { return always(422) }, 1, 1, false, false},
		"501":             {func() *vendor { return always(501) }, 1, 1, true, false},
		"408":             {func() *vendor { return always(408) }, 4, 1, true, false},
		"500":             {func() *vendor { return always(500) }, 4, 1, true, false},
		"502":             {func() *vendor { return always(502) }, 4, 1, true, false},
		"503":             {func() *vendor { return always(503) }, 4, 1, true, false},
		"504":             {func() *vendor { return always(504) }, 4, 1, true, false},
		"429":             {func() *vendor { return always(429) }, 4, 1, false, false},
		"429, wait":       {func() *vendor { return always(429, "Retry-After", "30") }, 4, 1, false, false},
		"lost connection": {failing, 4, 1, true, true},
	} {
		for kind, do := range calls {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					v := c.vendor()
					answer, err := do(
						client(t, v, nil), t.Context(), rest.Request{Method: http.MethodPost, Path: []string{"x"}, Body: "b"},
					)
					want := map[string]int{"read": c.reads, "change": c.changes}[kind]
					if got := v.count(); got != want {
						t.Errorf("got %d requests, want %d", got, want)
					}
					if (err != nil) != c.lostOutcome {
						t.Errorf("got %v, want an error only when no answer came", err)
					}
					if err == nil {
						err = answer.Fault("", "")
					}
					if answer.Status >= 400 && offboard.Ambiguous(err) != c.ambiguous || c.lostOutcome && !offboard.Ambiguous(err) {
						t.Errorf("got ambiguous %t for %v, want %t", offboard.Ambiguous(err), err, c.ambiguous)
					}
					for _, req := range v.sent {
						if body, _ := io.ReadAll(req.Body); string(body) != `"b"` {
							t.Errorf("got body %q, want the same with every request", body)
						}
					}
				})
			})
		}
	}
}

func TestRead_recovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		v := &vendor{answer: func(*http.Request) (*http.Response, error) {
			if n++; n < 3 {
				return nil, errBroken
			}
			return response(200, `"back"`), nil
		}}
		answer, err := client(t, v, nil).Read(t.Context(), get)
		if err != nil || string(answer.Body) != `"back"` || n != 3 {
			t.Errorf("got %q and %v after %d requests, want the third answer", answer.Body, err, n)
		}
	})
}

func TestRead_doesNotRetryIntoItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		v, started := always(503), time.Now()
		answer, err := client(t, v, nil).Read(ctx, get)
		if err != nil || answer.Status != 503 || v.count() != 1 || time.Since(started) != 0 {
			t.Errorf(
				"got status %d, %v, %d requests in %s, want the 503 at once", answer.Status, err, v.count(), time.Since(started),
			)
		}
	})
}

// net/http repeats a GET by itself when an idle connection turns out to be broken. A change must
// not be repeated, not even so.
func TestChange_isNotReplayedOnABrokenConnection(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			address, requests := brokenAfterFirst(t)
			c, r := at(t, address), rest.Request{Method: method, Path: []string{"close"}}
			if _, err := c.Change(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			_, err := c.Change(t.Context(), r)
			if err == nil || !offboard.Ambiguous(err) {
				t.Errorf("got %v, want an ambiguous error", err)
			}
			if got, want := len(requests), 2; got != want {
				t.Errorf("got %d requests, want %d", got, want)
			}
			if sent := <-requests; strings.Contains(sent, "chunked") {
				t.Errorf("got %q, want no body", sent)
			}
		})
	}
	t.Run("unlike an ordinary GET", func(t *testing.T) {
		t.Parallel()
		address, requests := brokenAfterFirst(t)
		plain := &http.Client{Transport: rest.NewTransport()}
		for range 2 {
			resp, err := plain.Get(address)
			if err != nil {
				t.Fatalf("got %v, want net/http to repeat the GET", err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		if got, want := len(requests), 3; got != want {
			t.Errorf("got %d requests, want %d", got, want)
		}
	})
}

// brokenAfterFirst answers every request but the second, for which it closes the connection.
func brokenAfterFirst(t *testing.T) (string, chan string) {
	return rawServer(t, func(n int) string {
		if n == 2 {
			return ""
		}
		return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
	})
}

// silent gives no answer, or no end of one, until the request is cut.
func silent(withHeader bool) *vendor {
	return &vendor{answer: func(req *http.Request) (*http.Response, error) {
		if withHeader {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(stuck{req.Context()})}, nil
		}
		<-req.Context().Done()
		return nil, req.Context().Err()
	}}
}

// stuck is a body that never comes.
type stuck struct{ ctx context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestCalls_endAnAttemptInTime(t *testing.T) {
	t.Parallel()
	for kind, do := range calls {
		for _, withHeader := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, header %t", kind, withHeader), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					v, started := silent(withHeader), time.Now()
					_, err := do(client(t, v, nil), t.Context(), get)
					if !errors.Is(err, context.DeadlineExceeded) || !offboard.Ambiguous(err) ||
						!strings.Contains(err.Error(), "no answer in time") {
						t.Errorf("got %v, want an ambiguous timeout", err)
					}
					attempts := map[string]int{"read": 4, "change": 1}[kind]
					least := time.Duration(attempts) * 30 * time.Second
					if took := time.Since(started); v.count() != attempts || took < least || took > least+5*time.Second {
						t.Errorf("got %d attempts in %s, want %d of 30 s", v.count(), took, attempts)
					}
				})
			})
		}
	}
}

func TestCalls_endAtTheDeadline(t *testing.T) {
	t.Parallel()
	for kind, do := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				v, started := silent(false), time.Now()
				_, err := do(client(t, v, nil), ctx, get)
				if err == nil || v.count() != 1 || time.Since(started) != 5*time.Second {
					t.Errorf("got %v after %s and %d requests, want an error after 5 s and one", err, time.Since(started), v.count())
				}
			})
		})
	}
}

// slow answers after a second, unless it is cut before; begun is closed when the request has come.
func slow(begun chan struct{}) *vendor {
	return &vendor{answer: func(req *http.Request) (*http.Response, error) {
		close(begun)
		select {
		case <-time.After(time.Second):
			return response(200, "{}"), nil
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}}
}

func TestCalls_whenCancelledUnderWay(t *testing.T) {
	t.Parallel()
	for kind, do := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				begun := make(chan struct{})
				go func() { <-begun; cancel() }()
				answer, err := do(client(t, slow(begun), nil), ctx, get)
				switch {
				case kind == "change" && (err != nil || answer.Status != 200):
					t.Errorf("got %v, want the change to come to its end", err)
				case kind == "read" && !errors.Is(err, context.Canceled):
					t.Errorf("got %v, want the read to be cut", err)
				}
			})
		})
	}
}

func TestCalls_whenCancelledBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for kind, do := range calls {
		v := always(200)
		_, err := do(client(t, v, nil), ctx, get)
		if !errors.Is(err, context.Canceled) || offboard.Ambiguous(err) || v.count() != 0 {
			t.Errorf("%s: got %v and %d requests, want an unambiguous error and none", kind, err, v.count())
		}
	}
}

func TestCalls_trustOnlyAVerifiedCertificate(t *testing.T) {
	t.Parallel()
	hits := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	for kind, do := range calls {
		attempts := 0
		c := client(t, rest.NewTransport(), func(config *rest.Config, _ *rest.API) {
			config.BaseURL = server.URL
			config.Log = func(context.Context, string, ...map[string]any) { attempts++ }
		})
		_, err := do(c, t.Context(), get)
		if err == nil || offboard.Ambiguous(err) || attempts != 1 || hits != 0 {
			t.Errorf("%s: got %v, %d attempts, %d requests, want an unambiguous error, 1 and none", kind, err, attempts, hits)
		}
	}
}

func TestCalls_toAClosedPort(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	_, err := at(t, server.URL).Change(t.Context(), get)
	if err == nil || offboard.Ambiguous(err) {
		t.Errorf("got %v, want an error that is sure that nothing was done", err)
	}
}
