# The ID is the one that you, the partner, gave. The email address is optional. It is the surest way
# to say who is meant.
resource "offboard_sfox_user" "ines" {
  id    = "cust-7f31"
  email = "ines.varga@acme.test"
}
