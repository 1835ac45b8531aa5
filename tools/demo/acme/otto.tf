import {
  to = offboard_konstantly_user.otto
  id = "u8x3p1"
}

resource "offboard_konstantly_user" "otto" {
  id    = "u8x3p1"
  email = "otto.ostrander@acme.test"
}

import {
  to = offboard_ecgrid_user.otto
  id = "30418"
}

resource "offboard_ecgrid_user" "otto" {
  id    = "30418"
  email = "otto.ostrander@acme.test"
}
