package rest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestAnswer_JSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"an object":          {`{"id":"u1","more":[1]}`, true},
		"blanks around":      {" \n{\"id\":\"u1\"}\n ", true},
		"nothing":            {``, false},
		"blanks":             {`  `, false},
		"HTML":               {`<!DOCTYPE html><html><body>Sign in</body></html>`, false},
		"text":               {`OK`, false},
		"half an object":     {`{"id":"u`, false},
		"a number as the id": {`{"id":7}`, false},
		"an array":           {`[]`, false},
		"two values":         {`{"id":"u1"}{"id":"u2"}`, false},
		"one brace too many": {`{"id":"u1"}}`, false},
		"text after it":      {`{"id":"u1"} oops`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{answer: func(*http.Request) (*http.Response, error) {
				return response(200, c.body, "Content-Type", "text/x"), nil
			}}
			answer, err := client(t, v, nil).Read(t.Context(), get)
			if err != nil {
				t.Fatal(err)
			}
			var body struct {
				ID string `json:"id"`
			}
			err = answer.JSON(&body)
			if !c.ok {
				wantMalformed(t, err)
			} else if err != nil || body.ID != "u1" {
				t.Errorf("got id %q and %v, want u1", body.ID, err)
			}
		})
	}
}

// wantMalformed wants the error of a 200 that cannot be read.
func wantMalformed(t *testing.T, err error) {
	t.Helper()
	var fault *rest.Error
	switch {
	case !errors.As(err, &fault) || fault.Status != 200:
		t.Errorf("got %v, want an Error with status 200", err)
	case !strings.Contains(err.Error(), "text/x"):
		t.Errorf("got %q, want the content type in it", err)
	case !offboard.Ambiguous(err):
		t.Errorf("got an error that is not ambiguous, want it left open what a 200 that cannot be read has done")
	}
}

func TestCalls_boundTheBody(t *testing.T) {
	t.Parallel()
	const limit = 8 << 20
	for name, do := range calls {
		for size, ok := range map[int]bool{limit: true, limit + 1: false, 10 << 20: false} {
			v := &vendor{
				answer: func(*http.Request) (*http.Response, error) { return response(200, strings.Repeat("x", size)), nil },
			}
			answer, err := do(client(t, v, nil), t.Context(), get)
			switch {
			case ok && (err != nil || len(answer.Body) != size):
				t.Errorf("%s of %d bytes: got %d bytes and %v, want all of them", name, size, len(answer.Body), err)
			case !ok && (err == nil || !offboard.Ambiguous(err)):
				t.Errorf("%s of %d bytes: got %v, want an ambiguous error", name, size, err)
			case v.count() != 1:
				t.Errorf("%s of %d bytes: got %d requests, want 1", name, size, v.count())
			}
		}
	}
}
