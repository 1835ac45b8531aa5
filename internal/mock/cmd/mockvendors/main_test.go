package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// output is a buffer that the program and the test may use at the same time.
type output struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	written chan struct{} // gets a value after a write, unless it has one
}

func newOutput() *output { return &output{written: make(chan struct{}, 1)} }

func (b *output) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.buffer.Write(p)
	select {
	case b.written <- struct{}{}:
	default:
	}
	return n, err
}

func (b *output) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// until waits for the output to contain something.
func (b *output) until(t *testing.T, part string) {
	t.Helper()
	for !strings.Contains(b.String(), part) {
		select {
		case <-b.written:
		case <-t.Context().Done():
			t.Fatalf("output: got %q, want in it %q", b.String(), part)
		}
	}
}

// program is the program while it runs.
type program struct {
	url            string
	stdout, stderr *output
	stop           func() error
}

// start runs the program on a free port until the test ends.
func start(t *testing.T, args ...string) program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := program{stdout: newOutput(), stderr: newOutput()}
	result := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), p.stdout, p.stderr)
		result <- err
		if err != nil {
			_, _ = io.WriteString(p.stdout, "Interrupt to stop.\n"+err.Error())
		}
	}()
	p.stop = sync.OnceValue(func() error {
		cancel()
		return <-result
	})
	t.Cleanup(func() { _ = p.stop() })
	p.stdout.until(t, "Interrupt to stop.\n")
	p.url = regexp.MustCompile(`https?://[0-9.:]+`).FindString(p.stdout.String())
	if p.url == "" {
		t.Fatalf("output: got %q, want an address", p.stdout)
	}
	return p
}

// fetch reads one address with a header and returns the body.
func fetch(t *testing.T, url, header, value string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(header, value)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// seedFile writes a seed file and returns its path.
func seedFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun_printsKeyAddressesAndIDs(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, want := range []string{
		"The key of all is mock-key",
		p.url + "/konstantly/openapi/v1\n", p.url + "/ecgrid/v2\n", p.url + "/sfox/v1\n", p.url + "/skillable/api/v3\n",
		p.url + "/skillable_tms/api/2.0\n", "90401",
		"u10101", "30401", "cust-7f31", "emp-3101", "(8 in all)",
	} {
		if !strings.Contains(p.stdout.String(), want) {
			t.Errorf("output: got %s, want in it %q", p.stdout, want)
		}
	}
	if got := p.stderr.String(); got != "" {
		t.Errorf("standard error: got %q, want nothing", got)
	}
}

func TestRun_stopsWithoutAnError(t *testing.T) {
	t.Parallel()
	p := start(t)
	if err := p.stop(); err != nil {
		t.Errorf("error: got %v, want none", err)
	}
}

func TestRun_stopsWhileAnAnswerWaits(t *testing.T) {
	t.Parallel()
	p := start(t, "-latency", "1h", "-verbose")
	broken := make(chan error, 1)
	go func() {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/ecgrid/v2/auth/version", nil)
		if err == nil {
			var answer *http.Response
			if answer, err = http.DefaultClient.Do(r); err == nil {
				err = answer.Body.Close()
			}
		}
		broken <- err
	}()
	p.stderr.until(t, "/ecgrid/v2/auth/version 200")
	if err := p.stop(); err != nil {
		t.Errorf("error: got %v, want none", err)
	}
	if err := <-broken; err != nil {
		t.Errorf("request: got %v, want its answer before the end", err)
	}
}

func TestRun_servesTheSeed(t *testing.T) {
	t.Parallel()
	p := start(t, "-seed", seedFile(t, `{"konstantly":[{"id":"u7","name":"Ines Varga","email":"ines@acme.test"}]}`),
		"-api-key", "other")
	body := fetch(t, p.url+"/konstantly/openapi/v1/users", "X-API-KEY", "other")
	if !strings.Contains(body, `"totalCount":1`) || !strings.Contains(body, `"id":"u7"`) {
		t.Errorf("users: got %s, want u7 alone", body)
	}
}

func TestRun_servesTheSeedAndInventedPeople(t *testing.T) {
	t.Parallel()
	p := start(t, "-seed", seedFile(t, `{"konstantly":[{"id":"u7","name":"Ines Varga","email":"ines@acme.test"}]}`),
		"-users", "3")
	body := fetch(t, p.url+"/konstantly/openapi/v1/users", "X-API-KEY", "mock-key")
	if !strings.Contains(body, `"totalCount":4`) {
		t.Errorf("users: got %s, want 4", body)
	}
}

func TestRun_logsWithoutValuesOfTheQueryAndWithoutTheKey(t *testing.T) {
	t.Parallel()
	p := start(t, "-verbose", "-api-key", "s3 cret")
	fetch(t, p.url+"/skillable/api/v3/userrunningandsavedlabs?userid=emp-3101", "api_key", "s3 cret")
	fetch(t, p.url+"/skillable/api/v3/s3%20cret/stats", "Accept", "*/*")
	fetch(t, p.url+"/nowhere", "Accept", "*/*")
	for _, want := range []string{
		" skillable  GET    /skillable/api/v3/userrunningandsavedlabs?userid 200\n",
		" skillable  GET    /skillable/api/v3/KEY/stats 200\n",
		" -          GET    /nowhere 404\n",
	} {
		p.stderr.until(t, want)
	}
	for _, secret := range []string{"emp-3101", "cret"} {
		if strings.Contains(p.stderr.String(), secret) {
			t.Errorf("log: got %s, want no %q in it", p.stderr, secret)
		}
	}
}

func TestRun_servesHTTPSBehindAStrictFront(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	p := start(t, "-ca", ca, "-strict")
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	for body, want := range map[io.Reader]int{http.NoBody: http.StatusOK, strings.NewReader("x"): http.StatusForbidden} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/ecgrid/v2/auth/version", body)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want || answer.ProtoMajor != 2 {
			t.Errorf("answer: got %d by %s, want %d by HTTP/2", answer.StatusCode, answer.Proto, want)
		}
	}
	client.CloseIdleConnections()
}

