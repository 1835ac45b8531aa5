package rest_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// An answer 101 with an open connection behind it: neither API.Timeout nor the deadline nor a cancellation of ctx ends the request.
func TestHostile_switchingProtocolsIgnoresEveryTimeout(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"))
					time.Sleep(30 * time.Second)
				}
				_ = conn.Close()
			}()
		}
	}()
	client, err := rest.New(rest.Config{APIKey: "mock-key-4711", BaseURL: "http://" + listener.Addr().String(), Transport: rest.NewTransport()},
		rest.API{Credentials: http.Header{"X-Api-Key": {"mock-key-4711"}}, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context, rest.Request) (rest.Answer, error){"read": client.Read, "change": client.Change} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		ended := make(chan error, 1)
		started := time.Now()
		go func() {
			_, err := call(ctx, rest.Request{Method: http.MethodGet, Path: []string{"users", "1"}})
			ended <- err
		}()
		select {
		case err := <-ended:
			t.Logf("%s ended after %s: %v", name, time.Since(started), err)
		case <-time.After(10 * time.Second):
			t.Errorf("%s: still waiting after 10 s, with a timeout of 1 s and a deadline of 3 s", name)
		}
	}
}
