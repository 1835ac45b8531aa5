# These blocks import each account that is new in the file of people. Accounts that are in the state
# already are skipped. A module can have import blocks with Terraform 1.16 or newer.

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

import {
  for_each = local.declared

  to = offboard_user.people[each.key]
  id = "${each.value.vendor}/${each.value.id}"
}
