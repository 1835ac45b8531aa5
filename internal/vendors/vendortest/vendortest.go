// Package vendortest holds what the tests of all vendors share: a client on the mock, answers that
// any vendor may give, and checks. Only tests import it.
package vendortest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Key is the API key that the mock accepts.
const Key = "mock-key"

// HTML is a web page in the place of an answer.
const HTML = "<!DOCTYPE html><html><body>Sign in</body></html>"

// NewClient returns the client that connect makes, which no rate limit slows down. It ends the test
// on an error.
func NewClient[C any](
	t *testing.T, connect func(rest.Config) (C, error), address, key string, transport http.RoundTripper,
) C {
	t.Helper()
	config := rest.Config{
		APIKey: key, BaseURL: address, RequestsPerSecond: 1e6, UserAgent: "test", Transport: transport,
	}
	c, err := connect(config)
	if err != nil {
		t.Fatalf("got %v, want a client", err)
	}
	return c
}

// Vendor says how the tests of one vendor reach its mock.
type Vendor[C any] struct {
	Connect func(rest.Config) (C, error)
	BaseURL string             // of the vendor in the mock
	Seed    func(*mock.Server) // adds the users of most tests
	Timeout time.Duration      // of a test, in the time of its bubble
}

// Run runs a test in a bubble of testing/synctest, on a mock with the seed. The context of the test
// ends after v.Timeout.
func (v Vendor[C]) Run(t *testing.T, test func(context.Context, *testing.T, *mock.Server, C)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := mock.New(Key)
		v.Seed(server)
		ctx, cancel := context.WithTimeout(t.Context(), v.Timeout)
		defer cancel()
		test(ctx, t, server, NewClient(t, v.Connect, v.BaseURL, Key, mock.Transport{Handler: server}))
	})
}

// RoundTrip is a function that is an http.RoundTripper.
type RoundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f RoundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// NoRoute returns a transport that cannot connect for requests of one method.
func NoRoute(method string, next http.RoundTripper) RoundTrip {
	return func(req *http.Request) (*http.Response, error) {
		if req.Method == method {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route to host")}
		}
		return next.RoundTrip(req)
	}
}
