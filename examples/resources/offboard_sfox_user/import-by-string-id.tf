import {
  to = offboard_sfox_user.ines
  id = "cust-7f31"
}
