package skillable

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// says describes an answer by its status and that of the command.
func says(x *contract.Exchange) string {
	if !x.JSON {
		return x.Describe()
	}
	seen := fmt.Sprintf("HTTP %d", x.Status)
	if n := contract.Text(x.Body, "Status"); n == "0" || n == "1" {
		return seen + ", Status " + n
	}
	return seen + ", no usable Status"
}

// succeeds reports whether a command says that it did what was asked.
func succeeds(x *contract.Exchange) bool {
	return x.OK() && contract.Text(x.Body, "Status") == "1" && contract.Text(x.Body, "Error") == ""
}

// failed reports whether a command says that it did not.
func failed(x *contract.Exchange) bool { return x.OK() && contract.Text(x.Body, "Status") == "0" }

// works reports whether the key works: otherwise each command fails, and no answer says more.
func works(t *contract.Transcript) bool { return succeeds(t.Last(askStats)) }

func judgeStats(t *contract.Transcript) contract.Judgment {
	x := t.Last(askStats)
	switch {
	case x == nil:
		return contract.NotAsked()
	case succeeds(x):
		return contract.Holds(says(x))
	case failed(x) && failed(t.Last(askUnknown)) && failed(t.Last(askAll)):
		return contract.IsContrary("Expired = true", "each command fails: "+says(x))
	}
	return contract.IsNew(says(x))
}

func judgeBadKey(t *contract.Transcript) contract.Judgment {
	x := t.Last(askBadKey)
	switch {
	case x == nil:
		return contract.NotAsked()
	case failed(x):
		return contract.Holds(says(x))
	case x.Status == http.StatusUnauthorized:
		return contract.IsContrary("BadKey = BadKeyUnauthorized", says(x))
	case x.Status == http.StatusForbidden:
		return contract.IsContrary("BadKey = BadKeyForbidden", says(x))
	}
	return contract.IsNew(says(x))
}

// consumers returns how many API consumers the searches of a check name.
func consumers(t *contract.Transcript) int {
	names := map[string]bool{}
	for _, x := range t.All(func(x *contract.Exchange) bool { return strings.HasSuffix(x.Path, "/labinstance/search") }) {
		for _, row := range x.Rows("Results") {
			if name := contract.Text(row, "ApiConsumerName"); name != "" {
				names[name] = true
			}
		}
	}
	return len(names)
}

func judgeShared(t *contract.Transcript) contract.Judgment {
	rows := len(t.Last(askSearch).Rows("Results"))
	switch n := consumers(t); {
	case n > 1:
		return contract.IsContrary("Shared = true", fmt.Sprintf("labs of %d API consumers", n))
	case rows == 1:
		return contract.Open("not tried: the search has one lab only")
	case n == 1:
		return contract.Holds("all labs are of one API consumer")
	}
	return contract.Open("no search names an API consumer")
}

// labs returns how many labs the two lists of an answer have.
func labs(x *contract.Exchange) int { return len(x.Rows("RunningLabs")) + len(x.Rows("SavedLabs")) }

// listsAre reports whether both lists of labs are there, and are of a type.
func listsAre(x *contract.Exchange, kind string) bool {
	for _, name := range []string{"RunningLabs", "SavedLabs"} {
		if v, has := contract.At(x.Body, name); !has || contract.Kind(v) != kind {
			return false
		}
	}
	return true
}

// owners returns how many users the labs of an answer have. Letter case is a fact of its own.
func owners(x *contract.Exchange) int {
	ids := map[string]bool{}
	for _, name := range []string{"RunningLabs", "SavedLabs"} {
		for _, lab := range x.Rows(name) {
			ids[strings.ToLower(contract.Text(lab, "UserId"))] = true
		}
	}
	return len(ids)
}

func judgeUnknown(t *contract.Transcript) contract.Judgment {
	x := t.Last(askUnknown)
	switch {
	case x == nil || !works(t):
		return contract.NotAsked()
	case labs(x) > 0:
		return contract.Open("labs of others came")
	case failed(x):
		return contract.IsContrary("Unknown = UnknownError", says(x))
	case succeeds(x) && listsAre(x, "null"):
		return contract.IsContrary("Unknown = UnknownNull", says(x)+", the lists are null")
	case succeeds(x) && listsAre(x, "a list"):
		return contract.Holds(says(x) + ", empty lists")
	}
	return contract.IsNew(says(x))
}

func judgeIgnoresUser(t *contract.Transcript) contract.Judgment {
	x, known := t.Last(askUnknown), t.Last(askOwn)
	switch {
	case x == nil || !works(t) || labs(x) == 0 && !showsNone(t, x):
		return contract.NotAsked()
	case labs(x) > 0:
		return contract.IsContrary("LabsIgnoreUser = true", "the lists of an unknown user have labs")
	case owners(known) > 1:
		return contract.IsContrary("LabsIgnoreUser = true", "the lists of one user have labs of others")
	case labs(t.Last(askAll)) == 0:
		return contract.Open("not tried: no user has a lab")
	case owners(t.Last(askAll)) < 2 || labs(known) == 0:
		return contract.Open("the lists of an unknown user have no lab; " +
			"not tried with a known user, because no two users have labs")
	}
	return contract.Holds("the lists of an unknown user have no lab, and those of a known one have no lab of another")
}

func judgeFold(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askFolded); {
	case x == nil:
		return contract.Open("not tried: no user with a lab has an ID with lower-case letters")
	case labs(t.Last(askUnknown)) > 0:
		return contract.Open("not tried: the lists do not obey the ID")
	case labs(x) > 0:
		return contract.IsContrary("FoldIDs = true", "the ID in capitals shows labs")
	case showsNone(t, x):
		return contract.Holds("the ID in capitals shows no lab: " + says(x))
	default:
		return contract.Open("the ID in capitals gets neither labs nor the answer about an unknown user: " + says(x))
	}
}

// showsNone reports whether an answer about a user's labs has none, or is as that about an unknown
// user.
func showsNone(t *contract.Transcript, x *contract.Exchange) bool {
	return labs(x) == 0 && (succeeds(x) || failed(x) && failed(t.Last(askUnknown)))
}

func judgeBare(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askSearch); {
	case !x.OK() || !works(t):
		return contract.NotAsked()
	case x.Has("Status"):
		return contract.Holds("in mode 0: " + says(x))
	case x.Has("TotalResults"):
		return contract.IsContrary("BareSearch = true", "mode 0 has no Status")
	default:
		return contract.IsNew(says(x))
	}
}

func judgePage(t *contract.Transcript) contract.Judgment {
	x := t.Last(askSearch)
	rows := len(x.Rows("Results"))
	if !x.OK() {
		return contract.NotAsked()
	}
	total, err := strconv.Atoi(contract.Text(x.Body, "TotalResults"))
	switch want := min(total, searchRows); {
	case err != nil:
		return contract.IsNew("TotalResults is no number")
	case total == 0:
		return contract.Open("not tried: no lab is found")
	case rows < want:
		return contract.IsContrary(fmt.Sprintf("PageCap = %d", rows), fmt.Sprintf("%d of %d labs came", rows, want))
	case rows > searchRows:
		return contract.IsNew(fmt.Sprintf("asked for %d, a page has %d", searchRows, rows))
	case total <= searchRows:
		return contract.Open(
			fmt.Sprintf("not tried: only %d labs are found, and a page may have %d", total, searchRows),
		)
	}
	return contract.Holds(fmt.Sprintf("%d labs came, as many as were asked for", rows))
}
