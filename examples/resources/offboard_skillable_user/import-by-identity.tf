import {
  to = offboard_skillable_user.ines
  identity = {
    id = "emp-3107"
  }
}
