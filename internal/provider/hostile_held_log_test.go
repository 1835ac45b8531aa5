package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// limitReads puts a timeout of 20 seconds for reading into the state, as an apply does.
func (d *driver) limitReads(m managed) managed {
	d.t.Helper()
	var all map[string]tftypes.Value
	if err := m.state.As(&all); err != nil {
		d.t.Fatal(err)
	}
	all["timeouts"] = object(all["timeouts"].Type(), attributes{"read": "20s"})
	m.state = tftypes.NewValue(m.state.Type(), all)
	return m
}

// Another process holds the lock of the log. Each user has 20 seconds for a refresh. The vendor
// answers at once, so that the refresh must succeed, and must not wait again for each further user.
// A closure of the same run still waits for the lock.
func TestHostile_aHeldLogLeavesARefreshTheTimeToRead(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		d := f.process(t)
		one, two := d.mustImport(v.kind, v.id), d.mustImport(v.kind, v.other)
		p := d.mustPlanDestroy(one)
		d = f.process(t)
		f.holdLog(t, 30*time.Second)
		began := time.Now()
		for _, m := range []managed{one, two} {
			if _, diags := d.read(d.limitReads(m)); diags.errors() != "" {
				t.Errorf("got %q, want a refresh", diags.errors())
			}
		}
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("got two refreshes in %s, want one wait of 5 s", took)
		}
		if after, diags := d.apply(t.Context(), p); !after.gone() {
			t.Errorf("got %q, want a closure as soon as the lock is free", diags.errors())
		}
	})
}

// The same at the plan of a destroy without a refresh. The plan cannot do without the log, and the
// error must say what it waited for.
func TestHostile_aPlanThatWaitedForTheLogBlamesNoNetwork(t *testing.T) {
	t.Parallel()
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		f.recordElsewhere(t, "x")
		d := f.process(t)
		m := d.limitReads(d.mustImport(v.kind, v.id))
		f.holdLog(t, time.Minute)
		_, diags := f.process(t).planDestroy(m)
		text := diags.errors()
		if !strings.Contains(text, "no lock on the evidence log") || strings.Contains(text, "network") {
			t.Errorf("got %q, want that the log was locked", text)
		}
		time.Sleep(time.Minute)
	})
}
