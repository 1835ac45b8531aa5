package provider

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// proven reports whether the log proves the account of Ines Varga as closed.
func proven(t *testing.T, log string, v vendorCase, m managed) bool {
	t.Helper()
	earlier, err := evidence.New(log).Earlier(t.Context(), evidence.Account{
		Vendor: v.kind.name, Tenant: m.text("tenant"), ID: v.id, KeyHash: ownerOf(v, m),
	})
	if err != nil {
		t.Fatal(err)
	}
	return earlier.Proven
}

// The closing is proven. A state from before it is restored, and a destroy under read_only is
// refused before anything is asked. Nothing has shown the account as open.
func TestHostile_aRefusalThatAskedNothingRefutesNoProof(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		backup := d.mustImport(v.kind, v.id)
		p := d.mustPlanDestroy(backup)
		time.Sleep(time.Minute)
		if after, diags := f.process(t).apply(t.Context(), p); !after.gone() || !proven(t, f.log, v, backup) {
			t.Fatalf("got %q, want a proven closing", diags.errors())
		}
		time.Sleep(time.Minute)
		d = virtualDriver(t, f, attributes{"evidence_log": f.log, "read_only": true})
		if after, _ := d.apply(t.Context(), p); after.gone() {
			t.Fatal("got a user who left the state under read_only")
		}
		if !proven(t, f.log, v, backup) {
			t.Errorf("got the proof refuted by a refusal with the requests %v", f.outcome(t).Requests)
		}
	})
}

// One account is imported at two addresses, and both blocks are deleted. Terraform closes both side
// by side.
func TestHostile_anAccountAtTwoAddressesIsClosedOnce(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		one, two := d.mustImport(v.kind, v.id), d.mustImport(v.kind, v.id)
		p, q := d.mustPlanDestroy(one), d.mustPlanDestroy(two)
		d = f.process(t)
		var sent atomic.Int32
		f.answer = func(_ http.ResponseWriter, r *http.Request, at string) bool {
			if isAt(v.closing, r, at) {
				sent.Add(1)
			}
			time.Sleep(20 * time.Millisecond)
			return false
		}
		var all sync.WaitGroup
		for _, each := range []planned{p, q} {
			all.Go(func() {
				if after, diags := d.apply(t.Context(), each); !after.gone() {
					t.Errorf("got %q, want both to leave the state", diags.errors())
				}
			})
		}
		all.Wait()
		if sent.Load() != 1 || !proven(t, f.log, v, one) {
			t.Errorf("got %d calls and proven %v, want one call and its proof", sent.Load(), proven(t, f.log, v, one))
		}
	})
}

// A service account has a word in the place of the address, and no name. Two readings that are the
// same show the same account.
func TestHostile_aServiceAccountWithoutANameCanBeClosed(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"edi-gateway", "edi@10.0.0.7", "***"} {
		then := offboard.User{ID: "1", Email: email, Status: offboard.Active}
		if err := then.CheckPerson(then); err != nil {
			t.Errorf("%s: got %v, want that an account is the same as itself", email, err)
		}
	}
	v, w := ecgridCase, newTestEnv(t)
	v.add(w.mock)
	v.rename(w.mock, v.id, "", "edi-gateway")
	d := newDriver(t, w, attributes{"evidence_log": filepath.Join(t.TempDir(), "log.jsonl")})
	m := d.mustImport(v.kind, v.id)
	m, _ = d.read(m)
	after, diags := d.destroy(m)
	if !after.gone() || v.has(w.mock, v.id) {
		t.Errorf("got gone %v and %q, want the service account closed", after.gone(), diags.errors())
	}
}

