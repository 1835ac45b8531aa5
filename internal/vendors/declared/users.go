package declared

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// errNoList is why a list cannot be read.
var errNoList = errors.New("the definition has no block list")

// Users reads the users of the vendor whom it does not show as closed, page after page and no further
// than the caller asks. A user who is missing may still exist. Errors are those of rest.Pages.
func (c *Client) Users(ctx context.Context) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		for u, err := range c.AllUsers(ctx) {
			if err == nil && u.Status == offboard.Closed {
				continue
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

// AllUsers is Users with those whom the vendor shows as closed.
func (c *Client) AllUsers(ctx context.Context) iter.Seq2[User, error] {
	from := begin{}
	return rest.Pages(func(u User) string { return u.ID }, User.shown, func(place rest.Place) (rest.Page[User], error) {
		if place.Pages == 0 {
			from = begin{}
		}
		page, next, err := c.page(ctx, from)
		from = next
		return page, err
	})
}

// listCheck is the CheckList of an offboard.Verifier of u; nil if the definition has no list. A list without
// an open account proves nothing: the key may see no list any more. Callers side by side share the requests.
func (c *Client) listCheck(u offboard.User) func(context.Context) error {
	if c.def.list == nil {
		return nil
	}
	return func(ctx context.Context) error {
		found, err := c.access.Do(ctx, "whole", func(ctx context.Context) (aliveAnswer, error) {
			users, err := rest.Whole(c.AllUsers(ctx))
			return aliveAnswer{users: users}, err
		})
		return rest.CheckWhole(ctx, found.users, err, u)
	}
}

// shownCheck is listCheck as the CheckShown of an offboard.Verifier of u. The list is kept for some minutes: see
// rest.Once.
func (c *Client) shownCheck(u offboard.User) func(context.Context) error {
	if c.def.list == nil {
		return nil
	}
	return func(ctx context.Context) error {
		list, err := c.shown.Do(ctx, "", func() (rest.Page[User], error) { return rest.Whole(c.AllUsers(ctx)) })
		return rest.CheckWhole(ctx, list, err, u)
	}
}

// Page reads the page of the list at a place. A vendor that counts pages or rows can be asked for any
// page. Otherwise, where a page begins is known from the page before it, so callers side by side wait
// for one another. The error is an *rest.Error.
func (c *Client) Page(ctx context.Context, place rest.Place) (rest.Page[User], error) {
	if c.def.list == nil {
		return rest.Page[User]{}, errNoList
	}
	if at, ok := c.def.list.beginOf(place); ok {
		page, _, err := c.page(ctx, begin{at: at, came: place.Rows})
		return page, err
	}
	at, more, err := c.pages.at(ctx, place.Pages)
	if err != nil || !more {
		return rest.Page[User]{Last: !more}, err
	}
	page, next, err := c.page(ctx, begin{at: at, came: place.Rows})
	c.pages.note(place.Pages+1, next.at, err)
	return page, err
}

// beginOf returns where the page at a place begins, if the definition counts pages or rows: next adds
// the same number for every page, or for every row.
func (l *listBlock) beginOf(place rest.Place) (begin cty.Value, ok bool) {
	first, err := l.first.value(nil)
	if err != nil || first.IsNull() || first.Type() != cty.Number || l.next.uses(varAnswer) {
		return cty.NilVal, false
	}
	afterOne, one := l.addedAfter(first, 1)
	afterTwo, two := l.addedAfter(first, 2)
	switch {
	case !one || !two:
		return cty.NilVal, false
	case afterOne.RawEquals(afterTwo):
		return first.Add(afterOne.Multiply(cty.NumberIntVal(int64(place.Pages)))), true
	case afterOne.Add(afterOne).RawEquals(afterTwo):
		return first.Add(afterOne.Multiply(cty.NumberIntVal(int64(place.Rows)))), true
	}
	return cty.NilVal, false
}

// addedAfter returns how much next adds after a page with some rows of which nothing is known.
func (l *listBlock) addedAfter(page cty.Value, rows int) (added cty.Value, ok bool) {
	records := make([]cty.Value, rows)
	for i := range records {
		records[i] = cty.NullVal(cty.DynamicPseudoType)
	}
	next, err := l.next.value(variables{varPage: page, varRecords: cty.TupleVal(records)})
	if err != nil || next.IsNull() || next.Type() != cty.Number {
		return cty.NilVal, false
	}
	return next.Subtract(page), true
}

// firstPage reads the first page of the list.
func (c *Client) firstPage(ctx context.Context) (rest.Page[User], error) {
	page, _, err := c.page(ctx, begin{})
	return page, err
}

// pages knows where the pages of the list begin.
type pages struct {
	mu      sync.Mutex
	begins  []cty.Value // by the number of the page; nothing for the first one, null after the last one
	failed  bool        // a page failed, so that no later one can be known
	changed chan struct{}
}

func newPages() pages { return pages{begins: []cty.Value{cty.NilVal}, changed: make(chan struct{})} }

// at returns where a page begins, and whether there is one. It waits for the page before it.
func (p *pages) at(ctx context.Context, n int) (begin cty.Value, more bool, err error) {
	for {
		p.mu.Lock()
		known, failed, changed := p.begins, p.failed, p.changed
		p.mu.Unlock()
		last := known[len(known)-1]
		switch {
		case n < len(known) && (known[n] == cty.NilVal || !known[n].IsNull()):
			return known[n], true, nil
		case n < len(known) || last != cty.NilVal && last.IsNull():
			return cty.NilVal, false, nil
		case failed:
			return cty.NilVal, false, errors.New("the page before could not be read")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return cty.NilVal, false, context.Cause(ctx)
		}
	}
}

// note notes where a page begins, as the page before it says.
func (p *pages) note(n int, begin cty.Value, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = p.failed || err != nil
	if err == nil && n == len(p.begins) {
		p.begins = append(p.begins, begin)
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// page reads the page that begins at a place. next is where the following one begins.
func (c *Client) page(ctx context.Context, from begin) (page rest.Page[User], next begin, err error) {
	block := c.def.list
	if block == nil {
		return page, next, errNoList
	}
	if _, err := c.ready(ctx); err != nil {
		return page, next, err
	}
	if from.at == cty.NilVal {
		if from.at, err = block.first.value(nil); err != nil {
			return page, next, err
		}
	}
	a, err := c.exchange(ctx, &block.requestBlock, variables{varPage: from.at})
	if err != nil {
		return page, next, err
	}
	if page, err = c.def.listAnswer(ctx, a); err != nil {
		return page, next, err
	}
	next, page.Total, err = block.following(a, from)
	if err != nil {
		return rest.Page[User]{}, next, a.unreadable(err)
	}
	came := next.came - from.came
	if page.Left = came - page.Rows(); page.Left > 0 {
		page.Other = block.overIn(a).Hash()
	}
	if page.Again = from.again; len(page.Items) > 0 && from.names(page.Items[0].ID) {
		page.Again = max(page.Again, 1)
	}
	return block.ending(page, a, next, came), next, nil
}

// ending returns a page with what the answer and next, which is where the following one begins, say of the
// end of the list. So many rows came, also those that records leaves out.
func (l *listBlock) ending(page rest.Page[User], a answerValue, next begin, came int) rest.Page[User] {
	page.Last = next.at.IsNull()
	page.More = !page.Last && (l.next.uses(varAnswer) || came > page.Rows())
	if !page.Ends() {
		return page
	}
	if page.Total == 0 && !l.pages {
		page.Doubt = a.cut([]*expression{l.records})
	}
	if further := a.further(l.pages, append(slices.Clone(l.judged), l.ok, l.records, l.total)...); further != "" {
		outside := ""
		if l.tries {
			outside = " outside try and can"
		}
		page.Doubt = fmt.Sprintf(
			"next ends the list, and the answer's %s says that there is more, so let next look at it%s", further, outside)
	}
	return page
}

// listAnswer returns the users in an answer to the block list.
func (d *Definition) listAnswer(ctx context.Context, a answerValue) (rest.Page[User], error) {
	block := d.list
	if !block.succeeds(a) {
		return rest.Page[User]{}, d.fault(a)
	}
	page, err := d.rows(ctx, a, block.records)
	if err == nil {
		err = a.checkFailure(page.Rows() == 0, block.ok, block.records, block.next, block.total)
	}
	if err != nil {
		return rest.Page[User]{}, err
	}
	return page, nil
}

// rows returns the users in the records of an answer. A record that cannot be read hides no other.
func (d *Definition) rows(ctx context.Context, a answerValue, records *expression) (rest.Page[User], error) {
	all, err := records.elements(variables{varAnswer: a.value})
	if err != nil {
		return rest.Page[User]{}, a.unreadable(err)
	}
	id := func(record cty.Value) string {
		id, err := d.user.id.text(variables{varRecord: record, varSetting: d.set})
		if err != nil || d.CheckID(id) != nil {
			return ""
		}
		return id
	}
	return rest.PageOfRows(ctx, a.Answer, all, id, func(record cty.Value) (User, error) {
		u, err := d.userIn(a, record)
		u.listed = true
		if name := id(record); err != nil && name != "" {
			err = fmt.Errorf("user %q: %w", a.Text(name), err)
		}
		return u, err
	})
}
