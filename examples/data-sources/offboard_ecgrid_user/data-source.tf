# The ID of an account, found by the email address.
data "offboard_ecgrid_user" "otto" {
  email = "otto.ostrander@acme.test"
}

output "otto" {
  value = data.offboard_ecgrid_user.otto.id # null when exists is false
}

# Ines has left. Each run of Terraform checks that her account is closed. ECGrid gives the same
# answer for an account that the API key may not see. So the API key must belong to her network.
check "ines_is_gone" {
  data "offboard_ecgrid_user" "ines" {
    id = "30417"
  }

  assert {
    condition     = !data.offboard_ecgrid_user.ines.exists
    error_message = "Ines Varga still has an account at ECGrid."
  }
}
