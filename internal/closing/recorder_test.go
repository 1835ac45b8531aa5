package closing_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/closing"
	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// status answers each request with a status and no body.
type status int

func (s status) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(s), Body: http.NoBody, Header: http.Header{}, Request: req}, nil
}

// ask sends one request with a context that a recorder watches.
func ask(ctx context.Context, t *testing.T, method string) {
	t.Helper()
	client, err := rest.New(
		rest.Config{APIKey: "a-key-of-acme", BaseURL: "http://127.0.0.1:1", Transport: status(http.StatusOK)},
		rest.API{},
	)
	if err != nil {
		t.Fatal(err)
	}
	send := client.Read
	if method != http.MethodGet {
		send = client.Change
	}
	if _, err := send(ctx, rest.Request{Method: method, Path: []string{"users", "7"}}); err != nil {
		t.Fatal(err)
	}
}

func intent() evidence.Intent {
	return evidence.Intent{
		Account: evidence.Account{Vendor: "sfox", Tenant: "api.sfox.test/v1", ID: "7"},
		Email:   inesEmail, Name: inesName, Status: "active", Action: evidence.Close,
	}
}

func closures(t *testing.T, path string) []evidence.Closure {
	t.Helper()
	h, err := evidence.Read(t.Context(), path)
	if err != nil || h.Broken != nil {
		t.Fatalf("got %v and %v, want a whole log", err, h.Broken)
	}
	return h.Closures
}

func TestRecorder_recordsAClosure(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	ctx, recording := closing.NewRecorder(evidence.New(path), closing.RunInfo{Reason: "HR-1", Version: "1.2.3"}).
		Watch(t.Context())
	ask(ctx, t, http.MethodGet)
	if err := recording.Begin(ctx, intent(), evidence.Conditions{}); err != nil {
		t.Fatal(err)
	}
	ask(ctx, t, http.MethodDelete)
	ask(ctx, t, http.MethodGet)
	offboard.ResetProof(ctx)
	ask(ctx, t, http.MethodGet)
	if err := recording.End(ctx, evidence.Outcome{Result: evidence.Closed, Proof: "It is gone."}); err != nil {
		t.Fatal(err)
	}
	c := closures(t, path)[0]
	if c.Reason != "HR-1" || c.ProviderVersion != "1.2.3" || c.Outcome.Result != evidence.Closed {
		t.Errorf("got %+v, want the reason, the version and the result", c)
	}
	var got []string
	for _, r := range c.Outcome.Requests {
		got = append(got, r.Method+map[bool]string{true: " proof", false: ""}[r.Proof])
	}
	if want := "GET, DELETE, GET, GET proof"; strings.Join(got, ", ") != want {
		t.Errorf("got the requests %q, want %q", got, want)
	}
}

// What proves nothing marks no request as proof.
func TestRecorder_marksNoProofOfARefusal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	ctx, recording := closing.NewRecorder(evidence.New(path), closing.RunInfo{}).Watch(t.Context())
	ask(ctx, t, http.MethodGet)
	if err := recording.Refused(ctx, intent(), "read_only"); err != nil {
		t.Fatal(err)
	}
	o := closures(t, path)[0].Outcome
	if o.Result != evidence.RefusedByGuard || o.Guard != "read_only" || len(o.Requests) != 1 || o.Requests[0].Proof {
		t.Errorf("got %+v, want a refusal by read_only and no proof", o)
	}
}

// Without evidence_log nothing is written, and nothing stands in the way.
func TestRecorder_nil(t *testing.T) {
	t.Parallel()
	var none *closing.Recorder
	ctx, recording := none.Watch(t.Context())
	_, earlier := none.Earlier(ctx, intent().Account)
	for name, err := range map[string]error{
		"check": none.Check(ctx), "earlier": earlier, "begin": recording.Begin(ctx, intent(), evidence.Conditions{}),
		"end":     recording.End(ctx, evidence.Outcome{}),
		"whole":   recording.BeginAndEnd(ctx, intent(), evidence.Outcome{}),
		"refused": recording.Refused(ctx, intent(), "person"),
	} {
		if err != nil {
			t.Errorf("%s: got %v, want nothing", name, err)
		}
	}
}

// With a log that cannot be written nothing begins. At plan its value may only not be known yet.
func TestRecorder_unusable(t *testing.T) {
	t.Parallel()
	problem := errors.New("it is not known")
	r := closing.UnusableRecorder(nil, problem)
	ctx, recording := r.Watch(t.Context())
	_, earlier := r.Earlier(ctx, intent().Account)
	for name, c := range map[string]struct{ got, want error }{
		"check": {r.Check(ctx), nil}, "earlier": {earlier, problem},
		"begin":   {recording.Begin(ctx, intent(), evidence.Conditions{}), problem},
		"whole":   {recording.BeginAndEnd(ctx, intent(), evidence.Outcome{}), problem},
		"refused": {recording.Refused(ctx, intent(), "person"), nil},
	} {
		if !errors.Is(c.got, c.want) || c.want == nil && c.got != nil {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}
}

// If only the reason is not known, the log is read, and nothing is written to it.
func TestRecorder_readsTheLogThatItCannotWrite(t *testing.T) {
	t.Parallel()
	path, problem := filepath.Join(t.TempDir(), "log"), errors.New("it is not known")
	if err := evidence.New(path).Record(t.Context(), intent(), evidence.Outcome{Result: evidence.Closed}); err != nil {
		t.Fatal(err)
	}
	r := closing.UnusableRecorder(evidence.New(path), problem)
	ctx, recording := r.Watch(t.Context())
	if logged, err := r.Earlier(ctx, intent().Account); err != nil || !logged.Proven {
		t.Errorf("got %+v, %v, want what the log tells", logged, err)
	}
	if err := recording.Begin(ctx, intent(), evidence.Conditions{}); !errors.Is(err, problem) {
		t.Errorf("begin: got %v, want %v", err, problem)
	}
	if err := recording.BeginAndEnd(ctx, intent(), evidence.Outcome{}); !errors.Is(err, problem) {
		t.Errorf("whole: got %v, want %v", err, problem)
	}
	if err := recording.Refused(ctx, intent(), "person"); err != nil || len(closures(t, path)) != 1 {
		t.Errorf("refused: got %v and %d closures, want nothing written", err, len(closures(t, path)))
	}
}

// A log that cannot be read is asked once in a run, and tells once at plan.
func TestRecorder_asksOnceForALogThatCannotBeRead(t *testing.T) {
	t.Parallel()
	path := t.TempDir() // a directory is no file
	r := closing.NewRecorder(evidence.New(path), closing.RunInfo{})
	if r.Check(t.Context()) == nil || r.Check(t.Context()) != nil {
		t.Error("want that the plan is told once")
	}
	_, first := r.Earlier(t.Context(), intent().Account)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, second := r.Earlier(t.Context(), intent().Account); first == nil || !errors.Is(second, first) {
		t.Errorf("got %v and then %v, want the same error of one reading", first, second)
	}
}

func TestRecorder_tellsOfEarlierClosures(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	r := closing.NewRecorder(evidence.New(path), closing.RunInfo{})
	ctx, recording := r.Watch(t.Context())
	if err := recording.BeginAndEnd(
		ctx,
		intent(),
		evidence.Outcome{Result: evidence.Unproven, Sent: evidence.Accepted},
	); err != nil {
		t.Fatal(err)
	}
	logged, err := r.Earlier(t.Context(), intent().Account)
	if err != nil || logged.Sent != evidence.Accepted || logged.Person.Email != inesEmail {
		t.Errorf("got %+v, %v, want the accepted call", logged, err)
	}
}
