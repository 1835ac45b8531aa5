package skillable

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// User is what the labs of an id show of the person. The status is offboard.Unknown, and e-mail and name are empty, where they
// show nothing: nobody has the id, or a person without labs, or one whose labs this key may not see.
type User struct {
	offboard.User
	Running, Saved []Lab
	Shown          []offboard.Person // everybody whom the search shows under the ID, also where nothing says which of them the user is

	hidden bool // the search counts more labs than it shows: a person whom it does not show may be in the others
}

// Lab is an instance of a lab that a user has running or saved.
type Lab struct {
	ID   int64 // of the instance
	Name string
	Busy bool // being saved or graded
	// Owned says that the search shows the lab as this user's, and all labs of the user as of one API consumer. The lists do not
	// say whose a lab is, and a server may ignore the ID that they were asked for.
	Owned bool
}

// instance is a lab as the API shows one.
// https://docs.skillable.com/apidocs/retrieve-all-running-or-saved-labs-for-a-particular-user-account-1
type instance struct {
	LabInstanceID       rest.ID `json:"LabInstanceId"`
	LabProfileName      rest.Maybe[string]
	SaveInProgress      json.RawMessage
	SubmittedForGrading json.RawMessage
}

// busy reports whether a lab may be being saved or graded: all but a plain no, or no word at all, counts as a yes.
func (i instance) busy() bool {
	no := func(said json.RawMessage) bool { return slices.Contains([]string{"", "null", "false"}, string(said)) }
	return !no(i.SaveInProgress) || !no(i.SubmittedForGrading)
}

// User reads what can be seen of one user. There is no error that says that nobody has the id, because Skillable cannot tell;
// every answer that cannot be used is an *rest.Error.
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results
func (c *Client) User(ctx context.Context, id string) (User, error) {
	if err := CheckID(id); err != nil {
		return User{}, fmt.Errorf("the ID %q is refused: %w", id, err)
	}
	running, saved, unlisted := c.labs(ctx, id)
	if unlisted != nil && !refused(unlisted) {
		return User{}, unlisted
	}
	person, rows, err := c.search(ctx, id)
	if err != nil {
		return User{}, err
	}
	// Whether the lists are refused for an ID that nobody has is not documented. If so, the same key sees nobody by searching.
	if unlisted != nil && person.Status == offboard.Active {
		return User{}, unlisted
	}
	if len(running)+len(saved) > 0 {
		person.Status = offboard.Active
	}
	return User{User: person, Running: rows.mark(running), Saved: rows.mark(saved), Shown: rows.people, hidden: !rows.whole}, nil
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
		id, err := strconv.ParseInt(string(i.LabInstanceID), 10, 64)
		if err != nil || id <= 0 {
			return nil, a.Garbled("the answer has a lab without an ID in %s", field)
		}
		labs = append(labs, Lab{ID: id, Name: a.Text(i.LabProfileName.Value), Busy: i.busy()})
	}
	return labs, nil
}

// searchRows is how many labs a search asks for: more than one shows whether other consumers have the same ID.
const searchRows = 100

// searchPages is how many pages of a search are read at most.
const searchPages = 50

// search looks for the person in the labs of an ID, past labs included. A person who was closed may
// still be found, but without an email address and name; that does not count as seen. Where the
// labs belong to several API consumers, nothing says which of their users the person is, so that
// nobody counts as seen. Further pages are read only as long as none has shown the person.
func (c *Client) search(ctx context.Context, id string) (offboard.User, labRows, error) {
	rows := labRows{known: map[string]bool{}}
	for page := 0; ; page++ {
		answer, found, err := c.searchPage(ctx, id, page)
		if err != nil {
			return offboard.User{}, labRows{}, err
		}
		fresh := rows.add(answer, found.Results)
		rows.whole = *found.TotalResults <= len(rows.holders)
		person, err := rows.person(answer, id)
		last := fresh < searchRows || page+1 == searchPages
		if err != nil || rows.whole || last || person.Status == offboard.Active {
			return person, rows, err
		}
	}
}

// searchPage reads one page of a search.
//
// Mode 5 is the only way to see the person, but its answers hold the passwords of the lab as well: so
// only the few fields below are ever decoded. The status is documented for some modes only, and may
// be missing where the total is there.
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results
func (c *Client) searchPage(ctx context.Context, id string, page int) (rest.Answer, found, error) {
	answer, err := c.rest.Read(ctx, command([]string{"labinstance", "search"}, map[string]string{
		"userId": id, "mode": "5", "pageIndex": strconv.Itoa(page), "pageSize": strconv.Itoa(searchRows),
	}))
	if err != nil {
		return rest.Answer{}, found{}, err
	}
	var body found
	if err := decode(answer, &body); err != nil {
		return rest.Answer{}, found{}, err
	}
	if body.Status != nil || body.Error != "" || body.TotalResults == nil {
		if err := body.check(answer); err != nil {
			return rest.Answer{}, found{}, err
		}
	}
	if body.TotalResults == nil {
		return rest.Answer{}, found{}, answer.Garbled("the answer has no TotalResults")
	}
	return answer, body, nil
}

