package skillable

import (
	"fmt"
	"strconv"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// rowsOf returns how many rows each closing call touched. It reports false if an answer does not say
// that.
func rowsOf(calls []*contract.Exchange) (rows []int, ok bool) {
	for _, x := range calls {
		n, err := strconv.Atoi(contract.Text(x.Body, "RowsAffected"))
		if !succeeds(x) || err != nil {
			return rows, false
		}
		rows = append(rows, n)
	}
	return rows, len(rows) > 0
}

// eachClosure judges the rows of the closing calls for each sacrificial user.
func eachClosure(t *contract.Transcript, judge func(rows []int) contract.Judgment) contract.Judgment {
	var all []contract.Judgment
	for _, calls := range closes(t) {
		rows, ok := rowsOf(calls)
		if !ok {
			all = append(all, contract.IsNew("a closing call answers "+says(calls[len(rows)])))
			continue
		}
		all = append(all, judge(rows))
	}
	return t.OfUsers(all...)
}

func judgeRows(t *contract.Transcript) contract.Judgment {
	return eachClosure(t, func(rows []int) contract.Judgment {
		further := 0
		for _, n := range rows[1:] {
			if n > 0 {
				further++
			}
		}
		switch {
		case rows[len(rows)-1] > 0:
			return contract.Open("no closing call came to its end")
		case rows[0] == 0:
			return contract.IsNew("the first call touches no row")
		case further > 0:
			return contract.IsContrary(fmt.Sprintf("LeaveRows = %d", further),
				fmt.Sprintf("%d further calls touch rows", further))
		}
		return contract.Holds("the first call touches rows, and no later one does")
	})
}

func judgeAlways(t *contract.Transcript) contract.Judgment {
	return eachClosure(t, func(rows []int) contract.Judgment {
		switch last := rows[len(rows)-1]; {
		case last == 0:
			return contract.Holds("a call for the closed user touches no row")
		case len(rows) >= maxCloses:
			return contract.IsContrary("AlwaysRows = true", fmt.Sprintf("each of %d calls touches rows", len(rows)))
		}
		return contract.Open("the calls ended before one touched no row")
	})
}

// wasClosed reports whether a closing call for a user touched rows.
func wasClosed(t *contract.Transcript, user string) bool {
	rows, _ := rowsOf(closes(t)[user])
	return len(rows) > 0 && rows[0] > 0
}

func judgeLabs(t *contract.Transcript) contract.Judgment {
	return t.Each(askLabs, func(x *contract.Exchange) contract.Judgment {
		before := 0
		for _, y := range t.All(func(y *contract.Exchange) bool { return y.User == x.User && y.Label != askLabs }) {
			before = max(before, labs(y))
		}
		switch {
		case !wasClosed(t, x.User) || before == 0:
			return contract.Open("not tried: no test user had a lab when it was closed")
		case consumers(t) > 1 || labs(t.Last(askUnknown)) > 0:
			return contract.Open("the lists have labs of others")
		case labs(x) > 0:
			return contract.IsContrary("Closing = CloseLeavesLabs", "the labs are still listed")
		}
		if !showsNone(t, x) {
			return contract.Open("the labs after the closure could not be read: " + says(x))
		}
		return contract.Holds("the labs from before are not listed any more")
	})
}

func judgeSearch(t *contract.Transcript) contract.Judgment {
	return t.Each(askFound, func(x *contract.Exchange) contract.Judgment {
		switch rows := x.Rows("Results"); {
		case !wasClosed(t, x.User) || !x.OK():
			return contract.Open("not tried: the user was not closed, or the search failed")
		case consumers(t) > 1:
			return contract.Open("the search has labs of others")
		case len(rows) > 0 && labs(t.Last(askUnknown)) == 0 && hasEnded(rows):
			return contract.IsContrary("SearchClosed = true", "past labs are found")
		case len(rows) > 0:
			return contract.Open("labs that have not ended are found")
		}
		if !x.HasList("Results") || failed(x) {
			return contract.Open("not tried: the search failed")
		}
		if !hadLabs(t, x.User) {
			return contract.Open("not tried: no search found a lab of the user before the closure either")
		}
		return contract.Holds("no lab is found, and one was found before")
	})
}

// hadLabs reports whether a search for a user found a lab before the first closing call.
func hadLabs(t *contract.Transcript, user string) bool {
	first, before := closes(t)[user][0], true
	found := t.All(func(x *contract.Exchange) bool {
		before = before && x != first
		return before && x.User == user && len(x.Rows("Results")) > 0
	})
	return len(found) > 0
}

// hasEnded reports whether a row is of a lab that has ended.
func hasEnded(rows []any) bool {
	for _, row := range rows {
		if end, _ := contract.At(row, "End"); end != nil {
			return true
		}
	}
	return false
}

func judgeNames(t *contract.Transcript) contract.Judgment {
	return t.Each(askFound, func(x *contract.Exchange) contract.Judgment {
		if !wasClosed(t, x.User) || !x.OK() {
			return contract.Open("not tried: the user was not closed, or the search failed")
		}
		if consumers(t) > 1 {
			return contract.Open("the search has labs of others")
		}
		past := 0
		for _, row := range x.Rows("Results") {
			named := contract.Text(row, "UserEmail") + contract.Text(row, "UserFirstName") + contract.Text(row, "UserLastName")
			if end, _ := contract.At(row, "End"); end == nil {
				continue
			}
			if past++; named != "" {
				return contract.IsContrary("KeepNames = true", "a past lab shows a name or an address")
			}
		}
		if past == 0 {
			return contract.Open("no past lab was found, so there was none to look at")
		}
		return contract.Holds(fmt.Sprintf("%d past labs show neither name nor address", past))
	})
}
