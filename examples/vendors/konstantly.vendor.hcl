# Konstantly, which the provider knows already: the same vendor as a definition.
# Written from the documentation on 2026-11-29. Not yet run against the live service.
#
# What a definition cannot express of Konstantly:
# - A role that the answer has as a text or as an object with an alias is read by one expression. An
#   object with a key twice is refused as a whole.
# - The search of the list for an address that the look-up by email does not find.

title      = "Konstantly"
docs       = "https://docs.konstantly.com/api-reference/introduction"
base_url   = "https://${setting.site}.konstant.ly/openapi/v1"
id_pattern = "[^/]+"
unknown_id = "offboard-no-such-user"
error      = answer.json.message

setting "site" {
  description = "The name of the site, such as acme for https://acme.konstant.ly."
}

# https://docs.konstantly.com/api-reference/introduction
credentials {
  headers = { X-API-KEY = key }
}

rate {
  requests = 96
  per      = "1m"
  left     = answer.headers["x-ratelimit-remaining"]
  reset    = answer.headers["x-ratelimit-reset"]
}

user {
  id     = record.id
  email  = try(record.email, null)
  name   = try(record.name, null)
  status = record.isBanned ? "suspended" : "active"
  facts  = { role = try(tostring(record.role), record.role.alias, "") }
}

# https://docs.konstantly.com/api-reference/users/get-user-by-id
read {
  path   = ["users", user.id]
  ok     = answer.status < 300 && try(answer.json.status, 200) < 400
  record = answer.json
  absent = (
    contains([404, 410], answer.json.status) && (answer.status < 300 || contains([404, 410], answer.status)) &&
    !can(answer.json.id)
  )
}

# https://docs.konstantly.com/api-reference/users/get-users
alive {
  path    = ["users"]
  query   = { offset = 0 }
  works   = try(answer.json.status, 200) < 400
  records = answer.json.users
}

# https://docs.konstantly.com/api-reference/users/get-users
list {
  path    = ["users"]
  query   = { offset = page }
  ok      = answer.status < 300 && try(answer.json.status, 200) < 400
  records = answer.json.users
  first   = 0
  next    = length(records) > 0 ? page + length(records) : null
  total   = try(tonumber(answer.json.totalCount), null)
}

# https://docs.konstantly.com/api-reference/users/get-user
find_by_email {
  path   = ["users", "byEmail", user.email]
  ok     = answer.status < 300 && try(answer.json.status, 200) < 400
  record = answer.json
  absent = contains([404, 410], answer.json.status)
}

# https://docs.konstantly.com/api-reference/users/block-user
obstacle "course experts" {
  found = user.status == "active"
  says  = "Konstantly may refuse to block a user who is the expert of a course, and does not say so before the closure"
}

# https://docs.konstantly.com/api-reference/users/block-user
step "block" {
  when       = user.status == "active"
  method     = "POST"
  path       = ["users", "blocked"]
  body       = { id = user.id }
  accepted   = answer.json.isBanned
  shows      = answer.json
  done       = user.status == "suspended"
  reversible = true
}

# The documented answer to the deletion of a user who does not exist, to the letter, and no other 404.
# https://docs.konstantly.com/api-reference/users/delete-user
step "delete" {
  method  = "DELETE"
  path    = ["users", user.id]
  refused = answer.status < 300 && try(answer.json.status, 200) >= 400
  gone    = answer.status == 404 && jsonencode(answer.json) == jsonencode({ status = 404, message = "Not found" })
  done    = user.absent
}

example "an active user" {
  of = "read"
  answer = {
    status = 200
    json = {
      id = "u7k2m9", name = "Ines Varga", email = "ines@acme.test", isBanned = false, role = { alias = "learner" }
    }
  }
  expect = {
    id = "u7k2m9", email = "ines@acme.test", name = "Ines Varga", status = "active", facts = { role = "learner" }
  }
}

example "a blocked user" {
  of     = "read"
  answer = { status = 200, json = { id = "u7k2m9", name = "Ines Varga", isBanned = true, role = "learner" } }
  expect = { status = "suspended", facts = { role = "learner" } }
}

example "no such user" {
  of     = "read"
  answer = { status = 404, json = { status = 404, message = "Not found" } }
  expect = { absent = true }
}

example "no such user, beside the user" {
  of     = "read"
  answer = { status = 404, json = { status = 404, id = "u7k2m9", name = "Ines Varga", isBanned = true } }
  expect = { absent = false, error = true }
}

example "a wrong key" {
  of     = "alive"
  answer = { status = 401, json = { status = 401, message = "Unauthorized" } }
  expect = { works = false }
}

example "a page of the list" {
  of     = "list"
  answer = { status = 200, json = { users = [{ id = "u7k2m9", isBanned = false }], totalCount = 45 } }
  expect = { ids = ["u7k2m9"], next = 1, total = 45 }
}

example "the page after the last one" {
  of     = "list"
  answer = { status = 200, json = { users = [], totalCount = 45 } }
  expect = { ids = [], next = null }
}

example "the block is accepted" {
  of     = "step block"
  answer = { status = 200, json = { id = "u7k2m9", isBanned = true } }
  expect = { accepted = true }
}

example "the expert of a course" {
  of     = "step block"
  answer = { status = 422, json = { status = 422, message = "User is an expert" } }
  expect = { refused = true }
}

example "the user is deleted already" {
  of     = "step delete"
  answer = { status = 404, json = { status = 404, message = "Not found" } }
  expect = { gone = true, accepted = false }
}

example "an error with HTTP 200" {
  of     = "step delete"
  answer = { status = 200, json = { status = 404, message = "Not found" } }
  expect = { refused = true }
}

example "the deletion is accepted" {
  of     = "step delete"
  answer = { status = 204 }
  expect = { accepted = true }
}
