package closing_test

import (
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

const (
	inesName, inesEmail = "Ines Varga", "ines@acme.test"
	ottoName, ottoEmail = "Otto Lang", "otto@acme.test"
)

// The name tells people apart where the vendor showed no address, at the plan or now.
func TestReview_namesAreComparedWithoutAnAddress(t *testing.T) {
	person := func(name, email string) offboard.User {
		return offboard.User{ID: "1", Name: name, Email: email, Status: offboard.Active}
	}
	for name, c := range map[string]struct {
		then, now offboard.User
		want      string
	}{
		"no address":                {person(inesName, ""), person(ottoName, ""), "name"},
		"an address since":          {person(inesName, ""), person(ottoName, ottoEmail), "name"},
		"no address any more":       {person(inesName, inesEmail), person(ottoName, ""), "email name"},
		"the same address":          {person(inesName, inesEmail), person(ottoName, inesEmail), ""},
		"another address":           {person(inesName, inesEmail), person(ottoName, ottoEmail), "email"},
		"the same name, no address": {person(inesName, ""), person(strings.ToUpper(inesName), ""), ""},
	} {
		var facts []string
		for _, change := range (&closing.Review{User: c.then}).Changes(closing.Manner{}, c.now, nil) {
			facts = append(facts, change.Fact)
		}
		if got := strings.Join(facts, " "); got != c.want {
			t.Errorf("%s: got changes of %q, want %q", name, got, c.want)
		}
	}
}
