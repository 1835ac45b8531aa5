# ECGrid, which the provider knows already: the same vendor as a definition.
# Written from the documentation on 2026-11-29. Not yet run against the live service.
#
# What a definition cannot express of ECGrid:
# - Field names in another letter case than the documented one.
# - A success that says RateLimitExceeded, which is a wait and not an answer.
# - The list of another network than that of the key's own user, and the list of all mailboxes.
# - A key whose own user is shown without a network or a mailbox. The check before the first use fails then,
#   because nothing else tells whether the key still sees what it saw.

title      = "ECGrid"
docs       = "https://api.ecgridos.io/docs/rest-api/overview"
base_url   = "https://rest.ecgrid.io/v2"
id_pattern = "[1-9][0-9]{0,17}"
unknown_id = "999999999999999999"
error      = "${answer.json.errorCode} ${answer.json.message}"

# https://api.ecgridos.io/docs/getting-started/authentication
credentials {
  headers = { X-API-Key = key }
}

rate {
  requests = 1000000
  per      = "1s"
}

# https://api.ecgridos.io/docs/rest-api/users/get-user
# https://api.ecgridos.io/docs/appendix/enums
user {
  id    = tostring(record.userId)
  email = try(record.email, null)
  name  = "${coalesce(try(record.firstName, null), "")} ${coalesce(try(record.lastName, null), "")}"
  login = try(coalesce(record.login, record.loginName), record.login, record.loginName, null)
  status = try(record.status, null) == null ? "active" : try(lookup({
    "" = "active", active = "active", development = "active", preproduction = "active"
    suspended = "suspended", terminated = "closed"
  }, lower(trimspace(tostring(record.status))), "unknown"), "unknown")
  facts = {
    login      = try(coalesce(record.login, record.loginName), record.login, record.loginName, null)
    auth_level = try(record.authLevel, null)
  }
}

# https://api.ecgridos.io/docs/rest-api/users/get-user
# https://api.ecgridos.io/docs/appendix/error-codes
read {
  path   = ["users", user.id]
  ok     = answer.status < 300 && answer.json.success
  record = answer.json.data
  absent = (
    (answer.status < 300 || contains([404, 410], answer.status)) &&
    !answer.json.success && lower(answer.json.errorCode) == "objectnotfound" && try(answer.json.data, null) == null
  )
}

# https://api.ecgridos.io/docs/rest-api/users/get-me
alive {
  path   = ["users", "me"]
  works  = answer.json.success
  self   = tostring(answer.json.data.userId)
  record = answer.json.data
  rights = {
    id      = answer.json.data.userId
    level   = coalesce(answer.json.data.authLevel)
    network = coalesce(answer.json.data.networkId)
    mailbox = answer.json.data.mailboxId
    status  = try(answer.json.data.status, null)
  }
}

# https://api.ecgridos.io/docs/rest-api/users/list-users
list {
  method  = "POST"
  path    = ["users", "list"]
  body    = { networkId = self.networkId, pageNo = page, recordsPerPage = 25 }
  ok      = answer.status < 300 && answer.json.success
  records = answer.json.data
  first   = 1
  next    = length(records) > 0 ? page + 1 : null
}

obstacle "file transfers" {
  found = user.id
  says  = "file transfers may run with this sign-in, and ECGrid does not list them"
}

# https://api.ecgridos.io/docs/rest-api/users/terminate-user
step "terminate" {
  method   = "DELETE"
  path     = ["users", user.id]
  accepted = answer.json.success && answer.json.data == true && coalesce(try(answer.json.errorCode, null), "") == ""
  refused  = !answer.json.success || answer.json.data == false || coalesce(try(answer.json.errorCode, null), "") != ""
  done     = user.absent || user.status == "closed"
}

example "an active user" {
  of = "read"
  answer = {
    status = 200
    json = { success = true, data = {
      userId = 98234, login = "ivarga", email = "ines@acme.test", firstName = "Ines", lastName = "Varga"
      networkId = 712, mailboxId = 0, authLevel = "MailboxUser", status = "Active"
    } }
  }
  expect = {
    id = "98234", email = "ines@acme.test", name = "Ines Varga", login = "ivarga", status = "active"
    facts = { auth_level = "MailboxUser", login = "ivarga" }
  }
}

example "a terminated user" {
  of     = "read"
  answer = { status = 200, json = { success = true, data = { userId = "98234", status = "Terminated" } } }
  expect = { status = "closed" }
}

example "a status that is not documented" {
  of     = "read"
  answer = { status = 200, json = { success = true, data = { userId = 98234, status = 7 } } }
  expect = { status = "unknown" }
}

example "no such user, or none that this key sees" {
  of     = "read"
  answer = { status = 404, json = { success = false, errorCode = "ObjectNotFound", message = "not found" } }
  expect = { absent = true }
}

example "no such user, beside the user" {
  of     = "read"
  answer = { status = 404, json = { success = false, errorCode = "ObjectNotFound", data = { userId = 98234 } } }
  expect = { absent = false, error = true }
}

example "a code that says nothing with this status" {
  of     = "read"
  answer = { status = 409, json = { success = false, errorCode = "ObjectNotFound", message = "not found" } }
  expect = { absent = false, error = true }
}

example "the rights of a key" {
  of = "alive"
  answer = {
    status = 200
    json = { success = true, data = { userId = 7, authLevel = "NetworkAdmin", networkId = 712, mailboxId = null } }
  }
  expect = { works = true, self = "7" }
}

example "a key whose network is not shown" {
  of     = "alive"
  answer = { status = 200, json = { success = true, data = { userId = 7, authLevel = "NetworkAdmin", mailboxId = 0 } } }
  expect = { error = true }
}

example "a key whose mailbox is not shown" {
  of     = "alive"
  answer = { status = 200, json = { success = true, data = { userId = 7, authLevel = "NetworkAdmin", networkId = 712 } } }
  expect = { error = true }
}

example "a wrong key" {
  of     = "alive"
  answer = { status = 401, json = { success = false, errorCode = "InvalidAPIKey" } }
  expect = { works = false }
}

example "a page of the list" {
  of     = "list"
  answer = { status = 200, json = { success = true, data = [{ userId = 98234 }] } }
  expect = { ids = ["98234"], next = 2 }
}

example "the termination is accepted" {
  of     = "step terminate"
  answer = { status = 200, json = { success = true, data = true } }
  expect = { accepted = true }
}

example "a termination that is called a success and an error" {
  of     = "step terminate"
  answer = { status = 200, json = { success = true, data = true, errorCode = "ObjectNotFound" } }
  expect = { accepted = false, refused = true }
}

example "the vendor says that it did not terminate" {
  of     = "step terminate"
  answer = { status = 200, json = { success = true, data = false } }
  expect = { refused = true }
}
