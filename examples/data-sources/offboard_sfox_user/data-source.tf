# The ID of an account, found by the email address.
data "offboard_sfox_user" "otto" {
  email = "otto.ostrander@acme.test"
}

output "otto" {
  value = data.offboard_sfox_user.otto.id # null when exists is false
}

# Ines has left. Each run of Terraform checks that her account is closed.
check "ines_is_gone" {
  data "offboard_sfox_user" "ines" {
    id = "cust-7f31"
  }

  assert {
    condition     = !data.offboard_sfox_user.ines.exists
    error_message = "Ines Varga still has an account at sFOX."
  }
}
