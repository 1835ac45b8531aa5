# The ID is a number. The email address is optional. It is the surest way to say who is meant.
resource "offboard_ecgrid_user" "ines" {
  id    = "30417"
  email = "ines.varga@acme.test"
}
