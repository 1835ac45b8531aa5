package provider

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
)

// Skillable takes one closing call a minute, and answers HTTP 429 to others, without a Retry-After.
// One call counted rows, and the second one, which is to prove it, comes after a minute.
func TestHostile_skillableWaitsForTheCallThatProvesTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := skillableCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		var last time.Time
		taken, refused := 0, 0
		f.answer = func(w http.ResponseWriter, _ *http.Request, at string) bool {
			if at != "/CloseUserAccount" {
				return false
			}
			if !last.IsZero() && time.Since(last) < time.Minute {
				refused++
				return say(w, 429, `{}`)
			}
			last = time.Now()
			taken++
			return false
		}
		began := time.Now()
		if after, diags := f.apply(t, d, p); !after.gone() {
			t.Errorf("after %s of ten minutes, %d calls and %d times 429: %q; %q",
				time.Since(began), taken, refused, diags.errors(), f.outcome(t).Error)
		}
	})
}

// pipes is a listener whose connections take a while to make.
type pipes struct {
	conns chan net.Conn
	takes time.Duration
}

func (p *pipes) Accept() (net.Conn, error) {
	conn, ok := <-p.conns
	if !ok {
		return nil, http.ErrServerClosed
	}
	return conn, nil
}
func (p *pipes) Close() error   { return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	select {
	case <-time.After(p.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	here, there := net.Pipe()
	p.conns <- there
	return here, nil
}

// Every connection takes 2.5 seconds, as through a VPN or a proxy that reads TLS. Ten users, as many
// as Terraform closes side by side, are all to be closed, within the ten minutes of the default.
func TestHostile_tenClosingsOnSlowConnectionsAllEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mock.New("k-1234567890-abcdef")
		p := &pipes{conns: make(chan net.Conn), takes: 2500 * time.Millisecond}
		server := &http.Server{Handler: s}
		go func() { _ = server.Serve(p) }()
		transport := &http.Transport{DialContext: p.dial, MaxIdleConnsPerHost: 64}
		c, err := skillable.New(rest.Config{
			APIKey: "k-1234567890-abcdef", BaseURL: "http://127.0.0.1:1/skillable/api/v3", Transport: transport,
		})
		if err != nil {
			t.Fatal(err)
		}
		const users = 10
		for i := range users {
			s.Skillable.Add(
				mock.SkillableUser{
					ID:      fmt.Sprint("emp-", i),
					Name:    fmt.Sprint("N ", i),
					Email:   fmt.Sprint("e", i, "@acme.test"),
					History: 2,
				},
			)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		began := time.Now()
		var all sync.WaitGroup
		for i := range users {
			all.Go(func() {
				u, err := c.User(ctx, fmt.Sprint("emp-", i))
				if err != nil {
					t.Error(err)
					return
				}
				_, err = c.Close(offboard.WithReadTime(ctx, time.Now()), u, skillable.CloseOptions{Shown: true})
				if err != nil {
					t.Errorf("emp-%d after %s: %v", i, time.Since(began), err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took > time.Minute {
			t.Errorf("got all closed after %s, want each closure to use the connections that it waited for", took)
		}
		transport.CloseIdleConnections()
		close(p.conns)
		_ = server.Close()
	})
}
