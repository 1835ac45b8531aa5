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
	config   func(ids []int64) (config, imports string) // the configuration that stays, and what is in it for the import only
	closes   bool                                       // whether a destroy closes the users
	slow     bool                                       // measured once, and without a destroy
	missing  string                                     // why it cannot be measured here; empty when it can
}

// done tells whether the variant takes part in this turn of an operation.
func (v variant) done(op operation, turn int) bool {
	once := turn == 0 && op != destroying
	return v.missing == "" && (once || !v.slow)
}

// The variants that others are compared with.
const (
	ours  = "this provider"
	curl  = "`terraform_data` with curl"
	floor = "a provider that does nothing"
)

// email is the address of every user of the benchmarks.
func email(id int64) string { return fmt.Sprintf("u%d@acme.test", id) }

const required = `terraform {
  required_providers {
    offboard = {
      source = "registry.terraform.io/offboard/offboard"
    }
  }
}
`

// blocks is one resource block and one import block for each user, as terraform query writes them.
func blocks(ids []int64) (config, imports string) {
	var c, i strings.Builder
	c.WriteString(required)
	for _, id := range ids {
		fmt.Fprintf(&c, "\nresource \"offboard_ecgrid_user\" \"all_%d\" {\n  email    = %q\n  id       = \"%d\"\n  timeouts = null\n}\n", id, email(id), id)
		fmt.Fprintf(&i, "import {\n  to = offboard_ecgrid_user.all_%d\n  id = \"%d\"\n}\n\n", id, id)
	}
	return c.String(), i.String()
}

// overMap is one resource block for all users.
func overMap(ids []int64) (config, imports string) {
	var users strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&users, "    \"%d\" = %q\n", id, email(id))
	}
	return required + "\nlocals {\n  users = {\n" + users.String() + "  }\n}\n" + forEach("each.value"), importEach
}

// overSet is overMap with a set in the place of the map.
func overSet(ids []int64) (config, imports string) {
	var users strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&users, "    \"%d\",\n", id)
	}
	return required + "\nlocals {\n  users = toset([\n" + users.String() + "  ])\n}\n" + forEach(`"u${each.key}@acme.test"`), importEach
}

func forEach(email string) string {
	return "\nresource \"offboard_ecgrid_user\" \"all\" {\n  for_each = local.users\n  id       = each.key\n  email    = " + email + "\n}\n"
}

const importEach = "import {\n  for_each = local.users\n  to       = offboard_ecgrid_user.all[each.key]\n  id       = each.key\n}\n"

// provisioners is what people do without a provider: a note of each user, and a request when the note is destroyed. Nothing checks
// the answer.
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
