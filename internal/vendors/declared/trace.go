package declared

import (
	"context"
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// checkTraces returns an offboard.ErrListed if a trace of u is found, who is not shown any more. The
// record of u is that from before the closure. If it is not known, and a trace needs it, nothing is
// proven: the error is an offboard.ErrAccessUnproven.
func (c *Client) checkTraces(ctx context.Context, u User) error {
	if u.record == cty.NilVal {
		u.record = cty.NullVal(cty.DynamicPseudoType)
	}
	for i := range c.def.traces {
		t := &c.def.traces[i]
		if u.record.IsNull() && t.needsRecord() {
			return fmt.Errorf("%w: the record from before the closure is not known", offboard.ErrAccessUnproven)
		}
		vars := variables{varUser: u.variable(), varWas: u.record}
		a, err := c.exchange(ctx, &t.requestBlock, vars)
		switch {
		case err != nil:
			return err
		case !t.succeeds(a):
			return c.def.fault(a)
		}
		vars[varAnswer] = a.value
		found, err := t.found.value(vars)
		if err != nil {
			return a.unreadable(err)
		}
		if !isNothing(found) {
			return fmt.Errorf("%w (trace %q)", offboard.ErrListed, t.name)
		}
	}
	return nil
}

// needsRecord reports whether a trace uses the record from before the closure.
func (t *traceBlock) needsRecord() bool {
	return t.found.uses(varWas) || t.uses(varWas)
}
