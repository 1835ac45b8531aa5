package ecgrid

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageErrors    = "https://api.ecgridos.io/docs/appendix/error-codes"
	pageEnums     = "https://api.ecgridos.io/docs/appendix/enums"
	pageOverview  = "https://api.ecgridos.io/docs/rest-api/overview"
	pageUser      = "https://api.ecgridos.io/docs/rest-api/users/get-user"
	pageList      = "https://api.ecgridos.io/docs/rest-api/users/list-users"
	pageTerminate = "https://api.ecgridos.io/docs/rest-api/users/terminate-user"
)

// Facts are what this client believes of ECGrid.
var Facts = []contract.Fact{
	{"unknown-user", "A read of a user who does not exist answers HTTP 404 with `success` false and `ObjectNotFound`.",
		pageErrors, "Errors200", judgeUnknown},
	{"hidden-user", "A user whom the key may not see is answered like one who does not exist.",
		pageErrors, "Hidden", nil},
	{"bad-key", "A wrong key is answered with HTTP 401 and `InvalidAPIKey`.", pageErrors, "", judgeBadKey},
	{"success-words", "A success has neither `errorCode` nor `message`.", pageUser, "Extras", judgeExtras},
	{"login-field", "The field of the sign-in name is `login`.", pageUser, "LoginName", judgeLogin},
	{"status-field", "A user has a `status`.", pageUser, "NoStatus", judgeStatusField},
	{"enum-words", "Levels and statuses are words, as the page of the enums writes them.",
		pageEnums, "EnumNumbers", judgeEnums},
	{"user-fields", "A user has the documented fields and no further ones.", pageUser, "MoreFields", judgeFields},
	{"list-form", "The data of a list is an array of users, without a total.", pageList, "", judgeListForm},
	{"list-order", "A list begins with the lowest ID.", "", "Reversed", judgeOrder},
	{"list-page", "A page has as many users as the request asks for.", pageList, "PageCap", judgePage},
	{"list-filter-required", "A list without a filter is answered.", pageList, "FilterRequired", judgeNoFilter},
	{"list-filters", "A list obeys `pageNo`, `mailboxId`, `authLevel` and `status`.",
		pageList, "Unread", judgeFilters},
	{"list-mailbox", "A list without `mailboxId` has the users of all mailboxes, and 0 is the root mailbox.",
		"", "Mailbox", judgeMailbox},
	{"rate-limit", "No request is refused because of a rate limit. None is documented.",
		"", "RateLimit", contract.Busy(func(*contract.Exchange) contract.Judgment {
			return contract.IsContrary("RateLimit = 1", "HTTP 429 came")
		})},
	{"retry-after", "HTTP 429 has `Retry-After`.", pageErrors, "NoRetryAfter",
		contract.RetryAfter(true, "NoRetryAfter = true")},
	{"terminate", "The first termination answers `success` true and `data` true, and the user is terminated.",
		pageTerminate, "Terminate", judgeTerminate},
	{"terminate-level", "A termination needs the level NetworkAdmin.", "", "AnyLevel", judgeLevel},
	{"terminate-self", "A key can terminate its own user. The provider never tries it.", "", "SelfRefused", nil},
	{"terminated-at-once", "The first read after an accepted termination shows it.",
		"", "SlowTerminate", judgeAtOnce},
	{"terminated-readable", "A terminated user can be read.", "", "TerminatedNotFound", judgeReadable},
	{"terminated-status", "A terminated user has the status Terminated.", "", "StatusDropped", judgeDropped},
	{"terminated-listed", "A list without a status has terminated users, too.", "", "HideTerminated", judgeListed},
	{"terminate-again", "A second termination answers HTTP 404 and `ObjectNotFound`.", "", "Again", judgeAgain},
}
