package provider

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// byKey answers each request from the mock whose key it carries: two partners, or two API
// consumers, on one host.
type byKey map[string]http.Handler

func (b byKey) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for key, vendor := range b {
		for _, sent := range r.Header {
			if slices.ContainsFunc(sent, func(value string) bool { return strings.Contains(value, key) }) {
				vendor.ServeHTTP(w, r)
				return
			}
		}
	}
	b[acmeKey].ServeHTTP(w, r) // a token of a user
}

// process is a fresh provider that has this key for the vendor and records into the log.
func (b byKey) process(t *testing.T, v vendorCase, key, log string) *driver {
	t.Helper()
	return virtualDriver(t, b, v.settings(attributes{
		"api_key": key, "base_url": "http://127.0.0.1:1" + v.prefix(), "requests_per_second": 100000,
	}, attributes{"evidence_log": log}))
}

const (
	acmeKey = "first-key-of-acme-4711"
	betaKey = "second-key-of-beta-0815"
)

// Ines has an account with each of two API consumers. The first closing is refused because a lab
// runs; the second one, with the other consumer's key, closes the other account.
func TestHostile_reportProvesNoAccountOfAnotherConsumer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, log := skillableCase, t.TempDir()+"/log.jsonl"
		first, second := mock.New(acmeKey), mock.New(betaKey)
		v.add(first)
		v.add(second)
		second.Skillable.Update(v.id, func(u *mock.SkillableUser) { u.Running = mock.Labs{{ID: 41, Name: "Exam"}} })
		vendors := byKey{acmeKey: first, betaKey: second}
		for _, key := range []string{betaKey, acmeKey} {
			d := vendors.process(t, v, key, log)
			d.destroy(d.mustImport(v.kind, v.id))
		}
		report := readEvidence(t, log).Report("log", reportWords)
		if second.Skillable.Has(v.id) && strings.Contains(report, "Every account was proven") {
			t.Errorf("proven, and the account of the second consumer is open:\n%s", report)
		}
	})
}

// Two partners share a log and have a customer with the same ID and address. The call for the one
// partner's account explains no absence of the other one's.
func TestHostile_theLogOfAnotherPartnerExplainsNoAbsence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first, second := &liar{mock: mock.New(acmeKey), answer: idle}, &liar{mock: mock.New(betaKey)}
		v.add(first.mock)
		v.add(second.mock)
		vendors := byKey{acmeKey: first, betaKey: second}
		m := vendors.process(t, v, betaKey, log).mustImport(v.kind, v.id)
		d := vendors.process(t, v, acmeKey, log)
		if after, _ := d.destroy(d.setTimeout(d.mustImport(v.kind, v.id), "1m")); after.gone() {
			t.Fatal("gone, want an accepted call without an effect")
		}
		second.answer = sfoxOfAnotherPartner
		vendors.process(t, v, betaKey, log).destroy(m)
		o := lastOutcome(t, log)
		if second.mock.SFOX.Has(v.id) && o.Result == evidence.AlreadyClosed {
			t.Errorf("got %q, and no call for this account ever left; it is open", o.Result)
		}
	})
}

// The call is accepted and has no effect. The next run has the key of another partner, who has no
// such customer.
func TestHostile_theKeyOfAnotherPartnerProvesNoClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first, second := &liar{mock: mock.New(acmeKey), answer: idle}, mock.New(betaKey)
		v.add(first.mock)
		v.put(second, "z-1", "Zoe Zed", "zoe@other.test")
		vendors := byKey{acmeKey: first, betaKey: second}
		d := vendors.process(t, v, acmeKey, log)
		m, _ := d.destroy(d.setTimeout(d.mustImport(v.kind, v.id), "1m"))
		if m.gone() {
			t.Fatal("gone, want an accepted call without an effect")
		}
		d = vendors.process(t, v, betaKey, log)
		m, _ = d.read(m)
		status := m.text("status")
		after, _ := d.destroy(m)
		o := lastOutcome(t, log)
		if first.mock.SFOX.Has(v.id) && (after.gone() || status == "closed" || o.Result == evidence.AlreadyClosed) {
			t.Errorf("got status %q, gone %v and %q by the answers of another partner's key; the account is open",
				status, after.gone(), o.Result)
		}
	})
}

// The key of another partner was put into the provider block by mistake. A hash of the key that saw
// the account is kept beside it, so that what another key does not see is known to say nothing.
func TestHostile_theKeyOfAnotherPartnerShowsNobodyAsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first, second := mock.New(acmeKey), mock.New(betaKey)
		v.add(first)
		v.put(second, "z-1", "Zoe Zed", "zoe@other.test")
		vendors := byKey{acmeKey: first, betaKey: second}
		m := vendors.process(t, v, acmeKey, log).mustImport(v.kind, v.id)
		d := vendors.process(t, v, betaKey, log)
		refreshed, _ := d.read(m)
		after, _ := d.destroy(refreshed)
		if refreshed.text("status") == "closed" || after.gone() {
			t.Errorf("got status %q and gone %v by the answers of another key; the account is open: %v",
				refreshed.text("status"), after.gone(), first.SFOX.Has(v.id))
		}
	})
}

// The same, after an accepted call, with a partner who has no customer at all yet.
func TestHostile_theEmptyListOfAnotherPartnerIsNotThatOfTheLastUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, log := sfoxCase, t.TempDir()+"/log.jsonl"
		first, second := &liar{mock: mock.New(acmeKey), answer: idle}, mock.New(betaKey)
		v.add(first.mock)
		vendors := byKey{acmeKey: first, betaKey: second}
		d := vendors.process(t, v, acmeKey, log)
		m, _ := d.destroy(d.setTimeout(d.mustImport(v.kind, v.id), "1m"))
		if m.gone() {
			t.Fatal("gone, want an accepted call without an effect")
		}
		d = vendors.process(t, v, betaKey, log)
		m, _ = d.read(m)
		after, _ := d.destroy(m)
		if after.gone() {
			t.Errorf("the user left the state by the answers of another partner's key; the account is open: %v",
				first.mock.SFOX.Has(v.id))
		}
	})
}

// The block of a user was given the provider alias of another API consumer, or of another partner,
// who has the same person under the same ID. Terraform shows nothing of it. What is closed from now
// on is another account.
func TestHostile_anotherKeyIsToldThoughItShowsThePerson(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, func(v vendorCase) bool { return v.kind.KeyOwner != "" }) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				log := t.TempDir() + "/log.jsonl"
				first, second := mock.New(acmeKey), mock.New(betaKey)
				v.add(first)
				v.add(second)
				vendors := byKey{acmeKey: first, betaKey: second}
				m := vendors.process(t, v, acmeKey, log).mustImport(v.kind, v.id)
				d := vendors.process(t, v, betaKey, log)
				m, refresh := d.read(m)
				_, diags := d.destroy(m)
				said := refresh.warnings() + diags.warnings() + diags.errors()
				if !strings.Contains(said, "were seen with another API key") {
					t.Errorf("got %q, want that the key is another one", said)
				}
			})
		})
	}
}

// idle accepts each closing call of sFOX and does nothing.
func idle(w http.ResponseWriter, r *http.Request, _ string) bool {
	if r.Method != http.MethodDelete {
		return false
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}