// Two closings wait for one access check. The vendor slows all requests down for 20 s. The time of
// the closing that makes the check is up before, and that of the other one is not.
func TestHostile_theTimeoutOfOneClosingEndsNoOther(t *testing.T) {
	t.Parallel()
	v := sfoxCase
	synctest.Test(t, func(t *testing.T) {
		f := newLiar(t, v)
		ids := []string{v.id, v.other, "cust-0009", "cust-0010"}
		for _, id := range ids[2:] {
			v.put(f.mock, id, "User "+id, id+"@acme.test")
		}
		d := f.process(t)
		var plans []planned
		for i, limit := range []string{"10m", "8s", "10m"} {
			plans = append(plans, d.mustPlanDestroy(d.setTimeout(d.mustImport(v.kind, ids[i]), limit)))
		}
		d = f.process(t)
		var mu sync.Mutex
		lists, slowed := 0, false
		f.answer = func(w http.ResponseWriter, r *http.Request, at string) bool {
			mu.Lock()
			first := r.Method == http.MethodGet && at == "/enterprise/users"
			if first {
				lists++
				first = lists == 1
			}
			slow := at == "/enterprise/users/cust-0010" && !slowed
			slowed = slowed || slow
			mu.Unlock()
			if first {
				time.Sleep(time.Second)
			}
			if slow {
				w.Header().Set("Retry-After", "20")
				return say(w, 429, `{}`)
			}
			return false
		}
		var all sync.WaitGroup
		for i, each := range plans {
			all.Go(func() {
				after, diags := d.apply(t.Context(), each)
				if i != 1 && !after.gone() {
					t.Errorf("closing %d: got %q for the closing with ten minutes, want it proven", i, diags.errors())
				}
			})
			time.Sleep(100 * time.Millisecond)
		}
		all.Go(func() {
			time.Sleep(300 * time.Millisecond)
			d.importUser(v.kind, "cust-0010")
		})
		all.Wait()
	})
}

// The message names a cure for an account without an address and a name. It has to help.
func TestHostile_theCureForAServiceAccountHelps(t *testing.T) {
	t.Parallel()
	v, w := ecgridCase, newTestEnv(t)
	v.add(w.mock)
	v.rename(w.mock, v.id, "", "edi-gateway")
	d := newDriver(t, w, nil)
	m := d.mustImport(v.kind, v.id)
	p, diags := d.planBlock(m, attributes{"id": v.id, "email": "edi-gateway"})
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	m, diags = d.apply(t.Context(), p)
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	d = newDriver(t, w, nil)
	m, _ = d.read(m)
	if p, _ = d.planBlock(m, attributes{"id": v.id, "email": "edi-gateway"}); !p.state.Equal(m.state) {
		t.Error("got a change planned again after the apply, want none")
	}
	d = newDriver(t, w, nil)
	after, diags := d.destroy(m)
	if !after.gone() || v.has(w.mock, v.id) {
		t.Errorf("got gone %v and %q, want the service account closed", after.gone(), diags.errors())
	}
}

// A user whose account was closed elsewhere has a short timeout for reads in the state. That leaves
// no time for the second look. The message has to say what to do.
func TestHostile_aShortTimeoutOfReadsIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, f := konstantlyCase, newLiar(t, konstantlyCase)
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		var all map[string]tftypes.Value
		if err := m.state.As(&all); err != nil {
			t.Fatal(err)
		}
		all["timeouts"] = object(all["timeouts"].Type(), attributes{"read": "2s"})
		m.state = tftypes.NewValue(m.state.Type(), all)
		v.drop(f.mock, v.id)
		d = f.process(t)
		m, _ = d.read(m)
		after, diags := d.destroy(m)
		if said := diags.errors(); !after.gone() && !strings.Contains(said, "timeouts") {
			t.Errorf("got %q, want the user to leave, or the timeout named", said)
		}
	})
}

