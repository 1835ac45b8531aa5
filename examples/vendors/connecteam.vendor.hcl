# Connecteam, workforce management.
#
# Written from documentation, not yet run against the live service. 2026-11-29.
#
#   C1  https://developer.connecteam.com/docs/archiveunarchive-users
#   C2  https://developer.connecteam.com/docs/delete-users
#   C3  https://developer.connecteam.com/reference/ (Get users)
#   C4  https://developer.connecteam.com/reference/ (Delete user)
#   C5  https://developer.connecteam.com/docs/authentication-1
#   C6  https://developer.connecteam.com/docs/rate-limiting-1
#   C7  https://developer.connecteam.com/docs/pagination-1
#   C8  https://developer.connecteam.com/discuss/67ece0c8ec226f001e365599
#   C9  https://developer.connecteam.com/reference/ (Get account information)
#
# How to choose the end, with the setting "end":
#   - "archive" is the default. An archived user has no access and takes no seat, and the vendor advises
#     against deleting (C1). The record stays, and its isArchived is the proof. An update can restore the
#     user (C1), so this end is not final at the vendor.
#   - "delete" is final, and takes the records with it (C2). The proof is that the list does not show the
#     user any more. Archiving is the suspension then: on_destroy = "suspend". Connecteam refuses to delete
#     a user who is archived already (C2), so that is an obstacle. Restore the user first.
#
# Both ends are a DELETE, because an update archives no administrator (C1).
#
# What the documentation leaves open, and what this definition does about it:
#   - The guide shows {"data": {"count": 1}} as the answer to the call (C2), and the reference
#     {"data": {"success": true}} (C4). Both are accepted.
#   - Too many requests have been answered with HTTP 200 and {"detail": "Too many requests"} (C8). An
#     answer without the data that was asked for is never taken for an absence or a success.
#   - There is no read of one user. The list is asked for one ID, with archived users (C3). An empty list
#     in the vendor's own envelope is the absence.

title      = "Connecteam"
docs       = "https://developer.connecteam.com/docs/archiveunarchive-users"
base_url   = "https://${setting.host}"
id_pattern = "[1-9][0-9]{0,17}"
unknown_id = "999999999999"
error      = try(tostring(answer.json.error), tostring(answer.json.detail))

setting "host" {
  description = "The host of the account's region. It is api.connecteam.com, or api-au.connecteam.com for Australia."
  default     = "api.connecteam.com"
}

setting "end" {
  description = "How a closure ends: archive, or delete."
  default     = "archive"
}

# The key is that of the company, and belongs to no user (C5).
credentials {
  headers = { X-API-KEY = key }
}

# The limit of the Expert plan. That of the Small Business plan is 5 in a minute: set
# requests_per_second there (C6).
rate {
  requests = 100
  per      = "1m"
  left     = answer.headers["x-ratelimit-minute-remaining"]
  reset    = answer.headers["x-ratelimit-minute-reset"]
}

# Users sign in with their phone number. The email may be missing.
user {
  id     = tostring(record.userId)
  email  = try(record.email, null)
  name   = "${record.firstName} ${record.lastName}"
  login  = try(record.phoneNumber, null)
  status = !record.isArchived ? "active" : setting.end == "archive" ? "closed" : "suspended"
  facts  = { type = record.userType }
}

read {
  path   = ["users", "v1", "users"]
  query  = { userIds = user.id, userStatus = "all", limit = 10 }
  ok     = answer.status == 200 && length(answer.json.data.users) == 1
  record = answer.json.data.users[0]
  absent = answer.status == 200 && length(answer.json.data.users) == 0
}

# The company (C9). The key of another one would show none of these users.
alive {
  path   = ["me"]
  works  = answer.status == 200 && can(answer.json.data.companyId)
  rights = tostring(answer.json.data.companyId)
}

