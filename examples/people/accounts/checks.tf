# If a bad merge damages the file of people, the plan stops here. All users depend on this resource,
# so -target and OpenTofu's -exclude cannot leave it out. It is a resource of its own, because a
# check block only warns, and a precondition in a user resource does not run if its for_each is empty.

locals {
  # "written" is how many keys the text has: it counts colons. "bare" is the text without comments and
  # quoted texts, because a colon in these does not count. A quoted text ends on its line, or else the
  # apostrophe of a name such as 't Hooft would begin one that hides what follows. "read" is how many
  # keys yamldecode returns: what it returns is encoded as JSON, and each text before a colon is
  # counted. If a key is written twice, yamldecode returns it once, so the two numbers differ.
  bare    = replace(var.people, "/(^|[\\s,:\\[{])(?:#[^\\r\\n]*|\"(?:[^\"\\\\\\r\\n]|\\\\[^\\r\\n])*\"|'(?:[^'\\r\\n]|'')*')/", "$1\"\"")
  written = length(regexall("\"\":|:(?:[\\s,\\[\\]{}]|$)", local.bare))
  read    = length([for text in regexall("\"(?:[^\"\\\\]|\\\\.)*\"(:?)", jsonencode(local.file)) : text if text[0] == ":"])

  fields = {
    people  = ["name", "email", "other_emails", "accounts", "cancel_running_labs", "suspended", "close_not_before"]
    leavers = ["name", "email", "other_emails", "accounts", "left_on", "ticket"]
  }
  everybody = concat(
    [for i, p in local.people : { place = "people[${i}]", at = try("${p.email}:", "people[${i}]:"), of = "people", is = p }],
    [for i, p in local.leavers : { place = "leavers[${i}]", at = try("${p.email}:", "leavers[${i}]:"), of = "leavers", is = p }],
  )
  owned = flatten([for p in local.everybody : [
    for vendor, account in try({ for v, a in p.is.accounts : v => a }, {}) : {
      place  = p.place
      at     = "${p.at} ${vendor}"
      vendor = vendor
      id     = try(account.id, account)
      fields = try(keys(account), [])
      email  = try(account.email, null)
    }
  ]])

  unknown = flatten([
    [for field in try(keys(local.file), []) : field if !contains(["people", "leavers"], field)],
    [for p in local.everybody : [for field in try(keys(p.is), []) : "${p.at} ${field}" if !contains(local.fields[p.of], field)]],
    [for a in local.owned : a.at if !contains(keys(local.accounts), a.vendor)],
    [for a in local.owned : [for field in a.fields : "${a.at}.${field}" if !contains(["id", "email"], field)]],
  ])

  emails = flatten([
    [for p in local.everybody : { at = "${p.at} email", place = p.place, value = try(p.is.email, null) }],
    [for p in local.everybody : [
      for email in try([for e in p.is.other_emails : e], [null]) : { at = "${p.at} other_emails", place = p.place, value = email }
    ] if can(p.is.other_emails)],
  ])
  shown = [for a in local.owned : { at = "${a.at}.email", value = a.email } if contains(a.fields, "email")]
  dates = flatten([
    [for p in local.everybody : { at = "${p.at} left_on", value = try(p.is.left_on, null) } if p.of == "leavers"],
    [for p in local.everybody : { at = "${p.at} close_not_before", value = p.is.close_not_before } if can(p.is.close_not_before)],
  ])
  texts = concat(
    local.emails, local.shown, local.dates,
    [for a in local.owned : { at = a.at, value = a.id }],
    flatten([for p in local.everybody : [
      for field in ["name", "ticket"] : { at = "${p.at} ${field}", value = p.is[field] } if can(p.is[field])
    ]]),
  )

  missing = concat(
    [for t in local.texts : t.at if t.value == null ? true : try(trimspace(t.value) == "", false)],
    [for p in local.everybody : "${p.at} accounts" if can(p.is.accounts) && !can(keys(p.is.accounts))],
    length(local.people) == 0 ? ["people"] : [],
  )
  # A date without quotes becomes a text with a time.
  unquoted = [for t in local.texts : t.at if t.value == null ? false : !try(
    t.value == tostring(t.value) && (strcontains(var.people, t.value) || !can(regex("^\\d{4}-\\d\\d-\\d\\dT", t.value))), false
  )]
  switches = flatten([for p in local.everybody : [
    for field in ["cancel_running_labs", "suspended"] : "${p.at} ${field}"
    if can(p.is[field]) && !try(p.is[field] == true || p.is[field] == false, false)
  ]])
  no_emails = [
    for e in concat(local.emails, [for s in local.shown : s if s.value != "none"]) : e.at
    if !can(regex("^[^@\\s<>,;:]+@[^@\\s<>,;:]+$", e.value))
  ]
  no_dates = [
    for d in local.dates : d.at
    if !can(formatdate("YYYY", endswith(d.at, "left_on") || length(d.value) == 10 ? "${d.value}T00:00:00Z" : d.value))
  ]

  things = concat(
    [for e in local.emails : { thing = try(lower(e.value), ""), place = e.place }],
    [for p in local.everybody : { thing = try(lower(p.is.name), ""), place = p.place }],
    [for a in local.owned : { thing = try(lower("${a.vendor} ${a.id}"), ""), place = a.place }],
  )
  doubles = [
    for thing, places in { for t in local.things : t.thing => t.place... if t.thing != "" } : "${thing} (${join(", ", places)})"
    if length(places) > 1
  ]

  # An account that stays open though its person is suspended.
  open = flatten([for p in local.everybody : [
    for vendor in try(keys(p.is.accounts), []) : "${p.at} ${vendor}" if vendor != "konstantly"
  ] if try(p.is.suspended, false) == true])
}

