# The ID of an account, found by the email address.
data "offboard_user" "otto" {
  vendor = "parley"
  email  = "otto.ostrander@acme.test"
}

output "otto" {
  value = data.offboard_user.otto.id # null when exists is false
}

# Ines has left. Each run of Terraform checks that her account is closed.
check "ines_is_gone" {
  data "offboard_user" "ines" {
    vendor = "parley"
    id     = "84120"
  }

  assert {
    condition     = !data.offboard_user.ines.exists
    error_message = "Ines Varga still has an account."
  }
}
