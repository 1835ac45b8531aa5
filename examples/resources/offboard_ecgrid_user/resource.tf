# The id is a number. The e-mail address is optional, and the surest way to say who is meant.
resource "offboard_ecgrid_user" "ines" {
  id    = "30417"
  email = "ines.varga@acme.test"
}
