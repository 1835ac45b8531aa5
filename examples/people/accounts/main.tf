# Imports each account of the people in a file, and closes it when its person is not in "people" any more.

terraform {
  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

variable "people" {
  description = "The text of the file of people."
  type        = string
}

variable "declared" {
  description = "The names of vendors that the provider block declares, such as harvest."
  type        = list(string)
  default     = []
}

locals {
  file    = yamldecode(var.people)
  people  = try([for person in local.file.people : person], [])
  leavers = try([for person in local.file.leavers : person], [])
  left    = { for person in local.leavers : try(lower(person.email), "") => person... }

  # The email address is the key of a person in plans and in the state. Capitals make no difference.
  all = flatten([
    for i, person in local.people : [
      for vendor, account in try({ for v, a in person.accounts : v => a }, {}) : {
        vendor   = vendor
        key      = try(lower(person.email), "people[${i}]")
        id       = try(account.id, account)
        email    = try(account.email, person.email, null) == "none" ? null : try(account.email, person.email, null)
        settings = person
      }
    ]
  ])

  # For each vendor, a map from address to account. If an address is in the file twice, a precondition says so.
  accounts = {
    for vendor in concat(["konstantly", "ecgrid", "sfox", "skillable"], var.declared) : vendor => {
      for key, same in { for a in local.all : a.key => a... if a.vendor == vendor } : key => same[0]
    }
  }
  declared = merge([
    for vendor in var.declared : { for key, a in local.accounts[vendor] : "${vendor}/${key}" => a }
  ]...)
}

resource "offboard_konstantly_user" "people" {
  for_each   = local.accounts.konstantly
  depends_on = [terraform_data.people]

  id               = each.value.id
  email            = each.value.email
  person           = each.key
  suspended        = try(each.value.settings.suspended, null)
  close_not_before = try(each.value.settings.close_not_before, null)
}

resource "offboard_ecgrid_user" "people" {
  for_each   = local.accounts.ecgrid
  depends_on = [terraform_data.people]

  id               = each.value.id
  email            = each.value.email
  person           = each.key
  close_not_before = try(each.value.settings.close_not_before, null)
}

resource "offboard_sfox_user" "people" {
  for_each   = local.accounts.sfox
  depends_on = [terraform_data.people]

  id               = each.value.id
  email            = each.value.email
  person           = each.key
  close_not_before = try(each.value.settings.close_not_before, null)
}

# Skillable shows no email address of a person without labs, so this block has none. There, "person"
# alone says whose account it is.
resource "offboard_skillable_user" "people" {
  for_each   = local.accounts.skillable
  depends_on = [terraform_data.people]

  id                  = each.value.id
  person              = each.key
  cancel_running_labs = try(each.value.settings.cancel_running_labs, null)
  close_not_before    = try(each.value.settings.close_not_before, null)
}

resource "offboard_user" "people" {
  for_each   = local.declared
  depends_on = [terraform_data.people]

  vendor           = each.value.vendor
  id               = each.value.id
  email            = each.value.email
  person           = each.value.key
  close_not_before = try(each.value.settings.close_not_before, null)
}

output "reasons" {
  description = "The ticket of each leaver, for the evidence log."
  value       = { for email, same in local.left : email => same[0].ticket if try(same[0].ticket, null) != null }
}

output "left_on" {
  description = "The day on which each leaver left, for the evidence log."
  value       = { for email, same in local.left : email => same[0].left_on if try(same[0].left_on, null) != null }
}

output "accounts" {
  description = "For each vendor, a map from email address to ID."
  value       = { for vendor, accounts in local.accounts : vendor => { for key, a in accounts : key => a.id } }
}

output "declared" {
  description = "For each account at a vendor in declared, the ID for its import block, such as parley/123."
  value       = { for key, a in local.declared : key => "${a.vendor}/${a.id}" }
}
