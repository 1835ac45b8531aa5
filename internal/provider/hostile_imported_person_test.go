package provider

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
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
