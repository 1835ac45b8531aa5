# The id is the one that you, the partner, gave. The e-mail address is optional, and the surest way to say who is meant.
resource "offboard_sfox_user" "ines" {
  id    = "cust-7f31"
  email = "ines.varga@acme.test"
}
