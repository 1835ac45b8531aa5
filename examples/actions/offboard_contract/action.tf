# It only reads. With sacrificial_ids it closes these test users, and nobody else.
action "offboard_contract" "ecgrid" {
  config {
    vendor = "ecgrid"
    report = "contract/ecgrid.json"
  }
}
