import {
  to = offboard_VENDOR_user.ines
  id = "ID_OF_INES"
}
