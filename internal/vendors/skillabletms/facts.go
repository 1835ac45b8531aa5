// Package skillabletms has the facts of Skillable TMS, which the definition
// examples/vendors/skillable_tms.vendor.hcl describes.
package skillabletms

import "github.com/offboard/terraform-provider-offboard/internal/contract"

// The pages of the documentation that say a fact.
const (
	pageAPI   = "https://github.com/LearnOnDemandSystems/ConnectAPI/blob/main/Skillable-tms-OpenAPI.yaml"
	pageClose = "https://docs.skillable.com/apidocs/" +
		"close-a-user-account-by-external-platform-id-removing-personal-information"
	pageStudents = "https://github.com/LearnOnDemandSystems/docs/tree/main/tms/tms-administrators/users/student-management"
)

// Facts are what the definition believes of Skillable TMS. The check decides its examples instead.
var Facts = []contract.Fact{
	{"status-in-answer", "Every answer has a `Status`.", pageAPI, "NoStatus", nil},
	{"status-case", "`UpdateUser`, `DeleteUser` and `RemoveUserFromRole` write `status`, and the others `Status`.",
		pageAPI, "FlippedCase", nil},
	{"http-status", "Every answer is JSON with HTTP 200.", pageAPI, "HTML", nil},
	{"error-of-success", "`Error` of a success is null.", pageAPI, "ErrorOnSuccess", nil},
	{"bad-key", "A wrong key is answered with HTTP 200 and `Status` 30.", pageAPI, "BadKey", nil},
	{"bad-parameter", "A malformed parameter is answered with `Status` 10.", "", "BadParameter", nil},
	{"empty-lists", "An empty list is an empty array.", "", "Lists", nil},
	{"email-case", "A search by address does not mind letter case.", "", "EmailExact", nil},
	{"hidden-user", "A user outside the key's organization exists, and the key does not see it.",
		"", "Hidden", nil},
	{"outside-answer", "A user outside the key's organization is answered with `Status` 20.", "", "Outside", nil},
	{"disabled-readable", "A disabled user can be read and found.", "", "HideDisabled", nil},
	{"update-keeps", "`UpdateUser` keeps the optional fields that it does not name.", "", "ClearOmitted", nil},
	{"update-disables", "`UpdateUser` with `disabled=true` disables the user.", pageStudents, "DisableIgnored", nil},
	{"close-rows", "The first closure counts rows.", pageAPI, "NoRows", nil},
	{"close-at-once", "The first read after an accepted closure shows it.", "", "SlowClose", nil},
	{"close-enrolled", "A user with an enrollment in progress can be closed.", "", "EnrolledBlocks", nil},
	{"close-managing", "A user who manages an organization can be closed.", "", "ManagingBlocks", nil},
	{"close-labs", "A user with a lab in progress can be closed.", "", "LabsBlock", nil},
	{"closed-read", "A read of a closed user answers `Status` 20.", "", "Closed", nil},
	{"close-again", "A second closure answers `Status` 20.", "", "Again", nil},
	{"delete", "`DeleteUser` deletes a user. The definition never calls it.", pageAPI, "DeleteRefused", nil},
}
