# Accounts with an email address of ours that no block manages.
list "offboard_konstantly_user" "unmanaged" {
  provider = offboard
  limit    = 1000

  config {
    email_suffix = "@acme.test"
    exclude_ids  = concat([offboard_konstantly_user.ines.id], [for u in offboard_konstantly_user.authors : u.id])
  }
}
