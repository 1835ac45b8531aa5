package ecgrid

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

func judgeListForm(t *contract.Transcript) contract.Judgment {
	x := t.Last(askList)
	if !x.OK() {
		return contract.NotAsked()
	}
	data, _ := contract.At(x.Body, "data")
	rows, ok := data.([]any)
	if !ok {
		return contract.IsNew("data is " + contract.Kind(data))
	}
	further := contract.Further(x.Body, "success", "data", "errorCode", "message")
	if len(further) > 0 {
		return contract.IsNew("further fields beside data: " + strings.Join(further, ", "))
	}
	if len(rows) == 0 {
		return contract.Open("the list is empty")
	}
	return contract.Holds("data is a list of users, and nothing is beside it")
}

func judgeOrder(t *contract.Transcript) contract.Judgment {
	var ids []int64
	for _, user := range t.Last(askList).Rows("data") {
		id, _ := strconv.ParseInt(contract.Text(user, "userId"), 10, 64)
		ids = append(ids, id)
	}
	down := slices.Clone(ids)
	slices.Reverse(down)
	switch {
	case len(ids) < 2:
		return contract.Open("the list has fewer than two users")
	case slices.IsSorted(ids):
		return contract.Holds("the IDs go up")
	case slices.IsSorted(down):
		return contract.IsContrary("Reversed = true", "the IDs go down")
	}
	return contract.IsNew("the IDs go neither up nor down")
}

func judgePage(t *contract.Transcript) contract.Judgment {
	first, second := t.Last(askList).Rows("data"), t.Last(askSecond).Rows("data")
	switch {
	case len(first) == 0 || len(second) == 0 && len(first) < pageSize:
		return contract.Open("the list has no second page")
	case repeats(first, second):
		return contract.Open("the second page is the first one again")
	case len(first) < pageSize:
		seen := fmt.Sprintf("asked for %d, a page has %d, and more are on the next one", pageSize, len(first))
		return contract.IsContrary(fmt.Sprintf("PageCap = %d", len(first)), seen)
	case len(first) > pageSize:
		return contract.IsNew(fmt.Sprintf("asked for %d, a page has %d", pageSize, len(first)))
	}
	return contract.Holds("a page has as many as asked for")
}

// repeats reports whether two pages begin with the same user.
func repeats(first, second []any) bool {
	return len(first) > 0 && len(second) > 0 && contract.Text(first[0], "userId") == contract.Text(second[0], "userId")
}

func judgeNoFilter(t *contract.Transcript) contract.Judgment {
	x := t.Last(askBare)
	switch {
	case x == nil:
		return contract.NotAsked()
	case isCode(x, "InvalidParameter"):
		return contract.IsContrary("FilterRequired = true", says(x))
	case len(x.Rows("data")) > 0:
		return contract.Holds("a list with users came")
	case x.OK():
		return contract.Open("an answer without users came")
	}
	return contract.IsNew(says(x))
}

func judgeMailbox(t *contract.Transcript) contract.Judgment {
	elsewhere := func(label string) bool {
		return slices.ContainsFunc(t.Last(label).Rows("data"), func(user any) bool {
			id := contract.Text(user, "mailboxId")
			return id != "" && id != "0"
		})
	}
	ignored, _, _ := triedFilters(t)
	switch {
	case slices.Contains(ignored, "mailboxId"):
		return contract.Open("the list does not obey mailboxId")
	case elsewhere(askRoot):
		return contract.IsContrary("Mailbox = MailboxZeroAll", "the list of the mailbox 0 has users of other mailboxes")
	case elsewhere(askList) && !t.Last(askRoot).HasList("data"):
		return contract.Open("the list of the mailbox 0 did not come")
	case elsewhere(askList):
		return contract.Holds("a list without a mailbox has users of others than 0, and the list of 0 has none of them")
	case elsewhere(askAll):
		return contract.IsContrary("Mailbox = MailboxRoot",
			"a list without a mailbox has those of the mailbox 0 alone, and -1 has all")
	}
	return contract.Open("no user of a mailbox is listed")
}

func judgeListed(t *contract.Transcript) contract.Judgment {
	before, after := listedUsers(t, askUnlisted), listedUsers(t, askListed)
	for user, found := range after {
		switch {
		case !wasTerminated(t, user):
			return contract.Open("not tried: the user was not terminated")
		case !before[user]:
			return contract.Open("the list did not have the user before the closure either")
		case !found:
			return contract.IsContrary("HideTerminated = true", "the list lacks a user who was closed")
		}
	}
	if len(after) == 0 {
		return t.NotTried()
	}
	return contract.Holds("the list has the user who was closed")
}

// listedUsers returns for each sacrificial user whether the list had a row of it. It leaves out one whose
// last page could not be read.
func listedUsers(t *contract.Transcript, label string) map[string]bool {
	users := map[string]bool{}
	for _, x := range t.All(func(x *contract.Exchange) bool { return x.Label == label }) {
		if _, found := contract.Find(x.Rows("data"), "userId", x.User); found || x.HasList("data") {
			users[x.User] = users[x.User] || found
		} else {
			delete(users, x.User)
		}
	}
	return users
}
