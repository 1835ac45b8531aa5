package provider

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/rest"
)

// addMany fills the mock with invented people and returns the ids of all users but the key's own,
// in the order of the vendor's list.
func (v vendorCase) addMany(s *mock.Server, n int) []string {
	s.Invent(n)
	all := s.Vendors()
	ids := all[slices.IndexFunc(all, func(m mock.Vendor) bool { return m.Name == v.mockName() })].IDs
	return slices.DeleteFunc(ids, func(id string) bool { return id == v.holder })
}

// refresh reads users and fails the test when one of them is not read as open.
func (d *driver) refresh(k userKind, users []string) {
	d.t.Helper()
	for _, id := range users {
		m, diags := d.importUser(k, id)
		if diags.errors() != "" || m.text("id") != id || m.text("status") == "closed" {
			d.t.Errorf("reading %s: got status %q, %s, want an open user", id, m.text("status"), diags.errors())
		}
	}
}

// spread picks k of the users, evenly.
func spread(users []string, k int) []string {
	var picked []string
	for i := range k {
		picked = append(picked, users[i*len(users)/k])
	}
	return picked
}

// A refresh never takes more than twice the requests of the better of two ways: a request for each
// user, or the pages of the list.
func TestRefresh_requests(t *testing.T) {
	t.Parallel()
	for _, v := range vendorCases {
		for _, size := range []struct{ users, of int }{
			{1, 1}, {1, 10}, {100, 100}, {100, 1000}, {5000, 5000}, {5000, 50000},
		} {
			t.Run(fmt.Sprintf("%s, %d of %d", v.kind.name, size.users, size.of), func(t *testing.T) {
				t.Parallel()
				single, list := size.users*v.reads, 0
				if v.kind.partial == "" {
					list = v.pages(size.of)
				}
				best := min(single, cmp.Or(list, single))
				got := v.refreshCost(t, size.users, size.of)
				if got > 2*best+len(v.setup) || list == 0 && got != single {
					t.Errorf("got %d requests, want at most twice %d", got, best)
				}
				t.Logf("%d requests; one by one %d, the list %d", got, single, list)
			})
		}
	}
}

// refreshCost counts the requests of a refresh of users who are spread over all, ten at once. So
// many that the mock would be slow are counted at a hall.
func (v vendorCase) refreshCost(t *testing.T, users, of int) int {
	t.Helper()
	h, s := &manyUsers{v: v, n: of}, mock.New(mockKey)
	if of > 1000 {
		v.readAll(t, h, spread(h.ids(), users))
		return int(h.requests.Load())
	}
	v.readAll(t, s, spread(v.addMany(s, of), users))
	return len(s.Requests())
}

// readAll reads users for showing, as Read does, without the plugin protocol around it.
func (v vendorCase) readAll(t *testing.T, handler http.Handler, users []string) {
	t.Helper()
	config := rest.Config{
		APIKey:            mockKey,
		BaseURL:           "http://127.0.0.1:1" + v.prefix(),
		RequestsPerSecond: 100000,
		Transport:         mock.Transport{Handler: handler},
	}
	session, err := v.kind.connect(config, "")
	if err != nil {
		t.Fatal(err)
	}
	slots := make(chan struct{}, 10)
	var all sync.WaitGroup
	for _, id := range users {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if u, err := session.refresh(t.Context(), id); err != nil || u.user().ID != id {
				t.Errorf("reading %s: got %+v, %v, want the user", id, u, err)
			}
		})
	}
	all.Wait()
}

// However a user comes into the state, by a read or from the list, it is the same.
func TestRefresh_isTheSameBothWays(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		users, d := v.addMany(w.mock, 100), newDriver(t, w, nil)
		d.refresh(v.kind, users)
		before := len(w.mock.Requests())
		for _, id := range users {
			fromList, diags := d.importUser(v.kind, id)
			if alone := newDriver(t, w, nil).mustImport(v.kind, id); diags != nil || !fromList.state.Equal(alone.state) {
				t.Errorf("%s: got %s from the list, %s by itself", id, fromList.state, alone.state)
			}
		}
		each := 1
		switch {
		case v.setup != nil:
			each += len(v.setup) // in each process
		case v.holder != "":
			each = 2 // and the key's own user, in each process
		}
		if got, want := len(w.mock.Requests())-before, each*len(users); got != want {
			t.Errorf("got %d requests, want %d: those for each user by itself, none for the list", got, want)
		}
	})
}

