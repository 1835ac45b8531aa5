package provider

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// replicas are a site of which some replicas hide who is blocked, and which loses answers. It never
// lies about a deletion that it made.
type replicas struct {
	*liar
	rng       *rand.Rand
	hide      int // of 100 reads of a blocked user, how many meet a replica that hides the user
	requests  int
	interrupt int // the request at which the run is interrupted; -1 for none
	cancel    context.CancelFunc
	story     []string
}

// serve answers one request, or leaves it to the mock.
func (s *replicas) serve(w http.ResponseWriter, r *http.Request, at string) bool {
	time.Sleep(time.Duration(s.rng.IntN(1500)) * time.Millisecond)
	if s.requests++; s.requests == s.interrupt {
		s.cancel()
	}
	s.story = append(s.story, r.Method+" "+at)
	switch {
	case r.Method == http.MethodDelete:
		return s.serveDelete(w, r)
	case r.Method == http.MethodPost:
		return s.serveBlock(w, r)
	case at == "/users/"+konstantlyCase.id:
		return s.serveRead(w, r)
	}
	return false
}

func (s *replicas) serveDelete(w http.ResponseWriter, r *http.Request) bool {
	switch s.rng.IntN(7) {
	case 0, 1, 2:
		return say(w, 502, "bad gateway")
	case 3:
		s.mock.ServeHTTP(httptest.NewRecorder(), r)
		return say(w, 502, "bad gateway")
	case 4:
		w.Header().Set("Retry-After", strconv.Itoa(s.rng.IntN(6)))
		return say(w, 429, `{}`)
	case 5:
		return say(w, 422, `{"status":422,"message":"not blocked"}`)
	}
	return false
}

func (s *replicas) serveBlock(w http.ResponseWriter, r *http.Request) bool {
	switch s.rng.IntN(5) {
	case 0:
		return say(w, 502, "bad gateway")
	case 1:
		s.mock.ServeHTTP(httptest.NewRecorder(), r)
		return say(w, 502, "bad gateway")
	}
	return false
}

func (s *replicas) serveRead(w http.ResponseWriter, _ *http.Request) bool {
	if s.rng.IntN(100) < 8 {
		return say(w, 503, "busy")
	}
	u, there := s.mock.Konstantly.Get(konstantlyCase.id)
	return there && u.Blocked && s.rng.IntN(100) < s.hide && say(w, 404, `{"status":404,"message":"User not found"}`)
}

// run plans and applies once, in a process of its own. It reports whether the run claims a closure.
func (s *replicas) run(t *testing.T, m managed) (after managed, claims bool) {
	t.Helper()
	d := s.process(t)
	m, _ = d.read(m)
	p, diags := d.planDestroy(m)
	if diags.errors() != "" {
		return m, false
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.cancel, s.interrupt = cancel, -1
	if s.rng.IntN(4) == 0 {
		s.interrupt = s.requests + s.rng.IntN(12)
	}
	after, _ = s.process(t).apply(ctx, p)
	var o evidence.Outcome
	if _, err := os.Stat(s.log); err == nil {
		o = s.outcome(t)
	}
	s.story = append(s.story, fmt.Sprint("=> ", o.Result, " ", o.Sent, " gone ", after.gone()))
	return after, o.Result == evidence.Closed || o.Result == evidence.AlreadyClosed
}

// Whatever a site answers that never lies about a deletion, a closure is claimed only for an account
// that is deleted. The seeds are some of those that once claimed another one.
func TestHostile_replicasThatDifferProveNoDeletion(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{
		18, 63, 72, 84, 96, 158, 161, 171, 181, 185, 195, 214, 220, 255, 265, 272, 282, 303, 307, 312,
	} {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(seed, 1))
				s := &replicas{liar: newLiar(t, konstantlyCase), rng: rng, hide: rng.IntN(101), interrupt: -1}
				s.mock.Konstantly.Set(func(k *mock.Konstantly) { k.HideBlocked = true }) // in the list
				m := s.process(t).mustImport(konstantlyKind, konstantlyCase.id)
				s.answer = s.serve
				for range 3 {
					after, claims := s.run(t, m)
					if claims && konstantlyCase.has(s.mock, konstantlyCase.id) {
						t.Fatalf("claimed a closure of an account that is there:\n%s", strings.Join(s.story, "\n"))
					}
					if m = after; m.gone() {
						return
					}
					time.Sleep(time.Duration(rng.IntN(90)) * time.Second)
				}
			})
		})
	}
}
