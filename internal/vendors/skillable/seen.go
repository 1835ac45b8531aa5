package skillable

import (
	"context"
	"encoding/json"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Seen reads the users who have a lab running or saved, each once. Skillable has no list of users: whoever has no lab, or only labs that the key may not see,
// is not among them. E-mail addresses are not shown there. The error is an *rest.Error.
// https://github.com/LearnOnDemandSystems/ConnectAPI (Skillable-lab-OpenAPI.yaml, RunningAndSavedLabs)
func (c *Client) Seen(ctx context.Context) ([]offboard.User, error) {
	answer, err := c.rest.Read(ctx, command([]string{"runningandsavedlabs"}, nil))
	if err != nil {
		return nil, err
	}
	var body struct {
		verdict
		RunningLabs, SavedLabs json.RawMessage
	}
	if err := decode(answer, &body); err != nil {
		return nil, err
	}
	if err := body.check(answer); err != nil {
		return nil, err
	}
	var users []offboard.User
	seen := map[string]bool{}
	for _, list := range []struct {
		field string
		raw   json.RawMessage
	}{{"RunningLabs", body.RunningLabs}, {"SavedLabs", body.SavedLabs}} {
		var holders []holder
		if err := json.Unmarshal(list.raw, &holders); err != nil {
			return nil, answer.Garbled("the answer has no usable %s: %w", list.field, err)
		}
		for _, h := range holders {
			if h.UserID == nil || *h.UserID == "" || seen[*h.UserID] {
				continue // nothing says whose lab it is, or the user is known already
			}
			seen[*h.UserID] = true
			users = append(users, offboard.User{ID: *h.UserID, Name: h.name(), Status: offboard.Active})
		}
	}
	return users, nil
}
