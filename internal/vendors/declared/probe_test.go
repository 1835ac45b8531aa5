package declared_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// Parts of the definition of the vendor evening that the tests replace.
const (
	evenAbsent   = `answer.status == 404 && answer.json.fault.kind == "no_person"`
	evenNobody   = `{ status = 404, json = { fault = { kind = "no_person", text = "No such person" } } }`
	evenStatus   = `record.state == "ended" ? "closed" : "active"`
	evenShown    = `state = "on"`
	evenRecord   = "record = answer.json.data\n  absent"
	evenSame     = `{ data = { ref = 90071992547409931, mail = "ines@acme.test", state = "on" } }`
	evenFlat     = `{ ref = 90071992547409931, mail = "ines@acme.test", state = "on" }`
	evenDone     = `user.absent || user.status == "closed"`
	evenRecords  = "records = answer.json.data\n"
	evenAccepted = `answer.status == 202 && answer.json.data.job != null`
	evenNext     = "next    = answer.json.cursor\n"
	evenWorks    = `answer.json.data.ref > 0`
	evenSelf     = "  self  = tostring(answer.json.data.ref)\n"
	evenEndStep  = "step \"end\" {\n"
	evenListing  = `list {
  path    = ["people"]
  query   = { after = page }
  records = answer.json.data
  first   = null
  next    = answer.json.cursor
}
`
)

// parts are changes of the definition of evening, in pairs.
type parts []string

// inPeople makes the vendor one that answers with a list to a read.
func inPeople(absent string) parts {
	return parts{
		evenRecord, "record = answer.json.people[0]\n  absent", evenAbsent, absent,
		evenSame, `{ people = [{ ref = 90071992547409931, mail = "ines@acme.test", state = "on" }] }`,
		evenNobody, `{ status = 200, json = { people = [] } }`,
	}
}

// findsOne and findsAll add a search.
func findsOne(absent string) parts {
	return parts{evenEndStep, "find_by_email {\n  path = [\"by-mail\"]\n  query = { mail = user.email }\n" +
		"  record = answer.json.data\n  absent = " + absent + "\n}\n\n" + evenEndStep}
}

func findsAll(records string) parts {
	return parts{evenEndStep, "find_by_email {\n  path = [\"by-mail\"]\n  query = { mail = user.email }\n" +
		"  records = " + records + "\n}\n\n" + evenEndStep}
}

// asks adds a trace or an obstacle.
func asks(block, lines string) parts {
	return parts{evenEndStep, block + " {\n  path = [\"search\"]\n" + lines + "\n}\n\n" + evenEndStep}
}

// sloppy is a definition that an answer which says nothing fulfills, what is said of it, and one that is
// written as that says.
type sloppy struct {
	bad  parts
	want string
	good parts
}

