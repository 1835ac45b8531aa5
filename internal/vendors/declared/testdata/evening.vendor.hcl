title      = "Evening"
docs       = "https://docs.evening.example"
base_url   = "https://api.evening.example/v1"
unknown_id = "999999999999999999999"
error      = answer.json.fault.text

credentials {
  oauth2 {
    token_url     = "https://${setting.tokens}/token"
    client_id     = setting.client
    client_secret = key
    scopes        = ["users:read", "users:write"]
  }
}

setting "client" {
  description = "ID of the OAuth client."
}

setting "tokens" {
  description = "Host that gives the tokens."
  default     = "id.evening.example"
}

user {
  id     = tostring(record.ref)
  email  = record.mail
  status = record.state == "ended" ? "closed" : "active"
}

read {
  path   = ["people", user.id]
  record = answer.json.data
  absent = answer.status == 404 && answer.json.fault.kind == "no_person"
}

alive {
  path  = ["whoami"]
  works = answer.json.data.ref > 0
  self  = tostring(answer.json.data.ref)
}

list {
  path    = ["people"]
  query   = { after = page }
  records = answer.json.data
  first   = null
  next    = answer.json.cursor
}

step "end" {
  method   = "DELETE"
  path     = ["people", user.id]
  accepted = answer.status == 202 && answer.json.data.job != null
  done     = user.absent || user.status == "closed"
}

example "somebody" {
  of     = "read"
  answer = { status = 200, json = { data = { ref = 90071992547409931, mail = "ines@acme.test", state = "on" } } }
  expect = { id = "90071992547409931", status = "active" }
}

example "nobody" {
  of     = "read"
  answer = { status = 404, json = { fault = { kind = "no_person", text = "No such person" } } }
  expect = { absent = true }
}

example "the end begins" {
  of     = "step end"
  answer = { status = 202, json = { data = { job = "j1" } } }
  expect = { accepted = true }
}
