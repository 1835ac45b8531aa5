terraform {
  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

# The API key of each vendor comes from the environment: ECGRID_API_KEY for ECGrid, and so on.
# The name of Konstantly's site comes from there too: KONSTANTLY_SITE.
# A missing API key is an error only when Terraform reads a user of that vendor.
provider "offboard" {
  never_close  = ["svc-offboard@acme.test"]
  max_closures = 10 # the default, enough for two people at four vendors
}
