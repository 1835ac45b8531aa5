# Accounts with an email address of ours that no block manages.
data "offboard_konstantly_users" "unmanaged" {
  email_suffix = "@acme.test"
  exclude_ids  = concat([offboard_konstantly_user.ines.id], [for u in offboard_konstantly_user.authors : u.id])
}

output "unmanaged" {
  value = { for u in data.offboard_konstantly_users.unmanaged.users : u.id => "${u.name} <${u.email}>" }
}
