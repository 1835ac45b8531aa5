# Alchemer, surveys.
#
# Written from documentation, not yet run against the live service. 2026-11-29.
#
#   A1  https://apihelp.alchemer.com/help/accountuser-delete
#   A2  https://apihelp.alchemer.com/help/accountuser-get
#   A3  https://apihelp.alchemer.com/help/accountuser-object-v5
#   A4  https://apihelp.alchemer.com/help/account-get
#   A5  https://apihelp.alchemer.com/help/authentication
#   A6  https://apihelp.alchemer.com/help/api-request-limits
#   A7  https://apihelp.alchemer.com/help/api-base-domains
#   A8  https://apihelp.alchemer.com/help/pdfexport/id/69caa3fb89504ea20104f0bf (the list)
#   A9  https://apihelp.alchemer.com/help/pdfexport/id/69caa41a4eea923912045f16 (the update)
#
# What it does:
#   - The DELETE of a user only disables: the record stays, with the status "Disabled" (A1). That status
#     is the end of the closure, and its proof. No call removes a user.
#   - An update can make a disabled user active again (A9). So this end is not final at the vendor. There
#     is no other state between, and so no on_destroy = "suspend".
#
# What to know before use:
#   - The vendor takes the key in the query only (A5). Proxies may log it.
#   - An identical read within 60 seconds has the answer of before (A3). So each read has a parameter of
#     its own. That the vendor ignores it is assumed. If it does not, the check before the first use fails.
#     If it also ignores it in its cache, a closure takes a minute until it is proven.
#   - A key belongs to a user (A5), and the API does not say to which. Do not manage that user here.
#     A user with a key of its own gets a warning.
#   - A read also has the user's own API key and secret (A2). The provider stores neither.
#
# What the documentation leaves open, and what this definition does about it:
#   - The answer for an unknown user is not shown. This definition expects the form of the answer to a
#     wrong key, {"result_ok": false, "code": …} (A5), with the code 404. If it is another one, the check
#     before the first use fails. An absence is never the end of a closure.
#   - The status may be null (A2). Then it is unknown.

title      = "Alchemer"
docs       = "https://apihelp.alchemer.com/help/accountuser-delete"
base_url   = "https://${setting.host}/v5"
id_pattern = "[1-9][0-9]{0,17}"
unknown_id = "999999999999"
error      = answer.json.message

# A7
setting "host" {
  description = "The API domain: api.alchemer.com, api.alchemer.eu, api.alchemer-ca.com or app.au.alchemer.com."
  default     = "api.alchemer.com"
}

setting "api_secret" {
  description = "The API secret key, which belongs to the API key."
  sensitive   = true
}

credentials {
  query = {
    api_token        = key
    api_token_secret = setting.api_secret
  }
}

# The limit is that of the account, and not of the key. Identical requests within 60 seconds may get a
# 429, too (A6). So a run on many users takes longer.
rate {
  requests = 240
  per      = "1m"
}

user {
  id     = tostring(record.id)
  email  = record.email
  name   = record.username
  status = record.status == "Active" ? "active" : record.status == "Disabled" ? "closed" : "unknown"
  facts = {
    admin   = record.admin
    license = record.license
  }
}

read {
  path   = ["accountuser", user.id]
  query  = { fresh = fresh }
  ok     = answer.status == 200 && answer.json.result_ok == true
  record = answer.json.data
  absent = answer.json.result_ok == false && tonumber(answer.json.code) == 404
}

# Which account it is (A4). The key of another one would show none of these users.
alive {
  path   = ["account"]
  works  = answer.status == 200 && answer.json.result_ok == true
  rights = tostring(answer.json.data.id)
}

# Without the filter, the list has active users only (A8). There is no search by email.
list {
  path = ["accountuser"]
  query = {
    page                 = page
    resultsperpage       = 100
    "filter[field][]"    = "status"
    "filter[operator][]" = "EQ"
    "filter[value][]"    = "all"
  }
  ok      = answer.status == 200 && answer.json.result_ok == true
  records = answer.json.data
  first   = 1
  next    = page < tonumber(answer.json.total_pages) ? page + 1 : null
  total   = tonumber(answer.json.total_count)
}

obstacle "API key" {
  found  = try(record.api_key, null) != null
  says   = "the user has an API key, and what uses it will stop to work"
  remedy = "Give it a key of another user. If it is the key of this provider, do not close this user."
  blocks = false
}

obstacle "administrator" {
  found  = try(tonumber(record.admin) == 1, false)
  says   = "the user is an administrator of the account"
  remedy = "Check that there is another one."
  blocks = false
}

step "delete" {
  when     = user.status != "closed"
  method   = "DELETE"
  path     = ["accountuser", user.id]
  accepted = answer.status == 200 && answer.json.result_ok == true
  refused  = answer.json.result_ok == false && !contains([404, 429], tonumber(answer.json.code))
  done     = user.status == "closed"
}

