package provider

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/offboard/terraform-provider-offboard/internal/evidence"
	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// parley is the kind of the users of the declared vendor of these tests, as far as a driver needs it.
var parley = kindDeclared("parley", "Parley")

// parleyText is its definition. Its API is that of the mock of Konstantly.
func parleyText(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "parley.vendor.hcl"))
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// without is a definition without some of its blocks.
func without(tb testing.TB, text string, blocks ...string) string {
	tb.Helper()
	for _, block := range blocks {
		start := strings.Index(text, "\n"+block+" {\n")
		if start < 0 {
			tb.Fatalf("got no block %s in the definition, want one", block)
		}
		end := start + strings.Index(text[start:], "\n}\n") + len("\n}\n")
		text = text[:start] + text[end:]
	}
	return text
}

// declares is the setting vendors of a provider block that declares Parley with this definition.
func declares(w *testEnv, definition any, more attributes) attributes {
	parley := attributes{
		"definition": definition, "api_key": mockKey, "base_url": w.url + prefixes["konstantly"],
		"requests_per_second": 100000,
	}
	maps.Copy(parley, more)
	return attributes{"vendors": attributes{"parley": parley}}
}

// parleyEnv is an environment in which Parley knows Ines and Otto, and a driver that declares it.
func parleyEnv(t *testing.T) (*testEnv, *driver) {
	t.Helper()
	w := newTestEnv(t)
	konstantlyCase.add(w.mock)
	return w, newDriver(t, w, declares(w, parleyText(t), nil))
}

const parleyInes = "u7k2m9"

func TestDeclaredUser_hasTheLifeOfEveryUser(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	m := d.mustImport(parley, parleyInes)
	for name, want := range map[string]string{
		"vendor": "parley", "id": parleyInes, "email": inesEmail, "name": inesName, "status": "active", "on_destroy": "close",
		"tenant": strings.TrimPrefix(w.url, "http://") + prefixes["konstantly"],
	} {
		if got := m.text(name); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if got := m.remembered().Facts["role"]; got != "learner" {
		t.Errorf("got the role %q, want learner", got)
	}
	p, diags := d.planDestroy(m)
	if want := "Ines Varga (u7k2m9) will be closed permanently in Parley"; !strings.Contains(diags.warnings(), want) {
		t.Errorf("got the warnings %q, want %q", diags.warnings(), want)
	}
	after, diags := d.apply(t.Context(), p)
	if !after.gone() || w.mock.Konstantly.Has(parleyInes) || !w.mock.Konstantly.Has(konstantlyCase.other) {
		t.Errorf("got gone %v, %q, want Ines closed and Otto untouched", after.gone(), diags.errors())
	}
	if got, want := strings.Join(w.changes(), ", "), strings.Join(konstantlyCase.changes, ", "); got != want {
		t.Errorf("got the changes %q, want %q", got, want)
	}
}

func TestDeclaredUser_isImportedInEveryForm(t *testing.T) {
	t.Parallel()
	_, d := parleyEnv(t)
	for _, given := range []string{parleyInes, inesEmail} {
		if m := d.mustImport(parley, given); m.text("id") != parleyInes {
			t.Errorf("%s: got the ID %q, want %s", given, m.text("id"), parleyInes)
		}
	}
	of := declaredKind.identitySchema().Type().TerraformType(t.Context())
	resp, err := d.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: "offboard_user", Identity: &tfprotov6.ResourceIdentityData{
			IdentityData: d.dynamic(object(of, attributes{"vendor": "parley", "id": parleyInes})),
		},
	})
	if err != nil || len(resp.ImportedResources) != 1 {
		t.Fatalf("by identity: got %q, %v, want Ines", diagnostics(resp.Diagnostics).errors(), err)
	}
	identity, err := resp.ImportedResources[0].Identity.IdentityData.Unmarshal(of)
	if got := (managed{state: identity}); err != nil || got.text("vendor") != "parley" || got.text("tenant") == "" {
		t.Errorf("got the identity %v, %v, want that of Ines at Parley", identity, err)
	}
	for given, want := range map[string]string{
		"u7k2m9": "without its vendor", "parley/": "without its vendor", "/u7k2m9": "does not declare",
		"parly/u7k2m9": `does not declare the vendor "parly"`, "konstantly/u7k2m9": "does not declare",
		"parley/nobody": "No open account", "parley/blocked/x": "Cannot use this ID",
	} {
		diags := d.importRaw("offboard_user", given)
		if !strings.Contains(diags.errors(), want) {
			t.Errorf("%q: got %q, want %q", given, diags.errors(), want)
		}
	}
}

