package vendortest

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// WantRoutes fails the test unless the mock got exactly these requests, in this order.
func WantRoutes(t *testing.T, server *mock.Server, want ...string) {
	t.Helper()
	if got := server.Routes(); !slices.Equal(got, want) {
		t.Errorf("got requests %q, want %q", got, want)
	}
}

// Count returns how many requests to a route the mock got.
func Count(server *mock.Server, route string) int {
	n := 0
	for _, r := range server.Routes() {
		if r == route {
			n++
		}
	}
	return n
}

// WantFault fails the test unless err is a *rest.Error that does not say that the user is gone.
func WantFault(t *testing.T, err error) {
	t.Helper()
	var fault *rest.Error
	if !errors.As(err, &fault) || errors.Is(err, offboard.ErrNotFound) {
		t.Errorf("got %v, want a *rest.Error that is not ErrNotFound", err)
	}
}

// WantFaults fails the test unless the list shows no user, and its errors are as in WantFault.
func WantFaults[U any](t *testing.T, users iter.Seq2[U, error]) {
	t.Helper()
	failed := false
	for u, err := range users {
		if err == nil {
			t.Fatalf("got %+v, want an error", u)
		}
		WantFault(t, err)
		failed = true
	}
	if !failed {
		t.Error("got an empty list, want an error")
	}
}

// ReadList reads a whole list: its users, the texts of the errors of rows, and any other error.
func ReadList[U any](users iter.Seq2[U, error]) (all []U, bad []string, end error) {
	for u, err := range users {
		var row *rest.RowError
		switch {
		case errors.As(err, &row):
			bad = append(bad, err.Error())
		case err != nil:
			end = err
		default:
			all = append(all, u)
		}
	}
	return all, bad, end
}

// WantAllSwitches fails the test if the mock of a vendor has a switch that no function sets which
// each passes on. vendor returns that mock.
func WantAllSwitches[V any](t *testing.T, vendor func(*mock.Server) V, each func(set func(func(V)))) {
	t.Helper()
	all := map[string]bool{} // whether a switch was set, by its name
	each(func(set func(V)) {
		v := vendor(mock.New(Key))
		set(v)
		for name, on := range mock.Switches(v) {
			all[name] = all[name] || on
		}
	})
	for name, on := range all {
		if !on {
			t.Errorf("no test sets %s of the mock: add a row to switches, or delete it", name)
		}
	}
}

// WantWait fails the test unless the read ends without an error, and about as late as want says.
func WantWait(t *testing.T, want time.Duration, read func() error) {
	t.Helper()
	started := time.Now()
	if err := read(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if got := time.Since(started); got < want || got > want+time.Second {
		t.Errorf("got the answer after %s, want about %s", got, want)
	}
}
