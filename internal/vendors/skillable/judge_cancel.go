package skillable

import (
	"fmt"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// judgeForeign judges whether labs can be canceled. The answer about a lab of another API consumer has
// no Result.
func judgeForeign(t *contract.Transcript) contract.Judgment {
	return eachCancellation(t, func(x *contract.Exchange) contract.Judgment {
		switch result := contract.Text(x.Body, "Result"); {
		case succeeds(x) && result == "1":
			return contract.Holds(says(x) + ", Result 1")
		case contract.Text(x.Body, "Status") == "1" && !x.Has("Result"):
			return contract.IsContrary("ForeignLabs = true", says(x)+", no Result")
		default:
			return contract.Open("a lab was not canceled: " + says(x))
		}
	})
}

// judgeCancel judges whether the first read of the labs after a cancellation shows one less.
func judgeCancel(t *contract.Transcript) contract.Judgment {
	return eachCancellation(t, func(x *contract.Exchange) contract.Judgment {
		if !succeeds(x) || contract.Text(x.Body, "Result") != "1" {
			return contract.Open("not tried: a lab was not canceled")
		}
		before, slow := -1, 0
		reached, ended := false, false
		t.All(func(o *contract.Exchange) bool {
			reached = reached || o == x
			if o.User != x.User || ended || !isLabs(o) {
				return false
			}
			switch now := len(o.Rows("RunningLabs")); {
			case !reached:
				before = now
			case now < before:
				ended = true
			default:
				slow++
			}
			return false
		})
		switch {
		case !ended:
			return contract.Open("not counted: each read after the cancellation shows the lab")
		case slow > 0:
			return contract.IsContrary(fmt.Sprintf("SlowCancel = %d", slow), fmt.Sprintf("%d reads still show the lab", slow))
		}
		return contract.Holds("the first read after the cancellation does not show the lab")
	})
}

// isLabs reports whether an answer has the lists of a user's labs.
func isLabs(x *contract.Exchange) bool {
	return strings.HasSuffix(x.Path, "/userrunningandsavedlabs") && succeeds(x)
}

// eachCancellation judges the answers to the calls that cancel the labs of sacrificial users, and returns
// the judgment that says most.
func eachCancellation(t *contract.Transcript, judge func(*contract.Exchange) contract.Judgment) contract.Judgment {
	all := t.All(func(x *contract.Exchange) bool { return x.Change && strings.HasSuffix(x.Path, "/cancel") && x.OK() })
	if len(all) == 0 && len(closes(t)) > 0 {
		return contract.Open("not tried: no test user had a lab that runs")
	}
	return t.EachOf(all, judge)
}