func TestDeclaredUser_keepsItsVendor(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	m := d.mustImport(parley, parleyInes)
	for name, planned := range map[string]any{"another": "other", "one that is not known": tftypes.UnknownValue} {
		_, diags := d.planBlock(m, attributes{"vendor": planned, "id": parleyInes})
		if want := "The vendor of a user cannot be changed"; !strings.Contains(diags.errors(), want) {
			t.Errorf("%s: got %q, want %q", name, diags.errors(), want)
		}
	}
	if _, diags := d.planBlock(m, attributes{"vendor": "parley", "id": konstantlyCase.other}); !strings.Contains(
		diags.errors(), "The ID of a user in Parley cannot be changed") {
		t.Errorf("got %q, want that the ID cannot be changed", diags.errors())
	}
	if got := w.changes(); len(got) > 0 {
		t.Errorf("got the changes %v, want none", got)
	}
}

// What ignore_changes hides from Terraform is refused for the vendor as it is for the ID.
func TestDeclaredUser_keepsItsVendorUnderIgnoreChanges(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	m := d.mustImport(parley, parleyInes)
	for written, refused := range map[string]bool{"parley": false, "other": true} {
		d = newDriver(t, w, declares(w, parleyText(t), nil))
		d.written(m, attributes{"vendor": written, "id": parleyInes})
		_, diags := d.planHidden(m, nil)
		if got := strings.Contains(diags.errors(), "ignore_changes hides"); got != refused {
			t.Errorf("written with the vendor %q: got %q, want refused %v", written, diags.errors(), refused)
		}
	}
}

// The definition knows more of an ID than the schema does.
func TestDeclaredUser_hasAnIDThatTheDefinitionTakes(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	for id, want := range map[string]string{"": "it is empty", "U7K2M9": "Cannot use this ID of a user in Parley"} {
		_, diags := d.planBlock(managed{typeName: "offboard_user"}, attributes{"vendor": "parley", "id": id})
		if !strings.Contains(diags.errors(), want) {
			t.Errorf("%q: got %q, want %q", id, diags.errors(), want)
		}
	}
	if got := w.mock.Requests(); len(got) > 0 {
		t.Errorf("got the requests %v, want none", got)
	}
}

func TestDeclaredUser_isNotCreated(t *testing.T) {
	t.Parallel()
	_, d := parleyEnv(t)
	for id, want := range map[string]string{parleyInes: `id = "parley/u7k2m9"`, "nobody": `id = "parley/nobody"`} {
		_, diags := d.planBlock(managed{typeName: "offboard_user"}, attributes{"vendor": "parley", "id": id})
		if text := diags.errors() + diags.warnings(); !strings.Contains(text, want) ||
			!strings.Contains(text, "to = offboard_user.NAME") {
			t.Errorf("%s: got %q, want the import block with %s", id, text, want)
		}
	}
	_, diags := d.planBlock(
		managed{typeName: "offboard_user"}, attributes{"vendor": tftypes.UnknownValue, "id": parleyInes},
	)
	if want := "The vendor of a user is not known yet"; !strings.Contains(diags.errors(), want) {
		t.Errorf("got %q, want %q", diags.errors(), want)
	}
}

// A vendor that is not in the provider block any more loses nothing, and closes nobody.
func TestDeclaredUser_ofAVendorThatIsNotDeclaredStays(t *testing.T) {
	t.Parallel()
	w, before := parleyEnv(t)
	m := before.mustImport(parley, parleyInes)
	p := before.mustPlanDestroy(m)
	for name, settings := range map[string]attributes{
		"no vendors":      nil,
		"another vendor":  {"vendors": attributes{"other": attributes{"definition": parleyText(t)}}},
		"a null vendor":   {"vendors": attributes{"parley": nil}},
		"unknown vendors": {"vendors": tftypes.UnknownValue},
	} {
		d := newDriver(t, w, settings)
		want := `does not declare the vendor "parley"`
		if name == "unknown vendors" {
			want = "It is not known yet which vendors are declared"
		}
		_, read := d.read(m)
		_, planned := d.planDestroy(m)
		after, applied := d.apply(t.Context(), p)
		for call, diags := range map[string]diagnostics{"read": read, "plan": planned, "apply": applied} {
			if !strings.Contains(diags.errors(), want) {
				t.Errorf("%s, %s: got %q, want %q", name, call, diags.errors(), want)
			}
		}
		if after.gone() || !w.mock.Konstantly.Has(parleyInes) {
			t.Errorf("%s: got gone %v, want the user in the state and the account open", name, after.gone())
		}
	}
}

