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
	{"stats", "`/stats` answers HTTP 200 with `Status` 1 if the key works.", pageAPI, "Expired", judgeStats},
	{"bad-key", "A wrong key is answered with HTTP 200 and `Status` 0.", "", "BadKey", judgeBadKey},
	{"other-consumer", "The key of another API consumer on the same host sees its own users. No check has such a key.",
		pageKeys, "OtherKey", nil},
	{"shared-labs", "A search shows the labs of one API consumer.", "", "Shared", judgeShared},
	{"unknown-user", "The labs of an unknown user are two empty lists with `Status` 1.",
		"", "Unknown", judgeUnknown},
	{"labs-of-user", "The lists of a user's labs have no lab of another user.",
		pageAPI, "LabsIgnoreUser", judgeIgnoresUser},
	{"id-case", "Letter case matters in the ID of a user.", "", "FoldIDs", judgeFold},
	{"search-status", "A search has `Status` in every mode.", "", "BareSearch", judgeBare},
	{"search-page", "A page of a search has as many labs as the request asks for.",
		pageSearch, "PageCap", judgePage},
	{
		"close",
		"The first closing call touches rows, and the next one touches none.",
		pageClose,
		"LeaveRows",
		judgeRows,
	},
	{"close-unknown", "A closing call for a user without records touches no row.",
		pageClose, "AlwaysRows", judgeAlways},
	{"close-labs", "A closure ends the user's labs.", "", "Closing", judgeLabs},
	{"closed-search", "A search finds no lab of a closed user.", "", "SearchClosed", judgeSearch},
	{
		"closed-names",
		"A search shows neither name nor address of a closed user.",
		pageClose,
		"KeepNames",
		judgeNames,
	},
	{"cancel-at-once", "A canceled lab is gone at the next read. The check cancels no lab.",
		pageCancel, "SlowCancel", nil},
	{"cancel-foreign", "A lab of the own API consumer can be canceled. The check cancels no lab.",
		pageCancel, "ForeignLabs", nil},
}
