provider "offboard" {
  vendors = {
    parley = { # the API key: export PARLEY_API_KEY=…
      definition = file("${path.module}/parley.vendor.hcl")
      settings   = { region = "eu" }
    }
  }
}

# The email address is optional. It is the surest way to say who is meant.
resource "offboard_user" "ines" {
  vendor = "parley"
  id     = "84120"
  email  = "ines.varga@acme.test"
}
