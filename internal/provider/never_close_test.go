package provider

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
	"github.com/offboard/terraform-provider-offboard/internal/offboard"
)

// Whatever way the vendor or the configuration writes an address, it protects the same account.
func TestNeverClose_comparesOneNormalForm(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		for name, c := range map[string]struct{ shown, entry string }{
			"the vendor shows a blank at the end":       {"boss@acme.test ", "boss@acme.test"},
			"the vendor shows a no-break space":         {"\u00a0boss@acme.test", "boss@acme.test"},
			"the vendor shows an ideographic space":     {"boss@acme.test\u3000", "boss@acme.test"},
			"the vendor shows a tab and a line end":     {"\tboss@acme.test\r\n", "boss@acme.test"},
			"the vendor shows U+200B":                   {"boss\u200b@acme.test", "boss@acme.test"},
			"the vendor shows a soft hyphen":            {"bo\u00adss@acme.test", "boss@acme.test"},
			"the vendor shows a byte order mark":        {"\ufeffboss@acme.test", "boss@acme.test"},
			"the vendor shows a bidirectional mark":     {"boss@acme.test\u202c", "boss@acme.test"},
			"the vendor shows upper case":               {"BOSS@ACME.TEST", "boss@acme.test"},
			"the entry is upper case":                   {"boss@acme.test", "BOSS@Acme.Test"},
			"the vendor shows NFD":                      {"jose\u0301@acme.test", "jos\u00e9@acme.test"},
			"the entry is NFD":                          {"jos\u00e9@acme.test", "jose\u0301@acme.test"},
			"upper case of a letter with an accent":     {"JOS\u00c9@acme.test", "jos\u00e9@acme.test"},
			"the vendor shows the domain in Unicode":    {"boss@b\u00fccher.test", "boss@xn--bcher-kva.test"},
			"the entry has the domain in Unicode":       {"boss@xn--bcher-kva.test", "boss@B\u00dcCHER.test"},
			"the vendor shows the dot of the root":      {"boss@acme.test.", "boss@acme.test"},
			"the entry has the dot of the root":         {"boss@acme.test", "boss@acme.test."},
			"the vendor shows an ideographic full stop": {"boss@acme\u3002test", "boss@acme.test"},
			"a sharp s": {"STRASSE@acme.test", "stra\u00dfe@acme.test"},
		} {
			m := newDriver(t, w, nil).mustImport(v.kind, v.id)
			v.email(w.mock, v.id, c.shown)
			d := newDriver(t, w, attributes{"never_close": []string{"somebody@else.test", c.entry}})
			if _, plan := d.planDestroy(m); !strings.Contains(plan.errors(), "is never closed") {
				t.Errorf("%s: got %q at plan, want that the user is never closed", name, plan.errors())
			}
			after, apply := d.apply(t.Context(), reviewed(m))
			v.stays(t, w, name, after, apply, "is never closed")
			v.email(w.mock, v.id, inesEmail)
		}
	})
}

// Who was imported stays protected, however the vendor calls them now, and so does the ID in any
// letter case.
func TestNeverClose_looksAtEveryNameOfAnAccount(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		m := newDriver(t, w, nil).mustImport(v.kind, v.id)
		v.email(w.mock, v.id, "ines.silva@acme.test")
		m, _ = newDriver(t, w, nil).read(m)
		v.email(w.mock, v.id, "ines.costa@acme.test")
		for _, entry := range []string{
			v.id, strings.ToUpper(v.id), inesEmail, "ines.silva@acme.test", "ines.costa@acme.test",
		} {
			d := newDriver(t, w, attributes{"never_close": []string{entry}})
			_, plan := d.planDestroy(m)
			after, apply := d.apply(t.Context(), reviewed(m))
			v.stays(t, w, entry, after, apply, "is never closed")
			if !strings.Contains(plan.errors(), "is never closed") {
				t.Errorf("%s: got %q at plan, want that the user is never closed", entry, plan.errors())
			}
		}
	})
}

func TestNeverClose_asksTheLoginOfECGrid(t *testing.T) {
	t.Parallel()
	w, v := newTestEnv(t), ecgridCase
	v.add(w.mock)
	m := newDriver(t, w, nil).mustImport(v.kind, v.id)
	for login, entries := range map[string][]string{
		"login-" + v.id: {"login-" + v.id, "LOGIN-" + v.id}, "n.body": {"n.body", "login-" + v.id}, "n.body ": {"N.Body"},
	} {
		w.mock.ECGrid.Update(number(v.id), func(u *mock.ECGridUser) { u.Login = login })
		for _, entry := range entries {
			d := newDriver(t, w, attributes{"never_close": []string{entry}})
			if _, plan := d.planDestroy(m); !strings.Contains(plan.errors(), "is never closed") {
				t.Errorf("login %q, entry %q: got %q at plan, want that the user is never closed", login, entry, plan.errors())
			}
			after, apply := d.apply(t.Context(), reviewed(m))
			v.stays(t, w, entry, after, apply, "is never closed")
		}
	}
}

