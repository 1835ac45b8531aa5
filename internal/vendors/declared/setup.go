package declared

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// aliveAnswer is what an answer to the request alive shows.
type aliveAnswer struct {
	self   string          // ID, email or login of who owns the key; empty if the definition does not say
	record cty.Value       // of that user; null if the definition does not say
	rights string          // with which rights the key sees users; empty if the definition does not say
	users  rest.Page[User] // where a list is the proof of access

	named bool     // self is an email or a login, and no ID
	id    string   // in record; empty if it does not read as a user
	names []string // the email addresses beside self, and the email and the login in record
}

// setup is the check before the first use. It is made once, and its success is remembered.
type setup struct {
	turn  chan struct{} // full while the check is made
	found atomic.Pointer[aliveAnswer]
	// failed is why the vendor cannot be used, if no later request can change that.
	failed atomic.Pointer[SetupError]
}

// SetupError says that a vendor failed the check before its first use, so that nothing of it is
// believed.
type SetupError struct {
	Block string // of the definition: "alive", "self of alive" or "unknown_id"
	Err   error
}

func (e *SetupError) Error() string {
	return fmt.Sprintf("before the first use, the check of %s failed: %v", e.Block, e.Err)
}

// Unwrap returns what came instead.
func (e *SetupError) Unwrap() error { return e.Err }

// self is the record of the user who owns the key, for requests.
func (s *setup) self() cty.Value {
	if found := s.found.Load(); found != nil {
		return found.record
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// names returns the names beside self that say who owns the key in an answer to the block alive: those that
// the check before the first use has left.
func (s *setup) names(found aliveAnswer) []string {
	if checked := s.found.Load(); checked != nil && checked.self == found.self {
		return checked.names
	}
	return found.names
}

// ready makes the check before the first use: the key works, its owner is a user, and an ID that no user
// has reads as absent. That catches a wrong address, a wrong key and a wrong definition before anything of the
// vendor is believed. The error is an *rest.Error or a *SetupError.
func (c *Client) ready(ctx context.Context) (*aliveAnswer, error) {
	if found := c.setup.found.Load(); found != nil {
		return found, nil
	}
	select {
	case c.setup.turn <- struct{}{}:
		defer func() { <-c.setup.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if found := c.setup.found.Load(); found != nil {
		return found, nil
	}
	if failed := c.setup.failed.Load(); failed != nil {
		return nil, failed
	}
	found, err := c.check(rest.WithoutStartBy(ctx))
	if err != nil {
		failed := (*SetupError)(nil)
		if errors.As(err, &failed) && lasting(failed.Err) {
			c.setup.failed.Store(failed)
		}
		return nil, err
	}
	c.setup.found.Store(&found)
	return &found, nil
}

// lasting reports whether another attempt would fail in the same way: what came is an answer of an
// API that works, and not the one that the definition describes.
func lasting(err error) bool {
	fault := (*rest.Error)(nil)
	return !errors.As(err, &fault) || !fault.Failing() && fault.Status != 0
}

var errReadsAsUser = errors.New("the vendor shows a user with the ID that no user has (unknown_id)")

func (c *Client) check(ctx context.Context) (aliveAnswer, error) {
	found, err := c.ask(ctx)
	if err != nil {
		return aliveAnswer{}, &SetupError{"alive", err}
	}
	if err := c.checkOwner(ctx, &found); err != nil {
		return aliveAnswer{}, &SetupError{"self of alive", err}
	}
	_, err = c.readUser(ctx, c.def.unknownID, found.record)
	switch {
	case errors.Is(err, offboard.ErrNotFound):
		return found, nil
	case err == nil || errors.Is(err, offboard.ErrClosed):
		err = errReadsAsUser
	}
	return aliveAnswer{}, &SetupError{"unknown_id", err}
}

// ask makes the request alive.
func (c *Client) ask(ctx context.Context) (aliveAnswer, error) {
	block := &c.def.alive
	a, err := c.exchange(ctx, &block.requestBlock, nil)
	if err != nil {
		return aliveAnswer{}, err
	}
	found, err := c.def.aliveAnswer(a)
	if err == nil && block.records != nil {
		found.users, err = c.def.rows(ctx, a, block.records)
		found.users.Doubt = a.further(false, block.looks()...)
	}
	return found, err
}

// aliveAnswer returns what an answer to the block alive shows, without the users in it.
func (d *Definition) aliveAnswer(a answerValue) (aliveAnswer, error) {
	block, vars := &d.alive, variables{varAnswer: a.value}
	if err := d.checkWorks(a); err != nil {
		return aliveAnswer{}, err
	}
	found := aliveAnswer{record: cty.NullVal(cty.DynamicPseudoType)}
	var err error
	found.self, err = block.self.text(vars)
	switch {
	case err != nil:
		return aliveAnswer{}, a.unreadable(err)
	case block.self != nil && found.self == "":
		return aliveAnswer{}, a.Malformed("self of the block alive is empty, so nothing says who owns the key")
	}
	if block.record != nil {
		if found.record, err = block.record.aRecord(vars); err != nil {
			return aliveAnswer{}, a.unreadable(err)
		}
	}
	if block.self != nil {
		if err := d.readOwner(a, &found); err != nil {
			return aliveAnswer{}, err
		}
	}
	if block.rights != nil {
		rights, err := block.rights.value(vars)
		if err != nil {
			return aliveAnswer{}, a.unreadable(err)
		}
		if found.rights, _ = factOf(rights); found.rights == "" {
			return aliveAnswer{}, a.Malformed("rights of the block alive are empty, so nothing says what the key sees")
		}
	}
	return found, nil
}

// checkWorks returns why an answer to the block alive does not show that the key works.
func (d *Definition) checkWorks(a answerValue) error {
	block := &d.alive
	switch {
	case a.foreign() || !a.OK():
		return d.fault(a)
	case a.problem != nil:
		return a.problem
	case !block.works.holds(variables{varAnswer: a.value}):
		return a.Malformed("works of the block alive does not hold for the answer")
	}
	return a.checkFailure(false, block.looks()...)
}

// Rights returns with which rights the key sees users, if the definition says so. It asks once in
// the life of the client. The error is that of ready.
func (c *Client) Rights(ctx context.Context) (string, error) {
	found, err := c.ready(ctx)
	if err != nil {
		return "", err
	}
	return found.rights, nil
}

// CheckAccess asks, after the vendor did not show u, whether the key still sees what it should. then
// are the rights with which it last saw u. The errors are those of offboard.Verifier.CheckAccess.
// Callers side by side share the request.
func (c *Client) CheckAccess(ctx context.Context, u offboard.User, then string) error {
	if ended, ok := c.ended.Load(u.ID); ok && !u.IsAnother(ended.(User).User) {
		return c.checkEnded(ctx, u)
	}
	if !c.def.endsAbsent() {
		return offboard.ErrAbsenceNoEnd
	}
	found, err := c.access.Do(ctx, "alive", c.ask)
	if err != nil {
		return err
	}
	found.names = c.setup.names(found)
	if err = c.checkListed(ctx, u, found, then); err != nil && !errors.Is(err, offboard.ErrClosed) {
		return err
	}
	if _, begun := c.begun.Load(u.ID); begun {
		return err // the read that did not show the user has found no trace
	}
	if trace := c.checkTraces(ctx, User{User: u}); trace != nil {
		return trace
	}
	return err
}
