import {
  to = offboard_sfox_user.ines
  identity = {
    id = "cust-7f31"
  }
}
