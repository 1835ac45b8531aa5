package skillable

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// searchRows is how many labs one page of a search has. More than one lab shows whether other
// consumers have the same ID.
const searchRows = 100

// searchPages is how many pages of a search are read at most.
const searchPages = 50

// search looks for the person in the labs of an ID, past labs included. A person who was closed may
// still be found, but without an email address and name; that does not count as seen. Where the
// labs belong to several API consumers, nothing says which of their users the person is, so that no
// person counts as seen. A further lab may show another person, or another consumer. So no lab is
// believed before all labs are read: the error is a *rest.PartialError if that cannot be. Labs that
// start or end move the pages while they are read, so that such a search is read once more.
func (c *Client) search(ctx context.Context, id string) (offboard.User, labRows, error) {
	person, rows, err := c.searchAll(ctx, id)
	if rest.Incomplete(err) {
		person, rows, err = c.searchAll(ctx, id)
	}
	return person, rows, err
}

// searchAll reads all pages of a search once.
func (c *Client) searchAll(ctx context.Context, id string) (offboard.User, labRows, error) {
	rows := labRows{known: map[string]bool{}}
	for page := 0; ; page++ {
		answer, found, err := c.searchPage(ctx, id, page)
		if err != nil {
			return offboard.User{}, labRows{}, err
		}
		before := rows.counted
		rows.add(answer, found, page == 0)
		fresh := rows.counted > before
		person, err := rows.person(answer, id)
		switch {
		case err != nil:
			return offboard.User{}, labRows{}, err
		case rows.whole(page, len(found.Results), fresh):
			return person, rows, nil
		case !fresh, page+1 == searchPages, rows.total > searchRows*searchPages:
			return offboard.User{}, labRows{}, rows.incomplete()
		}
	}
}

// whole reports whether the search is at its end after a page with so many rows, and whether some
// of them are fresh. A full page is never taken for the last one, whatever the total says: it may
// be the total of the page. The count of pages may say that a shorter page is not the last one
// either. Where it counts one too many, that page is empty. A page that says itself that there is
// more is not the last. Without a count the server may cap its pages, and count their rows, so that
// only a page without fresh rows ends the search.
func (h *labRows) whole(page, rows int, fresh bool) bool {
	switch {
	case h.counted < h.total || h.doubt != "":
		return false
	case fresh:
		return h.pages > 0 && rows < searchRows && page+1 >= h.pages
	}
	return rows == 0 || page >= h.pages
}

// incomplete returns the error of a search that does not show all labs.
func (h *labRows) incomplete() error {
	partial := &rest.PartialError{Read: h.counted, Total: h.total}
	if h.counted >= h.total {
		partial.Reason = cmp.Or(h.doubt, "not all of its pages can be read")
	}
	return fmt.Errorf(
		"the search does not show all labs under this ID, and a further one may show another person: %w", partial,
	)
}

// searchPage reads one page of a search.
//
// Only mode 5 shows the person, but its answers hold the passwords of the lab too. So only the few
// fields below are decoded. The status is documented for some modes only, and may be missing if the
// total is there, and if nothing else says no.
// https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results
func (c *Client) searchPage(ctx context.Context, id string, page int) (rest.Answer, searchAnswer, error) {
	answer, err := c.rest.Read(ctx, command([]string{"labinstance", "search"}, map[string]string{
		"userId": id, "mode": "5", "pageIndex": strconv.Itoa(page), "pageSize": strconv.Itoa(searchRows),
	}))
	if err != nil {
		return rest.Answer{}, searchAnswer{}, err
	}
	var body searchAnswer
	if err := decode(answer, &body); err != nil {
		return rest.Answer{}, searchAnswer{}, err
	}
	if body.Status != nil || body.Error != "" || body.TotalResults == nil || answer.SaysNo() {
		if err := body.check(answer); err != nil {
			return rest.Answer{}, searchAnswer{}, err
		}
	}
	if body.TotalResults == nil || *body.TotalResults < 0 {
		return rest.Answer{}, searchAnswer{}, answer.Malformed("the answer has no usable TotalResults")
	}
	judged := rest.Page[holder]{Items: body.Results}.Judged(answer, rest.Place{Pages: page}, []string{"Results"})
	body.total, body.doubt = max(*body.TotalResults, judged.Total), cmp.Or(judged.Doubt, judged.BadTotal)
	return answer, body, nil
}

// searchAnswer is the answer to a search, without its passwords.
type searchAnswer struct {
	answerStatus
	TotalResults *int
	TotalPages   rest.Optional[int]
	Results      holders

	total int    // how many rows there are, as the answer says
	doubt string // why there may be further ones than so many, or a further page
}

// holder is the person in a lab, and what the search says of the lab.
type holder struct {
	ID             rest.Optional[rest.ID] `json:"Id"`
	UserID         *rest.ID               `json:"UserId"`
	UserEmail      string
	UserFirstName  string
	UserLastName   string
	LabProfileName rest.Optional[string]
	State          rest.Optional[string]
	Start          rest.Optional[int64] // in Unix time
	// APIConsumerName may have any type, because consumers are only compared.
	APIConsumerName json.RawMessage `json:"ApiConsumerName"`
}

