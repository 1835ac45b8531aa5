import {
  to = offboard_konstantly_user.ines
  id = "u7k2m9"
}

import {
  for_each = {
    otto = "u8x3p1"
  }

  to = offboard_konstantly_user.authors[each.key]
  id = each.value
}
