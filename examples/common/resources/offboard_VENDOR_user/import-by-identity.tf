import {
  to = offboard_VENDOR_user.ines
  identity = {
    id = "ID_OF_INES"
  }
}
