//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

// statePath is where the runner serves a state to the CLI's backend "http".
const statePath = "/state"

// remoteState is a state outside of the directory of the CLI. Its zero value is empty.
type remoteState struct {
	mu      sync.Mutex
	content []byte
}

func (s *remoteState) get() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content
}

func (s *remoteState) set(content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content = content
}

// ServeHTTP implements http.Handler.
func (s *remoteState) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.set(content)
		return
	}
	content := s.get()
	if len(content) == 0 {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(content) // a CLI that is gone needs no answer
}

// initBackend prepares the directory of a variant whose state is remote.
func (r *runner) initBackend(ctx context.Context, v *variant, dir string) error {
	if !v.remote {
		return nil
	}
	r.state.set(nil)
	text := fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n", r.address+statePath)
	if err := os.WriteFile(filepath.Join(dir, backendFile), []byte(text), 0o600); err != nil {
		return err
	}
	_, err := r.command(ctx, v, dir, "init", "-input=false", "-no-color")
	return err
}

// keepState keeps the state of a variant after its import.
func (r *runner) keepState(v *variant, dir string) error {
	content := r.state.get()
	if !v.remote {
		var err error
		if content, err = os.ReadFile(filepath.Join(dir, stateFile)); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, importedFile), content, 0o600)
}

// restoreState restores the state that keepState has kept.
func (r *runner) restoreState(v *variant, dir string) error {
	content, err := os.ReadFile(filepath.Join(dir, importedFile))
	if err != nil {
		return err
	}
	if v.remote {
		r.state.set(content)
		return nil
	}
	return os.WriteFile(filepath.Join(dir, stateFile), content, 0o600)
}
