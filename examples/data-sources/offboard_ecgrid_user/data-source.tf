# The ID of an account, found by the email address.
data "offboard_ecgrid_user" "otto" {
  email = "otto.ostrander@acme.test"
}

output "otto" {
  value = data.offboard_ecgrid_user.otto.id # null when exists is false
}

# Ines has left. Each run of Terraform checks that her account is closed. The search covers the network
# of the API key. If only an ID is known, ECGrid gives the same answer for an account elsewhere.
check "ines_is_gone" {
  data "offboard_ecgrid_user" "ines" {
    email = "ines.varga@acme.test"
  }

  assert {
    condition     = !data.offboard_ecgrid_user.ines.exists
    error_message = "Ines Varga still has an account at ECGrid."
  }
}
