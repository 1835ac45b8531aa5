package sfox

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageUser       = "https://docs.sfox.com/connect/rest-api/end-users/get-end-user"
	pageUsers      = "https://docs.sfox.com/connect/rest-api/end-users/get-multiple-end-users"
	pageMint       = "https://docs.sfox.com/connect/rest-api/end-users/account-management"
	pageBalances   = "https://docs.sfox.com/rest-api/account-management/get-all-balances"
	pageDeactivate = "https://docs.sfox.com/connect/rest-api/end-users/deactivate-user"
	pageErrors     = "https://docs.sfox.com/connect/errors/error-codes"
	pageLimits     = "https://docs.sfox.com/rest-api/rate-limits"
)

// Facts are what this client believes of sFOX.
var Facts = []contract.Fact{
	{
		Name:   "unknown-user",
		Says:   "A read of a user who does not exist answers HTTP 404 with a string in `error`.",
		Source: pageErrors, Switch: "PlainNotFound", Judge: judgeUnknown,
	},
	{
		Name:   "bad-key",
		Says:   "A wrong key is answered with HTTP 401.",
		Source: pageErrors, Judge: judgeBadKey,
	},
	{
		Name:   "wrong-credential",
		Says:   "The enterprise key is answered with HTTP 403 where a user token is needed.",
		Switch: "WrongUnauthorized", Judge: judgeCredential,
	},
	{
		Name:   "user-fields",
		Says:   "A user has no field beside the documented ones.",
		Source: pageUser, Switch: "MoreFields", Judge: judgeFields,
	},
	{
		Name:   "requirements-form",
		Says:   "The requirements of a user are booleans by their names.",
		Source: pageUser, Switch: "NewRequirements", Judge: judgeRequirements,
	},
	{
		Name:   "list-form",
		Says:   "A list has its users in `data`, and nothing beside it.",
		Source: pageUsers, Switch: "ListExtras", Judge: judgeList,
	},
	{
		Name:   "token-life",
		Says:   "A user token lasts 24 hours.",
		Source: pageMint, Switch: "TokenLife", Judge: judgeTokenLife,
	},
	{
		Name:   "token-pending",
		Says:   "A user who is not verified gets a token.",
		Switch: "PendingNoToken", Judge: judgePending,
	},
	{
		Name:   "token-after",
		Says:   "A request for a new token for a deactivated user answers HTTP 404.",
		Switch: "MintRefused", Judge: judgeMint,
	},
	{
		Name:   "tokens-live-on",
		Says:   "A token issued before the deactivation still works after it.",
		Switch: "TokensDie", Judge: judgeTokens,
	},
	{
		Name:   "amounts",
		Says:   "Amounts are numbers.",
		Source: pageBalances, Switch: "Strings", Judge: judgeAmounts,
	},
	{
		Name:   "wallets",
		Says:   "A balance has the four wallets.",
		Source: pageBalances, Switch: "BareBalances", Judge: judgeWallets,
	},
	{
		Name:   "zero-rows",
		Says:   "A currency of which a user has nothing is listed with zero.",
		Switch: "HideZero", Judge: judgeZero,
	},
	{
		Name:   "rate-limits",
		Says:   "So few requests as a check makes are not refused.",
		Source: pageLimits, Switch: "RateLimits", Judge: contract.Busy(func(*contract.Exchange) contract.Judgment {
			return contract.IsContrary("RateLimits = true", "HTTP 429 came")
		}),
	},
	{
		Name:   "retry-after",
		Says:   "HTTP 429 has no `Retry-After`.",
		Switch: "RetryAfter", Judge: contract.RetryAfter(false, "RetryAfter = true"),
	},
	{
		Name:   "deactivate",
		Says:   "A deactivation answers HTTP 200 without a body.",
		Source: pageDeactivate, Judge: judgeDeactivate,
	},
	{
		Name:   "deactivate-zero-balance",
		Says:   "An account whose balances are all zero can be deactivated.",
		Switch: "Stakes", Judge: judgeObstacle("Stakes"),
	},
	{
		Name:   "dust",
		Says:   "A balance stops a deactivation, however small it is. The provider never tries it.",
		Source: pageDeactivate, Switch: "Dust",
	},
	{
		Name:   "orders",
		Says:   "Open orders stop no deactivation.",
		Switch: "OrdersBlock", Judge: judgeObstacle("OrdersBlock"),
	},
	{
		Name:   "pending",
		Says:   "Unfinished transactions stop no deactivation.",
		Switch: "PendingBlocks", Judge: judgeObstacle("PendingBlocks"),
	},
	{
		Name:   "clients",
		Says:   "An advisor with clients can be deactivated.",
		Switch: "ClientsBlock", Judge: judgeObstacle("ClientsBlock"),
	},
	{
		Name:   "deactivated-at-once",
		Says:   "The first read after an accepted deactivation does not show the user.",
		Switch: "SlowDelete", Judge: judgeAtOnce,
	},
	{
		Name:   "deactivated-read",
		Says:   "A read of a deactivated user answers HTTP 404.",
		Switch: "Gone", Judge: judgeGone,
	},
	{
		Name:  "deactivate-again",
		Says:  "A second deactivation answers HTTP 404.",
		Judge: judgeAgain,
	},
}
