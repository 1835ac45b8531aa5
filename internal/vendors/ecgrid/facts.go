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
		pageErrors, true, "Errors200", judgeUnknown},
	{"hidden-user", "A user whom the key may not see is answered like one who does not exist.",
		pageErrors, true, "Hidden", nil},
	{"bad-key", "A wrong key is answered with HTTP 401 and `InvalidAPIKey`.", pageErrors, true, "", judgeBadKey},
	{"success-words", "A success has neither `errorCode` nor `message`.", pageUser, true, "Extras", judgeExtras},
	{"login-field", "The field of the sign-in name is `login`.", pageUser, true, "LoginName", judgeLogin},
	{"status-field", "A user has a `status`.", pageUser, true, "NoStatus", judgeStatusField},
	{"enum-words", "Levels and statuses are words, as the page of the enums writes them.",
		pageEnums, true, "EnumNumbers", judgeEnums},
	{"user-fields", "A user has the documented fields and no further ones.", pageUser, true, "MoreFields", judgeFields},
	{"list-form", "The data of a list is an array of users, without a total.", pageList, true, "", judgeListForm},
	{"list-order", "A list begins with the lowest ID.", "", true, "Reversed", judgeOrder},
	{"list-page", "A page has as many users as the request asks for.", pageList, true, "PageCap", judgePage},
	{"list-filter-required", "A list without a filter is answered.", pageList, true, "FilterRequired", judgeNoFilter},
	{"list-filters", "A list obeys `pageNo`, `mailboxId`, `authLevel` and `status`.",
		pageList, true, "Unread", judgeFilters},
	{"list-mailbox", "A list without `mailboxId` has the users of all mailboxes, and 0 is the root mailbox.",
		"", true, "Mailbox", judgeMailbox},
	{"rate-limit", "No request is refused because of a rate limit. None is documented.",
		"", true, "RateLimit", contract.Busy(func(*contract.Exchange) contract.Judgment {
			return contract.IsContrary("RateLimit = 1", "HTTP 429 came")
		})},
	{"retry-after", "HTTP 429 has `Retry-After`.", pageErrors, true, "NoRetryAfter",
		contract.RetryAfter(true, "NoRetryAfter = true")},
	{"terminate", "The first termination answers `success` true and `data` true, and the user is terminated.",
		pageTerminate, true, "Terminate", judgeTerminate},
	{"terminate-level", "A termination needs the level NetworkAdmin.", "", true, "AnyLevel", judgeLevel},
	{"terminate-self", "A key can terminate its own user. The provider never tries it.", "", true, "SelfRefused", nil},
	{"terminated-at-once", "The first read after an accepted termination shows it.",
		pageTerminate, true, "SlowTerminate", judgeAtOnce},
	{"terminated-readable", "A terminated user can be read.", "", true, "TerminatedNotFound", judgeReadable},
	{"terminated-status", "A terminated user has the status Terminated.", pageEnums, true, "StatusDropped", judgeDropped},
	{"terminated-listed", "A list without a status has terminated users, too.", "", true, "HideTerminated", judgeListed},
	{"terminate-again", "A second termination answers HTTP 404 and `ObjectNotFound`.", "", true, "Again", judgeAgain},
}