// An answer that says nothing of the user reads as an absence.
var sloppyAbsences = map[string]sloppy{
	"absent by a list that may be missing": {
		inPeople(`answer.status == 200 && length(try(answer.json.people, [])) == 0`),
		`absent of the block read holds for HTTP 200 with the body {"message":"Not Found"}, which a gateway gives, too. ` +
			`Compare what the vendor itself says, without try and can, as in length(answer.json.people) == 0, ` +
			`answer.json.people == null or answer.json.people == "WORD"`,
		inPeople(`answer.status == 200 && length(answer.json.people) == 0`),
	},
	"absent by the first of a list": {
		inPeople(`answer.status == 200 && try(answer.json.people[0], null) == null`),
		"absent of the block read holds for HTTP 200", inPeople(`answer.status == 200 && length(answer.json.people) == 0`),
	},
	"absent by what cannot be read": {
		inPeople(`answer.status == 200 && !can(answer.json.people[0].ref)`),
		"absent of the block read holds for HTTP 200", inPeople(`answer.status == 200 && length(answer.json.people) == 0`),
	},
	"absent by null": {
		parts{evenAbsent, `try(answer.json.data, null) == null`, evenNobody, `{ status = 200, json = { data = null } }`},
		"absent of the block read holds for HTTP 200",
		parts{evenAbsent, `answer.json.data == null`, evenNobody, `{ status = 200, json = { data = null } }`},
	},
	"absent by a status that only the example has": {
		parts{
			evenAbsent,
			`answer.status == 400 && can(answer.json)`,
			evenNobody,
			`{ status = 400, json = { kind = "none" } }`,
		},
		`absent of the block read holds for HTTP 400 with the body {"message":"Not Found"}`,
		parts{evenAbsent, `answer.json.kind == "none"`, evenNobody, `{ status = 400, json = { kind = "none" } }`},
	},
	"absent by a failure": {
		parts{evenAbsent, `!answer.json.success`, evenNobody, `{ status = 200, json = { success = false, kind = "none" } }`},
		`"message":"Too many requests"}, which a gateway gives, too`,
		parts{
			evenAbsent,
			`!answer.json.success && answer.json.kind == "none"`,
			evenNobody,
			`{ status = 200, json = { success = false, kind = "none" } }`,
		},
	},
	"absent by another word than one": {
		parts{
			evenAbsent, `answer.json.data == null && answer.json.kind != "busy"`,
			evenNobody, `{ status = 200, json = { data = null, kind = "none", text = "None" } }`,
		},
		`absent of the block read holds for the answer of the example "nobody" with any other answer.json.kind. ` +
			`Name the value that means an absence, as in answer.json.kind == "none"`,
		parts{
			evenAbsent, `answer.json.data == null && answer.json.kind == "none" && answer.json.text != ""`,
			evenNobody, `{ status = 200, json = { data = null, kind = "none", text = "None" } }`,
		},
	},
	"absent by another number than zero": {
		parts{
			evenAbsent, `answer.json.data == null && answer.json.errcode != 0`,
			evenNobody, `{ status = 200, json = { data = null, errcode = 60111 } }`,
		},
		`with any other answer.json.errcode. Name the value that means an absence, as in answer.json.errcode == 60111`,
		parts{
			evenAbsent, `answer.json.data == null && answer.json.errcode == 60111`,
			evenNobody, `{ status = 200, json = { data = null, errcode = 60111 } }`,
		},
	},
	"absent by the type of the answer": {
		parts{
			evenAbsent, `answer.status == 404 && startswith(answer.headers["content-type"], "application/json")`,
			evenNobody, `{ status = 404, headers = { Content-Type = "application/json" } }`,
		},
		`absent of the block read holds for HTTP 404`,
		parts{
			evenAbsent, `answer.status == 404 && answer.headers["x-kind"] == "none"`,
			evenNobody, `{ status = 404, headers = { Content-Type = "application/json", X-Kind = "none" }, json = {} }`,
		},
	},
	"absent by any value of a header": {
		parts{
			evenAbsent, `answer.status == 404 && can(answer.headers["x-request"])`,
			evenNobody, `{ status = 404, headers = { X-Request = "5f0c" } }`,
		},
		`so it must look at what the answer says`,
		parts{
			evenAbsent, `answer.status == 404 && answer.headers["x-kind"] == "none"`,
			evenNobody, `{ status = 404, headers = { X-Request = "5f0c", X-Kind = "none" } }`,
		},
	},
	"absent by an empty answer": {
		parts{evenAbsent, `answer.status == 200 && answer.json == null`, evenNobody, `{ status = 200 }`},
		`holds for HTTP 200 without a body, which a gateway gives, too. Compare what the vendor itself says, without try ` +
			`and can, as in answer.json.FIELD == "WORD" or jsonencode(answer.json) == "[]"`,
		parts{
			evenAbsent,
			`answer.status == 200 && jsonencode(answer.json) == "[]"`,
			evenNobody,
			`{ status = 200, json = [] }`,
		},
	},
	"gone by the status": {
		parts{evenEndStep, evenEndStep + "  gone = answer.status == 404\n"},
		"gone must look at answer.json or answer.headers as well as at the status",
		parts{evenEndStep, evenEndStep + "  gone = " + evenAbsent + "\n"},
	},
	"gone by any JSON": {
		parts{evenEndStep, evenEndStep + "  gone = answer.status == 410 && can(answer.json)\n"},
		`gone of the block step end holds for HTTP 410 with the body {"message":"Not Found"}`,
		parts{evenEndStep, evenEndStep + "  gone = answer.status == 410 && answer.json.fault.kind == \"no_person\"\n"},
	},
	"find_by_email by the status": {
		findsOne(`answer.status == 404`), "absent must look at answer.json or answer.headers", findsOne(evenAbsent),
	},
	"find_by_email by the words of a gateway": {
		findsOne(`answer.status == 404 && answer.json.message == "Not Found"`),
		`absent of the block find_by_email holds for HTTP 404`, findsOne(evenAbsent),
	},
	"find_by_email by null": {
		findsOne(`answer.status == 200 && try(answer.json.data, null) == null`),
		`absent of the block find_by_email holds for HTTP 200`, findsOne(`answer.status == 200 && answer.json.data == null`),
	},
}

