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

// An answer 101 leaves an open connection, which neither API.Timeout nor the deadline of ctx would
// end.
func TestAnswer_thatSwitchesProtocolsEndsInTime(t *testing.T) {
	t.Parallel()
	host := listen(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"))
			time.Sleep(30 * time.Second)
		}
	})
	c := client(
		t,
		rest.NewTransport(),
		func(config *rest.Config, api *rest.API) { config.BaseURL, api.Timeout = "http://"+host, time.Second },
	)
	for name, do := range calls {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		ended := make(chan error, 1)
		started := time.Now()
		go func() {
			_, err := do(c, ctx, get)
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
