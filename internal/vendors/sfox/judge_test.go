package sfox

import (
	"encoding/json"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/contract"
)

// A page of a gateway, or JSON without data, shows neither a user nor that there is none.
func TestIsGone_needsAnAnswerAboutTheUser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status      int
		body        string
		gone, shown bool
	}{
		{404, `{"error":"not found"}`, true, false},
		{404, `<html>`, true, false},
		{200, `{"data":null}`, true, false},
		{200, `{"data":{}}`, true, false},
		{200, `{"data":{"user_id":"u1"}}`, false, true},
		{200, `<html>`, false, false},
		{200, `{}`, false, false},
		{500, `{"data":null}`, false, false},
	} {
		x := &contract.Exchange{Status: c.status}
		x.JSON = json.Unmarshal([]byte(c.body), &x.Body) == nil
		if isGone(x) != c.gone || stillShown(x) != c.shown {
			t.Errorf("HTTP %d %s: got gone %t and shown %t, want %t and %t",
				c.status, c.body, isGone(x), stillShown(x), c.gone, c.shown)
		}
	}
	if isGone(nil) || stillShown(nil) {
		t.Error("got an answer where none came, want neither")
	}
}
