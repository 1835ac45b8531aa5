package rest

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

func TestGate_waitsForRequestsThatPassedAndStopsFurtherOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gate
		if !g.enter() {
			t.Fatal("got no way in, want one as long as the gate is open")
		}
		began := time.Now()
		time.AfterFunc(time.Second, g.leave)
		time.AfterFunc(time.Second/2, func() {
			if g.enter() {
				t.Error("got a way in while the gate closes, want none")
			}
		})
		g.close()
		if took := time.Since(began); took != time.Second {
			t.Errorf("got the gate closed after %s, want it when the last one has left", took)
		}
		if g.enter() {
			t.Error("got a way in, want none")
		}
	})
}

// roundTripper is a function that answers requests.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestDrain_stopsChangesAndNoRead(t *testing.T) {
	defer func() { changes = gate{} }()
	var sent []string
	c, err := New(Config{
		APIKey: "key-0123456789", BaseURL: "https://vendor.test",
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			sent = append(sent, req.Method)
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
		}),
	}, API{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	Drain()
	if _, err := c.Change(
		t.Context(), Request{Method: http.MethodDelete, Path: []string{"users"}},
	); !errors.Is(err, errDrained) ||
		offboard.Ambiguous(err) {
		t.Errorf("got %v, want an unambiguous error that the run is being stopped", err)
	}
	if _, err := c.Read(
		t.Context(), Request{Method: http.MethodGet, Path: []string{"users"}},
	); err != nil || len(sent) != 1 ||
		sent[0] != http.MethodGet {
		t.Errorf("got %v and %v sent, want the read alone", err, sent)
	}
}
