package skillable

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// User is what the labs of an id show of the person. The status is offboard.Unknown, and e-mail and name are empty, where they
// show nothing: nobody has the id, or a person without labs, or one whose labs this key may not see.
type User struct {
	offboard.User
	Running, Saved []Lab
}

// Lab is an instance of a lab that a user has running or saved.
type Lab struct {
	ID   int64 // of the instance
	Name string
	Busy bool // being saved or graded
}

// instance is a lab as the API shows one.
// https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1
type instance struct {
	LabInstanceID       int64 `json:"LabInstanceId"`
	LabProfileName      string
	SaveInProgress      bool
	SubmittedForGrading bool
}

// User reads what can be seen of one user. There is no error that says that nobody has the id, because Skillable cannot tell;
// every answer that cannot be used is an *rest.Error.
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("%q cannot be a user's id: %w", id, err)
	}
	running, saved, unlisted := c.labs(ctx, id)
	if unlisted != nil && !refused(unlisted) {
		return User{}, unlisted
	}
	person, err := c.search(ctx, id)
	if err != nil {
		return User{}, err
	}
	// Whether the lists are refused for an id that nobody has is not documented. If so, the same key sees nobody by searching.
	if unlisted != nil && person.Status == offboard.Active {
		return User{}, unlisted
	}
	if len(running)+len(saved) > 0 {
		person.Status = offboard.Active
	}
	return User{User: person, Running: running, Saved: saved}, nil
}

// labs reads the running and the saved labs of a user.
// https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1
func (c *Client) labs(ctx context.Context, id string) (running, saved []Lab, err error) {
	answer, err := c.rest.Read(ctx, command([]string{"userrunningandsavedlabs"}, map[string]string{"userid": id}))
	if err != nil {
		return nil, nil, err
	}
	var body struct {
		verdict
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
		return nil, a.Garbled("the answer has no usable %s: %w", field, err)
	}
	var labs []Lab
	for _, i := range instances {
		if i.LabInstanceID <= 0 {
			return nil, a.Garbled("the answer has a lab without an id in %s", field)
		}
		labs = append(labs, Lab{ID: i.LabInstanceID, Name: i.LabProfileName, Busy: i.SaveInProgress || i.SubmittedForGrading})
	}
	return labs, nil
}

// search looks for the person in the latest lab of an id, past labs included. A person who was closed may still be found, but
// without e-mail and name; that does not count as seen.
//
// Mode 5 is the only way to see them, but its answers hold the passwords of the lab as well: so only the few fields below are ever
// decoded. The status is documented for some modes only, and may be missing where the total is there.
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results
func (c *Client) search(ctx context.Context, id string) (offboard.User, error) {
	answer, err := c.rest.Read(ctx, command([]string{"labinstance", "search"},
		map[string]string{"userId": id, "mode": "5", "pageIndex": "0", "pageSize": "1"}))
	if err != nil {
		return offboard.User{}, err
	}
	var body found
	if err := decode(answer, &body); err != nil {
		return offboard.User{}, err
	}
	if body.Status != nil || body.Error != "" || body.TotalResults == nil {
		if err := body.check(answer); err != nil {
			return offboard.User{}, err
		}
	}
	if body.TotalResults == nil {
		return offboard.User{}, answer.Garbled("the answer has no TotalResults")
	}
	person := offboard.User{ID: id, Status: offboard.Unknown}
	for _, lab := range body.Results {
		switch {
		case lab.UserID == nil: // nothing says whose lab it is
		case *lab.UserID != id:
			return offboard.User{}, answer.Garbled("asked for user %q, the answer is about %q", id, *lab.UserID)
		case lab.email() != "" || lab.name() != "":
			person.Email, person.Name, person.Status = lab.email(), lab.name(), offboard.Active
		}
	}
	return person, nil
}

// found is the answer to a search, without the passwords in it.
type found struct {
	verdict
	TotalResults *int
	Results      []holder
}

// holder is the person in a lab.
type holder struct {
	UserID        *string `json:"UserId"`
	UserEmail     string
	UserFirstName string
	UserLastName  string
}

func (h holder) email() string { return strings.TrimSpace(h.UserEmail) }
func (h holder) name() string  { return strings.TrimSpace(h.UserFirstName + " " + h.UserLastName) }
