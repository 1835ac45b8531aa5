# It only reads. With sacrificial_ids it closes these test users, and no other user.
action "offboard_contract" "ecgrid" {
  config {
    vendor = "ecgrid"
    report = "contract/ecgrid.json"
  }
}
