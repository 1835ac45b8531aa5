package ecgrid

import (
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"iter"
	"net/http"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// pageSize is how many users a page asks for. The server may send fewer.
// https://api.ecgridos.io/docs/rest-api/users/list-users
const pageSize = 25

// Filter selects users of a list. A field that is not set selects all.
// https://api.ecgridos.io/docs/rest-api/users/list-users
type Filter struct {
	// NetworkID is nil for the network of the user who holds the key, or for the default network if
	// ECGrid does not show that one.
	NetworkID *int64
	MailboxID *int64
	AuthLevel string // as ECGrid spells it, such as "MailboxUser"
	Status    string // as ECGrid spells it, such as "Suspended"
	// Terminated adds the users who are terminated.
	Terminated bool
}

// everyMailbox selects the users of all mailboxes. On some pages of the documentation, a list
// without a mailbox holds the users of all mailboxes. On others it holds those of the root mailbox
// alone, and -1 selects all.
// https://api.ecgridos.io/docs/mcp/tools/connectivity/users/list-users
const everyMailbox = -1

// Users reads the users of one network, page after page and no further than the caller asks. Without
// the filter Terminated, those who are terminated are left out. ECGrid may ignore any filter, so the
// rows are filtered here again. A list without a mailbox that shows no user of one may be that of the
// root mailbox alone. Then the list of all mailboxes is read too. Errors are those of rest.Pages.
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) Users(ctx context.Context, f Filter) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		asked := f
		if err := c.needNetwork(ctx, &asked); err != nil {
			yield(User{}, err)
			return
		}
		c.users(ctx, f, asked, asked)(yield)
	}
}

// users is Users with a filter of its own for each use: one names the fields that the rows must have,
// one the values, and one goes to ECGrid.
func (c *Client) users(ctx context.Context, fields, values, request Filter) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		l := lister{
			client: c, filter: fields, asked: values, rootOnly: request.MailboxID == nil,
			seed: maphash.MakeSeed(), seen: map[string]uint64{}, yield: yield,
		}
		if !l.read(ctx, request) || !l.rootOnly {
			return
		}
		if err := l.readEvery(ctx, request); err != nil {
			yield(User{}, err)
		}
	}
}

// readEvery reads the list of all mailboxes, after one that may be that of the root mailbox alone. An ECGrid that knows
// no such list refuses it, or has nobody in it. That counts like an absence: if it is seen twice, and the other list
// still shows somebody. To another ECGrid, all mailboxes are those apart from the root mailbox. The error says why the
// two lists do not tell who the users are.
func (l *lister) readEvery(ctx context.Context, request Filter) error {
	every, root := int64(everyMailbox), len(l.seen)
	all := request
	all.MailboxID = &every
	for range 2 {
		l.further, l.again, l.root = true, 0, false
		more := l.read(ctx, all)
		switch {
		case !more && !l.further: // the caller stopped, or the list ended in an error
			return nil
		case !l.further && l.lacksOneOf(root):
			return &rest.PartialError{
				Read: len(l.seen), Reason: "the list of all mailboxes lacks a user whom the list without a mailbox shows",
			}
		case !l.further || root == 0:
			return nil
		case !offboard.Sleep(ctx, offboard.AbsencePause):
			return context.Cause(ctx)
		}
	}
	page, err := l.client.rows(ctx, request, rest.Place{}, l.filter.needs)
	if err == nil && page.Rows() == 0 {
		return &rest.PartialError{Read: len(l.seen), Reason: "the list showed users, and is empty now"}
	}
	return err
}

// lacksOneOf reports whether the list of all mailboxes, in which the root mailbox is, lacks some of the rows of the
// list before it.
func (l *lister) lacksOneOf(before int) bool { return l.again < before && (l.again > 0 || l.root) }

// lister reads the list for Users.
type lister struct {
	client   *Client
	filter   Filter // the fields that the rows must name
	asked    Filter // the values that the rows must have
	rootOnly bool   // whether no row so far names a mailbox other than the root mailbox
	further  bool   // whether this is the list of all mailboxes, and has brought nothing yet
	again    int    // how many rows of this list an earlier one has had, too
	root     bool   // whether this list has a row of the root mailbox, or one that cannot be read
	seed     maphash.Seed
	seen     map[string]uint64 // a hash of each row by its ID, and the errors of those that cannot be read
	yield    func(User, error) bool
}

// read reads the list for a filter. It returns false if nothing more is to be read: the caller
// stopped, or the list ended in an error.
func (l *lister) read(ctx context.Context, f Filter) (more bool) {
	shown := func(r User) any { return r }
	all := rest.Pages(func(r User) string { return r.ID }, shown, func(at rest.Place) (rest.Page[User], error) {
		return l.client.rows(ctx, f, at, l.filter.needs)
	})
	more = true
	for r, err := range all {
		var bad *rest.RowError
		key := r.ID
		switch {
		case errors.As(err, &bad):
			key, l.root = bad.Error(), true
		case l.further && isUnknown(err):
			return false
		case err != nil:
			more = false
		default:
			l.noteMailbox(r)
		}
		l.further = false
		again, err := l.note(key, r, err)
		if again || err == nil && !l.asked.matches(r) {
			continue
		}
		if !l.yield(r, err) {
			return false
		}
	}
	return more
}

// noteMailbox notes whether a row is in the root mailbox.
func (l *lister) noteMailbox(r User) {
	inRoot := r.MailboxID == "" || r.MailboxID == "0"
	l.root, l.rootOnly = l.root || inRoot, l.rootOnly && inRoot
}