# Pages are offsets, and there is no total (C7).
list {
  path    = ["users", "v1", "users"]
  query   = { userStatus = "all", limit = 500, offset = page }
  ok      = answer.status == 200 && can(answer.json.data.users)
  records = answer.json.data.users
  first   = 0
  next    = length(records) > 0 ? page + length(records) : null
}

find_by_email {
  path    = ["users", "v1", "users"]
  query   = { emailAddresses = user.email, userStatus = "all", limit = 100 }
  ok      = answer.status == 200 && can(answer.json.data.users)
  records = answer.json.data.users
}

obstacle "owner" {
  found  = record.userType == "owner"
  says   = "the user is an owner of the Connecteam account, and the API archives no owner"
  remedy = "Make the user a manager in Connecteam, after there is another owner."
  blocks = true
}

obstacle "manager" {
  found  = record.userType == "manager"
  says   = "the user is an administrator, and archiving takes that right away"
  remedy = "A user who is restored later must be made an administrator again."
  blocks = false
}

# It is suspended only if the closure deletes.
obstacle "archived" {
  found  = user.status == "suspended"
  says   = "the user is archived, and Connecteam deletes no archived user"
  remedy = "Restore the user in Connecteam right before the closure. Or set end = \"archive\"."
  blocks = true
}

step "archive" {
  only       = "suspend"
  when       = user.status == "active"
  method     = "DELETE"
  path       = ["users", "v1", "users", user.id]
  query      = { deletionType = "archive" }
  accepted   = answer.status == 200 && try(answer.json.data.success, answer.json.data.count == 1)
  done       = user.status == "suspended"
  reversible = true
}

step "close" {
  method   = "DELETE"
  path     = ["users", "v1", "users", user.id]
  query    = { deletionType = setting.end }
  accepted = answer.status == 200 && try(answer.json.data.success, answer.json.data.count == 1)
  done     = user.absent || user.status == "closed"
}

example "an active user" {
  of = "read"
  answer = { status = 200, json = { requestId = "5f0c", paging = { offset = 1 }, data = { users = [{
    userId = 123456, firstName = "Ines", lastName = "Varga", phoneNumber = "+351555010001", email = "ines@acme.test"
    userType = "user", isArchived = false, createdAt = 1714600000, lastLogin = 0, customFields = []
  }] } } }
  expect = {
    id = "123456", email = "ines@acme.test", name = "Ines Varga", login = "+351555010001", status = "active"
    facts = { type = "user" }
  }
}

example "an archived user without an email" {
  of = "read"
  answer = {
    status = 200
    json = {
      data = {
        users = [
          {
            userId = 123456, firstName = "Ines", lastName = "Varga", phoneNumber = "+351555010001", userType = "user"
            isArchived = true, archivedAt = 1790000000
          },
        ]
      }
      paging = { offset = 1 }
    }
  }
  expect = { id = "123456", email = "", status = "closed" }
}

example "no such user" {
  of     = "read"
  answer = { status = 200, json = { requestId = "5f0c", data = { users = [] }, paging = { offset = 0 } } }
  expect = { absent = true }
}

example "too many requests, with HTTP 200" {
  of     = "read"
  answer = { status = 200, json = { detail = "Too many requests" } }
  expect = { absent = false, error = true }
}

example "a request that is not valid" {
  of = "read"
  answer = {
    status = 422
    json = {
      detail = [
        {
          loc = ["query", "userIds", 0], msg = "too small"
          type = "value"
        },
      ]
    }
  }
  expect = { absent = false, error = true }
}

example "the filter is ignored" {
  of = "read"
  answer = {
    status = 200
    json = {
      data = {
        users = [
          { userId = 1, firstName = "A", lastName = "B", phoneNumber = "+1", userType = "user", isArchived = false },
          { userId = 2, firstName = "C", lastName = "D", phoneNumber = "+2", userType = "user", isArchived = false },
        ]
      }
      paging = { offset = 2 }
    }
  }
  expect = { absent = false, error = true }
}

