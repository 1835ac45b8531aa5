# Accounts with an email address of ours that no block manages.
list "offboard_ecgrid_user" "unmanaged" {
  provider = offboard
  limit    = 1000

  config {
    mailbox_id   = 880
    email_suffix = "@acme.test"
    exclude_ids  = [offboard_ecgrid_user.ines.id]
  }
}
