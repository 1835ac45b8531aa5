# One user. The email address is optional. It is the surest way to say who is meant.
resource "offboard_konstantly_user" "ines" {
  id    = "u7k2m9"
  email = "ines.varga@acme.test"
}

# Several users: a map, never a set. If you remove a line, that account is closed. Here it is only
# blocked, which can be undone.
resource "offboard_konstantly_user" "authors" {
  for_each = {
    otto = "u8x3p1"
  }

  id         = each.value
  on_destroy = "block"
}
