package declared

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Calls returns a hash of what the calls that cannot be undone would send for u, letter for letter. It
// differs if a call would be about something else, also where a person sees no difference. A call that
// may be undone may send back what changes on its own. The error is that of User: a row of a list may
// show less than the read that the definition describes.
func (c *Client) Calls(ctx context.Context, u User) (string, error) {
	steps := slices.DeleteFunc(c.def.closure(), func(s *stepBlock) bool { return s.reversible })
	if u.listed && slices.ContainsFunc(steps, func(s *stepBlock) bool { return s.uses(varRecord) }) {
		var err error
		if u, err = c.User(ctx, u.ID); err != nil {
			return "", err
		}
	}
	vars := variables{
		varUser: u.variable(), varRecord: u.record, varSetting: c.def.set, varSelf: c.setup.self(),
		varFresh: cty.StringVal(""),
	}
	var all []rest.Request
	for _, s := range steps {
		made, err := s.build(vars)
		if err != nil {
			made = rest.Request{Route: err.Error()} // so that it is told when it is to be sent
		}
		all = append(all, made)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// sameCalls returns an error if the calls would hold something else than at the first look, before any
// call has changed the account: it was read again since then.
func (r *closure) sameCalls(ctx context.Context) error {
	if r.calls == "" || r.changed {
		return nil
	}
	now, err := r.client.Calls(ctx, r.now)
	if err == nil && now != r.calls {
		err = errOtherCalls
	}
	return err
}

// errOtherCalls is why no call was made.
var errOtherCalls = errors.New("what the call would hold has changed since the account was first read")
