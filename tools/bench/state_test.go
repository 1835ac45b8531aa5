//go:build linux

package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// stateOver asks the runner for the state as a CLI does, or sends it one.
func stateOver(t *testing.T, r *runner, method string, content []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.address+statePath, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestRunner_restoresTheStateOfAnImport(t *testing.T) {
	t.Parallel()
	for _, remote := range []bool{false, true} {
		dir, v := t.TempDir(), variant{name: ours, remote: remote}
		r, err := newRunner(t.Context(), "/bin/true", dir)
		if err != nil {
			t.Fatal(err)
		}
		defer r.close()
		r.newVendors(1, 0)
		file := filepath.Join(dir, stateFile)
		write := func(content string) {
			if remote {
				stateOver(t, r, http.MethodPost, []byte(content))
			} else if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.initBackend(t.Context(), &v, dir); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, backendFile)); (err == nil) != remote {
			t.Errorf("remote %t: got %v of the file with the backend", remote, err)
		}
		if status, body := stateOver(t, r, http.MethodGet, nil); status != http.StatusNotFound {
			t.Errorf("got HTTP %d and %q before any state, want 404", status, body)
		}
		write("imported")
		if err := r.keepState(&v, dir); err != nil {
			t.Fatal(err)
		}
		write("destroyed")
		if err := r.restoreState(&v, dir); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if remote {
			_, body := stateOver(t, r, http.MethodGet, nil)
			got, err = []byte(body), nil
		}
		if err != nil || string(got) != "imported" {
			t.Errorf("remote %t: got %q and %v, want the state of the import", remote, got, err)
		}
	}
}