// person returns the person that the row shows.
func (h holder) person(answer rest.Answer) offboard.Person {
	return offboard.Person{Email: answer.Text(h.UserEmail), Name: answer.Text(h.UserFirstName + " " + h.UserLastName)}
}

// The first and the last time at which a lab can have begun: the years 2000 and 5138. What is not
// between them stands for a missing time, or is not in seconds.
const (
	firstStart = 946_684_800
	lastStart  = 99_999_999_999
)

// start returns when the lab began, in Unix time. It returns 0 if the row does not show that.
func (h holder) start() int64 {
	if began := h.Start.Value; firstStart <= began && began <= lastStart {
		return began
	}
	return 0
}

// names reports whether the row names an API consumer.
func (h holder) names() bool {
	return !slices.Contains([]string{"", "null", `""`}, string(h.APIConsumerName))
}

// holders are the rows of a search.
type holders []holder

// consumers returns how many API consumers the rows name.
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

	known   map[string]bool   // the rows and the people, to count each once
	people  []offboard.Person // all people that they show
	counted int               // how many rows came, each counted once
	total   int               // how many there are, as the vendor says
	pages   int               // on how many pages, as the vendor says; 0 if it does not
	doubt   string            // that of the last page
}

// add adds the rows of a page that were not there yet. A row without an ID cannot be told from an
// earlier one, so that it counts on the first page only: a server may repeat that page.
func (h *labRows) add(answer rest.Answer, page searchAnswer, first bool) {
	h.total, h.pages, h.doubt = max(h.total, page.total), max(h.pages, page.TotalPages.Value), page.doubt
	for _, row := range page.Results {
		person := row.person(answer)
		key := string(row.ID.Value) + "\x00" + string(row.APIConsumerName) + "\x00" + person.Email + "\x01" + person.Name
		if h.known[key] && row.ID.Value != "" {
			continue
		}
		h.known[key] = true
		row.LabProfileName.Value = answer.Text(row.LabProfileName.Value)
		h.holders = append(h.holders, row)
		if first || row.ID.Value != "" {
			h.counted++
		}
		if key := person.Email + "\x01" + person.Name; person.Known() && !h.known[key] {
			h.known[key] = true
			h.people = append(h.people, person)
		}
	}
}

// person returns the person that the rows show under the ID: that of the latest lab. A lab that does
// not show when it began may be the latest one. So it must not show another person.
func (h *labRows) person(answer rest.Answer, id string) (offboard.User, error) {
	unknown := offboard.User{ID: id, Status: offboard.Unknown}
	person, latest := unknown, int64(0)
	for _, lab := range h.latestFirst() {
		if lab.UserID == nil { // nothing says whose lab it is
			continue
		}
		if *lab.UserID != rest.ID(id) {
			return offboard.User{}, answer.Malformed("asked for user %q, the answer is about %q", id,
				answer.Text(string(*lab.UserID)))
		}
		shown, began := lab.person(answer), lab.start()
		switch {
		case !shown.Known(), h.ofNoConsumer(lab):
		case person.Status != offboard.Active:
			person.Email, person.Name, person.Status, latest = shown.Email, shown.Name, offboard.Active, began
		case (began == latest || began == 0) && h.contradicts(person, shown):
			return offboard.User{}, fmt.Errorf("two labs that began at the same time, or that do not show when, show "+
				"%q and %q, so %w", person.Person().Label(), shown.Label(), offboard.ErrUnclearPerson)
		}
	}
	if h.isOfSeveral(person, answer) {
		return unknown, nil
	}
	return person, nil
}

// isOfSeveral reports whether the labs are of several API consumers, or one of no consumer shows another person, who
// may have the ID, too.
func (h *labRows) isOfSeveral(person offboard.User, answer rest.Answer) bool {
	return h.consumers() > 1 || slices.ContainsFunc(h.holders, func(lab holder) bool {
		shown := lab.person(answer)
		return h.ofNoConsumer(lab) && shown.Known() && h.contradicts(person, shown)
	})
}

// ofNoConsumer reports whether no API consumer launched a lab, beside labs that one has launched. Its ID may be that of
// another user.
func (h *labRows) ofNoConsumer(lab holder) bool { return !lab.names() && h.consumers() > 0 }

// latestFirst returns the rows with the latest start first. Those without a start are last.
func (h *labRows) latestFirst() holders {
	return slices.SortedStableFunc(slices.Values(h.holders), func(a, b holder) int {
		return cmp.Compare(b.start(), a.start())
	})
}

// contradicts reports whether two labs show different people as one user, although they are of one
// API consumer.
func (h *labRows) contradicts(person offboard.User, shown offboard.Person) bool {
	return h.consumers() <= 1 && !person.Person().Is(shown)
}
