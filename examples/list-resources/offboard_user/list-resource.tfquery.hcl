# Accounts with an email address of ours that no block manages.
list "offboard_user" "unmanaged" {
  provider = offboard
  limit    = 1000

  config {
    vendor       = "parley"
    email_suffix = "@acme.test"
    exclude_ids  = [offboard_user.ines.id]
  }
}