// A field that is missing, or has a value that the definition does not name, reads as a closed user.
var sloppyStatuses = map[string]sloppy{
	"closed by every other word": {
		parts{evenStatus, `record.state == "on" ? "active" : "closed"`},
		`status of the block user is "closed" for the user of the example "somebody" if record.state is null. Name the ` +
			`value that means closed, as in record.state == "WORD" ? "closed" : "unknown"`,
		parts{evenStatus, `record.state == "ended" ? "closed" : record.state == "on" ? "active" : "unknown"`},
	},
	"closed by what is not in a list": {
		parts{evenStatus, `contains(["on", "off"], coalesce(record.state, "on")) ? "active" : "closed"`},
		`if record.state is "another word"`, parts{evenStatus, `contains(["ended"], record.state) ? "closed" : "active"`},
	},
	"closed by a look-up": {
		parts{evenStatus, `lookup({ on = "active" }, record["state"], "closed")`}, `if record.state is "another word"`,
		parts{evenStatus, `lookup({ on = "active", ended = "closed" }, record["state"], "unknown")`},
	},
	"closed by a field that may be missing": {
		parts{evenStatus, `try(record.enabled, false) ? "active" : "closed"`, evenShown, `enabled = true, state = "on"`},
		`if record.enabled is missing. Name the value that means closed, as in record.enabled == false ? "closed"`,
		parts{evenStatus, `record.enabled ? "active" : "closed"`, evenShown, `enabled = true, state = "on"`},
	},
	"closed by a field that may be missing, in the whole record": {
		parts{evenStatus, `lookup(record, "enabled", false) ? "active" : "closed"`, evenShown, `enabled = true`},
		`if record.enabled is missing`,
		parts{evenStatus, `record.enabled ? "active" : "closed"`, evenShown, `enabled = true`},
	},
	"closed by every other number": {
		parts{evenStatus, `record.enabled == 1 ? "active" : "closed"`, evenShown, `enabled = 1`},
		`as in record.enabled == NUMBER ? "closed"`,
		parts{evenStatus, `record.enabled == 0 ? "closed" : "active"`, evenShown, `enabled = 1`},
	},
	"closed by every number that is not zero": {
		parts{evenStatus, `coalesce(record.deleted, 0) == 0 ? "active" : "closed"`, evenShown, `deleted = 0`},
		`if record.deleted is 7919`,
		parts{evenStatus, `record.deleted == 1 ? "closed" : "active"`, evenShown, `deleted = 0`},
	},
	"closed by a time that is above zero": {
		parts{evenStatus, `record.delete_at > 0 ? "closed" : "active"`, evenShown, `delete_at = 0`},
		`as in record.delete_at == NUMBER ? "closed" : "unknown", or for a time record.delete_at > 1000000000`,
		parts{evenStatus, `record.delete_at > 1000000000 ? "closed" : "active"`, evenShown, `delete_at = 0`},
	},
	"closed by a truth value as a text": {
		parts{
			evenStatus, `tostring(coalesce(record.enabled, true)) == "true" ? "active" : "closed"`, evenShown, `enabled = true`,
		},
		`if record.enabled is "another word"`,
		parts{evenStatus, `record.enabled ? "active" : "closed"`, evenShown, `enabled = true`},
	},
	"closed by a field in a field": {
		parts{evenStatus, `try(record.account.on, false) ? "active" : "closed"`, evenShown, `account = { on = true }`},
		`if record.account.on is missing`,
		parts{evenStatus, `record.account.on ? "active" : "closed"`, evenShown, `account = { on = true }`},
	},
	"suspended by every other word": {
		parts{evenStatus, `record.state == "on" ? "active" : "suspended"`},
		`status of the block user is "suspended" for the user of the example "somebody" if record.state is null`,
		parts{evenStatus, `record.state == "off" ? "suspended" : "active"`},
	},
	"closed by a field in a list": {
		parts{evenStatus, `record.seats[0].state == "on" ? "active" : "closed"`, evenShown, `seats = [{ state = "on" }]`},
		`if record.seats is [{"state":null}]. Name the value that means closed, as in ` +
			`record.seats[0].FIELD == "WORD" ? "closed"`,
		parts{
			evenStatus, `record.seats[0].state == "ended" ? "closed" : "active"`, evenShown, `seats = [{ state = "on" }]`,
		},
	},
	"closed by a field that is in no element": {
		parts{
			evenStatus,
			`join(",", [for seat in record.seats : seat.id if seat.id == "s1"]) == "s1" || length(record.seats) == 0 ` +
				`? "active" : "closed"`,
			evenShown,
			`seats = [{ id = "s0" }, { id = "s1" }]`,
		},
		`if record.seats is [{"id":null},{"id":null}]`,
		parts{
			evenStatus, `contains(record.seats[*].id, "none") ? "closed" : "active"`,
			evenShown, `seats = [{ id = "s0" }, { id = "s1" }]`,
		},
	},
	"closed by a list without an element": {
		parts{
			evenStatus, `length([for seat in record.seats : seat if seat == "s1"]) == 0 ? "closed" : "active"`,
			evenShown, `seats = ["s1"]`,
		},
		`if record.seats is []. Name the value that means closed, as in record.seats[0] == "WORD" ? "closed"`,
		parts{
			evenStatus, `length([for seat in record.seats : seat if seat == "none"]) > 0 ? "closed" : "active"`,
			evenShown, `seats = ["s1"]`,
		},
	},
	"closed by an empty list": {
		parts{evenStatus, `length(record.seats) == 0 ? "closed" : "active"`, evenShown, `seats = [{ left_at = null }]`},
		`if record.seats is []`,
		parts{evenStatus, `record.seats[0].left_at != null ? "closed" : "active"`, evenShown, `seats = [{ left_at = null }]`},
	},
	"closed by two fields that are missing": {
		parts{
			evenStatus, `try(record.mail, null) == null && try(record.state, null) == null ? "closed" : "active"`,
			"email  = record.mail", "email  = try(record.mail, null)",
		},
		`status of the block user is "closed" for the user of the example "somebody" if record.mail is null and ` +
			`record.state is null. An answer that is not whole says nothing. Name the value that means closed`,
		parts{evenStatus, `record.mail != "" && record.state == "ended" ? "closed" : "active"`},
	},
	"suspended by two texts that are empty": {
		parts{evenStatus, `record.mail == "" && record.state == "" ? "suspended" : "active"`},
		`if record.mail is "" and record.state is ""`,
		parts{evenStatus, `record.mail == "" && record.state == "off" ? "suspended" : "active"`},
	},
	"closed by an element of another type": {
		parts{
			evenStatus, `try(record.seats[0] > 1, false) ? "closed" : "active"`,
			evenShown, `seats = ["s1"]`,
		},
		`if record.seats is [7919]`,
		parts{evenStatus, `record.seats[0] == "none" ? "closed" : "active"`, evenShown, `seats = ["s1"]`},
	},
	"closed by a date": {
		parts{evenStatus, `record.deleted_at == "" ? "active" : "closed"`, evenShown, `deleted_at = ""`},
		`if record.deleted_at is null`,
		parts{
			evenStatus, `can(regex("^[0-9]{4}-", record.deleted_at)) ? "closed" : "active"`, evenShown, `deleted_at = ""`,
		},
	},
}

