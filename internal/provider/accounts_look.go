package provider

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Accounts of the list of people are read one by one here.

// readsAtOnce is how many accounts of a vendor are read at a time, if it cannot list them.
const readsAtOnce = 8

// wholeLister is a session with a vendor whose list has all active accounts of a place.
type wholeLister interface {
	// lists reports whether the list should have an active account, as it was read.
	lists(ctx context.Context, read observed) bool
}

// lookForMissing reads the accounts of the list of people that a whole list does not show. A list may
// leave out who is suspended. One that lacks an active account may lack others, of which no ID is known.
func (l *listing) lookForMissing(ctx context.Context, v vendor, ids []string) {
	missing, lacked, lacking := l.notShown(ids), atomic.Bool{}, atomic.Bool{}
	l.look(ctx, func(ctx context.Context, id string) (observed, error) {
		shown, err := v.read(ctx, id)
		if err == nil && shown.user().Status == offboard.Active {
			of, isWhole := v.(wholeLister)
			isLacked := !isWhole || of.lists(ctx, shown)
			lacked.CompareAndSwap(false, isLacked)
			lacking.CompareAndSwap(false, isLacked && isWhole)
		}
		return shown, err
	}, missing)
	if l.lacking = lacking.Load(); lacked.Load() {
		l.why = lacksAccount(l.kind)
	}
}

var errLacksAccount = errors.New("a read shows an active account that the list lacks")

// look reads the accounts of the list of people one by one. Each replaces the row that a partial
// list has of it.
func (l *listing) look(
	ctx context.Context, read func(context.Context, string) (observed, error), ids []string,
) {
	l.unseen, l.unclear, l.absent = map[string]string{}, map[string]string{}, map[string]bool{}
	usable := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		err := l.kind.usable(id)
		if err != nil {
			l.notClear(id, badID(id, err))
		}
		return err != nil
	})
	l.each(ctx, usable, func(ctx context.Context, id string) (note func()) {
		shown, err := read(ctx, id)
		return func() { l.note(id, shown, err) }
	})
}

// each asks about accounts, several at a time, and notes what comes one by one, until a problem shows.
func (l *listing) each(ctx context.Context, ids []string, ask func(ctx context.Context, id string) (note func())) {
	slots, asks, result := make(chan struct{}, readsAtOnce), sync.WaitGroup{}, sync.Mutex{}
	for _, id := range ids {
		slots <- struct{}{}
		result.Lock()
		failed := l.problems.HasError()
		result.Unlock()
		if failed { // one error says enough
			break
		}
		asks.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(ctx, readTimeout)
			defer cancel()
			note := ask(ctx, id)
			result.Lock()
			defer result.Unlock()
			note()
		})
	}
	asks.Wait()
}

// note notes what a read of one account shows.
func (l *listing) note(id string, read observed, err error) {
	switch {
	case errors.Is(err, offboard.ErrNotFound):
		l.absent[id] = true
		return
	case errors.Is(err, offboard.ErrUnclearPerson):
		l.notClear(id, cause(l.kind, err))
		return
	case err != nil && !errors.Is(err, offboard.ErrClosed):
		l.problems.Append(cannotRead(l.kind, offboard.User{ID: id}, err))
		return
	}
	u := read.user()
	if u.ID = id; err != nil {
		u.Status = offboard.Closed
	}
	if u.Status == offboard.Unknown && l.kind.Unseen(u) {
		l.unseen[id] = nothingShown(l.kind)
		return
	}
	l.accounts = slices.DeleteFunc(l.accounts, func(a accounts.Account) bool { return a.ID == id })
	l.add(u, read)
}

// notClear notes an ID that may be an account, of which cannot be said whose it is.
func (l *listing) notClear(id, why string) { l.unseen[id], l.unclear[id] = why, why }

// noteUnseen notes that nothing is known of the accounts of the list of people that are not listed.
func (l *listing) noteUnseen(ids []string) {
	l.unseen = map[string]string{}
	for _, id := range l.notShown(ids) {
		l.unseen[id] = nothingShown(l.kind)
	}
}

// notShown returns those IDs that no account has that the vendor shows. In another letter case an ID may
// be the same one, unless the list of people has both.
func (l *listing) notShown(ids []string) (all []string) {
	shown, similar, named := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, id := range ids {
		named[id] = true
	}
	for _, a := range l.accounts {
		shown[a.ID] = true
		if !named[a.ID] {
			similar[offboard.Normal(a.ID)] = true
		}
	}
	for _, id := range ids {
		if !shown[id] && !similar[offboard.Normal(id)] {
			all = append(all, id)
		}
	}
	return all
}
