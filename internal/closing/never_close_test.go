package closing_test

import (
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
)

// An entry that can match nobody protects nobody. Quotes and brackets come from shells, env files
// and JSON.
func TestCheckEntry(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{
		"'boss@acme.test'", "[boss@acme.test]", "(boss@acme.test)", "`boss@acme.test`", "boss@*", "boss@*.test",
		"boss@acme.test|30400", "boss@acme.test/30400", "boss@acme.test:30400", "\u201cboss@acme.test\u201d",
		"30400|boss@acme.test", "30400:boss@acme.test", "smtp:boss@acme.test",
		"\"30400\"", "'30400'", "", " ", " 30400", "304\u200b00", "mailto:boss@acme.test", "*", "30*", "@acme.test",
		"a@b.test,c@d.test", "a@b.test;c@d.test", "a@b@c.test", "boss @acme.test", "*@acme.test", "boss@", "boss@.", "30*",
		"*30",
		"o\u2019brien@acme.test", "boss%40acme.test", "boss&#64;acme.test", "boss\uff20acme.test",
		"anna\u2011maria@acme.test",
		"acme\\boss@acme.test", "\uff13\uff10", "o&#39;brien@acme.test",
		"Boss <boss@acme.test>", "\"boss@acme.test", "boss@acme.test\"", "<boss@acme.test",
	} {
		if err := closing.CheckEntry(entry); err == nil {
			t.Errorf("got no refusal of the entry %q, want one: it matches nobody", entry)
		}
	}
	for _, entry := range []string{
		"boss@acme.test", "30400", "first.last", "o'brien@acme.test", "josé@exämple.test", "a b", "a,b",
		"maxxx@acme.test", "sales/ops@acme.test", "acme\\boss", "50%", "r&d@acme.test",
		"\u0e01\u0e33\u0e18\u0e23@acme.test", "\u0e19\u0e49\u0e33\u0e1d\u0e19", "M\u00aa Jos\u00e9", "\u2116 7",
		"jose\u0301@acme.test", "BOSS@ACME.TEST.",
	} {
		if err := closing.CheckEntry(entry); err != nil {
			t.Errorf("entry %q: got %v, want it accepted", entry, err)
		}
	}
}
