# Accounts with an email address of ours that no block manages.
data "offboard_sfox_users" "unmanaged" {
  account_role = "client"
  email_suffix = "@acme.test"
  exclude_ids  = [offboard_sfox_user.ines.id]
}

output "unmanaged" {
  value = { for u in data.offboard_sfox_users.unmanaged.users : u.id => "${u.name} <${u.email}>" }
}
