package provider

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/skillable"
)

// A site has two custom attributes whose names differ in letter case only. They are keys of an
// object in the row of a colleague, and nothing is decoded from it.
func TestHostile_customAttributesOfAColleagueKeepNobodyFromBeingClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, konstantlyCase)
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if r.Method != http.MethodGet || !strings.HasPrefix(at, "/users") {
				return false
			}
			rec := httptest.NewRecorder()
			f.mock.ServeHTTP(rec, r)
			return say(w, rec.Code, strings.ReplaceAll(rec.Body.String(), `"attributes":{}`, `"attributes":{"Team":1,"team":"x"}`))
		}
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(konstantlyKind, konstantlyCase.id))
		after, _ := f.apply(t, d, p)
		if got := f.outcome(t).Result; !after.gone() || got != evidence.Closed {
			t.Errorf("got gone %v and %q, want closed: the account is deleted, and the list shows colleagues", after.gone(), got)
		}
	})
}

// An administrator activates the user again just after the block: the leaver stays. The site refuses
// the deletion with HTTP 422. The message must say so, and must not say that the site accepted the
// closing call; nothing is to be waited for.
func TestHostile_aDeletionThatIsRefusedIsNotSaidToBeAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		deletions := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			switch {
			case r.Method == http.MethodPost && at == "/users/blocked":
				rec := httptest.NewRecorder()
				f.mock.ServeHTTP(rec, r)
				f.mock.Konstantly.Update(v.id, func(u *mock.KonstantlyUser) { u.Blocked = false })
				return say(w, rec.Code, rec.Body.String())
			case r.Method == http.MethodDelete:
				deletions++
			}
			return false
		}
		began := time.Now()
		after, diags := f.apply(t, d, p)
		took := time.Since(began)
		text := diags.errors()
		if after.gone() || deletions != 1 || strings.Contains(text, "accepted the closure") ||
			strings.Contains(text, "closing call was accepted") || !strings.Contains(text, "422") || took > time.Minute {
			t.Errorf("after %s and %d deletions, all refused: %q", took, deletions, text)
		}
	})
}

// The block takes effect late, so that the deletion is refused. Then the site cannot be read any
// more. No closing call was accepted, and the user is blocked.
func TestHostile_aRefusedDeletionIsNotSaidToBeAcceptedWhenReadsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, v.id), "60s"))
		deletions := 0
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodDelete {
				deletions++
				return say(w, 422, `{"status":422,"message":"the user is not blocked"}`)
			}
			return deletions > 0 && say(w, 503, `{}`)
		}
		_, diags := f.apply(t, d, p)
		if text := diags.errors(); strings.Contains(text, "The call was accepted") || !strings.Contains(text, "block") {
			t.Errorf("%d deletions, all refused: %q", deletions, text)
		}
	})
}

// The key is that of the administrator of the root mailbox, and sees its users alone. The account is
// in mailbox 880 and open. What the key does not show is not shown to be gone.
func TestHostile_aKeyOfTheRootMailboxDoesNotShowThatAnAccountIsGone(t *testing.T) {
	user := func(id, login, level string) string {
		return `{"userId":` + id + `,"login":"` + login + `","email":"` + login + `@acme.test","firstName":"A","lastName":"` +
			login + `","networkId":12,"mailboxId":0,"authLevel":"` + level + `","status":"Active"}`
	}
	for name, by := range map[string]attributes{"id": {"id": ecgridCase.id}, "email": {"email": inesEmail}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, ecgridCase)
				mia, ben := user("555", "mia", "MailboxAdmin"), user("556", "ben", "MailboxUser")
				f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
					switch at {
					case "/users/me":
						return say(w, 200, `{"success":true,"data":`+mia+`}`)
					case "/users/list":
						body, _ := io.ReadAll(r.Body)
						if strings.Contains(string(body), `"pageNo":1,`) {
							return say(w, 200, `{"success":true,"data":[`+mia+`,`+ben+`]}`)
						}
						return say(w, 200, `{"success":true,"data":[]}`)
					}
					return withoutInes(w, r, at)
				}
				got, diags := f.process(t).data(ecgridKind.typeName(), by)
				if got.exists() == "false" {
					t.Errorf("%v: got exists = false, want null: the account is open: %v; %q %q",
						by, ecgridCase.has(f.mock, ecgridCase.id), diags.errors(), diags.warnings())
				}
			})
		})
	}
}

