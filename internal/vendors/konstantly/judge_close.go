package konstantly

import (
	"net/http"
	"slices"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// eachChange judges the answers to the calls with a method.
func eachChange(
	t *contract.Transcript, method string, judge func(*contract.Exchange) contract.Judgment,
) contract.Judgment {
	var all []contract.Judgment
	for _, x := range changes(t, method) {
		all = append(all, judge(x))
	}
	return contract.Worst(all...)
}

func judgeBlock(t *contract.Transcript) contract.Judgment {
	return eachChange(t, http.MethodPost, func(x *contract.Exchange) contract.Judgment {
		banned, _ := contract.At(x.Body, "isBanned")
		switch {
		case x.OK() && banned == true:
			return contract.Holds("HTTP 200 with isBanned true")
		case x.Status == http.StatusUnprocessableEntity:
			return contract.Open("the block was refused with HTTP 422, which is documented for some users")
		}
		return contract.IsNew(x.Describe())
	})
}

func judgeBlockedRead(t *contract.Transcript) contract.Judgment {
	return t.Each(askBlockedRead, func(x *contract.Exchange) contract.Judgment {
		banned, _ := contract.At(x.Body, "isBanned")
		switch {
		case isNotFound(x):
			return contract.IsContrary("BlockedNotFound = true", x.Describe())
		case x.OK() && banned == true:
			return contract.Holds("HTTP 200 with isBanned true")
		case x.OK():
			return contract.Open("the user is not blocked")
		}
		return contract.IsNew(x.Describe())
	})
}

func judgeBlockAgain(t *contract.Transcript) contract.Judgment {
	return t.Each(askBlockAgain, func(x *contract.Exchange) contract.Judgment {
		switch {
		case x.OK():
			return contract.Holds(x.Describe())
		case x.Status == http.StatusUnprocessableEntity:
			return contract.IsContrary("BlockOnce = true", x.Describe())
		}
		return contract.IsNew(x.Describe())
	})
}

func judgeDelete(t *contract.Transcript) contract.Judgment {
	return eachChange(t, http.MethodDelete, func(x *contract.Exchange) contract.Judgment {
		fields, _ := x.Body.(map[string]any)
		switch {
		case x.OK() && x.Empty:
			return contract.IsContrary("EmptyDelete = true", x.Describe())
		case x.OK() && x.JSON && fields != nil && len(fields) == 0:
			return contract.Holds("HTTP 200 with an empty object")
		}
		return contract.IsNew(x.Describe())
	})
}

func judgeAtOnce(t *contract.Transcript) contract.Judgment {
	return eachChange(t, http.MethodDelete, func(x *contract.Exchange) contract.Judgment {
		reads := t.After(x, func(y *contract.Exchange) bool {
			return y.Label == x.Label && !y.Change && strings.HasSuffix(y.Path, "/users/"+y.User)
		})
		switch {
		case !x.OK() || len(reads) == 0:
			return contract.NotAsked()
		case slices.ContainsFunc(reads, (*contract.Exchange).OK):
			return contract.IsContrary("SlowDelete = 2", "a read after it still shows the user")
		}
		return contract.Holds("no read after it shows the user")
	})
}

func judgeAgain(t *contract.Transcript) contract.Judgment {
	return t.Each(askDeleteAgain, func(x *contract.Exchange) contract.Judgment {
		if isNotFound(x) {
			return contract.Holds("HTTP 404 with status 404")
		}
		return contract.IsNew(x.Describe())
	})
}
