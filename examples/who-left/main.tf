# What an auditor asks of some people: when did they leave, when was each account closed, what proves
# it, and what is still open?

terraform {
  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

provider "offboard" {
  read_only = true
}

variable "sample" {
  description = "The email addresses of the people that the auditor asks about."
  type        = list(string)
}

variable "known_head" {
  description = "A head of the evidence log that was kept elsewhere."
  type        = string
  default     = null
}

variable "within" {
  description = "How soon after 00:00 UTC of left_on each account must be closed."
  type        = string
  default     = "48h"
}

locals {
  file    = yamldecode(file("people.yaml"))
  leavers = try([for person in local.file.leavers : person], [])
  left    = { for person in local.leavers : lower(person.email) => person }
  known   = [for person in concat(local.file.people, local.leavers) : lower(person.email)]
  not_all = [for c in data.offboard_accounts.all.cannot_list : "${c.vendor}: ${c.why}"]
  proven  = ["closed", "already closed"]

  # For each person, the last record of each account.
  closures = { for email in var.sample : email => [for all in values({
    for c in data.offboard_evidence.log.closures : "${c.vendor} ${c.tenant} ${c.id}" => c...
    if c.action == "close" && contains([try(lower(c.person), ""), try(lower(c.email), "")], lower(email))
  }) : reverse(all)[0]] }

  answers = { for email in var.sample : email => {
    left_on = try(local.left[lower(email)].left_on, null)
    ticket  = try(local.left[lower(email)].ticket, null)
    closed = [for c in local.closures[email] : {
      vendor  = c.vendor
      id      = c.id
      result  = c.result
      ended   = c.ended
      by      = try(c.run.actor, null)
      proof   = c.proof
      in_time = try(timecmp(c.ended, timeadd("${local.left[lower(email)].left_on}T00:00:00Z", var.within)) <= 0, false)
    }]
    open = [
      for a in data.offboard_accounts.all.accounts : "${a.vendor} ${a.id}"
      if try(lower(a.person), "") == lower(email) && a.status != "closed"
    ]
  } }
}

data "offboard_evidence" "log" {
  file       = "offboarding.jsonl"
  known_head = var.known_head
}

data "offboard_accounts" "all" {
  people = concat(local.file.people, local.leavers)
}

check "evidence" {
  assert {
    condition     = data.offboard_evidence.log.intact
    error_message = coalesce(data.offboard_evidence.log.problem, "The evidence log is not intact.")
  }
}

output "answers" {
  value = local.answers
}

# One line for each person: who, since when, how many closures are proven and in time, and what is open.
output "table" {
  value = join("\n", [for email, a in local.answers : join(" | ", [
    email,
    coalesce(a.left_on, contains(local.known, lower(email)) ? "not a leaver" : "not in the file of people"),
    "${length([for c in a.closed : c if contains(local.proven, c.result)])} of ${length(a.closed)} proven",
    "${length([for c in a.closed : c if c.in_time])} in time",
    length(a.open) == 0 ? "no open account is shown" : "open: ${join(", ", a.open)}",
    length(local.not_all) == 0 ? "all lists are whole" : "lists that are not whole: ${length(local.not_all)}",
  ])])
}

# Only these vendors were asked. At those under not_all, an open account may not be shown.
output "vendors" {
  value = {
    all     = data.offboard_accounts.all.vendors
    not_all = local.not_all
  }
}
