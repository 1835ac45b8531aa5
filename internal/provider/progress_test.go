package provider

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// linesOf are the lines of a log with a message in them.
func linesOf(log *bytes.Buffer, message string) []string {
	var lines []string
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, message) {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestProgress_aListSaysHowManyUsersItRead(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		users := v.addMany(w.mock, 60)
		d, log := newDriver(t, w, nil), &bytes.Buffer{}
		schema := d.schema.DataSourceSchemas[v.kind.typeName()+"s"]
		_, err := d.server.ReadDataSource(tflogtest.RootLogger(t.Context(), log), &tfprotov6.ReadDataSourceRequest{
			TypeName: v.kind.typeName() + "s",
			Config:   d.dynamic(object(schema.ValueType(), v.kind.configOf(attributes{"exclude_ids": users[:1]}))),
		})
		if err != nil {
			t.Fatal(err)
		}
		if lines := linesOf(log, "read the list of users"); len(lines) != 1 || !strings.Contains(lines[0], `"users_read":`) ||
			!strings.Contains(lines[0], `"users_found":`) {
			t.Errorf("got %q, want one line with two numbers", lines)
		}
	})
}

func TestProgress_aSharedReadSaysHowManyUsersItRead(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		users := v.addMany(w.mock, 60)
		d, log := newDriver(t, w, nil), &bytes.Buffer{}
		for _, id := range users {
			m := d.mustImport(v.kind, id)
			_, err := d.server.ReadResource(tflogtest.RootLogger(t.Context(), log), &tfprotov6.ReadResourceRequest{
				TypeName: m.typeName, CurrentState: d.dynamic(m.state), Private: m.private,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if lines := linesOf(log, "the list of users"); len(lines) == 0 || !strings.Contains(lines[len(lines)-1], `"users":`) {
			t.Errorf("got %q, want a line with the number of users", lines)
		}
	})
}

// A proof that takes long says whose closing it waits for, and no e-mail address.
func TestProgress_aLongProofSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		synctest.Test(t, func(t *testing.T) {
			s := mock.New(mockKey)
			v.add(s)
			v.slow(s, 3)
			d, log := virtualDriver(t, s, nil), &bytes.Buffer{}
			p, _ := d.planDestroy(d.mustImport(v.kind, v.id))
			if after, diags := d.apply(tflogtest.RootLogger(t.Context(), log), p); !after.gone() {
				t.Fatalf("%s: got %q, want the user closed", v.kind.title, diags.errors())
			}
			lines := linesOf(log, "waiting for the vendor to show the effect")
			if len(lines) == 0 || !strings.Contains(lines[0], fmt.Sprintf(`"id":%q`, v.id)) ||
				!strings.Contains(lines[0], fmt.Sprintf(`"vendor":%q`, v.kind.name)) {
				t.Errorf("%s: got %q, want a line that names the user", v.kind.title, lines)
			}
			if strings.Contains(log.String(), inesEmail) || strings.Contains(log.String(), mockKey) {
				t.Errorf("%s: got an e-mail address or a key in the log", v.kind.title)
			}
		})
	}
}

// Configurations of one provider process that point at the same vendor keep one pace together.
func TestProgress_aliasesShareOneBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, provide := mock.New(mockKey), New("test")
		users := konstantlyCase.addMany(s, 60)
		slow := attributes{
			"konstantly": attributes{
				"api_key":             mockKey,
				"base_url":            "http://127.0.0.1:1" + prefixes["konstantly"],
				"requests_per_second": 1,
			},
		}
		started := time.Now()
		var all sync.WaitGroup
		for range 2 {
			p := provide().(*offboardProvider)
			p.transport = mock.Transport{Handler: s}
			d := driverOf(t, p, "http://127.0.0.1:1", slow)
			all.Go(func() { d.refresh(konstantlyKind, users[:1]) })
			all.Go(func() { d.refresh(konstantlyKind, users[1:2]) })
		}
		all.Wait()
		got, want := time.Since(started), time.Duration(len(s.Requests())-1)*time.Second
		if got != want || len(s.Requests()) < 4 {
			t.Errorf("got %d requests of both in %s, want %s", len(s.Requests()), got, want)
		}
	})
}
