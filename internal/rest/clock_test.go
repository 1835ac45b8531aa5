package rest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

func TestClock_showsTheDateOfTheLastAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().UTC()
		var date string
		clock := &rest.Clock{}
		c, err := rest.New(rest.Config{
			APIKey: "key-4711-key", BaseURL: "http://127.0.0.1:1/v2", Clock: clock,
			Transport: mock.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Date"] = []string{date}
				w.WriteHeader(http.StatusNotFound)
			})},
		}, rest.API{Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(header string) {
			t.Helper()
			date = header
			if _, err := c.Read(t.Context(), rest.Request{Method: http.MethodGet, Path: []string{"users"}}); err != nil {
				t.Fatal(err)
			}
		}
		want := func(at time.Time) {
			t.Helper()
			if got := clock.Now(); !got.Equal(at) {
				t.Errorf("got %s, want %s", got, at)
			}
		}
		want(time.Time{})
		ask("today")
		want(time.Time{})
		ask(start.Add(-time.Hour).Format(http.TimeFormat))
		want(start.Add(-time.Hour))
		time.Sleep(time.Minute)
		want(start.Add(-59 * time.Minute))
		ask("") // which leaves what the answer before it has told
		want(start.Add(-59 * time.Minute))
		ask(start.Format(http.TimeFormat))
		want(start)
		var none *rest.Clock
		if got := none.Now(); !got.IsZero() {
			t.Errorf("got %s from no clock, want the zero time", got)
		}
	})
}
