package provider

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// Somebody deactivates Ines by hand. The vendor first replaces her address, and a refresh sees that. Then it shows her
// as closed. A trace under the address of the import is still there, whether or not an apply has confirmed the new one.
func TestHostile_aTraceUnderTheImportedAddress(t *testing.T) {
	t.Parallel()
	for _, confirmed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			mail, state := "ines@acme.test", "on"
			v := &evening{say: func(r *http.Request) (int, string) {
				switch {
				case r.URL.Path == "/v1/seats" && r.URL.Query().Get("of") == "ines@acme.test":
					return 200, `{"data":["s1"]}`
				case r.URL.Path == "/v1/seats":
					return 200, `{"data":[]}`
				case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, eveningID):
					return 200, `{"data":` + eveningRow(eveningID, mail, state) + `}`
				}
				return 0, ""
			}}
			log := filepath.Join(t.TempDir(), "log.jsonl")
			process := func() *driver {
				return v.process(t, log, `
trace "seats" {
  path  = ["seats"]
  query = { of = user.email }
  found = answer.json.data
}
`)
			}
			m := process().mustImport(eveningKind, eveningID)
			mail = "deleted-9@vendor.invalid"
			m, _ = process().read(m)
			if confirmed {
				m = process().applyBlock(m, attributes{"vendor": "evening", "id": eveningID, "email": mail})
			}
			state = "ended"
			time.Sleep(time.Hour)
			m, _ = process().read(m)
			if m.text("status") == "closed" {
				t.Error("got the status closed")
			}
			p, diags := process().planDestroy(m)
			if diags.errors() != "" {
				return
			}
			after, _ := process().apply(t.Context(), p)
			if o := lastOutcome(t, log); after.gone() || o.Result.Done() {
				t.Errorf("got gone %t and %q with the proof %q", after.gone(), o.Result, o.Proof)
			}
		})
	}
}

// One night, a key of another organization, or a replica, shows another user under the ID of Ines. Later that user is
// shown as closed. The account of Ines is another one, whoever was seen last.
func TestHostile_theTombstoneOfWhoWasSeenLast(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{ecgridCase, ecgridTwin} {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newLiar(t, v)
				m := f.process(t).mustImport(v.kind, v.id)
				v.put(f.mock, v.id, "Zoe Kern", "zoe@other.test")
				m, _ = f.process(t).read(m)
				v.drop(f.mock, v.id)
				time.Sleep(24 * time.Hour)
				m, diags := f.process(t).read(m)
				if m.text("status") == "closed" {
					t.Errorf("got the status closed and %q", diags.warnings())
				}
				p, diags := f.process(t).planDestroy(m)
				if diags.errors() != "" {
					return
				}
				after, diags := f.apply(t, f.process(t), p)
				if o := f.outcome(t); after.gone() || o.Result.Done() {
					t.Errorf("got gone %t, %q and %q", after.gone(), o.Result, diags.warnings())
				}
			})
		})
	}
}

// One night, the key is that of another company, which shows Otto under the ID of Ines. Then Otto is gone there. The
// account of Ines is still open in the first company.
func TestHostile_whoIsGoneInAnotherCompany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		otto := strings.NewReplacer("Ines", "Otto", "ines", "otto").Replace(teamInes)
		c := twoCompanies(otto)
		log := filepath.Join(t.TempDir(), "log.jsonl")
		m := c.process(t, log).mustImport(teamKind, "123456")
		c.company = "88002"
		m, told := c.process(t, log).read(m)
		if !strings.Contains(told.warnings(), "other rights than before") {
			t.Errorf("got %q, want a warning of the other rights", told.warnings())
		}
		c.people["88002"] = teamOtto
		time.Sleep(24 * time.Hour)
		m, told = c.process(t, log).read(m)
		if m.text("status") == "closed" {
			t.Errorf("got the status closed and %q", told.warnings())
		}
		c.company = "77001"
		if m, told = c.process(t, log).read(m); m.text("status") != "active" || told.warnings() != "" {
			t.Errorf("got the status %q and %q, want it active with the first key", m.text("status"), told.warnings())
		}
		c.people["77001"] = teamOtto
		if m, told = c.process(t, log).read(m); m.text("status") != "closed" {
			t.Errorf("got the status %q and %q, want it closed in its own company", m.text("status"), told.warnings())
		}
	})
}

// The same at ECGrid, where other users of the other network show that the key sees something.
func TestHostile_whoIsGoneInAnotherNetwork(t *testing.T) {
	t.Parallel()
	forEachLiar(t, []vendorCase{ecgridCase, ecgridTwin}, func(t *testing.T, v vendorCase, f *liar) {
		t.Helper()
		anotherNetwork := func(people ...string) *mock.Server {
			s := mock.New(mockKey)
			for _, id := range append(people, v.other) {
				v.put(s, id, "Zoe "+id, "zoe-"+id+"@other.test")
				s.ECGrid.Update(number(id), func(u *mock.ECGridUser) { u.NetworkID = 15 })
			}
			s.ECGrid.Update(7, func(u *mock.ECGridUser) { u.NetworkID = 15 })
			return s
		}
		m, first := f.process(t).mustImport(v.kind, v.id), f.mock
		f.mock = anotherNetwork(v.id)
		m, _ = f.process(t).read(m)
		f.mock = anotherNetwork()
		time.Sleep(24 * time.Hour)
		m, diags := f.process(t).read(m)
		if m.text("status") == "closed" {
			t.Errorf("got the status closed and %q", diags.warnings())
		}
		f.mock = first
		if m, diags = f.process(t).read(m); m.text("status") != "active" || diags.warnings() != "" {
			t.Errorf("got the status %q and %q, want it active with the first key", m.text("status"), diags.warnings())
		}
	})
}
