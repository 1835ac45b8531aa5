package declared_test

const (
	evenJob   = `{ data = { job = "j1" } }`
	evenFault = `{ fault = { kind = "no_person", text = "No such person" } }`
)

// withSeats gives the user seats, and another attribute.
func withSeats(attribute, value, seats string) parts {
	return parts{attribute, value, evenShown, evenShown + ", seats = " + seats}
}

// guarded asks for a field of the first seat, and whether it is another one.
func guarded(field, compared string) string {
	return "user.absent || length(record.seats) > 0 && " + field + " != null && " + field + ` != "" && ` + compared
}

// sloppyInside are definitions that look inside lists, and at what HCL makes of a record.
var sloppyInside = map[string]sloppy{
	"closed by an object in a list": {
		withSeats(evenStatus, `record.seats[0].role.state == "on" ? "active" : "closed"`, `[{ role = { state = "on" } }]`),
		`if record.seats is [{"role":{"state":null}}]`,
		withSeats(evenStatus, `record.seats[0].role.state == "end" ? "closed" : "active"`, `[{ role = { state = "on" } }]`),
	},
	"closed by an object in each element": {
		withSeats(evenStatus, `contains(record.seats[*].role.state, "on") ? "active" : "closed"`,
			`[{ role = { state = "on" } }, { role = { state = "on" } }]`),
		`status of the block user is "closed"`,
		withSeats(evenStatus, `contains(record.seats[*].role.state, "end") ? "closed" : "active"`,
			`[{ role = { state = "on" } }]`),
	},
	"closed by a record beside another object": {
		parts{
			evenRecord,
			"record = coalesce(answer.json.data, {})\n  absent",
			evenStatus,
			`record.state == "on" ? "active" : "closed"`,
		},
		`if record.state is`,
		parts{evenRecord, "record = answer.json.data.ref == null ? {} : answer.json.data\n  absent"},
	},
	"closed by a record of two forms": {
		parts{evenRecord, "record = can(answer.json.data) ? answer.json.data : answer.json\n  absent",
			evenStatus, `record.state == "on" ? "active" : "closed"`},
		`if record.state is`,
		parts{evenRecord, "record = can(answer.json.data) ? answer.json.data : answer.json\n  absent"},
	},
	"done by another letter case in a list": {
		withSeats(
			evenDone,
			guarded("record.seats[0].role", "record.seats[0].role != was.seats[0].role"),
			`[{ role = "Member" }]`,
		),
		`if record.seats is [{"role":"MEMBER"}]`,
		withSeats(evenDone, guarded("record.seats[0].role", "lower(record.seats[0].role) != lower(was.seats[0].role)"),
			`[{ role = "Member" }]`),
	},
	"done by the time of a change in a list": {
		withSeats(evenDone, guarded("record.seats[0].updated_at", "record.seats[0].updated_at != was.seats[0].updated_at"),
			`[{ updated_at = "1" }]`),
		`if record.seats is [{"updated_at":"another word"}]`,
		withSeats(evenDone, evenOtherMail, `[{ updated_at = "1" }]`),
	},
	"done by a text in a list": {
		withSeats(evenDone, guarded("record.seats[0]", "record.seats[0] != was.seats[0]"), `["Member"]`),
		`if record.seats is ["MEMBER"]`,
		withSeats(evenDone, guarded("record.seats[0]", "lower(record.seats[0]) != lower(was.seats[0])"), `["Member"]`),
	},
	"accepted by an element that is no failure": {
		parts{
			evenAccepted,
			`answer.status == 202 && answer.json.all[0].status != "error"`,
			evenJob,
			`{ all = [{ status = "on" }] }`,
		},
		"accepted of the block step end holds whatever answer.json.all",
		parts{
			evenAccepted,
			`answer.status == 202 && answer.json.all[0].status == "on"`,
			evenJob,
			`{ all = [{ status = "on" }] }`,
		},
	},
	"accepted by a loop that finds no failure": {
		parts{
			evenAccepted, `answer.status == 202 && length([for r in answer.json.all : r if r.status == "error"]) == 0`,
			evenJob, `{ all = [{ status = "on" }] }`,
		},
		"accepted of the block step end holds whatever answer.json.all",
		parts{
			evenAccepted, `answer.status == 202 && length([for r in answer.json.all : r if r.status == "on"]) > 0`,
			evenJob, `{ all = [{ status = "on" }] }`,
		},
	},
	"absent by an element with any other code": {
		parts{
			evenAbsent, `answer.status == 404 && answer.json.all[0].code != "forbidden" && answer.json.all[0].title == "x"`,
			evenFault, `{ all = [{ code = "no_person", title = "x" }] }`,
		},
		"with any other answer.json.all.code",
		parts{
			evenAbsent, `answer.status == 404 && answer.json.all[0].code == "no_person" && answer.json.all[0].title == "x"`,
			evenFault, `{ all = [{ code = "no_person", title = "x" }] }`,
		},
	},
	"absent by no other code in a loop": {
		parts{
			evenAbsent, `answer.status == 404 && length([for e in answer.json.all : e if e.code == "forbidden"]) == 0 && ` +
				`answer.json.all[0].title == "x"`,
			evenFault, `{ all = [{ code = "no_person", title = "x" }] }`,
		},
		"with any other answer.json.all.code",
		parts{
			evenAbsent, `answer.status == 404 && contains(answer.json.all[*].code, "no_person")`,
			evenFault, `{ all = [{ code = "no_person" }] }`,
		},
	},
}
