package mock

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is the number of bytes of a request body that the server reads. No documented request
// comes near it.
const maxBody = 1 << 20

// ServeHTTP answers one request. It panics with http.ErrAbortHandler if a fault breaks the
// connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
			http.Error(w, "the request body did not arrive", http.StatusBadRequest)
			return
		}
	}
	h := s.handle(r, body)
	if h.onRequest != nil {
		h.onRequest(h.entry)
	}
	waitFor(r.Context(), h.delay)
	if h.drop {
		panic(http.ErrAbortHandler)
	}
	h.answer.write(w)
}

// handled is what is left to do after a request had its effect.
type handled struct {
	answer    answer
	entry     Request
	onRequest func(Request)
	delay     time.Duration
	drop      bool
}

// handle gives a request its effect and its line in the log, with the lock held.
func (s *Server) handle(r *http.Request, body []byte) handled {
	s.clock.Lock()
	defer s.clock.Unlock()
	late := s.runQueue()
	s.clock.tick++
	defer func() { s.clock.tick++ }()

	c := newCall(r, body)
	v, rt, allow := s.find(c, r.URL.EscapedPath())
	entry := newEntry(r, v, rt, c)
	entry.Late = late

	h := handled{onRequest: s.onRequest, delay: s.latency}
	f := s.pick(&entry)
	h.answer = f.run(&exchange{server: s, vendor: v, call: c, kind: entry.Kind, handle: func() answer {
		if v == nil {
			return htmlPage(http.StatusNotFound)
		}
		return v.answer(rt, c, allow)
	}})
	h.delay += f.Delay
	h.drop = f.Drop
	if !h.drop {
		entry.Status = h.answer.status
	}
	h.entry = entry
	s.log = append(s.log, entry)
	return h
}

// newCall returns a request as the handlers see it.
func newCall(r *http.Request, body []byte) *call {
	c := &call{method: r.Method, query: r.URL.Query(), header: http.Header{}, body: body, now: time.Now()}
	for name, values := range r.Header { // without a network, the names are as the client wrote them
		for _, v := range values {
			c.header.Add(name, v)
		}
	}
	return c
}

// newEntry returns the line of a request in the log, without the answer.
func newEntry(r *http.Request, v vendor, rt *route, c *call) Request {
	entry := Request{Method: r.Method, Path: r.URL.EscapedPath(), Proto: r.Proto, At: c.now}
	if r.URL.RawQuery != "" {
		entry.Path += "?" + r.URL.RawQuery
	}
	if v != nil {
		entry.Vendor = v.name()
	}
	if rt != nil {
		entry.Route, entry.Kind = rt.method+" "+rt.pattern, v.kind(rt, c)
		entry.Change = entry.Kind.is(Change)
	}
	return entry
}

// find returns the vendor and the route of an escaped path, and sets the call's parameters. Each of
// the two is nil if there is none.
func (s *Server) find(c *call, path string) (v vendor, rt *route, allow []string) {
	for _, v := range s.vendors {
		below, ok := strings.CutPrefix(path, v.prefix())
		if !ok || below != "" && below[0] != '/' {
			continue
		}
		rt, allow := v.find(c, segments(below))
		return v, rt, allow
	}
	return nil, nil, nil
}

// segments splits an escaped path and decodes each part. A slash at either end does not count,
// because the vendors' samples have paths with and without it.
func segments(path string) []string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, p := range parts {
		if decoded, err := url.PathUnescape(p); err == nil {
			parts[i] = decoded
		}
	}
	return parts
}

// waitFor waits for d, or until ctx is done.
func waitFor(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
