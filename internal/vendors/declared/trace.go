package declared

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// countsAsClosed reports whether the traces, asked with the ID alone, find nothing of a user whom the vendor
// shows as closed. What else a tombstone says of the user may not be as before.
func (c *Client) countsAsClosed(ctx context.Context, id string) bool {
	return c.checkTraces(ctx, User{User: offboard.User{ID: id}}) == nil
}

// checkTraces returns an offboard.ErrListed if a trace of u is found, who is not shown as open any more.
// u is as before the closure. If a trace needs more of it than is known, nothing is proven: the error is
// an offboard.ErrAccessUnproven.
func (c *Client) checkTraces(ctx context.Context, u User) error {
	if u.record == cty.NilVal {
		u.record = cty.NullVal(cty.DynamicPseudoType)
	}
	for i := range c.def.traces {
		t := &c.def.traces[i]
		if u.record.IsNull() && t.needsMoreThan(u) {
			return fmt.Errorf(
				"%w: the trace %q needs more of the account from before the closure than is known",
				offboard.ErrAccessUnproven, t.name,
			)
		}
		vars := variables{varUser: u.variable(), varWas: u.record}
		a, err := c.exchange(ctx, &t.requestBlock, vars)
		if err != nil {
			return err
		}
		found, err := c.def.traceAnswer(t, u, a)
		if err != nil {
			return err
		}
		if found {
			return fmt.Errorf("%w (trace %q)", offboard.ErrListed, t.name)
		}
	}
	return nil
}

// traceAnswer reports whether an answer shows the trace of u.
func (d *Definition) traceAnswer(t *traceBlock, u User, a answerValue) (bool, error) {
	if !t.succeeds(a) {
		return false, d.fault(a)
	}
	found, err := t.found.value(variables{varAnswer: a.value, varUser: u.variable(), varWas: u.record})
	switch {
	case err != nil:
		return false, a.unreadable(err)
	case isNothing(found):
		return false, a.checkFailure(true, t.ok, t.found)
	}
	return true, nil
}

// needsMoreThan reports whether a trace uses something of a user of whom no record is known: the record,
// or what is empty of the user.
func (t *traceBlock) needsMoreThan(u User) bool {
	known := u.variable()
	isUnknown := func(used hcl.Traversal) bool {
		value, ok := attributeOf(known, nameIn(used))
		if !ok {
			return true
		}
		said, isText := textOf(value)
		return !isText || said == ""
	}
	return slices.ContainsFunc(append(t.sent(), t.found), func(e *expression) bool {
		return e.uses(varWas) || slices.ContainsFunc(e.traversalsOf(varUser), isUnknown)
	})
}
