package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/offboard/terraform-provider-offboard/internal/accounts"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// listing is what one vendor shows of all its accounts.
type listing struct {
	kind     userKind
	asked    bool               // the vendor is configured
	why      string             // why not all accounts are known; empty if the list was read to its end
	blind    bool               // the list was read to its end, and shows nobody but the key's own account
	accounts []accounts.Account // each once
	names    []string           // IDs, sign-in names and addresses of the accounts
	unseen   map[string]string  // IDs of the list of people of which nothing is known, with the reason
	unclear  map[string]string  // those of unseen that may be an account, which is not told apart from others
	absent   map[string]bool    // IDs of the list of people of which the vendor says that it has none
	problems diag.Diagnostics
	owner    ownership              // of the key with which it is read
	others   bool                   // an account is shown that cannot be the owner's
	lacking  bool                   // a read has shown an active account that the list lacks
	leavers  func() *accounts.Judge // says who leaves, on whichever day
}

// listAccounts asks every configured vendor for all its accounts, side by side. A vendor that is not
// configured has a listing if the provider block or the list of people names it.
func (c *clients) listAccounts(ctx context.Context, of *accounts.List) []listing {
	ids := idsOf(of)
	all, vendors := make([]listing, len(kinds)), sync.WaitGroup{}
	for i, k := range kinds {
		all[i].kind = k
	}
	for _, name := range slices.Sorted(maps.Keys(c.declared.kinds)) {
		all = append(all, listing{kind: c.declared.kinds[name]})
	}
	leavers := sync.OnceValue(func() *accounts.Judge {
		return accounts.NewJudge(&accounts.List{People: of.People, Day: endOfDays})
	})
	for i := range all {
		all[i].leavers = leavers
		own, named := ids[all[i].kind.name]
		vendors.Go(func() { all[i].read(ctx, c, own, named) })
	}
	vendors.Wait()
	known := map[string]bool{}
	for _, l := range all {
		known[l.kind.name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(ids)) {
		if !known[name] {
			all = append(all, listing{kind: userKind{name: name, title: offboard.Text(name)}, why: vendorNotKnown(name)})
		}
	}
	all = slices.DeleteFunc(all, func(l listing) bool { return !l.asked && l.why == "" && len(l.problems) == 0 })
	for i := range all {
		all[i].explain(ids[all[i].kind.name])
	}
	return all
}

// idsOf are the IDs in a list of people, by vendor, each once. A vendor of which only managed accounts
// or addresses are named has none.
func idsOf(of *accounts.List) map[string][]string {
	all := map[string][]string{}
	for vendor := range of.Managed {
		all[vendor] = nil
	}
	for _, p := range of.People {
		for vendor, ref := range p.Accounts {
			ids := all[vendor]
			if ref.ID != "" {
				ids = append(ids, ref.ID)
			}
			all[vendor] = ids
		}
	}
	for vendor := range all {
		slices.Sort(all[vendor])
		all[vendor] = slices.Compact(all[vendor])
	}
	return all
}

// read asks the vendor. ids are its accounts in the list of people, which may name it without any.
func (l *listing) read(ctx context.Context, c *clients, ids []string, named bool) {
	k := l.kind
	if problem := c.problems[k.name]; problem != nil {
		switch {
		case !problem.unset:
			l.problems.Append(listNotConfigured(k, *problem))
		case problem.written || named:
			l.why = keyNotSet(k, *problem)
		}
		return
	}
	ctx = offboard.WithoutCache(ctx)
	l.asked = true
	v := c.vendors[k.name]
	var err error
	if l.owner, err = keyOwnerOf(ctx, v); err != nil {
		l.problems.Append(cannotList(k, err))
		return
	}
	l.list(ctx, v)
	if k.noList || k.partial != "" {
		l.why = whyNotListed(k)
		l.look(ctx, v.refresh, ids)
	}
	l.doubtEmpty(ids)
	l.doubtPart(ctx, v, ids)
	if l.why == "" && !l.problems.HasError() {
		l.lookForMissing(ctx, v, ids)
	}
	l.askTraces(ctx, v)
	l.doubtAbsent(ctx, v)
	logRead(ctx, k, len(l.accounts), len(l.accounts))
}

// list reads the list of the vendor, if it has one. What cannot be read of it is an error.
func (l *listing) list(ctx context.Context, v vendor) {
	if l.kind.noList {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	missing := gaps{kind: l.kind}
	for row, err := range v.list(ctx, chosen{closed: true}) {
		switch {
		case err == nil:
			l.add(row.user(), row)
		case !missing.add(err):
			l.problems.Append(cannotList(l.kind, err))
			return
		}
	}
	l.problems.Append(missing.diagnostics(diag.SeverityError)...)
}

// add adds an account that the vendor shows.
func (l *listing) add(u offboard.User, shown snapshot) {
	var logins []string
	l.names = append(l.names, u.ID, u.Email)
	if strings.Contains(u.Name, "@") { // never_close compares it, too
		l.names = append(l.names, u.Name)
	}
	if o, ok := shown.(observed); ok {
		l.names = append(l.names, o.aliases()...)
		if _, several := shown.(crowd); !several { // whose other names are those of other people
			logins = o.aliases()
		}
	}
	if l.kind.usable(u.ID) != nil {
		u.ID = offboard.Text(u.ID) // it is shown, and nothing can manage it
	}
	owns, may := l.owner(shown)
	l.others = l.others || !may && u.Status != offboard.Closed
	l.accounts = append(l.accounts, accounts.Account{User: u, Vendor: l.kind.name, Logins: logins, OwnKey: owns})
}

// noAllClear is why no verdict says that the vendor, or an account at it, is as it should be. found are the
// verdicts on its accounts, among others.
func (l *listing) noAllClear(found []accounts.Judged) (all diag.Diagnostics) {
	switch {
	case l.blind:
		all.Append(listsNobody(l.kind, l.why))
	case !l.asked:
		all.Append(notAsked(l.kind, l.why))
	case l.lacking:
		all.Append(listNotWhole(l.kind, diag.SeverityError, errLacksAccount))
	case len(l.unclear) > 0:
		all.Append(unclearAccounts(l.kind, l.unclear))
	case l.why == "", l.why == lacksAccount(l.kind): // of what it shows, it must tell all the same
		if why := l.hidesAddresses(found); why != "" {
			all.Append(addressesHidden(l.kind, why))
		}
	}
	return all
}

// doubt says why the list does not tell of each account whose it is; empty if it does. found are as in noAllClear.
func (l *listing) doubt(found []accounts.Judged) string {
	switch {
	case l.why != "":
		return l.why
	case len(l.unclear) > 0:
		return idsNotClear(l.kind)
	}
	return l.hidesAddresses(found)
}

// hidesAddresses says why the list does not tell whose the accounts are that are in the list of people by no ID: the
// vendor shows few addresses, or one for all, or hides one that may be a leaver's. It is empty if it does.
func (l *listing) hidesAddresses(found []accounts.Judged) string {
	strangers, hidden, shown := 0, 0, map[string]int{}
	for _, a := range found {
		if a.Vendor != l.kind.name || a.OwnKey || a.Status == offboard.Closed {
			continue
		}
		hides := a.HidesAddress()
		if !hides {
			shown[offboard.Normal(a.Email)]++
		}
		if a.Verdict != accounts.Stranger {
			continue
		}
		strangers++
		if hides {
			hidden++
			if why := l.mayBeALeavers(a.Account); why != "" {
				return why
			}
		}
	}
	if strangers > 0 && rest.FewAddresses(shown, hidden) {
		return addressesNotShown(l.kind)
	}
	return ""
}

// mayBeALeavers says why an account that hides its address may be a leaver's; empty if nothing says so.
func (l *listing) mayBeALeavers(a accounts.Account) string {
	switch {
	case l.leavers().MayMask(a):
		return addressMasked(l.kind, a.User)
	case l.leavers().IsNamesake(a):
		return namesakeHidden(l.kind, a.User)
	}
	return ""
}

// doubtPart says of the list of a key that may see a part of the users alone that it is not whole. What
// such a key does not show is no absence.
func (l *listing) doubtPart(ctx context.Context, v vendor, ids []string) {
	of, ok := v.(narrow)
	if !ok || l.why != "" || l.problems.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	part, err := of.seesPart(ctx)
	if err != nil {
		l.problems.Append(cannotList(l.kind, err))
	}
	if part {
		l.why = partShown(l.kind)
		l.noteUnseen(ids)
	}
}

// doubtEmpty says of a list without another account that it tells nothing. A key that sees nobody gets the
// same answer as one of a vendor that has no accounts.
func (l *listing) doubtEmpty(ids []string) {
	if l.why != "" || l.problems.HasError() || l.others {
		return
	}
	l.blind, l.why = true, nobodyShown(l.kind, len(l.accounts) > 0)
	l.noteUnseen(ids)
}

// explain says of each account of the list of people that nothing is known of it, if the vendor was
// not asked.
func (l *listing) explain(ids []string) {
	if l.asked || len(l.problems) > 0 {
		return
	}
	l.unseen = map[string]string{}
	for _, id := range ids {
		l.unseen[id] = l.why
	}
}

// namesIn are the names of all accounts that are shown.
func namesIn(all []listing) (names []string) {
	for _, l := range all {
		names = append(names, l.names...)
	}
	return names
}
