package declared

import (
	"cmp"
	"context"
	"errors"
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
	return c.CheckTraces(ctx, offboard.User{ID: id}) == nil
}

// checkEnded returns an offboard.ErrClosed if the traces, asked with what is known of u, find nothing of a
// user whom the vendor shows as closed. No absence is in it, so the key need not see others.
func (c *Client) checkEnded(ctx context.Context, u offboard.User) error {
	err := c.CheckTraces(ctx, u)
	if errors.Is(err, offboard.ErrAccessUnproven) {
		return offboard.ErrClosedUnproven
	}
	return cmp.Or(err, offboard.ErrClosed)
}

// HasTraces reports whether the definition has a block trace, and whether one asks for an email address.
func (c *Client) HasTraces() (has, byEmail bool) {
	isEmail := func(used hcl.Traversal) bool { return slices.Equal(attributesIn(used), []string{"email"}) }
	for i := range c.def.traces {
		t := &c.def.traces[i]
		byEmail = byEmail || slices.ContainsFunc(append(t.sent(), t.found), func(e *expression) bool {
			return slices.ContainsFunc(e.traversalsOf(varUser), isEmail)
		})
	}
	return len(c.def.traces) > 0, byEmail
}

// CheckTraces returns an offboard.ErrListed if a trace of u is found, of whom no more is known than this. The
// other errors are those of a request, and an offboard.ErrAccessUnproven if a trace needs more of u.
func (c *Client) CheckTraces(ctx context.Context, u offboard.User) error {
	return c.checkTraces(ctx, User{User: u})
}

// checkTraces is CheckTraces for what is known of u. It asks with each address that u shows beside others, or beside a
// name.
func (c *Client) checkTraces(ctx context.Context, u User) error {
	addresses := offboard.AddressesIn(u.Email)
	switch {
	case len(addresses) > 0:
	case offboard.IsMask(u.Email): // nothing is found under it
		addresses = []string{""}
	default: // it may be a sign-in name
		addresses = []string{u.Email}
	}
	var unasked error
	for _, u.Email = range addresses {
		err := c.checkTracesOf(ctx, u)
		if err != nil && !errors.Is(err, offboard.ErrAccessUnproven) {
			return err
		}
		unasked = cmp.Or(unasked, err)
	}
	return unasked
}

