terraform {
  required_providers {
    offboard = {
      source = "offboard/offboard"
    }
  }
}

# Keys come from the environment: KONSTANTLY_API_KEY, ECGRID_API_KEY, SFOX_API_KEY, SKILLABLE_API_KEY.
# So does the name of Konstantly's site: KONSTANTLY_SITE. A vendor without a key is an error only when one of its users is read.
provider "offboard" {
  never_close  = ["svc-offboard@acme.test"]
  max_closures = 10 # the default: two people at four vendors are 8
}
