package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// printed is a block of HCL in a message, which the CLI prints as it stands there.
var printed = regexp.MustCompile(`(?ms)^  (import|moved|removed) \{$.*?^  \}$`)

// blocksIn are the blocks that a run of the CLI printed, by kind.
func (r result) blocksIn() map[string][]string {
	all := map[string][]string{}
	for _, m := range printed.FindAllStringSubmatch(r.raw, -1) {
		all[m[1]] = append(all[m[1]], m[0])
	}
	return all
}

// userLayout is how a configuration writes Ines and Otto. The names are what a reader of a message
// puts in for NAME and KEY.
type userLayout struct {
	name     string
	users    func(v vendorCase, attributes string, ids ...string) string // the first is the ID of Ines, if there is one
	address  string                                                      // of Ines, below the type
	replacer *strings.Replacer
}

var userLayouts = []userLayout{
	{"a block of their own", func(v vendorCase, attributes string, ids ...string) string {
		var all string
		for i, id := range ids {
			all += v.user(layoutNames[len(layoutNames)-len(ids)+i], fmt.Sprintf("  id = %q\n%s", id, attributes))
		}
		return all
	}, "ines", strings.NewReplacer(".NAME", ".ines")},
	{"one block with for_each", func(v vendorCase, attributes string, ids ...string) string {
		var all string
		for i, id := range ids {
			all += fmt.Sprintf("%s = %q, ", layoutNames[len(layoutNames)-len(ids)+i], id)
		}
		return v.user("people", fmt.Sprintf("  for_each = { %s }\n  id = each.value\n%s", all, attributes))
	}, `people["ines"]`, strings.NewReplacer(`.NAME["KEY"]`, `.people["ines"]`, ".NAME", `.people["ines"]`)},
}

var layoutNames = []string{"ines", "otto"}

// Each message that tells how to stop managing a user is followed to the letter: nothing is closed,
// and Ines alone leaves the state.
func TestMessages_stopManagingAsTheyPrintIt(t *testing.T) {
	t.Parallel()
	for _, situation := range []struct {
		name string
		want string // what the message says
		make func(c *cli, w *testEnv, v vendorCase, l userLayout) result
	}{
		{"the id in the block was changed", "cannot be changed", func(c *cli, _ *testEnv, v vendorCase, l userLayout) result {
			c.write("users.tf", l.users(v, "", v.id+"0", v.other))
			return c.run("plan")
		}},
		{"ignore_changes hides another id", "ignore_changes", func(c *cli, _ *testEnv, v vendorCase, l userLayout) result {
			c.write("users.tf", l.users(v, "lifecycle {\n ignore_changes = all\n}", v.other, v.other))
			return c.run("plan")
		}},
		{"the id has another address", "another person", func(c *cli, w *testEnv, v vendorCase, l userLayout) result {
			v.email(w.mock, v.id, "mina.okafor@acme.test")
			c.write("users.tf", l.users(v, "", v.other))
			return c.run("plan")
		}},
	} {
		for _, l := range userLayouts {
			t.Run(situation.name+", "+l.name, func(t *testing.T) {
				t.Parallel()
				forEachWhere(t, vendorCase.exceptOneTwin, func(t *testing.T, v vendorCase, w *testEnv) {
					c := newCLI(t, w, "")
					ines, otto := l.imports(v)
					c.write("users.tf", l.users(v, "", v.id, v.other), ines, otto)
					c.run("apply", "-auto-approve").want(0)
					blocks := situation.make(c, w, v, l).want(1, situation.want).blocksIn()
					if len(blocks["removed"]) != 2 || len(blocks["moved"]) != 1 {
						t.Fatalf("got the blocks %q, want one for a resource block and a pair for a key of for_each", blocks)
					}
					follow := blocks["removed"][0]
					if strings.Contains(l.address, "[") {
						follow = blocks["moved"][0] + "\n" + blocks["removed"][1]
					}
					c.write("users.tf", l.users(v, "", v.other), l.replacer.Replace(follow))
					c.run("apply", "-auto-approve").want(0)
					c.users(v.other)
					v.untouched(t, w)
				})
			})
		}
	}
}

// The import block of a refusal is pasted for both layouts.
func TestMessages_importAsTheyPrintIt(t *testing.T) {
	t.Parallel()
	for _, l := range userLayouts {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			forEachWhere(t, vendorCase.exceptOneTwin, func(t *testing.T, v vendorCase, w *testEnv) {
				c := newCLI(t, w, "")
				_, otto := l.imports(v)
				c.write("users.tf", l.users(v, "", v.id, v.other), otto)
				blocks := c.run("plan").want(1, inesName).blocksIn()["import"]
				if len(blocks) != 1 {
					t.Fatalf("got the import blocks %q, want one", blocks)
				}
				c.write("import.tf", l.replacer.Replace(blocks[0]))
				c.run("apply", "-auto-approve").want(0, "2 imported, 0 added")
				c.users(v.id, v.other)
				v.untouched(t, w)
			})
		})
	}
}

// imports are the import blocks of Ines and of Otto.
func (l userLayout) imports(v vendorCase) (ines, otto string) {
	address := v.kind.typeName() + "." + l.address
	return v.importsTo(address, v.id), v.importsTo(strings.Replace(address, "ines", "otto", 1), v.other)
}

// To leave users out of a plan takes them out of the guards' sight, so no message advises it.
func TestMessages_neverAdviseToTarget(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, option := range []string{"-target", "-exclude"} {
			if !strings.HasSuffix(file, "_test.go") && strings.Contains(string(text), option) {
				t.Errorf("%s speaks of %s, want no message to advise it", file, option)
			}
		}
	}
}

// What is to be pasted is never evaluated: an ID is the vendor's, and an address whatever somebody
// gave the vendor.
func TestLiteral(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"u7k2m9":                  `"u7k2m9"`,
		`a"b\c`:                   `"a\"b\\c"`,
		"${file(\"id_rsa\")}":     `"$${file(\"id_rsa\")}"`,
		"%{ if true }x%{ endif }": `"%%{ if true }x%%{ endif }"`,
	} {
		if got := literal(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := importBlock(konstantlyKind, "${1+1}"); !strings.Contains(got, `id = "$${1+1}"`) {
		t.Errorf("got %s, want the ID as text", got)
	}
}
