package provider

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// forgetful is a cache that keeps the answers to reads, and that does not tell their Age. Its answers
// and those of the vendor have a Date.
type forgetful struct {
	vendor http.Handler
	kept   map[string]*httptest.ResponseRecorder // by method and URL; nil while it keeps nothing
	serves bool
}

// ServeHTTP implements http.Handler.
func (c *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "CloseUserAccount")
	key := r.Method + " " + r.URL.String()
	answer := c.kept[key]
	if !reads || !c.serves || answer == nil {
		answer = httptest.NewRecorder()
		answer.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
		c.vendor.ServeHTTP(answer, r)
	}
	if reads && !c.serves {
		c.kept[key] = answer
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// The plan is saved. Ten minutes later the ID has passed to Zoe, and a cache still answers with Ines. It
// does not say how old the answers are, but their Date does, from the first request on.
func TestHostile_anOldDateIsNoLookBeforeACall(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		cache := &forgetful{vendor: f, kept: map[string]*httptest.ResponseRecorder{}}
		process := func() *driver { return virtualDriver(t, cache, attributes{"evidence_log": f.log}) }
		d := process()
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		time.Sleep(10 * time.Minute)
		v.drop(f.mock, v.id)
		v.put(f.mock, v.id, "Zoe New", "zoe.new@acme.test")
		cache.serves = true
		f.mock.ForgetRequests()
		m, diags := process().apply(t.Context(), p)
		for _, r := range f.mock.Requests() {
			if r.Change {
				t.Errorf("%s left after answers that were ten minutes old", r.Route)
			}
		}
		if m.gone() || !v.has(f.mock, v.id) || !strings.Contains(diags.errors(), "10m3s old") {
			t.Errorf("gone %v, Zoe open %v, errors %q, want the age of the answer in them",
				m.gone(), v.has(f.mock, v.id), diags.errors())
		}
	})
}

// The clock of the vendor is an hour off, in either direction. Its Date goes on all the same, so that
// it says nothing against a closure.
func TestHostile_aVendorWithAWrongClockClosesWhoIsToBeClosed(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]time.Duration{"behind": -time.Hour, "ahead": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
				handler := dated{f.mock, func() string { return time.Now().Add(by).UTC().Format(http.TimeFormat) }}
				d := virtualDriver(t, handler, attributes{"evidence_log": f.log})
				m := d.mustImport(v.kind, v.id)
				if after, diags := d.destroy(m); !after.gone() || v.has(f.mock, v.id) {
					t.Errorf("got %q, want the account closed", diags.errors())
				}
			})
		})
	}
}
