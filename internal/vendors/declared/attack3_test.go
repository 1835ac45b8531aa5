package declared_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// T9: the read after the first step shows what the review did not.
func TestAttack_theReadAfterTheFirstStepPassesTheChecks(t *testing.T) {
	t.Parallel()
	changed := `200 {"data":{"ref":` + inesRef + `,"mail":"p` + inesRef + `@acme.test","state":"off","role":"owner"}}`
	s := &attackScript{newEvening(), map[string][]string{
		"POST /v1/people/" + inesRef + "/off": {`200 {}`},
		"GET /v1/people/" + inesRef:           {"", changed},
	}, nil}
	withRole := func(source string) string {
		return strings.Replace(twoSteps(source), "\n  email  = record.mail", "\n  email  = record.mail\n  facts = { role = try(record.role, null) }", 1)
	}
	s.run(t, withRole, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		errRefused := errors.New("another role")
		ctx = offboard.WithCheck(ctx, func(_ context.Context, now declared.User) error {
			if now.Facts["role"] != "" {
				return errRefused
			}
			return nil
		})
		proof, err := c.Close(ctx, u, "", offboard.NotSent)
		t.Logf("proof %v err %v sent %v", proof, err, s.sent)
		for _, r := range s.sent {
			if strings.HasPrefix(r, "DELETE") {
				t.Errorf("sent %s", r)
			}
		}
	})
}

// T8
func TestAttack_noOwner(t *testing.T) {
	t.Parallel()
	s := &attackScript{newEvening(), map[string][]string{
		"GET /v1/whoami": {`200 {"data":{"ref":null}}`},
	}, nil}
	f := func(source string) string { return strings.Replace(source, "answer.json.data.ref > 0", "answer.status == 200", 1) }
	s.run(t, f, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		t.Logf("%v %v", u, err)
		found, err := c.Preflight(ctx, u)
		t.Logf("%v %v", found, err)
	})
}
