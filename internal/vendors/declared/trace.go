package declared

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
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
		if t.needsMoreThan(u) {
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

// needsMoreThan reports whether a trace uses something of a user that is not known: the record, what is
// empty, or null. It would find nothing then, or ask without it. A trace may ask for that in a condition,
// and use something else.
func (t *traceBlock) needsMoreThan(u User) bool {
	all := append(t.sent(), t.found)
	known := map[string]cty.Value{varUser: u.variable(), varWas: u.record}
	isMissing := func(used hcl.Traversal) bool {
		if u.record.IsNull() {
			return used.RootName() == varWas || !isKnown(valueAt(known[varUser], attributesIn(used)), false)
		}
		return !isKnown(valueAt(known[used.RootName()], attributesIn(used)), true) &&
			!slices.ContainsFunc(all, func(e *expression) bool { return e.asksFor(used) })
	}
	return slices.ContainsFunc(all, func(e *expression) bool {
		return slices.ContainsFunc(append(e.traversalsOf(varUser), e.traversalsOf(varWas)...), isMissing)
	})
}

// isKnown reports whether a value holds something. An object does if all of a user is known.
func isKnown(v cty.Value, whole bool) bool {
	if v == cty.NilVal || v.IsNull() {
		return false
	}
	if said, isText := textOf(v); isText {
		return said != ""
	}
	return whole && !isNothing(v)
}

// asksFor reports whether the expression has a condition that looks at something.
func (e *expression) asksFor(part hcl.Traversal) bool {
	if e == nil {
		return false
	}
	asks := false
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		if choice, ok := node.(*hclsyntax.ConditionalExpr); ok {
			asks = asks || slices.ContainsFunc(choice.Condition.Variables(), func(seen hcl.Traversal) bool {
				return seen.RootName() == part.RootName() && slices.Equal(attributesIn(seen), attributesIn(part))
			})
		}
		return none
	})
	return asks
}