resource "terraform_data" "people" {
  lifecycle {
    precondition {
      condition     = !can(regex("[\\x{85}\\x{2028}\\x{2029}]|\\r[^\\n]|\\r$", var.people))
      error_message = "The file of people has a line break that editors may not show: U+0085, U+2028, U+2029 or a carriage return alone. YAML begins a new line there, so what follows a # may count. Take it out."
    }
    precondition {
      condition     = local.written == local.read && !can(regex("[\\s,:\\[{][&*]", local.bare))
      error_message = "The file of people has a field that is written twice, or an anchor (&, *). It has ${local.written} keys, and YAML read ${local.read}. Write each field once, because YAML silently keeps the last of two. In place of an anchor, write the values out."
    }
    precondition {
      condition     = length(local.unknown) == 0
      error_message = "The file of people has a field or a vendor that is not known: ${join(", ", local.unknown)}. Correct the word. If a vendor's name is wrong, its account counts as removed from the file. left_on and ticket belong to leavers only."
    }
    precondition {
      condition     = length(local.missing) == 0
      error_message = "The file of people misses a value: ${join(", ", local.missing)}. Each person has an email address, and each leaver has a day in left_on."
    }
    precondition {
      condition     = length(local.unquoted) == 0
      error_message = "The file of people needs quotes around the value of ${join(", ", local.unquoted)}. YAML reads 0031 as the number 31."
    }
    precondition {
      condition     = length(local.switches) == 0
      error_message = "The file of people needs true or false, without quotes, at ${join(", ", local.switches)}."
    }
    precondition {
      condition     = length(local.no_emails) == 0
      error_message = "The file of people has no email address at ${join(", ", local.no_emails)}. Where a vendor shows none, write email: \"none\" at that account."
    }
    precondition {
      condition     = length(local.no_dates) == 0
      error_message = "The file of people has no day, such as \"2026-11-29\", at ${join(", ", local.no_dates)}."
    }
    precondition {
      condition     = length(local.doubles) == 0
      error_message = "The file of people has this twice: ${join("; ", local.doubles)}. An address, a name and an account belong to one person, who is either in people or in leavers."
    }
  }
}

check "suspended" {
  assert {
    condition     = length(local.open) == 0
    error_message = "These accounts stay open, although their person is suspended, because only Konstantly can suspend an account: ${join(", ", local.open)}."
  }
}
