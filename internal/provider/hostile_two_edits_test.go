package provider

import (
	"fmt"
	"testing"
	"testing/synctest"
)

// A seat passes on in two edits: first the address or the name, then the other one. At the import one of them was not
// shown, so that the first edit changes nothing of what is known. A refresh, or a plan, comes between them.
func TestHostile_aSeatThatPassesInTwoEdits(t *testing.T) {
	t.Parallel()
	const kern = "Zoe Kern"
	for name, edits := range map[string][3][2]string{
		"the address first": {{inesName, ""}, {inesName, "zoe@acme.test"}, {kern, "zoe@acme.test"}},
		"the name first":    {{"", inesEmail}, {kern, inesEmail}, {kern, ""}},
	} {
		for _, v := range []vendorCase{konstantlyCase, ecgridCase, sfoxCase, skillableCase} {
			for _, planned := range []bool{false, true} {
				t.Run(fmt.Sprint(name, ", ", v.kind.name, ", planned between: ", planned), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						f := newLiar(t, v)
						edit := func(n int) { v.rename(f.mock, v.id, edits[n][0], edits[n][1]) }
						edit(0)
						m := f.process(t).mustImport(v.kind, v.id)
						edit(1)
						m, _ = f.process(t).read(m)
						p, diags := f.process(t).planDestroy(m)
						edit(2)
						if !planned {
							m, _ = f.process(t).read(m)
							p, diags = f.process(t).planDestroy(m)
						}
						if diags.errors() == "" {
							f.apply(t, f.process(t), p)
						}
						if !v.has(f.mock, v.id) {
							t.Error("the account of the next owner is closed")
						}
					})
				})
			}
		}
	}
}
