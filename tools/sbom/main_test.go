package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestNewBill_namesWhatIsLinked(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "example.com/program", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "example.com/plain", Version: "v1.2.3", Sum: "h1:plain"},
			{Path: "example.com/asked", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/taken", Version: "v1.0.1", Sum: "h1:taken"}},
		},
	}

	got := newBill("v0.1.0", info, sha256.Sum256(nil))

	if want := "pkg:golang/example.com/program@v0.1.0"; got.Metadata.Component.PURL != want {
		t.Errorf("program: got %q, want %q", got.Metadata.Component.PURL, want)
	}
	var purls []string
	for _, c := range got.Components {
		purls = append(purls, c.PURL)
	}
	want := []string{"pkg:golang/stdlib@1.26.8", "pkg:golang/example.com/plain@v1.2.3", "pkg:golang/example.com/taken@v1.0.1"}
	if !reflect.DeepEqual(purls, want) {
		t.Errorf("components: got %q, want %q", purls, want)
	}
	if got, want := got.Components[2].Properties[0].Value, "h1:taken"; got != want {
		t.Errorf("checksum of the module that was taken: got %q, want %q", got, want)
	}
}

func TestWrite_readsTheBinaryItself(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	document := filepath.Join(t.TempDir(), "bill.json")

	if err := write("v0.1.0", binary, document); err != nil {
		t.Fatal(err)
	}

	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var got bill
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got, want := got.Metadata.Component.Hashes[0].Content, fmt.Sprintf("%x", sha256.Sum256(content)); got != want {
		t.Errorf("checksum: got %s, want %s", got, want)
	}
	if got, want := got.Components[0].Version, strings.TrimPrefix(runtime.Version(), "go"); got != want {
		t.Errorf("version of Go: got %s, want %s", got, want)
	}
}

func TestWrite_refusesWhatIsNotGo(t *testing.T) {
	folder := t.TempDir()
	binary := filepath.Join(folder, "script")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	document := filepath.Join(folder, "bill.json")

	if err := write("v0.1.0", binary, document); err == nil {
		t.Error("got no error, want one for a file that is no Go binary")
	}
	if _, err := os.Stat(document); err == nil {
		t.Error("got a bill of a file that is no Go binary, want none")
	}
}
