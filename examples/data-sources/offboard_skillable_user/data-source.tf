# Ines has left: whenever Terraform runs, it looks whether Skillable shows labs of hers. Seeing none (exists is null then) is
# no proof that her account is closed; what proves that is the closing itself.
check "ines_has_no_labs" {
  data "offboard_skillable_user" "ines" {
    id = "emp-3107"
  }

  assert {
    condition     = data.offboard_skillable_user.ines.exists != true
    error_message = "Skillable still shows labs of Ines Varga."
  }
}
