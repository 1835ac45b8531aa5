package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// An account that is read without an address does not say that nobody else has the address that is its ID.
func TestFind_anIDWithoutAnAddressIsAnotherUsersAddress(t *testing.T) {
	forEachSearch(t, func(t *testing.T, k userKind, row func(id, email string) string) {
		if k.checkID(inesEmail) != nil {
			t.Skipf("no ID of %s looks like an email address", k.title)
		}
		byID := row(inesEmail, "")
		for other, refused := range map[string]bool{inesEmail: true, "noor@acme.test": false} {
			s := search(t, k, lists{users: listOf(k.name, byID, row("31", other)), other: map[string]string{
				"/users/31": readOf(k.name, row("31", other)), "/users/" + inesEmail: readOf(k.name, byID),
			}}, inesEmail)
			if got := strings.Contains(s.imported.errors(), "may be two users"); got != refused || !refused && s.imported.errors() != "" {
				t.Errorf("31 has the address %q: got %q, want refused %t", other, s.imported.errors(), refused)
			}
		}
	})
}

// What is missing in the second search only leaves it open who exists, too, and the warning says why.
func TestFind_inAListThatIsNotWholeTheSecondTime(t *testing.T) {
	row := fmt.Sprintf(emailRow["sfox"], "31", "noor@acme.test")
	searches := 0
	s := search(t, sfoxKind, lists{users: func(r *http.Request) string {
		if searches++; searches > 1 {
			return listOf("sfox", row, `{}`)(r)
		}
		return listOf("sfox", row)(r)
	}}, inesEmail)
	if s.exists != "null" || s.data.errors() != "" || !strings.Contains(s.data.warnings(), "row 2 of page 1") {
		t.Errorf("got exists %q, %s, want null and a warning", s.exists, s.data.errors()+s.data.warnings())
	}
}
