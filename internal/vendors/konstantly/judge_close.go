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
	return t.EachOf(changes(t, method), judge)
}

// isBlocked reports whether an answer shows the sacrificial user that it is about as blocked.
func isBlocked(x *contract.Exchange) bool {
	banned, _ := contract.At(x.Body, "isBanned")
	return shows(x) && banned == true
}

// shows reports whether an answer shows the sacrificial user that it is about.
func shows(x *contract.Exchange) bool { return x.OK() && contract.Text(x.Body, "id") == x.User }

// wasBlocked reports whether an answer showed that a user is blocked.
func wasBlocked(t *contract.Transcript, user string) bool {
	return len(t.All(func(x *contract.Exchange) bool { return x.User == user && isBlocked(x) })) > 0
}

func judgeBlock(t *contract.Transcript) contract.Judgment {
	return eachChange(t, http.MethodPost, func(x *contract.Exchange) contract.Judgment {
		switch {
		case isBlocked(x):
			return contract.Holds("HTTP 200 with the user, and isBanned true")
		case x.Status == http.StatusUnprocessableEntity:
			return contract.Open("the block was refused with HTTP 422, which is documented for some users")
		}
		return contract.IsNew(x.Describe())
	})
}

func judgeBlockedRead(t *contract.Transcript) contract.Judgment {
	return t.Each(askBlockedRead, func(x *contract.Exchange) contract.Judgment {
		switch {
		case !wasBlocked(t, x.User):
			return contract.Open("not tried: the user was not blocked")
		case isNotFound(x):
			return contract.IsContrary("BlockedNotFound = true", x.Describe())
		case isBlocked(x):
			return contract.Holds("HTTP 200 with the user, and isBanned true")
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
			return y.Label == x.Label && !y.Change && strings.HasSuffix(y.Path, "/users/"+y.User) && (shows(y) || isNotFound(y))
		})
		switch {
		case !x.OK():
			return contract.Open("not tried: the deletion was not accepted: " + x.Describe())
		case len(reads) == 0:
			return contract.Open("not tried: no read came after the deletion")
		case slices.ContainsFunc(reads, shows):
			return contract.IsContrary("SlowDelete = 2", "a read after the deletion still shows the user")
		}
		return contract.Holds("no read after the deletion shows the user: " + reads[0].Describe())
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
