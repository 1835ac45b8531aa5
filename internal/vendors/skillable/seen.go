package skillable

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Seen reads the users who have a running or saved lab, each once. Skillable has no list of users:
// a person without labs, or with labs that the key may not see, is not among them. Email addresses
// are not shown. Errors are those of rest.Pages.
// https://github.com/LearnOnDemandSystems/ConnectAPI (Skillable-lab-OpenAPI.yaml, runningandsavedlabs)
func (c *Client) Seen(ctx context.Context) iter.Seq2[offboard.User, error] {
	user := func(u offboard.User) string { return u.ID } // who has a row for each lab, with the name that it shows
	labs := rest.Pages(user, nil, func(rest.Place) (rest.Page[offboard.User], error) { return c.inLabs(ctx) })
	return func(yield func(offboard.User, error) bool) {
		for u, err := range labs {
			if err == nil && u.ID == "" { // nothing says whose lab it is
				continue
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

// inLabs reads the users of the running and the saved labs. No paging is documented, so its one
// answer is all of it.
func (c *Client) inLabs(ctx context.Context) (rest.Page[offboard.User], error) {
	answer, err := c.rest.Read(ctx, command([]string{"runningandsavedlabs"}, nil))
	if err != nil {
		return rest.Page[offboard.User]{}, err
	}
	var body struct {
		answerStatus
		RunningLabs, SavedLabs json.RawMessage
	}
	if err := decode(answer, &body); err != nil {
		return rest.Page[offboard.User]{}, err
	}
	if err := body.check(answer); err != nil {
		return rest.Page[offboard.User]{}, err
	}
	var rows []json.RawMessage
	for _, list := range []struct {
		field string
		raw   json.RawMessage
	}{{"RunningLabs", body.RunningLabs}, {"SavedLabs", body.SavedLabs}} {
		var labs []json.RawMessage
		if err := json.Unmarshal(list.raw, &labs); err != nil {
			return rest.Page[offboard.User]{}, answer.Malformed("the answer has no usable %s: %w", list.field, err)
		}
		rows = append(rows, labs...)
	}
	page, err := rest.PageOf(ctx, answer, rows, nil, func(row rest.Answer) (offboard.User, error) {
		var h struct {
			UserID        rest.ID `json:"UserId"`
			UserFirstName rest.Optional[string]
			UserLastName  rest.Optional[string]
		}
		err := row.JSON(&h)
		if row.HoldsSecret(string(h.UserID)) {
			err = row.Malformed("the user's ID holds a credential")
		}
		name := row.Text(h.UserFirstName.Value + " " + h.UserLastName.Value)
		return offboard.User{ID: string(h.UserID), Name: name, Status: offboard.Active}, err
	})
	page.Last = true
	return page, err
}
