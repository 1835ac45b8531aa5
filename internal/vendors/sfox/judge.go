package sfox

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

func judgeUnknown(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askUnknown); {
	case x == nil:
		return contract.NotAsked()
	case x.Status == http.StatusNotFound && contract.Text(x.Body, "error") != "":
		return contract.Holds("HTTP 404 with a string in error")
	case x.Status == http.StatusNotFound && !x.JSON:
		return contract.IsContrary("PlainNotFound = true", x.Describe())
	case x.OK() && x.Has("data"):
		return judgeEmpty(x)
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
	default:
		return contract.IsNew(x.Describe())
	}
}

func judgeCredential(t *contract.Transcript) contract.Judgment {
	switch x := t.Last(askWrong); {
	case x == nil:
		return contract.NotAsked()
	case x.Status == http.StatusForbidden:
		return contract.Holds(x.Describe())
	case x.Status == http.StatusUnauthorized:
		return contract.IsContrary("WrongUnauthorized = true", x.Describe())
	default:
		return contract.IsNew(x.Describe())
	}
}

// The fields of a user that all copies of the page have, and those that only some have.
// https://docs.sfox.com/connect/rest-api/end-users/get-end-user
var (
	documentedFields = []string{
		"account_type", "account_role", "user_id", "advisor_user_id", "email", "first_name", "last_name", "phone_number",
		"status", "requirements",
	}
	moreFields = []string{
		"id", "phone_country_code", "account_purpose", "account_purpose_other", "source_of_funds", "source_of_funds_other",
		"expected_transfer_volume", "expected_trade_volume", "intermediary_status", "individual",
	}
)

// eachUser judges each user of the list, and returns the judgment that says most.
func eachUser(t *contract.Transcript, judge func(user any) contract.Judgment) contract.Judgment {
	return contract.EachRow(t.Last(askList).Rows("data"), "the list has no user", judge)
}

func judgeFields(t *contract.Transcript) contract.Judgment {
	return eachUser(t, func(user any) contract.Judgment {
		if unknown := contract.Further(user, append(moreFields, documentedFields...)...); len(unknown) > 0 {
			return contract.IsNew("further fields: " + strings.Join(unknown, ", "))
		}
		if more := contract.Further(user, documentedFields...); len(more) > 0 {
			return contract.IsContrary("MoreFields = true", "fields of other copies: "+strings.Join(more, ", "))
		}
		return contract.Holds("no listed user has a further field")
	})
}

func judgeRequirements(t *contract.Transcript) contract.Judgment {
	return eachUser(t, func(user any) contract.Judgment {
		requirements, has := contract.At(user, "requirements")
		_, current := contract.At(requirements, "current")
		fields, _ := requirements.(map[string]any)
		switch {
		case !has:
			return contract.Open("the field is absent")
		case current:
			return contract.IsContrary("NewRequirements = true", "an object with completed, current and future")
		case fields == nil:
			return contract.IsNew(contract.Kind(requirements))
		case len(fields) == 0:
			return contract.Open("no listed user has a requirement")
		}
		for _, v := range fields {
			if contract.Kind(v) != "a boolean" {
				return contract.IsNew("an object with " + contract.Kind(v) + " in it")
			}
		}
		return contract.Holds("booleans")
	})
}

func judgeList(t *contract.Transcript) contract.Judgment {
	x := t.Last(askList)
	if !x.OK() {
		return contract.NotAsked()
	}
	data, _ := contract.At(x.Body, "data")
	rows, ok := data.([]any)
	if !ok {
		return contract.IsNew("data is " + contract.Kind(data))
	}
	if further := contract.Further(x.Body, "data"); len(further) > 0 {
		return contract.IsContrary("ListExtras = true", "beside data: "+strings.Join(further, ", "))
	}
	if len(rows) == 0 {
		return contract.Open("the list has no user")
	}
	return contract.Holds("data is a list of users, and nothing is beside it")
}

func judgeTokenLife(t *contract.Transcript) contract.Judgment {
	return t.Each(askToken, func(x *contract.Exchange) contract.Judgment {
		expires, err := time.Parse(time.RFC3339, contract.Text(x.Body, "data", "expires"))
		if !x.OK() || err != nil {
			return contract.Open("no token came with a time")
		}
		switch left := expires.Sub(x.At).Round(time.Hour); left {
		case 24 * time.Hour:
			return contract.Holds("24 hours")
		default:
			return contract.IsContrary("TokenLife = "+left.String(), left.String())
		}
	})
}

func judgePending(t *contract.Transcript) contract.Judgment {
	return t.Each(askToken, func(x *contract.Exchange) contract.Judgment {
		user, _ := contract.Find(of(t, askClients, x.User).Rows("data"), "user_id", x.User)
		switch pending := contract.Text(user, "status") == "PENDING"; {
		case !pending:
			return contract.Open("no test user is PENDING")
		case x.OK():
			return contract.Holds(x.Describe())
		}
		return contract.IsContrary("PendingNoToken = true", x.Describe())
	})
}

func judgeMint(t *contract.Transcript) contract.Judgment {
	return t.Each(askMint, func(x *contract.Exchange) contract.Judgment {
		switch closed := of(t, askClosed, x.User); {
		case !isGone(closed):
			return contract.Open("not tried: no read showed the user as deactivated")
		case x.Status == http.StatusNotFound:
			return contract.Holds("the request for a new token: " + x.Describe())
		case x.Status >= 400 && x.Status < 500 && x.Status != http.StatusTooManyRequests:
			return contract.IsContrary("MintRefused = "+strconv.Itoa(x.Status), "the request for a new token: "+x.Describe())
		}
		return contract.IsNew(x.Describe())
	})
}

// isGone reports whether a read of a user shows no user. A success without data says nothing.
func isGone(x *contract.Exchange) bool {
	return x != nil && x.Status == http.StatusNotFound || x.OK() && x.Has("data") && !stillShown(x)
}

// stillShown reports whether a read of a user shows it.
func stillShown(x *contract.Exchange) bool {
	return x.OK() && contract.Text(x.Body, "data", "user_id") != ""
}

func judgeTokens(t *contract.Transcript) contract.Judgment {
	return t.Each(askOldToken, func(x *contract.Exchange) contract.Judgment {
		switch closed := of(t, askClosed, x.User); {
		case !isGone(closed):
			return contract.Open("not tried: no read showed the user as deactivated")
		case !of(t, askBalance, x.User).OK():
			return contract.Open("not tried: the token was not seen to work before the deactivation")
		case x.OK():
			return contract.Holds("the earlier token: " + x.Describe())
		case x.Status == http.StatusUnauthorized || x.Status == http.StatusForbidden:
			return contract.IsContrary("TokensDie = true", "the earlier token: "+x.Describe())
		}
		return contract.IsNew(x.Describe())
	})
}
