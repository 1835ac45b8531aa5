package skillable

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Seen reads the users who have a lab running or saved, each once. Skillable has no list of users: whoever has no lab, or only labs that the key may not see,
// is not among them. E-mail addresses are not shown there. An error is an *rest.Error and ends the list.
// https://github.com/LearnOnDemandSystems/ConnectAPI (Skillable-lab-OpenAPI.yaml, runningandsavedlabs)
func (c *Client) Seen(ctx context.Context) iter.Seq2[offboard.User, error] {
	return rest.Pages(func(u offboard.User) string { return u.ID }, func(int) (rest.Page[offboard.User], error) {
		users, err := c.seen(ctx)
		return rest.Page[offboard.User]{Items: users, Of: 1}, err
	})
}

func (c *Client) seen(ctx context.Context) ([]offboard.User, error) {
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
	for _, list := range []struct {
		field string
		raw   json.RawMessage
	}{{"RunningLabs", body.RunningLabs}, {"SavedLabs", body.SavedLabs}} {
		var holders []holder
		if err := json.Unmarshal(list.raw, &holders); err != nil {
			return nil, answer.Garbled("the answer has no usable %s: %w", list.field, err)
		}
		for _, h := range holders {
			if h.UserID != nil && *h.UserID != "" { // otherwise nothing says whose lab it is
				users = append(users, offboard.User{
					ID: string(*h.UserID), Name: answer.Text(h.UserFirstName + " " + h.UserLastName), Status: offboard.Active,
				})
			}
		}
	}
	return users, nil
}
