package provider

import (
	"strings"
	"testing"
)

// applyBlock refreshes a user, and applies a block for it.
func applyBlock(t *testing.T, w *testEnv, m managed, guard, block attributes) managed {
	t.Helper()
	d := newDriver(t, w, guard)
	m, _ = d.read(m)
	p, plan := d.planBlock(m, block)
	after, apply := d.apply(t.Context(), p)
	if text := plan.errors() + apply.errors(); text != "" {
		t.Fatal(text)
	}
	return after
}

// neverClosed checks that an entry protects a user at plan and at apply, and that both say why.
func (v vendorCase) neverClosed(t *testing.T, w *testEnv, m managed, entry string, words ...string) {
	t.Helper()
	d := newDriver(t, w, attributes{"never_close": []string{entry}})
	_, plan := d.planDestroy(m)
	after, apply := d.apply(t.Context(), reviewed(m))
	v.stays(t, w, entry, after, apply, "is never closed")
	for _, said := range []string{plan.errors(), apply.errors()} {
		for _, want := range append(words, "the entry \""+entry+"\"") {
			if !strings.Contains(said, want) {
				t.Errorf("%s: got %q, want %q in it", entry, said, want)
			}
		}
	}
}

// An apply confirms a new address. Entries with each address from before still protect the person.
func TestHostile_neverCloseHoldsAfterAnAddressIsConfirmed(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for _, address := range []string{"ines.berg@acme.test", "ines.costa@acme.test"} {
			v.email(w.mock, v.id, address)
			m = applyBlock(t, w, m, attributes{"never_close": []string{inesEmail}}, attributes{"id": v.id, "email": address})
		}
		m, _ = newDriver(t, w, nil).read(m)
		for _, entry := range []string{inesEmail, "INES.BERG@acme.test"} {
			v.neverClosed(t, w, m, entry, "had this name before")
		}
		v.neverClosed(t, w, m, "ines.costa@acme.test")
	})
}

// The address changes twice between refreshes whose states are kept, and nothing confirms it. The
// address in the middle is neither that of the import nor the one that is shown.
func TestHostile_neverCloseHoldsForAnAddressThatARefreshShowed(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		for _, address := range []string{"ines.berg@acme.test", "ines.costa@acme.test"} {
			v.email(w.mock, v.id, address)
			m, _ = newDriver(t, w, nil).read(m)
		}
		v.neverClosed(t, w, m, "ines.berg@acme.test", "had this name before")
	})
}

// The sign-in names of ECGrid change. An apply that changes nothing but a timeout must not end the
// protection, and neither must a refresh.
func TestHostile_neverCloseHoldsForEveryLoginThatWasShown(t *testing.T) {
	t.Parallel()
	v, w := ecgridCase, newTestEnv(t)
	v.add(w.mock)
	m := newDriver(t, w, nil).mustImport(v.kind, v.id)
	first := m.text("login")
	for _, login := range []string{"ivarga2", "ivarga3"} {
		v.fact(w.mock, v.id, login)
		m, _ = newDriver(t, w, nil).read(m)
	}
	m = applyBlock(t, w, m, nil, attributes{"id": v.id, "email": inesEmail, "timeouts": timeoutsOf("20m")})
	m, _ = newDriver(t, w, nil).read(m)
	for _, entry := range []string{first, "ivarga2"} {
		v.neverClosed(t, w, m, entry, "had this name before")
	}
	v.neverClosed(t, w, m, "ivarga3")
}

// The labs of Skillable show more people under one ID than the state holds. They end, and other labs
// follow. Who was shown once stays protected.
func TestHostile_neverCloseHoldsForEverybodyWhomLabsShowed(t *testing.T) {
	t.Parallel()
	v, w := skillableCase, newTestEnv(t)
	v.add(w.mock)
	m := newDriver(t, w, nil).mustImport(v.kind, v.id)
	const boss = "boss@acme.test"
	v.email(w.mock, v.id, boss)
	m, _ = newDriver(t, w, nil).read(m)
	v.email(w.mock, v.id, inesEmail)
	m, _ = newDriver(t, w, nil).read(m)
	v.neverClosed(t, w, m, boss, "had this name before")
}

// An entry for a person who had the ID before protects whoever has it now. The way out is an import.
func TestHostile_aFormerNameIsForgottenByAnImport(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		v.rename(w.mock, v.id, "Otto Berg", "otto.berg@acme.test")
		m = applyBlock(t, w, m, nil, attributes{"id": v.id, "email": "otto.berg@acme.test"})
		v.neverClosed(t, w, m, inesEmail, "had this name before", "stop managing")
		d := newDriver(t, w, attributes{"never_close": []string{inesEmail}})
		if after, diags := d.destroy(d.mustImport(v.kind, v.id)); !after.gone() {
			t.Errorf("got %q after an import of Otto Berg, want the account closed", diags.errors())
		}
	})
}
