package skillable

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// User is what the labs of an id show of the person. The status is offboard.Unknown, and e-mail and
// name are empty, where they show nothing: nobody has the id, or a person without labs, or one
// whose labs this key may not see.
type User struct {
	offboard.User
	Running, Saved []Lab
	// everybody whom the search shows under the ID, also where nothing says which of them the user is
	Shown []offboard.Person
}

// Lab is an instance of a lab that a user has running or saved.
type Lab struct {
	ID   int64 // of the instance
	Name string
	Busy bool // being saved or graded
	// Owned says that the search shows the lab as this user's, and all labs of the user as of one API
	// consumer. The lists do not say whose a lab is, and a server may ignore the ID that they were
	// asked for.
	Owned bool
}

// instance is a lab as the API shows one.
// https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1
type instance struct {
	LabInstanceID       rest.ID `json:"LabInstanceId"`
	LabProfileName      rest.Optional[string]
	SaveInProgress      json.RawMessage
	SubmittedForGrading json.RawMessage
}

// busy reports whether a lab may be being saved or graded: all but a plain no, or no word at all,
// counts as a yes.
func (i instance) busy() bool {
	no := func(said json.RawMessage) bool { return slices.Contains([]string{"", "null", "false"}, string(said)) }
	return !no(i.SaveInProgress) || !no(i.SubmittedForGrading)
}

// User reads what can be seen of one user. There is no error that says that nobody has the id,
// because Skillable cannot tell. Every answer that cannot be used is an *rest.Error, and a search
// that cannot be read as a whole is a *rest.PartialError.
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("%q cannot be a user's id: %w", id, err)
	}
	running, saved, unlisted := c.labs(ctx, id)
	if unlisted != nil && !refused(unlisted) {
		return User{}, unlisted
	}
	person, rows, err := c.search(ctx, id)
	if err != nil {
		return User{}, err
	}
	// Whether the lists are refused for an ID that nobody has is not documented. If so, the same key
	// sees nobody by searching.
	if unlisted != nil && person.Status == offboard.Active {
		return User{}, unlisted
	}
	if len(running)+len(saved) > 0 {
		person.Status = offboard.Active
	}
	return User{
		User:    person,
		Running: rows.describeLabs(running),
		Saved:   rows.describeLabs(saved),
		Shown:   rows.people,
	}, nil
}

// labs reads the running and the saved labs of a user.
// https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1
func (c *Client) labs(ctx context.Context, id string) (running, saved []Lab, err error) {
	answer, err := c.rest.Read(ctx, command([]string{"userrunningandsavedlabs"}, map[string]string{"userid": id}))
	if err != nil {
		return nil, nil, err
	}
	var body struct {
		answerStatus
		RunningLabs, SavedLabs json.RawMessage
	}
	if err := decode(answer, &body); err != nil {
		return nil, nil, err
	}
	if err := body.check(answer); err != nil {
		return nil, nil, err
	}
	if running, err = list(answer, "RunningLabs", body.RunningLabs); err != nil {
		return nil, nil, err
	}
	saved, err = list(answer, "SavedLabs", body.SavedLabs)
	return running, saved, err
}

// list decodes one of the two lists. It may be null, but a missing one says nothing about labs.
func list(a rest.Answer, field string, raw json.RawMessage) ([]Lab, error) {
	var instances []instance
	if err := json.Unmarshal(raw, &instances); err != nil {
		return nil, a.Malformed("the answer has no usable %s: %w", field, err)
	}
	var labs []Lab
	for _, i := range instances {
		id, err := strconv.ParseInt(string(i.LabInstanceID), 10, 64)
		if err != nil || id <= 0 {
			return nil, a.Malformed("the answer has a lab without an ID in %s", field)
		}
		labs = append(labs, Lab{ID: id, Name: a.Text(i.LabProfileName.Value), Busy: i.busy()})
	}
	return labs, nil
}
