package declared_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// T2
func TestAttack_firstPageWithoutOthersIsNoEmptyList(t *testing.T) {
	t.Parallel()
	e := newEvening()
	e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		e.override["DELETE /v1/people/"+inesRef] = `202 {"data":{"job":"j1"}}` // and does nothing
		e.override["GET /v1/people/"+inesRef] = `404 {"fault":{"kind":"no_person"}}`
		e.override["GET /v1/people"] = `200 {"data":[{"ref":5,"mail":"x@acme.test","state":"ended"}],"cursor":"c1"}`
		proof, err := c.Close(ctx, u, "", offboard.NotSent)
		if errors.Is(err, offboard.ErrUnverified) {
			t.Errorf("got %v and %v: leaves the state", proof, err)
		}
		t.Log(err)
	})
}

// T5
func TestAttack_gone503(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"503", "401", "500"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			e := newEvening()
			e.definition = func(source string) string {
				s := strings.Replace(source, `record.state == "ended" ? "closed" : "active"`, `record.state == "off" ? "suspended" : record.state == "ended" ? "closed" : "active"`, 1)
				s = strings.Replace(s, `step "end" {`, `step "off" {
  when = user.status == "active"
  method = "POST"
  path = ["people", user.id, "off"]
  done = user.status == "suspended"
  reversible = true
}

step "end" {
  gone = answer.json.fault.kind == "no_person"`, 1)
				return s
			}
			e.run(t, func(ctx context.Context, t *testing.T, c *declared.Client) {
				u, err := c.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				e.override["POST /v1/people/"+inesRef+"/off"] = `200 {}`
				e.override["GET /v1/people/"+inesRef] = `404 {"fault":{"kind":"no_person"}}` // hidden by the suspension
				e.override["GET /v1/people"] = `200 {"data":[` + person("90071992547409933") + `],"cursor":null}`
				e.override["DELETE /v1/people/"+inesRef] = status + ` {"fault":{"kind":"no_person"}}`
				if status == "500" {
					e.override["DELETE /v1/people/"+inesRef] = status + ` {"fault":{"kind":"x"}}`
				}
				proof, err := c.Close(ctx, u, "", offboard.NotSent)
				t.Logf("proof %v err %v call %q", proof, err, offboard.CallOf(err))
				for _, a := range e.asked {
					t.Log(a)
				}
			})
		})
	}
}
