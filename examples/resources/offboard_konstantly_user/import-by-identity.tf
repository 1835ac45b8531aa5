import {
  to = offboard_konstantly_user.ines
  identity = {
    id = "u7k2m9"
  }
}

import {
  to = offboard_konstantly_user.authors["otto"]
  identity = {
    id = "u8x3p1"
  }
}
