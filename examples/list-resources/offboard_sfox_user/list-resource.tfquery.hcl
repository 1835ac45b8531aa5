# Accounts with an email address of ours that no block manages.
list "offboard_sfox_user" "unmanaged" {
  provider = offboard
  limit    = 1000

  config {
    account_role = "client"
    email_suffix = "@acme.test"
    exclude_ids  = [offboard_sfox_user.ines.id]
  }
}
