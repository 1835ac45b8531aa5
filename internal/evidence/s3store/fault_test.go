package s3store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/evidence/s3store/s3test"
)

// proxyTo is a server before the real one. It calls do for each request with its number, from 1, and
// with what forwards it. Signatures stay valid, because the name of the host is forwarded.
func proxyTo(
	t *testing.T,
	server *s3test.Server,
	do func(n int64, forward http.HandlerFunc, w http.ResponseWriter, r *http.Request),
) string {
	t.Helper()
	to, err := url.Parse(server.URL)
	must(t, err)
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	var requests atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		do(requests.Add(1), forward.ServeHTTP, w, r)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// drop ends the connection without an answer.
func drop() { panic(http.ErrAbortHandler) }

// faulty lets one request in twenty go wrong in one of several ways.
func faulty(seed uint64) func(int64, http.HandlerFunc, http.ResponseWriter, *http.Request) {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 3))
	draw := func() (fault bool, kind int) {
		mu.Lock()
		defer mu.Unlock()
		return rng.IntN(20) == 0, rng.IntN(5)
	}
	return func(_ int64, forward http.HandlerFunc, w http.ResponseWriter, r *http.Request) {
		fault, kind := draw()
		switch {
		case !fault:
			forward(w, r)
		case kind == 0:
			drop()
		case kind == 1: // it is done, and the answer is lost
			forward(httptest.NewRecorder(), r)
			drop()
		case kind == 2:
			w.WriteHeader(http.StatusInternalServerError)
		case kind == 3:
			forward(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Method == http.MethodPut: // as S3 does while another request for the object is under way
			refuse(w, http.StatusConflict, "ConditionalRequestConflict")
		default: // the text ends early
			answer := httptest.NewRecorder()
			forward(answer, r)
			w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()+1))
			_, _ = w.Write(answer.Body.Bytes())
		}
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

func TestStore_faultsOnTheWay(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	store := storeAt(t, proxyTo(t, server, faulty(1)))
	l := evidence.NewInStore(store)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			for range 10 {
				if closeOnce(t, l, fmt.Sprint("u", i)) == nil {
					return
				}
			}
			t.Errorf("u%d was never recorded", i)
		})
	}
	group.Wait()
	h, err := evidence.ReadStore(t.Context(), storeAt(t, server.URL))
	if err != nil || h.Broken != nil || h.Orphans > 0 || len(h.Closures) < 50 {
		t.Errorf("got %v, %v, %d orphans, %d closures, want an intact log", err, h.Broken, h.Orphans, len(h.Closures))
	}
}

// An answer that is lost after the effect, with or without a later writer, is settled by what is there.
func TestStore_aLostAnswerToACreation(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	lost := storeAt(t, proxyTo(t, server, func(n int64, forward http.HandlerFunc, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			forward(httptest.NewRecorder(), r)
			drop()
		}
		forward(w, r)
	}))
	must(t, lost.Create(t.Context(), 1, []byte("one\n")))
	taken := storeAt(
		t,
		proxyTo(t, server, func(n int64, forward http.HandlerFunc, w http.ResponseWriter, r *http.Request) {
			if n == 1 { // another run is faster
				must(t, storeAt(t, server.URL).Create(t.Context(), 2, []byte("two\n")))
				drop()
			}
			forward(w, r)
		}),
	)
	if err := taken.Create(t.Context(), 2, []byte("mine\n")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want that another run has the object", err)
	}
}

// A server that conflicts forever ends with the caller's time.
func TestStore_aConflictWithoutEnd(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusConflict, "ConditionalRequestConflict")
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := storeAt(t, server.URL).Create(ctx, 1, []byte("one\n"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the caller's deadline", err)
	}
}

