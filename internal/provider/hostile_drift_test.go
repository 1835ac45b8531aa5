package provider

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The account was closed, or is suspended, or has another role, as each refresh says. The block
// names the address, as the pages recommend. Then somebody changes its timeouts, and nothing else.
// That accepts nothing: a message says that only another import ends the warning, and the reviewer
// of a later closure must be told.
func TestHostile_anEditOfTheTimeoutsEndsNoWarning(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		for what, happens := range map[string]func(t *testing.T, f *liar, m managed) managed{
			"is open again": func(t *testing.T, f *liar, m managed) managed {
				v.drop(f.mock, v.id)
				m, _ = f.process(t).read(m)
				v.put(f.mock, v.id, inesName, inesEmail)
				return m
			},
			"is suspended": func(_ *testing.T, f *liar, m managed) managed {
				if v.suspend != nil {
					v.suspend(f.mock, v.id)
				}
				return m
			},
			"has another": func(_ *testing.T, f *liar, m managed) managed {
				v.fact(f.mock, v.id, "advisor")
				return m
			},
		} {
			if what == "is suspended" && v.suspend == nil {
				continue
			}
			t.Run(v.kind.name+" "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					m := happens(t, f, f.process(t).mustImport(v.kind, v.id))
					time.Sleep(time.Hour)
					d := f.process(t)
					m, diags := d.read(m)
					if !strings.Contains(diags.warnings(), what) {
						t.Fatalf("got %q, want %q", diags.warnings(), what)
					}
					p, diags := d.planBlock(m, attributes{"id": v.id, "email": inesEmail, "timeouts": timeoutsOf("12m")})
					if diags.errors() != "" {
						t.Fatal(diags.errors())
					}
					m, _ = d.apply(t.Context(), p)
					m, diags = f.process(t).read(m)
					if !strings.Contains(diags.warnings(), what) {
						t.Errorf("got %q, want %q as long as it lasts", diags.warnings(), what)
					}
					if _, diags = f.process(t).planDestroy(m); what == "is open again" && !strings.Contains(diags.warnings(), what) {
						t.Errorf("the reviewer of the closure is told %q, want %q", diags.warnings(), what)
					}
				})
			})
		}
	}
}
