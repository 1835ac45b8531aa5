# Accounts with an email address of ours that no block manages.
data "offboard_ecgrid_users" "unmanaged" {
  mailbox_id   = 880
  email_suffix = "@acme.test"
  exclude_ids  = [offboard_ecgrid_user.ines.id]
}

output "unmanaged" {
  value = { for u in data.offboard_ecgrid_users.unmanaged.users : u.id => "${u.name} <${u.email}>" }
}
