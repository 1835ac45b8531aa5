package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
)

// Two answers within the limit of 8 MiB are compared in time: each lab with each row would take
// hours, whatever the deadline says.
func TestHostile_manyLabsAndManyRowsEndInTime(t *testing.T) {
	t.Parallel()
	var labs, rows strings.Builder
	for i := range 200_000 {
		if i > 0 {
			labs.WriteByte(',')
		}
		fmt.Fprintf(&labs, `{"LabInstanceId":%d}`, 1_000_000+i)
	}
	for i := range 500_000 {
		if i > 0 {
			rows.WriteByte(',')
		}
		rows.WriteString(`{"Id":1}`)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/search") {
			_, _ = fmt.Fprintf(w, `{"Status":1,"TotalResults":1,"Results":[%s]}`, rows.String())
			return
		}
		_, _ = fmt.Fprintf(w, `{"Status":1,"RunningLabs":[%s],"SavedLabs":[]}`, labs.String())
	}))
	t.Cleanup(server.Close)
	client, err := skillable.New(rest.Config{APIKey: "mock-key-4711", BaseURL: server.URL, Transport: rest.NewTransport()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := client.User(ctx, "emp-3107")
		t.Log(err)
	}()
	select {
	case <-ended:
	case <-time.After(40 * time.Second):
		t.Error("still reading one user after 40 s, with a deadline of 10 s")
	}
}

// A page of rows that cannot be read is no list. It ends with one error, and costs no more time and
// memory than a page of users.
func TestHostile_aPageOfUnreadableRowsIsNoList(t *testing.T) {
	t.Parallel()
	rows := strings.Repeat("0,", 100_000) + "0"
	forEachLiar(t, vendorCases, func(t *testing.T, v vendorCase, f *liar) {
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case at == "/runningandsavedlabs":
				return say(w, 200, fmt.Sprintf(`{"Status":1,"RunningLabs":[%s],"SavedLabs":[]}`, rows))
			case v.hasList() && strings.HasSuffix(at, v.lossy.list):
				page := v.hall(&manyUsers{v: v, n: 1, rows: []string{"ROWS"}}, r)
				return say(w, 200, strings.Replace(page, "ROWS", rows, 1))
			}
			return false
		}
		_, diags := f.process(t).data(v.kind.typeName()+"s", v.kind.configOf(attributes{}))
		if len(diags) != 1 || !strings.Contains(diags.errors(), "10000 of its 100001 rows cannot be read") {
			t.Errorf(
				"got %d diagnostics that end in %q, want one that tells how many rows",
				len(diags),
				last(diags.errors(), 200),
			)
		}
	})
}

// last returns the end of a text.
func last(s string, length int) string { return s[max(0, len(s)-length):] }
