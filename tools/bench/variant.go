//go:build linux

package main

import (
	"fmt"
	"strings"
)

// variant is one way of having users in Terraform.
type variant struct {
	name     string
	provider string                                     // the program of the provider; empty when the CLI needs none
	config   func(ids []int64) (config, imports string) // the configuration, and what is in it for the import only
	closes   bool                                       // whether a destroy closes the users
	slow     bool                                       // measured once, and without a destroy
	missing  string                                     // why it cannot be measured here; empty when it can
}

// takesPart reports whether the variant takes part in this turn of an operation.
func (v variant) takesPart(op operation, turn int) bool {
	once := turn == 0 && op != destroying
	return v.missing == "" && (once || !v.slow)
}

// The variants that others are compared with.
const (
	ours  = "this provider"
	curl  = "`terraform_data` with curl"
	floor = "a provider that does nothing"
)

// email returns the address of every user of the benchmarks.
func email(id int64) string { return fmt.Sprintf("u%d@acme.test", id) }

const required = `terraform {
  required_providers {
    offboard = {
      source = "registry.terraform.io/offboard/offboard"
    }
  }
}
`

// blocks returns one resource block and one import block for each user, as terraform query writes
// them.
func blocks(ids []int64) (config, imports string) {
	var c, i strings.Builder
	c.WriteString(required)
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

// overMap returns one resource block for all users.
func overMap(ids []int64) (config, imports string) {
	var users strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&users, "    \"%d\" = %q\n", id, email(id))
	}
	return required + "\nlocals {\n  users = {\n" + users.String() + "  }\n}\n" + forEach("each.value"), importEach
}

// overSet returns one resource block for all users, over a set of IDs.
func overSet(ids []int64) (config, imports string) {
	var users strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&users, "    \"%d\",\n", id)
	}
	locals := "\nlocals {\n  users = toset([\n" + users.String() + "  ])\n}\n"
	return required + locals + forEach(`"u${each.key}@acme.test"`), importEach
}

func forEach(email string) string {
	return `
resource "offboard_ecgrid_user" "all" {
  for_each = local.users
  id       = each.key
  email    = ` + email + `
}
`
}

const importEach = `import {
  for_each = local.users
  to       = offboard_ecgrid_user.all[each.key]
  id       = each.key
}
`

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
