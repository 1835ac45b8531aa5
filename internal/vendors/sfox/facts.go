package sfox

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageUser       = "https://docs.sfox.com/connect/rest-api/end-users/get-end-user"
	pageUsers      = "https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users"
	pageToken      = "https://docs.sfox.com/connect/rest-api/end-users/account-management"
	pageBalances   = "https://docs.sfox.com/rest-api/account-management/get-all-balances"
	pageDeactivate = "https://docs.sfox.com/connect/rest-api/end-users/deactivate-user"
	pageErrors     = "https://docs.sfox.com/connect/errors/error-codes"
	pageLimits     = "https://docs.sfox.com/rest-api/rate-limits"
)

// Facts are what this client believes of sFOX.
var Facts = []contract.Fact{
	{"unknown-user", "A read of a user who does not exist answers HTTP 404 with a text in `error`.",
		pageErrors, "PlainNotFound", judgeUnknown},
	{"bad-key", "A wrong key is answered with HTTP 401.", pageErrors, "", judgeBadKey},
	{"wrong-credential", "The enterprise key is answered with HTTP 403 where a user token is needed.",
		"", "WrongUnauthorized", judgeCredential},
	{"user-fields", "A user has the documented fields and no further ones.", pageUser, "MoreFields", judgeFields},
	{"requirements-form", "The requirements of a user are booleans by their names.",
		pageUser, "NewRequirements", judgeRequirements},
	{"list-form", "A list has all users in `data`, and nothing beside it.", pageUsers, "ListExtras", judgeList},
	{"token-life", "A user token lasts 24 hours.", pageToken, "TokenLife", judgeTokenLife},
	{"token-pending", "A user who is not verified gets a token.", "", "PendingNoToken", judgePending},
	{"token-after", "A token of a deactivated user is refused with HTTP 404.", "", "MintRefused", judgeMint},
	{"tokens-live-on", "A token from before the deactivation can be used after it.", "", "TokensDie", judgeTokens},
	{"amounts", "Amounts are numbers.", pageBalances, "Strings", judgeAmounts},
	{"wallets", "A balance has the four wallets.", pageBalances, "BareBalances", judgeWallets},
	{"zero-rows", "A currency of which a user has nothing is listed with zero.", "", "HideZero", judgeZero},
	{"rate-limits", "So few requests as a check makes are not refused.", pageLimits, "RateLimits",
		contract.Busy(func(*contract.Exchange) contract.Judgment {
			return contract.IsContrary("RateLimits = true", "HTTP 429 came")
		})},
	{"retry-after", "HTTP 429 has no `Retry-After`.", "", "RetryAfter",
		contract.RetryAfter(false, "RetryAfter = true")},
	{"deactivate", "A deactivation answers HTTP 200 without a body.", pageDeactivate, "", judgeDeactivate},
	{"stakes", "An account whose balances are all zero can be deactivated.", "", "Stakes", judgeObstacle("Stakes")},
	{"dust", "A balance stops a deactivation, however small it is. The provider never tries it.",
		pageDeactivate, "Dust", nil},
	{"orders", "Open orders stop no deactivation.", "", "OrdersBlock", judgeObstacle("OrdersBlock")},
	{
		"pending",
		"Unfinished transactions stop no deactivation.",
		"",
		"PendingBlocks",
		judgeObstacle("PendingBlocks"),
	},
	{"clients", "An advisor with clients can be deactivated.", "", "ClientsBlock", judgeObstacle("ClientsBlock")},
	{
		"deactivated-at-once",
		"The first read after an accepted deactivation shows it.",
		"",
		"SlowDelete",
		judgeAtOnce,
	},
	{"deactivated-read", "A read of a deactivated user answers HTTP 404.", "", "Gone", judgeGone},
	{"deactivate-again", "A second deactivation answers HTTP 404.", "", "", judgeAgain},
}
