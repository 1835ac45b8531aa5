package konstantly

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageIntroduction = "https://docs.konstantly.com/api-reference/introduction"
	pageUser         = "https://docs.konstantly.com/api-reference/users/get-user-by-id"
	pageByEmail      = "https://docs.konstantly.com/api-reference/users/get-user"
	pageList         = "https://docs.konstantly.com/api-reference/users/get-users"
	pageBlock        = "https://docs.konstantly.com/api-reference/users/block-user"
	pageUnblock      = "https://docs.konstantly.com/api-reference/users/unblock-user"
	pageDelete       = "https://docs.konstantly.com/api-reference/users/delete-user"
)

// Facts are what this client believes of Konstantly.
var Facts = []contract.Fact{
	{"unknown-user", "A read of a user who does not exist answers HTTP 404 with `status` 404 and `message` Not found.",
		pageUser, "", judgeUnknown},
	{"bad-key", "A wrong key is answered with HTTP 401.", "", "Forbidden", judgeBadKey},
	{"rate-headers", "Every answer has the headers X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset.",
		pageIntroduction, "", judgeRateHeaders},
	{"rate-limit", "The limit is 100 requests a minute, or more, as the headers say.",
		pageIntroduction, "RateLimit", judgeLimit},
	{"retry-after", "HTTP 429 has no `Retry-After`.", "", "RetryAfter",
		contract.RetryAfter(false, "RetryAfter = true")},
	{"role-form", "The role of a user is an object with an `alias`.", pageUser, "RoleString", judgeRole},
	{"missing-values", "A field without a value is null.", "", "Optional", judgeOptional},
	{"attributes-form", "A user without attributes has an empty object as `attributes`.",
		"", "AttributesList", judgeAttributes},
	{"list-total", "The total of a list counts all users of the site.", pageList, "TotalOfPage", judgeTotal},
	{"list-page", "A page has 20 users.", pageList, "PageCap", judgePage},
	{"list-blocked", "A list has blocked users, too.", "", "HideBlocked", judgeListsBlocked},
	{"query-part", "The query of a list finds a part of an address.", "", "QueryExact", judgeQuery},
	{"email-case", "A search by address does not mind letter case.", "", "EmailExact", judgeEmailCase},
	{"email-plus", "A plus sign in the path of a search is read as a plus sign.", "", "PlusIsBlank", judgePlus},
	{"blocked-readable", "A blocked user can be read.", "", "BlockedNotFound", judgeBlockedRead},
	{"block", "A block answers with the user, and `isBanned` true.", pageBlock, "", judgeBlock},
	{"block-again", "The block of a blocked user is accepted.", "", "BlockOnce", judgeBlockAgain},
	{"unblock-seats", "An unblock needs a free license seat, else it answers HTTP 402. The provider never unblocks.",
		pageUnblock, "NoSeats", nil},
	{"delete-body", "A deletion answers with an empty object.", "", "EmptyDelete", judgeDelete},
	{"deleted-at-once", "The first read after an accepted deletion shows it.", "", "SlowDelete", judgeAtOnce},
	{"delete-again", "A second deletion answers HTTP 404.", "", "", judgeAgain},
}
