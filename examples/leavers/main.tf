terraform {
  required_version = ">= 1.7"

  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

provider "offboard" {
  max_closures = 4 # one person at four vendors
}

locals {
  people = yamldecode(file("${path.module}/people.yaml"))

  # For each vendor a map from person to id.
  accounts = {
    for vendor in ["konstantly", "ecgrid", "sfox", "skillable"] :
    vendor => { for name, person in local.people : name => person[vendor] if can(person[vendor]) }
  }
}

resource "offboard_konstantly_user" "people" {
  for_each = local.accounts.konstantly

  id    = each.value
  email = try(local.people[each.key].email, null)
}

resource "offboard_ecgrid_user" "people" {
  for_each = local.accounts.ecgrid

  id    = each.value
  email = try(local.people[each.key].email, null)
}

resource "offboard_sfox_user" "people" {
  for_each = local.accounts.sfox

  id    = each.value
  email = try(local.people[each.key].email, null)
}

# Skillable shows no e-mail address of a person without labs, so it is not asked for.
resource "offboard_skillable_user" "people" {
  for_each = local.accounts.skillable

  id = each.value
}

# Whoever is new in people.yaml is taken over. For everybody else these blocks do nothing.

import {
  for_each = local.accounts.konstantly

  to = offboard_konstantly_user.people[each.key]
  id = each.value
}

import {
  for_each = local.accounts.ecgrid

  to = offboard_ecgrid_user.people[each.key]
  id = each.value
}

import {
  for_each = local.accounts.sfox

  to = offboard_sfox_user.people[each.key]
  id = each.value
}

import {
  for_each = local.accounts.skillable

  to = offboard_skillable_user.people[each.key]
  id = each.value
}
