// Package declared reads and closes the users of a vendor that a page of HCL describes, the
// definition. A definition says how the vendor is asked and how its answers read. What follows from
// that is the same as at every other vendor: a fresh read before a call, each call once, and a proof
// by a later answer.
//
// This file is the language: every block, every attribute, and the variables that an expression may
// use. Parse refuses everything else.
package declared

import "slices"

// The variables of expressions.
const (
	varKey     = "key"
	varSetting = "setting"
	varSelf    = "self"
	varUser    = "user"
	varRecord  = "record"
	varRecords = "records"
	varAnswer  = "answer"
	varPage    = "page"
	varFound   = "found"
	varWas     = "was"
	varFresh   = "fresh"
)

// fieldsOf are the attributes of the variables that always have the same ones.
var fieldsOf = map[string][]string{
	varUser:   {"id", "email", "name", "login", "status", "facts", "absent"},
	varAnswer: {"status", "json", "headers"},
}

// requestAttributes are those of every block that makes a request. The variables are those of the
// parts that are sent.
func requestAttributes(method bool, variables ...string) []attributeSpec {
	variables = append(variables, varFresh)
	leftOut := "A null value is left out."
	if slices.Contains(variables, varRecord) { // a call that changes something, or what is asked before
		leftOut = "A null that is written here is left out."
	}
	return []attributeSpec{
		{name: "method", kind: kindText, required: method, about: methodAbout(method)},
		{name: "path", required: true, variables: variables, about: "List of the path segments after the base URL. Each " +
			"is escaped. An empty text that is written as the last one is a slash at the end."},
		{name: "query", variables: variables, about: "Query parameters. " + leftOut},
		{name: "body", variables: variables, about: "Body, sent as JSON. " + leftOut},
		{name: "form", variables: variables, about: "Body, sent as a form, instead of `body`. " + leftOut},
		{
			name:      "headers",
			variables: variables,
			about:     "Further headers of this request. They hold no credential. One of the provider's own is replaced.",
		},
	}
}

func methodAbout(required bool) string {
	if required {
		return "HTTP method of the call."
	}
	return "HTTP method. The default is GET."
}

// okAttribute says which answers count as an answer at all.
var okAttribute = attributeSpec{
	name: "ok", variables: []string{varAnswer}, about: "Whether the answer is a success. By default it is for HTTP 2xx. " +
		"HTTP 401, 403, 429 and 5xx are never a success.",
}

// readsRequest are the attributes of a block that makes a request and reads its answer.
func readsRequest(variables []string, more ...attributeSpec) []attributeSpec {
	return append(append(requestAttributes(false, variables...), okAttribute), more...)
}