// note notes a row of a list, or the error of one. It reports whether the other list has had it, too.
// Two rows with one ID that differ are a *rest.RowError, as in one list: nothing says which is true.
func (l *lister) note(key string, r User, err error) (again bool, _ error) {
	hash := uint64(0)
	if err == nil {
		hash = maphash.Comparable(l.seed, r)
	}
	before, again := l.seen[key]
	if l.seen[key] = hash; again {
		l.again++
	}
	if again && before != hash {
		return false, &rest.RowError{ID: r.ID, Err: rest.TwoRows(r.ID)}
	}
	return again, err
}

// isUnknown reports whether ECGrid says that it has no such mailbox, or that a mailbox cannot have this number.
func isUnknown(err error) bool {
	return refusedAs(err, "ObjectNotFound", http.StatusNotFound) ||
		refusedAs(err, "InvalidParameter", http.StatusBadRequest)
}

// refusedAs reports whether ECGrid refuses with a code: with its documented status, or with 2xx.
// https://api.ecgridos.io/docs/appendix/error-codes
func refusedAs(err error, code string, status int) bool {
	var fault *rest.Error
	return errors.As(err, &fault) && strings.EqualFold(fault.Code, code) && (fault.Unclear() || fault.Status == status)
}

// Page reads the page of the list at a place. Terminated users are included, because without them a
// page may look like the empty one after the last. Users of other networks are included if ECGrid
// does not filter. The page has no total. A network is always named, because some pages of the
// documentation require a filter. The error is an *rest.Error.
// https://api.ecgridos.io/docs/rest-api/users/list-users
func (c *Client) Page(ctx context.Context, f Filter, at rest.Place) (rest.Page[User], error) {
	if err := c.needNetwork(ctx, &f); err != nil {
		return rest.Page[User]{}, err
	}
	return c.rows(ctx, f, at, func(User) string { return "" })
}

// needNetwork sets the network of the key's own user in a filter that names none. It stays unset if
// ECGrid does not show that network.
func (c *Client) needNetwork(ctx context.Context, f *Filter) error {
	if f.NetworkID != nil {
		return nil
	}
	own, err := c.readKeyOwner(ctx)
	f.NetworkID = Number(own.NetworkID)
	return err
}

// rows reads a page of the list. Without a network in the filter, it is that of the default network, 0.
// A row without a field that it needs cannot be read.
// https://api.ecgridos.io/docs/common-operations/manage-users-permissions
func (c *Client) rows(ctx context.Context, f Filter, at rest.Place, needs func(User) string) (rest.Page[User], error) {
	body := listBody{
		MailboxID: f.MailboxID, AuthLevel: f.AuthLevel, Status: f.Status, PageNo: at.Pages + 1, RecordsPerPage: pageSize,
	}
	if f.NetworkID != nil {
		body.NetworkID = *f.NetworkID
	}
	answer, err := c.rest.Read(ctx, rest.Request{Method: http.MethodPost, Path: []string{"users", "list"}, Body: body})
	if err != nil {
		return rest.Page[User]{}, err
	}
	var raw []json.RawMessage
	if err := decodeData(answer, &raw); err != nil {
		return rest.Page[User]{}, err
	}
	if raw == nil {
		return rest.Page[User]{}, answer.Malformed("the data of the answer is null instead of a list")
	}
	page, err := rest.PageOf(ctx, answer, raw, rowID, func(answer rest.Answer) (User, error) {
		r, err := readRow(answer)
		if field := needs(r); err == nil && field != "" {
			err = answer.Malformed("it does not say the user's %s, so the filter cannot be checked", field)
		}
		return r, err
	})
	return page.Judged(answer, at, []string{"data"}), err
}

func readRow(answer rest.Answer) (User, error) {
	var a account
	if err := answer.JSON(&a); err != nil {
		return User{}, err
	}
	if CheckID(string(a.UserID)) != nil {
		return User{}, answer.Malformed("the user has no ID (userId)")
	}
	return a.user(answer), nil
}

// rowID is the ID in a row of which the rest cannot be read.
func rowID(row rest.Answer) string {
	var a struct {
		UserID rest.ID `json:"userId"`
	}
	if row.JSON(&a) != nil || CheckID(string(a.UserID)) != nil {
		return ""
	}
	return string(a.UserID)
}

// needs returns the field that the filter needs and a row lacks, or the empty string.
func (f Filter) needs(r User) string {
	switch {
	case f.NetworkID != nil && r.NetworkID == "":
		return "network (networkId)"
	case f.MailboxID != nil && r.MailboxID == "":
		return "mailbox (mailboxId)"
	case f.AuthLevel != "" && r.AuthLevel == "":
		return "level of rights (authLevel)"
	}
	return ""
}

// matches reports whether a row passes the filter. A row that names no network passes the filter of
// a network.
func (f Filter) matches(r User) bool {
	network, mailbox := Number(r.NetworkID), Number(r.MailboxID)
	return (f.Terminated || r.Status != offboard.Closed) &&
		(f.NetworkID == nil || network == nil || *f.NetworkID == *network) &&
		(f.MailboxID == nil || mailbox != nil && *f.MailboxID == *mailbox) &&
		(f.AuthLevel == "" || strings.EqualFold(f.AuthLevel, r.AuthLevel)) &&
		(f.Status == "" || strings.EqualFold(f.Status, string(r.Status)))
}

// listBody is the body of the request for the list.
type listBody struct {
	NetworkID      int64  `json:"networkId"`
	MailboxID      *int64 `json:"mailboxId,omitempty"`
	AuthLevel      string `json:"authLevel,omitempty"`
	Status         string `json:"status,omitempty"`
	PageNo         int    `json:"pageNo"`
	RecordsPerPage int    `json:"recordsPerPage"`
}
