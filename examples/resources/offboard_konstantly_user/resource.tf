# One user. The e-mail address is optional, and the surest way to say who is meant.
resource "offboard_konstantly_user" "ines" {
  id    = "u7k2m9"
  email = "ines.varga@acme.test"
}

# Several users: a map, never a set. Taking a line out of it closes that user, here up to the step that can be undone.
resource "offboard_konstantly_user" "authors" {
  for_each = {
    otto = "u8x3p1"
  }

  id         = each.value
  on_destroy = "block"
}