// Two workspaces with one log have the same account, and both close it at the same time. The first
// call closes the account, and the closure is proven. The second call, which left before, finds
// nothing. It had read the account before the proof, so it refutes nothing.
func TestHostile_aClosureThatBeganBeforeTheProofRefutesNothing(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		d := f.process(t)
		m := d.mustImport(v.kind, v.id)
		p, q := d.mustPlanDestroy(m), d.mustPlanDestroy(m)
		var calls atomic.Int32
		f.answer = func(_ http.ResponseWriter, r *http.Request, at string) bool {
			if isAt(v.closing, r, at) && calls.Add(1) == 1 {
				time.Sleep(20 * time.Second) // the first to leave is the last to arrive
			}
			return false
		}
		var both sync.WaitGroup
		for _, each := range []planned{p, q} {
			both.Go(func() {
				after, diags := f.process(t).apply(t.Context(), each)
				t.Logf("gone %v: %s%s", after.gone(), diags.errors(), diags.warnings())
			})
			time.Sleep(100 * time.Millisecond)
		}
		both.Wait()
		if !proven(t, f.log, v, m) {
			t.Errorf("got no proof of a closed account: the last outcome is %q, open: %v",
				f.outcome(t).Result, v.has(f.mock, v.id))
		}
	})
}

// One account is imported at two addresses, and both blocks are deleted, without an evidence log.
// The first closure is accepted and proven in this very run. The second address has no other
// account, and must not be left as not visible, for ever under strict_plan.
func TestHostile_anAccountAtTwoAddressesIsClosedAtBothWithoutALog(t *testing.T) {
	t.Parallel()
	forEachLiar(t, casesWhere(t, vendorCase.shownByARead), func(t *testing.T, v vendorCase, f *liar) {
		settings := attributes{"strict_plan": v.mockName() != "konstantly"} // there each closure may be refused
		d := virtualDriver(t, f, settings)
		m := d.mustImport(v.kind, v.id)
		p, q := d.mustPlanDestroy(m), d.mustPlanDestroy(m)
		time.Sleep(time.Minute)
		d = virtualDriver(t, f, settings)
		one, _ := d.apply(t.Context(), p)
		two, diags := d.apply(t.Context(), q)
		if !one.gone() || v.has(f.mock, v.id) {
			t.Fatal("got an open account, want a closure")
		}
		if !two.gone() {
			t.Errorf("got the second address left: %s", diags.errors())
		}
		for range 3 {
			d = virtualDriver(t, f, settings)
			if two.gone() {
				break
			}
			two, _ = d.read(two)
			two, diags = d.destroy(two)
		}
		if !two.gone() {
			t.Errorf("got the second address stuck after three more runs: %s", diags.errors())
		}
	})
}

// The first closure of the run leaves an account that the vendor still shows, or that it never
// shows. The second address of the same plan has its own review, and leaves the state, too.
func TestHostile_aPlanWithTwoAddressesOfAnAccountIsNotUsedUpByTheFirst(t *testing.T) {
	t.Parallel()
	for _, v := range []vendorCase{konstantlyCase, skillableCase} {
		for where, log := range map[string]bool{"with a log": true, "without a log": false} {
			t.Run(v.kind.name+" "+where, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newLiar(t, v)
					settings := attributes{}
					if log {
						settings["evidence_log"] = f.log
					}
					d := virtualDriver(t, f, settings)
					m := d.mustImport(v.kind, v.id)
					if v.mockName() == konstantlyKind.name {
						p, _ := d.planBlock(m, attributes{"id": v.id, "on_destroy": onDestroyBlock})
						m, _ = d.apply(t.Context(), p)
					}
					d = virtualDriver(t, f, settings)
					p, q := d.mustPlanDestroy(m), d.mustPlanDestroy(m)
					time.Sleep(time.Minute)
					d = virtualDriver(t, f, settings)
					for _, each := range []planned{p, q} {
						if after, diags := d.apply(t.Context(), each); !after.gone() {
							t.Errorf("got %q, want that both leave the state", diags.errors())
						}
						time.Sleep(time.Second)
					}
				})
			})
		}
	}
}
