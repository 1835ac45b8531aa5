package provider

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/vendors/declared"
)

// parleyUser is a user in the API of Parley, the invented vendor of the examples.
type parleyUser struct {
	ID        int     `json:"id"`
	Email     string  `json:"email"`
	FirstName string  `json:"first_name"`
	LastName  string  `json:"last_name"`
	Enabled   bool    `json:"enabled"`
	DeletedAt *string `json:"deleted_at"`
	Role      string  `json:"role"`
}

// parleyServer is that API.
type parleyServer struct {
	mu       sync.Mutex
	users    map[string]*parleyUser
	invoices string   // of every user
	changes  []string // the requests that change something
	echoes   bool     // it fails, and repeats the address of the request
}

func newParley(t *testing.T) (*parleyServer, string) {
	t.Helper()
	p := &parleyServer{invoices: "[]", users: map[string]*parleyUser{
		"1":     {ID: 1, Email: "key@acme.test", FirstName: "Key", LastName: "Owner", Enabled: true, Role: "admin"},
		"84120": {ID: 84120, Email: inesEmail, FirstName: "Ines", LastName: "Varga", Enabled: true, Role: "member"},
		"84121": {ID: 84121, Email: ottoEmail, FirstName: "Otto", LastName: "Ostrander", Enabled: true, Role: "member"},
	}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return p, server.URL
}

// ServeHTTP implements http.Handler.
func (p *parleyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	w.Header().Set("Content-Type", "application/json")
	if r.Method != http.MethodGet {
		p.changes = append(p.changes, r.Method)
	}
	switch {
	case p.echoes:
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": "cannot take " + r.URL.String()}})
	case r.Header.Get("Authorization") != "Bearer "+mockKey && r.URL.Query().Get("token") != mockKey:
		w.WriteHeader(http.StatusUnauthorized)
	case segments[0] == "me":
		_, _ = w.Write([]byte(`{"user":{"id":1}}`))
	case len(segments) == 1:
		p.list(w, r)
	case p.users[segments[1]] == nil:
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":{"code":"user_not_found","message":"No such user"}}`))
	case len(segments) == 3:
		_, _ = w.Write([]byte(`{"invoices":` + p.invoices + `}`))
	default:
		p.one(w, r, p.users[segments[1]])
	}
}

// echo makes every request fail, with its address in the answer, or ends that.
func (p *parleyServer) echo(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.echoes = on
}

// list answers with users, narrowed down by an address, all on the first page.
func (p *parleyServer) list(w http.ResponseWriter, r *http.Request) {
	all, email := []*parleyUser{}, r.URL.Query().Get("email")
	for _, id := range []string{"84120", "84121"} {
		if page := r.URL.Query().Get("page"); (page == "" || page == "1") && (email == "" || p.users[id].Email == email) {
			all = append(all, p.users[id])
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"users": all})
}

// one reads or changes one user.
func (p *parleyServer) one(w http.ResponseWriter, r *http.Request, u *parleyUser) {
	now := "2026-11-29"
	switch r.Method {
	case http.MethodPatch:
		u.Enabled = false
	case http.MethodDelete:
		u.DeletedAt = &now
		w.WriteHeader(http.StatusAccepted)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"user": u})
}

// parleyExample is a directory with the resource of the example and some of its other files.
func parleyExample(t *testing.T, files ...string) (*parleyServer, *cli) {
	t.Helper()
	p, url := newParley(t)
	c := emptyCLI(t, newTestEnv(t))
	c.env = append(c.env, "PARLEY_API_KEY="+mockKey, "PARLEY_BASE_URL="+url)
	c.write("versions.tf", required("offboard/offboard"))
	c.copyExamples(append(files, "resources/offboard_user/resource.tf")...)
	definition := example(t, "resources/offboard_user/parley.vendor.hcl")
	c.write("parley.vendor.hcl", strings.Replace(definition, "requests = 100\n", "requests = 100000\n", 1))
	return p, c
}

