package ecgrid

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageErrors    = "https://api.ecgridos.io/docs/appendix/error-codes"
	pageEnums     = "https://api.ecgridos.io/docs/appendix/enums"
	pageUser      = "https://api.ecgridos.io/docs/rest-api/users/get-user"
	pageList      = "https://api.ecgridos.io/docs/rest-api/users/list-users"
	pageTerminate = "https://api.ecgridos.io/docs/rest-api/users/terminate-user"
)

// Facts are what this client believes of ECGrid.
var Facts = []contract.Fact{
	{
		Name:   "unknown-user",
		Says:   "A read of a user who does not exist answers HTTP 404 with `success` false and `ObjectNotFound`.",
		Source: pageErrors, Switch: "Errors200", Judge: judgeUnknown,
	},
	{
		Name:   "hidden-user",
		Says:   "A user that the key may not see is answered like one who does not exist.",
		Source: pageErrors, Switch: "Hidden",
	},
	{
		Name:   "bad-key",
		Says:   "A wrong key is answered with HTTP 401 and `InvalidAPIKey`.",
		Source: pageErrors, Judge: judgeBadKey,
	},
	{
		Name:   "success-words",
		Says:   "A success has neither `errorCode` nor `message`.",
		Source: pageUser, Switch: "Extras", Judge: judgeExtras,
	},
	{
		Name:   "login-field",
		Says:   "The field of the sign-in name is `login`.",
		Source: pageUser, Switch: "LoginName", Judge: judgeLogin,
	},
	{
		Name:   "status-field",
		Says:   "A user has a `status`.",
		Source: pageUser, Switch: "NoStatus", Judge: judgeStatusField,
	},
	{
		Name:   "place-fields",
		Says:   "A user has `networkId` and `mailboxId`.",
		Source: pageUser, Switch: "NoPlace", Judge: judgePlace,
	},
	{
		Name:   "enum-words",
		Says:   "Levels and statuses are words, as the page of the enums writes them.",
		Source: pageEnums, Switch: "EnumNumbers", Judge: judgeEnums,
	},
	{
		Name:   "user-fields",
		Says:   "A user has no field beside the documented ones.",
		Source: pageUser, Switch: "MoreFields", Judge: judgeFields,
	},
	{
		Name:   "list-form",
		Says:   "The data of a list is an array of users, without a total.",
		Source: pageList, Judge: judgeListForm,
	},
	{
		Name:   "list-order",
		Says:   "A list begins with the lowest ID.",
		Switch: "Reversed", Judge: judgeOrder,
	},
	{
		Name:   "list-page",
		Says:   "A page has as many users as the request asks for.",
		Source: pageList, Switch: "PageCap", Judge: judgePage,
	},
	{
		Name:   "list-without-filter",
		Says:   "A list without a filter is answered.",
		Source: pageList, Switch: "FilterRequired", Judge: judgeNoFilter,
	},
	{
		Name:   "list-filters",
		Says:   "A list obeys `pageNo`, `mailboxId`, `authLevel` and `status`.",
		Source: pageList, Switch: "Unread", Judge: judgeFilters,
	},
	{
		Name:   "list-mailbox",
		Says:   "A list without `mailboxId` has the users of all mailboxes, and 0 is the root mailbox.",
		Switch: "Mailbox", Judge: judgeMailbox,
	},
	{
		Name:   "rate-limit",
		Says:   "No request is refused because of a rate limit. None is documented.",
		Switch: "RateLimit", Judge: contract.Busy(func(*contract.Exchange) contract.Judgment {
			return contract.IsContrary("RateLimit = 1", "HTTP 429 came")
		}),
	},
	{
		Name:   "retry-after",
		Says:   "HTTP 429 has `Retry-After`.",
		Source: pageErrors, Switch: "NoRetryAfter", Judge: contract.RetryAfter(true, "NoRetryAfter = true"),
	},
	{
		Name:   "terminate",
		Says:   "The first termination answers `success` true and `data` true, and the user is terminated.",
		Source: pageTerminate, Switch: "Terminate", Judge: judgeTerminate,
	},
	{
		Name:   "terminate-level",
		Says:   "A termination needs the level NetworkAdmin.",
		Switch: "AnyLevel", Judge: judgeLevel,
	},
	{
		Name:   "terminate-self",
		Says:   "A key can terminate its own user. The provider never tries it.",
		Switch: "SelfRefused",
	},
	{
		Name:   "terminated-at-once",
		Says:   "The first read after an accepted termination shows the user as terminated.",
		Switch: "SlowTerminate", Judge: judgeAtOnce,
	},
	{
		Name:   "terminated-readable",
		Says:   "A terminated user can be read.",
		Switch: "TerminatedNotFound", Judge: judgeReadable,
	},
	{
		Name:   "terminated-status",
		Says:   "A terminated user has the status Terminated.",
		Switch: "StatusDropped", Judge: judgeDropped,
	},
	{
		Name:   "terminated-listed",
		Says:   "A list without a status has terminated users, too.",
		Switch: "HideTerminated", Judge: judgeListed,
	},
	{
		Name:   "terminate-again",
		Says:   "A second termination answers HTTP 404 and `ObjectNotFound`.",
		Switch: "Again", Judge: judgeAgain,
	},
}