// A partner has two clients, who are one person: an old account and a new one. The old one is closed.
func TestHostile_theOtherAccountOfThePersonKeepsTheLastOneNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sfoxCase
		f := newLiar(t, v)
		f.mock.SFOX.Drop(v.other)
		v.put(f.mock, "cust-new", inesName, inesEmail)
		d := f.process(t)
		m, diags := f.apply(t, d, d.mustPlanDestroy(d.mustImport(v.kind, v.id)))
		for range 2 {
			if m.gone() {
				break
			}
			d = f.process(t)
			m, _ = d.read(m)
			var p planned
			if p, diags = d.planDestroy(m); diags.errors() == "" {
				m, diags = f.apply(t, d, p)
			}
		}
		if !m.gone() {
			t.Errorf("an accepted closing stays for ever, though an empty list would end it: %q", diags.errors())
		}
	})
}

// The site shows no blocked user, and each deletion fails with HTTP 500. What the block hides is not
// deleted.
func TestHostile_aBlockThatHidesTheAccountProvesNoDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = true, true })
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			return r.Method == http.MethodDelete && say(w, 500, `{"status":500,"message":"internal error"}`)
		}
		after, _ := f.apply(t, d, p)
		if got := f.outcome(t); v.has(f.mock, v.id) && (after.gone() || got.Result == evidence.Closed) {
			t.Errorf("got gone %v and %q, and the account is only blocked: %s", after.gone(), got.Result, got.Proof)
		}
	})
}

// The same, and the run is killed between the block and the deletion, which never leaves.
func TestHostile_aBlockOfAKilledRunProvesNoDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		f.mock.Konstantly.Set(func(k *mock.Konstantly) { k.BlockedNotFound, k.HideBlocked = true, true })
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		time.Sleep(time.Second)
		f.killed(t, v, m)
		v.suspend(f.mock, v.id)
		d = f.process(t)
		m, _ = d.read(m)
		p, _ := d.planDestroy(m)
		after, _ := f.apply(t, d, p)
		if got := f.outcome(t); after.gone() && (got.Result == evidence.Closed || got.Result == evidence.AlreadyClosed) {
			t.Errorf("got gone %v and %q, and the account is only blocked: %s", after.gone(), got.Result, got.Proof)
		}
	})
}

// The answer to the block shows who it is, and leaves the role out. A read shows the rest.
func TestHostile_anAnswerToTheBlockWithoutTheRoleStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			if at != "/users/blocked" {
				return false
			}
			f.mock.ServeHTTP(httptest.NewRecorder(), r)
			return say(w, 200, `{"id":"`+v.id+`","name":"`+inesName+`","email":"`+inesEmail+`","isBanned":true}`)
		}
		if after, diags := f.apply(t, d, p); !after.gone() {
			t.Errorf("blocked and not deleted: %q", diags.errors())
		}
	})
}

// A replica answers 404 for ten seconds after the block, and each deletion fails with HTTP 502. The
// site has more users than one page of the list shows.
func TestHostile_aReplicaThatLagsAfterTheBlockProvesNoDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := konstantlyCase
		f := newLiar(t, v)
		for i := range 25 {
			v.put(f.mock, fmt.Sprint("c", i), fmt.Sprint("Colleague ", i), fmt.Sprint("c", i, "@acme.test"))
		}
		d := f.process(t)
		p := d.mustPlanDestroy(d.mustImport(v.kind, v.id))
		var until time.Time
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			time.Sleep(10 * time.Millisecond) // as every answer takes some time
			switch {
			case r.Method == http.MethodPost:
				until = time.Now().Add(10 * time.Second)
			case r.Method == http.MethodDelete:
				return say(w, 502, "bad gateway")
			case at == "/users/"+v.id && time.Now().Before(until):
				return say(w, 404, `{"status":404,"message":"not found"}`)
			}
			return false
		}
		after, _ := f.apply(t, d, p)
		if got := f.outcome(t); v.has(f.mock, v.id) && (after.gone() || got.Result == evidence.Closed) {
			t.Errorf("got gone %v and %q, and the account is only blocked: %s", after.gone(), got.Result, got.Proof)
		}
	})
}

// Skillable takes one closing call a minute, and answers HTTP 429 to others, without a Retry-After.
// One call counted rows, and the second one, which is to prove it, comes after a minute.
func TestHostile_skillableWaitsForTheCallThatProvesTheFirst(t *testing.T) {
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
