package provider

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// One request in 25 seconds is a rate that the block may set. A plan of one closure must be
// possible, with and without a refresh.
func TestHostile_aSlowRateIsNoReasonToPlanNothing(t *testing.T) {
	t.Parallel()
	for _, refresh := range []bool{true, false} {
		for _, v := range vendorCases {
			name := v.kind.name
			if refresh {
				name += " refresh"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					m := f.process(t).mustImport(v.kind, v.id)
					d := virtualDriver(t, f, v.settings(attributes{
						"api_key": mockKey, "base_url": "http://127.0.0.1:1" + v.prefix(), "requests_per_second": 0.04,
					}, attributes{"evidence_log": f.log}))
					if refresh {
						m, _ = d.read(m)
					}
					if _, diags := d.planDestroy(m); diags.errors() != "" {
						t.Errorf("got %q, want a plan", diags.errors())
					}
				})
			})
		}
	}
}

// The refresh reads the account as open. Then a run with another state and the same log closes it,
// and the log proves that. Some minutes later the same large run comes to plan the destroy of the
// account. Nothing has shown it open since the closure.
func TestHostile_aReadingFromBeforeAClosureIsNotShownAfterIt(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		m := f.process(t).mustImport(v.kind, v.id)
		time.Sleep(time.Hour)
		d := f.process(t)
		m, _ = d.read(m)
		time.Sleep(time.Minute)
		other := f.process(t)
		if after, diags := other.apply(t.Context(), other.mustPlanDestroy(m)); !after.gone() {
			t.Fatal(diags.errors())
		}
		time.Sleep(time.Minute)
		p, diags := d.planDestroy(m)
		if text := diags.warnings(); strings.Contains(text, "open again") || strings.Contains(text, "will be closed") {
			t.Errorf("got %q, want no word of an open account", text)
		}
		time.Sleep(time.Minute)
		if after, diags := f.process(t).apply(t.Context(), p); !after.gone() {
			t.Fatalf("got %q, want that the user leaves the state", diags.errors())
		}
		time.Sleep(time.Minute)
		v.put(f.mock, v.id, inesName, inesEmail)
		if after, _ := f.process(t).apply(t.Context(), p); after.gone() || !v.has(f.mock, v.id) {
			t.Errorf("got the closure of an account that nobody has reviewed since it was opened again")
		}
	})
}

// listWithInes makes a run read the whole list of the vendor, with Ines on it. It returns Ines as
// she was imported before.
func (f *liar) listWithInes(t *testing.T, v vendorCase, d *driver) managed {
	t.Helper()
	others := slices.DeleteFunc(v.addMany(f.mock, 60), func(id string) bool { return id == v.id })
	for _, id := range others { // one of them has the address of Ines
		v.email(f.mock, id, "u-"+id+"@acme.test")
	}
	m := f.process(t).mustImport(v.kind, v.id)
	time.Sleep(time.Hour)
	d.refresh(v.kind, others)
	before := len(f.mock.Requests())
	f.process(t).read(m)
	alone := len(f.mock.Requests()) - before
	d.refresh(v.kind, others[:1])
	if got := len(f.mock.Requests()) - before - alone; got >= alone {
		t.Fatalf("got %d requests for one more user, want the list to answer", got)
	}
	return m
}

// closeElsewhere has another process close Ines, which the log proves.
func (f *liar) closeElsewhere(t *testing.T, m managed) {
	t.Helper()
	time.Sleep(time.Minute)
	other := f.process(t)
	if after, diags := other.apply(t.Context(), other.mustPlanDestroy(m)); !after.gone() {
		t.Fatal(diags.errors())
	}
	time.Sleep(time.Minute)
}

// The run has read the list, with Ines on it. Another process closes her, and the log proves that.
// Then the same run refreshes her, or has refreshed her before, and plans to destroy her. The list
// is older than the closure, so that nothing shows her open.
func TestHostile_aListFromBeforeAClosureShowsNobodyOpenAfterIt(t *testing.T) {
	t.Parallel()
	for name, refreshed := range map[string]bool{"refreshed before the closure": true, "refreshed after it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachLiar(t, casesWhere(t, vendorCase.hasList), func(t *testing.T, v vendorCase, f *liar) {
				f.recordElsewhere(t, "x")
				d := f.process(t)
				m := f.listWithInes(t, v, d)
				if refreshed {
					d.read(m)
				}
				f.closeElsewhere(t, m)
				if !refreshed {
					if now, diags := d.read(m); now.text("status") != "closed" {
						t.Errorf("got the status %q, want closed: %s", now.text("status"), diags.warnings())
					}
				}
				_, diags := d.planDestroy(m)
				if text := diags.warnings(); strings.Contains(text, "open again") || strings.Contains(text, "will be closed") {
					t.Errorf("got %q, want no word of an open account", text)
				}
			})
		})
	}
}
