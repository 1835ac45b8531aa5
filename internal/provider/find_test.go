package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// forEachFindable runs a test for every vendor whose users can be found by their e-mail addresses.
func forEachFindable(t *testing.T, f func(t *testing.T, v vendorCase, w *testEnv)) {
	forEachWhere(t, func(v vendorCase) bool { return v.kind.findsByEmail }, f)
}

func TestImport_byEmail(t *testing.T) {
	t.Parallel()
	forEachFindable(t, func(t *testing.T, v vendorCase, w *testEnv) {
		c := newCLI(t, w, "")
		c.write("users.tf", v.importsTo(v.address(v.id), strings.ToUpper(inesEmail)), v.block(v.id, ""))
		c.run("apply", "-auto-approve").want(0, "1 imported, 0 added, 0 changed, 0 destroyed")
		c.users(v.id)
		c.run("plan", "-detailed-exitcode").want(0, "No changes")
	})
}

// An ID that looks like an email address is an ID first, unless it is the address of somebody else:
// then nobody is guessed.
func TestImport_anIDMayLookLikeAnEmail(t *testing.T) {
	t.Parallel()
	forEachWhere(t, vendorCase.textIDs, func(t *testing.T, v vendorCase, w *testEnv) {
		const lonely = "by.id@acme.test"
		v.put(w.mock, lonely, "By Id", "other@acme.test")
		if m := newDriver(t, w, nil).mustImport(v.kind, lonely); m.text("name") != "By Id" {
			t.Errorf("got %q, want the user with that ID", m.text("name"))
		}
		if !v.kind.findsByEmail {
			return
		}
		v.put(w.mock, inesEmail, "By Id", "third@acme.test")
		_, diags := newDriver(t, w, nil).importUser(v.kind, inesEmail)
		if !strings.Contains(diags.errors(), "may mean two users") {
			t.Errorf("got %q, want a refusal to guess", diags.errors())
		}
	})
}

func TestImport_anEmailThatIsNobodysOrSeverals(t *testing.T) {
	t.Parallel()
	forEachFindable(t, func(t *testing.T, v vendorCase, w *testEnv) {
		_, diags := newDriver(t, w, nil).importUser(v.kind, "nobody@acme.test")
		want := `the ID "nobody@acme.test". It shows this API key no user with that email address either`
		if !strings.Contains(diags.errors(), want) {
			t.Errorf("nobody: got %q, want %q in it", diags.errors(), want)
		}
		if v.unique {
			return
		}
		v.email(w.mock, v.other, inesEmail)
		_, diags = newDriver(t, w, nil).importUser(v.kind, inesEmail)
		for _, want := range []string{
			"More than one user has the email address", inesName, ottoName, fmt.Sprintf("ID %q", v.id),
			fmt.Sprintf("ID %q", v.other),
		} {
			if !strings.Contains(diags.errors(), want) {
				t.Errorf("several: got %q, want %q in it", diags.errors(), want)
			}
		}
	})
}

// A user who cannot be looked up is not an absent one.
func TestImport_anEmailThatCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	forEachFindable(t, func(t *testing.T, v vendorCase, w *testEnv) {
		w.mock.Fail(
			mock.Fault{
				Vendor: v.mockName(),
				Route:  v.search,
				Status: 403,
				Body:   `{"success":false,"errorCode":"AccessDenied","error":"no","status":403,"message":"no"}`,
			},
		)
		_, diags := newDriver(t, w, nil).importUser(v.kind, inesEmail)
		if !slices.Contains(w.mock.Routes(), v.search) {
			t.Errorf("got the requests %q, want %q among them", w.mock.Routes(), v.search)
		}
		if !strings.Contains(diags.errors(), v.kind.title) || !strings.Contains(diags.errors(), "HTTP 403") ||
			strings.Contains(diags.errors(), "No open account") {
			t.Errorf("got %q, want the refusal of %s", diags.errors(), v.kind.title)
		}
	})
}

// What is no e-mail address is asked for like any other id: nothing but the read asks the vendor.
func TestImport_onlyAnEmailIsLookedUp(t *testing.T) {
	t.Parallel()
	forEachVendor(t, func(t *testing.T, v vendorCase, w *testEnv) {
		asked := func(given string) []string {
			w.mock.ForgetRequests()
			if _, diags := newDriver(t, w, nil).importUser(v.kind, given); diags.errors() == "" && !v.noRead {
				t.Errorf("%q: got no error, want a refusal", given)
			}
			return w.mock.Routes()
		}
		want := asked("nobody")
		for _, given := range []string{"@", "ines@", "@acme.test", "ines varga@acme.test"} {
			if got := asked(given); !slices.Equal(got, want) {
				t.Errorf("%q: got the requests %q, want %q as for any id", given, got, want)
			}
		}
	})
}
