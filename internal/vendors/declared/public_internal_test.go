package declared

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// Only what uses neither the key nor a sensitive setting is no secret.
func TestPublicIn_findsWhatUsesNoSecret(t *testing.T) {
	t.Parallel()
	parley, err := os.ReadFile("../../../examples/resources/offboard_user/parley.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	const settings = `setting "org" {
  description = "The organization."
}

setting "token" {
  description = "A further key."
  sensitive   = true
}

credentials {`
	for header, public := range map[string]bool{
		`setting.org`: true, `"of ${setting.org}"`: true, `"2025-04-30"`: true,
		`key`: false, `"${key} of ${setting.org}"`: false, `setting.token`: false,
	} {
		source := strings.Replace(string(parley), "credentials {", settings, 1)
		source = strings.Replace(source, `Authorization = "Bearer ${key}"`, `Authorization = "Bearer ${key}", x = `+header, 1)
		d, problems := Parse("parley", source)
		if d == nil {
			t.Fatalf("%s: %v", header, problems)
		}
		set := settingsValue(map[string]string{"region": "eu", "org": "acme", "token": "t"})
		sent, err := headersOf(d.credentials.headers, variables{varKey: cty.StringVal("k"), varSetting: set})
		if err != nil {
			t.Fatal(err)
		}
		got := d.publicIn(d.credentials.headers, sent)
		if slices.Equal(got, sent["x"]) != public || !public && len(got) > 0 {
			t.Errorf("%s: got %q, want it public: %t", header, got, public)
		}
	}
}
