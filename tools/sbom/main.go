// Command sbom writes the bill of materials of a Go binary, as CycloneDX JSON:
// every module that is linked into it, with version and checksum, as the linker
// itself recorded them.
//
//	sbom VERSION BINARY DOCUMENT
//
// The document holds no time and no serial number, so that the same binary has
// the same bill.
//
// The format: https://cyclonedx.org/docs/1.6/json/
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

// bill is the part of a CycloneDX document that is used here.
type bill struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

// metadata says what the bill is for.
type metadata struct {
	Component component `json:"component"`
}

// component is the program itself, or a module in it.
type component struct {
	Type       string     `json:"type"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

// hash is a checksum over the bytes of a file.
type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// property is what the format has no field for.
type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: sbom VERSION BINARY DOCUMENT")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// write writes the bill of the program at path binary, released as version, to
// the file document. It fails if the binary is not Go's or a file is not to be
// read or written.
func write(version, binary, document string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(newBill(version, info, sha256.Sum256(content)), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(document, append(text, '\n'), 0o644)
}

// newBill lists what info says is in the program whose bytes have the checksum
// sum. The version is the program's, as its tag has it: the linker does not
// know it.
func newBill(version string, info *debug.BuildInfo, sum [sha256.Size]byte) bill {
	program := module("application", info.Main.Path, version)
	program.Hashes = []hash{{Algorithm: "SHA-256", Content: fmt.Sprintf("%x", sum)}}

	// The names that Go's own vulnerability database uses: https://go.dev/security/vuln/database
	components := []component{module("library", "stdlib", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := module("library", m.Path, m.Version)
		// As in go.sum: a checksum over a list of checksums, so not one of Hashes.
		c.Properties = []property{{Name: "go:sum", Value: m.Sum}}
		components = append(components, c)
	}
	return bill{
		Format:     "CycloneDX",
		Spec:       "1.6",
		Version:    1,
		Metadata:   metadata{Component: program},
		Components: components,
	}
}

// module returns the component of that kind for a Go module.
func module(kind, path, version string) component {
	return component{
		Type:    kind,
		Name:    path,
		Version: version,
		PURL:    "pkg:golang/" + path + "@" + version,
	}
}