// A key that may list no versions finds gaps all the same. One that may list nothing finds no end.
func TestStore_withoutARightToList(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	denying := func(denied ...string) string {
		return proxyTo(t, server, func(_ int64, forward http.HandlerFunc, w http.ResponseWriter, r *http.Request) {
			for _, what := range denied {
				if r.URL.Query().Has(what) {
					refuse(w, http.StatusForbidden, "AccessDenied")
					return
				}
			}
			forward(w, r)
		})
	}
	at := denying("versions")
	for n := range 3 {
		must(t, closeOnce(t, evidence.NewInStore(storeAt(t, at)), fmt.Sprint("u", n)))
	}
	h, err := evidence.ReadStore(t.Context(), storeAt(t, at))
	if err != nil || h.Broken != nil || len(h.Closures) != 3 {
		t.Errorf("got %v, %v and %d closures, want three", err, h.Broken, len(h.Closures))
	}
	_, err = evidence.NewInStore(storeAt(t, denying("versions", "list-type"))).Begin(t.Context(), anIntent("u4"))
	if err == nil || !strings.Contains(err.Error(), "s3:ListBucket") {
		t.Errorf("got %v, want the right that is missing", err)
	}
	must(t, storeAt(t, at).Create(t.Context(), 900, []byte("{}\n")))
	_, err = evidence.NewInStore(storeAt(t, at)).Begin(t.Context(), anIntent("u4"))
	if err == nil || !strings.Contains(err.Error(), "07.jsonl, it is missing") {
		t.Errorf("got %v, want the gap", err)
	}
}

// What does not come from S3, or cannot be read, is no end of the log.
func TestStore_answersThatAreNoEnd(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked %s %s", r.Method, r.URL)
	}))
	t.Cleanup(elsewhere.Close)
	for name, answer := range map[string]http.HandlerFunc{
		"a web page": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, "<html>404</html>")
		},
		"nothing": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"no bucket": func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusNotFound, "NoSuchBucket")
		},
		"a key without rights": func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusForbidden, "AccessDenied")
		},
		"a moved bucket": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
		},
		"a list without an end": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			_, err := evidence.NewInStore(storeAt(t, server.URL)).Begin(t.Context(), anIntent("u1"))
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v, want an error", err)
			}
			if _, err := evidence.ReadStore(t.Context(), storeAt(t, server.URL)); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v, want an error that is not that of an empty log", err)
			}
		})
	}
}

// What a server says is printed without credentials, in no encoding, and without what terminals
// interpret.
func TestStore_errorsShowNoCredentials(t *testing.T) {
	t.Parallel()
	said := bytes.Join([][]byte{
		[]byte(s3test.Secret), []byte(url.QueryEscape(s3test.Secret)), []byte(s3test.KeyID),
		[]byte(base64.StdEncoding.EncodeToString([]byte("x" + s3test.Secret))), []byte("\u202eend"),
	}, []byte(" "))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "<Error><Code>Bad%s</Code><Message>%s %s</Message></Error>", said, said, r.Header.Get("Authorization"))
	}))
	t.Cleanup(server.Close)
	_, err := evidence.NewInStore(storeAt(t, server.URL)).Begin(t.Context(), anIntent("u1"))
	if err == nil || !strings.Contains(err.Error(), "HTTP 400, Bad***") {
		t.Fatalf("got %v, want the status, and what the server says", err)
	}
	for _, bad := range []string{s3test.Secret, s3test.KeyID, "made-up", "bWFkZS11cC", "\u202e"} {
		if strings.Contains(err.Error(), bad) {
			t.Errorf("got %v, want it without %q", err, bad)
		}
	}
}

func TestStore_anEndpointThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, at := range []string{
		"http://s3.acme.test", "https://key:secret@s3.acme.test", "https://s3.acme.test?a=b", "ftp://s3.acme.test",
	} {
		err := storeAt(t, at).Create(t.Context(), 1, []byte("one\n"))
		if err == nil || !strings.Contains(err.Error(), "AWS_ENDPOINT_URL_S3 cannot be used") ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want it refused", at, err)
		}
	}
}