// The login protects an account that is not visible, too: nobody leaves the state unseen who is
// never to be closed.
func TestNeverClose_asksTheLoginOfWhoIsNotVisible(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, v := mock.New(mockKey), ecgridCase
		v.add(s)
		m := virtualDriver(t, s, nil).mustImport(v.kind, v.id)
		v.vanish(s)
		p, diags := virtualDriver(t, s, attributes{"max_closures": 10}).planDestroy(m)
		if diags.errors() != "" {
			t.Fatal(diags.errors())
		}
		d := virtualDriver(t, s, attributes{"never_close": []string{"LOGIN-" + v.id}})
		_, plan := d.planDestroy(m)
		after, apply := d.apply(t.Context(), p)
		if !strings.Contains(plan.errors(), "a guard protects it") ||
			!strings.Contains(apply.errors(), "a guard protects it") ||
			after.gone() {
			t.Errorf("got %q at plan, %q at apply, gone %v, want refusals", plan.errors(), apply.errors(), after.gone())
		}
	})
}

// The call of an earlier run explains an absence, and is no way round a guard that was written
// since.
func TestNeverClose_holdsForWhoIsNotVisibleAfterACall(t *testing.T) {
	t.Parallel()
	for _, v := range casesWhere(t, vendorCase.shownByARead) {
		t.Run(v.kind.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mock.New(mockKey)
				v.add(s)
				m := virtualDriver(t, s, nil).mustImport(v.kind, v.id)
				private, remembered := piecesOf(m.private), m.remembered()
				remembered.Progress.Call = offboard.Accepted
				private[recordKey] = encode(remembered)
				m.private = encode(private)
				v.vanish(s)
				_, diags := virtualDriver(t, s, attributes{"never_close": []string{v.id}}).planDestroy(m)
				if !strings.Contains(diags.errors(), "of never_close") {
					t.Errorf("got %q, want a refusal", diags.errors())
				}
				p, diags := virtualDriver(t, s, nil).planDestroy(m)
				if diags.errors() != "" {
					t.Fatalf("without the guard: got %q, want a plan", diags.errors())
				}
				after, diags := virtualDriver(t, s, attributes{"never_close": []string{v.id}}).apply(t.Context(), p)
				if after.gone() || !strings.Contains(diags.errors(), "of never_close") {
					t.Errorf("at the apply: got gone %t and %q, want a refusal", after.gone(), diags.errors())
				}
				if after, diags := virtualDriver(t, s, nil).apply(t.Context(), p); !after.gone() {
					t.Errorf("without the guard: got %q, want it to leave the state", diags.errors())
				}
			})
		})
	}
}

// A guard whose value is not known yet counts as one that refuses, of who is not visible too.
func TestNotVisible_staysUnderAGuardThatIsNotKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, v := mock.New(mockKey), ecgridCase
		v.add(s)
		m := virtualDriver(t, s, nil).mustImport(v.kind, v.id)
		v.vanish(s)
		_, plan := virtualDriver(t, s, attributes{"never_close": tftypes.UnknownValue}).planDestroy(m)
		if !strings.Contains(plan.errors(), "never_close, whose value is not known yet") {
			t.Errorf("got %q at plan, want that never_close is not known", plan.errors())
		}
	})
}

// validateProvider is what the provider says of a provider block.
func validateProvider(t *testing.T, block attributes) diagnostics {
	t.Helper()
	d := &driver{t: t, server: providerserver.NewProtocol6(New("test")())(), schema: schemas()}
	resp, err := d.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
		Config: d.dynamic(object(d.schema.Provider.ValueType(), block)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

func TestNeverClose_refusesEntriesThatMatchNobody(t *testing.T) {
	t.Parallel()
	for name, entry := range map[string]any{
		"null":                             nil,
		"nothing":                          "",
		"a blank":                          " ",
		"a no-break space":                 "\u00a0",
		"an invisible character":           "\u200b",
		"an invisible character in one":    "boss\u200b@acme.test",
		"a bidirectional mark":             "boss@acme.test\u200e",
		"a filler":                         "\u3164",
		"a blank at the end":               "boss@acme.test ",
		"a line end":                       "boss@acme.test\r",
		"two addresses":                    "a@b.test, c@d.test",
		"two addresses and a semicolon":    "a@b.test;c@d.test",
		"two addresses and a blank":        "a@b.test c@d.test",
		"two addresses on two lines":       "a@b.test\nc@d.test",
		"a display name":                   "Boss <boss@acme.test>",
		"a display name in quotes":         `"Boss" <boss@acme.test>`,
		"angle brackets":                   "<boss@acme.test>",
		"quotes":                           `"boss@acme.test"`,
		"mailto":                           "mailto:boss@acme.test",
		"MAILTO":                           "MailTo:boss@acme.test",
		"a blank before the sign":          "boss @acme.test",
		"a blank behind the sign":          "boss@ acme.test",
		"an ideographic space before it":   "boss\u3000@acme.test",
		"a domain alone":                   "@acme.test",
		"a local part alone":               "boss@",
		"a pattern":                        "*@acme.test",
		"a root dot without a domain":      "boss@.",
		"an address and a comma behind it": "boss@acme.test,",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entries := []tftypes.Value{
				tftypes.NewValue(tftypes.String, "fine@acme.test"),
				tftypes.NewValue(tftypes.String, entry),
			}
			diags := validateProvider(t, attributes{"never_close": entries})
			if !strings.Contains(diags.errors(), "Cannot use an entry of never_close") {
				t.Errorf("got %q, want the entry refused", diags.errors())
			}
		})
	}
	fine := []string{
		"boss@acme.test", "O'Brien+x@b\u00fccher.test", "jose\u0301@acme.test", "boss@acme.test.",
		"u7k2m9", "30417", "Ines Varga", "a,b", "login-1",
	}
	if diags := validateProvider(t, attributes{"never_close": fine}); diags.errors() != "" {
		t.Errorf("got %q, want what can match accepted", diags.errors())
	}
}
