# A table of HR with the columns email, name and left_on. Other columns are ignored.
data "offboard_accounts" "all" {
  people = csvdecode(file("people.csv"))
  domain = "acme.test"
  ignore = ["svc-offboard@acme.test"] # service accounts
}

# This only warns. With fail_on = ["leaver"] in the data source, the run fails.
check "leavers" {
  assert {
    condition = length(data.offboard_accounts.all.leaver) == 0
    error_message = join("\n", [
      for a in data.offboard_accounts.all.leaver : "${a.person} left on ${a.left_on} and has the account ${a.id} at ${a.vendor}."
    ])
  }
}

check "never_close" {
  assert {
    condition     = length(data.offboard_accounts.all.never_close_unmatched) == 0
    error_message = "No account has: ${join(", ", data.offboard_accounts.all.never_close_unmatched)}"
  }
}

output "strangers" {
  value = [for a in data.offboard_accounts.all.stranger : "${a.vendor} ${a.id} ${coalesce(a.email, a.name, "-")}"]
}