example "an active user" {
  of = "read"
  answer = { status = 200, json = { result_ok = true, data = {
    id = "123456", username = "Ines Varga", email = "ines@acme.test", admin = 0, phone_support = 0, userdata = [],
    license = "Full Access", status = "Active", last_login = null, api_key = null, api_secret = null
  } } }
  expect = {
    id = "123456", email = "ines@acme.test", name = "Ines Varga", status = "active"
    facts = { admin = "0", license = "Full Access" }
  }
}

example "a disabled user" {
  of = "read"
  answer = {
    status = 200
    json = {
      result_ok = true
      data = {
        id = "123456", username = "Ines Varga", email = "ines@acme.test", admin = 0, license = ""
        status = "Disabled", last_login = null
      }
    }
  }
  expect = { id = "123456", status = "closed" }
}

example "a user without a status" {
  of = "read"
  answer = {
    status = 200
    json = {
      result_ok = true
      data = {
        id = "123456", username = "Ines Varga", email = "ines@acme.test", admin = 0, license = "", status = null
      }
    }
  }
  expect = { status = "unknown" }
}

# Assumed: the pages show no such answer.
example "no such user" {
  of     = "read"
  answer = { status = 404, json = { result_ok = false, code = 404, message = "Not found" } }
  expect = { absent = true }
}

example "a wrong key is not an absence" {
  of     = "read"
  answer = { status = 401, json = { result_ok = false, code = 401, message = "wrong token" } }
  expect = { absent = false, error = true }
}

example "a failure with HTTP 200 is not an absence" {
  of     = "read"
  answer = { status = 200, json = { result_ok = false, code = 500, message = "failed" } }
  expect = { absent = false, error = true }
}

example "the account" {
  of = "alive"
  answer = {
    status = 200
    json = {
      result_ok = true
      data = { id = 77001, organization = "Acme", reseller = false, sso = [], date_created = "2024-02-03 04:05:06" }
    }
  }
  expect = { works = true, rights = "77001" }
}

example "a wrong key" {
  of     = "alive"
  answer = { status = 401, json = { result_ok = false, code = 401, message = "wrong token" } }
  expect = { works = false }
}

example "a page" {
  of = "list"
  answer = { status = 200, json = { result_ok = true, total_count = 101, page = 1, total_pages = 2, data = [
    { id = "123456", username = "Ines Varga", email = "ines@acme.test", admin = 0, license = "", status = "Active" },
    { id = "123457", username = "Otto Berg", email = "otto@acme.test", admin = 1, license = "", status = "Disabled" },
  ] } }
  expect = { ids = ["123456", "123457"], next = 2, total = 101 }
}

example "the last page" {
  of = "list"
  answer = {
    status = 200
    json = {
      result_ok = true, total_count = 1, page = 1, total_pages = 1, results_per_page = 100
      data = [
        {
          id = "123456", username = "Ines Varga", email = "ines@acme.test", admin = 0, license = ""
          status = "Active"
        },
      ]
    }
  }
  expect = { ids = ["123456"], next = null, total = 1 }
}

example "a list that fails" {
  of     = "list"
  answer = { status = 200, json = { result_ok = false, code = 500, data = [], total_pages = 0, total_count = 0 } }
  expect = { error = true }
}

example "a user with an API key" {
  of = "obstacle API key"
  user = {
    id = "123456", username = "Ines Varga", email = "ines@acme.test", admin = 1, license = "", status = "Active"
    api_key = "k-1", api_secret = "k-1"
  }
  answer = { status = 200 }
  expect = { says = ["the user has an API key, and what uses it will stop to work"] }
}

example "an administrator" {
  of = "obstacle administrator"
  user = {
    id = "123456", username = "Ines Varga", email = "ines@acme.test", admin = 1, license = "", status = "Active"
    api_key = null
  }
  answer = { status = 200 }
  expect = { says = ["the user is an administrator of the account"] }
}

example "disabled by the deletion" {
  of = "step delete"
  answer = {
    status = 200
    json = {
      result_ok = true
      data = {
        id = "123456", username = "Ines Varga", email = "ines@acme.test", admin = 0, license = ""
        status = "Disabled"
      }
    }
  }
  expect = { accepted = true }
}

example "a deletion with a wrong key" {
  of     = "step delete"
  answer = { status = 401, json = { result_ok = false, code = 401, message = "wrong token" } }
  expect = { accepted = false, refused = true }
}

example "a failed deletion with HTTP 200" {
  of     = "step delete"
  answer = { status = 200, json = { result_ok = false, code = 403, message = "failed" } }
  expect = { accepted = false, refused = true }
}

example "too many requests" {
  of = "step delete"
  answer = {
    status = 429, json = { result_ok = false, code = 429, message = "too many" }
  }
  expect = { accepted = false, lost = false }
}
