# Stripe Connect: the connected accounts of a platform.
#
# Written from documentation, not yet run against the live service. 2026-11-29.
#
#   S1  https://docs.stripe.com/api/accounts/delete
#   S2  https://docs.stripe.com/api/accounts/list
#   S3  https://docs.stripe.com/api/balance/balance_object
#   S4  https://docs.stripe.com/api/connected-accounts
#   S5  https://docs.stripe.com/api/errors
#   S6  https://docs.stripe.com/error-codes
#   S7  https://docs.stripe.com/api/authentication
#   S8  https://docs.stripe.com/api/accounts/object
#
# What it does:
#   - The closure deletes the connected account. It is final.
#   - A live account is deleted only if all its balances are zero. It cannot be deleted if it has the
#     standard dashboard and Stripe is liable for its negative balances (S1). Both are obstacles.
#   - The balances are read with the header Stripe-Account (S4).
#   - The deletion has no body. Other calls of this API take forms, and no step needs one.
#
# What a read of a deleted account answers is not documented. The answer to the DELETE has "deleted":
# true, and for an ID that does not exist a call is an error (S1). Programs that use the API have met
# HTTP 403 with the code account_invalid, which also means that the key has no access, and HTTP 404 with
# resource_missing. Both codes are in the list (S6). This definition takes:
#   - a record with "deleted": true as closed,
#   - those two codes as absent, if the key still belongs to the same platform.
#
# What to know before use:
#   - A key of the test mode sees no live account, so all would read as absent. The setting "mode" says
#     which kind of key is used. A key of the other kind is refused before any request.
#   - The API has no search by email, and only a name of the business.

title      = "Stripe Connect"
docs       = "https://docs.stripe.com/api/accounts/delete"
base_url   = "https://api.stripe.com/v1"
id_pattern = "acct_[0-9A-Za-z]{1,64}"
unknown_id = "acct_0000000000000000"
error      = answer.json.error.message

setting "mode" {
  description = "Which kind of key is used, live or test."
  default     = "live"
}

# Secret keys begin with sk_live_ or sk_test_, and restricted ones with rk_ (S7). The version fixes the
# form of the answers.
credentials {
  headers = {
    Authorization  = "Bearer ${regex("^[rs]k_${setting.mode}_[0-9A-Za-z_]+$", key)}"
    Stripe-Version = "2025-04-30.basil"
  }
}

user {
  id     = record.id
  email  = try(record.email, null)
  name   = try(record.business_profile.name, null)
  status = try(record.deleted, false) ? "closed" : "active"
  facts = {
    type    = try(record.type, null)
    country = try(record.country, null)
  }
}

# The HTTP statuses of errors are in S5.
read {
  path   = ["accounts", user.id]
  ok     = answer.status == 200 && answer.json.object == "account"
  record = answer.json
  absent = (
    answer.status == 403 && answer.json.error.code == "account_invalid" ||
    answer.status == 404 && answer.json.error.code == "resource_missing"
  )
}

# The platform's own account. It is the one account that the key must never close.
alive {
  path   = ["account"]
  works  = answer.status == 200 && answer.json.object == "account"
  self   = answer.json.id
  rights = answer.json.id
}

list {
  path    = ["accounts"]
  query   = { limit = 100, starting_after = page }
  ok      = answer.status == 200 && answer.json.object == "list"
  records = answer.json.data
  first   = null
  next    = answer.json.has_more ? records[length(records) - 1].id : null
}

# Amounts are whole numbers of the smallest unit, such as cents.
obstacle "balances" {
  path    = ["balance"]
  headers = { Stripe-Account = user.id }
  ok      = answer.status == 200 && answer.json.object == "balance"
  found = [
    for balance in concat(answer.json.available, answer.json.pending, try(answer.json.connect_reserved, [])) :
    "${balance.amount} ${upper(balance.currency)}" if balance.amount != 0
  ]
  says   = "a balance is not zero: ${found}, in the smallest unit of the currency"
  remedy = "Pay it out, or have it settled."
  blocks = true
}

# The values of both fields are in S8.
obstacle "liability" {
  found = (
    try(record.controller.losses.payments, "") == "stripe" &&
    try(record.controller.stripe_dashboard.type, "") == "full"
  )
  says   = "Stripe is liable for the negative balances of this account, which has the standard dashboard"
  remedy = "Have its owner close it in the Stripe dashboard."
  blocks = true
}

step "delete" {
  method   = "DELETE"
  path     = ["accounts", user.id]
  accepted = answer.status == 200 && answer.json.deleted == true
  done     = user.absent || user.status == "closed"
}

example "an open account" {
  of = "read"
  answer = { status = 200, json = {
    id = "acct_9TestVarga000001", object = "account", business_profile = { name = "Varga Studio" }
    controller = {
      fees = { payer = "application" }, is_controller = true, losses = { payments = "application" }
      requirement_collection = "stripe", stripe_dashboard = { type = "express" }, type = "application"
    }
    country = "US", created = 1760000000, default_currency = "usd", email = "ines@acme.test"
    details_submitted = false, payouts_enabled = false, charges_enabled = false, type = "express"
  } }
  expect = {
    id = "acct_9TestVarga000001", email = "ines@acme.test", name = "Varga Studio", status = "active"
    facts = { type = "express", country = "US" }
  }
}