func TestDeclaredUser_onDestroySuspendStopsAtTheStepThatCanBeUndone(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	p, diags := d.planBlock(d.mustImport(parley, parleyInes), attributes{
		"vendor": "parley", "id": parleyInes, "on_destroy": "suspend",
	})
	if diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	m, _ := d.apply(t.Context(), p)
	settings := declares(w, parleyText(t), nil)
	settings["evidence_log"] = filepath.Join(t.TempDir(), "log.jsonl")
	d = newDriver(t, w, settings) // the next run
	doomed, diags := d.planDestroy(m)
	if want := "will be suspended in Parley, which can be undone"; !strings.Contains(diags.warnings(), want) {
		t.Errorf("got %q, want %q", diags.warnings(), want)
	}
	after, diags := d.apply(t.Context(), doomed)
	if u, open := w.mock.Konstantly.Get(parleyInes); !after.gone() || !open || !u.Blocked {
		t.Errorf("got %q, gone %v, open %v, want a suspended account out of the state", diags.errors(), after.gone(), open)
	}
	log, err := evidence.Read(t.Context(), settings["evidence_log"].(string))
	if err != nil || len(log.Closures) != 1 {
		t.Fatalf("got %d closures, %v, want one", len(log.Closures), err)
	}
	if o := log.Closures[0].Outcome; o.Result != evidence.Suspended ||
		o.Proof != "Parley shows the account as suspended." {
		t.Errorf("got the result %q and the proof %q, want a suspension", o.Result, o.Proof)
	}
}

// A definition without a step that can be undone refuses to suspend, in the block and at the end.
func TestDeclaredUser_isSuspendedOnlyIfTheDefinitionCan(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	block := attributes{"vendor": "parley", "id": parleyInes, "on_destroy": "suspend"}
	p, _ := d.planBlock(d.mustImport(parley, parleyInes), block)
	m, _ := d.apply(t.Context(), p)
	final := strings.Replace(parleyText(t), "  reversible = true\n", "", 1)
	d = newDriver(t, w, declares(w, final, nil))
	if _, diags := d.planBlock(m, block); !strings.Contains(diags.errors(), "Users of Parley cannot be suspended") {
		t.Errorf("got %q, want that Parley cannot suspend", diags.errors())
	}
	if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), declared.ErrCannotSuspend.Error()) {
		t.Errorf("got %q, want that nothing can be undone", diags.errors())
	}
	m, _ = d.read(m)
	after, diags := d.apply(t.Context(), reviewed(m))
	if after.gone() || !strings.Contains(diags.errors(), declared.ErrCannotSuspend.Error()) || len(w.changes()) > 0 {
		t.Errorf("got gone %v, %q, changes %v, want the user kept and untouched", after.gone(), diags.errors(), w.changes())
	}
}

// Terraform reads the file of a definition again when it applies a saved plan, and settings can come
// from another environment. Neither the steps nor the proof may be others than those of the plan.
func TestDeclaredUser_anotherDefinitionThanThatOfThePlanClosesNobody(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	m := d.mustImport(parley, parleyInes)
	asks := func(value string) attributes {
		return attributes{"definition": parleyText(t) + region, "settings": attributes{"region": value}}
	}
	const changed = "definition or settings of the vendor: was"
	for name, test := range map[string]struct {
		then, now attributes
		want      string // why it is refused; empty if it is not
	}{
		"another text": {nil, attributes{"definition": parleyText(t) + "# more\n"}, changed},
		"a setting":    {asks("eu"), asks("us"), changed},
		"the same":     {asks("eu"), asks("eu"), ""},
	} {
		p := newDriver(t, w, declares(w, parleyText(t), test.then)).mustPlanDestroy(m)
		w.mock.ForgetRequests()
		now := newDriver(t, w, declares(w, parleyText(t), test.now))
		if test.want == "" {
			if _, diags := now.apply(t.Context(), p); diags.errors() != "" {
				t.Errorf("%s: got %q, want it closed", name, diags.errors())
			}
			konstantlyCase.put(w.mock, parleyInes, inesName, inesEmail)
			continue
		}
		after, diags := now.apply(t.Context(), p)
		if after.gone() || !strings.Contains(diags.errors(), test.want) || len(w.mock.Requests()) > 0 {
			t.Errorf("%s: got gone %v, %q, requests %v, want it refused without a request",
				name, after.gone(), diags.errors(), w.mock.Requests())
		}
	}
}

