package provider

import (
	"context"
	"iter"

	"github.com/offboard/terraform-provider-offboard/internal/directory"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// listedVendor is that part of a session which is the same at all vendors that list their users.
type listedVendor[U any] struct {
	client interface {
		User(ctx context.Context, id string) (U, error)
		FindByEmail(ctx context.Context, email string) ([]U, error)
	}
	directory *directory.Directory[U]
	account   func(U) account
}

func (l *listedVendor[U]) read(ctx context.Context, id string) (account, error) {
	u, err := l.client.User(ctx, id)
	return l.account(u), err
}

func (l *listedVendor[U]) refresh(ctx context.Context, id string) (observed, error) {
	u, err := l.directory.User(ctx, id)
	return l.account(u), err
}

// row returns what the pages of the list that this run has read show of an account.
func (l *listedVendor[U]) row(id string) (offboard.User, bool) {
	u, ok := l.directory.Row(id)
	return l.account(u).user(), ok
}

func (l *listedVendor[U]) find(ctx context.Context, email string) ([]offboard.User, error) {
	found, err := l.client.FindByEmail(ctx, email)
	var all []offboard.User
	for _, u := range found {
		all = append(all, l.account(u).user())
	}
	return all, err
}

// snapshots are the rows of a list as what they show.
func (l *listedVendor[U]) snapshots(rows iter.Seq2[U, error]) iter.Seq2[snapshot, error] {
	return snapshots(rows, func(u U) snapshot { return l.account(u) })
}

// unlessListed is check, unless a row that this run has read shows the account open: it beats the
// absence, also in a list that is not believed otherwise. That holds only if the log tells of no closure,
// which may have come after the row.
func unlessListed(v lister, u offboard.User, check func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if row, ok := v.row(u.ID); ok && row.Status != offboard.Closed {
			return u.CheckListed(row)
		}
		return check(ctx)
	}
}
