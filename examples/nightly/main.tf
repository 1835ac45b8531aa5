# Who still has an account? This compares the vendors' lists with people.yaml. It manages no account.

terraform {
  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

provider "offboard" {
  read_only   = true
  never_close = ["svc-offboard@acme.test"]
}

variable "people" {
  description = "The path of the file of people."
  type        = string
  default     = "people.yaml"
}

variable "check" {
  description = "Whether accounts that should not be there are an error."
  type        = bool
  default     = false
}

locals {
  file    = yamldecode(file(var.people))
  leavers = try([for person in local.file.leavers : person], [])
  owned = flatten([for person in local.file.people : [
    for vendor, account in try(person.accounts, {}) : { vendor = vendor, id = try(account.id, account) }
  ]])

  # A leaver without a day, or whose day is to come, counts as present.
  present = [for person in local.leavers : try(person.email, "without an address") if !try(
    timecmp("${substr(trimspace(person.left_on), 0, 10)}T00:00:00Z", plantimestamp()) <= 0, false
  )]
}

data "offboard_accounts" "all" {
  people  = concat(local.file.people, local.leavers)
  managed = { for account in local.owned : account.vendor => account.id... }
  ignore  = ["svc-offboard@acme.test"]
  domain  = "acme.test"
  fail_on = var.check ? ["leaver", "rehired", "ambiguous", "stranger", "outside"] : []

  lifecycle {
    precondition {
      condition     = !var.check || length(local.present) == 0
      error_message = "Write a left_on that is not in the future for these entries of leavers: ${join(", ", local.present)}."
    }
  }
}

output "page" {
  value     = provider::offboard::accounts_page(data.offboard_accounts.all)
  sensitive = true # keeps the page out of the job's log; "output -raw" prints it all the same
}

# An entry of never_close that no account has may be misspelled.
output "never_close_unmatched" {
  value = data.offboard_accounts.all.never_close_unmatched
}
