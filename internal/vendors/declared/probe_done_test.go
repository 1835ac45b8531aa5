package declared_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// evenOtherMail is a done that compares the record with that of before.
const evenOtherMail = `user.absent || record.mail != null && record.mail != "" && lower(record.mail) != lower(was.mail)`

// A closure is done for an open user whose record has fields that are null, missing or empty.
var sloppyGaps = map[string]sloppy{
	"done by a field that is null": {
		parts{evenDone, `user.absent || record.mail != was.mail`},
		`done of the block step end holds for the user of the example "somebody" if record.mail is null. ` +
			`An answer that is not whole says nothing. Write record.mail != null && record.mail != "" && as well`,
		parts{evenDone, evenOtherMail},
	},
	"done by a field that is empty": {
		parts{evenDone, `user.absent || record.mail != null && record.mail != was.mail`},
		`if record.mail is "". An answer that is not whole says nothing. ` +
			`Write record.mail != null && record.mail != "" && as well`,
		parts{evenDone, evenOtherMail},
	},
	"done by a field that does not start with": {
		parts{evenDone, `user.absent || !startswith(record.mail, was.mail)`}, `if record.mail is ""`,
		parts{evenDone, `user.absent || record.mail != "" && !startswith(lower(record.mail), lower(was.mail))`},
	},
	"done by fields that are null together": {
		parts{evenDone, `user.absent || record.ref == was.ref && record.mail != was.mail && record.state != was.state`},
		`if record.mail is null and record.state is null. An answer that is not whole says nothing. ` +
			`Write record.mail != null && record.mail != "" && record.state != null && record.state != "" && as well`,
		parts{evenDone, evenOtherMail + ` && record.state != was.state`},
	},
	"done by a field that is empty, and one that is null": {
		parts{
			evenDone,
			`user.absent || record.mail != null && record.mail != was.mail && record.state != "" && record.state != was.state`,
		},
		`if record.mail is "" and record.state is null`, parts{evenDone, evenOtherMail + ` && record.state != was.state`},
	},
	"done by a field that is missing": {
		parts{
			evenDone, `user.absent || try(record.nick, "") != was.nick && try(record.nick != null, true)`,
			evenShown, evenShown + `, nick = "ines"`,
		},
		`if record.nick is missing`,
		parts{
			evenDone, `user.absent || record.nick != null && record.nick != "" && lower(record.nick) != lower(was.nick)`,
			evenShown, evenShown + `, nick = "ines"`,
		},
	},
	"done by the email": {
		parts{evenDone, `user.absent || record.ref == was.ref && user.email != was.mail`},
		`if record.mail is null`, parts{evenDone, `user.absent || record.ref == was.ref && user.email != "" && ` +
			`lower(user.email) != lower(was.mail)`},
	},
	"done by a name that may be missing": {
		withUser(`name = try(record.nick, null)`, `record.ref == was.ref && user.name != was.nick`),
		`if record.nick is null`,
		withUser(
			`name = try(record.nick, null)`,
			`record.ref == was.ref && user.name != "" && lower(user.name) != lower(was.nick)`,
		),
	},
	"done by a fact that may be missing": {
		withUser(`facts = { nick = try(record.nick, null) }`, `record.ref == was.ref && user.facts.nick != was.nick`),
		`if record.nick is null`,
		withUser(
			`facts = { nick = try(record.nick, null) }`,
			`record.ref == was.ref && user.facts.nick != "" && lower(user.facts.nick) != lower(was.nick)`,
		),
	},
	"done by an empty list": {
		withMails(`length(record.mails) == 0 && length(was.mails) > 0`),
		`if record.mails is []. An answer that is not whole says nothing. Write length(record.mails) > 0 && as well`,
		withMails(`length(record.mails) > length(was.mails)`),
	},
	"done by a field in a list": {
		withMails(`record.mails[0].value != was.mails[0].value`),
		`if record.mails is [{"kind":"work","value":null}]. An answer that is not whole says nothing. ` +
			`Write record.mails[0].FIELD != null && record.mails[0].FIELD != "" && as well`,
		withMails(`record.mails[0].value != null && record.mails[0].value != "" && ` +
			`lower(record.mails[0].value) != lower(was.mails[0].value)`),
	},
	"done by an empty field in a list": {
		withMails(`record.mails[0].value != null && record.mails[0].value != was.mails[0].value`),
		`if record.mails is [{"kind":"work","value":""}]`,
		withMails(`length(try(record.mails[0].value, "")) > 0 && ` +
			`lower(record.mails[0].value) != lower(was.mails[0].value)`),
	},
	"done by fields in a list that are null together": {
		withMails(`record.mails[0].value != was.mails[0].value && record.mails[0].kind != was.mails[0].kind`),
		`if record.mails is [{"kind":null,"value":null}]`,
		withMails(`record.mails[0].kind != null && record.mails[0].kind != "" && ` +
			`lower(record.mails[0].kind) != lower(was.mails[0].kind)`),
	},
	"done by a field of an object": {
		parts{
			evenDone, `user.absent || record.seat != null && jsonencode(record.seat) != jsonencode(was.seat)`,
			evenShown, evenShown + `, seat = { room = "12" }`,
		},
		`if record.seat.room is null`,
		parts{
			evenDone,
			`user.absent || record.seat.room != null && record.seat.room != "" && lower(record.seat.room) != was.seat.room`,
			evenShown,
			evenShown + `, seat = { room = "12" }`,
		},
	},
	"done by many fields": {
		manyFields(" != null && %[1]s"),
		`record.f11 is ""`,
		manyFields(` != "" && %[1]s != null && %[1]s`),
	},
}