// An answer that says nothing reads as a list without anything in it, or as a sign of life.
var sloppyReadings = map[string]sloppy{
	"a list that may be missing": {
		parts{evenRecords, "records = try(answer.json.data, [])\n", evenNext, "next = try(answer.json.cursor, null)\n"},
		`records of the block list finds nothing in HTTP 200 with the body {}, which a gateway gives, ` +
			`too. That must be an error. Leave out try, or add ok = answer.status == 200 && can(answer.json.data)`,
		parts{evenRecords, "ok = answer.status == 200 && can(answer.json.data)\n  records = try(answer.json.data, [])\n"},
	},
	"a list that ends at the status": {
		parts{
			evenRecords,
			"ok = contains([200, 404], answer.status)\n  records = answer.status == 404 ? [] : answer.json.data\n",
			evenNext,
			"next = answer.status == 404 ? null : answer.json.cursor\n",
		},
		`records of the block list finds nothing in HTTP 404`,
		parts{evenRecords, "ok = answer.status == 200 || answer.json.fault.kind == \"past_the_end\"\n" +
			"  records = answer.status == 404 ? [] : answer.json.data\n",
			evenNext, "next = answer.status == 404 ? null : answer.json.cursor\n"},
	},
	"a search that may be missing": {
		findsAll(`try(answer.json.data, [])`), `records of the block find_by_email finds nothing in HTTP 200`,
		findsAll(`answer.json.data`),
	},
	"a trace that may be missing": {
		asks(`trace "mail"`, `  found = [for r in try(answer.json.data, []) : r.ref]`),
		`found of the block trace mail finds nothing in HTTP 200`,
		asks(`trace "mail"`, `  found = [for r in answer.json.data : r.ref]`),
	},
	"a trace by the status": {
		asks(`trace "mail"`, "  ok = contains([200, 404], answer.status)\n  found = answer.status == 200"),
		`found of the block trace mail finds nothing in HTTP 404`,
		asks(
			`trace "mail"`,
			"  ok = answer.status == 200 || answer.json.fault.kind == \"none\"\n  found = answer.status == 200",
		),
	},
	"an obstacle that may be missing": {
		asks(`obstacle "bills"`, "  found = [for r in try(answer.json.data, []) : r.text]\n  says = found\n  blocks = true"),
		`found of the block obstacle bills finds nothing in HTTP 200`,
		asks(`obstacle "bills"`, "  found = [for r in answer.json.data : r.text]\n  says = found\n  blocks = true"),
	},
	"an obstacle by a list as the whole answer": {
		asks(`obstacle "bills"`, "  found = [for r in answer.json : r.text]\n  says = found"),
		`add ok = answer.status == 200 && can(concat(answer.json, []))`,
		asks(`obstacle "bills"`, "  ok = answer.status == 200 && can(concat(answer.json, []))\n"+
			"  found = [for r in answer.json : r.text]\n  says = found"),
	},
	"a sign of life by the status": {
		parts{evenWorks, `answer.status == 200`, evenSelf, ``},
		`works of the block alive holds for HTTP 200 with the body {"message":"Not Found"}, which a gateway gives, too. ` +
			`Add a field that the vendor shows only with a good key, as in answer.status == 200 && answer.json.id != null`,
		parts{evenWorks, `answer.status == 200 && answer.json.data.ref != null`, evenSelf, ``},
	},
	"a sign of life by users that may be missing": {
		parts{evenWorks, `answer.status == 200`, evenSelf, "  records = try(answer.json.data, [])\n"},
		`works of the block alive holds for HTTP 200`,
		parts{evenWorks, `answer.status == 200`, evenSelf, "  records = answer.json.data\n"},
	},
}

