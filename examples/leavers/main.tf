terraform {
  required_version = ">= 1.7"

  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

provider "offboard" {
  max_closures = 10 # enough for two people at four vendors; if more leave, raise it in the same pull request
}

variable "people_yaml" {
  description = "A text in place of the file people.yaml. Only the tests set it."
  type        = string
  default     = null
}

locals {
  vendors = ["konstantly", "ecgrid", "sfox", "skillable"]
  text    = var.people_yaml != null ? var.people_yaml : file("${path.module}/people.yaml")
  people  = yamldecode(local.text)

  # For each vendor, a map from person to account: an ID, or an ID with the email address that this vendor shows.
  accounts = {
    for vendor in local.vendors : vendor => {
      for name, person in local.people : name => {
        id     = try(person[vendor].id, person[vendor])
        email  = try(person[vendor].email, person.email, null)
        person = try(person.email == "none" ? null : person.email, null)
      } if try(person[vendor].id, person[vendor], null) != null
    }
  }
}

resource "offboard_konstantly_user" "people" {
  for_each   = local.accounts.konstantly
  depends_on = [terraform_data.people]

  id     = each.value.id
  email  = each.value.email == "none" ? null : each.value.email
  person = each.value.person
}

resource "offboard_ecgrid_user" "people" {
  for_each   = local.accounts.ecgrid
  depends_on = [terraform_data.people]

  id     = each.value.id
  email  = each.value.email == "none" ? null : each.value.email
  person = each.value.person
}

resource "offboard_sfox_user" "people" {
  for_each   = local.accounts.sfox
  depends_on = [terraform_data.people]

  id     = each.value.id
  email  = each.value.email == "none" ? null : each.value.email
  person = each.value.person
}

# Skillable shows no email address of a person without labs, so this block has none. There, "person"
# alone says whose account it is.
resource "offboard_skillable_user" "people" {
  for_each   = local.accounts.skillable
  depends_on = [terraform_data.people]

  id     = each.value.id
  person = each.value.person
}

# These blocks import each account that is new in people.yaml. Accounts that are in the state
# already are skipped.

import {
  for_each = local.accounts.konstantly

  to = offboard_konstantly_user.people[each.key]
  id = each.value.id
}

import {
  for_each = local.accounts.ecgrid

  to = offboard_ecgrid_user.people[each.key]
  id = each.value.id
}

import {
  for_each = local.accounts.sfox

  to = offboard_sfox_user.people[each.key]
  id = each.value.id
}

import {
  for_each = local.accounts.skillable

  to = offboard_skillable_user.people[each.key]
  id = each.value.id
}

# If a bad merge damages people.yaml, the plan stops here. All users depend on this
# resource, so -target and OpenTofu's -exclude cannot leave it out. It is a resource of
# its own, because a check block only warns, and a precondition in a user resource does not run if
# its for_each is empty.

locals {
  # "written" is how many keys the text has: it counts colons. "bare" is the text without comments and
  # quoted texts, because a colon in these does not count. "read" is how many keys yamldecode returns.
  # If a key is written twice, yamldecode returns it once, so that the two numbers differ.
  bare    = replace(local.text, "/(^|[\\s,:\\[{])(?:#[^\\r\\n]*|\"(?:[^\"\\\\]|\\\\[\\s\\S])*\"|'(?:[^']|'')*')/", "$1\"\"")
  written = length(regexall("\"\":|:(?:[\\s,\\[\\]{}]|$)", local.bare))
  read = sum(flatten([0, length(local.people), [
    for person in local.people : [try(length(keys(person)), 0), [for field in try(values(person), []) : try(length(keys(field)), 0)]]
  ]]))

  fields = concat(["email"], local.vendors)
  unknown = flatten([
    for name, person in local.people : [
      [for field in try(keys(person), []) : "${name}.${field}" if !contains(local.fields, field)],
      [for vendor in local.vendors : [for field in try(keys(person[vendor]), []) : "${name}.${vendor}.${field}" if !contains(["id", "email"], field)]],
    ]
  ])

  values = flatten([
    for name, person in local.people : [
      [{ at = "${name}.email", value = try(person.email, null) }],
      [for vendor in local.vendors : [
        { at = "${name}.${vendor}", value = try(local.accounts[vendor][name].id, null) },
        { at = "${name}.${vendor}.email", value = try(local.accounts[vendor][name].email, person.email, null) },
      ] if can(person[vendor])],
    ]
  ])
  missing = concat(
    [for v in local.values : v.at if v.value == null ? true : try(trimspace(v.value) == "", false)],
    [for name, person in local.people : "${name}: no vendor" if !anytrue([for vendor in local.vendors : can(person[vendor])])],
  )
  unquoted  = [for v in local.values : v.at if v.value == null ? false : !try(v.value == tostring(v.value) && strcontains(local.text, v.value), false)]
  no_emails = [for v in local.values : v.at if endswith(v.at, ".email") && !can(regex("^([^@\\s<>,;:]+@[^@\\s<>,;:]+|none)$", v.value))]

  owners  = flatten([for vendor in local.vendors : [for name, account in local.accounts[vendor] : { account = try(lower("${vendor} ${account.id}"), ""), name = name }]])
  doubles = [for account, names in { for o in local.owners : o.account => o.name... } : "${account} (${join(", ", names)})" if length(names) > 1]
}

resource "terraform_data" "people" {
  lifecycle {
    precondition {
      condition     = local.written == local.read && !can(regex("[\\s,:\\[{][&*]", local.bare))
      error_message = "people.yaml has a name or a field that is written twice, or an anchor (&, *). It has ${local.written} keys, and YAML read ${local.read}. Write each once, because YAML silently keeps the last of two."
    }
    precondition {
      condition     = length(local.unknown) == 0
      error_message = "people.yaml names a field or a vendor that is not known: ${join(", ", local.unknown)}. Correct the word: an account under a wrong word counts as removed from the file."
    }
    precondition {
      condition     = length(local.missing) == 0
      error_message = "people.yaml misses a value: ${join(", ", local.missing)}. Each person has an email address and at least one account."
    }
    precondition {
      condition     = length(local.unquoted) == 0
      error_message = "people.yaml needs quotes around the value of ${join(", ", local.unquoted)}. YAML reads 0031 as the number 31."
    }
    precondition {
      condition     = length(local.no_emails) == 0
      error_message = "people.yaml has no email address at ${join(", ", local.no_emails)}. Where a vendor shows none, write email: none at that account."
    }
    precondition {
      condition     = length(local.doubles) == 0
      error_message = "Two people in people.yaml have the same account: ${join("; ", local.doubles)}."
    }
  }
}