// found is the answer to a search, without the passwords in it.
type found struct {
	verdict
	TotalResults *int
	Results      holders
}

// holder is the person in a lab, and what the search says of the lab.
type holder struct {
	ID              rest.Maybe[rest.ID] `json:"Id"`
	UserID          *rest.ID            `json:"UserId"`
	UserEmail       string
	UserFirstName   string
	UserLastName    string
	State           rest.Maybe[string]
	Start           rest.Maybe[int64] // in Unix time
	APIConsumerName json.RawMessage   `json:"ApiConsumerName"` // of any type: other consumers are to be told apart, not named
}

// names reports whether the row names an API consumer.
func (h holder) names() bool {
	return !slices.Contains([]string{"", "null", `""`}, string(h.APIConsumerName))
}

// holders are the rows of a search.
type holders []holder

// consumers counts the API consumers that the rows name.
func (h holders) consumers() int {
	names := map[string]bool{}
	for _, row := range h {
		if row.names() {
			names[string(row.APIConsumerName)] = true
		}
	}
	return len(names)
}

// labRows are what a search shows of the labs of an ID.
type labRows struct {
	holders

	known  map[string]bool   // the rows and the people, to count each once
	people []offboard.Person // everybody whom they show
	whole  bool              // these are all of them: further ones may name another consumer
}

// add adds the rows of a further page that were not there yet, and returns how many they are.
func (h *labRows) add(answer rest.Answer, page holders) (fresh int) {
	for _, row := range page {
		key := string(row.ID.Value) + "\x00" + string(row.APIConsumerName)
		if h.known[key] && row.ID.Value != "" {
			continue
		}
		h.known[key] = true
		h.holders = append(h.holders, row)
		fresh++
		person := offboard.Person{Email: answer.Text(row.UserEmail), Name: answer.Text(row.UserFirstName + " " + row.UserLastName)}
		if key := person.Email + "\x01" + person.Name; person.Known() && !h.known[key] {
			h.known[key] = true
			h.people = append(h.people, person)
		}
	}
	return fresh
}

// person is who the rows show behind the ID.
func (h labRows) person(answer rest.Answer, id string) (offboard.User, error) {
	nobody := offboard.User{ID: id, Status: offboard.Unknown}
	person, latest := nobody, int64(0)
	for _, lab := range h.holders { // the latest lab has the last word
		email, name := answer.Text(lab.UserEmail), answer.Text(lab.UserFirstName+" "+lab.UserLastName)
		began, known := lab.Start.Value, person.Status == offboard.Active
		switch {
		case lab.UserID == nil: // nothing says whose lab it is
		case *lab.UserID != rest.ID(id):
			return offboard.User{}, answer.Garbled("asked for user %q, the answer is about %q", id, answer.Text(string(*lab.UserID)))
		case email == "" && name == "", known && began < latest:
		case known && began == latest && h.consumers() <= 1 && !person.Person().Is(offboard.Person{Email: email, Name: name}):
			return offboard.User{}, answer.Garbled("two labs that began at the same time show %q and %q as the user %q",
				person.Name+" "+person.Email, name+" "+email, id)
		case !known || began > latest:
			person.Email, person.Name, person.Status, latest = email, name, offboard.Active, began
		}
	}
	if h.consumers() > 1 {
		return nobody, nil
	}
	return person, nil
}

// mark adds to labs what the rows say of them. Saving and grading show in the state of a row only.
// https://github.com/LearnOnDemandSystems/ConnectAPI (Skillable-lab-OpenAPI.yaml, ConciseResponse)
func (h labRows) mark(labs []Lab) []Lab {
	rows, alone := map[rest.ID]holder{}, h.whole && h.consumers() == 1
	for _, row := range h.holders {
		rows[row.ID.Value] = row
	}
	for i := range labs {
		row, found := rows[rest.ID(strconv.FormatInt(labs[i].ID, 10))]
		if !found {
			continue
		}
		labs[i].Owned = row.UserID != nil && row.names() && alone
		labs[i].Busy = labs[i].Busy || strings.EqualFold(row.State.Value, "Saving") || strings.EqualFold(row.State.Value, "Scoring")
	}
	return labs
}
