# The ID is the one that your own system gave when it launched a lab.
resource "offboard_skillable_user" "ines" {
  id                  = "emp-3107"
  cancel_running_labs = true

  timeouts = {
    delete = "20m" # the tear-down of a lab takes a while
  }
}