// A closure is done for an open user by another form of the same value.
var sloppyForms = map[string]sloppy{
	"done by another letter case": {
		parts{evenDone, `user.absent || record.mail != null && record.mail != "" && record.mail != was.mail`},
		`done of the block step end holds for the user of the example "somebody" if record.mail is "INES@ACME.TEST". ` +
			`That is the same in another form, or another time. Compare lower(…) or a length instead`,
		parts{evenDone, evenOtherMail},
	},
	"done by the order of a list": {
		parts{
			evenDone, `user.absent || length(record.roles) > 0 && record.roles[0] != null && record.roles[0] != "" && ` +
				`record.roles != was.roles`, evenShown, evenShown + `, roles = ["a", "b"]`,
		},
		`if record.roles is ["b","a"]`,
		parts{
			evenDone, `user.absent || length(record.roles) > length(was.roles)`, evenShown, evenShown + `, roles = ["a", "b"]`,
		},
	},
	"done by the time of a change": {
		parts{
			evenDone, `user.absent || record.updated_at != null && record.updated_at != "" && ` +
				`lower(record.updated_at) != lower(was.updated_at)`, evenShown, evenShown + `, updated_at = "2026-01-01"`,
		},
		`if record.updated_at is "another word"`,
		parts{
			evenDone, evenOtherMail + ` && record.updated_at != was.updated_at`,
			evenShown, evenShown + `, updated_at = "2026-01-01"`,
		},
	},
}

// withUser gives the user another attribute, and compares the record.
func withUser(attribute, done string) parts {
	return parts{
		"  email  = record.mail\n", "  email  = record.mail\n  " + attribute + "\n",
		evenDone, "user.absent || " + done, evenShown, evenShown + `, nick = "ines"`,
	}
}

// withMails gives the record a list.
func withMails(done string) parts {
	return parts{
		evenDone, "user.absent || " + done,
		evenShown, evenShown + `, mails = [{ value = "ines@acme.test", kind = "work" }]`,
	}
}

// manyFields compares twelve fields.
func manyFields(condition string) parts {
	done, fields := []string{}, []string{evenShown}
	for i := range 12 {
		name := fmt.Sprintf("record.f%02d", i)
		done = append(done, fmt.Sprintf("%[1]s"+condition+" != was.f%02[2]d", name, i))
		fields = append(fields, fmt.Sprintf("f%02d = \"v\"", i))
	}
	return parts{evenDone, "user.absent || " + strings.Join(done, " && "), evenShown, strings.Join(fields, ", ")}
}

// One answer that is not whole may look like an end. So a user whom the vendor shows as open must be read
// twice as one who has none any more.
func TestClose_anotherRecordIsNoEndUnlessItStays(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]string{"accepted": evenTaken, "lost": `500 {}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = replacing(evenDone, evenOtherMail)
			ines, otto := evenInes("ines@acme.test", "on", ""), evenInes("otto@acme.test", "on", "")
			e.script = map[string][]string{evenRead: {ines, otto, ines}, evenEnd: {said}}
			e.run(t, func(ctx context.Context, t *testing.T, client *declared.Client) {
				u, err := client.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				if proof, err := client.Close(ctx, u, "", offboard.NotSent); err == nil || proof != offboard.Open {
					t.Errorf("got %v and %v, want no proof", proof, err)
				}
			})
		})
	}
}
