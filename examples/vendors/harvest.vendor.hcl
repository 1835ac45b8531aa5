# Harvest, time tracking.
#
# Written from documentation, not yet run against the live service. 2026-11-29.
#
#   H1  https://help.getharvest.com/api-v2/users-api/users/users/
#   H2  https://help.getharvest.com/api-v2/introduction/overview/general/
#   H3  https://help.getharvest.com/api-v2/introduction/overview/pagination/
#   H4  https://help.getharvest.com/api-v2/timesheets-api/timesheets/time-entries/
#   H5  https://help.getharvest.com/api-v2/expenses-api/expenses/expenses/
#
# How to choose the end:
#   - Harvest deletes only users without a time entry and without an expense (H1). Almost everyone who
#     has worked with it has one. For those, set on_destroy = "suspend", which archives the user. An
#     administrator can make an archived user active again (H1).
#   - The closure deletes. It is for users who never tracked anything. Time and expenses block it, before
#     any call.
#
# What the documentation leaves open, and what this definition does about it:
#   - What archiving does to open sessions and to tokens of the user is not said.
#   - For an unknown user, the pages name HTTP 404 and no body (H2). This definition expects the body
#     of the framework, {"status": 404, …}. If it is another one, the check before the first use fails.
#   - That body would also come for a wrong path. So a deletion is done only if the list of users does
#     not show the user either.
#   - Whether an archived user can be deleted is not said. If not, the closure ends with an error.
#   - Requests without a User-Agent are refused (H2). The provider sends its own.

title      = "Harvest"
docs       = "https://help.getharvest.com/api-v2/users-api/users/users/"
base_url   = "https://api.harvestapp.com/v2"
id_pattern = "[1-9][0-9]{0,17}"
unknown_id = "999999999999999"
error      = try(tostring(answer.json.message), tostring(answer.json.error))

setting "account_id" {
  description = "The Harvest account ID, which is beside the token under Developers in Harvest ID."
}

# The key is a personal access token (H2).
credentials {
  headers = {
    Authorization      = "Bearer ${key}"
    Harvest-Account-Id = setting.account_id
  }
}

# A 429 has a Retry-After (H2).
rate {
  requests = 100
  per      = "15s"
}

user {
  id     = tostring(record.id)
  email  = record.email
  name   = "${record.first_name} ${record.last_name}"
  status = record.is_active ? "active" : "suspended"
  facts = {
    access_roles  = join(", ", record.access_roles)
    is_contractor = record.is_contractor
  }
}

read {
  path   = ["users", user.id]
  record = answer.json
  absent = answer.status == 404 && answer.json.status == 404
}

# Only administrators see all users and may archive them. A manager sees the users of the own team, so
# that an absence would prove nothing (H1).
alive {
  path   = ["users", "me"]
  works  = answer.status == 200 && contains(answer.json.access_roles, "administrator")
  self   = tostring(answer.json.id)
  rights = join(",", keys({ for role in answer.json.access_roles : role => true }))
}

# The cursor is in the address of the next page, with its special characters escaped (H3). The list
# has archived users, too. There is no search by email.
list {
  path    = ["users"]
  query   = { per_page = 2000, cursor = page }
  records = answer.json.users
  first   = null
  next = answer.json.links.next == null ? null : replace(replace(replace(
  regex("[?&]cursor=([^&]+)", answer.json.links.next)[0], "%3D", "="), "%2B", "+"), "%2F", "/")
  total = answer.json.total_entries
}

# H4
obstacle "time entries" {
  path   = ["time_entries"]
  query  = { user_id = user.id, per_page = 1 }
  found  = length(answer.json.time_entries) > 0
  says   = "there are time entries of this user, so Harvest will refuse to delete it"
  remedy = "Set on_destroy = \"suspend\", which archives the user."
  blocks = true
}

# H5
obstacle "expenses" {
  path   = ["expenses"]
  query  = { user_id = user.id, per_page = 1 }
  found  = length(answer.json.expenses) > 0
  says   = "there are expenses of this user, so Harvest will refuse to delete it"
  remedy = "Set on_destroy = \"suspend\", which archives the user."
  blocks = true
}

step "archive" {
  only       = "suspend"
  when       = user.status == "active"
  method     = "PATCH"
  path       = ["users", user.id]
  body       = { is_active = false }
  accepted   = answer.status == 200
  done       = user.status == "suspended"
  reversible = true
}

step "delete" {
  method   = "DELETE"
  path     = ["users", user.id]
  accepted = answer.status == 200
  done     = user.absent
}

# New users come first, and a page has 2000 of them at most (H1). In a larger account this proves less: ok
# looks at what says that there are more users, and takes it.
trace "in the list" {
  path  = ["users"]
  query = { per_page = 2000 }
  ok    = answer.status == 200 && can(answer.json.users[0].id) && can([answer.json.total_entries, answer.json.links.next])
  found = [for row in answer.json.users : tostring(row.id) if tostring(row.id) == user.id]
}

example "an active user" {
  of = "read"
  answer = { status = 200, json = {
    id = 4400117, first_name = "Ines", last_name = "Varga", email = "ines@acme.test", is_contractor = false
    is_active = true, roles = ["Developer"], access_roles = ["member"], created_at = "2025-03-04T05:06:07Z"
  } }
  expect = {
    id = "4400117", email = "ines@acme.test", name = "Ines Varga", status = "active"
    facts = { access_roles = "member", is_contractor = "false" }
  }
}