example "a deleted account" {
  of     = "read"
  answer = { status = 200, json = { id = "acct_9TestVarga000001", object = "account", deleted = true } }
  expect = { id = "acct_9TestVarga000001", status = "closed" }
}

example "no such account, or no access" {
  of = "read"
  answer = {
    status = 403
    json = {
      error = {
        type = "invalid_request_error", code = "account_invalid"
        message = "no access"
      }
    }
  }
  expect = { absent = true }
}

example "no such resource" {
  of = "read"
  answer = {
    status = 404
    json = { error = { type = "invalid_request_error", code = "resource_missing", message = "no account" } }
  }
  expect = { absent = true }
}

example "a wrong key is not an absence" {
  of     = "read"
  answer = { status = 401, json = { error = { type = "invalid_request_error", message = "wrong key" } } }
  expect = { absent = false, error = true }
}

example "a key without the permission is not an absence" {
  of = "read"
  answer = {
    status = 403
    json = {
      error = { type = "invalid_request_error", message = "no permission" }
    }
  }
  expect = { absent = false, error = true }
}

example "the platform" {
  of = "alive"
  answer = {
    status = 200
    json = { id = "acct_9TestPlatform001", object = "account", email = "owner@acme.test", type = "standard" }
  }
  expect = { works = true, self = "acct_9TestPlatform001", rights = "acct_9TestPlatform001" }
}

example "a wrong key" {
  of     = "alive"
  answer = { status = 401, json = { error = { type = "invalid_request_error", message = "wrong key" } } }
  expect = { works = false }
}

example "a page with a next one" {
  of = "list"
  answer = {
    status = 200
    json = {
      object = "list", url = "/v1/accounts", has_more = true
      data = [
        {
          id = "acct_9TestVarga000001", object = "account", email = "ines@acme.test", type = "express"
          country = "US"
        },
      ]
    }
  }
  expect = { ids = ["acct_9TestVarga000001"], next = "acct_9TestVarga000001" }
}

example "the last page" {
  of     = "list"
  answer = { status = 200, json = { object = "list", url = "/v1/accounts", has_more = false, data = [] } }
  expect = { ids = [], next = null }
}

example "funds" {
  of = "obstacle balances"
  answer = { status = 200, json = {
    object = "balance", livemode = true
    available = [
      { amount = 125050, currency = "usd", source_types = { card = 125050 } },
      { amount = 0, currency = "eur" },
    ]
    connect_reserved = [{ amount = 0, currency = "usd" }]
    pending = [{ amount = -120, currency = "usd", source_types = { card = -120 } }]
  } }
  expect = {
    says = [
      "a balance is not zero: 125050 USD, in the smallest unit of the currency",
      "a balance is not zero: -120 USD, in the smallest unit of the currency",
    ]
  }
}

example "no funds" {
  of = "obstacle balances"
  answer = {
    status = 200
    json = { object = "balance", livemode = true, available = [{ amount = 0, currency = "usd" }], pending = [] }
  }
  expect = { says = [] }
}

example "a standard account" {
  of = "obstacle liability"
  user = {
    id = "acct_9TestVarga000001", object = "account", type = "standard"
    controller = { losses = { payments = "stripe" }, stripe_dashboard = { type = "full" } }
  }
  answer = { status = 200 }
  expect = { says = ["Stripe is liable for the negative balances of this account, which has the standard dashboard"] }
}

example "an express account" {
  of = "obstacle liability"
  user = {
    id = "acct_9TestVarga000001", object = "account", type = "express"
    controller = { losses = { payments = "application" }, stripe_dashboard = { type = "express" } }
  }
  answer = { status = 200 }
  expect = { says = [] }
}

example "deleted" {
  of     = "step delete"
  answer = { status = 200, json = { id = "acct_9TestVarga000001", object = "account", deleted = true } }
  expect = { accepted = true }
}

example "a deletion that is refused" {
  of     = "step delete"
  answer = { status = 400, json = { error = { type = "invalid_request_error", message = "not zero" } } }
  expect = { accepted = false, refused = true }
}

example "a deletion by a key without the permission" {
  of     = "step delete"
  answer = { status = 403, json = { error = { type = "invalid_request_error", message = "no permission" } } }
  expect = { accepted = false, refused = true }
}

example "too many requests" {
  of     = "step delete"
  answer = { status = 429, json = { error = { type = "invalid_request_error", message = "too many" } } }
  expect = { accepted = false, lost = false }
}

example "a success without the deletion" {
  of     = "step delete"
  answer = { status = 200, json = { id = "acct_9TestVarga000001", object = "account" } }
  expect = { accepted = false, lost = true }
}
