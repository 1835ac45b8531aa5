package declared

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Another account differs wherever the record has the ID, the address or the sign-in name of this one, and
// nowhere else.
func TestWithOther_changesTheTextsOfTheAccount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ value, want cty.Value }{
		"a text":          {cty.StringVal("u1"), cty.StringVal("u2")},
		"in another case": {cty.StringVal("U1"), cty.StringVal("U2")},
		"a number":        {cty.NumberIntVal(84129), cty.NumberIntVal(84121)},
		"the last letter": {cty.StringVal("Fritz"), cty.StringVal("Frita")},
		"another text":    {cty.StringVal("u"), cty.StringVal("u")},
		"an empty text":   {cty.StringVal(""), cty.StringVal("")},
		"null":            {cty.NullVal(cty.String), cty.NullVal(cty.String)},
		"an element of a list": {
			cty.ListVal([]cty.Value{cty.StringVal("u1"), cty.StringVal("x")}),
			cty.TupleVal([]cty.Value{cty.StringVal("u2"), cty.StringVal("x")}),
		},
		"a field in a field": {
			cty.ObjectVal(map[string]cty.Value{"a": cty.MapVal(map[string]cty.Value{"u1": cty.StringVal("u1")})}),
			cty.ObjectVal(map[string]cty.Value{"a": cty.ObjectVal(map[string]cty.Value{"u1": cty.StringVal("u2")})}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := withOther(c.value, []string{"u1", "84129", "fritz", ""}, otherEnd); !got.RawEquals(c.want) {
				t.Errorf("got %#v, want %#v", got, c.want)
			}
		})
	}
}

// Each character that a change is about is another one of its kind.
func TestOtherTexts_changeOneCharacter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][3]string{
		"u1":             {"v1", "u2", "u2"},
		"9":              {"1", "1", "1"},
		"cafe":           {"dafe", "caff", "caff"},
		"beef":           {"ceef", "beea", "beea"},
		"ines@acme.test": {"jnes@acme.test", "inet@acme.test", "ines@acme.tesu"},
		"@acme":          {"Aacme", "@acmf", "@acmf"},
		"änne@b.c@d.e":   {"ånne@b.c@d.e", "änne@b.d@d.e", "änne@b.c@d.f"},
	} {
		if got := [3]string{otherStart(text), otherMailbox(text), otherEnd(text)}; got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// A fact names the account by its own name or that in the record, unless others may have the same.
func TestNamesOne_looksAtTheNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		path []string
		want bool
	}{
		{"membership", []string{"id"}, true},
		{"member", []string{"member", "id"}, true},
		{"seat", []string{"ticket", "no"}, true},
		{"userUuid", []string{"x"}, true},
		{"handle", []string{"loginAlias"}, true},
		{"handle", []string{"handle"}, false},
		{"role_id", []string{"x"}, false},
		{"id", []string{"Team", "id"}, false},
		{"id", []string{"domain"}, false},
		{"statusKey", []string{"x"}, false},
		{"groupId", []string{"id"}, false},
		{"f", []string{"organization_membership", "id"}, true},
		{"f", []string{"organizationMembershipId"}, true},
		{"f", []string{"team_member_id"}, true},
		{"f", []string{"teammate_id"}, true},
		{"f", []string{"organizer_key"}, true},
		{"f", []string{"workspace-membership", "gid"}, true},
		{"f", []string{"companyUserID"}, true},
		{"f", []string{"teams", "memberid"}, true},
		{"f", []string{"license", "seat"}, true},
		{"f", []string{"memberships", "0", "id"}, true},
		{"team", []string{"team_member_id"}, false},
		{"f", []string{"member", "team_id"}, false},
		{"f", []string{"account_id"}, false},
		{"f", []string{"account", "id"}, false},
		{"f", []string{"LicenseKey"}, false},
		{"f", []string{"projects", "id"}, false},
		{"f", []string{"organi" + "sation", "id"}, false},
		{"f", []string{"inviter", "id"}, false},
		{"invited_by", []string{"id"}, false},
		{"f", []string{"createdBy", "userId"}, false},
		{"f", []string{"reports_to", "member_id"}, false},
		{"f", []string{"manager", "seat"}, false},
		{"f", []string{"last_login"}, false},
		{"f", []string{"void"}, false},
		{"f", []string{"android"}, false},
		{"f", []string{"hybrid"}, false},
		{"seats", []string{"seats"}, false},
		{"membership", []string{"groupid"}, false}, // written together
		{"membership", []string{"orgkey"}, false},
		{"membership", []string{"membershipplan"}, false},
		{"seat", []string{"WORKSPACEID"}, false},
		{"login", []string{"tenantname"}, false},
		{"membership", []string{"groupref"}, false},
		{"membership", []string{"backupid"}, false},
		{"f", []string{"companyuserid"}, true},
		{"f", []string{"personal_id"}, true},
		{"dept", []string{"dept_id"}, false}, // of others, or of another person
		{"mentor", []string{"mentor_id"}, false},
		{"membership", []string{"backup_id"}, false},
		{"enrollment_id", []string{"enrollment_id"}, false},
		{"f", []string{"backup_user_id"}, false},
		{"f", []string{"default_assignee_id"}, false},
		{"enrollment", []string{"enrollment_id"}, true}, // what the fact is called
		{"_", []string{"enrollment_id"}, false},
		{"place_id", []string{"place"}, true},
		{"f", []string{"current_user_id"}, true},
		{"f", []string{"attributes", "acmeUserId"}, true},
		{"f", []string{"relationships", "user", "data", "id"}, true},
	} {
		f := fact{c.name, hcl.Traversal{hcl.TraverseRoot{Name: varRecord}}, []string{"acme"}}
		for _, name := range c.path {
			f.path = append(f.path, hcl.TraverseAttr{Name: name})
		}
		if got := f.namesOne(); got != c.want {
			t.Errorf("%s of record.%v: got %t", c.name, c.path, got)
		}
	}
}

// Only the part at the path is another one.
func TestWithPart_changesWhatIsAtAPath(t *testing.T) {
	t.Parallel()
	one, two := cty.StringVal("1"), cty.StringVal("2")
	tuple := func(all ...cty.Value) cty.Value { return cty.TupleVal(all) }
	id, first := hcl.TraverseAttr{Name: "id"}, hcl.TraverseIndex{Key: cty.NumberIntVal(0)}
	object := func(v cty.Value) cty.Value { return cty.ObjectVal(map[string]cty.Value{"id": v, "no": one}) }
	for name, c := range map[string]struct {
		value, want cty.Value
		path        hcl.Traversal
	}{
		"a field":               {object(one), object(two), hcl.Traversal{id}},
		"a field of a field":    {object(object(one)), object(object(two)), hcl.Traversal{id, id}},
		"a field of no object":  {one, one, hcl.Traversal{id}},
		"an element":            {tuple(one, one), tuple(two, one), hcl.Traversal{first}},
		"an element of nothing": {cty.EmptyTupleVal, cty.EmptyTupleVal, hcl.Traversal{first}},
	} {
		if got := withPart(c.value, c.path, two); !got.RawEquals(c.want) {
			t.Errorf("%s: got %#v, want %#v", name, got, c.want)
		}
	}
}
