package declared_test

// evenSays makes an answer one by which the vendor says that there is no such user, and absent what looks at it.
func evenSays(absent, json string) parts {
	return parts{evenAbsent, "answer.status == 404 && " + absent, evenNobody, "{ status = 404, json = " + json + " }"}
}

// An absence says no more than the HTTP status does. Where the answer has nothing else, it may.
var sloppyEchoes = map[string]sloppy{
	"absent by the status in the body": {
		evenSays(
			`answer.json.status == 404`,
			`{ status = 404, error = "Not Found", message = "No person", path = "/v1/people/9" }`,
		),
		`absent of the block read needs only the status of the example "nobody", which a framework gives for a wrong path, ` +
			`too. Compare answer.json.message as well, as in answer.json.message == "No person"`,
		evenSays(
			`answer.json.message == "No person"`,
			`{ status = 404, error = "Not Found", message = "No person", path = "/x" }`,
		),
	},
	"absent by the status as a text": {
		evenSays(`tonumber(answer.json.errors[0].status) == 404`, `{ errors = [{ status = "404", detail = "No person" }] }`),
		`Compare answer.json.errors[0].detail as well`,
		evenSays(`answer.json.errors[0].detail == "No person"`, `{ errors = [{ status = "404", detail = "No person" }] }`),
	},
	"absent by the words of the status": {
		evenSays(
			`answer.json.title == "Not Found"`,
			`{ title = "Not Found", status = 404, code = "P1", detail = "No person" }`,
		),
		`Compare answer.json.code as well, as in answer.json.code == "P1"`,
		evenSays(`answer.json.code == "P1"`, `{ title = "Not Found", status = 404, code = "P1", detail = "No person" }`),
	},
	"absent by words and the number": {
		evenSays(
			`answer.json.message == "HTTP 404 Not Found"`,
			`{ message = "HTTP 404 Not Found", "the-code" = 21, time = 5 }`,
		),
		`Compare answer.json.the-code as well, as in answer.json.the-code == 21`,
		evenSays(`answer.json["the-code"] == 21`, `{ message = "HTTP 404 Not Found", "the-code" = 21, time = 5 }`),
	},
	"absent by the error of SCIM": {
		evenSays(`answer.json.schemas[0] == "urn:ietf:params:scim:api:messages:2.0:Error"`,
			`{ schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"], status = "404", "a key" = "no_person" }`),
		`Compare answer.json["a key"] as well`,
		evenSays(`answer.json["a key"] == "no_person"`, `{ "a key" = "no_person" }`),
	},
	"absent by another field of a status alone": {
		evenSays(`answer.json.code == 404`, `{ code = 404, error = "gone_person" }`),
		`Compare answer.json.error as well`,
		evenSays(
			`answer.json.code == 404`,
			`{ code = 404, error = "Not found.", path = "/v1/people/9", type = "about://x" }`,
		),
	},
}
