# Which accounts with an address of ours does no block manage?
data "offboard_konstantly_users" "unmanaged" {
  email_suffix = "@acme.test"
  exclude_ids  = concat([offboard_konstantly_user.ines.id], [for u in offboard_konstantly_user.authors : u.id])
}

output "unmanaged" {
  value = { for u in data.offboard_konstantly_users.unmanaged.users : u.id => "${u.name} <${u.email}>" }
}
