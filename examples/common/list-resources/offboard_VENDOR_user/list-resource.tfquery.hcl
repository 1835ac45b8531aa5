# Accounts with an email address of ours that no block manages.
list "offboard_VENDOR_user" "unmanaged" {
  provider = offboard
  limit    = 1000

  config {
    email_suffix = "@acme.test"
    exclude_ids  = [offboard_VENDOR_user.ines.id]
  }
}
