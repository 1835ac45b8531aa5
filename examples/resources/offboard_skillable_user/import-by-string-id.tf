import {
  to = offboard_skillable_user.ines
  id = "emp-3107"
}
