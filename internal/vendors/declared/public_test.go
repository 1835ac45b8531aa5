package declared_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// What credentials send beside the secrets, such as the name of the organization, is also in addresses.
// They are shown as they are, and a secret is masked all the same.
func TestUser_showsWhatIsNoSecretInCredentials(t *testing.T) {
	t.Parallel()
	v := realVendors[0] // Harvest
	v.settings = map[string]string{"account_id": "acme"}
	v.answer = func(s *scripted, what string, r *http.Request) (int, string) {
		r.Header.Set("Harvest-Account-Id", "77")
		return harvest(s, what, r)
	}
	v.run(t, func(_ context.Context, _ *scripted, _ *declared.Client, u declared.User) {
		if u.Email != "ines@acme.test" {
			t.Errorf("got the address %q, want it without a mask", u.Email)
		}
	})
}