example "an archived user" {
  of = "read"
  answer = { status = 200, json = {
    id = 4400117, first_name = "Ines", last_name = "Varga", email = "ines@acme.test", is_contractor = false
    is_active = false, access_roles = ["manager", "project_creator"]
  } }
  expect = {
    id = "4400117", status = "suspended"
    facts = { access_roles = "manager, project_creator", is_contractor = "false" }
  }
}

# Assumed: the pages show no body.
example "no such user" {
  of     = "read"
  answer = { status = 404, json = { status = 404, error = "Not Found" } }
  expect = { absent = true }
}

example "a key without the right is not an absence" {
  of     = "read"
  answer = { status = 403, json = { error = "forbidden" } }
  expect = { absent = false, error = true }
}

example "too many requests are not an absence" {
  of     = "read"
  answer = { status = 429, headers = { Retry-After = "7" } }
  expect = { absent = false, error = true }
}

example "the key of an administrator" {
  of = "alive"
  answer = {
    status = 200
    json = {
      id = 4400901, first_name = "Mina", last_name = "Okafor", email = "mina@acme.test", is_active = true
      access_roles = ["administrator"]
    }
  }
  expect = { works = true, self = "4400901", rights = "administrator" }
}

example "the key of a manager" {
  of = "alive"
  answer = {
    status = 200
    json = {
      id = 4400902, first_name = "Ola", last_name = "Berg", email = "ola@acme.test", is_active = true
      access_roles = ["manager"]
    }
  }
  expect = { works = false }
}

example "the only page" {
  of = "list"
  answer = { status = 200, json = {
    users = [
      {
        id = 4400117, first_name = "Ines", last_name = "Varga", email = "ines@acme.test", is_contractor = false
        is_active = true, access_roles = ["member"]
      },
    ]
    per_page = 2000, total_pages = 1, total_entries = 1, next_page = null, previous_page = null, page = 1
    links = {
      first = "https://api.harvestapp.com/v2/users?page=1&per_page=2000&ref=first", next = null, previous = null
      last = "https://api.harvestapp.com/v2/users?page=1&per_page=2000&ref=last"
    }
  } }
  expect = { ids = ["4400117"], next = null, total = 1 }
}

example "a page with a next one" {
  of = "list"
  answer = { status = 200, json = {
    users = [
      {
        id = 4400117, first_name = "Ines", last_name = "Varga", email = "ines@acme.test", is_contractor = false
        is_active = true, access_roles = ["member"]
      },
    ]
    total_entries = 2001, total_pages = 2, next_page = null, page = null
    links = {
      next = "https://api.harvestapp.com/v2/users?cursor=eyJpZCI6NDQwMDExN30%3D&per_page=2000&ref=next_cursor"
    }
  } }
  expect = { next = "eyJpZCI6NDQwMDExN30=", total = 2001 }
}

example "tracked time" {
  of = "obstacle time entries"
  answer = {
    status = 200
    json = {
      time_entries = [{ id = 880017, spent_date = "2026-03-02", hours = 2.0 }], per_page = 1, total_entries = 41
    }
  }
  expect = { says = ["there are time entries of this user, so Harvest will refuse to delete it"] }
}

example "no tracked time" {
  of     = "obstacle time entries"
  answer = { status = 200, json = { time_entries = [], per_page = 1, total_entries = 0 } }
  expect = { says = [] }
}

example "no expenses" {
  of     = "obstacle expenses"
  answer = { status = 200, json = { expenses = [], per_page = 1, total_entries = 0 } }
  expect = { says = [] }
}

example "archived" {
  of = "step archive"
  answer = {
    status = 200
    json = {
      id = 4400117, first_name = "Ines", last_name = "Varga", email = "ines@acme.test", is_active = false
      access_roles = ["member"]
    }
  }
  expect = { accepted = true }
}

example "archiving without the right" {
  of     = "step archive"
  answer = { status = 403 }
  expect = { accepted = false, refused = true }
}

example "deleted" {
  of     = "step delete"
  answer = { status = 200 }
  expect = { accepted = true }
}

example "a deletion that is refused" {
  of     = "step delete"
  answer = { status = 422, json = { message = "not deleted" } }
  expect = { accepted = false, refused = true }
}

example "not in the list" {
  of = "trace in the list"
  user = {
    id = 4400117, first_name = "Ines", last_name = "Varga", email = "ines@acme.test", is_contractor = false
    is_active = false, access_roles = ["member"]
  }
  answer = { status = 200, json = {
    users = [{ id = 4400901, email = "mina@acme.test" }], total_entries = 1, links = { next = null }
  } }
  expect = { found = false }
}

example "still in the list" {
  of = "trace in the list"
  user = {
    id = 4400117, first_name = "Ines", last_name = "Varga", email = "ines@acme.test", is_contractor = false
    is_active = false, access_roles = ["member"]
  }
  answer = {
    status = 200
    json = {
      users = [{ id = 4400901, email = "mina@acme.test" }, { id = 4400117, email = "ines@acme.test" }]
      total_entries = 2, links = { next = null }
    }
  }
  expect = { found = true }
}
