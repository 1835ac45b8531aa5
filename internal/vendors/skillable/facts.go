package skillable

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageClose  = "https://docs.skillable.com/apidocs/close-a-user-account-1"
	pageSearch = "https://docs.skillable.com/apidocs/retrieve-multiple-lab-instance-details-or-results"
	pageCancel = "https://docs.skillable.com/apidocs/cancel-a-lab-instance-1"
	pageAPI    = "https://github.com/LearnOnDemandSystems/ConnectAPI"
	pageKeys   = "https://github.com/LearnOnDemandSystems/docs"
)

// Facts are what this client believes of the Lab API of Skillable.
var Facts = []contract.Fact{
	{
		Name:   "stats",
		Says:   "`/stats` answers HTTP 200 with `Status` 1 if the key works.",
		Source: pageAPI, Switch: "Expired", Judge: judgeStats,
	},
	{
		Name:   "bad-key",
		Says:   "A wrong key is answered with HTTP 200 and `Status` 0.",
		Switch: "BadKey", Judge: judgeBadKey,
	},
	{
		Name:   "other-consumer",
		Says:   "The key of another API consumer on the same host sees its own users. No check has such a key.",
		Source: pageKeys, Switch: "OtherKey",
	},
	{
		Name:   "shared-labs",
		Says:   "A search shows the labs of one API consumer.",
		Switch: "Shared", Judge: judgeShared,
	},
	{
		Name:   "unknown-user",
		Says:   "The labs of an unknown user are two empty lists with `Status` 1.",
		Switch: "Unknown", Judge: judgeUnknown,
	},
	{
		Name:   "labs-of-user",
		Says:   "The lists of a user's labs have no lab of another user.",
		Source: pageAPI, Switch: "LabsIgnoreUser", Judge: judgeIgnoresUser,
	},
	{
		Name:   "id-case",
		Says:   "Letter case matters in the ID of a user.",
		Switch: "FoldIDs", Judge: judgeFold,
	},
	{
		Name:   "search-status",
		Says:   "A search has `Status`, in mode 0 too.",
		Switch: "BareSearch", Judge: judgeBare,
	},
	{
		Name:   "search-page",
		Says:   "A page of a search has as many labs as the request asks for.",
		Source: pageSearch, Switch: "PageCap", Judge: judgePage,
	},
	{
		Name:   "close",
		Says:   "The first closing call touches rows, and the next one touches none.",
		Source: pageClose, Switch: "LeaveRows", Judge: judgeRows,
	},
	{
		Name:   "close-unknown",
		Says:   "A closing call for a user without records touches no row.",
		Source: pageClose, Switch: "AlwaysRows", Judge: judgeAlways,
	},
	{
		Name:   "close-labs",
		Says:   "A closure ends the user's labs.",
		Switch: "Closing", Judge: judgeLabs,
	},
	{
		Name:   "closed-search",
		Says:   "A search finds no lab of a closed user.",
		Switch: "SearchClosed", Judge: judgeSearch,
	},
	{
		Name:   "closed-names",
		Says:   "A search shows neither name nor address of a closed user.",
		Source: pageClose, Switch: "KeepNames", Judge: judgeNames,
	},
	{
		Name:   "cancel-at-once",
		Says:   "A canceled lab is gone at the next read.",
		Switch: "SlowCancel", Judge: judgeCancel,
	},
	{
		Name:   "cancel-foreign",
		Says:   "A lab of the own API consumer can be canceled.",
		Source: pageCancel, Switch: "ForeignLabs", Judge: judgeForeign,
	},
}
