# Accounts with an email address of ours that no block manages.
data "offboard_users" "unmanaged" {
  vendor       = "parley"
  email_suffix = "@acme.test"
  exclude_ids  = [offboard_user.ines.id]
}

output "unmanaged" {
  value = { for u in data.offboard_users.unmanaged.users : u.id => "${u.name} <${u.email}>" }
}
