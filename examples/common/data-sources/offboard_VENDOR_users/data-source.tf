# Accounts with an email address of ours that no block manages.
data "offboard_VENDOR_users" "unmanaged" {
  email_suffix = "@acme.test"
  exclude_ids  = [offboard_VENDOR_user.ines.id]
}

output "unmanaged" {
  value = { for u in data.offboard_VENDOR_users.unmanaged.users : u.id => "${u.name} <${u.email}>" }
}
