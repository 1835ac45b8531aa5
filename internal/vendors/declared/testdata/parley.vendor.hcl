title      = "Parley"
base_url   = "https://${setting.region}.parley.example/api/v2"
docs       = "https://docs.parley.example/users"
unknown_id = "999999999999"                      # an id that no user has: see "Before the first use"
error      = answer.json.error.message           # the vendor's own words, for messages only; where it cannot be evaluated there are none

setting "region" {
  description = "The region of the account, eu or us."
}

credentials {
  headers = { Authorization = "Bearer ${key}" }  # or: oauth2 { token_url = …, client_id = setting.client_id, client_secret = key, scopes = [] }
}

rate {
  requests = 100
  per      = "1m"
}

# How a record of the vendor reads as a user. `record` is what read and list point at.
user {
  id     = tostring(record.id)
  email  = record.email
  name   = "${record.first_name} ${record.last_name}"
  status = record.deleted_at != null ? "closed" : record.enabled ? "active" : "suspended"
  facts  = { role = record.role }                # a change of one between plan and apply refuses the closing
}

read {
  path   = ["users", user.id]
  record = answer.json.user
  absent = answer.status == 404 && answer.json.error.code == "user_not_found"
}

# A call that succeeds for whoever holds a good key: without it an "absent" counts as "not shown" and warns.
alive {
  path  = ["me"]
  works = answer.status == 200
  self  = tostring(answer.json.user.id)          # the user who holds the key is never closed
}

list {
  path    = ["users"]
  query   = { page = page, per_page = 100 }
  records = answer.json.users
  first   = 1
  next    = length(records) > 0 ? page + 1 : null   # a number, an offset, a cursor out of the answer: whatever the vendor has
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
  remedy = "Have it paid or cancelled."
  blocks = true                                  # false: a warning only
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
  accepted = answer.status == 202                # default: any 2xx
  done     = user.absent || user.status == "closed"
}

example "an open account" {
  of     = "read"
  answer = { status = 200, json = { user = { id = 84120, email = "ines@acme.test", first_name = "Ines", last_name = "Varga", enabled = true, deleted_at = null, role = "member" } } }
  expect = { id = "84120", email = "ines@acme.test", status = "active" }
}

example "no such user" {
  of     = "read"
  answer = { status = 404, json = { error = { code = "user_not_found", message = "No such user" } } }
  expect = { absent = true }
}