// A key that shows nothing works.
var sloppyKeys = map[string]sloppy{
	"works by a field that may be null": {
		parts{evenWorks, `can(answer.json.data.user)`, evenSelf, ""},
		`works of the block alive holds for HTTP 200 with the body {"data":{"user":null}}, which shows nothing. ` +
			`Add a field that the vendor shows only with a good key, as in answer.status == 200 && answer.json.id != null`,
		parts{evenWorks, `answer.json.data.user != null`, evenSelf, ""},
	},
	"works beside rights that may be null": {
		parts{evenWorks, `can(answer.json.data.user)`, evenSelf, "  rights = try(answer.json.data.role, \"none\")\n"},
		`works of the block alive holds for HTTP 200 with the body {"data":{"user":null}}`,
		parts{evenWorks, `can(answer.json.data.user)`, evenSelf, "  rights = answer.json.data.user\n"},
	},
}

// An answer that reports an error accepts a call.
var sloppyCalls = map[string]sloppy{
	"accepted without a status": {
		parts{evenAccepted, `try(answer.json.status, 200) < 400`},
		`accepted of the block step end holds for HTTP 200 with the body {"message":"Not Found"}, which a gateway gives, ` +
			`too. Compare what only an acceptance has, as in answer.json.FIELD == "WORD", or leave accepted out`,
		parts{evenAccepted, `answer.json.data.job != null`},
	},
	"accepted without an error": {
		parts{evenAccepted, `!can(answer.json.error)`}, `holds for HTTP 200 with the body {"message":"Not Found"}`,
		parts{evenAccepted, `answer.status == 202`},
	},
	"accepted by another word than one of a failure": {
		parts{evenAccepted, `answer.json.data.job != "error"`},
		`accepted of the block step end holds whatever answer.json.data.job is, also for null and for any word. ` +
			`Compare what only an acceptance has, as in answer.json.data.job == "WORD" or answer.json.data.job != null`,
		parts{evenAccepted, `answer.json.data.job == "j1"`},
	},
	"accepted by a field that may be null": {
		parts{evenAccepted, `can(answer.json.data.job)`}, `holds whatever answer.json.data.job is`,
		parts{evenAccepted, `answer.json.data.job != null`},
	},
	"accepted beside a status that may be any other": {
		parts{
			evenAccepted, `answer.json.data.job != null && answer.json.data.status != "error"`,
			`{ data = { job = "j1" } }`, `{ data = { job = "j1", status = "ok" } }`,
		},
		`accepted of the block step end holds whatever`,
		parts{
			evenAccepted, `answer.json.data.job != null && answer.json.data.status == "ok"`,
			`{ data = { job = "j1" } }`, `{ data = { job = "j1", status = "ok" } }`,
		},
	},
	"accepted by the status, and by any body": {
		parts{evenAccepted, `answer.status == 202 && !can(answer.json.error)`}, `holds for HTTP 202 with the body`,
		parts{"  accepted = " + evenAccepted + "\n", ""},
	},
}