// language is the whole language.
var language = blockSpec{
	attributes: []attributeSpec{
		{name: "title", kind: kindText, required: true, about: "Name of the vendor, as it writes itself."},
		{name: "docs", kind: kindText, required: true, about: "Address of the documentation that the definition comes from."},
		{name: "base_url", required: true, variables: []string{varSetting},
			about: "The part of the URL before the paths."},
		{name: "id_pattern", kind: kindText, about: "Regular expression that every ID matches as a whole. Other IDs are " +
			"refused before any request."},
		{name: "unknown_id", kind: kindText, required: true, about: "An ID that no user has. Before the first use it must " +
			"read as absent."},
		{name: "error", variables: []string{varAnswer}, about: "The vendor's own words in an error, for messages only."},
	},
	blocks: []blockSpec{
		{
			name: "setting", labeled: true, repeated: true, about: "A setting of the vendor, as `setting.NAME`.",
			attributes: []attributeSpec{
				{name: "description", kind: kindText, required: true, about: "What the setting is."},
				{name: "default", kind: kindText, about: "Its value if none is set. Without a default it must be set."},
				{name: "sensitive", kind: kindTruth, about: "Whether it is a credential, usable in `credentials` only. " +
					"A plan and its apply may have different credentials. So what selects the organization must not be sensitive."},
			},
		},
		{
			name: "credentials", required: true, about: "How the key is sent with every request.",
			attributes: []attributeSpec{
				{name: "headers", variables: []string{varKey, varSetting}, about: "Headers, such as Authorization. No " +
					"request has one of the same name."},
				{name: "query", variables: []string{varKey, varSetting}, about: "Query parameters. Use them only if the " +
					"vendor takes the key nowhere else. No request has one of the same name."},
			},
			blocks: []blockSpec{{
				name: "oauth2", about: "A token by the client credentials grant, sent as Authorization: Bearer. Write it as " +
					"`credentials { oauth2 { token_url = … } }`.",
				attributes: []attributeSpec{
					{name: "token_url", required: true, variables: []string{varSetting}, about: "Address that gives the token."},
					{name: "client_id", required: true, variables: []string{varKey, varSetting}, about: "ID of the client."},
					{name: "client_secret", required: true, variables: []string{varKey, varSetting}, about: "Its secret."},
					{name: "scopes", variables: []string{varSetting}, about: "List of the scopes to ask for."},
					{name: "form", variables: []string{varSetting}, about: "Further fields of the request. `grant_type` replaces " +
						"`client_credentials`."},
					{name: "basic", kind: kindTruth, about: "Whether the client's ID and secret are sent in the header " +
						"Authorization: Basic, and not in the form."},
				},
			}},
		},
		{
			name: "rate", about: "The vendor's rate limit. Without it, 5 requests a second are sent at most.",
			attributes: []attributeSpec{
				{name: "requests", kind: kindCount, required: true, about: "How many requests the vendor takes."},
				{name: "per", kind: kindText, required: true, about: "In which time, such as `1s` or `1m`."},
				{name: "left", variables: []string{varAnswer}, about: "How many are left, from an answer."},
				{name: "reset", variables: []string{varAnswer}, about: "When the count begins again, from an answer: " +
					"seconds, or a Unix time."},
			},
		},
		{
			name: "user", required: true, about: "How a record of the vendor reads as a user, by `email`, `name` or `login`.",
			attributes: []attributeSpec{
				{name: "id", required: true, variables: []string{varRecord, varSetting}, about: "The vendor's own ID, a text."},
				{
					name:      "status",
					required:  true,
					variables: []string{varRecord, varSetting},
					about: "`active`, `suspended`, `closed` " +
						"or `unknown`. Name the values that mean `closed` or `suspended`.",
				},
				{name: "email", variables: []string{varRecord, varSetting}, about: "Email address."},
				{name: "name", variables: []string{varRecord, varSetting}, about: "Full name."},
				{name: "login", variables: []string{varRecord, varSetting}, about: "Sign-in name. `never_close` compares it too."},
				{
					name:      "facts",
					variables: []string{varRecord, varSetting},
					about: "What a reviewer must know. If one changes between " +
						"plan and apply, the closure is refused.",
				},
			},
		},
		{
			name: "read", required: true, about: "The request that reads one user.",
			attributes: readsRequest([]string{varSetting, varSelf, varUser},
				attributeSpec{name: "record", required: true, variables: []string{varAnswer}, about: "The record in the answer."},
				attributeSpec{name: "absent", required: true, variables: []string{varAnswer}, about: "Whether the vendor says " +
					"that there is no such user. It must look at more than the HTTP status."}),
		},
		{
			name: "alive", required: true, about: "A request that succeeds for everybody with a good key.",
			attributes: append(
				requestAttributes(false, varSetting),
				attributeSpec{
					name:      "works",
					required:  true,
					variables: []string{varAnswer},
					about: "Whether the key works, by a field " +
						"that only a good key shows.",
				},
				attributeSpec{name: "self", variables: []string{varAnswer}, about: "ID of the user who owns the key, who is " +
					"never closed. It must read as a user, unless it is the email address or the sign-in name. It must not be empty."},
				attributeSpec{name: "record", variables: []string{varAnswer}, about: "The record of that user, as `self` in " +
					"other requests."},
				attributeSpec{name: "records", variables: []string{varAnswer}, about: "A list of users as the proof of access. " +
					"It must show another user."},
				attributeSpec{name: "rights", variables: []string{varAnswer}, about: "With which rights the key sees users. If " +
					"they change, an absence proves nothing, and a plan from before closes nothing. They must not be empty."},
			),
		},
		{
			name: "list", about: "The request that lists all users, page after page.",
			attributes: readsRequest(
				[]string{varSetting, varSelf, varPage},
				attributeSpec{name: "records", required: true, variables: []string{varAnswer}, about: "The records of a page."},
				attributeSpec{name: "first", required: true, about: "The value of `page` for the first page, null for a cursor."},
				attributeSpec{name: "next", required: true, variables: []string{varAnswer, varPage, varRecords},
					about: "The value of `page` for the next page, null after the last one."},
				attributeSpec{
					name:      "total",
					variables: []string{varAnswer},
					about: "How many users the list has. Without it, a user who is closed while " +
						"the list is read can hide another one, if page counts rows or pages.",
				},
			),
		},
		{
			name: "find_by_email", about: "The request that finds users by an email address.",
			attributes: readsRequest([]string{varSetting, varSelf, varUser},
				attributeSpec{name: "records", variables: []string{varAnswer}, about: "The records found."},
				attributeSpec{name: "record", variables: []string{varAnswer}, about: "The one record found, instead of `records`."},
				attributeSpec{name: "absent", variables: []string{varAnswer}, about: "Beside `record`: whether the vendor says " +
					"that there is none. It must look at more than the HTTP status."}),
		},
		{
			name: "obstacle", labeled: true, repeated: true, about: "What a person must know before a closure.",
			attributes: withoutNeed("path", readsRequest(
				[]string{varSetting, varSelf, varUser, varRecord},
				attributeSpec{name: "found", required: true, variables: []string{varAnswer, varRecord, varUser},
					about: "What was found: a list, a text, or whether it is there. Empty, false or 0 is nothing, and so is a " +
						"null that the expression itself writes. Without `path`, it looks at `record` and `user`."},
				attributeSpec{name: "says", required: true, variables: []string{varFound}, about: "The finding, in words. For " +
					"a list, once for each."},
				attributeSpec{name: "remedy", kind: kindText, about: "What a person can do about it."},
				attributeSpec{
					name:  "blocks",
					kind:  kindTruth,
					about: "Whether it blocks the closure. Otherwise it is a warning.",
				},
			)),
		},
		{
			name: "step", labeled: true, required: true, repeated: true, about: "A call of the closure. Steps are made in " +
				"the order in which they are written.",
			attributes: append(
				requestAttributes(true, varSetting, varSelf, varUser, varRecord),
				attributeSpec{
					name:      "when",
					variables: []string{varUser, varSetting},
					about:     "Whether the step is needed. By default it is.",
				},
				attributeSpec{
					name:  "only",
					kind:  kindText,
					about: "`close` or `suspend`, if the step belongs to one of the two alone.",
				},
				attributeSpec{name: "accepted", variables: []string{varAnswer}, about: "Whether the vendor accepted the call. By " +
					"default, HTTP 2xx with a body that does not say no. Without a look at `answer.json`, that must hold, too."},
				attributeSpec{name: "refused", variables: []string{varAnswer}, about: "Whether the vendor refused the call. By " +
					"default, HTTP 4xx but 404, 408, 409, 410, 425 and 429. If neither holds, a read decides."},
				attributeSpec{name: "gone", variables: []string{varAnswer}, about: "Whether the answer to the call says that " +
					"there is no such user at all, also none that is hidden. It must look at more than the HTTP status. " +
					"HTTP 401, 403, 429 and 5xx never say so."},
				attributeSpec{name: "shows", variables: []string{varAnswer}, about: "The record in the answer, if the answer " +
					"shows the user. Only for a step before the last one: if done holds for it, nothing is read."},
				attributeSpec{name: "done", required: true, variables: []string{varUser, varRecord, varWas, varSetting},
					about: "Whether a later reading of the user shows the effect."},
				attributeSpec{name: "reversible", kind: kindTruth, about: "Whether the vendor can undo the step."},
			),
		},
		{
			name: "trace", labeled: true, repeated: true, about: "A second proof after the last step: it must find nothing.",
			attributes: readsRequest([]string{varSetting, varSelf, varUser, varWas},
				attributeSpec{name: "found", required: true, variables: []string{varAnswer, varUser, varWas}, about: "What was " +
					"found. Empty, false or 0 is nothing, and so is a null that the expression itself writes."}),
		},
		{
			name: "example", labeled: true, required: true, repeated: true, about: "An answer of the vendor, and what it " +
				"means. Every example is checked when the definition is read.",
			attributes: []attributeSpec{
				{name: "of", kind: kindText, required: true, about: "The block that reads the answer, such as `read` or " +
					"`step delete`."},
				{name: "answer", required: true, about: "The answer: `status`, `json`, `headers`."},
				{name: "expect", required: true, about: "What it means."},
				{name: "user", about: "The user before it, for `obstacle`, `trace` and `find_by_email`."},
			},
		},
	},
}
