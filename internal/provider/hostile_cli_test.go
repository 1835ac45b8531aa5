package provider

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// An answer that nobody asked for, on a connection that is kept. net/http prints the beginning of
// it with Go's standard logger, past all masking: to the provider's standard error, which the CLI
// puts into its log.
func TestCLI_unsolicitedAnswerPutsNoKeyIntoTheLog(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	body := `{"success":true,"data":{"userId":30417,"login":"ines","email":"ines.varga@acme.test",` +
		`"networkId":0,"authLevel":"NetworkAdmin","status":"Active"}}`
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				r, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"+
					"HTTP/1.1 400 Bad Request\r\n\r\nbad key: %s", len(body), body, r.Header.Get("X-Api-Key"))
				time.Sleep(200 * time.Millisecond)
			}()
		}
	}()
	w := &testEnv{url: "http://" + listener.Addr().String()}
	c := newCLI(t, w, "")
	c.write("users.tf", ecgridCase.block("30417", ""), ecgridCase.imports("30417"))
	c.env = append(c.env, "TF_LOG=DEBUG", "TF_LOG_PATH=log.txt")
	c.run("plan", "-input=false")
	for line := range strings.Lines(c.read("log.txt")) {
		if strings.Contains(line, mockKey) {
			t.Errorf("the log holds the key: %s", line)
		}
	}
}

// The closing call takes the way of the reads on a real CLI too: see TestHostile_ of the same name.
func TestCLI_theClosingCallTakesTheWayOfTheReads(t *testing.T) {
	t.Parallel()
	v := ecgridCase
	here, behind, url, proxy := behindNoProxy(t, v)
	c := (&testEnv{mock: here, url: url}).imported(t, v, "", `timeouts = { delete = "5s" }`, v.id)
	c.env = append(c.env, "HTTP_PROXY="+proxy, "NO_PROXY=")
	c.write("users.tf")
	c.run("apply", "-auto-approve")
	if v.has(here, v.id) || !v.has(behind, v.id) {
		t.Errorf(
			"open at the base URL: %v, behind the proxy: %v, want only the second",
			v.has(here, v.id),
			v.has(behind, v.id),
		)
	}
}