// checkTracesOf returns an offboard.ErrListed if a trace of u is found, who is not shown as open any more.
// u is as before the closure. If a trace needs more of it than is known, nothing is proven: the error is
// an offboard.ErrAccessUnproven. Of a user who was searched for by the address, no account is known that could
// have left a trace, so that one is not asked for.
func (c *Client) checkTracesOf(ctx context.Context, u User) error {
	if u.record == cty.NilVal {
		u.record = cty.NullVal(cty.DynamicPseudoType)
	}
	var unasked error // a later trace may be found
	for i := range c.def.traces {
		t := &c.def.traces[i]
		switch needsMore := t.needsMoreThan(u); {
		case needsMore && u.ID == "":
			continue
		case needsMore:
			unasked = fmt.Errorf("%w: the trace %q needs more of the account from before the closure than is known",
				offboard.ErrAccessUnproven, t.name)
			continue
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
	return unasked
}

// traceAnswer reports whether an answer shows the trace of u.
func (d *Definition) traceAnswer(t *traceBlock, u User, a answerValue) (bool, error) {
	if !t.succeeds(a) {
		return false, d.fault(a)
	}
	found, err := t.found.said(variables{varAnswer: a.value, varUser: u.variable(), varWas: u.record})
	switch {
	case err != nil:
		return false, a.unreadable(err)
	case isNothing(found):
		return false, a.checkNothing(t.ok, t.found)
	}
	return true, nil
}

// said is built for what was found in an answer. A null that the expression does not write may stand in the
// place of anything, in an answer that is not whole.
func (e *expression) said(vars variables) (cty.Value, error) {
	v, err := e.built(vars)
	if err == nil && v.IsNull() && !e.writesNull() {
		err = &EvaluationError{e, "it is null, which does not say that nothing was found; " +
			"if it does, write the null, as in try(answer.json.field, null)"}
	}
	return v, err
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
		v := valueAt(known[used.RootName()], attributesIn(used))
		return !isKnown(v, true) && !slices.ContainsFunc(all, func(e *expression) bool { return e.asksFor(used, v) })
	}
	return slices.ContainsFunc(all, func(e *expression) bool {
		return slices.ContainsFunc(append(e.traversalsOf(varUser), e.traversalsOf(varWas)...), isMissing)
	})
}

// isKnown reports whether a value holds something. A list and an object do if all of a user is
// known.
func isKnown(v cty.Value, whole bool) bool {
	if v == cty.NilVal || v.IsNull() {
		return false
	}
	if said, isText := textOf(v); isText {
		return said != ""
	}
	return whole
}

// logical are the operators that can leave out what is after them.
var logical = []*hclsyntax.Operation{hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr}

// asksFor reports whether the expression asks for a part that has no value, or has something
// instead of it.
func (e *expression) asksFor(part hcl.Traversal, v cty.Value) bool {
	if e == nil {
		return false
	}
	asks := false
	_ = hclsyntax.VisitAll(e.expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		switch node := node.(type) {
		case *hclsyntax.ConditionalExpr:
			asks = asks || usesPart(node.Condition, part)
		case *hclsyntax.BinaryOpExpr:
			asks = asks || slices.Contains(logical, node.Op) && comparesPart(node, part)
		case *hclsyntax.ForExpr:
			asks = asks || node.CondExpr != nil && comparesPart(node.CondExpr, part)
		case *hclsyntax.FunctionCallExpr:
			asks = asks || replacesPart(node, part, v)
		}
		return none
	})
	return asks
}

// replacesPart reports whether a function has something instead of a part: try only for what is not
// there at all, and coalesce for a null.
func replacesPart(call *hclsyntax.FunctionCallExpr, part hcl.Traversal, v cty.Value) bool {
	isThere := v != cty.NilVal
	if (call.Name != "try" || isThere) && (call.Name != "coalesce" || !isThere || !v.IsNull()) {
		return false
	}
	i := slices.IndexFunc(call.Args, func(arg hclsyntax.Expression) bool { return usesPart(arg, part) })
	return i >= 0 && slices.ContainsFunc(call.Args[i+1:], saysSomething)
}

// usesPart reports whether an expression uses a part of a variable.
func usesPart(expr hclsyntax.Expression, part hcl.Traversal) bool {
	return slices.ContainsFunc(expr.Variables(), func(seen hcl.Traversal) bool {
		return seen.RootName() == part.RootName() && slices.Equal(attributesIn(seen), attributesIn(part))
	})
}

// comparesPart reports whether an expression compares a part of a variable with null or an empty
// text, or asks by can whether there is one. Any other comparison just does not find what is not
// there.
func comparesPart(expr hclsyntax.Expression, part hcl.Traversal) bool {
	compares := false
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) (none hcl.Diagnostics) {
		switch node := node.(type) {
		case *hclsyntax.BinaryOpExpr:
			if isComparison(node.Op) {
				compares = compares || usesPart(node.LHS, part) && !saysSomething(node.RHS) ||
					usesPart(node.RHS, part) && !saysSomething(node.LHS)
			}
		case *hclsyntax.FunctionCallExpr:
			compares = compares || node.Name == "can" && slices.ContainsFunc(node.Args, func(arg hclsyntax.Expression) bool {
				return usesPart(arg, part)
			})
		}
		return none
	})
	return compares
}

// saysSomething reports whether an expression is not just a null or an empty text.
func saysSomething(expr hclsyntax.Expression) bool {
	v, diags := expr.Value(nil)
	return len(expr.Variables()) > 0 || diags.HasErrors() || !isEmptyText(v)
}