// The closure is done for a user who is suspended.
var sloppyEnds = map[string]sloppy{
	"done for the same user, suspended": {
		parts{evenDone, `user.absent || user.status == "suspended" && record.ref == was.ref`},
		`done holds for the user of the example "somebody" with the status suspended, which is not closed`,
		parts{evenDone, evenOtherMail + ` && record.ref == was.ref`},
	},
	"done by a setting": {
		parts{evenDone, `user.status == (setting.tokens == "" ? "closed" : "suspended")`},
		`with the status suspended`, parts{evenDone, `user.status == "closed"`},
	},
	"done by a field of a suspended user": {
		parts{
			evenStatus, `record.state == "off" ? "suspended" : "active"`,
			evenDone, `user.absent || record.state == "off" && record.ref == was.ref`,
		},
		"there must be an example of read in which a user is suspended",
		parts{
			evenStatus, `record.state == "off" ? "suspended" : "active"`,
			evenDone, evenOtherMail + ` && record.ref == was.ref`,
			`example "somebody" {`, `example "a suspended one" {
  of     = "read"
  answer = { status = 200, json = { data = { ref = 5, mail = "otto@acme.test", state = "off" } } }
  expect = { status = "suspended" }
}

example "somebody" {`,
		},
	},
}

// A definition that an untrue answer would make close, or pass, an open account is refused. The problem
// says what was tried, and what to write is good.
func TestParse_refusesWhatAnAnswerThatSaysNothingFulfills(t *testing.T) {
	t.Parallel()
	all := map[string]sloppy{}
	for _, some := range []map[string]sloppy{
		sloppyAbsences, sloppyStatuses, sloppyReadings, sloppyCalls, sloppyEnds, sloppyGaps, sloppyKeys, sloppyForms,
		sloppyEchoes, sloppyLists, sloppyInside,
	} {
		maps.Copy(all, some)
	}
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, problems := declared.Parse("evening", eveningText(t, c.bad))
			if got := shown(problems); d != nil || !strings.Contains(got, c.want) {
				t.Errorf("got\n%s\nwant %q", got, c.want)
			}
			parse(t, "evening", eveningText(t, c.good))
		})
	}
}
