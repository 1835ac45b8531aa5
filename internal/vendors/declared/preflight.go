package declared

import (
	"context"
	"errors"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Preflight returns what a person should know before u is closed: that it owns the key, and what
// the obstacles of the definition find. It changes nothing. A check for which the rate limit leaves
// no time becomes an offboard.CheckSkipped, and so does one that blocks nothing and cannot be asked
// without what the vendor does not show. Any other error is an *rest.Error or an *EvaluationError.
func (c *Client) Preflight(ctx context.Context, u User) ([]offboard.Finding, error) {
	own, err := c.ownUser(ctx, u)
	if err != nil || own != nil {
		return own, err
	}
	if u.listed && c.def.readsRecord() { // a row may show less than the read that the definition describes
		if u, err = c.User(ctx, u.ID); err != nil {
			return nil, err
		}
	}
	return c.obstacles(ctx, u, func(obstacleBlock) bool { return true })
}

// PreflightSuspension is Preflight for an account that is only suspended. Obstacles are about closures,
// so it tells only that u owns the key. The error is ErrCannotSuspend if no step can be undone.
func (c *Client) PreflightSuspension(ctx context.Context, u User) ([]offboard.Finding, error) {
	if !c.def.Suspends() {
		return nil, ErrCannotSuspend
	}
	return c.ownUser(ctx, u)
}

// ownUser returns the finding that u owns the key.
func (c *Client) ownUser(ctx context.Context, u User) ([]offboard.Finding, error) {
	found, err := c.ready(rest.WithoutStartBy(ctx))
	if err != nil || !found.owns(u) {
		return nil, err
	}
	return []offboard.Finding{{Kind: offboard.OwnUser, Subject: c.rest.Text(u.ID)}}, nil
}

// KeyOwner returns a function that reports whether a user owns the key, and whether a row of a list may be of
// that user. If the definition does not say who that is, it is none. The error is an *rest.Error or a
// *SetupError.
func (c *Client) KeyOwner(ctx context.Context) (func(User) (owns, may bool), error) {
	found, err := c.ready(ctx)
	if err != nil {
		return nil, err
	}
	return func(u User) (owns, may bool) { return found.owns(u), found.mayOwn(u) }, nil
}

// readsRecord reports whether an obstacle looks at the record.
func (d *Definition) readsRecord() bool {
	for _, o := range d.obstacles {
		if o.found.uses(varRecord) || o.request != nil && o.request.uses(varRecord) {
			return true
		}
	}
	return false
}

// obstacles returns what those obstacles find that are asked for.
func (c *Client) obstacles(ctx context.Context, u User, asked func(obstacleBlock) bool) ([]offboard.Finding, error) {
	var findings []offboard.Finding
	for _, o := range c.def.obstacles {
		if !asked(o) {
			continue
		}
		found, err := c.obstacle(ctx, &o, u)
		switch {
		case errors.Is(err, offboard.ErrNoTime):
			found = []offboard.Finding{{Kind: offboard.CheckSkipped, Subject: o.name}}
		case err != nil:
			return nil, err
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

// obstacle makes one check.
func (c *Client) obstacle(ctx context.Context, o *obstacleBlock, u User) ([]offboard.Finding, error) {
	if o.request == nil {
		return c.def.obstacleAnswer(o, u, answerValue{}, c.rest.Text)
	}
	a, err := c.exchange(ctx, o.request, variables{varUser: u.variable(), varRecord: u.record})
	if unsent, ok := errors.AsType[*EvaluationError](err); ok && !o.blocks {
		return []offboard.Finding{{Kind: offboard.CheckSkipped, Subject: o.name, Reason: unsent.Error()}}, nil
	}
	if err != nil {
		return nil, err
	}
	return c.def.obstacleAnswer(o, u, a, c.rest.Text)
}

// obstacleAnswer returns what the obstacle finds in an answer, or without a request in u alone.
func (d *Definition) obstacleAnswer(
	o *obstacleBlock, u User, a answerValue, safe func(string) string,
) ([]offboard.Finding, error) {
	vars := variables{varUser: u.variable(), varRecord: u.record}
	if o.request == nil {
		return o.findings(o.found.built, vars, safe)
	}
	if !o.request.succeeds(a) {
		return nil, d.fault(a)
	}
	vars[varAnswer] = a.value
	findings, err := o.findings(o.found.said, vars, safe)
	if err != nil {
		return nil, a.unreadable(err)
	}
	if len(findings) == 0 {
		return nil, a.checkNothing(o.request.ok, o.found)
	}
	return findings, a.checkFailure(false, o.request.ok, o.found)
}

// findings returns what the obstacle finds, as value evaluates it: one for each element of a list.
func (o *obstacleBlock) findings(
	value func(variables) (cty.Value, error), vars variables, safe func(string) string,
) ([]offboard.Finding, error) {
	found, err := value(vars)
	if err != nil {
		return nil, err
	}
	all, isList := elementsOf(found)
	if !isList {
		all = []cty.Value{found}
	}
	kind := offboard.Warning
	if o.blocks {
		kind = offboard.Obstacle
	}
	var findings []offboard.Finding
	for _, one := range all {
		if isNothing(one) && (!isList || one.IsNull() || one.Type() != cty.Number) { // a 0 in a list may be an ID
			continue
		}
		says, err := o.says.text(variables{varFound: one})
		if err != nil {
			return nil, err
		}
		findings = append(findings, offboard.Finding{Kind: kind, Subject: safe(says), Reason: o.remedy})
	}
	return findings, nil
}

// isNothing reports whether a value says that nothing was found: null, false, 0, an empty text or list.
func isNothing(v cty.Value) bool {
	all, isList := elementsOf(v)
	return isEmptyText(v) || v.RawEquals(cty.False) || v.RawEquals(cty.Zero) || isList && len(all) == 0
}
