package konstantly

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageIntroduction = "https://docs.konstantly.com/api-reference/introduction"
	pageUser         = "https://docs.konstantly.com/api-reference/users/get-user-by-id"
	pageList         = "https://docs.konstantly.com/api-reference/users/get-users"
	pageBlock        = "https://docs.konstantly.com/api-reference/users/block-user"
	pageUnblock      = "https://docs.konstantly.com/api-reference/users/unblock-user"
)

// Facts are what this client believes of Konstantly.
var Facts = []contract.Fact{
	{
		Name:   "unknown-user",
		Says:   "A read of a user who does not exist answers HTTP 404 with `status` 404 and `message` Not found.",
		Source: pageUser, Judge: judgeUnknown,
	},
	{
		Name:   "bad-key",
		Says:   "A wrong key is answered with HTTP 401.",
		Switch: "Forbidden", Judge: judgeBadKey,
	},
	{
		Name:   "rate-headers",
		Says:   "Every answer has the headers X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset.",
		Source: pageIntroduction, Judge: judgeRateHeaders,
	},
	{
		Name:   "rate-limit",
		Says:   "The limit is 100 requests a minute, or more, as the headers say.",
		Source: pageIntroduction, Switch: "RateLimit", Judge: judgeLimit,
	},
	{
		Name:   "retry-after",
		Says:   "HTTP 429 has no `Retry-After`.",
		Switch: "RetryAfter", Judge: contract.RetryAfter(false, "RetryAfter = true"),
	},
	{
		Name:   "role-form",
		Says:   "The role of a user is an object with an `alias`.",
		Source: pageUser, Switch: "RoleString", Judge: judgeRole,
	},
	{
		Name:   "missing-values",
		Says:   "A field without a value is null.",
		Switch: "Optional", Judge: judgeOptional,
	},
	{
		Name:   "attributes-form",
		Says:   "A user without attributes has an empty object as `attributes`.",
		Switch: "AttributesList", Judge: judgeAttributes,
	},
	{
		Name:   "list-total",
		Says:   "The total of a list counts all users of the site.",
		Source: pageList, Switch: "TotalOfPage", Judge: judgeTotal,
	},
	{
		Name:   "list-page",
		Says:   "A page has 20 users.",
		Source: pageList, Switch: "PageCap", Judge: judgePage,
	},
	{
		Name:   "list-blocked",
		Says:   "A list has blocked users, too.",
		Switch: "HideBlocked", Judge: judgeListsBlocked,
	},
	{
		Name:   "query-part",
		Says:   "The query of a list finds a part of an address.",
		Switch: "QueryExact", Judge: judgeQuery,
	},
	{
		Name:   "email-case",
		Says:   "A search by address does not mind letter case.",
		Switch: "EmailExact", Judge: judgeEmailCase,
	},
	{
		Name:   "email-plus",
		Says:   "A plus sign in the path of a search is read as a plus sign.",
		Switch: "PlusIsBlank", Judge: judgePlus,
	},
	{
		Name:   "blocked-readable",
		Says:   "A blocked user can be read.",
		Switch: "BlockedNotFound", Judge: judgeBlockedRead,
	},
	{
		Name:   "block",
		Says:   "A block answers with the user, and `isBanned` true.",
		Source: pageBlock, Judge: judgeBlock,
	},
	{
		Name:   "block-again",
		Says:   "The block of a blocked user is accepted.",
		Switch: "BlockOnce", Judge: judgeBlockAgain,
	},
	{
		Name:   "unblock-seats",
		Says:   "An unblock needs a free license seat, else it answers HTTP 402. The provider never unblocks.",
		Source: pageUnblock, Switch: "NoSeats",
	},
	{
		Name:   "delete-body",
		Says:   "A deletion answers with an empty object.",
		Switch: "EmptyDelete", Judge: judgeDelete,
	},
	{
		Name:   "deleted-at-once",
		Says:   "The first read after an accepted deletion does not show the user.",
		Switch: "SlowDelete", Judge: judgeAtOnce,
	},
	{
		Name:  "delete-again",
		Says:  "A second deletion answers HTTP 404.",
		Judge: judgeAgain,
	},
}
