import {
  to = offboard_ecgrid_user.ines
  identity = {
    id = "30417"
  }
}
