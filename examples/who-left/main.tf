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
  not_all = [for c in data.offboard_accounts.all.cannot_list : "${c.vendor}: ${c.why}"]
  proven  = ["closed", "already closed"]
  intact  = data.offboard_evidence.log.intact

  # Everybody in the file, with all addresses.
  people = [for person in concat(local.file.people, local.leavers) : {
    entry = person
    addresses = [
      for address in flatten([person.email, try(regexall("[^,; \t\r\n]+", person.other_emails), [for a in person.other_emails : a], [])]) :
      lower(trimspace(address))
    ]
  }]
  found = { for email in var.sample : email => [
    for person in local.people : person if contains(person.addresses, lower(trimspace(email)))
  ] }
  addresses = { for email, people in local.found : email =>
    distinct(concat([lower(trimspace(email))], people[*].addresses...))
  }
  left_on = { for email, people in local.found : email =>
    try(coalesce([for person in people : try(person.entry.left_on, null)]...), null)
  }

  # For each person, the last record of each account, whatever it says.
  closures = { for email in var.sample : email => [for all in values({
    for c in data.offboard_evidence.log.closures : jsonencode([c.vendor, c.tenant, c.id, c.key_hash]) => c...
    if length(setintersection(local.addresses[email], [
      for address in [c.person, c.email] : try(lower(trimspace(address)), "")
    ])) > 0
  }) : reverse(all)[0]] }

  answers = { for email in var.sample : email => {
    left_on = local.left_on[email]
    ticket  = try(coalesce([for person in local.found[email] : try(person.entry.ticket, null)]...), null)
    closed = [for c in local.closures[email] : {
      vendor  = c.vendor
      id      = c.id
      result  = c.result
      ended   = c.ended
      by      = try(c.run.actor, null)
      proof   = c.proof
      proven  = local.intact && contains(local.proven, c.result)
      in_time = try(timecmp(c.ended, timeadd("${local.left_on[email]}T00:00:00Z", var.within)) <= 0, false)
    }]
    # An account can be shown as another person's, or as that of one of several candidates.
    open = [
      for a in data.offboard_accounts.all.accounts : "${a.vendor} ${a.id}"
      if a.status != "closed" && length(setintersection(local.addresses[email], [
        for who in concat([a.person, a.email], a.candidates) : try(lower(trimspace(regex("([^<>]+@[^<>]+)>?$", who)[0])), "")
      ])) > 0
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
    coalesce(a.left_on, length(local.found[email]) > 0 ? "not a leaver" : "not in the file of people"),
    "${length([for c in a.closed : c if c.proven])} of ${length(a.closed)} proven",
    "${length([for c in a.closed : c if c.proven && c.in_time])} in time",
    local.intact ? "the log is intact" : "the log is not intact",
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