// definitions are those of some files that are definitions of vendors.
func definitions(files []string) (all []string) {
	for _, name := range files {
		if strings.HasSuffix(name, ".vendor.hcl") {
			all = append(all, name)
		}
	}
	return all
}

// Every definition below examples/ can be used as it stands, and every example in it holds.
func TestExamples_definitionsHaveNoProblem(t *testing.T) {
	t.Parallel()
	for _, name := range definitions(filesBelow(t, examples)) {
		vendor, _, _ := strings.Cut(path.Base(name), ".")
		if _, problems := declared.Parse(vendor, example(t, name)); len(problems) > 0 {
			t.Errorf("%s: got the problems %v, want none", name, problems)
		}
	}
}

// The definition of the resource's example shows what one can have.
func TestExamples_definitionShowsWhatOneCanHave(t *testing.T) {
	t.Parallel()
	d, problems := declared.Parse("parley", example(t, "resources/offboard_user/parley.vendor.hcl"))
	if len(problems) > 0 {
		t.Fatalf("got the problems %v, want none", problems)
	}
	if !d.Lists() || !d.FindsByEmail() || !d.Suspends() || d.KeyInQuery() {
		t.Error("got a definition that lacks something, want one that shows what a definition can have")
	}
}

func TestExamples_userOfADeclaredVendorIsImportedAndClosed(t *testing.T) {
	t.Parallel()
	for form, minor := range map[string]int{"import.sh": 0, "import-by-string-id.tf": 0, "import-by-identity.tf": 12} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			p, c := parleyExample(t, "resources/offboard_user/"+form)
			c.needs(minor)
			if form == "import.sh" {
				c.startProgram("sh", "-e", form).wait().want(0)
			}
			c.run("apply", "-auto-approve").want(0)
			c.run("plan", "-detailed-exitcode").want(0, "No changes")
			if form != "import.sh" {
				return // the closure is the same
			}
			p.invoices = `[{"amount":12,"currency":"EUR"}]`
			c.run("destroy", "-auto-approve").want(1, "blocks: an invoice of 12 EUR is open", "Have it paid or canceled.")
			if len(p.changes) > 0 {
				t.Errorf("got the changes %q, want none", p.changes)
			}
			p.invoices = "[]"
			c.run("destroy", "-auto-approve").want(0, "1 destroyed")
			if want := []string{"PATCH", "DELETE"}; !slices.Equal(p.changes, want) {
				t.Errorf("got the changes %q, want %q", p.changes, want)
			}
		})
	}
}

func TestExamples_findUsersOfADeclaredVendor(t *testing.T) {
	t.Parallel()
	const failed = "Check block assertion failed"
	_, c := parleyExample(t, "resources/offboard_user/import-by-string-id.tf")
	c.write("user.tf", example(t, "data-sources/offboard_user/data-source.tf"))
	c.write("users.tf", example(t, "data-sources/offboard_users/data-source.tf"))
	c.run("apply", "-auto-approve").want(0, failed, `otto = "84121"`) // while Ines is there
	c.run("output", "-json", "unmanaged").want(0, "84121").silent("84120")
	if !c.isTofu() && c.minor >= listMinor {
		c.copyExamples("list-resources/offboard_user/list-resource.tfquery.hcl")
		c.run("query").want(0, ottoName).silent(inesName)
	}
	c.copyExamples("functions/vendor_problems/function.tf")
	c.run("apply", "-auto-approve").want(0, "problems = []")
	c.run("destroy", "-auto-approve").want(0)
	c.write("resource.tf", strings.SplitAfter(example(t, "resources/offboard_user/resource.tf"), "\n}\n")[0])
	c.write("import-by-string-id.tf")
	c.write("users.tf")
	c.run("apply", "-auto-approve").want(0).silent(failed) // Ines is gone
}
