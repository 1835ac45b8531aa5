package rest_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// Every attempt is kept with its body, which the caller can still read. The client's own question
// whether the key still works is not.
func TestWithAnswers_keepsEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := []int{503, 401, 200}
		v := &vendor{}
		v.answer = func(*http.Request) (*http.Response, error) {
			return response(answers[min(v.count(), len(answers))-1], `{"n":1}`), nil
		}
		var kept []rest.Kept
		ctx := rest.WithAnswers(t.Context(), func(k rest.Kept) { kept = append(kept, k) })
		answer, err := client(t, v, nil).Read(ctx, rest.Request{Method: "GET", Path: []string{"users", "u1"}, Secret: true})
		if err != nil || string(answer.Body) != `{"n":1}` {
			t.Errorf("got %s and %v, want the answer", answer.Body, err)
		}
		var got []int
		for _, k := range kept {
			got = append(got, k.Status)
			if string(k.Body) != `{"n":1}` || k.Path != "/api/users/u1" || k.Change || !k.Secret {
				t.Errorf("got %+v, want the answer to the read", k)
			}
		}
		if len(got) != 2 || got[0] != 503 || got[1] != 401 {
			t.Errorf("got the attempts %v, want 503 and 401", got)
		}
	})
}
