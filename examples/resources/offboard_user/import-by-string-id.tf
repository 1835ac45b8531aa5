import {
  to = offboard_user.ines
  id = "parley/84120"
}
