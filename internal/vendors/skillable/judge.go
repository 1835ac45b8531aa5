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
	switch n := consumers(t); {
	case n > 1:
		return contract.IsContrary("Shared = true", fmt.Sprintf("labs of %d API consumers", n))
	case n == 1:
		return contract.Holds("labs of one API consumer")
	}
	return contract.Open("no search names an API consumer")
}

// labs returns how many labs the two lists of an answer have.
func labs(x *contract.Exchange) int { return len(x.Rows("RunningLabs")) + len(x.Rows("SavedLabs")) }

func judgeUnknown(t *contract.Transcript) contract.Judgment {
	x := t.Last(askUnknown)
	running, has := (any)(nil), false
	if x != nil {
		running, has = contract.At(x.Body, "RunningLabs")
	}
	_, isList := running.([]any)
	switch {
	case x == nil || !works(t):
		return contract.NotAsked()
	case labs(x) > 0:
		return contract.Open("labs of others came")
	case failed(x):
		return contract.IsContrary("Unknown = UnknownError", says(x))
	case succeeds(x) && has && running == nil:
		return contract.IsContrary("Unknown = UnknownNull", says(x)+", the lists are null")
	case succeeds(x) && isList:
		return contract.Holds(says(x) + ", empty lists")
	}
	return contract.IsNew(says(x))
}

func judgeIgnoresUser(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askUnknown); {
	case x == nil || !works(t):
		return contract.NotAsked()
	case labs(x) > 0:
		return contract.IsContrary("LabsIgnoreUser = true", "the lists of an unknown user have labs")
	case labs(t.Last(askAll)) == 0:
		return contract.Open("no user has a lab")
	}
	return contract.Holds("the lists of an unknown user have no lab")
}

func judgeFold(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askFolded); {
	case x == nil:
		return contract.Open("no user with a lab has an ID with lower-case letters")
	case labs(t.Last(askUnknown)) > 0:
		return contract.Open("the lists do not obey the ID")
	case labs(x) > 0:
		return contract.IsContrary("FoldIDs = true", "the ID in capitals shows labs")
	}
	return contract.Holds("the ID in capitals shows no lab")
}

func judgeBare(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askSearch); {
	case !x.OK() || !works(t):
		return contract.NotAsked()
	case x.Has("Status"):
		return contract.Holds(says(x))
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
		return contract.Open("no lab is found")
	case rows < want:
		return contract.IsContrary(fmt.Sprintf("PageCap = %d", rows), fmt.Sprintf("%d of %d labs came", rows, want))
	}
	return contract.Holds("as many labs came as were asked for, or as there are")
}
