package skillabletms

import (
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// The commands that the definition uses.
const (
	commandGet    = "GetUser"
	commandFind   = "GetUserByEmail"
	commandUpdate = "UpdateUser"
	commandClose  = "CloseUserAccountById"
)

// The documented values of Status.
const (
	statusOK       = "0"
	statusFailed   = "10"
	statusNotFound = "20"
	statusBadKey   = "30"
)

// is reports whether an answer is one to a command. An ID may follow its name.
func is(x *contract.Exchange, command string) bool {
	return x.Label != contract.WrongKey && (path.Base(x.Path) == command || path.Base(path.Dir(x.Path)) == command)
}

// status is the Status of an answer; empty for none.
func status(x *contract.Exchange) string { return contract.Text(x.Body, "Status") }

// says describes an answer by its status and its rows. Anything else than a short number may be a value
// of a person.
func says(x *contract.Exchange) string {
	seen := []string{x.Describe()}
	for _, field := range []string{"Status", "RowsAffected"} {
		switch n, err := strconv.ParseUint(contract.Text(x.Body, field), 10, 16); {
		case err == nil:
			seen = append(seen, fmt.Sprintf("%s %d", field, n))
		case x.Has(field):
			seen = append(seen, field+" is no number")
		}
	}
	return strings.Join(seen, ", ")

}

// objects returns the answers of the vendor: JSON objects with HTTP 200. With any other HTTP status a
// gateway may have answered.
func objects(t *contract.Transcript) []*contract.Exchange {
	return t.All(func(x *contract.Exchange) bool {
		_, ok := x.Body.(map[string]any)
		return ok && x.Status == http.StatusOK && x.Label != contract.WrongKey
	})
}

func judgeStatus(t *contract.Transcript) contract.Judgment {
	return each(objects(t), "each answer has a Status", func(x *contract.Exchange) contract.Judgment {
		if !x.Has("Status") {
			return contract.IsContrary("NoStatus = true", "an object without Status")
		}
		return contract.Holds("")
	})
}

// each judges answers, and returns the judgment that says most. If all hold, it says so with a number.
func each(all []*contract.Exchange, seen string, judge func(*contract.Exchange) contract.Judgment) contract.Judgment {
	var judged []contract.Judgment
	for _, x := range all {
		judged = append(judged, judge(x))
	}
	worst := contract.Worst(judged...)
	if worst.Seen == "" {
		worst.Seen = fmt.Sprintf("%s: %d answers", seen, len(all))
	}
	return worst
}

// judgeCase judges the letter case of the field of the status. Both spellings must have come.
func judgeCase(t *contract.Transcript) contract.Judgment {
	seen := map[bool]bool{}
	for _, x := range objects(t) {
		if !x.Has("Status") {
			continue
		}
		_, capital := x.Body.(map[string]any)["Status"]
		if capital == is(x, commandUpdate) {
			return contract.IsContrary("FlippedCase = true", "the other commands write status, or UpdateUser writes Status")
		}
		seen[capital] = true
	}
	if len(seen) < 2 {
		return contract.Open("not tried: no answer of UpdateUser came beside those of other commands")
	}
	return contract.Holds("UpdateUser writes status, and the others Status")
}

// judgeHTTP judges the HTTP status. An answer that is no JSON among others may be that of a gateway.
func judgeHTTP(t *contract.Transcript) contract.Judgment {
	all := t.All(func(x *contract.Exchange) bool { return x.Label != contract.WrongKey })
	pages, other := 0, ""
	for _, x := range all {
		switch {
		case !x.JSON:
			pages++
		case x.Status != http.StatusOK && x.Has("Status"):
			other = says(x)
		}
	}
	switch {
	case len(all) == 0:
		return contract.NotAsked()
	case pages == len(all):
		return contract.IsContrary(fmt.Sprintf("HTML = %d", all[0].Status), "no answer is JSON: "+all[0].Describe())
	case pages > 0:
		return contract.Open("an answer that is not JSON came, which may be that of a gateway")
	case other != "":
		return contract.IsNew(other)
	}
	return contract.Holds(fmt.Sprintf("%d answers are JSON with HTTP 200", len(all)))
}

func judgeErrorText(t *contract.Transcript) contract.Judgment {
	good := t.All(func(x *contract.Exchange) bool { return x.OK() && status(x) == statusOK })
	return each(good, "no success has a text in Error", func(x *contract.Exchange) contract.Judgment {
		if contract.Text(x.Body, "Error") != "" {
			return contract.IsContrary("ErrorOnSuccess = true", "a success has a text in Error")
		}
		return contract.Holds("")
	})
}

func judgeBadKey(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(contract.WrongKey); {
	case x == nil:
		return contract.NotAsked()
	case x.Status == http.StatusUnauthorized:
		return contract.IsContrary("BadKey = BadKeyUnauthorized", says(x))
	case x.Status == http.StatusForbidden && x.JSON:
		return contract.IsContrary("BadKey = BadKeyForbidden", says(x))
	case x.OK() && status(x) == statusBadKey:
		return contract.Holds(says(x))
	case x.OK() && status(x) != "":
		return contract.IsNew(says(x))
	default:
		return contract.Open("the answer to a wrong key is not one of the vendor: " + says(x))
	}
}

// judgeLists judges how a search without a result writes its list.
func judgeLists(t *contract.Transcript) contract.Judgment {
	empty := t.All(func(x *contract.Exchange) bool {
		return x.OK() && status(x) == statusOK && contract.Text(x.Body, "TotalCount") == "0"
	})
	if len(empty) == 0 {
		return contract.Open("not tried: no search came back without a result")
	}
	return each(empty, "an empty list", func(x *contract.Exchange) contract.Judgment {
		name := "Results"
		if is(x, "SearchSubscriptions") {
			name = "SearchSubscriptionsResults"
		}
		switch list, ok := contract.At(x.Body, name); {
		case !ok:
			return contract.IsContrary("Lists = TMSListsMissing", "no "+name)
		case list == nil:
			return contract.IsContrary("Lists = TMSListsNull", name+" null")
		}
		return contract.Holds("")
	})
}

// judgeEmailCase judges a search for a known address in another letter case.
func judgeEmailCase(t *contract.Transcript) contract.Judgment {
	return t.Each(contract.OtherCase, func(x *contract.Exchange) contract.Judgment {
		switch before := t.All(func(b *contract.Exchange) bool {
			return b.User == x.User && is(b, commandFind) && b.Label == contract.SameCase && status(b) == statusOK
		}); {
		case len(before) == 0:
			return contract.Open("not tried: the address as it is did not find the user")
		case status(x) == statusOK:
			return contract.Holds("found: " + says(x))
		case status(x) == statusNotFound:
			return contract.IsContrary("EmailExact = true", says(x))
		default:
			return contract.Open(says(x))
		}
	})
}
