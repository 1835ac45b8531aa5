package declared_test

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// attackScript answers routes in order; the last answer of a route repeats.
type attackScript struct {
	*evening
	answers map[string][]string
	sent    []string
}

func (s *attackScript) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route := r.Method + " " + r.URL.Path
	s.sent = append(s.sent, route)
	if all := s.answers[route]; len(all) > 0 && r.Header.Get("Authorization") != "" {
		if len(all) > 1 {
			s.answers[route] = all[1:]
		}
		if all[0] != "" {
			number, body, _ := strings.Cut(all[0], " ")
			status, _ := strconv.Atoi(number)
			write(w, status, body)
			return
		}
	}
	s.evening.ServeHTTP(w, r)
}

func (s *attackScript) run(t *testing.T, change func(string) string, f func(ctx context.Context, t *testing.T, c *declared.Client)) {
	t.Helper()
	source, err := os.ReadFile("testdata/evening.vendor.hcl")
	if err != nil {
		t.Fatal(err)
	}
	d := parse(t, "evening", change(string(source)))
	synctest.Test(t, func(t *testing.T) {
		c, err := declared.New(d, declared.Config{
			Config:   rest.Config{APIKey: "mock-key", Transport: mock.Transport{Handler: s}, RequestsPerSecond: 1e6},
			Settings: map[string]string{"client": "offboard"},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		f(ctx, t, c)
	})
}

func twoSteps(source string) string {
	s := strings.Replace(source, `record.state == "ended" ? "closed" : "active"`, `record.state == "off" ? "suspended" : record.state == "ended" ? "closed" : "active"`, 1)
	return strings.Replace(s, `step "end" {`, `step "off" {
  when = user.status == "active"
  method = "POST"
  path = ["people", user.id, "off"]
  done = user.status == "suspended"
  reversible = true
}

step "end" {
  gone = answer.json.fault.kind == "no_person"`, 1)
}

func TestAttack_goneBehindAFailure(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"503", "401", "500"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			const gone = `404 {"fault":{"kind":"no_person"}}`
			s := &attackScript{newEvening(), map[string][]string{
				"POST /v1/people/" + inesRef + "/off": {`200 {}`},
				"GET /v1/people/" + inesRef:           {"", gone},
				"GET /v1/people":                      {`200 {"data":[` + person("90071992547409933") + `],"cursor":null}`},
				"DELETE /v1/people/" + inesRef:        {`500 {}`, status + ` {"fault":{"kind":"no_person"}}`},
			}, nil}
			s.run(t, twoSteps, func(ctx context.Context, t *testing.T, c *declared.Client) {
				u, err := c.User(ctx, inesRef)
				if err != nil {
					t.Fatal(err)
				}
				proof, err := c.Close(ctx, u, "", offboard.NotSent)
				if err == nil {
					t.Errorf("proof %v err %v sent %v", proof, err, s.sent)
				}
			})
		})
	}
}

// T4: the read after the first step shows another person's closed account.
func TestAttack_aClosedAccountOfAnotherAfterTheFirstStep(t *testing.T) {
	t.Parallel()
	other := `200 {"data":{"ref":` + inesRef + `,"mail":"otto@acme.test","state":"ended"}}`
	s := &attackScript{newEvening(), map[string][]string{
		"POST /v1/people/" + inesRef + "/off": {`200 {}`},
		"GET /v1/people/" + inesRef:           {"", other},
	}, nil}
	s.run(t, twoSteps, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := c.Close(ctx, u, "", offboard.NotSent)
		t.Errorf("proof %v err %v sent %v", proof, err, s.sent)
	})
}

func TestAttack_suspendEndsClosed(t *testing.T) {
	t.Parallel()
	other := `200 {"data":{"ref":` + inesRef + `,"mail":"p` + inesRef + `@acme.test","state":"ended"}}`
	s := &attackScript{newEvening(), map[string][]string{
		"POST /v1/people/" + inesRef + "/off": {`200 {}`},
		"GET /v1/people/" + inesRef:           {"", other},
	}, nil}
	s.run(t, twoSteps, func(ctx context.Context, t *testing.T, c *declared.Client) {
		u, err := c.User(ctx, inesRef)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := c.Suspend(ctx, u)
		t.Errorf("proof %v err %v sent %v", proof, err, s.sent)
	})
}