// A list that leaves details out is not used: what a read shows counts.
func TestRefresh_aPoorListIsNotUsed(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		p := v.lossy
		p.next = w.mock
		d, alone := virtualDriver(t, &p, nil), virtualDriver(t, w.mock, nil)
		for i := range 50 {
			id := strconv.Itoa(100 + i)
			v.put(w.mock, id, "N N", "n@acme.test")
			if v.suspend != nil {
				v.suspend(w.mock, id)
			}
		}
		for i := range 50 {
			id := strconv.Itoa(100 + i)
			if got, want := d.mustImport(v.kind, id).state, alone.mustImport(v.kind, id).state; !got.Equal(want) {
				t.Errorf("user %s: got %s, want %s, as a read shows it", id, got, want)
			}
		}
		if p.used == 0 {
			t.Error("got no list with something left out, want one")
		}
	})
}

// What was closed elsewhere is not in the list, or stands there as terminated, and is looked at by
// itself.
func TestRefresh_whoIsMissingInTheListIsRead(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		users := v.addMany(w.mock, 60)
		d := newDriver(t, w, nil)
		var states []managed
		for _, id := range users {
			states = append(states, d.mustImport(v.kind, id))
		}
		v.drop(w.mock, users[40])
		d = newDriver(t, w, nil)
		for i, m := range states {
			m, diags := d.read(m)
			want := states[i].text("status")
			if i == 40 {
				want = "closed"
			}
			if got := m.text("status"); got != want || diags.errors() != "" {
				t.Errorf("%s: got status %q, %s, want %s", users[i], got, diags.errors(), want)
			}
		}
	})
}

// The closing and everything after a write ask the vendor itself.
func TestRefresh_theListIsOnlyForShowing(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		users, d := v.addMany(w.mock, 60), newDriver(t, w, nil)
		d.refresh(v.kind, users) // the list is read
		m := d.mustImport(v.kind, v.id)
		v.email(w.mock, v.id, "somebody.else@acme.test")
		if after, diags := d.apply(t.Context(), reviewed(m)); after.gone() ||
			!strings.Contains(diags.errors(), "somebody.else@acme.test") {
			t.Errorf("closing: got %q, want the live account", diags.errors())
		}
		v.email(w.mock, v.id, inesEmail)
		if after, diags := d.destroy(m); !after.gone() {
			t.Fatalf("closing: got %q, want the user closed", diags.errors())
		}
		before := len(w.mock.Requests())
		other := d.mustImport(v.kind, v.other)
		if got := len(w.mock.Requests()) - before; got != 1 || other.text("email") != ottoEmail {
			t.Errorf("a read after a closing: got %d requests, want 1", got)
		}
	})
}

// A plan that would create somebody looks at the vendor itself. A user that this run has refreshed
// is in the state: that plan would replace it.
func TestRefresh_aCreationIsLookedUpAnew(t *testing.T) {
	t.Parallel()
	forEachList(t, func(t *testing.T, v vendorCase, w *testEnv) {
		users, d := v.addMany(w.mock, 60), newDriver(t, w, nil)
		refreshed := slices.DeleteFunc(users, func(id string) bool { return id == v.id })
		d.refresh(v.kind, refreshed)
		v.drop(w.mock, v.id)
		v.drop(w.mock, refreshed[0])
		_, diags := d.planBlock(v.unmanaged(), attributes{"id": v.id})
		if diags.errors() != "" || !strings.Contains(diags.warnings(), " to import") {
			t.Errorf("got %q and %q, want a warning that there is nobody to import", diags.errors(), diags.warnings())
		}
		_, diags = d.planBlock(v.unmanaged(), attributes{"id": refreshed[0]})
		if !strings.Contains(diags.errors(), "cannot be replaced") {
			t.Errorf("got %q, want a replacement refused", diags.errors())
		}
	})
}