example "the company" {
  of     = "alive"
  answer = { status = 200, json = { requestId = "5f0c", data = { companyName = "Acme", companyId = "77001" } } }
  expect = { works = true, rights = "77001" }
}

example "no company" {
  of     = "alive"
  answer = { status = 200, json = { detail = "Too many requests" } }
  expect = { works = false }
}

example "a page" {
  of = "list"
  answer = {
    status = 200
    json = {
      data = {
        users = [
          {
            userId = 123456, firstName = "Ines", lastName = "Varga", phoneNumber = "+351555010001", userType = "user"
            isArchived = false
          },
          {
            userId = 123457, firstName = "Otto", lastName = "Berg", phoneNumber = "+351555010002"
            email = "otto@acme.test", userType = "manager", isArchived = true
          },
        ]
      }
      paging = { offset = 2 }
    }
  }
  expect = { ids = ["123456", "123457"], next = 2 }
}

example "after the last page" {
  of     = "list"
  answer = { status = 200, json = { data = { users = [] }, paging = { offset = 2 } } }
  expect = { ids = [], next = null }
}

example "found by email" {
  of = "find_by_email"
  user = {
    userId = 123456, firstName = "Ines", lastName = "Varga", phoneNumber = "+351555010001", email = "ines@acme.test"
    userType = "user", isArchived = false
  }
  answer = {
    status = 200
    json = {
      data = {
        users = [
          {
            userId = 123456, firstName = "Ines", lastName = "Varga", phoneNumber = "+351555010001"
            email = "ines@acme.test", userType = "user", isArchived = false
          },
        ]
      }
      paging = { offset = 1 }
    }
  }
  expect = { ids = ["123456"] }
}

example "an owner" {
  of = "obstacle owner"
  user = {
    userId = 123456, firstName = "Ines", lastName = "Varga", phoneNumber = "+351555010001", email = "ines@acme.test"
    userType = "owner", isArchived = false
  }
  answer = { status = 200 }
  expect = { says = ["the user is an owner of the Connecteam account, and the API archives no owner"] }
}

example "not a manager" {
  of = "obstacle manager"
  user = {
    userId = 123456, firstName = "Ines", lastName = "Varga", phoneNumber = "+351555010001", userType = "user"
    isArchived = false
  }
  answer = { status = 200 }
  expect = { says = [] }
}

example "not archived" {
  of = "obstacle archived"
  user = {
    userId = 123456, firstName = "Ines", lastName = "Varga", phoneNumber = "+351555010001", userType = "user"
    isArchived = false
  }
  answer = { status = 200 }
  expect = { says = [] }
}

example "suspended" {
  of     = "step archive"
  answer = { status = 200, json = { requestId = "5f0c", data = { success = true } } }
  expect = { accepted = true }
}

example "archived, as the reference says" {
  of     = "step close"
  answer = { status = 200, json = { requestId = "5f0c", data = { success = true } } }
  expect = { accepted = true }
}

example "archived, as the guide says" {
  of     = "step close"
  answer = { status = 200, json = { requestId = "5f0c", data = { count = 1 } } }
  expect = { accepted = true }
}

example "archived already" {
  of     = "step close"
  answer = { status = 400, json = { error = "archived before" } }
  expect = { accepted = false, refused = true }
}

example "an administrator's own account" {
  of     = "step close"
  answer = { status = 400, json = { error = "your own account" } }
  expect = { accepted = false, refused = true }
}

example "an owner is refused" {
  of     = "step close"
  answer = { status = 403, json = { error = "this is an owner" } }
  expect = { accepted = false, refused = true }
}

example "no user to archive" {
  of     = "step close"
  answer = { status = 404, json = { error = "no such user" } }
  expect = { accepted = false }
}

example "too many requests in a success" {
  of     = "step close"
  answer = { status = 200, json = { detail = "Too many requests" } }
  expect = { accepted = false, lost = true }
}