func TestWarn_warnsIfOtherMachinesCanReachIt(t *testing.T) {
	t.Parallel()
	const warning = " is not loopback; anyone who can reach this machine can use the mock\n"
	for addr, want := range map[string]string{
		"0.0.0.0:8900":   "mockvendors: warning: 0.0.0.0:8900" + warning,
		"[::]:8900":      "mockvendors: warning: [::]:8900" + warning,
		"127.0.0.1:8900": "",
		"[::1]:8900":     "",
	} {
		var stderr bytes.Buffer
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		warn(&stderr, tcp)
		if got := stderr.String(); got != want {
			t.Errorf("%s: got %q, want %q", addr, got, want)
		}
	}
}

func TestRun_refusesABadCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-users", "-1"}, "-users is -1 and cannot be negative"},
		{[]string{"-users", "many"}, `invalid value "many" for flag -users: parse error`},
		{[]string{"-latency", "-1s"}, "-latency is -1s and cannot be negative"},
		{[]string{"-api-key", ""}, "-api-key cannot be empty"},
		{[]string{"-seed", ""}, "-seed cannot be empty"},
		{[]string{"-ca", ""}, "-ca cannot be empty"},
		{[]string{"-port", "1"}, "flag provided but not defined: -port"},
		{[]string{"extra"}, `unknown argument "extra"`},
	} {
		err := run(t.Context(), c.args, io.Discard, io.Discard)
		if !errors.As(err, new(usageError)) || err.Error() != c.want {
			t.Errorf("%q: got %v, want the usage error %q", c.args, err, c.want)
		}
	}
}

func TestRun_failsIfItCannotStart(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	broken := seedFile(t, `{"konstantly":[{"id":7}]}`)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-addr", taken.Addr().String()}, "cannot listen on " + taken.Addr().String()},
		{[]string{"-seed", "no-such-file.json"}, "seed file: open no-such-file.json"},
		{[]string{"-ca", filepath.Join(broken, "ca.pem")}, "certificate: open " + broken},
		{[]string{"-seed", broken}, "seed file " + broken + `: konstantly[0]: field "id": got number, want a string`},
	} {
		err := run(t.Context(), c.args, io.Discard, io.Discard)
		if err == nil || errors.As(err, new(usageError)) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: got %v, want the error %q", c.args, err, c.want)
		}
	}
}

func TestRun_printsHelp(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &stdout, io.Discard); err != nil {
		t.Errorf("error: got %v, want none", err)
	}
	for _, part := range []string{
		"-addr", "-api-key", "-users", "-seed", "-latency", "-verbose", "-ca", "-strict", `{"ecgrid": [{"id": 30417,`,
		"  konstantly     id name email role language timezone occupation location blocked expert from_api\n",
	} {
		if !strings.Contains(stdout.String(), part) {
			t.Errorf("help: got %s, want %s in it", stdout.String(), part)
		}
	}
}