// A sign-in name of the definition protects the account, and the rights of its API key are kept.
func TestDeclaredUser_keepsWhatTheDefinitionSaysOfLoginAndRights(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	konstantlyCase.add(w.mock)
	settings := declares(w, strings.NewReplacer(
		"  facts  = {",
		"  login  = \"sign-in of ${record.id}\"\n  facts  = {",
		"  records = answer.json.users\n}\n\nlist",
		"  records = answer.json.users\n  rights  = \"level ${answer.status}\"\n}\n\nlist",
	).Replace(parleyText(t)), nil)
	settings["never_close"] = []string{"SIGN-IN of u7k2m9"}
	d := newDriver(t, w, settings)
	m := d.mustImport(parley, parleyInes)
	if got := m.remembered().Key; got != "level 200" {
		t.Errorf("got the rights %q, want level 200", got)
	}
	if _, diags := d.planDestroy(m); !strings.Contains(diags.errors(), "in Parley is never closed") {
		t.Errorf("got %q, want that never_close holds for the sign-in name", diags.errors())
	}
}

func TestDeclaredUser_changedFactRefusesTheClosure(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	p := d.mustPlanDestroy(d.mustImport(parley, parleyInes))
	konstantlyCase.fact(w.mock, parleyInes, "administrator")
	after, diags := d.apply(t.Context(), p)
	if want := `role: was "learner", is now "administrator"`; after.gone() || !strings.Contains(diags.errors(), want) {
		t.Errorf("got gone %v, %q, want %q", after.gone(), diags.errors(), want)
	}
	if got := w.changes(); len(got) > 0 {
		t.Errorf("got the changes %v, want none", got)
	}
}

func TestDeclaredData_showsUsers(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	for _, by := range []attributes{{"id": parleyInes}, {"email": inesEmail}} {
		by["vendor"] = "parley"
		got, diags := d.data("offboard_user", by)
		if got.exists() != "true" || got.text("vendor") != "parley" || got.text("name") != inesName {
			t.Errorf("%v: got exists %s of %q, %q, want Ines at Parley", by, got.exists(), got.text("name"), diags.errors())
		}
	}
	all, diags := d.data("offboard_users", attributes{"vendor": "parley", "status": "active"})
	if got, want := all.texts("ids"), []string{parleyInes, konstantlyCase.other}; !slices.Equal(got, want) {
		t.Errorf("got the IDs %q, %q, want %q", got, diags.errors(), want)
	}
	found, diags := d.list(parley, 10, attributes{"vendor": "parley", "exclude_ids": []string{konstantlyCase.other}})
	if got := ids(found); !slices.Equal(got, []string{parleyInes}) || len(diags) > 0 {
		t.Fatalf("got the list %q, %q, want Ines", got, diags.errors())
	}
	listed := managed{typeName: "offboard_user", state: d.value("offboard_user", found[0].resource)}
	if listed.text("vendor") != "parley" || listed.text("on_destroy") != "close" {
		t.Errorf("got the vendor %q and %q, want what an import writes", listed.text("vendor"), listed.text("on_destroy"))
	}
	if got := w.changes(); len(got) > 0 {
		t.Errorf("got the changes %v, want none", got)
	}
}

