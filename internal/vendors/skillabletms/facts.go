// Package skillabletms has the facts of Skillable TMS, which the definition
// examples/vendors/skillable_tms.vendor.hcl describes.
package skillabletms

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageAPI      = "https://github.com/LearnOnDemandSystems/ConnectAPI/blob/main/Skillable-tms-OpenAPI.yaml"
	pageStudents = "https://github.com/LearnOnDemandSystems/docs/tree/main/tms/tms-administrators/users/student-management"
)

// Docs is the address of the documentation in the definition. A definition with this address has these
// facts.
const Docs = pageAPI

// Facts are what the definition believes of Skillable TMS.
var Facts = []contract.Fact{
	{
		Name:   "status-in-answer",
		Says:   "Every answer has a `Status`.",
		Source: pageAPI, Switch: "NoStatus", Judge: judgeStatus,
	},
	{
		Name:   "status-case",
		Says:   "`UpdateUser`, `DeleteUser` and `RemoveUserFromRole` write `status`, and the others `Status`.",
		Source: pageAPI, Switch: "FlippedCase", Judge: judgeCase,
	},
	{
		Name:   "http-status",
		Says:   "Every answer is JSON with HTTP 200.",
		Source: pageAPI, Switch: "HTML", Judge: judgeHTTP,
	},
	{
		Name:   "error-of-success",
		Says:   "`Error` of a success is null.",
		Source: pageAPI, Switch: "ErrorOnSuccess", Judge: judgeErrorText,
	},
	{
		Name:   "bad-key",
		Says:   "A wrong key is answered with HTTP 200 and `Status` 30.",
		Source: pageAPI, Switch: "BadKey", Judge: judgeBadKey,
	},
	{
		Name:   "bad-parameter",
		Says:   "A malformed parameter is answered with `Status` 10.",
		Switch: "BadParameter",
	},
	{
		Name:   "empty-lists",
		Says:   "An empty list is an empty array.",
		Switch: "Lists", Judge: judgeLists,
	},
	{
		Name:   "email-case",
		Says:   "A search by address does not mind letter case.",
		Switch: "EmailExact", Judge: judgeEmailCase,
	},
	{
		Name:   "hidden-user",
		Says:   "A user outside the key's organization exists, and the key does not see it.",
		Switch: "Hidden",
	},
	{
		Name:   "outside-answer",
		Says:   "A user outside the key's organization is answered with `Status` 20.",
		Switch: "Outside",
	},
	{
		Name:   "disabled-readable",
		Says:   "A disabled user can be read and found.",
		Switch: "HideDisabled", Judge: judgeDisabled(judgeReadable),
	},
	{
		Name:   "update-keeps",
		Says:   "`UpdateUser` keeps the optional fields that it does not name.",
		Switch: "ClearOmitted",
	},
	{
		Name:   "update-disables",
		Says:   "`UpdateUser` with `disabled=true` disables the user.",
		Source: pageStudents, Switch: "DisableIgnored", Judge: judgeDisabled(judgeDisables),
	},
	{
		Name:   "close-rows",
		Says:   "The first closure counts rows.",
		Source: pageAPI, Switch: "NoRows", Judge: judgeRows,
	},
	{
		Name:   "close-at-once",
		Says:   "The first read after an accepted closure shows the user as closed.",
		Switch: "SlowClose", Judge: judgeClosed(judgeAtOnce),
	},
	{
		Name:   "close-enrolled",
		Says:   "A user with an enrollment in progress can be closed.",
		Switch: "EnrolledBlocks", Judge: judgeObstacle("EnrolledBlocks", enrolled),
	},
	{
		Name:   "close-managing",
		Says:   "A user who manages an organization can be closed.",
		Switch: "ManagingBlocks", Judge: judgeObstacle("ManagingBlocks", manages),
	},
	{
		Name:   "close-labs",
		Says:   "A user with a lab in progress can be closed.",
		Switch: "LabsBlock", Judge: judgeObstacle("LabsBlock", inLab),
	},
	{
		Name:   "closed-read",
		Says:   "A read of a closed user answers `Status` 20.",
		Switch: "Closed", Judge: judgeClosed(judgeClosedRead),
	},
	{
		Name:   "close-again",
		Says:   "A second closure answers `Status` 20.",
		Switch: "Again", Judge: judgeAgain,
	},
	{
		Name:   "delete",
		Says:   "`DeleteUser` deletes a user. The definition never calls it.",
		Source: pageAPI, Switch: "DeleteRefused",
	},
}
