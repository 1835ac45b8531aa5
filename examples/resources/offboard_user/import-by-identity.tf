import {
  to = offboard_user.ines
  identity = {
    vendor = "parley"
    id     = "84120"
  }
}
