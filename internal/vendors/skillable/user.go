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

// User is what the labs of an ID show of the person. If they show nothing, the status is
// offboard.Unknown, and email and name are empty: no person has the ID, or the person has no labs,
// or none that this key may see.
type User struct {
	offboard.User
	// Running and Saved are the labs of the two lists, and those that only the search shows as running,
	// or as being saved or graded.
	Running, Saved []Lab
	// Shown are all people whom the search shows under the ID, even if nothing says which of them is
	// the user.
	Shown []offboard.Person
	// Refusal is how the lists of labs were refused, if that counts as the answer to an ID that no person
	// has; nil if they were not.
	Refusal error
}

// Lab is an instance of a lab that a user has running or saved.
type Lab struct {
	ID   int64 // of the instance
	Name string
	Busy bool // being saved or graded
	// Owned says that the search shows the lab as this user's, and all labs of the user as those of
	// one API consumer. The lists do not say whose a lab is, and a server may ignore the ID in their
	// query.
	Owned bool
	// Unlisted says that the search shows the lab as running, being saved or graded, and that the lists
	// do not have it.
	Unlisted bool
}

// instance is a lab as the API shows it.
// https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1
type instance struct {
	LabInstanceID       rest.ID `json:"LabInstanceId"`
	LabProfileName      rest.Optional[string]
	SaveInProgress      json.RawMessage
	SubmittedForGrading json.RawMessage
}

// busy reports whether a lab may be being saved or graded: anything other than a plain no, or a
// missing field, counts as a yes.
func (i instance) busy() bool {
	no := func(value json.RawMessage) bool { return slices.Contains([]string{"", "null", "false"}, string(value)) }
	return !no(i.SaveInProgress) || !no(i.SubmittedForGrading)
}

// User reads what can be seen of one user. No error says that no person has the ID,
// because Skillable cannot tell. Every answer that cannot be used is an *rest.Error, and a search
// that cannot be read as a whole is a *rest.PartialError. Labs of which nothing says which of two
// people is the user are an error, too.
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("the ID %q is refused: %w", id, err)
	}
	running, saved, refusal := c.labs(ctx, id)
	if refusal != nil && !refused(refusal) {
		return User{}, refusal
	}
	person, rows, err := c.search(ctx, id)
	if err != nil {
		return User{}, err
	}
	// It is not documented whether the lists are refused for an ID that no person has. If they are,
	// the search of the same key shows no lab that has not ended, and no person of one consumer. A key
	// that is refused everywhere shows nothing.
	if refusal != nil && (!rows.ended() || len(rows.people) > 0 && rows.consumers() <= 1) {
		return User{}, refusal
	}
	if refusal != nil {
		if err := c.CheckAccess(ctx); err != nil {
			return User{}, err
		}
	}
	listed := slices.Concat(running, saved)
	running = slices.Concat(rows.describeLabs(running), rows.unlisted(listed, runningStates))
	saved = slices.Concat(rows.describeLabs(saved), rows.unlisted(listed, busyStates))
	if len(running)+len(saved) > 0 {
		person.Status = offboard.Active
	}
	return User{User: person, Running: running, Saved: saved, Shown: rows.people, Refusal: refusal}, nil
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

// list decodes one of the two lists. It may be null, but a missing list is an error.
func list(a rest.Answer, field string, raw json.RawMessage) ([]Lab, error) {
	var instances []instance
	if err := a.Decode(raw, &instances); err != nil {
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
