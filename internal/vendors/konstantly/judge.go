package konstantly

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// fullPage is how many users a page has.
// https://docs.konstantly.com/api-reference/users/get-users
const fullPage = 20

func judgeUnknown(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askUnknown); {
	case x == nil:
		return contract.NotAsked()
	case isNotFound(x) && contract.Text(x.Body, "message") == "Not found":
		return contract.Holds("HTTP 404, status 404, message Not found")
	case isNotFound(x):
		return contract.IsNew("HTTP 404, status 404, and another message")
	default:
		return contract.IsNew(x.Describe())
	}
}

func judgeBadKey(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askBadKey); {
	case x == nil:
		return contract.NotAsked()
	case x.Status == http.StatusUnauthorized:
		return contract.Holds(x.Describe())
	case x.Status == http.StatusForbidden:
		return contract.IsContrary("Forbidden = true", x.Describe())
	default:
		return contract.IsNew(x.Describe())
	}
}

func judgeRateHeaders(t *contract.Transcript) contract.Judgment {
	answers := t.All(func(x *contract.Exchange) bool { return x.Status < http.StatusInternalServerError })
	missing := map[string]bool{}
	for _, x := range answers {
		for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
			if _, err := strconv.Atoi(x.Header.Get(name)); err != nil {
				missing[name] = true
			}
		}
	}
	switch {
	case len(answers) == 0:
		return contract.NotAsked()
	case len(missing) > 0:
		return contract.IsNew("an answer has no number in " + strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	return contract.Holds(fmt.Sprintf("in all %d answers, all three are numbers", len(answers)))
}

// documentedLimit is how many requests a minute are allowed.
// https://docs.konstantly.com/api-reference/introduction
const documentedLimit = 100

func judgeLimit(t *contract.Transcript) contract.Judgment {
	x := t.Last(askList)
	if x == nil {
		return contract.NotAsked()
	}
	limit, err := strconv.Atoi(x.Header.Get("X-RateLimit-Limit"))
	switch {
	case err != nil:
		return contract.Open("no header of the list has the limit")
	case limit < documentedLimit:
		return contract.IsContrary(fmt.Sprintf("RateLimit = %d", limit), fmt.Sprintf("the limit is %d", limit))
	}
	return contract.Holds(fmt.Sprintf("the header of the list says %d", limit))
}

// eachUser judges each user of the first page, and returns the judgment that says most.
func eachUser(t *contract.Transcript, judge func(user any) contract.Judgment) contract.Judgment {
	return contract.EachRow(t.Last(askList).Rows("users"), "the list has no user", judge)
}

func judgeRole(t *contract.Transcript) contract.Judgment {
	return eachUser(t, func(user any) contract.Judgment {
		role, _ := contract.At(user, "role")
		_, alias := contract.At(role, "alias")
		switch {
		case alias:
			return contract.Holds("an object with an alias")
		case contract.Kind(role) == "a string":
			return contract.IsContrary("RoleString = true", "a string")
		}
		return contract.IsNew(contract.Kind(role) + " without an alias")
	})
}

func judgeOptional(t *contract.Transcript) contract.Judgment {
	return eachUser(t, func(user any) contract.Judgment {
		var all []contract.Judgment
		for _, field := range []string{"occupation", "location"} {
			switch v, has := contract.At(user, field); {
			case !has:
				all = append(all, contract.IsContrary("Optional = OptionalAbsent", "the field is absent"))
			case v == "":
				all = append(all, contract.IsContrary("Optional = OptionalEmpty", "the field is an empty string"))
			case v == nil:
				all = append(all, contract.Holds("the field is null"))
			}
		}
		if len(all) == 0 {
			return contract.Open("no listed user lacks an occupation or a location")
		}
		return contract.Worst(all...)
	})
}

func judgeAttributes(t *contract.Transcript) contract.Judgment {
	return eachUser(t, func(user any) contract.Judgment {
		switch v, _ := contract.At(user, "attributes"); v := v.(type) {
		case map[string]any:
			if len(v) > 0 {
				return contract.Open("no listed user is without attributes")
			}
			return contract.Holds("an empty object")
		case []any:
			return contract.IsContrary("AttributesList = true", "a list")
		default:
			return contract.IsNew(contract.Kind(v))
		}
	})
}

func judgeTotal(t *contract.Transcript) contract.Judgment {
	all, fromOne := t.Last(askList), t.Last(askFromOne)
	if !all.OK() || !fromOne.OK() {
		return contract.NotAsked()
	}
	total, err := strconv.Atoi(contract.Text(all.Body, "totalCount"))
	further, err2 := strconv.Atoi(contract.Text(fromOne.Body, "totalCount"))
	if err != nil || err2 != nil {
		return contract.IsNew("totalCount is no number")
	}
	more := min(len(t.Last(askNext).Rows("users")), 1) // whether there is a further page
	return judgeTotals(total, further, len(all.Rows("users")), len(fromOne.Rows("users")), more)
}

// judgeTotals judges the totals of the list, and of the list from the second user on, by their rows.
func judgeTotals(total, further, rows, rest, more int) contract.Judgment {
	least := max(rows+more, rest+1) // so many users there are at least
	ofPage := total == rows && further == rest && (further < total || total < least)
	seen := fmt.Sprintf("totals %d and %d, with %d rows, and %d rows from the second user on", total, further, rows, rest)
	switch {
	case rows == 0:
		return contract.Open("the list is empty")
	case ofPage:
		return contract.IsContrary("TotalOfPage = true", seen)
	case total == further && total >= least:
		return contract.Holds(seen)
	}
	return contract.IsNew(fmt.Sprintf("%s; there are %d users at least", seen, least))
}

func judgePage(t *contract.Transcript) contract.Judgment {
	rows, next := len(t.Last(askList).Rows("users")), len(t.Last(askNext).Rows("users"))
	switch {
	case next == 0:
		return contract.Open("the list has no second page")
	case rows < fullPage:
		return contract.IsContrary(fmt.Sprintf("PageCap = %d", rows),
			fmt.Sprintf("a page has %d, and more are on the next one", rows))
	case rows > fullPage:
		return contract.IsNew(fmt.Sprintf("a page has %d", rows))
	}
	return contract.Holds("a page has 20")
}

// lists reports whether a list has the sacrificial user that it was asked about.
func lists(x *contract.Exchange) bool {
	_, found := contract.Find(x.Rows("users"), "id", x.User)
	return found
}

func judgeListsBlocked(t *contract.Transcript) contract.Judgment {
	before := map[string]bool{}
	for _, x := range t.All(func(x *contract.Exchange) bool { return x.Label == askBefore }) {
		before[x.User] = lists(x)
	}
	return t.Each(askBlockedList, func(x *contract.Exchange) contract.Judgment {
		switch {
		case !before[x.User]:
			return contract.Open("not tried: the list did not have the user before the block either")
		case !wasBlocked(t, x.User):
			return contract.Open("not tried: the user was not blocked")
		case lists(x):
			return contract.Holds("the list has the blocked user")
		case !x.HasList("users"):
			return contract.Open("the list after the block could not be read")
		}
		return contract.IsContrary("HideBlocked = true", "the list lacks the blocked user")
	})
}

func judgeQuery(t *contract.Transcript) contract.Judgment {
	x, whole := t.Last(askPart), t.Last(askWhole)
	if x == nil || !whole.OK() {
		return contract.Open("not tried: no listed address was found by the whole of it")
	}
	_, found := contract.Find(x.Rows("users"), "id", contract.Text(whole.Body, "id"))
	of := contract.Text(t.Last(askList).Body, "totalCount")
	switch {
	case found && contract.Text(x.Body, "totalCount") == of:
		return contract.Open("not tried: a part of an address finds all users, as the list without a query does")
	case found:
		return contract.Holds("a part of an address finds its user")
	case x.HasList("users") && len(x.Rows("users")) == 0:
		return contract.IsContrary("QueryExact = true", "a part of an address finds no user")
	case x.HasList("users"):
		return contract.Open("the first page for a part of an address has other users only")
	}
	return contract.IsNew(x.Describe())
}

func judgeEmailCase(t *contract.Transcript) contract.Judgment {
	whole, upper := t.Last(askWhole), t.Last(askUpper)
	switch {
	case !whole.OK() || upper == nil:
		return contract.Open("not tried: no listed address was found as it is written")
	case upper.OK() && contract.Text(upper.Body, "id") == contract.Text(whole.Body, "id"):
		return contract.Holds("the address in capitals finds the user")
	case upper.OK():
		return contract.IsNew("the address in capitals finds another user")
	case isNotFound(upper):
		return contract.IsContrary("EmailExact = true", "the address in capitals finds no user")
	}
	return contract.IsNew(upper.Describe())
}

func judgePlus(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askPlus); {
	case x == nil:
		return contract.Open("no listed address has a plus sign")
	case x.OK() && strings.Contains(contract.Text(x.Body, "email"), "+"):
		return contract.Holds("an address with a plus sign finds the user")
	case x.OK():
		return contract.IsNew("an address with a plus sign finds another user")
	case isNotFound(x):
		return contract.IsContrary("PlusIsBlank = true", "an address with a plus sign finds no user")
	default:
		return contract.IsNew(x.Describe())
	}
}
