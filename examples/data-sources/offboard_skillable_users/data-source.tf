# Users with a lab, running or saved, that no block manages.
data "offboard_skillable_users" "unmanaged" {
  exclude_ids = [offboard_skillable_user.ines.id]
}

output "unmanaged" {
  value = data.offboard_skillable_users.unmanaged.ids
}
