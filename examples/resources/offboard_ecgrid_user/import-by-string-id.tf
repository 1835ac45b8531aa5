import {
  to = offboard_ecgrid_user.ines
  id = "30417"
}
