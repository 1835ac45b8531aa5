# Parley is an invented vendor. Its definition says how its users are read, and how an account is closed.
title      = "Parley"
docs       = "https://docs.parley.example/users"
base_url   = "https://${setting.region}.parley.example/api/v2"
id_pattern = "[1-9][0-9]*"
unknown_id = "999999999999"
error      = answer.json.error.message

setting "region" {
  description = "The region of the account, eu or us."
}

credentials {
  headers = { Authorization = "Bearer ${key}" }
}

rate {
  requests = 100
  per      = "1m"
}

# How a record of the vendor reads as a user.
user {
  id     = tostring(record.id)
  email  = record.email
  name   = "${record.first_name} ${record.last_name}"
  status = record.deleted_at != null ? "closed" : record.enabled ? "active" : "suspended"
  facts  = { role = record.role }
}

read {
  path   = ["users", user.id]
  record = answer.json.user
  absent = answer.status == 404 && answer.json.error.code == "user_not_found"
}

# A call that succeeds with every good API key. The user who owns the API key is never closed.
alive {
  path  = ["me"]
  works = answer.status == 200
  self  = tostring(answer.json.user.id)
}

list {
  path    = ["users"]
  query   = { page = page, per_page = 100 }
  records = answer.json.users
  first   = 1
  next    = length(records) > 0 ? page + 1 : null
}

find_by_email {
  path    = ["users"]
  query   = { email = user.email }
  records = answer.json.users
}

obstacle "open invoices" {
  path   = ["users", user.id, "invoices"]
  found  = [for i in answer.json.invoices : "${i.amount} ${i.currency}" if i.amount != 0]
  says   = "an invoice of ${found} is open"
  remedy = "Have it paid or canceled."
  blocks = true
}

step "disable" {
  when       = user.status == "active"
  method     = "PATCH"
  path       = ["users", user.id]
  body       = { enabled = false }
  done       = user.status == "suspended"
  reversible = true
}

step "delete" {
  method   = "DELETE"
  path     = ["users", user.id]
  accepted = answer.status == 202
  done     = user.absent || user.status == "closed"
}

example "an open account" {
  of = "read"
  answer = {
    status = 200
    json = {
      user = {
        id = 84120, email = "ines.varga@acme.test", first_name = "Ines", last_name = "Varga"
        enabled = true, deleted_at = null, role = "member"
      }
    }
  }
  expect = { id = "84120", email = "ines.varga@acme.test", name = "Ines Varga", status = "active" }
}

example "no such user" {
  of     = "read"
  answer = { status = 404, json = { error = { code = "user_not_found", message = "No such user" } } }
  expect = { absent = true }
}
