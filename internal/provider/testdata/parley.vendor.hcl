# A vendor of these tests. Its API is that of the mock of Konstantly.
title      = "Parley"
docs       = "https://docs.parley.example/users"
base_url   = "https://api.parley.example/openapi/v1"
id_pattern = "[a-z0-9-]+"
unknown_id = "no-such-user"
error      = answer.json.message

credentials {
  headers = { X-API-KEY = key }
}

rate {
  requests = 1000
  per      = "1s"
}

user {
  id     = record.id
  email  = record.email
  name   = record.name
  status = record.isBanned ? "suspended" : "active"
  facts  = { role = record.role.alias }
}

read {
  path   = ["users", user.id]
  record = answer.json
  absent = answer.status == 404 && answer.json.status == 404
}

alive {
  path    = ["users"]
  query   = { offset = 0 }
  works   = answer.status == 200
  records = answer.json.users
}

list {
  path    = ["users"]
  query   = { offset = page }
  records = answer.json.users
  first   = 0
  next    = length(records) > 0 ? page + length(records) : null
  total   = answer.json.totalCount
}

find_by_email {
  path   = ["users", "byEmail", user.email]
  record = answer.json
  absent = answer.status == 404 && answer.json.status == 404
}

step "block" {
  when       = user.status == "active"
  method     = "POST"
  path       = ["users", "blocked"]
  body       = { id = user.id }
  done       = user.status == "suspended"
  reversible = true
}

step "delete" {
  method = "DELETE"
  path   = ["users", user.id]
  done   = user.absent
}

example "an open user" {
  of = "read"
  answer = {
    status = 200
    json = {
      id = "u7k2m9", name = "Ines Varga", email = "ines.varga@acme.test", isBanned = false, role = { alias = "learner" }
    }
  }
  expect = { id = "u7k2m9", name = "Ines Varga", email = "ines.varga@acme.test", status = "active" }
}

example "no such user" {
  of     = "read"
  answer = { status = 404, json = { status = 404, message = "Not found" } }
  expect = { absent = true }
}
