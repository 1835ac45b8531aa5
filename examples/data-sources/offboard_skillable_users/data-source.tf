# Who has a lab, running or saved, and is managed by no block?
data "offboard_skillable_users" "unmanaged" {
  exclude_ids = [offboard_skillable_user.ines.id]
}

output "unmanaged" {
  value = data.offboard_skillable_users.unmanaged.ids
}
