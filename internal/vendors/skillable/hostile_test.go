package skillable_test

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
			s.Skillable.Add(mock.SkillableUser{ID: fmt.Sprint("emp-", i), Name: fmt.Sprint("N ", i), Email: fmt.Sprint("e", i, "@acme.test"), History: 2})
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
		t.Logf("took %s", time.Since(began))
		transport.CloseIdleConnections()
		close(p.conns)
		_ = server.Close()
	})
}
