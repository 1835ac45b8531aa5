# Ines has left. Each run of Terraform checks that Skillable shows no labs of hers. If it shows
# none, exists is null. That is no proof that her account is closed. Only the closure itself proves
# that.
check "ines_has_no_labs" {
  data "offboard_skillable_user" "ines" {
    id = "emp-3107"
  }

  assert {
    condition     = data.offboard_skillable_user.ines.exists != true
    error_message = "Skillable still shows labs of Ines Varga."
  }
}