func TestDeclaredData_saysWhatTheDefinitionLacks(t *testing.T) {
	t.Parallel()
	w := newTestEnv(t)
	konstantlyCase.add(w.mock)
	d := newDriver(t, w, declares(w, without(t, parleyText(t), "list", "find_by_email"), nil))
	_, one := d.data("offboard_user", attributes{"vendor": "parley", "email": inesEmail})
	_, all := d.data("offboard_users", attributes{"vendor": "parley"})
	_, query := d.list(parley, 10, attributes{"vendor": "parley"})
	for want, diags := range map[string][]diagnostics{
		"Look the user up by the ID": {one}, "If the vendor can list its users": {all, query},
	} {
		for _, said := range diags {
			if !strings.Contains(said.errors(), want) {
				t.Errorf("got %q, want %q", said.errors(), want)
			}
		}
	}
	for _, id := range []string{parleyInes, konstantlyCase.other} { // they are read one by one
		m := d.mustImport(parley, id)
		if _, diags := d.read(m); len(diags) > 0 {
			t.Errorf("%s: got %q and %q, want nothing", id, diags.errors(), diags.warnings())
		}
	}
	lists := 0
	for _, r := range w.mock.Requests() {
		if r.Route == "GET /users" {
			lists++
		}
	}
	if lists != 1 { // alive asks for it before the first use
		t.Errorf("got %d requests to the list, want 1", lists)
	}
	if got, diags := d.data("offboard_user", attributes{"vendor": "parley", "id": parleyInes}); got.exists() != "true" {
		t.Errorf("got exists %s, %q, want true", got.exists(), diags.errors())
	}
	for _, typeName := range []string{"offboard_user", "offboard_users"} {
		config := attributes{"vendor": "other"}
		if typeName == "offboard_user" {
			config["id"] = parleyInes
		}
		if _, diags := d.data(typeName, config); !strings.Contains(diags.errors(), `does not declare the vendor "other"`) {
			t.Errorf("%s: got %q, want that the vendor is not declared", typeName, diags.errors())
		}
	}
}

// Many users of a vendor that does not answer as its definition says are told of once.
func TestDeclaredUser_checkBeforeTheFirstUseIsToldOnce(t *testing.T) {
	t.Parallel()
	w, d := parleyEnv(t)
	ines, otto := d.mustImport(parley, parleyInes), d.mustImport(parley, konstantlyCase.other)
	wrong := strings.Replace(parleyText(t), `unknown_id = "no-such-user"`, `unknown_id = "`+konstantlyCase.other+`"`, 1)
	d = newDriver(t, w, declares(w, wrong, nil))
	_, first := d.read(ines)
	_, second := d.read(otto)
	if want := "Correct the base URL, or unknown_id or absent of the definition."; !strings.Contains(
		first.errors(),
		want,
	) {
		t.Errorf("got %q, want %q", first.errors(), want)
	}
	if second.errors() != "" || !strings.Contains(second.warnings(), "More users in Parley could not be read") {
		t.Errorf("got %q and %q, want the second user in a warning", second.errors(), second.warnings())
	}
	after, diags := d.apply(t.Context(), reviewed(ines))
	if after.gone() || diags.errors() == "" || len(w.changes()) > 0 {
		t.Errorf("got gone %v, %q, changes %v, want the user kept and untouched", after.gone(), diags.errors(), w.changes())
	}
}

// Two names can stand for one vendor, and a declared vendor for a built-in one. At one host they have the same
// account of a person, elsewhere they have others, even with the same ID.
func TestDeclaredUser_underTwoNamesIsOneAccount(t *testing.T) {
	t.Parallel()
	for name, base := range map[string]string{
		"one address": "127.0.0.1:1" + prefixes["konstantly"], "two base paths": "127.0.0.1:1/elsewhere",
		"two hosts": "localhost:1/elsewhere",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(t)
			konstantlyCase.add(w.mock)
			d := virtualDriver(t, mounted(w.mock, "/elsewhere", prefixes["konstantly"]), attributes{
				"vendors": attributes{"parley": attributes{
					"definition": parleyText(t), "api_key": mockKey, "base_url": "http://" + base,
					"requests_per_second": 100000,
				}},
			})
			closed, kept := d.mustImport(parley, parleyInes), d.mustImport(konstantlyKind, parleyInes)
			_, before := d.planDestroy(closed)
			_, after := d.planBlock(kept, attributes{"id": parleyInes})
			clash := strings.Contains(
				after.errors(),
				"This plan keeps Ines Varga (u7k2m9) in Konstantly and closes the same account",
			)
			if want := name != "two hosts"; clash != want || before.errors() != "" {
				t.Errorf("got %q, then %q, want a clash: %v", before.errors(), after.errors(), want)
			}
		})
	}
}

// mounted serves under one prefix what the handler serves under another.
func mounted(handler http.Handler, prefix, as string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc(prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = as + strings.TrimPrefix(r.URL.Path, prefix)
		handler.ServeHTTP(w, r)
	})
	return mux
}
