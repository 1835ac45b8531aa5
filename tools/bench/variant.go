//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// variant is one way of having users in Terraform.
type variant struct {
	name     string
	cli      string                                     // the CLI; empty for that of the runner
	provider string                                     // the program of the provider; empty when the CLI needs none
	config   func(ids []int64) (config, imports string) // the configuration, and what is in it for the import only
	// definition is the file that describes the vendor; empty for the vendor that the provider knows itself.
	definition string
	blocks     bool   // whether the destroy finds the blocks of the users
	remote     bool   // whether the state is in a remote backend
	closes     bool   // whether a destroy closes the users
	slow       bool   // measured once
	kept       bool   // measured without a destroy
	missing    string // why it cannot be measured here; empty when it can
}

// takesPart reports whether the variant takes part in this turn of an operation.
func (v *variant) takesPart(op operation, turn int) bool {
	return v.missing == "" && (turn == 0 || !v.slow) && (op != destroying || !v.kept)
}

// destroy prepares the directory for the command that destroys all users, and returns its name. The
// blocks of leavers are gone, and an apply closes their accounts. A destroy provisioner runs only if
// its block is there.
func (v *variant) destroy(dir string) (command string, err error) {
	if v.provider == "" || v.blocks {
		return "destroy", nil
	}
	return "apply", os.WriteFile(filepath.Join(dir, configFile), []byte(v.head()), 0o600)
}

// head returns the configuration without any user.
func (v *variant) head() string {
	if v.definition == "" {
		return providerBlock
	}
	return strings.TrimSuffix(providerBlock, "}\n") + fmt.Sprintf(`
  vendors = {
    %s = {
      definition = file(%q)
    }
  }
}
`, declaredVendor, v.definition)
}

// users returns the configuration with the users in it, and what is in it for the import only.
func (v *variant) users(ids []int64) (config, imports string) {
	config, imports = v.config(ids)
	if v.definition == "" {
		return config, imports
	}
	const builtIn, shared = "offboard_ecgrid_user", "offboard_user"
	config = v.head() + strings.ReplaceAll(strings.TrimPrefix(config, providerBlock), builtIn, shared)
	config = strings.ReplaceAll(config, "  timeouts = null\n", "  timeouts = null\n  vendor   = \""+declaredVendor+"\"\n")
	imports = strings.ReplaceAll(imports, builtIn, shared)
	return config, strings.ReplaceAll(imports, "id = \"", "id = \""+declaredVendor+"/")
}

// comparedWith returns the names of the variants that this one is compared with. The second is empty
// with OpenTofu, because curl was measured with Terraform only.
func (v *variant) comparedWith() (nothing, other string) {
	if v.name == ours+withTofu || v.name == floor+withTofu {
		return floor + withTofu, ""
	}
	return floor, curl
}

// The variants that others are compared with, and what is added to a name for the other forms.
const (
	ours       = "this provider"
	curl       = "`terraform_data` with curl"
	floor      = "a provider that does nothing"
	withTofu   = ", OpenTofu"
	withBlocks = ", blocks that stay"
	withMap    = ", `for_each` over a map"
	withSet    = ", `for_each` over a set"
	withRemote = ", remote state"

	withDefinition = ", the vendor by a definition"
)

// The vendor that a definition describes, and the file with the definition.
const (
	declaredVendor = "ecgrid_declared"
	definitionFile = "examples/vendors/ecgrid.vendor.hcl"
)

// email returns the address of every user of the benchmarks.
func email(id int64) string { return fmt.Sprintf("u%d@acme.test", id) }

// providerBlock lets one run close all users.
const providerBlock = `terraform {
  required_providers {
    offboard = {
      source = "registry.terraform.io/offboard/offboard"
    }
  }
}

provider "offboard" {
  max_closures = -1
}
`

// blocks returns one resource block and one import block for each user, as terraform query writes
// them.
func blocks(ids []int64) (config, imports string) {
	var c, i strings.Builder
	c.WriteString(providerBlock)
	for _, id := range ids {
		fmt.Fprintf(&c, `
resource "offboard_ecgrid_user" "all_%d" {
  email    = %q
  id       = "%d"
  timeouts = null
}
`, id, email(id), id)
		fmt.Fprintf(&i, "import {\n  to = offboard_ecgrid_user.all_%d\n  id = \"%d\"\n}\n\n", id, id)
	}
	return c.String(), i.String()
}

// mapSize is the number of users in one resource block over a map. The time that the CLI needs for a
// block is quadratic in them.
const mapSize = 1000

// overMaps returns one resource block for each thousand users.
func overMaps(ids []int64) (config, imports string) {
	var c, i strings.Builder
	c.WriteString(providerBlock)
	for part := range slices.Chunk(ids, mapSize) {
		name := fmt.Sprintf("from_%d", part[0])
		fmt.Fprintf(&c, "\nlocals {\n  %s = {\n", name)
		for _, id := range part {
			fmt.Fprintf(&c, "    \"%d\" = %q\n", id, email(id))
		}
		c.WriteString("  }\n}\n" + forEach(name, "each.value"))
		i.WriteString(importEach(name))
	}
	return c.String(), i.String()
}

// overASet returns one resource block for all users, over a set of IDs.
func overASet(ids []int64) (config, imports string) {
	var users strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&users, "    \"%d\",\n", id)
	}
	locals := "\nlocals {\n  users = toset([\n" + users.String() + "  ])\n}\n"
	return providerBlock + locals + forEach("users", `"u${each.key}@acme.test"`), importEach("users")
}

// forEach returns a resource block over the local value of that name.
func forEach(name, email string) string {
	return fmt.Sprintf(`
resource "offboard_ecgrid_user" %[1]q {
  for_each = local.%[1]s
  id       = each.key
  email    = %[2]s
}
`, name, email)
}

// importEach returns the import block of such a resource block.
func importEach(name string) string {
	return fmt.Sprintf(`import {
  for_each = local.%[1]s
  to       = offboard_ecgrid_user.%[1]s[each.key]
  id       = each.key
}

`, name)
}

// provisioners returns what people do without a provider: a note of each user, and a request if the
// note is destroyed. Nothing checks the answer.
func provisioners(ids []int64) (config, imports string) {
	var c strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&c, `resource "terraform_data" "u%d" {
  input = "%d"
  provisioner "local-exec" {
    when    = destroy
    command = "curl -fsS -X DELETE -H \"X-API-Key: $ECGRID_API_KEY\" \"$ECGRID_BASE_URL/users/${self.input}\""
  }
}

`, id, id)
	}
	return c.String(), ""
}
