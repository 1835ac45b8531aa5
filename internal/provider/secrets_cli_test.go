package provider

import (
	"archive/zip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/offboard/terraform-provider-offboard/internal/mock"
)

// minting is a handler that remembers the tokens of users in its answers, and sets a cookie with
// each.
type minting struct {
	next http.Handler

	mu     sync.Mutex
	tokens map[string]bool
}

// ServeHTTP implements http.Handler.
func (m *minting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	m.next.ServeHTTP(recorder, r)
	m.mu.Lock()
	for _, token := range mintedToken.FindAllSubmatch(recorder.Body.Bytes(), -1) {
		m.tokens[string(token[1])] = true
	}
	m.mu.Unlock()
	maps.Copy(w.Header(), recorder.Header())
	w.Header().Set("Set-Cookie", "session="+cookie)
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

// TestSecrets_leaveTheCLINowhere goes through the life of users with TF_LOG=TRACE, and looks
// through all that the CLI and the provider leave behind.
func TestSecrets_leaveTheCLINowhere(t *testing.T) {
	t.Parallel()
	handler := &minting{next: mock.New(mockKey), tokens: map[string]bool{}}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	w := &testEnv{mock: handler.next.(*mock.Server), url: server.URL}
	c := emptyCLI(t, w)
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log")
	fast := attributes{"requests_per_second": 100000}
	settings := attributes{
		"evidence_log": "evidence.jsonl", "vendors": twinSettings(func(vendorCase) attributes { return fast }),
	}
	vendors, users, lists := allAtOnce(), "", ""
	for _, v := range vendors {
		v.add(w.mock)
		if v.builtIn() {
			settings[v.kind.name] = fast
		}
		users += v.block(v.id, "") + v.imports(v.id)
		users += v.data("", label(v.other), fmt.Sprintf("  id = %q", v.other)) + v.data("s", label(v.id), "")
		if v.hasList() {
			lists += v.query(label(v.id), "  include_resource = true", "")
		}
	}
	c.write("all.tfquery.hcl", lists)
	c.write("main.tf", completed(""), "provider \"offboard\" "+hcl(settings)+"\n", users)

	var output strings.Builder
	run := func(args ...string) {
		fmt.Fprintf(&output, "%s\n%s\n", strings.Join(args, " "), c.run(args...).raw) // some of them fail, as they should
	}
	run("apply", "-auto-approve")
	run("plan", "-refresh-only")
	run("query") // where there is none, that is only one more thing to look through
	for _, fault := range []mock.Fault{
		{Status: 401, Body: `{"error":"no"}`}, {Status: 500}, {Status: 200, Body: "<html>"},
	} {
		w.mock.Fail(fault)
		run("plan")
		w.mock.Heal()
	}
	run("plan", "-destroy", "-out=plan.zip")
	for _, v := range vendors {
		body := `{"error":"not now","success":false,"Status":0,"Error":"no"}`
		w.mock.Fail(mock.Fault{Vendor: v.mockName(), Route: v.closing, Status: 422, Body: body})
	}
	run("apply", "plan.zip")
	w.mock.Heal()
	run("destroy", "-auto-approve")
	for _, v := range vendors {
		if v.has(w.mock, v.id) {
			t.Fatalf("got %s still open, want everybody closed\n%s", v.kind.name, output.String())
		}
	}

	left := everyFile(t, c.dir)
	left["the output"] = output.String()
	for _, file := range []string{"trace.log", "terraform.tfstate", "evidence.jsonl", "plan.zip/tfplan"} {
		if len(left[file]) == 0 {
			t.Errorf("got no %s, want one to look through", file)
		}
	}
	if len(handler.tokens) == 0 || !strings.Contains(left["trace.log"], "request to the vendor") {
		t.Errorf("got %d tokens, want some, and the requests in the log", len(handler.tokens))
	}
	handler.tokens[mockKey], handler.tokens[cookie] = true, true
	for file, text := range left {
		for secret := range handler.tokens {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s: got the secret %s in …%s…", file, secret, text[max(0, i-300):min(len(text), i+100)])
			}
		}
	}
}

// everyFile reads the files of a directory, and the files within those that are archives.
func everyFile(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	must(err)
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if entry.IsDir() {
			continue
		}
		data, err := os.ReadFile(path)
		must(err)
		files[entry.Name()] = string(data)
		if archive, err := zip.OpenReader(path); err == nil {
			for _, file := range archive.File {
				reader, err := file.Open()
				must(err)
				data, err := io.ReadAll(reader)
				must(err)
				files[entry.Name()+"/"+file.Name] = string(data)
			}
			must(archive.Close())
		}
	}
	return files
}
